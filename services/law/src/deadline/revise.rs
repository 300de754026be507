//! A deadline whose facts are corrected: computed again, with the old results
//! kept, so that it can be said later what was believed and when it changed.

use super::engine::{DeadlineError, calculate};
use super::facts::Facts;
use super::outcome::Computed;
use super::rules::Rules;
use crate::calendar::Calendar;

/// What was believed, and what followed from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// The facts.
    pub facts: Facts,
    /// The deadline by them.
    pub computed: Computed,
    /// Why the facts were corrected; empty of the first.
    pub reason: String,
}

/// A deadline and all it was before; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracked {
    past: Vec<Revision>,
    current: Revision,
}

impl Tracked {
    /// A deadline as it is first known.
    ///
    /// # Errors
    /// As [`calculate`].
    pub fn first(rules: &Rules, calendar: &Calendar, facts: Facts) -> Result<Self, DeadlineError> {
        let computed = calculate(rules, calendar, &facts)?;
        Ok(Self {
            past: Vec::new(),
            current: Revision {
                facts,
                computed,
                reason: String::new(),
            },
        })
    }

    /// Computes again by corrected facts, or by a calendar or rules that know
    /// more; answers whether the last day moved. Facts that cannot be computed
    /// leave everything as it was.
    ///
    /// # Errors
    /// As [`calculate`].
    pub fn correct(
        &mut self,
        rules: &Rules,
        calendar: &Calendar,
        facts: Facts,
        reason: &str,
    ) -> Result<bool, DeadlineError> {
        let computed = calculate(rules, calendar, &facts)?;
        let moved = computed.due != self.current.computed.due;
        let new = Revision {
            facts,
            computed,
            reason: reason.to_owned(),
        };
        self.past.push(std::mem::replace(&mut self.current, new));
        Ok(moved)
    }

    /// What holds now.
    #[must_use]
    pub fn current(&self) -> &Revision {
        &self.current
    }

    /// What was believed before, oldest first.
    #[must_use]
    pub fn past(&self) -> &[Revision] {
        &self.past
    }
}

//! Which acts of a case move a clock.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How an act's date stands to the day that starts the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It is that day.
    Exact,
    /// The clock starts on it or later: a receipt, a knowledge.
    Earliest,
    /// The clock started on it or earlier.
    Latest,
}

/// `[kind of agency/]act[:outcome][@who began it]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The act's code.
    pub act: String,
    /// Only of this kind of agency.
    pub agency: Option<String>,
    /// Only with this outcome.
    pub outcome: Option<String>,
    /// Only where this side began it.
    pub by: Option<String>,
    /// The act shows that the thing was done by then at the latest (`~`).
    pub by_then: bool,
}

/// What a pattern may not be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write [kind of agency/]act[:outcome][@who began it], codes of a-z, 0-9 and _")]
pub struct PatternError;

impl Pattern {
    /// Whether an act is meant.
    #[must_use]
    pub fn matches(&self, agency: &str, act: &str, outcome: &str, by: &str) -> bool {
        let is = |wanted: &Option<String>, it: &str| wanted.as_deref().is_none_or(|w| w == it);
        self.act == act
            && is(&self.agency, agency)
            && is(&self.outcome, outcome)
            && is(&self.by, by)
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let (rest, by_then) = match text.strip_suffix('~') {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let (rest, by) = cut(rest, '@');
        let (rest, outcome) = cut(rest, ':');
        let (agency, act) = match rest.split_once('/') {
            Some((agency, act)) => (Some(agency), act),
            None => (None, rest),
        };
        for code in [agency, Some(act), outcome, by].into_iter().flatten() {
            let is_code = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if code.is_empty() || !code.chars().all(is_code) {
                return Err(PatternError);
            }
        }
        Ok(Self {
            act: act.to_owned(),
            agency: agency.map(str::to_owned),
            outcome: outcome.map(str::to_owned),
            by: by.map(str::to_owned),
            by_then,
        })
    }
}

fn cut(text: &str, mark: char) -> (&str, Option<&str>) {
    match text.split_once(mark) {
        Some((rest, after)) => (rest, Some(after)),
        None => (text, None),
    }
}

/// An act that starts a clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The act.
    pub pattern: Pattern,
    /// How its date stands to the trigger.
    pub standing: Standing,
}

/// All acts that move a clock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Journal {
    /// Only in cases with one of these claims; empty: in all.
    pub claims: Vec<String>,
    /// What starts it: the first entry that is found in the case.
    pub starts: Vec<Start>,
    /// What meets it.
    pub meets: Vec<Pattern>,
    /// What makes it void.
    pub stops: Vec<Pattern>,
    /// What starts it anew.
    pub interrupts: Vec<Pattern>,
    /// What suspends it until a later act of its procedure.
    pub suspends: Vec<Pattern>,
}

//! A deadline as early and as late as it can be.

use chrono::NaiveDate;

use super::Course;
use super::act::{Act, When};
use super::verdict::{Unknown, Verdict};
use crate::calendar::Calendar;
use crate::deadline::engine::{DeadlineError, calculate};
use crate::deadline::facts::{Event, EventKind, Facts};
use crate::deadline::outcome::Computed;
use crate::deadline::pattern::Standing;
use crate::deadline::rules::{Rule, Rules};

/// Both ends of a deadline; `None` where it is not bounded.
pub(super) struct Bounds {
    pub(super) earliest: Option<Computed>,
    pub(super) latest: Option<Computed>,
}

impl Bounds {
    /// From when the trigger can have been, and what lay between it and the
    /// step: each act that starts the clock anew did so at its earliest, or at
    /// its latest.
    pub(super) fn of(
        rules: &Rules,
        calendar: &Calendar,
        course: &Course<'_>,
        rule: &Rule,
        act: When,
        standing: Standing,
        between: &[Act],
    ) -> Result<Self, Unknown> {
        let trigger = match standing {
            Standing::Exact => act,
            Standing::Earliest => act.or_later(),
            Standing::Latest => act.or_earlier(),
        };
        if trigger == When::default() {
            return Err(Unknown::StartUndated);
        }
        let end = |day: Option<NaiveDate>, late: bool| {
            let Some(day) = day else { return Ok(None) };
            let ask = |facts: &Facts| calculate(rules, calendar, facts);
            deadline(course, rule, day, between, late, ask).map_err(|error| match error {
                DeadlineError::NotInForce { .. } => Unknown::LawNotAtHand,
                _ => Unknown::TooClose,
            })
        };
        Ok(Self {
            earliest: end(trigger.earliest, false)?,
            latest: end(trigger.latest, true)?,
        })
    }

    /// Of a step that was taken.
    pub(super) fn judge(&self, step: When) -> Verdict {
        if step == When::default() {
            return Verdict::Unknown(Unknown::StepUndated);
        }
        let first = self.earliest.as_ref().and_then(|c| c.not_before);
        let last = self.latest.as_ref().and_then(|c| c.not_after);
        match (step.latest, first, step.earliest, last) {
            (Some(step), Some(due), ..) if step <= due => Verdict::Kept,
            (.., Some(step), Some(due)) if step > due => Verdict::Missed,
            _ => Verdict::Unknown(Unknown::TooClose),
        }
    }

    /// Of a step that was not.
    pub(super) fn stand(&self, today: NaiveDate) -> Verdict {
        let first = self.earliest.as_ref().and_then(|c| c.not_before);
        let last = self.latest.as_ref().and_then(|c| c.not_after);
        match (first, last) {
            (Some(due), _) if today <= due => Verdict::Open,
            (_, Some(due)) if today > due => Verdict::Lapsed,
            _ => Verdict::Unknown(Unknown::TooClose),
        }
    }
}

/// The deadline from a day, as early or as late as the acts allow; `None` where
/// an act may have moved it without bound.
fn deadline(
    course: &Course<'_>,
    rule: &Rule,
    trigger: NaiveDate,
    between: &[Act],
    late: bool,
    ask: impl Fn(&Facts) -> Result<Computed, DeadlineError>,
) -> Result<Option<Computed>, DeadlineError> {
    let mut facts = Facts::new(&rule.id, trigger);
    facts.region = course.region;
    let mut computed = ask(&facts)?;
    let text = rule.text(trigger, course.region.as_ref(), None);
    let can_start_anew = text.is_some_and(|text| !text.interruption_sources.is_empty());
    for act in between {
        let suspends = rule.journal.suspends.iter().any(|p| act.is(p));
        if suspends && late {
            // Its end is not an act of its own.
            return Ok(None);
        }
        let starts_anew = rule.journal.interrupts.iter().any(|p| act.is(p));
        if !starts_anew || !can_start_anew {
            continue;
        }
        let day = match (late, act.when.earliest, act.when.latest) {
            (false, Some(earliest), _) => earliest.max(trigger),
            // At its earliest it may have been on the trigger's own day.
            (false, None, _) => continue,
            (true, earliest, Some(latest)) => {
                let due = computed.due.unwrap_or(latest);
                // Where it may have come in time, it may have on the last day.
                match earliest {
                    Some(earliest) if earliest > due => latest,
                    _ => latest.min(due),
                }
            }
            (true, _, None) => return Ok(None),
        };
        facts
            .events
            .push(Event::on(EventKind::Interrupt, day.max(trigger)));
        computed = ask(&facts)?;
    }
    Ok(Some(computed))
}

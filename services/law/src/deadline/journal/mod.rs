//! A whole case: from its acts, which clocks started, and whether each was kept.
//!
//! Acts are dated as precisely as they are known, and the act is often not the
//! very thing that the law counts from (an award is dated, its receipt is not).
//! So every date is a span, and every deadline is computed twice, as early and
//! as late as it can be: *kept* and *missed* are said only where both agree.
//!
//! A pure function over a list: whoever has the list calls it again when an act
//! is added or corrected.

pub mod act;
mod bounds;
pub mod verdict;

pub use act::{Act, When};
pub use verdict::{Finding, Unknown, Verdict};

use chrono::NaiveDate;

use super::pattern::{Pattern, Start};
use super::rules::{Rule, Rules};
use crate::calendar::Calendar;
use crate::codes::Region;
use bounds::Bounds;

/// A case as far as its clocks go.
#[derive(Debug, Clone, Copy)]
pub struct Course<'a> {
    /// Its acts, in order; an undated one stands where it is known to belong.
    pub acts: &'a [Act],
    /// What is claimed, as coded.
    pub claims: &'a [&'a str],
    /// Where it is handled.
    pub region: Option<Region>,
    /// As seen on this day. `None`: only what the acts themselves show.
    pub today: Option<NaiveDate>,
}

/// Every clock that the acts started, in the order of the rules.
#[must_use]
pub fn review(rules: &Rules, calendar: &Calendar, course: &Course<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in rules.iter() {
        let wanted = &rule.journal.claims;
        let is_claimed = |claim: &String| course.claims.contains(&claim.as_str());
        if !wanted.is_empty() && !wanted.iter().any(is_claimed) {
            continue;
        }
        let Some((start, indices)) = starts(rule, course.acts) else {
            continue;
        };
        for index in indices {
            findings.push(clock(rules, calendar, course, rule, start, index));
        }
    }
    findings
}

/// The first kind of start that the case has, and all its acts.
fn starts<'r>(rule: &'r Rule, acts: &[Act]) -> Option<(&'r Start, Vec<usize>)> {
    rule.journal.starts.iter().find_map(|start| {
        let indices: Vec<_> = (0..acts.len())
            .filter(|at| acts.get(*at).is_some_and(|act| act.is(&start.pattern)))
            .collect();
        (!indices.is_empty()).then_some((start, indices))
    })
}

fn clock(
    rules: &Rules,
    calendar: &Calendar,
    course: &Course<'_>,
    rule: &Rule,
    start: &Start,
    index: usize,
) -> Finding {
    let journal = &rule.journal;
    let rest = course.acts.get(index + 1..).unwrap_or_default();
    let any = |patterns: &[Pattern], act: &Act| patterns.iter().any(|p| act.is(p));
    // A thing to be done before the trigger stands before it.
    let met = if rule.before {
        None
    } else {
        rest.iter().position(|act| any(&journal.meets, act))
    };
    let stopped = rest.iter().position(|act| any(&journal.stops, act));
    let until = met.or(stopped).unwrap_or(rest.len());
    let between = rest.get(..until).unwrap_or_default();
    let trigger = course
        .acts
        .get(index)
        .map(|act| act.when)
        .unwrap_or_default();
    let bounds = Bounds::of(
        rules,
        calendar,
        course,
        rule,
        trigger,
        start.standing,
        between,
    );
    let meeting = met.and_then(|at| {
        let act = rest.get(at)?;
        let by_then = journal.meets.iter().any(|p| p.by_then && act.is(p));
        Some(if by_then {
            act.when.or_earlier()
        } else {
            act.when
        })
    });
    let ended = stopped.filter(|at| met.is_none_or(|met| *at < met));
    let verdict = match (&bounds, meeting, ended) {
        (Err(unknown), ..) => Verdict::Unknown(*unknown),
        (Ok(_), _, Some(_)) => Verdict::Ended,
        (Ok(bounds), Some(meeting), None) => bounds.judge(meeting),
        (Ok(bounds), None, None) => match course.today {
            Some(today) => bounds.stand(today),
            None => Verdict::Unknown(Unknown::NotRecorded),
        },
    };
    let (earliest, latest) = match bounds {
        Ok(bounds) => (bounds.earliest, bounds.latest),
        Err(_) => (None, None),
    };
    Finding {
        rule: rule.id.clone(),
        started_by: index,
        met_by: met.filter(|_| ended.is_none()).map(|at| index + 1 + at),
        earliest,
        latest,
        verdict,
    }
}

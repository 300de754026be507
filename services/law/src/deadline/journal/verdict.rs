//! What is known of a clock in a case.

use serde::Serialize;

use crate::deadline::outcome::Computed;

/// How a clock went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "verdict", content = "why")]
pub enum Verdict {
    /// The step was taken in time, whichever of the possible dates are true.
    Kept,
    /// It was taken too late, whichever of the possible dates are true.
    Missed,
    /// It cannot be known.
    Unknown(Unknown),
    /// It was not needed any more.
    Ended,
    /// It can still be taken.
    Open,
    /// It was not taken, and cannot be any more.
    Lapsed,
}

/// Why it cannot be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unknown {
    /// What started the clock has no date.
    StartUndated,
    /// What met it has no date.
    StepUndated,
    /// No act that meets it is recorded.
    NotRecorded,
    /// The clock may have started later than the act, an act between may have
    /// moved it, or a date is not precise enough.
    TooClose,
    /// The law of that day is not among the rules.
    LawNotAtHand,
}

impl Verdict {
    /// In Chinese and English.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Kept => ("在期间内", "kept"),
            Self::Missed => ("逾期", "missed"),
            Self::Ended => ("不再需要", "not needed any more"),
            Self::Open => ("期间未满", "open"),
            Self::Lapsed => ("期间已过", "lapsed"),
            Self::Unknown(Unknown::StartUndated) => (
                "无法判断：起算的事由没有日期",
                "cannot be known: what started it has no date",
            ),
            Self::Unknown(Unknown::StepUndated) => (
                "无法判断：办理没有日期",
                "cannot be known: the step has no date",
            ),
            Self::Unknown(Unknown::NotRecorded) => (
                "无法判断：没有办理的记录",
                "cannot be known: no such step is recorded",
            ),
            Self::Unknown(Unknown::TooClose) => (
                "无法判断：日期不够确定",
                "cannot be known: the dates leave both possible",
            ),
            Self::Unknown(Unknown::LawNotAtHand) => (
                "无法判断：当时的规定未收录",
                "cannot be known: the law of that time is not among the rules",
            ),
        }
    }
}

/// One clock of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: String,
    /// Which act started it, by its place in the list.
    pub started_by: usize,
    /// Which act met it.
    pub met_by: Option<usize>,
    /// The deadline at its earliest.
    pub earliest: Option<Computed>,
    /// The deadline at its latest; `None` where that is not bounded.
    pub latest: Option<Computed>,
    /// How it went.
    #[serde(flatten)]
    pub verdict: Verdict,
}

//! What the engine answers: the date, and how it was come by.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta};
use serde::Serialize;

use crate::citation::Citation;

/// Where a clock stands, by what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum State {
    /// It runs, or has run out: compare `due` with the day.
    Running,
    /// An obstacle goes on; the date is not known before its end.
    Suspended {
        /// Since when.
        since: NaiveDate,
    },
    /// The matter ended before.
    Stopped {
        /// When.
        on: NaiveDate,
    },
    /// The step was taken in time.
    Met {
        /// When.
        on: NaiveDate,
    },
    /// The step was taken too late.
    Late {
        /// When.
        on: NaiveDate,
    },
}

/// One step of the counting, so that a person can check it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The day that the step led to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<NaiveDate>,
    /// What was done, in Chinese, without its source.
    pub zh: String,
    /// What was done, in English.
    pub en: String,
    /// By which article.
    pub sources: Vec<Citation>,
}

impl Step {
    /// The step with its sources, in Chinese.
    #[must_use]
    pub fn line_zh(&self) -> String {
        let sources: Vec<_> = self.sources.iter().map(Citation::zh).collect();
        match sources.is_empty() {
            true => format!("{}。", self.zh),
            false => format!("{}（{}）。", self.zh, sources.join("、")),
        }
    }

    /// The step with its sources, in English.
    #[must_use]
    pub fn line_en(&self) -> String {
        let sources: Vec<_> = self.sources.iter().map(Citation::en).collect();
        match sources.is_empty() {
            true => format!("{}.", self.en),
            false => format!("{} ({}).", self.en, sources.join("; ")),
        }
    }
}

/// A deadline with its working.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Computed {
    /// The rule.
    pub rule: String,
    /// The last day in time. `None` while an obstacle goes on.
    pub due: Option<NaiveDate>,
    /// The last whole second in time, in Asia/Shanghai: 23:59:59 of the last
    /// day (24:00, 民法典 Art. 203), or the moment where hours are counted.
    pub last_moment: Option<DateTime<FixedOffset>>,
    /// Where the clock stands.
    #[serde(flatten)]
    pub state: State,
    /// A year on the way has no notice of holidays yet, or the length is what
    /// local rules commonly say.
    pub estimate: bool,
    /// Whatever the notices that are missing say, the last day is not before
    /// this one; `None`: nobody can say.
    pub not_before: Option<NaiveDate>,
    /// Nor after this one.
    pub not_after: Option<NaiveDate>,
    /// Every place of the length was read; otherwise the rule is to be
    /// confirmed (†).
    pub checked: bool,
    /// Step by step.
    pub derivation: Vec<Step>,
}

impl Computed {
    /// Whether the step can still be taken in time on a day.
    #[must_use]
    pub fn is_open(&self, today: NaiveDate) -> bool {
        match self.state {
            State::Running => self.due.is_some_and(|due| today <= due),
            State::Suspended { .. } => true,
            State::Stopped { .. } | State::Met { .. } | State::Late { .. } => false,
        }
    }

    /// Days from a day to the last one; negative once it has lapsed.
    #[must_use]
    pub fn days_left(&self, today: NaiveDate) -> Option<i64> {
        self.due.map(|due| (due - today).num_days())
    }
}

/// A moment of Asia/Shanghai with its offset, +08:00 without summer time.
///
/// China had summer time from 1986 to 1991; no text of the rules that counts
/// hours is that old.
#[must_use]
pub fn shanghai(moment: NaiveDateTime) -> Option<DateTime<FixedOffset>> {
    let offset = FixedOffset::east_opt(8 * 3600)?;
    moment.and_local_timezone(offset).single()
}

/// The last whole second of a day in Asia/Shanghai.
pub(super) fn end_of(day: NaiveDate) -> Option<DateTime<FixedOffset>> {
    let midnight = day.succ_opt()?.and_hms_opt(0, 0, 0)?;
    shanghai(midnight.checked_sub_signed(TimeDelta::seconds(1))?)
}

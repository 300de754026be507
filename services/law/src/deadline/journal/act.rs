//! An act of a case, dated as precisely as it is known.

use chrono::{Datelike as _, Days, Months, NaiveDate};
use serde::Serialize;

use crate::deadline::pattern::Pattern;

/// The days on which something can have happened, both counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct When {
    /// Not before this day; `None`: not known.
    pub earliest: Option<NaiveDate>,
    /// Not after this day; `None`: not known.
    pub latest: Option<NaiveDate>,
}

impl When {
    /// On a day.
    #[must_use]
    pub fn on(day: NaiveDate) -> Self {
        Self {
            earliest: Some(day),
            latest: Some(day),
        }
    }

    /// In a year, in a month of it, or on a day of that; 0 and less is unknown,
    /// as google.type.Date has it. Nothing is known of a day that does not exist.
    #[must_use]
    pub fn in_part(year: i32, month: u32, day: u32) -> Self {
        let first = NaiveDate::from_ymd_opt(year, month.max(1), day.max(1));
        let Some(first) = first.filter(|_| year > 0) else {
            return Self::default();
        };
        let after = match (month, day) {
            (0, _) => NaiveDate::from_ymd_opt(first.year() + 1, 1, 1),
            (_, 0) => first.checked_add_months(Months::new(1)),
            _ => first.checked_add_days(Days::new(1)),
        };
        Self {
            earliest: Some(first),
            latest: after.and_then(|after| after.pred_opt()),
        }
    }

    /// The same, or at any time before.
    #[must_use]
    pub fn or_earlier(self) -> Self {
        Self {
            earliest: None,
            ..self
        }
    }

    /// The same, or at any time after.
    #[must_use]
    pub fn or_later(self) -> Self {
        Self {
            latest: None,
            ..self
        }
    }

    /// A published date ("2024-05", with its precision and its basis) as the
    /// days that it may mean. "inferred" is taken at its word.
    #[must_use]
    pub fn published(date: Option<&str>, precision: Option<&str>, basis: Option<&str>) -> Self {
        let mut parts = date.unwrap_or_default().split('-').map(str::parse::<u32>);
        let mut part = || parts.next().and_then(Result::ok).unwrap_or(0);
        let (year, mut month, mut day) = (part(), part(), part());
        match precision {
            Some("year") => (month, day) = (0, 0),
            Some("month") => day = 0,
            _ => {}
        }
        let when = Self::in_part(i32::try_from(year).unwrap_or(0), month, day);
        match basis {
            Some("no_later_than") => when.or_earlier(),
            _ => when,
        }
    }
}

/// An act as the timeline has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Act {
    /// When it was done; of something posted, when it was posted.
    pub when: When,
    /// Its code ("award").
    pub act: String,
    /// The kind of agency that did it ("court"); empty: none.
    pub agency: String,
    /// Who began it ("worker"); empty: not known.
    pub by: String,
    /// Its outcome, as coded; empty: none.
    pub outcome: String,
}

impl Act {
    pub(super) fn is(&self, pattern: &Pattern) -> bool {
        pattern.matches(&self.agency, &self.act, &self.outcome, &self.by)
    }
}

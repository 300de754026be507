//! Working days: which days are worked, by the State Council's yearly notices.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::LazyLock;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// Holidays and shifted workdays of the years whose notice is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeMap<i32, Year>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    /// The notice's number.
    notice: String,
    holidays: BTreeSet<NaiveDate>,
    workdays: BTreeSet<NaiveDate>,
}

/// A day that was counted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The day.
    pub date: NaiveDate,
    /// A year on the way has no notice yet: Mondays to Fridays were counted.
    pub estimate: bool,
}

/// A calendar that cannot be read. Says where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Not TOML, or a field that is none.
    #[error("the calendar cannot be read: {0}")]
    Syntax(String),
    /// A day that stands under another year.
    #[error("{day} stands under the year {year}")]
    Elsewhere {
        /// The day.
        day: NaiveDate,
        /// The year it stands under.
        year: String,
    },
    /// A day off that is worked.
    #[error("{0} is both a holiday and a shifted workday")]
    Both(NaiveDate),
    /// A shifted workday that is worked anyway.
    #[error("{0} is a shifted workday, but not a Saturday or Sunday")]
    Weekday(NaiveDate),
    /// No notice to cite, or no holidays in it.
    #[error("the year {0} needs the number of its notice and its holidays")]
    Empty(String),
    /// A year that is known already and says otherwise.
    #[error(
        "the year {0} is known already, by another notice or with other days: replace it if the State Council has"
    )]
    Known(i32),
}

static BUILT_IN: LazyLock<Calendar> = LazyLock::new(|| {
    // INVARIANT (the built-in data parse): a test reads them.
    include_str!("../data/calendar.toml")
        .parse()
        .unwrap_or(Calendar {
            years: BTreeMap::new(),
        })
});

impl Calendar {
    /// The years that this build knows.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// This calendar and the years of another. A year that both know has to be
    /// the same, unless the other's is to `replace` it: a notice can be amended.
    ///
    /// # Errors
    /// [`CalendarError::Known`].
    pub fn merged(&self, other: &Self, replace: bool) -> Result<Self, CalendarError> {
        let mut years = self.years.clone();
        for (number, year) in &other.years {
            if let Some(known) = years.insert(*number, year.clone())
                && known != *year
                && !replace
            {
                return Err(CalendarError::Known(*number));
            }
        }
        Ok(Self { years })
    }

    /// The years that are known, in order.
    pub fn years(&self) -> impl Iterator<Item = i32> {
        self.years.keys().copied()
    }

    /// As a file that [`FromStr`] reads back.
    ///
    /// # Errors
    /// [`CalendarError::Syntax`], if it cannot be written as TOML.
    pub fn to_toml(&self) -> Result<String, CalendarError> {
        let named: BTreeMap<_, _> = self.years.iter().map(|(n, y)| (n.to_string(), y)).collect();
        toml::to_string(&named).map_err(|error| CalendarError::Syntax(error.to_string()))
    }

    /// Whether the year's notice is known.
    pub fn knows(&self, year: i32) -> bool {
        self.years.contains_key(&year)
    }

    /// The notice that a year rests on ("国办发明电〔2025〕7号").
    pub fn notice(&self, year: i32) -> Option<&str> {
        self.years.get(&year).map(|year| year.notice.as_str())
    }

    /// Whether the day is worked. Of a year without a notice: Monday to Friday.
    pub fn is_workday(&self, day: NaiveDate) -> bool {
        let is_weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        match self.years.get(&day.year()) {
            Some(year) if is_weekend => year.workdays.contains(&day),
            Some(year) => !year.holidays.contains(&day),
            None => !is_weekend,
        }
    }

    /// The `count`th working day after `day`, which itself is not counted
    /// (民法典 Art. 201). `None` beyond what a date can be.
    pub fn working_days_after(&self, day: NaiveDate, count: u32) -> Option<Counted> {
        self.count(day, count, |day| day.checked_add_days(Days::new(1)))
    }

    /// The `count`th working day before `day`, which itself is not counted.
    pub fn working_days_before(&self, day: NaiveDate, count: u32) -> Option<Counted> {
        self.count(day, count, |day| day.checked_sub_days(Days::new(1)))
    }

    /// The first working day on or after `day`: where a period that ends on a
    /// rest day ends (民法典 Art. 203, 民事诉讼法 Art. 85).
    pub fn first_workday_from(&self, day: NaiveDate) -> Option<Counted> {
        let mut date = day;
        let mut estimate = !self.knows(date.year());
        while !self.is_workday(date) {
            date = date.checked_add_days(Days::new(1))?;
            estimate |= !self.knows(date.year());
        }
        Some(Counted { date, estimate })
    }

    fn count(
        &self,
        from: NaiveDate,
        count: u32,
        step: impl Fn(NaiveDate) -> Option<NaiveDate>,
    ) -> Option<Counted> {
        let mut date = from;
        // The start is not counted, so its year need not be known.
        let mut estimate = false;
        let mut left = count;
        while left > 0 {
            date = step(date)?;
            estimate |= !self.knows(date.year());
            if self.is_workday(date) {
                left -= 1;
            }
        }
        Some(Counted { date, estimate })
    }
}

impl FromStr for Calendar {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let syntax = |error: &dyn std::fmt::Display| CalendarError::Syntax(error.to_string());
        let read: BTreeMap<String, Year> = toml::from_str(text).map_err(|e| syntax(&e))?;
        let mut years = BTreeMap::new();
        for (name, year) in read {
            let number: i32 = name
                .parse()
                .map_err(|_| syntax(&format!("{name} is no year")))?;
            if year.notice.trim().is_empty() || year.holidays.is_empty() {
                return Err(CalendarError::Empty(name));
            }
            for day in year.holidays.iter().chain(&year.workdays) {
                if day.year() != number {
                    return Err(CalendarError::Elsewhere {
                        day: *day,
                        year: name,
                    });
                }
            }
            if let Some(both) = year.holidays.intersection(&year.workdays).next() {
                return Err(CalendarError::Both(*both));
            }
            let is_weekday =
                |day: &&NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
            if let Some(day) = year.workdays.iter().find(is_weekday) {
                return Err(CalendarError::Weekday(*day));
            }
            years.insert(number, year);
        }
        Ok(Self { years })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Calendar, CalendarError, Counted};
    use chrono::NaiveDate;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn counted(text: &str, estimate: bool) -> Option<Counted> {
        Some(Counted {
            date: day(text),
            estimate,
        })
    }

    #[test]
    fn the_built_in_years_are_known() {
        let calendar = Calendar::built_in();
        for year in 2024..=2026 {
            assert!(calendar.knows(year));
        }
        assert_eq!(calendar.notice(2026), Some("国办发明电〔2025〕7号"));
    }

    #[test]
    fn holidays_and_shifted_workdays_are_counted_as_announced() {
        let calendar = Calendar::built_in();
        // Spring Festival 2026: off 15 to 23 February; Saturday 28 is worked.
        let after = |from: &str, count| calendar.working_days_after(day(from), count);
        assert_eq!(after("2026-02-13", 1), counted("2026-02-14", false));
        assert_eq!(after("2026-02-13", 2), counted("2026-02-24", false));
        assert_eq!(after("2026-02-27", 1), counted("2026-02-28", false));
        assert_eq!(
            calendar.working_days_before(day("2026-02-24"), 1),
            counted("2026-02-14", false)
        );
        assert_eq!(
            calendar.first_workday_from(day("2026-10-03")),
            counted("2026-10-08", false)
        );
    }

    #[test]
    fn a_year_without_a_notice_is_estimated_and_says_so() {
        let after = Calendar::built_in().working_days_after(day("2026-12-30"), 3);
        assert_eq!(after, counted("2027-01-04", true));
    }

    #[test]
    fn a_wrong_calendar_names_the_day() {
        let read = |text: &str| text.parse::<Calendar>().unwrap_err();
        let elsewhere = "[2027]\nnotice=\"x\"\nholidays=[\"2026-01-01\"]\nworkdays=[]";
        assert!(matches!(read(elsewhere), CalendarError::Elsewhere { .. }));
        let weekday = "[2027]\nnotice=\"x\"\nholidays=[\"2027-01-01\"]\nworkdays=[\"2027-01-04\"]";
        assert_eq!(read(weekday), CalendarError::Weekday(day("2027-01-04")));
        let unnamed = "[2027]\nnotice=\"\"\nholidays=[\"2027-01-01\"]\nworkdays=[]";
        assert_eq!(read(unnamed), CalendarError::Empty("2027".to_owned()));
    }

    #[test]
    fn a_year_is_added_and_a_known_one_is_replaced_only_when_told_to() {
        let read = |text: &str| text.parse::<Calendar>().unwrap();
        let next =
            read("[2027]\nnotice=\"x\"\nholidays=[\"2027-01-01\"]\nworkdays=[\"2027-01-03\"]");
        let both = Calendar::built_in().merged(&next, false).unwrap();
        assert!(both.knows(2027) && both.knows(2024));
        assert_eq!(
            both.working_days_after(day("2026-12-31"), 1),
            counted("2027-01-03", false)
        );
        assert_eq!(read(&both.to_toml().unwrap()), both);
        assert_eq!(both.merged(&next, false), Ok(both.clone()));
        let other = read("[2027]\nnotice=\"y\"\nholidays=[\"2027-01-01\"]\nworkdays=[]");
        assert_eq!(both.merged(&other, false), Err(CalendarError::Known(2027)));
        assert_eq!(both.merged(&other, true).unwrap().notice(2027), Some("y"));
    }
}

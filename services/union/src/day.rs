//! Days that may be known only to the month or year.

use chrono::{Datelike as _, Days, Months, NaiveDate};
use host::{Refusal, parse};
use proto::Date;

/// When something was done: optional, in whole or in part, and not to come.
pub(crate) fn done_on(date: Option<&Date>, today: NaiveDate) -> Result<Option<Date>, Refusal> {
    let date = parse::optional_date("date", date)?;
    // Unknown months and days are 0 and so never later than today's.
    if date.is_some_and(|date| ordered(&date) > ordered(&whole(today))) {
        return Err(Refusal::invalid(
            "date",
            "lies in the future; record what has been done",
        ));
    }
    Ok(date)
}

/// Whether `first` is known to lie after `second`: not where what is unknown of
/// one of them could make it otherwise.
pub(crate) fn is_after(first: &Date, second: &Date) -> bool {
    let month_is_open = first.month == 0 || second.month == 0;
    let day_is_open = first.day == 0 || second.day == 0;
    let cut = |date: &Date| Date {
        year: date.year,
        month: if month_is_open { 0 } else { date.month },
        day: if month_is_open || day_is_open {
            0
        } else {
            date.day
        },
    };
    ordered(&cut(first)) > ordered(&cut(second))
}

/// The latest day that `date` can mean, for something recorded on `recorded`.
pub(crate) fn latest(date: Option<&Date>, recorded: NaiveDate) -> NaiveDate {
    let latest = date.and_then(|date| {
        let (month, day) = (u32::try_from(date.month), u32::try_from(date.day));
        match (month.ok()?, day.ok()?) {
            (0, _) => NaiveDate::from_ymd_opt(date.year, 12, 31),
            (month, 0) => NaiveDate::from_ymd_opt(date.year, month, 1)?
                .checked_add_months(Months::new(1))?
                .pred_opt(),
            (month, day) => NaiveDate::from_ymd_opt(date.year, month, day),
        }
    });
    latest.map_or(recorded, |latest| latest.min(recorded))
}

/// The day so many calendar days after another, which is not counted itself
/// (民法典 201).
pub(crate) fn days_after(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(days.into()))
        .unwrap_or(NaiveDate::MAX)
}

/// A day on the wire.
pub(crate) fn whole(day: NaiveDate) -> Date {
    Date {
        year: day.year(),
        // Months and days are at most 31.
        month: day.month() as i32,
        day: day.day() as i32,
    }
}

fn ordered(date: &Date) -> (i32, i32, i32) {
    (date.year, date.month, date.day)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use chrono::NaiveDate;
    use proto::Date;

    use super::{days_after, done_on, is_after, latest, whole};

    fn date(year: i32, month: i32, day: i32) -> Date {
        Date { year, month, day }
    }

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn what_is_to_come_has_not_been_done() {
        let today = day(2026, 5, 4);
        for past in [date(2026, 5, 4), date(2026, 5, 0), date(2026, 0, 0)] {
            assert_eq!(done_on(Some(&past), today).unwrap(), Some(past));
        }
        for to_come in [date(2026, 5, 5), date(2026, 6, 0), date(2027, 0, 0)] {
            assert!(done_on(Some(&to_come), today).is_err(), "{to_come:?}");
        }
        assert_eq!(done_on(None, today).unwrap(), None);
    }

    #[test]
    fn a_day_not_known_is_after_nothing_that_it_could_be() {
        assert!(is_after(&date(2026, 5, 4), &date(2026, 5, 3)));
        assert!(is_after(&date(2026, 6, 0), &date(2026, 5, 31)));
        assert!(!is_after(&date(2026, 5, 31), &date(2026, 5, 0)));
        assert!(!is_after(&date(2026, 0, 0), &date(2026, 1, 1)));
        assert!(!is_after(&date(2026, 5, 3), &date(2026, 5, 3)));
    }

    #[test]
    fn a_partial_day_counts_as_its_latest_but_never_after_the_recording() {
        let recorded = day(2026, 5, 4);
        let of = |given: Date| latest(Some(&given), recorded);
        assert_eq!(of(date(2026, 2, 0)), day(2026, 2, 28));
        assert_eq!(of(date(2025, 0, 0)), day(2025, 12, 31));
        assert_eq!(of(date(2026, 5, 0)), recorded);
        assert_eq!(of(date(2026, 5, 1)), day(2026, 5, 1));
        assert_eq!(latest(None, recorded), recorded);
        assert_eq!(whole(days_after(day(2026, 2, 14), 15)), date(2026, 3, 1));
    }
}

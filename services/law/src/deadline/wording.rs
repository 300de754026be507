//! Dates and lists in both languages.

use chrono::{Datelike as _, NaiveDate, Timelike as _, Weekday};

/// 2026年3月2日(周一).
pub(super) fn zh(day: NaiveDate) -> String {
    let week = match day.weekday() {
        Weekday::Mon => "一",
        Weekday::Tue => "二",
        Weekday::Wed => "三",
        Weekday::Thu => "四",
        Weekday::Fri => "五",
        Weekday::Sat => "六",
        Weekday::Sun => "日",
    };
    format!(
        "{}年{}月{}日（周{week}）",
        day.year(),
        day.month(),
        day.day()
    )
}

/// 2026-03-02 (Mon).
pub(super) fn en(day: NaiveDate) -> String {
    format!("{day} ({})", day.weekday())
}

/// 2026年3月2日(周一)15:30.
pub(super) fn moment_zh(moment: chrono::NaiveDateTime) -> String {
    format!(
        "{}{:02}:{:02}",
        zh(moment.date()),
        moment.hour(),
        moment.minute()
    )
}

/// 2026-03-02 (Mon) 15:30.
pub(super) fn moment_en(moment: chrono::NaiveDateTime) -> String {
    format!(
        "{} {:02}:{:02}",
        en(moment.date()),
        moment.hour(),
        moment.minute()
    )
}

/// Days in a row are told as one: 2026-02-16 to 2026-02-23.
pub(super) fn runs(days: &[NaiveDate]) -> Vec<(NaiveDate, NaiveDate)> {
    let mut runs: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for day in days {
        match runs.last_mut() {
            Some((_, last)) if last.succ_opt() == Some(*day) => *last = *day,
            _ => runs.push((*day, *day)),
        }
    }
    runs
}

/// 2月16日至2月23日、3月1日; the year where it is another than `year`.
pub(super) fn list_zh(days: &[NaiveDate], year: i32) -> String {
    let short = |day: NaiveDate| {
        if day.year() == year {
            format!("{}月{}日", day.month(), day.day())
        } else {
            format!("{}年{}月{}日", day.year(), day.month(), day.day())
        }
    };
    let told = runs(days).into_iter().map(|(first, last)| {
        if first == last {
            short(first)
        } else {
            format!("{}至{}", short(first), short(last))
        }
    });
    told.collect::<Vec<_>>().join("、")
}

/// 2026-02-16 to 2026-02-23, 2026-03-01.
pub(super) fn list_en(days: &[NaiveDate]) -> String {
    let told = runs(days).into_iter().map(|(first, last)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first} to {last}")
        }
    });
    told.collect::<Vec<_>>().join(", ")
}

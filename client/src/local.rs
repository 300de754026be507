//! Dates, sums and numbers as people here write them. Times are Beijing's.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc};
use host::clock::{from_timestamp, shanghai_date};
use prost_types::Timestamp;
use proto::{Date, Money};

use crate::words::Language;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A date that may be known only to the month or year: 2026年11月24日.
pub(crate) fn date(language: Language, date: &Date) -> String {
    let month = usize::try_from(date.month)
        .ok()
        .and_then(|month| month.checked_sub(1))
        .and_then(|at| MONTHS.get(at));
    match (language, month, date.day) {
        (Language::Chinese, None, _) => format!("{}年", date.year),
        (Language::Chinese, Some(_), 0) => format!("{}年{}月", date.year, date.month),
        (Language::Chinese, Some(_), day) => format!("{}年{}月{day}日", date.year, date.month),
        (Language::English, None, _) => date.year.to_string(),
        (Language::English, Some(month), 0) => format!("{month} {}", date.year),
        (Language::English, Some(month), day) => format!("{day} {month} {}", date.year),
    }
}

/// A calendar day.
pub(crate) fn day(language: Language, day: NaiveDate) -> String {
    let number = |value: u32| i32::try_from(value).unwrap_or_default();
    let whole = Date {
        year: day.year(),
        month: number(day.month()),
        day: number(day.day()),
    };
    date(language, &whole)
}

/// The day of a moment.
pub(crate) fn day_of(language: Language, at: Option<&Timestamp>) -> String {
    let at = at.and_then(from_timestamp);
    at.map(|at| day(language, shanghai_date(at)))
        .unwrap_or_default()
}

/// A moment to the minute.
pub(crate) fn moment(language: Language, at: Option<&Timestamp>) -> String {
    let Some(at) = at.and_then(from_timestamp) else {
        return String::new();
    };
    let here = at + TimeDelta::hours(8);
    let day = day(language, shanghai_date(at));
    format!("{day} {:02}:{:02}", here.hour(), here.minute())
}

/// A moment as machines read it, for the `datetime` attribute.
pub(crate) fn machine(at: Option<&Timestamp>) -> String {
    at.and_then(from_timestamp)
        .map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
        .unwrap_or_default()
}

/// Whole days from now until then, by the calendar; below zero: past.
pub(crate) fn days_until(now: DateTime<Utc>, then: &Timestamp) -> Option<i64> {
    let then = from_timestamp(then)?;
    Some((shanghai_date(then) - shanghai_date(now)).num_days())
}

/// A sum: ¥12,345.00.
pub(crate) fn money(sum: &Money) -> String {
    let fen = i128::from(sum.units) * 100 + i128::from(sum.nanos / 10_000_000);
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    let (yuan, rest) = (fen / 100, fen % 100);
    let digits = yuan.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let unit = if matches!(sum.currency_code.as_str(), "CNY" | "") {
        "¥".to_owned()
    } else {
        format!("{} ", sum.currency_code)
    };
    format!("{sign}{unit}{grouped}.{rest:02}")
}

/// A band of sums (`5k-20k`) as people say it: 5千–2万元.
pub(crate) fn band(language: Language, code: &str) -> String {
    if language == Language::English {
        return if code.is_empty() {
            String::new()
        } else {
            format!("¥{}", code.replace('-', "–"))
        };
    }
    let thousands = |part: &str| -> Option<String> {
        let (number, unit) = match part.chars().last()? {
            'k' => (part.strip_suffix('k')?, 1_000),
            'm' => (part.strip_suffix('m')?, 1_000_000),
            _ => (part, 1),
        };
        let yuan = number.parse::<u64>().ok()? * unit;
        Some(match yuan {
            0 => "0".to_owned(),
            1..=9_999 if yuan.is_multiple_of(1_000) => format!("{}千", yuan / 1_000),
            10_000.. if yuan.is_multiple_of(10_000) => format!("{}万", yuan / 10_000),
            _ => yuan.to_string(),
        })
    };
    let words = if let Some(top) = code.strip_prefix("under-") {
        thousands(top).map(|top| format!("{top}元以下"))
    } else if let Some(from) = code.strip_prefix("over-") {
        thousands(from).map(|from| format!("{from}元以上"))
    } else {
        let ends = code.split_once('-');
        ends.and_then(|(from, to)| thousands(from).zip(thousands(to)))
            .map(|(from, to)| format!("{from}–{to}元"))
    };
    words.unwrap_or_else(|| code.to_owned())
}

/// A mobile number in groups: 199 0000 0000.
pub(crate) fn mobile(e164: &str) -> String {
    match e164.strip_prefix("+86") {
        Some(number) if number.len() == 11 && number.is_ascii() => {
            format!("{} {} {}", &number[..3], &number[3..7], &number[7..])
        }
        _ => e164.to_owned(),
    }
}

/// A date as a form's date field gives it (`2026-11-24`).
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    let number = |value: u32| i32::try_from(value).ok();
    Some(Date {
        year: day.year(),
        month: number(day.month())?,
        day: number(day.day())?,
    })
}

/// The end of that day here, as a moment: access "until the 24th" includes it.
pub(crate) fn end_of_day(text: &str) -> Option<Timestamp> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    let next = day.succ_opt()?;
    Some(host::clock::to_timestamp(host::clock::shanghai_day_start(
        next,
    )))
}

/// A sum as people type it (`12,345.60`); `None` if it is none.
pub(crate) fn parse_money(text: &str) -> Option<Money> {
    let plain: String = text
        .chars()
        .filter(|c| !matches!(c, ',' | ' ' | '¥' | '元' | '，'))
        .collect();
    let (yuan, fen) = plain.split_once('.').unwrap_or((&plain, ""));
    if fen.len() > 2 || !fen.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let units = yuan.parse().ok().filter(|yuan| *yuan >= 0)?;
    let fen: i32 = format!("{fen:0<2}").parse().ok()?;
    Some(Money {
        currency_code: "CNY".to_owned(),
        units,
        nanos: fen * 10_000_000,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn sums_are_grouped_and_read_back() {
        let sum = parse_money("¥1,234,567.8").unwrap();
        assert_eq!(money(&sum), "¥1,234,567.80");
        assert_eq!(money(&parse_money("12").unwrap()), "¥12.00");
        for wrong in ["", "-1", "1.234", "1e3", "十"] {
            assert_eq!(parse_money(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_date_known_to_the_month_says_no_more() {
        let known = |month, day| Date {
            year: 2026,
            month,
            day,
        };
        assert_eq!(date(Language::Chinese, &known(11, 0)), "2026年11月");
        assert_eq!(date(Language::Chinese, &known(0, 0)), "2026年");
        assert_eq!(date(Language::English, &known(11, 24)), "24 Nov 2026");
    }

    #[test]
    fn a_band_is_said_as_people_say_it() {
        assert_eq!(band(Language::Chinese, "5k-20k"), "5千–2万元");
        assert_eq!(band(Language::Chinese, "under-5k"), "5千元以下");
        assert_eq!(band(Language::Chinese, "over-1m"), "100万元以上");
        assert_eq!(band(Language::English, "5k-20k"), "¥5k–20k");
        assert_eq!(band(Language::Chinese, ""), "");
    }

    #[test]
    fn until_a_day_means_to_its_end_in_beijing() {
        let end = end_of_day("2026-11-24").unwrap();
        assert_eq!(machine(Some(&end)), "2026-11-24T16:00:00Z");
    }
}

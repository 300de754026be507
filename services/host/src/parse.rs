//! Parsing at the door: what every service asks of the plain values in its
//! requests. Each function names the field it refuses.

use chrono::NaiveDate;
use proto::names::{AgencyName, CaseChild, CaseName, NameError};
use proto::{Date, Money};

use crate::refusal::Refusal;

/// Fen in a yuan's billionths: google.type.Money counts nanos.
const NANOS_PER_FEN: i32 = 10_000_000;

/// No claim in this network is larger: ten thousand million yuan.
const YUAN_MAX: i64 = 10_000_000_000;

/// Text that must be there: 1 to `max_chars` characters, without the invisible
/// ones that make a name read as another. Surrounding white space is dropped.
pub fn text(field: &str, value: &str, max_chars: usize) -> Result<String, Refusal> {
    let text = optional_text(field, value, max_chars)?;
    if text.is_empty() {
        return Err(Refusal::invalid(field, "must not be empty"));
    }
    Ok(text)
}

/// The same, but may be empty.
pub fn optional_text(field: &str, value: &str, max_chars: usize) -> Result<String, Refusal> {
    let text = value.trim();
    let length = text.chars().count();
    if length > max_chars {
        return Err(Refusal::invalid(
            field,
            format!("has {length} characters; at most {max_chars} are allowed"),
        ));
    }
    if let Some(found) = text.chars().find(|c| is_deceptive(*c)) {
        return Err(Refusal::invalid(
            field,
            format!(
                "contains the invisible character U+{:04X}; remove it",
                found as u32
            ),
        ));
    }
    Ok(text.to_owned())
}

/// Control, bidirectional and zero-width characters: they show nothing, or
/// show the rest as something else. Line breaks and tabs are honest.
fn is_deceptive(c: char) -> bool {
    let is_plain_break = matches!(c, '\n' | '\r' | '\t');
    (c.is_control() && !is_plain_break)
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{180E}'
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}'
            | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}')
}

/// A code from an open list: 1 to 60 of a-z, 0-9 and underscore, a letter or
/// digit first.
pub fn code(field: &str, value: &str) -> Result<String, Refusal> {
    let is_code = (1..=60).contains(&value.len())
        && !value.starts_with('_')
        && value
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !is_code {
        return Err(Refusal::invalid(
            field,
            "must be a code: 1 to 60 of a-z, 0-9 and underscore",
        ));
    }
    Ok(value.to_owned())
}

/// A code that may be left out.
pub fn optional_code(field: &str, value: &str) -> Result<String, Refusal> {
    if value.is_empty() {
        Ok(String::new())
    } else {
        code(field, value)
    }
}

/// A whole calendar date that must be there (Asia/Shanghai).
pub fn date(field: &str, value: Option<&Date>) -> Result<NaiveDate, Refusal> {
    let value = value.ok_or_else(|| Refusal::invalid(field, "must be given"))?;
    whole_date(value).ok_or_else(|| {
        Refusal::invalid(field, "is not a date that exists; give year, month and day")
    })
}

/// A date that may be missing, or known only to the month (`day` 0) or year
/// (`month` 0 and `day` 0). One that does not exist is refused.
pub fn optional_date(field: &str, value: Option<&Date>) -> Result<Option<Date>, Refusal> {
    let Some(value) = value else { return Ok(None) };
    let complete = Date {
        year: value.year,
        month: if value.month == 0 { 1 } else { value.month },
        day: if value.day == 0 { 1 } else { value.day },
    };
    let day_without_month = value.month == 0 && value.day != 0;
    if day_without_month || whole_date(&complete).is_none() {
        return Err(Refusal::invalid(
            field,
            "is not a date that exists; year 1 to 9999, month and day as in the calendar",
        ));
    }
    Ok(Some(*value))
}

fn whole_date(value: &Date) -> Option<NaiveDate> {
    if !(1..=9999).contains(&value.year) {
        return None;
    }
    let (month, day) = (
        u32::try_from(value.month).ok()?,
        u32::try_from(value.day).ok()?,
    );
    NaiveDate::from_ymd_opt(value.year, month, day)
}

/// A sum of money that may be missing: CNY, not negative, whole fen.
pub fn money(field: &str, value: Option<&Money>) -> Result<Option<Money>, Refusal> {
    let Some(value) = value else { return Ok(None) };
    if value.currency_code != "CNY" {
        return Err(Refusal::invalid(field, "must be in CNY (currency_code)"));
    }
    if value.units < 0 || value.nanos < 0 {
        return Err(Refusal::invalid(field, "must not be negative"));
    }
    if value.units > YUAN_MAX {
        return Err(Refusal::invalid(field, "is over ten thousand million yuan"));
    }
    if value.nanos > 999_999_999 || value.nanos % NANOS_PER_FEN != 0 {
        return Err(Refusal::invalid(
            field,
            "must be whole fen: nanos a multiple of 10,000,000",
        ));
    }
    Ok(Some(value.clone()))
}

/// The sum in fen, of money that [`money`] has let in.
pub fn fen(money: &Money) -> i64 {
    money.units * 100 + i64::from(money.nanos / NANOS_PER_FEN)
}

/// `cases/{case}`.
pub fn case_name(field: &str, value: &str) -> Result<CaseName, Refusal> {
    CaseName::parse(value).map_err(|error| wrong_name(field, &error))
}

/// A resource of this collection under a case.
pub fn case_child(
    field: &str,
    value: &str,
    collection: &'static str,
) -> Result<CaseChild, Refusal> {
    CaseChild::parse(value, collection).map_err(|error| wrong_name(field, &error))
}

/// `agencies/{agency}`.
pub fn agency_name(field: &str, value: &str) -> Result<AgencyName, Refusal> {
    AgencyName::parse(value).map_err(|error| wrong_name(field, &error))
}

fn wrong_name(field: &str, error: &NameError) -> Refusal {
    Refusal::invalid(field, format!("must be of the form {}", error.expected))
}

/// A SHA-256 value: 32 bytes.
pub fn sha256(field: &str, value: &[u8]) -> Result<Vec<u8>, Refusal> {
    if value.len() != 32 {
        return Err(Refusal::invalid(
            field,
            format!("has {} bytes; a SHA-256 value has 32", value.len()),
        ));
    }
    Ok(value.to_vec())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proto::{Date, Money};

    use super::{code, date, fen, money, optional_date, text};

    fn day(year: i32, month: i32, day: i32) -> Date {
        Date { year, month, day }
    }

    #[test]
    fn dates_that_do_not_exist_are_refused_and_partial_ones_kept() {
        assert!(date("d", Some(&day(2024, 2, 29))).is_ok());
        for wrong in [
            day(2026, 2, 29),
            day(2026, 13, 1),
            day(0, 1, 1),
            day(2026, -1, 1),
            day(2026, 4, 31),
        ] {
            assert!(date("d", Some(&wrong)).is_err(), "{wrong:?}");
            assert!(optional_date("d", Some(&wrong)).is_err(), "{wrong:?}");
        }
        assert!(date("d", Some(&day(2026, 5, 0))).is_err());
        assert_eq!(
            optional_date("d", Some(&day(2026, 5, 0))).unwrap(),
            Some(day(2026, 5, 0))
        );
        assert_eq!(
            optional_date("d", Some(&day(2026, 0, 0))).unwrap(),
            Some(day(2026, 0, 0))
        );
        assert!(optional_date("d", Some(&day(2026, 0, 3))).is_err());
    }

    #[test]
    fn money_is_whole_fen_of_cny_and_not_negative() {
        let yuan = |units, nanos| Money {
            currency_code: "CNY".into(),
            units,
            nanos,
        };
        assert_eq!(
            fen(&money("m", Some(&yuan(12, 340_000_000))).unwrap().unwrap()),
            1234
        );
        for wrong in [
            yuan(-1, 0),
            yuan(0, -10_000_000),
            yuan(0, 1),
            yuan(0, 1_000_000_000),
            yuan(i64::MAX, 0),
        ] {
            assert!(money("m", Some(&wrong)).is_err(), "{wrong:?}");
        }
        let dollars = Money {
            currency_code: "USD".into(),
            units: 1,
            nanos: 0,
        };
        assert!(money("m", Some(&dollars)).is_err());
    }

    #[test]
    fn text_that_deceives_or_is_too_long_is_refused_without_being_quoted() {
        assert_eq!(text("t", "  虞某 \n", 10).unwrap(), "虞某");
        for wrong in ["", " ", "a\u{202e}b", "a\u{200b}b", "a\0b", "\u{feff}a"] {
            assert!(text("t", wrong, 10).is_err(), "{wrong:?}");
        }
        let long = text("t", &"甲".repeat(11), 10).unwrap_err();
        assert!(!long.message.contains('甲'));
        assert!(code("c", "unpaid_wages").is_ok());
        for wrong in ["", "Unpaid", "a-b", "_a", "a b"] {
            assert!(code("c", wrong).is_err(), "{wrong:?}");
        }
    }
}

//! How long a period is: "5 working days", "1 year".

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// What is counted (民法典 Art. 200).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Hours of the clock.
    Hours,
    /// Days of the calendar.
    Days,
    /// Days that are worked, by the State Council's notices.
    WorkingDays,
    /// Months of the calendar.
    Months,
    /// Years of the calendar.
    Years,
}

/// A number of units, at least one and at most [`Length::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Length {
    /// How many.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

/// Why a text is no length.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LengthError {
    /// Not a number, then a unit.
    #[error("write a number and a unit, such as \"5 working days\"")]
    Shape,
    /// Nothing, or more than any period of law.
    #[error("the number must be from 1 to {}", Length::MAX)]
    Count,
    /// No unit of law.
    #[error("the unit must be hours, days, working days, months or years")]
    Unit,
}

impl Length {
    /// No period of the rules is longer, in any unit.
    pub const MAX: u32 = 1000;

    /// In Chinese: 5个工作日.
    #[must_use]
    pub fn zh(self) -> String {
        let unit = match self.unit {
            Unit::Hours => "小时",
            Unit::Days => "日",
            Unit::WorkingDays => "个工作日",
            Unit::Months => "个月",
            Unit::Years => "年",
        };
        format!("{}{unit}", self.count)
    }

    /// The months that years and months come to; none for the other units.
    #[must_use]
    pub fn months(self) -> Option<u32> {
        match self.unit {
            Unit::Months => Some(self.count),
            Unit::Years => self.count.checked_mul(12),
            _ => None,
        }
    }
}

impl fmt::Display for Length {
    /// In English: `5 working days`. [`FromStr`] reads it back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Hours => "hour",
            Unit::Days => "day",
            Unit::WorkingDays => "working day",
            Unit::Months => "month",
            Unit::Years => "year",
        };
        let plural = if self.count == 1 { "" } else { "s" };
        write!(f, "{} {unit}{plural}", self.count)
    }
}

impl FromStr for Length {
    type Err = LengthError;

    fn from_str(text: &str) -> Result<Self, LengthError> {
        let (count, unit) = text.split_once(' ').ok_or(LengthError::Shape)?;
        let count: u32 = count.parse().map_err(|_| LengthError::Shape)?;
        if !(1..=Self::MAX).contains(&count) {
            return Err(LengthError::Count);
        }
        let unit = match unit {
            "hour" | "hours" => Unit::Hours,
            "day" | "days" => Unit::Days,
            "working day" | "working days" => Unit::WorkingDays,
            "month" | "months" => Unit::Months,
            "year" | "years" => Unit::Years,
            _ => return Err(LengthError::Unit),
        };
        Ok(Self { count, unit })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Length, LengthError};

    #[test]
    fn a_length_reads_as_it_is_written() {
        for text in [
            "1 year",
            "15 days",
            "5 working days",
            "48 hours",
            "6 months",
        ] {
            assert_eq!(text.parse::<Length>().unwrap().to_string(), text);
        }
        assert_eq!(
            "5 working days".parse::<Length>().unwrap().zh(),
            "5个工作日"
        );
    }

    #[test]
    fn what_is_no_length_is_told_how_to_be_one() {
        for (text, error) in [
            ("", LengthError::Shape),
            ("days", LengthError::Shape),
            ("five days", LengthError::Shape),
            ("0 days", LengthError::Count),
            ("1001 days", LengthError::Count),
            ("5 weeks", LengthError::Unit),
        ] {
            assert_eq!(text.parse::<Length>(), Err(error), "{text}");
        }
    }
}

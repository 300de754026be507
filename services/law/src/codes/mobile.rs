//! Mobile telephone numbers of the Chinese mainland, kept as E.164.
//!
//! Personal information: no `Display`, and `Debug` does not show the number.

use std::fmt;

const COUNTRY: &str = "+86";
const NATIONAL_DIGITS: usize = 11;

/// Why a text is not a mobile number. Never contains any of its digits.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum MobileError {
    /// Something else than a digit 0–9 after the country code. Spaces and
    /// hyphens are not taken either.
    #[error("no digit at character {position}")]
    Digit {
        /// Which character of the whole text, from 1.
        position: usize,
    },
    /// Not 11 digits after the country code; service lines such as 12351
    /// (unions) or 12348 (legal aid) end here.
    #[error("{digits} digits instead of 11")]
    Length {
        /// How many there are, without the country code.
        digits: usize,
    },
    /// Mobile numbers begin with 13 to 19.
    #[error("the number does not begin with 13 to 19")]
    Prefix,
}

/// A well-formed mobile number. Whether anybody answers is not known.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Mobile(String);

impl Mobile {
    /// Reads 11 digits, with or without `86` or `+86` before them.
    ///
    /// # Errors
    /// [`MobileError`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, MobileError> {
        let national = text
            .strip_prefix(COUNTRY)
            .or_else(|| text.strip_prefix("86"))
            .unwrap_or(text);
        let country_characters = text.len() - national.len();
        let strange = |character: char| !character.is_ascii_digit();
        if let Some(at) = national.chars().position(strange) {
            let position = country_characters + at + 1;
            return Err(MobileError::Digit { position });
        }
        let digits = national.len();
        if digits != NATIONAL_DIGITS {
            return Err(MobileError::Length { digits });
        }
        if !matches!(national.as_bytes(), [b'1', b'3'..=b'9', ..]) {
            return Err(MobileError::Prefix);
        }
        Ok(Self(format!("{COUNTRY}{national}")))
    }

    /// The number as E.164: `+86` and 11 digits. Whoever calls this discloses it.
    #[must_use]
    pub fn e164(&self) -> &str {
        &self.0
    }

    /// The number for a screen: `199****0000`.
    #[must_use]
    pub fn masked(&self) -> String {
        let (head, tail) = (&self.0[3..6], &self.0[10..]);
        format!("{head}****{tail}")
    }
}

impl fmt::Debug for Mobile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mobile(redacted)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::{Mobile, MobileError};

    #[test]
    fn all_three_spellings_are_one_number() {
        for text in ["19900000000", "8619900000000", "+8619900000000"] {
            assert_eq!(Mobile::parse(text).unwrap().e164(), "+8619900000000");
        }
        let other = Mobile::parse("+8613000000000").unwrap();
        assert_eq!(other.e164(), "+8613000000000");
    }

    #[test]
    fn each_refusal_says_what_is_wrong_and_where() {
        let digit = |position| MobileError::Digit { position };
        let length = |digits| MobileError::Length { digits };
        for (text, error) in [
            ("12345678901", MobileError::Prefix),
            ("29900000000", MobileError::Prefix),
            ("1990000000", length(10)),
            ("199000000000", length(12)),
            ("", length(0)),
            ("+86", length(0)),
            ("12345", length(5)),
            ("12348", length(5)),
            ("12351", length(5)),
            ("12333", length(5)),
            ("199 0000 0000", digit(4)),
            ("+86199-0000000", digit(7)),
            ("+119900000000", digit(1)),
            ("１9900000000", digit(1)),
            ("+86+8619900000000", digit(4)),
        ] {
            assert_eq!(Mobile::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn the_number_shows_neither_in_debug_nor_whole_when_masked() {
        let mobile = Mobile::parse("19900000000").unwrap();
        assert_eq!(format!("{mobile:?}"), "Mobile(redacted)");
        assert_eq!(mobile.masked(), "199****0000");
    }
}

//! Resident id numbers, GB 11643-1999: area (6), date of birth (8), sequence
//! (3, odd for men), check character (1).
//!
//! The number alone reveals birth date, sex and origin, so it is sensitive
//! personal information (个人信息保护法 Art. 28): it has no `Display`, and
//! `Debug` does not show it.
//!
//! First-generation numbers of 15 digits (void since 2013) and the permanent
//! residence cards of foreigners (beginning with 9) are other documents and
//! are refused.

use std::fmt;

use chrono::NaiveDate;

use super::region::Region;

/// ISO 7064 MOD 11-2 weights of the first 17 digits.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// The check value 10 is written X.
const CHECK_X: u32 = 10;

/// The area of residence permits for Taiwan residents. It is no GB/T 2260
/// code; Hong Kong and Macao use their own, 810000 and 820000
/// (港澳台居民居住证申领发放办法, 国办发〔2018〕81号).
const TAIWAN_RESIDENTS: &str = "830000";

/// Why a text is not a resident id number. Never contains any of its digits.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum ResidentIdError {
    /// Not 18 characters.
    #[error("{characters} characters instead of 18")]
    Length {
        /// How many there are.
        characters: usize,
    },
    /// Something else than a digit 0–9 (at the end also X).
    #[error("an unexpected character at position {position}")]
    Character {
        /// Which character, from 1.
        position: usize,
    },
    /// The area was never assigned, or its province does not exist.
    #[error("characters 1 to 6 are not a known area")]
    Area,
    /// The calendar has no such day.
    #[error("characters 7 to 14 are not a day of the calendar")]
    BirthDate,
    /// Born after today.
    #[error("characters 7 to 14 are a day in the future")]
    Future,
    /// The check character does not fit: some character is mistyped.
    #[error("the check character at position 18 does not fit the others")]
    Check,
}

/// Sex as the register has it (GB/T 2261.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    /// 女: an even sequence number.
    Female,
    /// 男: an odd sequence number.
    Male,
}

/// A well-formed resident id number. Whether it was ever issued only the
/// police know.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ResidentId {
    number: String,
    birth_date: NaiveDate,
    sex: Sex,
}

impl ResidentId {
    /// Reads 18 characters; a small x at the end becomes X. `today` is the
    /// date in China, on which the youngest holder may be born.
    ///
    /// # Errors
    /// [`ResidentIdError`] says what is wrong, the most telling reason first.
    pub fn parse(text: &str, today: NaiveDate) -> Result<Self, ResidentIdError> {
        let values = values(text)?;
        let number = text.to_ascii_uppercase();
        if !known_area(&number[..6]) {
            return Err(ResidentIdError::Area);
        }
        let birth_date = birth_date(&values).ok_or(ResidentIdError::BirthDate)?;
        if birth_date > today {
            return Err(ResidentIdError::Future);
        }
        if check(&values) != values[17] {
            return Err(ResidentIdError::Check);
        }
        let sex = match values[16] % 2 {
            0 => Sex::Female,
            _ => Sex::Male,
        };
        Ok(Self {
            number,
            birth_date,
            sex,
        })
    }

    /// The number itself. Whoever calls this discloses it.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The date of birth.
    #[must_use]
    pub fn birth_date(&self) -> NaiveDate {
        self.birth_date
    }

    /// The sex.
    #[must_use]
    pub fn sex(&self) -> Sex {
        self.sex
    }

    /// The number for a screen: only the last four characters, so that
    /// neither origin nor birth date shows.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("{}{}", "*".repeat(14), &self.number[14..])
    }
}

impl fmt::Debug for ResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResidentId(redacted)")
    }
}

/// The values of the 18 characters, X as 10.
fn values(text: &str) -> Result<[u32; 18], ResidentIdError> {
    let characters = text.chars().count();
    if characters != 18 {
        return Err(ResidentIdError::Length { characters });
    }
    let mut values = [0; 18];
    for (position, (value, character)) in (1..).zip(values.iter_mut().zip(text.chars())) {
        *value = match character {
            'X' | 'x' if position == 18 => CHECK_X,
            _ => character
                .to_digit(10)
                .ok_or(ResidentIdError::Character { position })?,
        };
    }
    Ok(values)
}

fn known_area(area: &str) -> bool {
    area == TAIWAN_RESIDENTS || Region::parse(area).is_ok_and(|region| region.was_ever_valid())
}

fn birth_date(values: &[u32; 18]) -> Option<NaiveDate> {
    let number = |digits: &[u32]| digits.iter().fold(0, |sum, digit| sum * 10 + digit);
    let year = i32::try_from(number(&values[6..10])).ok()?;
    NaiveDate::from_ymd_opt(year, number(&values[10..12]), number(&values[12..14]))
}

/// The value that makes the weighted sum 1 modulo 11, where the check
/// character itself weighs 1 (ISO 7064 MOD 11-2).
fn check(values: &[u32; 18]) -> u32 {
    let sum: u32 = values.iter().zip(WEIGHTS).map(|(v, w)| v * w).sum();
    (12 - sum % 11) % 11
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use chrono::NaiveDate;

    use super::{ResidentId, ResidentIdError, Sex};

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    fn parse(text: &str) -> Result<ResidentId, ResidentIdError> {
        ResidentId::parse(text, day(2026, 11, 24))
    }

    #[test]
    fn valid_numbers_tell_birth_date_and_sex() {
        for (text, born, sex) in [
            ("330782187001010019", day(1870, 1, 1), Sex::Male),
            ("33078218700615007X", day(1870, 6, 15), Sex::Male),
            ("361123187111300280", day(1871, 11, 30), Sex::Female),
            ("341125187212310591", day(1872, 12, 31), Sex::Male),
            ("330782187001010027", day(1870, 1, 1), Sex::Female),
        ] {
            let id = parse(text).unwrap();
            assert_eq!((id.birth_date(), id.sex()), (born, sex), "{text}");
            assert_eq!(id.number(), text);
        }
    }

    #[test]
    fn old_prefixes_of_yiwu_are_accepted() {
        for text in [
            "332425187001010017",
            "330725187001010011",
            "339007187001010019",
        ] {
            assert!(parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn residence_permits_of_taiwan_residents_are_accepted() {
        assert!(parse("830000187001010014").is_ok());
    }

    #[test]
    fn a_small_x_is_the_same_number() {
        assert_eq!(parse("33078218700615007x"), parse("33078218700615007X"));
        assert_eq!(
            parse("33078218700615007x").unwrap().number(),
            "33078218700615007X"
        );
    }

    #[test]
    fn each_refusal_says_what_is_wrong_and_where() {
        let character = |position| ResidentIdError::Character { position };
        for (text, error) in [
            ("", ResidentIdError::Length { characters: 0 }),
            (
                "330782700101001",
                ResidentIdError::Length { characters: 15 },
            ),
            (
                " 330782187001010019",
                ResidentIdError::Length { characters: 19 },
            ),
            ("33078X187001010019", character(6)),
            ("33078218700101001Y", character(18)),
            ("３30782187001010019", character(1)),
            ("330799187001010019", ResidentIdError::Area),
            ("990782187001010019", ResidentIdError::Area),
            ("330782209902290016", ResidentIdError::BirthDate),
            ("330782187013010019", ResidentIdError::BirthDate),
            ("330782187001010018", ResidentIdError::Check),
        ] {
            assert_eq!(parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn nobody_is_born_tomorrow() {
        let text = "330782187001010019";
        assert!(ResidentId::parse(text, day(1870, 1, 1)).is_ok());
        let early = ResidentId::parse(text, day(1869, 12, 31));
        assert_eq!(early, Err(ResidentIdError::Future));
    }

    #[test]
    fn any_single_wrong_digit_is_noticed() {
        let good = "330782187001010019";
        for at in 0..18 {
            for digit in '0'..='9' {
                let mut text = good.to_owned();
                text.replace_range(at..=at, &digit.to_string());
                assert_eq!(parse(&text).is_ok(), text == good, "{text}");
            }
        }
    }

    #[test]
    fn the_number_shows_neither_in_debug_nor_when_masked() {
        let id = parse("330782187001010019").unwrap();
        assert_eq!(format!("{id:?}"), "ResidentId(redacted)");
        assert_eq!(id.masked(), "**************0019");
    }
}

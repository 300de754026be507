//! Unified social credit codes, GB 32100-2015: registrar (1), category (1),
//! region (6), organisation (9), check character (1), from an alphabet of 31.

use std::fmt;

use super::region::{Region, RegionError};

/// The alphabet, in order of value; I, O, S, V and Z are left out because
/// they look like digits.
const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// 3^i mod 31, for the first 17 characters.
const WEIGHTS: [usize; 17] = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
];

/// Authorities that give out codes: 1 staffing, 2 foreign affairs, 3 justice
/// (law firms), 4 culture, 5 civil affairs, 6 tourism, 7 religion, 8 trade
/// unions, 9 market regulation, A military, N agriculture, Y others. The
/// second character is not checked: authorities add categories.
const REGISTRARS: &str = "123456789ANY";

/// The region of bodies registered with the central government.
const CENTRAL: &str = "100000";

/// Why a text is not a unified social credit code.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum CreditCodeError {
    /// Not 18 characters.
    #[error("{characters} characters instead of 18")]
    Length {
        /// How many there are.
        characters: usize,
    },
    /// Not of the alphabet (no I, O, S, V, Z).
    #[error("an unexpected character at position {position}")]
    Character {
        /// Which character, from 1.
        position: usize,
    },
    /// No authority has this character.
    #[error("the character at position 1 is no registrar")]
    Registrar,
    /// The region is none; its positions count from the code's third character.
    #[error("characters 3 to 8 are not a region")]
    Region(#[source] RegionError),
    /// The check character does not fit: some character is mistyped.
    #[error("the check character at position 18 does not fit the others")]
    Check,
}

/// A well-formed code of a company, law firm, union or other body.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreditCode(String);

impl CreditCode {
    /// Reads 18 characters; small letters become capitals.
    ///
    /// The organisation's own check character of GB 11714 (position 17) is
    /// not tested: the last one already notices any single mistake.
    ///
    /// # Errors
    /// [`CreditCodeError`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, CreditCodeError> {
        let code = text.to_ascii_uppercase();
        let values = values(&code)?;
        if !code.starts_with(|registrar| REGISTRARS.contains(registrar)) {
            return Err(CreditCodeError::Registrar);
        }
        let region = &code[2..8];
        if region != CENTRAL {
            Region::parse(region).map_err(CreditCodeError::Region)?;
        }
        if check(&values) != values[17] {
            return Err(CreditCodeError::Check);
        }
        Ok(Self(code))
    }

    /// The 18 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn values(code: &str) -> Result<[usize; 18], CreditCodeError> {
    let characters = code.chars().count();
    if characters != 18 {
        return Err(CreditCodeError::Length { characters });
    }
    let mut values = [0; 18];
    for (position, (value, character)) in (1..).zip(values.iter_mut().zip(code.chars())) {
        *value = ALPHABET
            .find(character)
            .ok_or(CreditCodeError::Character { position })?;
    }
    Ok(values)
}

/// The value that makes the weighted sum 0 modulo 31, where the check
/// character itself weighs 1.
fn check(values: &[usize; 18]) -> usize {
    let sum: usize = values.iter().zip(WEIGHTS).map(|(v, w)| v * w).sum();
    // The outer remainder turns 31 into 0; published snippets forget it.
    (31 - sum % 31) % 31
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::{ALPHABET, CreditCode, CreditCodeError, check, values};
    use crate::codes::region::RegionError;

    #[test]
    fn valid_codes_are_accepted() {
        for code in [
            "91330782MA00TEQT68",
            "91330782MAFAKE0190",
            "91330782MA0000234Y",
            "91330782MA00003570",
            "81330782QYNTH0012N",
            "31330000MD0LAW017M",
        ] {
            assert_eq!(CreditCode::parse(code).unwrap().as_str(), code);
        }
    }

    #[test]
    fn remainder_zero_is_written_as_zero() {
        for (code, value) in [
            ("91330782MAFAKE0190", 0),
            ("91330782MA00003570", 0),
            ("91330782MA0000234Y", 30),
            ("91330782MA00TEQT68", 8),
        ] {
            assert_eq!(check(&values(code).unwrap()), value, "{code}");
        }
    }

    #[test]
    fn small_letters_are_the_same_code() {
        let small = CreditCode::parse("91330782ma00teqt68");
        assert_eq!(small, CreditCode::parse("91330782MA00TEQT68"));
    }

    #[test]
    fn bodies_of_the_central_government_have_a_region_of_their_own() {
        let code = |check: char| format!("11100000MA0000000{check}");
        let accepted = ALPHABET.chars().map(code);
        assert_eq!(accepted.filter(|c| CreditCode::parse(c).is_ok()).count(), 1);
    }

    #[test]
    fn each_refusal_says_what_is_wrong_and_where() {
        let character = |position| CreditCodeError::Character { position };
        let region = CreditCodeError::Region;
        for (text, error) in [
            ("", CreditCodeError::Length { characters: 0 }),
            (
                "91330782MA00TEQT6",
                CreditCodeError::Length { characters: 17 },
            ),
            ("91330782MA00TEQT67", CreditCodeError::Check),
            ("91330782MAO0TEQT68", character(11)),
            ("91330782MA00TEQT6I", character(18)),
            ("９1330782MA00TEQT68", character(1)),
            ("B1330782MA00TEQT68", CreditCodeError::Registrar),
            ("9133O782MA00TEQT68", character(5)),
            (
                "9133A782MA00TEQT68",
                region(RegionError::Digit { position: 3 }),
            ),
            ("91990782MA00TEQT68", region(RegionError::Province)),
        ] {
            assert_eq!(CreditCode::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn any_single_wrong_character_is_noticed() {
        let good = "91330782MA00TEQT68";
        for at in 0..18 {
            for character in ALPHABET.chars() {
                let mut text = good.to_owned();
                text.replace_range(at..=at, &character.to_string());
                assert_eq!(CreditCode::parse(&text).is_ok(), text == good, "{text}");
            }
        }
    }
}

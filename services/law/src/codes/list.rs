//! Lists of codes that words are looked up in: a code that is none is told from
//! a code that nobody knows.

use std::fmt;

/// One code with its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// As records carry it.
    pub code: &'static str,
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

/// An entry of a list.
pub(super) const fn code(code: &'static str, zh: &'static str, en: &'static str) -> Code {
    Code { code, zh, en }
}

/// Most characters of a code, as the contract has it.
pub const CODE_MAX: usize = 60;

/// Why a text is no code of a list. Never repeats it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Nothing there.
    #[error("the code is empty")]
    Empty,
    /// Longer than any code.
    #[error("{characters} characters; a code has {CODE_MAX} at most")]
    Length {
        /// How many there are.
        characters: usize,
    },
    /// Something else than a–z, 0–9 and _, or a code that begins with _.
    #[error(
        "character {position} cannot stand there: a code is made of a-z, 0-9 and _, and begins with a letter or digit"
    )]
    Character {
        /// Which, from 1.
        position: usize,
    },
    /// A code, but none of the list.
    #[error("not a code of the list{}", Nearest(*nearest))]
    Unknown {
        /// The one that is meant, by its spelling.
        nearest: Option<&'static str>,
    },
}

struct Nearest(Option<&'static str>);

impl fmt::Display for Nearest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(code) => write!(f, "; the nearest is {code}"),
            None => Ok(()),
        }
    }
}

/// Finds a code in a list.
pub(super) fn find(list: &'static [Code], text: &str) -> Result<&'static Code, CodeError> {
    check_form(text)?;
    let found = list.iter().find(|code| code.code == text);
    found.ok_or_else(|| CodeError::Unknown {
        nearest: nearest(list, text),
    })
}

/// Whether a text has the form of a code, whatever list it is of.
///
/// # Errors
/// [`CodeError`], never [`CodeError::Unknown`].
pub fn check_form(text: &str) -> Result<(), CodeError> {
    if text.is_empty() {
        return Err(CodeError::Empty);
    }
    for (position, character) in (1..).zip(text.chars()) {
        let in_code = character.is_ascii_lowercase()
            || character.is_ascii_digit()
            || (character == '_' && position > 1);
        if !in_code {
            return Err(CodeError::Character { position });
        }
    }
    match text.len() {
        1..=CODE_MAX => Ok(()),
        characters => Err(CodeError::Length { characters }),
    }
}

/// The code that differs in the fewest letters, three at most.
fn nearest(list: &'static [Code], text: &str) -> Option<&'static str> {
    let near = list
        .iter()
        .map(|code| (distance(code.code, text), code.code));
    let (letters, code) = near.min_by_key(|(letters, _)| *letters)?;
    (letters <= 3).then_some(code)
}

/// Letters to add, leave out or change (Levenshtein), on codes of ASCII.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (y, up) in b.bytes().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(x != y)).min(up + 1).min(left + 1);
            diagonal = *up;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Code, CodeError, check_form, distance, find};

    const LIST: [Code; 2] = [
        Code {
            code: "unpaid_wages",
            zh: "拖欠工资",
            en: "unpaid wages",
        },
        Code {
            code: "overtime_pay",
            zh: "加班费",
            en: "overtime pay",
        },
    ];
    static CODES: &[Code] = &LIST;

    #[test]
    fn a_code_is_found_and_a_misspelt_one_is_told_which_was_meant() {
        assert_eq!(find(CODES, "overtime_pay").unwrap().zh, "加班费");
        let unknown = |nearest| Err(CodeError::Unknown { nearest });
        assert_eq!(find(CODES, "unpayd_wage"), unknown(Some("unpaid_wages")));
        assert_eq!(find(CODES, "something_else"), unknown(None));
    }

    #[test]
    fn what_is_no_code_is_told_where() {
        let character = |position| Err(CodeError::Character { position });
        assert_eq!(check_form(""), Err(CodeError::Empty));
        assert_eq!(check_form("unpaid wages"), character(7));
        assert_eq!(check_form("_unpaid"), character(1));
        assert_eq!(check_form("工资"), character(1));
        assert_eq!(check_form("Wages"), character(1));
        let long = "a".repeat(61);
        assert_eq!(check_form(&long), Err(CodeError::Length { characters: 61 }));
        assert_eq!(check_form(&long[..60]), Ok(()));
    }

    #[test]
    fn distances_are_counted_in_letters() {
        for (a, b, letters) in [
            ("", "", 0),
            ("abc", "abc", 0),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(a, b), letters);
        }
    }
}

//! Amounts of money in fen (分, 1/100 yuan), and the bands that stand for
//! them where the amount itself may not be seen.
//!
//! Whole fen only, never a float: a rounded claim is a wrong claim.

use std::fmt;

/// Nanos of google.type.Money in one fen.
const FEN_NANOS: i32 = 10_000_000;
/// Nanos of google.type.Money in one yuan.
const YUAN_NANOS: i32 = 1_000_000_000;

/// Why something is not an amount.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum FenError {
    /// Nothing before the decimal point.
    #[error("no digits")]
    Empty,
    /// Less than nothing; what is owed the other way is another claim.
    #[error("the amount is negative")]
    Negative,
    /// Neither a digit 0–9 nor the one decimal point.
    #[error("an unexpected character at position {position}")]
    Character {
        /// Which character, from 1.
        position: usize,
    },
    /// After a decimal point there are one or two digits.
    #[error("{digits} digits after the point instead of 1 or 2")]
    Decimals {
        /// How many there are.
        digits: usize,
    },
    /// More than 2^63 − 1 fen.
    #[error("the amount is too large")]
    TooLarge,
    /// Nanos run from 0 to 999,999,999 (google.type.Money).
    #[error("the nanos are out of range")]
    NanosRange,
    /// Nanos that are not a whole number of fen.
    #[error("the nanos are not whole fen")]
    BrokenFen,
}

/// An amount of renminbi (CNY) in fen, not negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fen(i64);

impl Fen {
    /// Takes a number of fen.
    ///
    /// # Errors
    /// [`FenError::Negative`].
    pub fn new(fen: i64) -> Result<Self, FenError> {
        if fen < 0 {
            return Err(FenError::Negative);
        }
        Ok(Self(fen))
    }

    /// Reads yuan in plain decimal digits with at most two after the point,
    /// such as `1409.5`. No sign, no thousands separators, no exponent.
    ///
    /// # Errors
    /// [`FenError`] says what is wrong and where.
    pub fn parse(yuan: &str) -> Result<Self, FenError> {
        if yuan.starts_with('-') {
            return Err(FenError::Negative);
        }
        let (whole, decimals) = match yuan.split_once('.') {
            Some((whole, decimals)) => (whole, Some(decimals)),
            None => (yuan, None),
        };
        require_digits(whole, 0)?;
        if whole.is_empty() {
            return Err(FenError::Empty);
        }
        let fen = match decimals {
            Some(decimals) => parse_decimals(decimals, whole.len() + 1)?,
            None => 0,
        };
        let yuan = whole.parse::<i64>().map_err(|_| FenError::TooLarge)?;
        Self::join(yuan, fen)
    }

    /// Takes `units` and `nanos` of a google.type.Money; the caller has seen
    /// that its `currency_code` is CNY (ISO 4217).
    ///
    /// # Errors
    /// [`FenError::Negative`], [`FenError::NanosRange`],
    /// [`FenError::BrokenFen`] or [`FenError::TooLarge`].
    pub fn from_money(units: i64, nanos: i32) -> Result<Self, FenError> {
        if units < 0 || nanos < 0 {
            return Err(FenError::Negative);
        }
        if nanos >= YUAN_NANOS {
            return Err(FenError::NanosRange);
        }
        if nanos % FEN_NANOS != 0 {
            return Err(FenError::BrokenFen);
        }
        Self::join(units, i64::from(nanos / FEN_NANOS))
    }

    /// The `units` (yuan) and `nanos` of a google.type.Money in CNY.
    #[must_use]
    pub fn to_money(self) -> (i64, i32) {
        // Below 100 × 10^7, so the cast loses nothing.
        (self.0 / 100, (self.0 % 100) as i32 * FEN_NANOS)
    }

    /// The number of fen.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0
    }

    /// The amount in words for documents (大写), such as 壹仟肆佰零玖元伍角整.
    ///
    /// Source: 支付结算办法 annex 1: one 零 for a run of zeros between digits,
    /// 零 after 元 when there are fen but no jiao, 整 at the end without fen.
    #[must_use]
    pub fn capitals(self) -> String {
        let (yuan, jiao, fen) = (self.0 / 100, self.0 / 10 % 10, self.0 % 10);
        if self.0 == 0 {
            return "零元整".to_owned();
        }
        let mut words = String::new();
        if yuan > 0 {
            words += &yuan_words(yuan);
            words.push('元');
        }
        if jiao > 0 {
            words.push(numeral(jiao));
            words.push('角');
        } else if yuan > 0 && fen > 0 {
            words.push('零');
        }
        if fen > 0 {
            words.push(numeral(fen));
            words.push('分');
        } else {
            words.push('整');
        }
        words
    }

    fn join(yuan: i64, fen: i64) -> Result<Self, FenError> {
        yuan.checked_mul(100)
            .and_then(|whole| whole.checked_add(fen))
            .map(Self)
            .ok_or(FenError::TooLarge)
    }
}

impl fmt::Display for Fen {
    /// Yuan with two decimals and separators of thousands: `92,400.00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let yuan = (self.0 / 100).to_string();
        for (at, digit) in yuan.chars().enumerate() {
            if at > 0 && (yuan.len() - at).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        write!(f, ".{:02}", self.0 % 100)
    }
}

/// All characters are digits; `before` of them stand to the left in the input.
fn require_digits(text: &str, before: usize) -> Result<(), FenError> {
    let strange = |character: char| !character.is_ascii_digit();
    match text.chars().position(strange) {
        Some(at) => Err(FenError::Character {
            position: before + at + 1,
        }),
        None => Ok(()),
    }
}

fn parse_decimals(text: &str, before: usize) -> Result<i64, FenError> {
    require_digits(text, before)?;
    let value = |digit: u8| i64::from(digit - b'0');
    match text.as_bytes() {
        [jiao] => Ok(value(*jiao) * 10),
        [jiao, fen] => Ok(value(*jiao) * 10 + value(*fen)),
        other => Err(FenError::Decimals {
            digits: other.len(),
        }),
    }
}

/// The financial numeral of one digit.
fn numeral(digit: i64) -> char {
    match digit {
        1 => '壹',
        2 => '贰',
        3 => '叁',
        4 => '肆',
        5 => '伍',
        6 => '陆',
        7 => '柒',
        8 => '捌',
        9 => '玖',
        _ => '零',
    }
}

/// A positive number of yuan in words, by sections of 亿 and 万.
fn yuan_words(yuan: i64) -> String {
    for (unit, name) in [(100_000_000, '亿'), (10_000, '万')] {
        if yuan >= unit {
            let mut words = yuan_words(yuan / unit);
            words.push(name);
            let rest = yuan % unit;
            if rest > 0 {
                if rest < unit / 10 {
                    words.push('零');
                }
                words += &yuan_words(rest);
            }
            return words;
        }
    }
    section_words(yuan)
}

/// A number below 10,000 in words.
fn section_words(section: i64) -> String {
    let mut words = String::new();
    let mut gap = false;
    for (unit, name) in [(1000, "仟"), (100, "佰"), (10, "拾"), (1, "")] {
        let digit = section / unit % 10;
        if digit == 0 {
            gap = !words.is_empty();
            continue;
        }
        if gap {
            words.push('零');
            gap = false;
        }
        words.push(numeral(digit));
        words += name;
    }
    words
}

/// How much money roughly, for those who may not see the amount.
///
/// Each band begins with its lower bound and ends before its upper one; only
/// the last but one also holds its upper bound, exactly 1,000,000 yuan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Band {
    /// Under 5,000 yuan.
    Under5k,
    /// From 5,000 to under 20,000 yuan.
    From5kTo20k,
    /// From 20,000 to under 50,000 yuan.
    From20kTo50k,
    /// From 50,000 to under 200,000 yuan.
    From50kTo200k,
    /// From 200,000 up to 1,000,000 yuan.
    From200kTo1m,
    /// Over 1,000,000 yuan.
    Over1m,
}

impl Band {
    /// The band that an amount lies in.
    #[must_use]
    pub fn of(amount: Fen) -> Self {
        match amount.get() {
            ..500_000 => Self::Under5k,
            500_000..2_000_000 => Self::From5kTo20k,
            2_000_000..5_000_000 => Self::From20kTo50k,
            5_000_000..20_000_000 => Self::From50kTo200k,
            20_000_000..=100_000_000 => Self::From200kTo1m,
            _ => Self::Over1m,
        }
    }

    /// The stable code of the band, as records and answers carry it, in yuan.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Under5k => "under-5k",
            Self::From5kTo20k => "5k-20k",
            Self::From20kTo50k => "20k-50k",
            Self::From50kTo200k => "50k-200k",
            Self::From200kTo1m => "200k-1m",
            Self::Over1m => "over-1m",
        }
    }
}

#[cfg(test)]
mod tests;

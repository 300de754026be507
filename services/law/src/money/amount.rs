//! A sum with its working.

use serde::Serialize;

use crate::citation::Citation;
use crate::codes::Fen;

/// Why a sum cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// More than an amount can hold.
    #[error("the amount is too large")]
    TooLarge,
    /// Paid more than owed: another month's matter.
    #[error("{period}: more was paid than owed; leave the month out")]
    Overpaid {
        /// The month.
        period: String,
    },
    /// The employment ends before it begins.
    #[error("the employment ends before it begins")]
    Order,
    /// A degree of disability.
    #[error("the degree of disability is 1 to 10")]
    Grade,
    /// Outside what the law allows.
    #[error("{what} must be from {least} to {most}")]
    Range {
        /// What.
        what: &'static str,
        /// The least.
        least: u32,
        /// The most.
        most: u32,
    },
    /// A figure that the calculation needs.
    #[error("{0} is needed")]
    Missing(&'static str),
}

/// A figure that was put in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Input {
    /// What it is, in Chinese.
    pub zh: &'static str,
    /// What it is, in English.
    pub en: &'static str,
    /// The figure; money in yuan.
    pub value: String,
}

/// A sum that is owed, and how it is come by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// The sum.
    pub fen: Fen,
    /// The formula with its figures, in Chinese.
    pub zh: String,
    /// The formula with its figures, in English.
    pub en: String,
    /// What was put in.
    pub inputs: Vec<Input>,
    /// By which articles.
    pub sources: Vec<Citation>,
    /// What a person has still to look at, in Chinese and English: a cap that
    /// could not be checked, a sum that local rules set.
    pub open: Vec<(String, String)>,
}

/// `base × times ÷ by`, rounded once, half a fen up.
pub(super) fn scale(base: Fen, times: u64, by: u64) -> Result<Fen, MoneyError> {
    let (times, by) = (i128::from(times), i128::from(by.max(1)));
    let exact = i128::from(base.get()) * times;
    let rounded = (exact * 2 + by) / (by * 2);
    let fen = i64::try_from(rounded).map_err(|_| MoneyError::TooLarge)?;
    Fen::new(fen).map_err(|_| MoneyError::TooLarge)
}

/// The sum of some amounts.
pub(super) fn sum(parts: impl IntoIterator<Item = Fen>) -> Result<Fen, MoneyError> {
    let mut all = 0_i64;
    for part in parts {
        all = all.checked_add(part.get()).ok_or(MoneyError::TooLarge)?;
    }
    Fen::new(all).map_err(|_| MoneyError::TooLarge)
}

pub(super) fn input(zh: &'static str, en: &'static str, value: impl ToString) -> Input {
    Input {
        zh,
        en,
        value: value.to_string(),
    }
}

/// The laws that the calculators rest on; all were read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Law {
    Contract,
    ContractRegulation,
    Labour,
    Conversion,
    Injury,
    Arbitration,
    Interpretation,
}

pub(super) fn cite(law: Law, article: &str) -> Citation {
    let (zh, en) = match law {
        Law::Contract => ("劳动合同法", "Labour Contract Law"),
        Law::ContractRegulation => (
            "劳动合同法实施条例",
            "Regulation on Implementing the Labour Contract Law",
        ),
        Law::Labour => ("劳动法", "Labour Law"),
        Law::Conversion => (
            "关于职工全年月平均工作时间和工资折算问题的通知",
            "Notice on Average Monthly Working Time and the Conversion of Wages",
        ),
        Law::Injury => (
            "工伤保险条例（2010修订）",
            "Regulation on Work-Related Injury Insurance (2010)",
        ),
        Law::Arbitration => (
            "劳动争议调解仲裁法",
            "Labour Dispute Mediation and Arbitration Law",
        ),
        Law::Interpretation => (
            "最高人民法院关于审理劳动争议案件适用法律问题的解释（一）",
            "SPC Interpretation (I) on Labour Dispute Cases",
        ),
    };
    Citation {
        law_zh: zh.to_owned(),
        law_en: en.to_owned(),
        article: article.to_owned(),
        checked: true,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{MoneyError, scale, sum};
    use crate::codes::Fen;

    fn fen(fen: i64) -> Fen {
        Fen::new(fen).unwrap()
    }

    #[test]
    fn a_sum_is_rounded_once_and_half_a_fen_goes_up() {
        assert_eq!(scale(fen(100), 1, 3), Ok(fen(33)));
        assert_eq!(scale(fen(200), 1, 3), Ok(fen(67)));
        assert_eq!(scale(fen(1), 1, 2), Ok(fen(1)));
        assert_eq!(scale(fen(0), 7, 2), Ok(fen(0)));
    }

    #[test]
    fn what_is_too_large_is_refused_and_never_wraps() {
        assert_eq!(scale(fen(i64::MAX), 2, 1), Err(MoneyError::TooLarge));
        assert_eq!(scale(fen(i64::MAX), 2, 2), Ok(fen(i64::MAX)));
        assert_eq!(sum([fen(i64::MAX), fen(1)]), Err(MoneyError::TooLarge));
    }
}

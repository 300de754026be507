//! The second wage for work without a written contract: from the second month
//! of the employment to the day before the contract, at most to the end of the
//! twelfth (劳动合同法 Art. 82(1), 实施条例 Art. 6, 7).
//!
//! The Regulation's own days (the day after "a full month", the day before "a
//! full year") fit together only as eleven months: docs/decisions/0017.

use chrono::{Days, Months, NaiveDate};

use super::amount::{Amount, Law, MoneyError, cite, input, scale, sum};
use crate::codes::Fen;

/// An employment without a written contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritten {
    /// First day of work.
    pub start: NaiveDate,
    /// The day on which a contract was signed after all.
    pub signed: Option<NaiveDate>,
    /// The last day of the employment, if it ended.
    pub end: Option<NaiveDate>,
    /// The wage of each month of the employment from the second on; the last
    /// one holds for those that follow.
    pub wages: Vec<Fen>,
    /// As seen on this day, where it goes on.
    pub today: NaiveDate,
}

/// The second wage; a month that is not full counts by its calendar days.
///
/// # Errors
/// [`MoneyError::Order`], [`MoneyError::Missing`] without a wage,
/// [`MoneyError::TooLarge`].
pub fn double_wage(of: &Unwritten) -> Result<Amount, MoneyError> {
    let month = |n: u32| of.start.checked_add_months(Months::new(n));
    let day_after = |day: NaiveDate| day.checked_add_days(Days::new(1));
    // The first day that is not paid twice.
    let ended = day_after(of.end.unwrap_or(of.today)).ok_or(MoneyError::TooLarge)?;
    if ended <= of.start || of.signed.is_some_and(|signed| signed < of.start) {
        return Err(MoneyError::Order);
    }
    let year = month(12).ok_or(MoneyError::TooLarge)?;
    let until = of.signed.unwrap_or(ended).min(ended).min(year);
    let (mut zh, mut en, mut parts) = (Vec::new(), Vec::new(), Vec::new());
    for n in 1..12_u32 {
        let first = month(n).ok_or(MoneyError::TooLarge)?;
        let next = month(n + 1).ok_or(MoneyError::TooLarge)?;
        if until <= first {
            break;
        }
        let at = usize::try_from(n - 1).unwrap_or(usize::MAX);
        let wage = of.wages.get(at).or(of.wages.last());
        let wage = *wage.ok_or(MoneyError::Missing("the monthly wage"))?;
        let whole = days(first, next);
        let counted = days(first, until.min(next));
        let part = scale(wage, counted, whole)?;
        parts.push(part);
        if counted == whole {
            zh.push(wage.to_string());
            en.push(wage.to_string());
        } else {
            zh.push(format!("{wage}×{counted}/{whole}日"));
            en.push(format!("{wage} × {counted}/{whole} days"));
        }
    }
    let fen = sum(parts)?;
    let told = |parts: &[String], plus: &str| match parts.is_empty() {
        true => "0.00".to_owned(),
        false => parts.join(plus),
    };
    let first = month(1).ok_or(MoneyError::TooLarge)?;
    let mut inputs = vec![
        input("用工之日", "first day of work", of.start),
        input("二倍工资起日", "paid twice from", first),
        input("二倍工资止日的次日", "and before", until.max(first)),
    ];
    inputs.extend(of.wages.iter().map(|w| input("月工资", "monthly wage", w)));
    let mut open = Vec::new();
    if until == year {
        open.push((
            "满一年视为已订立无固定期限劳动合同".to_owned(),
            "after a year an open-ended contract is deemed to exist".to_owned(),
        ));
    }
    Ok(Amount {
        fen,
        zh: format!("二倍工资差额={}={fen}元", told(&zh, "+")),
        en: format!("second wage = {} = {fen} yuan", told(&en, " + ")),
        inputs,
        sources: vec![
            cite(Law::Contract, "82(1)"),
            cite(Law::ContractRegulation, "6"),
            cite(Law::ContractRegulation, "7"),
        ],
        open,
    })
}

fn days(from: NaiveDate, to: NaiveDate) -> u64 {
    u64::try_from((to - from).num_days()).unwrap_or(0)
}

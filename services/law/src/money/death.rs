//! What is paid where a worker died of a work injury (工伤保险条例 Art. 39).

use super::amount::{Amount, Law, MoneyError, cite, input, scale, sum};
use crate::codes::Fen;

/// The funeral subsidy (丧葬补助金): six months of the local average wage.
///
/// # Errors
/// [`MoneyError::TooLarge`].
pub fn funeral(local_average: Fen) -> Result<Amount, MoneyError> {
    let fen = scale(local_average, 6, 1)?;
    Ok(Amount {
        fen,
        zh: format!("丧葬补助金={local_average}×6个月={fen}元"),
        en: format!("funeral subsidy = {local_average} × 6 months = {fen} yuan"),
        inputs: vec![input(
            "统筹地区上年度职工月平均工资",
            "local average wage of the year before",
            local_average,
        )],
        sources: vec![cite(Law::Injury, "39(1)")],
        open: Vec::new(),
    })
}

/// The one-off subsidy (一次性工亡补助金): twenty times the national disposable
/// income per head of townspeople in the year before.
///
/// # Errors
/// [`MoneyError::TooLarge`].
pub fn one_off(income: Fen) -> Result<Amount, MoneyError> {
    let fen = scale(income, 20, 1)?;
    Ok(Amount {
        fen,
        zh: format!("一次性工亡补助金={income}×20={fen}元"),
        en: format!("one-off death subsidy = {income} × 20 = {fen} yuan"),
        inputs: vec![input(
            "上一年度全国城镇居民人均可支配收入",
            "national disposable income per head of townspeople, year before",
            income,
        )],
        sources: vec![cite(Law::Injury, "39(1)")],
        open: Vec::new(),
    })
}

/// Someone whom the worker kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Survivor {
    /// The spouse; else another relative.
    pub spouse: bool,
    /// An old person or orphan who is alone: ten per cent more.
    pub alone: bool,
}

impl Survivor {
    fn percent(self) -> u64 {
        let base = if self.spouse { 40 } else { 30 };
        base + if self.alone { 10 } else { 0 }
    }
}

/// The monthly pension of all survivors together (供养亲属抚恤金), not over the
/// worker's own wage.
///
/// # Errors
/// [`MoneyError::TooLarge`].
pub fn pension(own_wage: Fen, survivors: &[Survivor]) -> Result<Amount, MoneyError> {
    let shares = survivors
        .iter()
        .map(|survivor| scale(own_wage, survivor.percent(), 100))
        .collect::<Result<Vec<_>, _>>()?;
    let all = sum(shares)?;
    let fen = all.min(own_wage);
    let percents: Vec<_> = survivors
        .iter()
        .map(|survivor| format!("{}%", survivor.percent()))
        .collect();
    let percents = match percents.is_empty() {
        true => "0%".to_owned(),
        false => percents.join("+"),
    };
    let capped = match fen == all {
        true => Default::default(),
        false => (
            format!("，不高于生前工资，为{fen}元"),
            format!(", not over the own wage: {fen} yuan"),
        ),
    };
    Ok(Amount {
        fen,
        zh: format!(
            "每月供养亲属抚恤金={own_wage}×({percents})={all}元{}",
            capped.0
        ),
        en: format!(
            "monthly pension = {own_wage} × ({percents}) = {all} yuan{}",
            capped.1
        ),
        inputs: vec![
            input("职工本人工资", "the worker's own wage", own_wage),
            input("供养亲属人数", "survivors", survivors.len()),
        ],
        sources: vec![cite(Law::Injury, "39(1)")],
        open: Vec::new(),
    })
}

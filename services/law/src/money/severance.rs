//! Severance (经济补偿, N) and what is paid for an unlawful dismissal (赔偿金,
//! 2N): a month's wage for each year of work (劳动合同法 Art. 47, 87).

use chrono::{Days, Months, NaiveDate};

use super::amount::{Amount, Law, MoneyError, cite, input, scale};
use crate::codes::Fen;

/// Years count from here for severance; for 2N from the first day of work
/// (劳动合同法 Art. 97(3), 实施条例 Art. 25).
const LAW_BEGAN: (i32, u32, u32) = (2008, 1, 1);
/// Years that count at most where the wage is capped.
const YEARS_MAX: u32 = 12;

/// An employment that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// First day of work.
    pub start: NaiveDate,
    /// Last day of work.
    pub end: NaiveDate,
    /// Average monthly wage of the last twelve months, or of all if fewer.
    pub wage: Fen,
    /// Average monthly wage of the place in the year before, as its government
    /// published it: three times it caps the wage.
    pub local_average: Option<Fen>,
    /// Monthly minimum wage of the place: the least that the wage counts as.
    pub local_minimum: Option<Fen>,
    /// The dismissal broke the law: twice the sum.
    pub unlawful: bool,
}

/// Half years of work: each full year two, six months and more two, less one.
fn half_years(start: NaiveDate, end: NaiveDate) -> Option<u32> {
    let after = end.checked_add_days(Days::new(1))?;
    let mut halves = 0;
    let mut reached = start;
    for n in 1.. {
        let next = start.checked_add_months(Months::new(12 * n))?;
        if next > after {
            break;
        }
        halves += 2;
        reached = next;
    }
    let half = start.checked_add_months(Months::new(6 * halves + 6))?;
    Some(match () {
        () if reached == after => halves,
        () if half <= after => halves + 2,
        () => halves + 1,
    })
}

/// Severance, or twice it.
///
/// # Errors
/// [`MoneyError::Order`], [`MoneyError::TooLarge`].
pub fn severance(of: &Ended) -> Result<Amount, MoneyError> {
    let (year, month, day) = LAW_BEGAN;
    let law_began = NaiveDate::from_ymd_opt(year, month, day).unwrap_or(of.start);
    let is_cut = !of.unlawful && of.start < law_began;
    let start = if is_cut { law_began } else { of.start };
    if of.end < of.start || of.end < start {
        return Err(MoneyError::Order);
    }
    let worked = half_years(start, of.end).ok_or(MoneyError::TooLarge)?;
    let mut base = of.wage;
    let mut halves = worked;
    let mut open = Vec::new();
    let mut why = (String::new(), String::new());
    let mut sources = vec![cite(Law::Contract, "47(1)")];
    if let Some(least) = of.local_minimum.filter(|least| *least > base) {
        base = least;
        why = (
            "月工资低于最低工资，按最低工资计".to_owned(),
            "the wage lies under the minimum wage, which counts".to_owned(),
        );
        sources.push(cite(Law::ContractRegulation, "27"));
    }
    match of.local_average {
        Some(average) => {
            let cap = scale(average, 3, 1)?;
            if base > cap {
                base = cap;
                halves = worked.min(2 * YEARS_MAX);
                why = (
                    format!("月工资高于当地平均工资三倍，按三倍{cap}计，年限不超过{YEARS_MAX}年"),
                    format!(
                        "the wage lies above three times the local average: {cap} counts, for {YEARS_MAX} years at most"
                    ),
                );
                sources.push(cite(Law::Contract, "47(2)"));
            }
        }
        None => open.push((
            "未提供当地上年度职工月平均工资，三倍封顶未核对".to_owned(),
            "the local average wage was not given: the cap of three times it was not checked"
                .to_owned(),
        )),
    }
    if is_cut {
        sources.push(cite(Law::Contract, "97(3)"));
        open.push((
            "2008年以前的年限按当时的规定另行计算".to_owned(),
            "years before 2008 follow the rules of their time and are not in the sum".to_owned(),
        ));
    }
    let times = if of.unlawful { 2 } else { 1 };
    if of.unlawful {
        sources.extend([
            cite(Law::Contract, "87"),
            cite(Law::ContractRegulation, "25"),
        ]);
    }
    let fen = scale(base, u64::from(halves * times), 2)?;
    let months = months(halves);
    let (name, twice) = match of.unlawful {
        true => (("赔偿金", "compensation for unlawful dismissal"), "×2"),
        false => (("经济补偿", "severance"), ""),
    };
    let because = |why: &str, open: &str, close: &str| match why.is_empty() {
        true => String::new(),
        false => format!("{open}{why}{close}"),
    };
    Ok(Amount {
        fen,
        zh: format!(
            "{}={base}×{months}个月{twice}={fen}元{}",
            name.0,
            because(&why.0, "（", "）")
        ),
        en: format!(
            "{} = {base} × {months} months{} = {fen} yuan{}",
            name.1,
            twice.replace('×', " × "),
            because(&why.1, " (", ")")
        ),
        inputs: inputs(of),
        sources,
        open,
    })
}

fn inputs(of: &Ended) -> Vec<super::Input> {
    let mut inputs = vec![
        input("用工之日", "first day of work", of.start),
        input("最后工作日", "last day of work", of.end),
        input(
            "前十二个月平均工资",
            "average wage of twelve months",
            of.wage,
        ),
    ];
    if let Some(average) = of.local_average {
        inputs.push(input(
            "当地上年度职工月平均工资",
            "local average wage of the year before",
            average,
        ));
    }
    if let Some(minimum) = of.local_minimum {
        inputs.push(input(
            "当地月最低工资",
            "local monthly minimum wage",
            minimum,
        ));
    }
    inputs
}

/// Half years as months of wages: 2.5.
fn months(halves: u32) -> String {
    match halves % 2 {
        0 => (halves / 2).to_string(),
        _ => format!("{}.5", halves / 2),
    }
}

/// A month's wage in place of thirty days' notice (代通知金; 劳动合同法 Art. 40,
/// 实施条例 Art. 20): the wage of the month before.
#[must_use]
pub fn pay_in_lieu(last_month: Fen) -> Amount {
    Amount {
        fen: last_month,
        zh: format!("代通知金=上一个月工资{last_month}元"),
        en: format!("pay in lieu of notice = wage of the month before, {last_month} yuan"),
        inputs: vec![input(
            "上一个月工资",
            "wage of the month before",
            last_month,
        )],
        sources: vec![
            cite(Law::Contract, "40"),
            cite(Law::ContractRegulation, "20"),
        ],
        open: Vec::new(),
    }
}

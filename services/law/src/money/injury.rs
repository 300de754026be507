//! What insurance and employer pay for a work injury, by degree of disability
//! (工伤保险条例 Art. 33 to 37). The two subsidies at the end of the employment
//! (degrees 5 to 10) are set by each province: [`super::local`].

use super::amount::{Amount, Law, MoneyError, cite, input, scale};
use super::local::Subsidy;
use crate::codes::Fen;

/// Months of the worker's own wage, by degree 1 to 10.
const ONE_OFF: [u64; 10] = [27, 25, 23, 21, 18, 16, 13, 11, 9, 7];
/// Per cent of the worker's own wage a month, by degree 1 to 6.
const ALLOWANCE: [u64; 6] = [90, 85, 80, 75, 70, 60];

/// A degree of disability, 1 (heaviest) to 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grade(u8);

impl Grade {
    /// Takes 1 to 10.
    ///
    /// # Errors
    /// [`MoneyError::Grade`].
    pub fn new(grade: u8) -> Result<Self, MoneyError> {
        match grade {
            1..=10 => Ok(Self(grade)),
            _ => Err(MoneyError::Grade),
        }
    }

    /// 1 to 10.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }

    fn index(self) -> usize {
        usize::from(self.0) - 1
    }

    /// The paragraph of the benefits of this degree.
    fn article(self) -> &'static str {
        match self.0 {
            1..=4 => "35",
            5 | 6 => "36",
            _ => "37",
        }
    }
}

/// The worker's own wage (本人工资): average of the twelve months before, not
/// over 300 % nor under 60 % of the local average (Art. 64(2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnWage {
    /// Average monthly wage on which contributions were paid.
    pub average: Fen,
    /// Average wage of the place; without it the bounds are not checked.
    pub local_average: Option<Fen>,
}

impl OwnWage {
    /// The wage that counts.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`].
    pub fn counted(self) -> Result<Fen, MoneyError> {
        let Some(local) = self.local_average else {
            return Ok(self.average);
        };
        let (least, most) = (scale(local, 60, 100)?, scale(local, 3, 1)?);
        Ok(self.average.clamp(least, most))
    }

    fn open(self) -> Vec<(String, String)> {
        match self.local_average {
            Some(_) => Vec::new(),
            None => vec![(
                "未提供当地职工平均工资，60%至300%的上下限未核对".to_owned(),
                "the local average wage was not given: the bounds of 60 and 300 per cent were not checked"
                    .to_owned(),
            )],
        }
    }

    fn inputs(self, grade: Grade) -> Vec<super::Input> {
        let mut inputs = vec![
            input("伤残等级", "degree of disability", grade.get()),
            input("本人月平均工资", "own average monthly wage", self.average),
        ];
        if let Some(local) = self.local_average {
            inputs.push(input("当地职工平均工资", "local average wage", local));
        }
        inputs
    }
}

/// The one-off disability subsidy (一次性伤残补助金).
///
/// # Errors
/// [`MoneyError::TooLarge`].
pub fn one_off(grade: Grade, wage: OwnWage) -> Result<Amount, MoneyError> {
    let months = ONE_OFF.get(grade.index()).copied();
    let months = months.ok_or(MoneyError::Grade)?;
    let base = wage.counted()?;
    let fen = scale(base, months, 1)?;
    let mut open = wage.open();
    if grade.get() >= 5 {
        open.push((
            "解除或者终止劳动关系时的一次性工伤医疗补助金、伤残就业补助金按省级标准另计".to_owned(),
            "the medical and re-employment subsidies at the end of the employment follow provincial rates and are not in the sum"
                .to_owned(),
        ));
    }
    Ok(Amount {
        fen,
        zh: format!("一次性伤残补助金={base}×{months}个月={fen}元"),
        en: format!("one-off disability subsidy = {base} × {months} months = {fen} yuan"),
        inputs: wage.inputs(grade),
        sources: vec![
            cite(Law::Injury, grade.article()),
            cite(Law::Injury, "64(2)"),
        ],
        open,
    })
}

/// The monthly disability allowance (伤残津贴) of degrees 1 to 6, not under the
/// local minimum wage; of 5 and 6 only where no suitable work can be given.
///
/// # Errors
/// [`MoneyError::Range`] for degrees 7 to 10, [`MoneyError::TooLarge`].
pub fn monthly_allowance(
    grade: Grade,
    wage: OwnWage,
    minimum: Option<Fen>,
) -> Result<Amount, MoneyError> {
    let percent = ALLOWANCE.get(grade.index()).copied();
    let percent = percent.ok_or(MoneyError::Range {
        what: "the degree of disability for an allowance",
        least: 1,
        most: 6,
    })?;
    let base = wage.counted()?;
    let share = scale(base, percent, 100)?;
    let fen = minimum.map_or(share, |least| least.max(share));
    let raised = fen != share;
    let mut open = wage.open();
    let mut inputs = wage.inputs(grade);
    match minimum {
        Some(least) => inputs.push(input("当地最低工资", "local minimum wage", least)),
        None => open.push((
            "未提供当地最低工资，补足差额未核对".to_owned(),
            "the local minimum wage was not given: whether it is to be made up was not checked"
                .to_owned(),
        )),
    }
    if matches!(grade.get(), 5 | 6) {
        open.push((
            "仅在用人单位难以安排适当工作时支付".to_owned(),
            "only where the employer cannot give suitable work".to_owned(),
        ));
    }
    let (floor_zh, floor_en) = match raised {
        true => (
            format!("，低于最低工资，补足至{fen}元"),
            format!(", under the minimum wage: made up to {fen} yuan"),
        ),
        false => Default::default(),
    };
    Ok(Amount {
        fen,
        zh: format!("每月伤残津贴={base}×{percent}%={share}元{floor_zh}"),
        en: format!("monthly allowance = {base} × {percent} % = {share} yuan{floor_en}"),
        inputs,
        sources: vec![
            cite(Law::Injury, grade.article()),
            cite(Law::Injury, "64(2)"),
        ],
        open,
    })
}

/// How much a person cannot do alone (生活自理障碍).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// Nothing: 50 %.
    Complete,
    /// Most: 40 %.
    Most,
    /// A part: 30 %.
    Part,
}

/// The monthly care allowance, of the local average wage (Art. 34).
///
/// # Errors
/// [`MoneyError::TooLarge`].
pub fn care(care: Care, local_average: Fen) -> Result<Amount, MoneyError> {
    let percent = match care {
        Care::Complete => 50,
        Care::Most => 40,
        Care::Part => 30,
    };
    let fen = scale(local_average, percent, 100)?;
    Ok(Amount {
        fen,
        zh: format!("每月生活护理费={local_average}×{percent}%={fen}元"),
        en: format!("monthly care allowance = {local_average} × {percent} % = {fen} yuan"),
        inputs: vec![input(
            "统筹地区上年度职工月平均工资",
            "local average wage of the year before",
            local_average,
        )],
        sources: vec![cite(Law::Injury, "34")],
        open: Vec::new(),
    })
}

/// Pay while treated (停工留薪): the former wage, at most 12 months, 24 where the
/// committee has confirmed it (Art. 33).
///
/// # Errors
/// [`MoneyError::Range`], [`MoneyError::TooLarge`].
pub fn paid_leave(wage: Fen, months: u32, confirmed: bool) -> Result<Amount, MoneyError> {
    let most = if confirmed { 24 } else { 12 };
    if months > most {
        return Err(MoneyError::Range {
            what: "months of paid leave",
            least: 0,
            most,
        });
    }
    let fen = scale(wage, u64::from(months), 1)?;
    Ok(Amount {
        fen,
        zh: format!("停工留薪期工资={wage}×{months}个月={fen}元"),
        en: format!("pay while treated = {wage} × {months} months = {fen} yuan"),
        inputs: vec![
            input("原工资福利待遇（月）", "former monthly wage", wage),
            input("月数", "months", months),
        ],
        sources: vec![cite(Law::Injury, "33")],
        open: Vec::new(),
    })
}

/// One of the two subsidies at the end of the employment, of degrees 5 to 10:
/// each is the province's months of its average wage. The medical one is paid
/// by the fund, the re-employment one by the employer (Art. 36(2), 37(2)).
///
/// # Errors
/// [`MoneyError::Range`] for degrees 1 to 4, [`MoneyError::TooLarge`].
pub fn at_end(
    grade: Grade,
    subsidy: &Subsidy,
    provincial_average: Fen,
) -> Result<Amount, MoneyError> {
    let months = usize::from(grade.get()).checked_sub(5);
    let months = months.and_then(|at| subsidy.months.get(at)).copied();
    let months = months.ok_or(MoneyError::Range {
        what: "the degree of disability for a subsidy at the end",
        least: 5,
        most: 10,
    })?;
    let fen = scale(provincial_average, u64::from(months), 1)?;
    Ok(Amount {
        fen,
        zh: format!(
            "一次性工伤医疗补助金、伤残就业补助金各={provincial_average}×{months}个月={fen}元"
        ),
        en: format!(
            "medical subsidy and re-employment subsidy, each = {provincial_average} × {months} months = {fen} yuan"
        ),
        inputs: vec![
            input("伤残等级", "degree of disability", grade.get()),
            input(
                "全省上年度职工月平均工资",
                "provincial average wage of the year before",
                provincial_average,
            ),
            input("省级标准", "provincial rule", &subsidy.source),
        ],
        sources: vec![cite(Law::Injury, grade.article())],
        open: vec![(
            "省级标准的条文须核对".to_owned(),
            "the provincial rule is to be confirmed".to_owned(),
        )],
    })
}

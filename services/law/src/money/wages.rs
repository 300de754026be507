//! Wages in arrears, the shortfall against the minimum wage, and what is added
//! where an order to pay is not obeyed.

use super::amount::{Amount, Law, MoneyError, cite, input, scale, sum};
use crate::codes::Fen;

/// One month of wages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Month {
    /// Which ("2026-03").
    pub period: String,
    /// What was to be paid.
    pub owed: Fen,
    /// What was paid.
    pub paid: Fen,
}

/// Wages in arrears (劳动合同法 Art. 30). Where a local minimum wage is given, a
/// month that was agreed below it counts as owed at the minimum (Art. 85(2)):
/// for full months of normal work only.
///
/// # Errors
/// [`MoneyError::Overpaid`], [`MoneyError::TooLarge`].
pub fn arrears(months: &[Month], minimum: Option<Fen>) -> Result<Amount, MoneyError> {
    let mut parts = Vec::new();
    let mut told = Vec::new();
    let mut inputs = Vec::new();
    let mut raised = false;
    for month in months {
        let owed = minimum.map_or(month.owed, |least| least.max(month.owed));
        raised |= owed != month.owed;
        let left = owed.get() - month.paid.get();
        let left = Fen::new(left).map_err(|_| MoneyError::Overpaid {
            period: month.period.clone(),
        })?;
        parts.push(left);
        told.push(format!("({owed}-{})", month.paid));
        inputs.push(input("应付月份", "month owed", &month.period));
        inputs.push(input("应发工资", "wage owed", month.owed));
        inputs.push(input("已发工资", "wage paid", month.paid));
    }
    let fen = sum(parts)?;
    let formula = match told.is_empty() {
        true => "0.00".to_owned(),
        false => told.join("+"),
    };
    let mut sources = vec![cite(Law::Contract, "30(1)")];
    if raised {
        sources.push(cite(Law::Contract, "85"));
    }
    if let Some(minimum) = minimum {
        inputs.push(input(
            "当地月最低工资",
            "local monthly minimum wage",
            minimum,
        ));
    }
    Ok(Amount {
        fen,
        zh: format!("拖欠工资={formula}={fen}元"),
        en: format!("arrears = {formula} = {fen} yuan"),
        inputs,
        sources,
        open: Vec::new(),
    })
}

/// What is added where the administration ordered payment and the employer did
/// not obey: 50 to 100 per cent of what was to be paid (劳动合同法 Art. 85).
///
/// # Errors
/// [`MoneyError::Range`] for another rate, [`MoneyError::TooLarge`].
pub fn addition(unpaid: Fen, percent: u32) -> Result<Amount, MoneyError> {
    if !(50..=100).contains(&percent) {
        return Err(MoneyError::Range {
            what: "the rate in per cent",
            least: 50,
            most: 100,
        });
    }
    let fen = scale(unpaid, u64::from(percent), 100)?;
    Ok(Amount {
        fen,
        zh: format!("加付赔偿金={unpaid}×{percent}%={fen}元"),
        en: format!("addition = {unpaid} × {percent} % = {fen} yuan"),
        inputs: vec![
            input("逾期未付金额", "sum not paid by the order's term", unpaid),
            input("比例（%）", "rate (%)", percent),
        ],
        sources: vec![cite(Law::Contract, "85")],
        open: vec![(
            "须先经劳动行政部门责令限期支付而逾期不支付".to_owned(),
            "only after the administration ordered payment and its term passed".to_owned(),
        )],
    })
}

/// Whether an award on these sums is final (一裁终局): each at most twelve local
/// monthly minimum wages (劳动争议调解仲裁法 Art. 47(1); SPC Interpretation (I)
/// Art. 19). Of wages, medical costs of an injury, compensation only.
///
/// # Errors
/// [`MoneyError::TooLarge`].
pub fn is_final_award(items: &[Fen], minimum: Fen) -> Result<bool, MoneyError> {
    let most = scale(minimum, 12, 1)?;
    Ok(items.iter().all(|item| *item <= most))
}

/// The articles that [`is_final_award`] rests on.
#[must_use]
pub fn final_award_sources() -> Vec<crate::citation::Citation> {
    vec![
        cite(Law::Arbitration, "47"),
        cite(Law::Interpretation, "19"),
    ]
}

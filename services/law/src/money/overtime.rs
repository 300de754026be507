//! Overtime: 150 % on working days, 200 % on rest days without time off in
//! lieu, 300 % on public holidays (劳动法 Art. 44).

use super::amount::{Amount, Law, MoneyError, cite, input, scale, sum};
use crate::codes::Fen;

/// Paid days of a month, times a hundred: (365 − 104) ÷ 12 = 21.75.
const PAID_DAYS_X100: u64 = 2175;
const HOURS_A_DAY: u64 = 8;

/// Minutes of work beyond the normal hours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overtime {
    /// On working days.
    pub workdays: u32,
    /// On rest days for which no time off was given.
    pub rest_days: u32,
    /// On public holidays (法定休假日), not on days that only bridge them.
    pub holidays: u32,
}

/// Overtime pay from the monthly wage for normal hours: hourly wage =
/// monthly ÷ (21.75 × 8). Each kind of day is rounded for itself.
///
/// # Errors
/// [`MoneyError::TooLarge`].
pub fn overtime(monthly: Fen, minutes: Overtime) -> Result<Amount, MoneyError> {
    let kinds = [
        (minutes.workdays, 150, "工作日", "working days"),
        (minutes.rest_days, 200, "休息日", "rest days"),
        (minutes.holidays, 300, "法定休假日", "public holidays"),
    ];
    let mut parts = Vec::new();
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    let mut inputs = vec![input(
        "正常工作时间月工资",
        "monthly wage for normal hours",
        monthly,
    )];
    for (minutes, percent, name_zh, name_en) in kinds {
        if minutes == 0 {
            continue;
        }
        // monthly ÷ 21.75 ÷ 8 ÷ 60 × minutes × percent; the hundredths of the
        // days and of the rate cancel out.
        let part = scale(
            monthly,
            u64::from(minutes) * percent,
            PAID_DAYS_X100 * HOURS_A_DAY * 60,
        )?;
        parts.push(part);
        let hours = hours(minutes);
        zh.push(format!(
            "{name_zh}{monthly}÷21.75÷8×{hours}小时×{percent}%={part}元"
        ));
        en.push(format!(
            "{name_en}: {monthly} ÷ 21.75 ÷ 8 × {hours} h × {percent} % = {part}"
        ));
        inputs.push(input(
            match percent {
                150 => "工作日延长（小时）",
                200 => "休息日加班（小时）",
                _ => "法定休假日加班（小时）",
            },
            match percent {
                150 => "hours on working days",
                200 => "hours on rest days",
                _ => "hours on public holidays",
            },
            hours,
        ));
    }
    let fen = sum(parts)?;
    let mut open = Vec::new();
    if minutes.rest_days > 0 {
        open.push((
            "休息日加班已安排补休的，不计".to_owned(),
            "rest days for which time off was given do not count".to_owned(),
        ));
    }
    Ok(Amount {
        fen,
        zh: format!("加班工资：{}；合计{fen}元", zh.join("；")),
        en: format!("overtime: {}; together {fen} yuan", en.join("; ")),
        inputs,
        sources: vec![
            cite(Law::Labour, "44"),
            cite(Law::Contract, "31"),
            // Its part 2 has the 21.75 paid days.
            cite(Law::Conversion, ""),
        ],
        open,
    })
}

/// Hours, and minutes as a fraction: "10+30/60".
fn hours(minutes: u32) -> String {
    let (hours, rest) = (minutes / 60, minutes % 60);
    match rest {
        0 => hours.to_string(),
        _ => format!("({hours}+{rest}/60)"),
    }
}

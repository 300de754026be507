//! Causes of action (案由) for labour disputes, from the Supreme People's
//! Court's list: the number of a cause changed when the list did.
//!
//! Sources: 民事案件案由规定 as amended in 2020 (in force 2021-01-01) and by
//! 法〔2025〕226号 (in force 2026-01-01). The annexes themselves were not at hand:
//! numbers are to be confirmed before a document relies on them.

use chrono::NaiveDate;

use super::list::{Code, CodeError, code, find};

/// Where a cause stands in an edition of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    /// Of the third level ("205").
    pub third: u16,
    /// Of the fourth level ("5"); none for a cause of the third.
    pub fourth: Option<u8>,
}

/// A cause of action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    name: &'static Code,
    old: Option<Number>,
    new: Number,
}

/// Codes and names; [`NUMBERS`] is in the same order.
const NAMES: [Code; 24] = [
    code("labour_contract", "劳动合同纠纷", "labour contract"),
    code(
        "confirm_employment_relation",
        "确认劳动关系纠纷",
        "whether there is an employment",
    ),
    code("collective_contract", "集体合同纠纷", "collective contract"),
    code("labour_dispatch", "劳务派遣合同纠纷", "labour dispatch"),
    code("part_time_work", "非全日制用工纠纷", "part-time work"),
    code("remuneration", "追索劳动报酬纠纷", "wages"),
    code("severance", "经济补偿金纠纷", "severance"),
    code("non_compete", "竞业限制纠纷", "duty not to compete"),
    code("social_insurance", "社会保险纠纷", "social insurance"),
    code("pension_benefits", "养老保险待遇纠纷", "old-age benefits"),
    code(
        "work_injury_benefits",
        "工伤保险待遇纠纷",
        "work-injury benefits",
    ),
    code("medical_benefits", "医疗保险待遇纠纷", "medical benefits"),
    code(
        "maternity_benefits",
        "生育保险待遇纠纷",
        "maternity benefits",
    ),
    code(
        "unemployment_benefits",
        "失业保险待遇纠纷",
        "unemployment benefits",
    ),
    code("welfare", "福利待遇纠纷", "welfare benefits"),
    code(
        "over_age_work",
        "超龄劳动者用工纠纷",
        "work beyond retirement age",
    ),
    code(
        "contractor_liability",
        "承包人、被挂靠人用工主体责任纠纷",
        "liability of contractor and licensee",
    ),
    code(
        "personnel_employment",
        "聘用合同纠纷",
        "public-institution employment",
    ),
    code(
        "personnel_appointment",
        "聘任合同纠纷",
        "appointment contract",
    ),
    code("resignation", "辞职纠纷", "resignation"),
    code("dismissal", "辞退纠纷", "dismissal"),
    code(
        "new_employment_contract",
        "新就业形态用工合同纠纷",
        "new forms of employment: contract",
    ),
    code(
        "new_employment_insurance",
        "新就业形态社会保险纠纷",
        "new forms of employment: insurance",
    ),
    code(
        "occupational_harm",
        "新就业形态职业伤害保障纠纷",
        "new forms of employment: occupational harm",
    ),
];

/// The number of 2020 and of 2025.
const NUMBERS: [(Option<Number>, Number); 24] = [
    both(186, 205, None),
    both(186, 205, Some(1)),
    both(186, 205, Some(2)),
    both(186, 205, Some(3)),
    both(186, 205, Some(4)),
    both(186, 205, Some(5)),
    both(186, 205, Some(6)),
    both(186, 205, Some(7)),
    both(187, 206, None),
    both(187, 206, Some(1)),
    both(187, 206, Some(2)),
    both(187, 206, Some(3)),
    both(187, 206, Some(4)),
    both(187, 206, Some(5)),
    both(188, 207, None),
    since_2026(208),
    since_2026(209),
    both(189, 210, None),
    both(190, 211, None),
    both(191, 212, None),
    both(192, 213, None),
    since_2026(214),
    since_2026(215),
    since_2026(216),
];

static LIST: &[Code] = &NAMES;

const fn both(old: u16, new: u16, fourth: Option<u8>) -> (Option<Number>, Number) {
    let old = Number { third: old, fourth };
    let new = Number { third: new, fourth };
    (Some(old), new)
}

const fn since_2026(third: u16) -> (Option<Number>, Number) {
    let fourth = None;
    (None, Number { third, fourth })
}

/// Since when the list of 2025 rules, and that of 2020.
fn editions() -> (Option<NaiveDate>, Option<NaiveDate>) {
    (
        NaiveDate::from_ymd_opt(2026, 1, 1),
        NaiveDate::from_ymd_opt(2021, 1, 1),
    )
}

impl Cause {
    /// Reads a code.
    ///
    /// # Errors
    /// [`CodeError`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        let name = find(LIST, text)?;
        let known = Self::all().find(|cause| cause.name.code == name.code);
        known.ok_or(CodeError::Unknown { nearest: None })
    }

    /// Every cause, in the order of the list.
    pub fn all() -> impl Iterator<Item = Self> {
        let numbered = LIST.iter().zip(NUMBERS);
        numbered.map(|(name, (old, new))| Self { name, old, new })
    }

    /// Its code and names.
    #[must_use]
    pub fn name(self) -> &'static Code {
        self.name
    }

    /// Its number in the list in force on a day; none where that has it not.
    #[must_use]
    pub fn number(self, on: NaiveDate) -> Option<Number> {
        let (new, old) = editions();
        if new.is_some_and(|new| on >= new) {
            return Some(self.new);
        }
        self.old.filter(|_| old.is_some_and(|old| on >= old))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Cause, CodeError, LIST, NAMES, NUMBERS};

    #[test]
    fn a_cause_has_the_number_of_its_time() {
        let number = |code: &str, on: &str| {
            let number = Cause::parse(code).unwrap().number(on.parse().unwrap())?;
            Some((number.third, number.fourth))
        };
        assert_eq!(number("remuneration", "2025-12-31"), Some((186, Some(5))));
        assert_eq!(number("remuneration", "2026-01-01"), Some((205, Some(5))));
        assert_eq!(number("remuneration", "2020-12-31"), None);
        assert_eq!(number("over_age_work", "2025-12-31"), None);
        assert_eq!(number("over_age_work", "2026-01-01"), Some((208, None)));
    }

    #[test]
    fn names_and_numbers_are_one_list_without_doubles() {
        assert_eq!(NAMES.len(), NUMBERS.len());
        for (at, code) in LIST.iter().enumerate() {
            assert!(LIST[..at].iter().all(|other| other.code != code.code));
            assert!(code.zh.ends_with("纠纷"));
            assert_eq!(Cause::parse(code.code).unwrap().name(), code);
        }
        assert_eq!(
            Cause::parse("remunerations"),
            Err(CodeError::Unknown {
                nearest: Some("remuneration")
            })
        );
    }
}

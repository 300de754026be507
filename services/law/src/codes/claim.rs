//! Kinds of claims, as the published cases and the registration of a case use
//! them, and which way each may go.

use super::list::{Code, CodeError, code, find};

/// A kind of claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimKind(&'static Code);

static LIST: &[Code] = &[
    code("unpaid_wages", "拖欠工资", "unpaid wages"),
    code("overtime_pay", "加班费", "overtime pay"),
    code(
        "minimum_wage_difference",
        "低于最低工资的差额",
        "shortfall against the minimum wage",
    ),
    code(
        "double_wage",
        "未签书面劳动合同二倍工资",
        "second wage for want of a written contract",
    ),
    code("severance", "经济补偿", "severance"),
    code(
        "unlawful_termination_compensation",
        "违法解除或者终止赔偿金",
        "compensation for unlawful termination",
    ),
    code("pay_in_lieu_of_notice", "代通知金", "pay in lieu of notice"),
    code(
        "annual_leave_pay",
        "未休年休假工资",
        "pay for annual leave not taken",
    ),
    code("wages_paid_before", "此前已付工资争议", "wages paid before"),
    code(
        "work_injury_recognition",
        "工伤认定",
        "recognition of a work injury",
    ),
    code(
        "work_injury_benefits",
        "工伤保险待遇",
        "work-injury benefits",
    ),
    code(
        "occupational_disease_benefits",
        "职业病待遇",
        "occupational-disease benefits",
    ),
    code(
        "death_benefits",
        "工亡待遇",
        "benefits after a death at work",
    ),
    code("medical_costs", "医疗费", "medical costs"),
    code("social_insurance", "社会保险", "social insurance"),
    code(
        "confirm_employment_relation",
        "确认劳动关系",
        "that there is an employment",
    ),
    code("contract_signing", "签订书面劳动合同", "a written contract"),
    code("reinstatement", "继续履行劳动合同", "reinstatement"),
    code(
        "termination_certificate",
        "离职证明、档案和社保转移",
        "certificate and transfer of papers",
    ),
    code(
        "deposit_return",
        "返还押金、证件",
        "return of deposits and papers",
    ),
    code("non_compete", "竞业限制", "duty not to compete"),
    code(
        "female_worker_protection",
        "女职工特殊保护",
        "protection of women workers",
    ),
    code(
        "child_labour",
        "童工、未成年工保护",
        "child and young workers",
    ),
    code(
        "collective_contract",
        "履行集体合同",
        "performance of a collective contract",
    ),
    code("tort_damages", "人身损害赔偿", "damages in tort"),
    code("other", "其他", "other"),
    code("not_published", "未公布", "not published"),
];

impl ClaimKind {
    /// Reads a code.
    ///
    /// # Errors
    /// [`CodeError`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        find(LIST, text).map(Self)
    }

    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        LIST.iter().map(Self)
    }

    /// Its code and names.
    #[must_use]
    pub fn name(self) -> &'static Code {
        self.0
    }

    /// Whether labour inspection examines it (劳动保障监察条例 Art. 11, 26;
    /// 劳动合同法 Art. 85).
    #[must_use]
    pub fn is_for_inspection(self) -> bool {
        matches!(
            self.0.code,
            "unpaid_wages"
                | "overtime_pay"
                | "minimum_wage_difference"
                | "double_wage"
                | "severance"
                | "annual_leave_pay"
                | "social_insurance"
                | "contract_signing"
                | "termination_certificate"
                | "deposit_return"
                | "female_worker_protection"
                | "child_labour"
        )
    }

    /// Whether an award on it is final up to twelve minimum wages
    /// (劳动争议调解仲裁法 Art. 47(1)).
    #[must_use]
    pub fn is_final_if_small(self) -> bool {
        matches!(
            self.0.code,
            "unpaid_wages"
                | "overtime_pay"
                | "minimum_wage_difference"
                | "double_wage"
                | "severance"
                | "unlawful_termination_compensation"
                | "pay_in_lieu_of_notice"
                | "medical_costs"
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{ClaimKind, CodeError, LIST};

    #[test]
    fn each_kind_reads_as_it_is_written_and_stands_once() {
        for (at, code) in LIST.iter().enumerate() {
            assert!(LIST[..at].iter().all(|other| other.code != code.code));
            assert_eq!(ClaimKind::parse(code.code).unwrap().name(), code);
        }
        let nearest = Some("unpaid_wages");
        assert_eq!(
            ClaimKind::parse("unpaid_wage"),
            Err(CodeError::Unknown { nearest })
        );
    }

    #[test]
    fn wages_go_every_way_and_reinstatement_none_of_them() {
        let kind = |code: &str| ClaimKind::parse(code).unwrap();
        assert!(kind("unpaid_wages").is_for_inspection());
        assert!(kind("unpaid_wages").is_final_if_small());
        assert!(!kind("reinstatement").is_for_inspection());
        assert!(!kind("reinstatement").is_final_if_small());
    }
}

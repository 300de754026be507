//! Result codes: how a case, a procedure or a step of it ended, as the agencies'
//! services and the published cases write them.

use super::list::{Code, CodeError, code, find};

/// A result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResultCode(&'static Code);

static LIST: &[Code] = &[
    // Of a case.
    code("advice", "咨询答复", "advice given"),
    code("performed", "已履行", "performed"),
    code("paid_in_full", "全部付清", "paid in full"),
    code("partly_paid", "部分支付", "partly paid"),
    code("settled", "和解", "settled"),
    code("settled_instalments", "分期和解", "settled in instalments"),
    code("partly_resolved", "部分解决", "partly resolved"),
    code("rectified", "已整改", "put right"),
    code("withdrawn", "撤回", "withdrawn"),
    code("lapsed", "逾期", "out of time"),
    code("merged", "并案", "merged"),
    code(
        "assigned_to_union",
        "债权让渡工会",
        "claim assigned to the union",
    ),
    code(
        "pending_at_publication",
        "公布时未结",
        "pending when published",
    ),
    code("not_performed", "未履行", "not performed"),
    code("failed", "未成", "failed"),
    code("postponed", "延期", "postponed"),
    // Of arbitration and court.
    code("awarded", "裁决", "awarded"),
    code("mediated", "调解结案", "mediated"),
    code("final", "终局裁决", "final award"),
    code("non_final", "非终局裁决", "award that is not final"),
    code("refused_may_sue", "不予受理，可以起诉", "refused, may sue"),
    code("for_worker", "支持劳动者", "for the worker"),
    code(
        "partly_for_worker",
        "部分支持劳动者",
        "partly for the worker",
    ),
    code("against_worker", "不支持劳动者", "against the worker"),
    code("dismissed", "驳回", "dismissed"),
    code("remanded", "发回重审", "remanded"),
    code("annulled", "撤销", "annulled"),
    code("relation_confirmed", "确认劳动关系", "employment confirmed"),
    code("confirmed", "司法确认", "confirmed"),
    code("rejected", "驳回申请", "rejected"),
    code("issued", "发出支付令", "payment order issued"),
    code("payment_order_issued", "已发支付令", "payment order issued"),
    code("objected", "提出异议", "objected to"),
    code(
        "round_terminated",
        "终结本次执行",
        "this round of enforcement ended",
    ),
    code("unable_to_pay", "无财产可供执行", "unable to pay"),
    code("lifted", "解除保全", "preservation lifted"),
    // Of the administration.
    code("ordered", "责令改正", "ordered to put right"),
    code("complied", "已改正", "complied"),
    code("penalised", "处罚", "penalised"),
    code("transferred", "移送", "transferred"),
    code("accepted", "受理", "accepted"),
    code("not_accepted", "不予受理", "not accepted"),
    code("refused", "不予支持", "refused"),
    code("recognised", "认定工伤", "recognised"),
    code("denied", "不予认定", "denied"),
    code("decision_annulled", "决定被撤销", "decision annulled"),
    code("appraised", "作出鉴定", "appraised"),
    code("reappraised", "再次鉴定", "appraised again"),
    // Of the procuratorate and criminal courts.
    code("supported", "支持起诉", "supported"),
    code("protested", "抗诉", "protested"),
    code("not_prosecuted", "不起诉", "not prosecuted"),
    code(
        "non_prosecution_after_payment",
        "付清后不起诉",
        "not prosecuted after payment",
    ),
    code("criminal_conviction", "刑事定罪", "convicted"),
    code("as_published", "如公布", "as published"),
    code("not_published", "未公布", "not published"),
    code("unknown", "不详", "not known"),
    code("other", "其他", "other"),
];

impl ResultCode {
    /// Reads a code.
    ///
    /// # Errors
    /// [`CodeError`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        find(LIST, text).map(Self)
    }

    /// Every result.
    pub fn all() -> impl Iterator<Item = Self> {
        LIST.iter().map(Self)
    }

    /// Its code and names.
    #[must_use]
    pub fn name(self) -> &'static Code {
        self.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{LIST, ResultCode};

    #[test]
    fn each_result_reads_as_it_is_written_and_stands_once() {
        for (at, code) in LIST.iter().enumerate() {
            assert!(
                LIST[..at].iter().all(|other| other.code != code.code),
                "{}",
                code.code
            );
            assert_eq!(ResultCode::parse(code.code).unwrap().name(), code);
        }
    }
}

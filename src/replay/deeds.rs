//! Which method does which published act, as a table. What is not here becomes
//! a timeline entry of the kind it is.

use proto::v1::AgencyKind;

/// How an act is done through an agency's own service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deed {
    /// Kinds of agency in the source's words.
    kinds: &'static [&'static str],
    /// The act's code.
    act: &'static str,
    /// The method, `Service/Method`.
    pub(crate) method: &'static str,
    /// Fields of its request beside case, date and sum, as JSON.
    pub(crate) fields: &'static str,
    /// Whether the request takes a sum.
    pub(crate) sum: bool,
    /// How to open the file where the course begins in the middle: the method,
    /// and its fields with the state at which the proceeding stood.
    pub(crate) under_way: Option<(&'static str, &'static str)>,
}

const COURT: &[&str] = &["court"];
const UNION: &[&str] = &["union"];
const BUREAU: &[&str] = &["labour_inspection", "hrss"];
const ARBITRATION: &[&str] = &["labour_arbitration"];
const INJURY: &[&str] = &["hrss", "labour_inspection"];
const PROSECUTION: &[&str] = &["procuratorate"];
const FIRM: &[&str] = &["law_firm"];

const CIVIL: &str =
    r#"{"kind":"COURT_KIND_CIVIL_SUIT","plaintiff":"LITIGANT_WORKER","underWayAt":"filed"}"#;
const ADMINISTRATIVE: &str = r#"{"kind":"COURT_KIND_ADMINISTRATIVE_SUIT","underWayAt":"filed"}"#;

macro_rules! suit_at {
    ($kind:literal, $state:literal) => {
        Some((
            "JudiciaryService/FileSuit",
            concat!(
                r#"{"kind":"COURT_KIND_"#,
                $kind,
                r#"","underWayAt":""#,
                $state,
                r#""}"#
            ),
        ))
    };
}

macro_rules! union_at {
    ($state:literal) => {
        Some((
            "UnionService/OpenIntake",
            concat!(r#"{"underWayAt":""#, $state, r#""}"#),
        ))
    };
}

macro_rules! labour_at {
    ($opener:literal, $state:literal) => {
        Some((
            concat!("LabourBureauService/", $opener),
            concat!(r#"{"underWayAt":""#, $state, r#""}"#),
        ))
    };
}

macro_rules! deeds {
    ($($kinds:ident $act:literal => $method:literal $fields:expr, $sum:literal, $under_way:expr;)*) => {
        &[$(Deed {
            kinds: $kinds,
            act: $act,
            method: $method,
            fields: $fields,
            sum: $sum,
            under_way: $under_way,
        },)*]
    };
}

/// The table.
const DEEDS: &[Deed] = deeds! {
    UNION "union_intake" => "UnionService/OpenIntake" "{}", false, None;
    UNION "mediation" => "UnionService/HoldMediationSession" "{}", false, union_at!("mediating");
    UNION "mediation_agreement" => "UnionService/RecordMediationAgreement" r#"{"terms":"as published","signedByBoth":true,"signedByMediator":true,"sealed":true}"#, true, union_at!("mediating");
    UNION "union_written_appeal" => "UnionService/RecordUrgentAppeal" r#"{"addressee":"as published","subject":"as published"}"#, false, union_at!("handling");
    UNION "payment" => "UnionService/RecordPerformance" "{}", true, union_at!("agreed");

    FIRM "consultation" => "LawFirmService/RecordConsultation" "{}", false, None;
    FIRM "negotiation" => "LawFirmService/RecordCounselAct" r#"{"kind":"COUNSEL_ACT_KIND_NEGOTIATION"}"#, false, None;
    FIRM "representation" => "LawFirmService/RecordCounselAct" r#"{"kind":"COUNSEL_ACT_KIND_REPRESENTATION"}"#, false, None;

    ARBITRATION "arbitration_application" => "LabourBureauService/ReceiveArbitrationApplication" "{}", false, None;
    ARBITRATION "arbitration_acceptance" => "LabourBureauService/AcceptArbitration" "{}", false, labour_at!("ReceiveArbitrationApplication", "received");
    ARBITRATION "arbitration_non_acceptance" => "LabourBureauService/RefuseArbitration" r#"{"reason":"not_published"}"#, false, labour_at!("ReceiveArbitrationApplication", "received");
    ARBITRATION "hearing" => "LabourBureauService/HoldArbitrationHearing" "{}", false, labour_at!("ReceiveArbitrationApplication", "constituted");
    ARBITRATION "award" => "LabourBureauService/IssueAward" "{}", false, labour_at!("ReceiveArbitrationApplication", "heard");

    BUREAU "labour_inspection_complaint" => "LabourBureauService/ReceiveComplaint" "{}", false, None;
    BUREAU "labour_inspection_order" => "LabourBureauService/IssueCorrectionOrder" "{}", true, labour_at!("ReceiveComplaint", "investigating");
    BUREAU "payment" => "LabourBureauService/RecordCompliance" "{}", true, labour_at!("ReceiveComplaint", "ordered");
    INJURY "work_injury_application" => "LabourBureauService/ReceiveInjuryApplication" "{}", false, None;
    INJURY "work_injury_recognition" => "LabourBureauService/DecideInjury" r#"{"recognised":true}"#, false, labour_at!("ReceiveInjuryApplication", "received");
    INJURY "work_injury_denied" => "LabourBureauService/DecideInjury" r#"{"recognised":false}"#, false, labour_at!("ReceiveInjuryApplication", "received");
    INJURY "work_injury_not_accepted" => "LabourBureauService/RefuseInjuryApplication" r#"{"reason":"not_published"}"#, false, labour_at!("ReceiveInjuryApplication", "received");
    INJURY "work_injury_suspended" => "LabourBureauService/SuspendInjury" r#"{"reason":"not_published"}"#, false, labour_at!("ReceiveInjuryApplication", "received");

    COURT "suit_filed" => "JudiciaryService/FileSuit" CIVIL, true, None;
    COURT "admin_suit_filed" => "JudiciaryService/FileSuit" ADMINISTRATIVE, false, None;
    COURT "suit_dismissed" => "JudiciaryService/RefuseSuit" "{}", false, suit_at!("CIVIL_SUIT", "filed");
    COURT "hearing" => "JudiciaryService/HoldHearing" "{}", false, suit_at!("CIVIL_SUIT", "docketed");
    COURT "first_instance_judgment" => "JudiciaryService/RenderJudgment" r#"{"resultCode":"as_published"}"#, true, suit_at!("CIVIL_SUIT", "docketed");
    COURT "admin_first_instance_judgment" => "JudiciaryService/RenderJudgment" r#"{"resultCode":"as_published"}"#, false, suit_at!("ADMINISTRATIVE_SUIT", "docketed");
    COURT "appeal" => "JudiciaryService/FileAppeal" "{}", false, suit_at!("CIVIL_SUIT", "first_instance_judged");
    COURT "second_instance_judgment" => "JudiciaryService/RenderJudgment" r#"{"resultCode":"as_published"}"#, true, suit_at!("CIVIL_SUIT", "appealed");
    COURT "admin_second_instance_judgment" => "JudiciaryService/RenderJudgment" r#"{"resultCode":"as_published"}"#, false, suit_at!("ADMINISTRATIVE_SUIT", "appealed");
    COURT "mediation_agreement" => "JudiciaryService/RecordCourtMediation" "{}", true, suit_at!("CIVIL_SUIT", "docketed");
    COURT "settlement" => "JudiciaryService/RecordCourtSettlement" "{}", true, suit_at!("CIVIL_SUIT", "docketed");
    COURT "retrial_application" => "JudiciaryService/ApplyRetrial" "{}", false, suit_at!("CIVIL_SUIT", "effective");
    COURT "retrial_ordered" => "JudiciaryService/OrderRetrial" "{}", false, suit_at!("CIVIL_SUIT", "retrial_requested");
    COURT "judicial_confirmation_application" => "JudiciaryService/ApplyConfirmation" r#"{"appliedByBoth":true}"#, true, None;
    COURT "judicial_confirmation" => "JudiciaryService/ConfirmAgreement" "{}", true, Some(("JudiciaryService/ApplyConfirmation", r#"{"underWayAt":"confirmation_applied","appliedByBoth":true}"#));
    COURT "payment_order_application" => "JudiciaryService/ApplyPaymentOrder" r#"{"underWayAt":"payment_order_applied","basis":"PAYMENT_ORDER_BASIS_ARREARS"}"#, true, None;
    COURT "payment_order" => "JudiciaryService/IssuePaymentOrder" "{}", true, Some(("JudiciaryService/ApplyPaymentOrder", r#"{"underWayAt":"payment_order_applied","basis":"PAYMENT_ORDER_BASIS_ARREARS"}"#));
    COURT "enforcement_application" => "JudiciaryService/ApplyEnforcement" r#"{"instrument":"ENFORCEMENT_INSTRUMENT_JUDGMENT"}"#, true, None;
    COURT "enforcement" => "JudiciaryService/OpenEnforcement" "{}", false, Some(("JudiciaryService/ApplyEnforcement", r#"{"instrument":"ENFORCEMENT_INSTRUMENT_JUDGMENT","underWayAt":"enforcement_applied"}"#));
    COURT "payment" => "JudiciaryService/RecordEnforcedPayment" "{}", true, Some(("JudiciaryService/ApplyEnforcement", r#"{"instrument":"ENFORCEMENT_INSTRUMENT_JUDGMENT","underWayAt":"enforcing"}"#));

    PROSECUTION "procuratorate_support_application" => "JudiciaryService/ReceiveSupportApplication" "{}", false, None;
    PROSECUTION "procuratorate_support" => "JudiciaryService/SupportSuit" "{}", false, Some(("JudiciaryService/ReceiveSupportApplication", r#"{"underWayAt":"support_received"}"#));
    PROSECUTION "procuratorate_support_arbitration" => "JudiciaryService/SupportArbitration" "{}", false, Some(("JudiciaryService/ReceiveSupportApplication", r#"{"underWayAt":"support_received"}"#));
    PROSECUTION "investigation" => "JudiciaryService/RecordProcuratorateInvestigation" "{}", false, Some(("JudiciaryService/ReceiveSupportApplication", r#"{"underWayAt":"support_received"}"#));
    PROSECUTION "public_interest_case_filed" => "JudiciaryService/OpenPublicInterestCase" r#"{"subjectCode":"labour_rights"}"#, false, None;
    PROSECUTION "procuratorate_suggestion" => "JudiciaryService/IssueSuggestion" r#"{"addressee":"as published"}"#, false, Some(("JudiciaryService/OpenPublicInterestCase", r#"{"subjectCode":"labour_rights","underWayAt":"public_interest_opened"}"#));
    PROSECUTION "procuratorate_supervision_application" => "JudiciaryService/ReceiveSupervisionApplication" "{}", false, None;
    PROSECUTION "procuratorate_protest" => "JudiciaryService/LodgeProtest" "{}", false, Some(("JudiciaryService/ReceiveSupervisionApplication", r#"{"underWayAt":"supervision_received"}"#));
    PROSECUTION "non_prosecution" => "JudiciaryService/DecideNonProsecution" "{}", false, None;
    PROSECUTION "prosecution" => "JudiciaryService/Prosecute" "{}", false, None;
    PROSECUTION "settlement" => "JudiciaryService/RecordProcuratorateSettlement" "{}", true, Some(("JudiciaryService/ReceiveSupportApplication", r#"{"underWayAt":"support_received"}"#));
};

/// How an act is done, if an agency's service does it.
pub(crate) fn find(kind: &str, act: &str) -> Option<&'static Deed> {
    DEEDS
        .iter()
        .find(|deed| deed.act == act && deed.kinds.contains(&kind))
}

/// The agency of the default city that plays a kind of the source; none for
/// bodies outside the network.
pub(crate) fn player(kind: &str) -> Option<(&'static str, AgencyKind)> {
    Some(match kind {
        "union" => ("yiwu-union", AgencyKind::Union),
        "law_firm" => ("hongyi-law", AgencyKind::LawFirm),
        "labour_arbitration" | "labour_inspection" | "hrss" | "appraisal_committee" => {
            ("yiwu-labour", AgencyKind::LabourBureau)
        }
        "court" => ("yiwu-court", AgencyKind::Court),
        "procuratorate" => ("yiwu-procuratorate", AgencyKind::Procuratorate),
        "media" => ("yiwu-daily", AgencyKind::Media),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::DEEDS;

    /// A method that the contract does not have, or a field that it does not
    /// know, would turn every such act into a mere note.
    #[test]
    fn every_deed_is_a_method_of_the_contract_with_fields_it_knows() {
        let pool = prost_reflect::DescriptorPool::decode(proto::DESCRIPTOR_SET).unwrap();
        let check = |method: &str, fields: &str| {
            let (service, name) = method.split_once('/').unwrap();
            let service = pool
                .get_service_by_name(&format!("casenet.v1.{service}"))
                .unwrap();
            let method = service.methods().find(|m| m.name() == name);
            let input = method.unwrap_or_else(|| panic!("no {name}")).input();
            let mut json = serde_json::Deserializer::from_str(fields);
            prost_reflect::DynamicMessage::deserialize(input, &mut json)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        };
        for deed in DEEDS {
            check(deed.method, deed.fields);
            if let Some((method, fields)) = deed.under_way {
                check(method, fields);
            }
        }
    }
}

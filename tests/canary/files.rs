//! The agencies' own files of a planted case, each step by its own agency.

use proto::v1::Section as S;
use serde_json::json;

use super::marks::{Marks, part, whole};
use super::plant::{BUREAU, COURT, FIRM, HOUSE, Hand, PROCURATORATE, UNION};

pub async fn mediate(hand: &Hand<'_>, m: &mut Marks) {
    let file = whole(S::UnionFile);
    m.by(UNION);
    for (method, fields) in [
        ("OpenIntake", json!({"statement": m.text([file])})),
        (
            "AssignCaseworker",
            json!({"caseworkerName": m.text([file])}),
        ),
        (
            "RecordInvestigation",
            json!({"investigators": 2, "findings": m.text([file])}),
        ),
        (
            "RecordUrgentAppeal",
            json!({"addressee": m.text([file]), "subject": m.text([file])}),
        ),
        (
            "IssueLetter",
            json!({"kind": "UNION_LETTER_KIND_REMINDER",
                "addressee": m.text([file]), "subject": m.text([file]), "replyDueDays": 15}),
        ),
        (
            "RecordLetterReply",
            json!({"letter": 1, "reply": "LETTER_REPLY_PARTIAL", "note": m.text([file])}),
        ),
        (
            "RecordRepresentation",
            json!({"forum": "REPRESENTATION_FORUM_COURT", "representatives": [m.text([file])]}),
        ),
        (
            "RequestLegalAid",
            json!({"decision": "LEGAL_AID_DECISION_REFUSED", "reason": m.text([file])}),
        ),
        (
            "RequestLegalAid",
            json!({"decision": "LEGAL_AID_DECISION_GRANTED", "amount": m.sum([file])}),
        ),
        ("DeclineCase", json!({"reason": m.text([file])})),
        ("ReopenFile", json!({"reason": m.text([file])})),
        (
            "AssignCaseworker",
            json!({"caseworkerName": m.text([file])}),
        ),
        (
            "OpenMediation",
            json!({"workerConsents": true, "employerConsents": true}),
        ),
        (
            "HoldMediationSession",
            json!({"minutes": m.text([file]), "attendees": 2}),
        ),
        (
            "RecordMediationAgreement",
            json!({"terms": m.text([part(S::UnionFile)]), "amount": m.sum([part(S::UnionFile)]),
                "signedByBoth": true, "signedByMediator": true, "sealed": true}),
        ),
        ("RecordPerformance", json!({"amount": m.sum([file])})),
    ] {
        let method = format!("UnionService/{method}");
        hand.does(UNION, &method, fields).await;
    }
}

pub async fn engage(hand: &Hand<'_>, m: &mut Marks) {
    let file = whole(S::CounselFile);
    m.by(FIRM);
    for (method, fields) in [
        (
            "Engage",
            json!({"feeArrangement": "FEE_ARRANGEMENT_PRO_BONO"}),
        ),
        (
            "AssignCounsel",
            json!({"lawyerName": m.text([file]),
                "licenceNumber": m.given("73100000000000001", b"", file)}),
        ),
        (
            "RecordPowerOfAttorney",
            json!({"authority": "COUNSEL_AUTHORITY_SPECIAL", "date": {"year": 2024}}),
        ),
        (
            "WritePrivilegedNote",
            json!({"text": m.text([whole(S::Privileged)])}),
        ),
        ("RecordSettlement", json!({"amount": m.sum([file])})),
        ("CloseEngagement", json!({"resultCode": m.text([file])})),
        ("CheckConflict", json!({})),
        (
            "DeclineEngagement",
            json!({"reason": m.text([whole(S::Privileged)])}),
        ),
    ] {
        let method = format!("LawFirmService/{method}");
        hand.does(FIRM, &method, fields).await;
    }
}

pub async fn inspect(hand: &Hand<'_>, m: &mut Marks) {
    let (file, result) = (whole(S::InspectionFile), part(S::InspectionFile));
    let told = whole(S::Timeline);
    m.by(BUREAU);
    for (method, fields) in [
        // One that is refused, for its reason.
        ("ReceiveComplaint", json!({"violation": m.text([file])})),
        ("RefuseComplaint", json!({"reason": m.text([file])})),
        ("ReceiveComplaint", json!({"violation": m.text([file])})),
        ("AcceptComplaint", json!({})),
        (
            "RecordInspectionVisit",
            json!({"officers": 2, "findings": m.text([file])}),
        ),
        (
            "IssueCorrectionOrder",
            json!({"amount": m.sum([result, told]), "text": m.text([file])}),
        ),
        ("ImposePenalty", json!({"amount": m.sum([file])})),
        ("RecordCompliance", json!({"amount": m.sum([result, told])})),
        ("CloseInspection", json!({"result": m.text([result, told])})),
    ] {
        let method = format!("LabourBureauService/{method}");
        hand.does(BUREAU, &method, fields).await;
    }
}

pub async fn arbitrate(hand: &Hand<'_>, m: &mut Marks) {
    let (file, result) = (whole(S::ArbitrationFile), part(S::ArbitrationFile));
    let told = whole(S::Timeline);
    m.by(BUREAU);
    for (method, fields) in [
        (
            "ReceiveArbitrationApplication",
            json!({"claims": [m.text([file])]}),
        ),
        ("RefuseArbitration", json!({"reason": m.text([file])})),
        (
            "ReceiveArbitrationApplication",
            json!({"underWayAt": "constituted", "claims": [m.text([file])]}),
        ),
        (
            "RecordArbitrationMediation",
            json!({"amount": m.sum([result, told]), "terms": m.text([file])}),
        ),
        (
            "ReceiveArbitrationApplication",
            json!({"underWayAt": "constituted", "claims": [m.text([file])]}),
        ),
        ("HoldArbitrationHearing", json!({"minutes": m.text([file])})),
        (
            "IssueAward",
            json!({"kind": "AWARD_KIND_NON_FINAL", "reasoning": m.text([file]), "items": [{
                "claim": m.text([result]),
                "result": m.text([result]),
                "amount": m.sum([result, told]),
            }]}),
        ),
        ("CloseArbitration", json!({"result": m.text([result])})),
    ] {
        let method = format!("LabourBureauService/{method}");
        hand.does(BUREAU, &method, fields).await;
    }
}

pub async fn recognise(hand: &Hand<'_>, m: &mut Marks) {
    let file = whole(S::Injury);
    m.by(BUREAU);
    for (method, fields) in [
        (
            "ReceiveInjuryApplication",
            json!({"applicant": "INJURY_APPLICANT_WORKER"}),
        ),
        ("SuspendInjury", json!({"reason": m.text([file])})),
        ("ResumeInjury", json!({})),
        (
            "DecideInjury",
            json!({"recognised": true, "ground": m.text([file])}),
        ),
        ("ApplyCapacityAppraisal", json!({})),
        (
            "RecordCapacityAppraisal",
            json!({"grade": 7, "careLevel": 3}),
        ),
    ] {
        let method = format!("LabourBureauService/{method}");
        hand.does(BUREAU, &method, fields).await;
    }
}

pub async fn try_suits(hand: &Hand<'_>, m: &mut Marks) {
    let (file, result) = (whole(S::CourtFile), part(S::CourtFile));
    let told = whole(S::Timeline);
    m.by(COURT);
    for (method, fields) in [
        (
            "FileSuit",
            json!({"kind": "COURT_KIND_CIVIL_SUIT", "arbitrationBasis": "ARBITRATION_BASIS_AWARD",
                "causeOfAction": m.text([file]), "amount": m.sum([file])}),
        ),
        ("DocketSuit", json!({"courtNumber": m.text([file])})),
        (
            "HoldHearing",
            json!({"outcomeCode": m.text([file, told]), "minutes": m.text([file])}),
        ),
        (
            "RenderJudgment",
            json!({"resultCode": m.text([result, told]), "amount": m.sum([result, told]),
                "reasoning": m.text([file])}),
        ),
        ("MarkEffective", json!({})),
        (
            "ApplyConfirmation",
            json!({"appliedByBoth": true, "mediatedBy": m.text([file]), "amount": m.sum([file])}),
        ),
        (
            "RejectConfirmation",
            json!({"reasonCode": m.text([file]), "reasoning": m.text([file])}),
        ),
        (
            "ApplyPaymentOrder",
            json!({"basis": "PAYMENT_ORDER_BASIS_MEDIATION_AGREEMENT", "amount": m.sum([file])}),
        ),
        (
            "IssuePaymentOrder",
            json!({"amount": m.sum([result, told])}),
        ),
        (
            "ApplyEnforcement",
            json!({"instrument": "ENFORCEMENT_INSTRUMENT_JUDGMENT", "amount": m.sum([file])}),
        ),
        ("OpenEnforcement", json!({"courtNumber": m.text([file])})),
        (
            "RecordEnforcedPayment",
            json!({"amount": m.sum([result, told])}),
        ),
        (
            "OrderPreservation",
            json!({"stage": "PRESERVATION_STAGE_IN_PROCEEDINGS", "measureCode": m.text([file]),
                "amount": m.sum([result, told])}),
        ),
        ("LiftPreservation", json!({"reasonCode": m.text([file])})),
    ] {
        let method = format!("JudiciaryService/{method}");
        hand.does(COURT, &method, fields).await;
    }
}

pub async fn prosecute(hand: &Hand<'_>, m: &mut Marks) {
    let (file, result) = (whole(S::CourtFile), part(S::CourtFile));
    let told = whole(S::Timeline);
    m.by(PROCURATORATE);
    for (method, fields) in [
        ("ReceiveSupportApplication", json!({"applicants": 3})),
        (
            "RecordProcuratorateInvestigation",
            json!({"text": m.text([file])}),
        ),
        (
            "IssueSuggestion",
            json!({"addressee": m.text([file]), "text": m.text([file])}),
        ),
        ("SupportSuit", json!({"text": m.text([file])})),
        (
            "RecordProcuratorateSettlement",
            json!({"amount": m.sum([result, told]), "text": m.text([file])}),
        ),
        (
            "CloseProcuratorateFile",
            json!({"resultCode": m.text([result, told])}),
        ),
        (
            "OpenPublicInterestCase",
            json!({"subjectCode": m.text([file])}),
        ),
        (
            "DecideNonProsecution",
            json!({"reasonCode": m.text([file])}),
        ),
    ] {
        let method = format!("JudiciaryService/{method}");
        hand.does(PROCURATORATE, &method, fields).await;
    }
}

pub async fn publish(hand: &Hand<'_>, lead: &str, m: &mut Marks) {
    let file = whole(S::Publicity);
    let told = whole(S::Timeline);
    m.by(HOUSE);
    let house = format!("agencies/{HOUSE}");
    for (method, fields) in [
        ("RecordReport", json!({"url": m.url(file)})),
        (
            "ProposeCoverage",
            json!({"workingTitle": m.text([file]), "angle": m.text([file])}),
        ),
        ("RequestConsent", json!({"asks": m.text([file])})),
    ] {
        hand.does(HOUSE, &format!("MediaService/{method}"), fields)
            .await;
    }
    // A draft that nobody approved is for the house and the lead alone.
    let returned = json!({"text": m.text([])});
    hand.does(HOUSE, "MediaService/SubmitDraft", returned).await;
    // On the timeline the return is the lead's act.
    m.by(lead);
    let reason = json!({"agency": house, "draft": 1, "reason": m.text([file, told])});
    hand.does(lead, "MediaService/ReturnDraft", reason).await;
    let published = m.by(HOUSE).text([file]);
    hand.does(
        HOUSE,
        "MediaService/SubmitDraft",
        json!({"text": published}),
    )
    .await;
    let approval = json!({"agency": house, "draft": 2});
    let approved = hand.does(lead, "MediaService/ApproveDraft", approval).await;
    for (method, fields) in [
        (
            "Publish",
            json!({"draft": 2, "textSha256": approved["drafts"][1]["textSha256"],
                "outlet": m.text([file]), "url": m.url(file)}),
        ),
        (
            "CorrectPublication",
            json!({"publication": 1, "text": m.text([file])}),
        ),
        (
            "RecordFollowUp",
            json!({"kind": "FOLLOW_UP_KIND_EFFECT", "outcome": m.text([file, told])}),
        ),
        ("SubmitDraft", json!({"text": m.text([])})),
    ] {
        hand.does(HOUSE, &format!("MediaService/{method}"), fields)
            .await;
    }
    let approved_only = m.text([file]);
    hand.does(
        HOUSE,
        "MediaService/SubmitDraft",
        json!({"text": approved_only}),
    )
    .await;
    let approval = json!({"agency": house, "draft": 4});
    hand.does(lead, "MediaService/ApproveDraft", approval).await;
}

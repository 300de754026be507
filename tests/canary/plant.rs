//! A case with a mark in every field that can hold one, filled by those whose
//! files they are, through the same methods as any other.

use std::collections::BTreeMap;

use casenet::client::Client;
use proto::v1::{self as pb, ReferralKind, Section as S};
use serde_json::{Value, json};

use super::marks::{Marks, part, whole};
use crate::world::{World, on_consent, on_duty};

pub const UNION: &str = "yiwu-union";
pub const FIRM: &str = "chengxin-law";
pub const BUREAU: &str = "yiwu-labour";
pub const COURT: &str = "yiwu-court";
pub const PROCURATORATE: &str = "yiwu-procuratorate";
pub const HOUSE: &str = "yiwu-daily";

/// Those who wrote something of a case that the union leads.
pub const AUTHORS: [&str; 6] = [UNION, FIRM, BUREAU, COURT, PROCURATORATE, HOUSE];

/// A planted case.
pub struct Planted {
    pub case: String,
    pub lead: String,
    pub marks: Marks,
    /// Note that is appended while streams are open.
    pub streamed: Value,
}

/// Every section but the one that nobody passes on.
pub fn scope() -> Vec<S> {
    let all = crate::matrix::WORKING.iter().map(|(section, _)| *section);
    all.filter(|section| *section != S::Privileged).collect()
}

/// The worker consents that these agencies, and no others, receive it.
pub async fn consent(world: &World, lead: &str, case: &str, to: &[&str], scope: &[S]) -> String {
    let consent = pb::Consent {
        purpose: "representation".into(),
        recipients: to.iter().map(|id| format!("agencies/{id}")).collect(),
        sections: scope.iter().map(|section| *section as i32).collect(),
        evidence_sha256: vec![7; 32],
        ..Default::default()
    };
    let request = pb::GrantConsentRequest {
        parent: case.into(),
        consent: Some(consent),
        request_id: String::new(),
    };
    let granted = world.agency(lead).consents().grant_consent(request).await;
    granted.unwrap().into_inner().name
}

/// Plants a case that this agency leads.
pub async fn plant(world: &World, lead: &str) -> Planted {
    let mut marks = Marks::default();
    let m = &mut marks;
    let case = register(world, lead, m).await;
    let everybody = [UNION, FIRM, HOUSE, lead];
    let consented = consent(world, lead, &case, &everybody, &scope()).await;
    let mut shares = vec![
        on_consent(ReferralKind::Assist, FIRM, &scope(), &consented),
        on_consent(ReferralKind::Inform, HOUSE, &scope(), &consented),
        on_duty(BUREAU, &scope()),
        on_duty(COURT, &scope()),
        on_duty(PROCURATORATE, &scope()),
    ];
    if lead != UNION {
        shares.push(on_consent(
            ReferralKind::Assist,
            UNION,
            &scope(),
            &consented,
        ));
    }
    for share in shares {
        world.share(lead, &case, share).await;
    }
    let hand = Hand {
        lines: AUTHORS
            .iter()
            .chain([&lead])
            .map(|agency| (*agency, world.agency(agency)))
            .collect(),
        case: &case,
    };
    contribute(&hand, lead, m).await;
    mediate(&hand, m).await;
    engage(&hand, m).await;
    inspect(&hand, m).await;
    arbitrate(&hand, m).await;
    recognise(&hand, m).await;
    try_suits(&hand, m).await;
    prosecute(&hand, m).await;
    publish(&hand, lead, m).await;
    let streamed = m.by(UNION).text([whole(S::Timeline)]);
    Planted {
        case,
        lead: lead.to_owned(),
        marks,
        streamed,
    }
}

struct Hand<'a> {
    /// A line for each: to connect takes longer than to call.
    lines: BTreeMap<&'a str, Client>,
    case: &'a str,
}

impl Hand<'_> {
    async fn does(&self, agency: &str, method: &str, mut fields: Value) -> Value {
        fields["parent"] = json!(self.case);
        let done = self.lines[agency].call(method, &fields.to_string()).await;
        done.unwrap_or_else(|error| panic!("{agency} {method}: {error}: {fields}"))
    }
}

async fn register(world: &World, lead: &str, m: &mut Marks) -> String {
    m.by("");
    // The last four characters are found by their field, not by themselves.
    let last_four = [&[0x12, 4][..], b"007X"].concat();
    m.given("last four", &last_four, part(S::IdentityNumber));
    let request = json!({
        "district": "330782",
        "titleZh": m.text([whole(S::Summary)]),
        "titleEn": m.text([whole(S::Summary)]),
        "workers": [{
            "name": m.text([whole(S::Identity)]),
            "origin": m.text([whole(S::Identity)]),
            "identityNumber": m.given("33078218700615007X", b"", whole(S::IdentityNumber)),
            "mobile": m.given("19900731731", b"", whole(S::Contact)),
            "serviceAddress": m.text([part(S::Contact)]),
            "homeAddress": m.text([whole(S::Contact)]),
        }],
        "employment": {
            "employerKind": m.text([part(S::Employment), whole(S::Statistics)]),
            "employerName": m.text([whole(S::Employment)]),
            "creditCode": m.given("91330782MA0000234Y", b"", whole(S::Employment)),
            "post": m.text([whole(S::Employment)]),
            "note": m.text([whole(S::Employment)]),
        },
        "claims": [{
            // The first claim is what the dispute is about.
            "kind": m.text([part(S::Claims), part(S::Summary), whole(S::Statistics)]),
            "amount": m.sum([whole(S::Claims)]),
            "qualifier": m.text([whole(S::Claims)]),
            "note": m.text([whole(S::Claims)]),
        }],
        "injury": {
            "kind": m.text([whole(S::Injury)]),
            "diagnosis": m.text([whole(S::Injury)]),
            "description": m.text([whole(S::Injury)]),
        },
    });
    let client = world.agency(lead);
    let done = client
        .call("CaseService/RegisterCase", &request.to_string())
        .await;
    let case = done.unwrap_or_else(|error| panic!("{lead}: {error}"));
    case["name"].as_str().unwrap().to_owned()
}

async fn contribute(hand: &Hand<'_>, lead: &str, m: &mut Marks) {
    m.by("");
    let participant = json!({"participant": {
        "kindCode": m.text([whole(S::Summary)]),
        "displayName": m.text([whole(S::Summary)]),
    }});
    hand.does(lead, "CaseService/AddParticipant", participant)
        .await;
    for agency in [lead, FIRM] {
        m.by(agency);
        for (filed, place) in [(false, whole(S::Evidence)), (true, part(S::Evidence))] {
            let evidence = json!({"evidence": {
                "title": m.text([place]),
                "kind": m.text([place]),
                "sha256": m.hash(place),
                "filed": filed,
            }});
            hand.does(agency, "CaseService/AddEvidence", evidence).await;
        }
        let entry = json!({"entry": {
            "act": m.text([whole(S::Timeline)]),
            "outcome": m.text([whole(S::Timeline)]),
            "amount": m.sum([whole(S::Timeline)]),
            "actor": {
                "kindCode": m.text([whole(S::Timeline)]),
                "displayName": m.text([whole(S::Timeline)]),
            },
            "note": m.text([whole(S::Timeline)]),
        }});
        hand.does(agency, "CaseService/AppendNote", entry).await;
        // What an author puts into another section is shown as that one is.
        for (section, name) in [
            (S::Identity, "SECTION_IDENTITY"),
            (S::Injury, "SECTION_INJURY"),
            (S::UnionFile, "SECTION_UNION_FILE"),
            (S::CounselFile, "SECTION_COUNSEL_FILE"),
            (S::Privileged, "SECTION_PRIVILEGED"),
        ] {
            m.behind(Some(whole(S::Timeline)));
            let entry = json!({"entry": {"section": name, "note": m.text([whole(section)])}});
            hand.does(agency, "CaseService/AppendNote", entry).await;
            m.behind(Some(whole(S::Evidence)));
            let evidence = json!({"evidence": {
                "section": name,
                "title": m.text([whole(section)]),
                "kind": "documentary",
                "sha256": m.hash(whole(section)),
            }});
            hand.does(agency, "CaseService/AddEvidence", evidence).await;
        }
        m.behind(None);
    }
}

async fn mediate(hand: &Hand<'_>, m: &mut Marks) {
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

async fn engage(hand: &Hand<'_>, m: &mut Marks) {
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

async fn inspect(hand: &Hand<'_>, m: &mut Marks) {
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

async fn arbitrate(hand: &Hand<'_>, m: &mut Marks) {
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

async fn recognise(hand: &Hand<'_>, m: &mut Marks) {
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

async fn try_suits(hand: &Hand<'_>, m: &mut Marks) {
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

async fn prosecute(hand: &Hand<'_>, m: &mut Marks) {
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

async fn publish(hand: &Hand<'_>, lead: &str, m: &mut Marks) {
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

//! Pools, agreements, notices, and what takes two people.

use proto::v1::{self as pb, AgencyKind, ReferralKind, ReferralState, Section};
use tonic::Code;

use crate::bad_input::sign_in;
use crate::world::{World, on_consent, on_duty, refused};

const LEAD: &str = "yiwu-union";
const SCOPE: [Section; 3] = [Section::Summary, Section::Identity, Section::Claims];

#[tokio::test]
async fn of_a_pool_the_first_to_accept_wins_and_the_others_see_the_case_no_more() {
    let world = World::together().await;
    let case = world.register(LEAD).await.name;
    let consent = world
        .consent(LEAD, &case, &[AgencyKind::LawFirm], &SCOPE)
        .await
        .name;
    let header = pb::Referral {
        to_agency: String::new(),
        service_code: "legal_representation".into(),
        ..on_consent(ReferralKind::Assist, "", &SCOPE, &consent)
    };
    let request = pb::ReferToPoolRequest {
        parent: case.clone(),
        referral: Some(header),
        request_id: "pool-1".into(),
    };
    let pool = world.agency(LEAD).referrals().refer_to_pool(request).await;
    let referrals = pool.unwrap().into_inner().referrals;
    let asked: Vec<&str> = referrals.iter().map(|r| r.to_agency.as_str()).collect();
    assert_eq!(asked, ["agencies/chengxin-law", "agencies/hongyi-law"]);
    for firm in ["chengxin-law", "hongyi-law"] {
        let triage = world.get(firm, &case).await.unwrap();
        assert!(triage.identities.is_empty() && triage.summary.is_some());
    }
    for referral in &referrals {
        let check = pb::CheckConflictRequest {
            parent: case.clone(),
            referral: referral.name.clone(),
            ..Default::default()
        };
        let firm = referral.to_agency.trim_start_matches("agencies/");
        let checked = world.agency(firm).lawfirm().check_conflict(check).await;
        checked.unwrap();
    }
    world
        .accept("hongyi-law", &referrals[1].name)
        .await
        .unwrap();
    let late = world
        .accept("chengxin-law", &referrals[0].name)
        .await
        .unwrap_err();
    refused(&late, Code::FailedPrecondition, "WRONG_STATE");
    let gone = world.get("chengxin-law", &case).await.unwrap_err();
    refused(&gone, Code::NotFound, "NOT_FOUND");
    assert!(
        !world
            .get("hongyi-law", &case)
            .await
            .unwrap()
            .identities
            .is_empty()
    );
    let get = pb::GetReferralRequest {
        name: referrals[0].name.clone(),
    };
    let other = world
        .agency("chengxin-law")
        .referrals()
        .get_referral(get)
        .await;
    let other = other.unwrap().into_inner();
    assert_eq!(other.state(), ReferralState::Cancelled);
    assert_eq!(other.status_reason, "not-selected");
}

#[tokio::test]
async fn an_agreement_caps_what_passes_between_two_agencies_and_its_end_stops_it() {
    let world = World::together().await;
    let case = world.register(LEAD).await.name;
    let agreement = pb::Agreement {
        partner: "agencies/yiwu-labour".into(),
        sections: [Section::Summary, Section::Claims]
            .map(|section| section as i32)
            .to_vec(),
        access_days: 30,
        ..Default::default()
    };
    let propose = pb::ProposeAgreementRequest {
        agreement: Some(agreement),
        request_id: String::new(),
    };
    let union = world.agency(LEAD);
    let proposed = union.agreements().propose_agreement(propose).await;
    let name = proposed.unwrap().into_inner().name;
    let get = || pb::GetAgreementRequest { name: name.clone() };
    let stranger = world
        .agency("yiwu-court")
        .agreements()
        .get_agreement(get())
        .await;
    refused(&stranger.unwrap_err(), Code::NotFound, "NOT_FOUND");

    // Proposed, it binds nobody yet.
    let wide = world
        .draft(LEAD, &case, on_duty("yiwu-labour", &SCOPE))
        .await;
    let wide = wide.unwrap();
    let accept = pb::AcceptAgreementRequest {
        name: name.clone(),
        request_id: String::new(),
    };
    let labour = world.agency("yiwu-labour");
    labour.agreements().accept_agreement(accept).await.unwrap();
    // In force, it also stops what was drafted before.
    let sent = world.send(LEAD, &wide.name).await.unwrap_err();
    refused(&sent, Code::FailedPrecondition, "AGREEMENT_FORBIDS");
    assert!(sent.message().contains("identity"), "{}", sent.message());
    let withdraw = pb::WithdrawReferralRequest {
        name: wide.name,
        reason: "too_wide".into(),
        ..Default::default()
    };
    union.referrals().withdraw_referral(withdraw).await.unwrap();

    let narrow = [Section::Summary, Section::Claims];
    let shared = world
        .share(LEAD, &case, on_duty("yiwu-labour", &narrow))
        .await;
    assert_eq!(shared.state(), ReferralState::Accepted);
    world.clock.advance(chrono::TimeDelta::days(30));
    let ended = world.get("yiwu-labour", &case).await.unwrap_err();
    refused(&ended, Code::NotFound, "NOT_FOUND");

    let terminate = pb::TerminateAgreementRequest {
        name,
        request_id: String::new(),
    };
    labour
        .agreements()
        .terminate_agreement(terminate)
        .await
        .unwrap();
    let again = pb::Referral {
        service_code: "other_service".into(),
        ..on_duty("yiwu-labour", &narrow)
    };
    let refusal = world.draft(LEAD, &case, again).await.unwrap_err();
    refused(&refusal, Code::FailedPrecondition, "AGREEMENT_FORBIDS");
}

/// A case that the union has handed to another, and the consent for it.
async fn handed_over() -> (World, String, String) {
    let world = World::together().await;
    let case = world.register(LEAD).await.name;
    let consent = world
        .consent(LEAD, &case, &[AgencyKind::Union], &SCOPE)
        .await
        .name;
    let offer = on_consent(ReferralKind::Handover, "kaihua-union", &SCOPE, &consent);
    world.share(LEAD, &case, offer).await;
    (world, case, consent)
}

#[tokio::test]
async fn the_worker_is_told_in_plain_words_of_each_who_learns_of_the_case() {
    let (world, case, _) = handed_over().await;
    let list = || pb::ListNoticesRequest {
        parent: case.clone(),
        undelivered_only: true,
    };
    // The notices are the new lead's to hand over.
    let former = world.agency(LEAD).notices().list_notices(list()).await;
    refused(&former.unwrap_err(), Code::PermissionDenied, "NOT_ALLOWED");
    let lead = world.agency("kaihua-union");
    let notices = lead.notices().list_notices(list()).await.unwrap();
    let notices = notices.into_inner().notices;
    let kinds: Vec<&str> = notices.iter().map(|n| n.kind.as_str()).collect();
    assert_eq!(kinds, ["handed_over", "asked"]);
    let told = &notices[0];
    assert!(told.text_zh.contains("开化县总工会"), "{}", told.text_zh);
    assert!(
        told.text_zh.contains("您的姓名和基本情况"),
        "{}",
        told.text_zh
    );
    assert!(told.text_en.contains("your name"), "{}", told.text_en);
    let delivered = pb::RecordNoticeDeliveryRequest {
        name: told.name.clone(),
        delivered_by: "in_person".into(),
        request_id: String::new(),
    };
    lead.notices()
        .record_notice_delivery(delivered)
        .await
        .unwrap();
    let left = lead.notices().list_notices(list()).await.unwrap();
    assert_eq!(left.into_inner().notices.len(), 1);
}

#[tokio::test]
async fn entered_in_error_takes_two_people_of_the_sender() {
    let world = World::together().await;
    let case = world.register(LEAD).await.name;
    let shared = world
        .share(LEAD, &case, on_duty("yiwu-labour", &SCOPE))
        .await;
    let [one, other] = [
        sign_in(&world, LEAD, "clerk-one").await,
        sign_in(&world, LEAD, "clerk-two").await,
    ];
    let mark = || pb::MarkReferralErrorRequest {
        name: shared.name.clone(),
        reason: "wrong_agency".into(),
        ..Default::default()
    };
    let system = world
        .agency(LEAD)
        .referrals()
        .mark_referral_error(mark())
        .await;
    refused(
        &system.unwrap_err(),
        Code::FailedPrecondition,
        "TWO_PEOPLE_REQUIRED",
    );
    let by = |token: &str| world.person().with_token(token).referrals();
    let proposed = by(&one).mark_referral_error(mark()).await.unwrap();
    assert_eq!(proposed.into_inner().state(), ReferralState::Accepted);
    let alone = by(&one).mark_referral_error(mark()).await.unwrap_err();
    refused(&alone, Code::FailedPrecondition, "TWO_PEOPLE_REQUIRED");
    assert!(world.get("yiwu-labour", &case).await.is_ok());
    let marked = by(&other).mark_referral_error(mark()).await.unwrap();
    assert_eq!(marked.into_inner().state(), ReferralState::EnteredInError);
    let gone = world.get("yiwu-labour", &case).await.unwrap_err();
    refused(&gone, Code::NotFound, "NOT_FOUND");
}

#[tokio::test]
async fn the_lead_goes_back_when_the_consent_of_a_handover_is_withdrawn() {
    let (world, case, consent) = handed_over().await;
    // Through the new lead itself: it must not be able to keep the case.
    let request = pb::WithdrawConsentRequest {
        name: consent,
        request_id: String::new(),
    };
    let withdrawn = world
        .agency("kaihua-union")
        .consents()
        .withdraw_consent(request)
        .await;
    withdrawn.unwrap();
    let gone = world.get("kaihua-union", &case).await.unwrap_err();
    refused(&gone, Code::NotFound, "NOT_FOUND");
    let back = world.get(LEAD, &case).await.unwrap();
    assert_eq!(back.summary.unwrap().lead, "agencies/yiwu-union");
    assert!(!back.identities.is_empty());
}

#[tokio::test]
async fn who_is_consulted_sees_the_masked_record_and_who_assists_the_whole() {
    let world = World::together().await;
    let case = world.register(LEAD).await.name;
    let consent = world
        .consent(LEAD, &case, &[AgencyKind::Union], &SCOPE)
        .await
        .name;
    let ask = |kind, service: &str| pb::Referral {
        service_code: service.into(),
        ..on_consent(kind, "kaihua-union", &SCOPE, &consent)
    };
    let consult = ask(ReferralKind::Consult, "advice");
    let consult = world.share(LEAD, &case, consult).await;
    let masked = world.get("kaihua-union", &case).await.unwrap();
    let person = &masked.identities[0];
    assert!(!person.pseudonym.is_empty() && person.name.is_empty());
    assert!(!masked.claims.is_empty() && masked.claims[0].amount.is_none());
    // A consultation takes nothing from what another referral gives, and adds
    // nothing to it when that ends.
    let assist = ask(ReferralKind::Assist, "representation");
    let assist = world.share(LEAD, &case, assist).await;
    let whole = world.get("kaihua-union", &case).await.unwrap();
    assert_eq!(whole.identities[0].name, "测试工友甲");
    let withdraw = pb::WithdrawReferralRequest {
        name: assist.name,
        reason: "changed".into(),
        ..Default::default()
    };
    let lead = world.agency(LEAD);
    lead.referrals().withdraw_referral(withdraw).await.unwrap();
    let again = world.get("kaihua-union", &case).await.unwrap();
    assert!(again.identities[0].name.is_empty());
    // What one sees masked one does not pass on unmasked.
    let onward = pb::Referral {
        part_of: consult.name,
        ..on_consent(ReferralKind::Assist, "chengxin-law", &SCOPE, &consent)
    };
    let onward = world
        .draft("kaihua-union", &case, onward)
        .await
        .unwrap_err();
    refused(&onward, Code::FailedPrecondition, "SCOPE_TOO_WIDE");
}

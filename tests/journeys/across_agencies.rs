//! One case crosses the agencies, and each sees what it may.

use proto::v1::{self as pb, AgencyKind, ReferralKind, ReferralState, Section};
use tonic::Code;

use crate::world::{World, on_consent, on_duty, refused, yuan};

#[tokio::test]
async fn a_referral_opens_the_case_step_by_step_and_its_end_closes_it() {
    let world = World::together().await;
    let case = world.register("yiwu-union").await.name;

    // Before anything is shared, the case does not exist for others.
    let stranger = world.get("hongyi-law", &case).await.unwrap_err();
    refused(&stranger, Code::NotFound, "NOT_FOUND");
    let nowhere = world
        .get("hongyi-law", "cases/330782-2026-999999")
        .await
        .unwrap_err();
    assert_eq!(stranger.message(), nowhere.message());
    assert_eq!(stranger.details(), nowhere.details());

    let scope = [
        Section::Summary,
        Section::Identity,
        Section::Claims,
        Section::Timeline,
    ];
    let consent = world
        .consent("yiwu-union", &case, &[AgencyKind::LawFirm], &scope)
        .await;
    let offer = on_consent(ReferralKind::Assist, "hongyi-law", &scope, &consent.name);
    let referral = world.draft("yiwu-union", &case, offer).await.unwrap();
    refused(
        &world.get("hongyi-law", &case).await.unwrap_err(),
        Code::NotFound,
        "NOT_FOUND",
    );

    world.send("yiwu-union", &referral.name).await.unwrap();
    let seen = world.get("hongyi-law", &case).await.unwrap();
    assert_eq!(seen.claims[0].amount_band, "5k-20k");
    assert!(seen.claims[0].amount.is_none() && seen.identities.is_empty());

    // 律师法 39: no acceptance before a conflict check.
    let early = world
        .accept("hongyi-law", &referral.name)
        .await
        .unwrap_err();
    refused(&early, Code::FailedPrecondition, "CONFLICT_CHECK_REQUIRED");
    let check = pb::CheckConflictRequest {
        parent: case.clone(),
        referral: referral.name.clone(),
        ..Default::default()
    };
    world
        .agency("hongyi-law")
        .lawfirm()
        .check_conflict(check)
        .await
        .unwrap();
    let accepted = world.accept("hongyi-law", &referral.name).await.unwrap();
    assert_eq!(accepted.state(), ReferralState::Accepted);

    let seen = world.get("hongyi-law", &case).await.unwrap();
    assert_eq!(seen.identities[0].name, "测试工友甲");
    assert_eq!(seen.claims[0].amount, yuan(12_345));
    assert!(seen.employment.is_none(), "employment was not in the scope");
    let acts: Vec<_> = seen
        .timeline
        .iter()
        .map(|entry| entry.act.as_str())
        .collect();
    assert!(
        acts.contains(&"conflict_check") && acts.contains(&"referral_accepted"),
        "{acts:?}"
    );

    let start = pb::StartReferralRequest {
        name: referral.name.clone(),
        ..Default::default()
    };
    world
        .agency("hongyi-law")
        .referrals()
        .start_referral(start)
        .await
        .unwrap();
    let complete = pb::CompleteReferralRequest {
        name: referral.name.clone(),
        outcome: "advice_given".into(),
        ..Default::default()
    };
    world
        .agency("hongyi-law")
        .referrals()
        .complete_referral(complete)
        .await
        .unwrap();
    let seen = world.get("hongyi-law", &case).await.unwrap();
    assert!(seen.identities.is_empty() && seen.claims.is_empty());
    assert_eq!(
        seen.summary.unwrap().number,
        case.trim_start_matches("cases/")
    );
}

#[tokio::test]
async fn a_withdrawn_consent_ends_every_access_that_rests_on_it_at_once() {
    let world = World::together().await;
    let case = world.register("yiwu-union").await.name;
    let scope = [Section::Summary, Section::Identity];
    let consent = world
        .consent("yiwu-union", &case, &[AgencyKind::Union], &scope)
        .await;
    let offer = on_consent(ReferralKind::Assist, "kaihua-union", &scope, &consent.name);
    world.share("yiwu-union", &case, offer).await;
    assert!(world.get("kaihua-union", &case).await.is_ok());

    // Through any agency that works on the case, not only the one that recorded it.
    let withdraw = pb::WithdrawConsentRequest {
        name: consent.name.clone(),
        request_id: String::new(),
    };
    world
        .agency("kaihua-union")
        .consents()
        .withdraw_consent(withdraw)
        .await
        .unwrap();
    refused(
        &world.get("kaihua-union", &case).await.unwrap_err(),
        Code::NotFound,
        "NOT_FOUND",
    );
    let feed = pb::ListFeedRequest::default();
    let feed = world
        .agency("kaihua-union")
        .feeds()
        .list_feed(feed)
        .await
        .unwrap()
        .into_inner();
    let ended = feed
        .events
        .iter()
        .rfind(|event| event.kind == "grant.ended")
        .unwrap();
    assert_eq!(ended.reason, "consent-withdrawn");
    let cursors: Vec<u64> = feed.events.iter().map(|event| event.cursor).collect();
    assert_eq!(cursors, (1..=feed.events.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn five_agencies_work_one_case_from_complaint_to_confirmation() {
    let world = World::together().await;
    let case = world.register("yiwu-union").await.name;
    let intake = pb::OpenIntakeRequest {
        parent: case.clone(),
        ..Default::default()
    };
    world
        .agency("yiwu-union")
        .union()
        .open_intake(intake)
        .await
        .unwrap();

    let scope = [
        Section::Summary,
        Section::Identity,
        Section::Claims,
        Section::Employment,
        Section::Timeline,
        Section::ArbitrationFile,
        Section::CourtFile,
    ];
    world
        .share("yiwu-union", &case, on_duty("yiwu-labour", &scope))
        .await;
    world
        .share("yiwu-union", &case, on_duty("yiwu-court", &scope))
        .await;

    let bureau = world.agency("yiwu-labour");
    let apply = pb::ReceiveArbitrationApplicationRequest {
        parent: case.clone(),
        claims: vec!["unpaid_wages".into()],
        ..Default::default()
    };
    bureau
        .labour()
        .receive_arbitration_application(apply)
        .await
        .unwrap();
    // An illegal step says which are legal now.
    let award = pb::IssueAwardRequest {
        parent: case.clone(),
        ..Default::default()
    };
    let early = bureau.labour().issue_award(award).await.unwrap_err();
    let told = host::Refused::read(&early);
    assert_eq!(
        told.allowed,
        [
            "AcceptArbitration",
            "RefuseArbitration",
            "WithdrawArbitration"
        ]
    );

    let accept = pb::AcceptArbitrationRequest {
        parent: case.clone(),
        ..Default::default()
    };
    bureau.labour().accept_arbitration(accept).await.unwrap();
    let form = pb::FormTribunalRequest {
        parent: case.clone(),
        arbitrators: 3,
        ..Default::default()
    };
    bureau.labour().form_tribunal(form).await.unwrap();
    let hear = pb::HoldArbitrationHearingRequest {
        parent: case.clone(),
        minutes: "MARK-minutes".into(),
        ..Default::default()
    };
    bureau
        .labour()
        .hold_arbitration_hearing(hear)
        .await
        .unwrap();
    let award = pb::IssueAwardRequest {
        parent: case.clone(),
        kind: pb::AwardKind::NonFinal as i32,
        items: vec![pb::AwardItem {
            claim: "unpaid_wages".into(),
            result: "granted".into(),
            amount: yuan(12_345),
            r#final: false,
        }],
        ..Default::default()
    };
    bureau.labour().issue_award(award).await.unwrap();

    // The union reads the result, not the minutes; the court the same until a
    // suit is filed with it, then the whole file.
    let union = world.get("yiwu-union", &case).await.unwrap();
    assert_eq!(union.arbitration_files[0].amount, yuan(12_345));
    assert!(union.arbitration_files[0].acts.is_empty());
    let acts: Vec<_> = union
        .timeline
        .iter()
        .map(|entry| entry.act.as_str())
        .collect();
    for act in [
        "union_intake",
        "arbitration_application",
        "hearing",
        "award",
    ] {
        assert!(acts.contains(&act), "{act} of {acts:?}");
    }
    let court = world.get("yiwu-court", &case).await.unwrap();
    assert!(court.arbitration_files[0].acts.is_empty() && court.union_files.is_empty());
    let suit = pb::FileSuitRequest {
        parent: case.clone(),
        kind: pb::CourtKind::CivilSuit as i32,
        arbitration_basis: pb::ArbitrationBasis::Award as i32,
        plaintiff: pb::Litigant::Worker as i32,
        ..Default::default()
    };
    world
        .agency("yiwu-court")
        .judiciary()
        .file_suit(suit)
        .await
        .unwrap();
    let court = world.get("yiwu-court", &case).await.unwrap();
    assert!(
        court.arbitration_files[0]
            .acts
            .iter()
            .any(|act| act.text == "MARK-minutes")
    );
    assert!(
        court.court_files[0]
            .legal_steps
            .contains(&"DocketSuit".to_owned())
    );
}

#[tokio::test]
async fn a_handover_moves_the_lead_and_leaves_what_was_chosen() {
    let world = World::together().await;
    let case = world.register("yiwu-union").await.name;
    let scope = [Section::Summary, Section::Identity, Section::Claims];
    let consent = world
        .consent("yiwu-union", &case, &[AgencyKind::Union], &scope)
        .await;
    let offer = pb::Referral {
        residual: pb::ResidualChoice::Status as i32,
        ..on_consent(
            ReferralKind::Handover,
            "kaihua-union",
            &scope,
            &consent.name,
        )
    };
    world.share("yiwu-union", &case, offer).await;
    let lead = world.get("kaihua-union", &case).await.unwrap();
    assert_eq!(lead.summary.unwrap().lead, "agencies/kaihua-union");
    assert!(lead.employment.is_some(), "the lead reads beyond the scope");
    let former = world.get("yiwu-union", &case).await.unwrap();
    assert!(former.summary.is_some() && former.identities.is_empty());
}

#[tokio::test]
async fn media_get_the_account_and_a_draft_with_a_name_in_it_is_refused() {
    let world = World::together().await;
    let case = world.register("yiwu-union").await.name;
    let scope = [
        Section::Summary,
        Section::Identity,
        Section::Claims,
        Section::Publicity,
    ];
    let consent = world
        .consent("yiwu-union", &case, &[AgencyKind::Media], &scope)
        .await;
    let offer = on_consent(ReferralKind::Inform, "yiwu-daily", &scope, &consent.name);
    world.share("yiwu-union", &case, offer).await;
    let seen = world.get("yiwu-daily", &case).await.unwrap();
    assert_eq!(seen.identities[0].pseudonym, "工友甲 / Worker A");
    assert!(seen.identities[0].name.is_empty());

    let house = world.agency("yiwu-daily");
    let propose = pb::ProposeCoverageRequest {
        parent: case.clone(),
        working_title: "一起电梯安装工欠薪案".into(),
        angle: "wages".into(),
        ..Default::default()
    };
    house.media().propose_coverage(propose).await.unwrap();
    let ask = pb::RequestConsentRequest {
        parent: case.clone(),
        asks: "可否匿名报道".into(),
        ..Default::default()
    };
    house.media().request_consent(ask).await.unwrap();
    let draft = |text: &str| pb::SubmitDraftRequest {
        parent: case.clone(),
        text: text.into(),
        ..Default::default()
    };
    let leak = house
        .media()
        .submit_draft(draft("工人测试工友甲被拖欠工资"))
        .await
        .unwrap_err();
    refused(&leak, Code::InvalidArgument, "DRAFT_IDENTIFIES");
    assert!(!format!("{leak:?}").contains("测试工友甲"));
    house
        .media()
        .submit_draft(draft("一名电梯安装工被拖欠工资"))
        .await
        .unwrap();
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_restart() {
    let mut world = World::together().await;
    let case = world.register("yiwu-union").await.name;
    let before = world.get("yiwu-union", &case).await.unwrap();
    world.restart().await;
    let after = world.get("yiwu-union", &case).await.unwrap();
    assert_eq!(before, after);
}

//! The conflict check and the register (律师法 39).

use proto::internal::v1::{Effect, Side};
use proto::v1::{self as pb, CounselState, ErrorReason, FirmPartyKind};
use tonic::Code;

use super::world::{World, ask, refused};
use super::{CASE, FIRM, OTHER, REFERRAL, check, engage, engaged, parent, register};

#[tokio::test]
async fn a_firm_that_acts_for_the_employer_is_in_conflict_and_nobody_else_learns_of_it() {
    let world = World::new();
    world.party(Side::Worker, "虞某");
    world.party(Side::Employer, "义乌某电梯公司");
    register(&world, FIRM, FirmPartyKind::Client, "义乌某 电梯公司").await;

    let file = check(&world, FIRM).await.unwrap();
    assert!(file.conflict_found);
    assert_eq!(file.state(), CounselState::Conflicted);
    assert_eq!(file.legal_steps, ["DeclineEngagement", "CheckConflict"]);
    assert_eq!(
        engage(&world, FIRM).await.unwrap_err().code(),
        Code::FailedPrecondition
    );
    let (reason, allowed) = refused(&engage(&world, FIRM).await.unwrap_err());
    assert_eq!(reason, ErrorReason::ConflictOfInterest);
    assert_eq!(allowed, ["DeclineEngagement", "CheckConflict"]);

    let reason = "conflict".to_owned();
    let request = pb::DeclineEngagementRequest {
        parent: parent(),
        reason,
        ..Default::default()
    };
    let declined = ask!(world, FIRM, decline_engagement, request).unwrap();
    assert_eq!(declined.state(), CounselState::Declined);
    assert!(world.timeline().is_empty());
}

#[tokio::test]
async fn a_firm_that_acts_against_the_worker_is_in_conflict() {
    let world = World::new();
    world.party(Side::Worker, "虞某");
    register(&world, FIRM, FirmPartyKind::Adverse, "虞某").await;
    assert!(check(&world, FIRM).await.unwrap().conflict_found);
}

#[tokio::test]
async fn acting_for_the_worker_or_against_the_employer_is_no_conflict_nor_is_anothers_register() {
    let world = World::new();
    world.party(Side::Worker, "虞某");
    world.party(Side::Employer, "义乌某电梯公司");
    register(&world, FIRM, FirmPartyKind::Client, "虞某").await;
    register(&world, FIRM, FirmPartyKind::Adverse, "义乌某电梯公司").await;
    register(&world, OTHER, FirmPartyKind::Client, "义乌某电梯公司").await;

    let file = check(&world, FIRM).await.unwrap();
    assert!(!file.conflict_found);
    assert_eq!(file.state(), CounselState::Cleared);

    // The spine may take the firm's acceptance of this very referral now.
    let milestones = world.spine.milestones.lock().unwrap().clone();
    let [cleared] = milestones.as_slice() else {
        panic!("{milestones:?}")
    };
    assert_eq!(cleared.act, "conflict_check");
    assert_eq!(cleared.effect(), Effect::ConflictCleared);
    assert_eq!(cleared.referral, REFERRAL);
    assert_eq!(cleared.agency, format!("agencies/{FIRM}"));
    assert_eq!(cleared.case, CASE);
}

#[tokio::test]
async fn a_check_without_a_referral_clears_none() {
    let world = World::new();
    let request = pb::CheckConflictRequest {
        parent: parent(),
        ..Default::default()
    };
    ask!(world, FIRM, check_conflict, request).unwrap();
    let timeline = world.timeline();
    assert_eq!(
        timeline,
        [("conflict_check".into(), String::new(), Effect::Unspecified)]
    );
}

#[tokio::test]
async fn a_conflict_that_comes_to_light_ends_the_work() {
    let world = World::new();
    world.party(Side::Employer, "义乌某电梯公司");
    engaged(&world, FIRM).await;
    register(&world, FIRM, FirmPartyKind::Client, "义乌某电梯公司").await;
    assert_eq!(
        check(&world, FIRM).await.unwrap().state(),
        CounselState::Conflicted
    );

    let (reason, _) = refused(&super::note(&world, "strategy").await.unwrap_err());
    assert_eq!(reason, ErrorReason::WrongState);
    let reason = "conflict".to_owned();
    let request = pb::DeclineEngagementRequest {
        parent: parent(),
        reason,
        ..Default::default()
    };
    let file = ask!(world, FIRM, decline_engagement, request).unwrap();
    assert_eq!(file.engagement(), pb::EngagementStatus::Ended);
    // Others see that the firm no longer acts, and not why.
    let last = world.timeline().pop().unwrap();
    assert_eq!(
        last,
        ("representation".into(), "ended".into(), Effect::Unspecified)
    );
}

#[tokio::test]
async fn nobody_asks_until_it_knows() {
    let world = World::new();
    world.party(Side::Employer, "义乌某电梯公司");
    for guess in ["甲公司", "乙公司", "丙公司", "丁公司", "戊公司"] {
        register(&world, FIRM, FirmPartyKind::Client, guess).await;
        assert!(!check(&world, FIRM).await.unwrap().conflict_found);
    }
    register(&world, FIRM, FirmPartyKind::Client, "义乌某电梯公司").await;
    let (reason, allowed) = refused(&check(&world, FIRM).await.unwrap_err());
    assert_eq!(reason, ErrorReason::WrongState);
    assert!(
        !allowed.contains(&"CheckConflict".to_owned()),
        "{allowed:?}"
    );
    assert!(check(&world, OTHER).await.is_ok());
}

#[tokio::test]
async fn a_referral_of_another_case_is_refused() {
    let world = World::new();
    for referral in [
        "cases/330782-2026-000124/referrals/r5k2",
        "cases/330782-2026-000123",
        "x",
    ] {
        let request = pb::CheckConflictRequest {
            parent: parent(),
            referral: referral.into(),
            ..Default::default()
        };
        let refused = ask!(world, FIRM, check_conflict, request).unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{referral}");
    }
    assert!(
        world
            .stored()
            .iter()
            .all(|(key, _)| !key.starts_with("file/"))
    );
}

#[tokio::test]
async fn the_register_is_the_firms_own_and_comes_in_pages() {
    let world = World::new();
    for number in 0..5 {
        register(
            &world,
            FIRM,
            FirmPartyKind::Client,
            &format!("某公司{number}"),
        )
        .await;
    }
    register(&world, OTHER, FirmPartyKind::Adverse, "某人").await;

    let mut names = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListPartiesRequest {
            page_size: 2,
            page_token,
        };
        let page = ask!(world, FIRM, list_parties, request).unwrap();
        assert!(page.parties.len() <= 2);
        names.extend(page.parties.into_iter().map(|party| party.name));
        if page.next_page_token.is_empty() {
            break;
        }
        page_token = page.next_page_token;
    }
    assert_eq!(names.len(), 5);
    assert!(
        names
            .iter()
            .all(|name| name.starts_with("agencies/yiwu-firm/parties/")),
        "{names:?}"
    );

    for (page_size, page_token) in [(-1, ""), (201, ""), (0, "../../digest")] {
        let request = pb::ListPartiesRequest {
            page_size,
            page_token: page_token.into(),
        };
        let refused = ask!(world, FIRM, list_parties, request).unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
    }
}

#[tokio::test]
async fn a_party_with_a_wrong_number_is_refused_and_one_without_a_name_too() {
    let world = World::new();
    let good = pb::RecordPartyRequest {
        kind: FirmPartyKind::Client.into(),
        party_name: "某公司".into(),
        reference: "2026-17".into(),
        ..Default::default()
    };
    let wrong = [
        pb::RecordPartyRequest {
            kind: 0,
            ..good.clone()
        },
        pb::RecordPartyRequest {
            party_name: " ".into(),
            ..good.clone()
        },
        pb::RecordPartyRequest {
            reference: String::new(),
            ..good.clone()
        },
        pb::RecordPartyRequest {
            identity_number: "330782199001010000".into(),
            ..good.clone()
        },
        pb::RecordPartyRequest {
            credit_code: "91330782".into(),
            ..good.clone()
        },
    ];
    for request in wrong {
        let refused = ask!(world, FIRM, record_party, request).unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
    }
    assert!(
        world
            .stored()
            .iter()
            .all(|(key, _)| !key.starts_with("party/"))
    );
    ask!(world, FIRM, record_party, good).unwrap();
}

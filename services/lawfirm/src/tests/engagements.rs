//! Engagement, counsel, acts: what is legal when, and what shows.

use proto::internal::v1::Effect;
use proto::v1::{
    self as pb, CounselActKind, CounselActOutcome, CounselAuthority, CounselState,
    EngagementStatus, ErrorReason,
};
use tonic::{Code, Status};

use super::world::{World, ask, refused};
use super::{FIRM, OTHER, check, close, day, empower, engage, engaged, note, parent, settle};

async fn act(
    world: &World,
    kind: CounselActKind,
    outcome: CounselActOutcome,
    quarter_hours: u32,
) -> Result<pb::CounselFile, Status> {
    let request = pb::RecordCounselActRequest {
        parent: parent(),
        kind: kind.into(),
        quarter_hours,
        outcome: outcome.into(),
        ..Default::default()
    };
    ask!(world, FIRM, record_counsel_act, request)
}

async fn assign(world: &World, name: &str, replaces: u32) -> Result<pb::CounselFile, Status> {
    let request = pb::AssignCounselRequest {
        parent: parent(),
        lawyer_name: name.into(),
        licence_number: "13307200810123456".into(),
        replaces,
        ..Default::default()
    };
    ask!(world, FIRM, assign_counsel, request)
}

async fn consult(world: &World) -> Result<pb::CounselFile, Status> {
    let request = pb::RecordConsultationRequest {
        parent: parent(),
        quarter_hours: 2,
        date: day(2009, 8, 7),
        ..Default::default()
    };
    ask!(world, FIRM, record_consultation, request)
}

#[tokio::test]
async fn a_firm_advises_checks_engages_acts_settles_and_closes() {
    let world = World::new();
    assert_eq!(consult(&world).await.unwrap().state(), CounselState::Opened);
    check(&world, FIRM).await.unwrap();
    let file = engage(&world, FIRM).await.unwrap();
    assert_eq!(file.engagement(), EngagementStatus::Engaged);
    assert_eq!(file.engaged_since, day(2026, 3, 0));
    assign(&world, "王律师", 0).await.unwrap();
    empower(&world, FIRM, CounselAuthority::Special).await;
    act(
        &world,
        CounselActKind::Drafting,
        CounselActOutcome::Unspecified,
        12,
    )
    .await
    .unwrap();
    act(
        &world,
        CounselActKind::Filing,
        CounselActOutcome::Unspecified,
        1,
    )
    .await
    .unwrap();
    act(
        &world,
        CounselActKind::Negotiation,
        CounselActOutcome::Failed,
        8,
    )
    .await
    .unwrap();
    act(
        &world,
        CounselActKind::Hearing,
        CounselActOutcome::Continued,
        6,
    )
    .await
    .unwrap();
    note(&world, "settle above 18,000").await.unwrap();
    let file = settle(&world).await.unwrap();
    assert_eq!(file.quarter_hours, 29);
    assert_eq!(file.settlements[0].amount.as_ref().unwrap().units, 18_500);
    let file = close(&world).await.unwrap();
    assert_eq!(
        (file.state(), file.result_code.as_str()),
        (CounselState::Closed, "settled")
    );
    assert_eq!(file.engagement(), EngagementStatus::Ended);

    let plain = Effect::Unspecified;
    let expected = [
        ("consultation", "", plain),
        ("conflict_check", "", Effect::ConflictCleared),
        ("representation", "", plain),
        ("negotiation", "failed", plain),
        ("hearing", "continued", plain),
        ("settlement", "", plain),
        ("representation", "ended", plain),
    ]
    .map(|(act, outcome, effect)| (act.to_owned(), outcome.to_owned(), effect));
    assert_eq!(world.timeline(), expected);

    let milestones = world.spine.milestones.lock().unwrap();
    assert!(
        milestones.iter().all(|m| m.amount.is_none()),
        "the sum is the client's to tell"
    );
    assert_eq!(milestones[0].date, day(2009, 8, 7));
}

#[tokio::test]
async fn each_step_before_its_time_is_refused_with_those_that_are_legal_and_keeps_nothing() {
    let world = World::new();
    let unspecified = CounselActOutcome::Unspecified;
    let early = [
        assign(&world, "王律师", 0).await.unwrap_err(),
        act(&world, CounselActKind::Hearing, unspecified, 1)
            .await
            .unwrap_err(),
        note(&world, "strategy").await.unwrap_err(),
        settle(&world).await.unwrap_err(),
        close(&world).await.unwrap_err(),
    ];
    for status in early {
        assert_eq!(status.code(), Code::FailedPrecondition);
        let legal = ["CheckConflict", "RecordConsultation", "DeclineEngagement"].map(str::to_owned);
        assert_eq!(refused(&status), (ErrorReason::WrongState, legal.to_vec()));
    }
    let (reason, allowed) = refused(&engage(&world, FIRM).await.unwrap_err());
    assert_eq!(reason, ErrorReason::ConflictCheckRequired);
    assert!(allowed.contains(&"CheckConflict".to_owned()));
    assert!(
        world
            .stored()
            .iter()
            .all(|(key, _)| !key.starts_with("file/"))
    );
    assert!(world.timeline().is_empty());
}

#[tokio::test]
async fn a_closed_case_is_taken_on_again_only_after_a_new_check_and_old_authority_stays_dead() {
    let world = World::new();
    engaged(&world, FIRM).await;
    assign(&world, "王律师", 0).await.unwrap();
    empower(&world, FIRM, CounselAuthority::Special).await;
    close(&world).await.unwrap();

    let (reason, _) = refused(&engage(&world, FIRM).await.unwrap_err());
    assert_eq!(reason, ErrorReason::ConflictCheckRequired);
    check(&world, FIRM).await.unwrap();
    let file = engage(&world, FIRM).await.unwrap();
    assert!(file.counsel.iter().all(|counsel| counsel.ended));
    assert_eq!((file.ended_on, file.result_code.as_str()), (None, ""));
    assert_eq!(
        settle(&world).await.unwrap_err().code(),
        Code::FailedPrecondition
    );
    empower(&world, FIRM, CounselAuthority::Special).await;
    assert!(settle(&world).await.is_ok());
}

#[tokio::test]
async fn counsel_settles_under_special_authority_only_and_the_last_power_counts() {
    let world = World::new();
    engaged(&world, FIRM).await;
    assert_eq!(
        settle(&world).await.unwrap_err().code(),
        Code::FailedPrecondition
    );
    empower(&world, FIRM, CounselAuthority::General).await;
    assert_eq!(
        settle(&world).await.unwrap_err().code(),
        Code::FailedPrecondition
    );
    empower(&world, FIRM, CounselAuthority::Special).await;
    assert_eq!(settle(&world).await.unwrap().settlements.len(), 1);
    empower(&world, FIRM, CounselAuthority::General).await;
    assert_eq!(
        settle(&world).await.unwrap_err().code(),
        Code::FailedPrecondition
    );
}

#[tokio::test]
async fn a_party_has_two_lawyers_at_most() {
    let world = World::new();
    engaged(&world, FIRM).await;
    assign(&world, "王律师", 0).await.unwrap();
    assign(&world, "李律师", 0).await.unwrap();
    let third = assign(&world, "赵律师", 0).await.unwrap_err();
    assert_eq!(third.code(), Code::FailedPrecondition);
    assert_eq!(
        assign(&world, "赵律师", 9).await.unwrap_err().code(),
        Code::InvalidArgument
    );
    let file = assign(&world, "赵律师", 1).await.unwrap();
    let ended: Vec<bool> = file.counsel.iter().map(|counsel| counsel.ended).collect();
    assert_eq!(ended, [true, false, false]);
    assert_eq!(
        assign(&world, "钱律师", 1).await.unwrap_err().code(),
        Code::InvalidArgument
    );
}

#[tokio::test]
async fn bad_input_is_refused_by_field_and_nothing_is_kept() {
    let world = World::new();
    engaged(&world, FIRM).await;
    let before = world.stored();

    let future = pb::RecordConsultationRequest {
        parent: parent(),
        date: day(2026, 5, 5),
        ..Default::default()
    };
    let long = pb::RecordConsultationRequest {
        parent: parent(),
        quarter_hours: 4_001,
        ..Default::default()
    };
    let nowhere = pb::RecordConsultationRequest {
        parent: "cases/x".into(),
        ..Default::default()
    };
    let unsigned = pb::RecordPowerOfAttorneyRequest {
        parent: parent(),
        authority: CounselAuthority::General.into(),
        ..Default::default()
    };
    let powerless = pb::RecordPowerOfAttorneyRequest {
        parent: parent(),
        date: day(2026, 3, 2),
        ..Default::default()
    };
    let licence = pb::AssignCounselRequest {
        parent: parent(),
        lawyer_name: "王律师".into(),
        licence_number: "abc".into(),
        ..Default::default()
    };
    let uncoded = pb::CloseEngagementRequest {
        parent: parent(),
        result_code: "We settled".into(),
        ..Default::default()
    };
    let kindless = pb::RecordCounselActRequest {
        parent: parent(),
        ..Default::default()
    };
    let dollars = pb::RecordSettlementRequest {
        parent: parent(),
        amount: Some(proto::Money {
            currency_code: "USD".into(),
            units: 1,
            nanos: 0,
        }),
        ..Default::default()
    };
    let refusals = [
        (
            "date",
            ask!(world, FIRM, record_consultation, future).unwrap_err(),
        ),
        (
            "quarter_hours",
            ask!(world, FIRM, record_consultation, long).unwrap_err(),
        ),
        (
            "parent",
            ask!(world, FIRM, record_consultation, nowhere).unwrap_err(),
        ),
        (
            "date",
            ask!(world, FIRM, record_power_of_attorney, unsigned).unwrap_err(),
        ),
        (
            "authority",
            ask!(world, FIRM, record_power_of_attorney, powerless).unwrap_err(),
        ),
        (
            "licence_number",
            ask!(world, FIRM, assign_counsel, licence).unwrap_err(),
        ),
        (
            "result_code",
            ask!(world, FIRM, close_engagement, uncoded).unwrap_err(),
        ),
        (
            "kind",
            ask!(world, FIRM, record_counsel_act, kindless).unwrap_err(),
        ),
        (
            "amount",
            ask!(world, FIRM, record_settlement, dollars).unwrap_err(),
        ),
        (
            "text",
            note(&world, &"字".repeat(20_001)).await.unwrap_err(),
        ),
    ];
    for (field, status) in refusals {
        assert_eq!(status.code(), Code::InvalidArgument, "{field}");
        let violations = host::Refused::read(&status).violations;
        assert_eq!(violations[0].0, field);
    }
    assert_eq!(world.stored(), before);
}

#[tokio::test]
async fn a_repeated_request_has_one_effect_and_its_id_is_not_used_twice() {
    let world = World::new();
    let request = pb::RecordConsultationRequest {
        parent: parent(),
        quarter_hours: 2,
        request_id: "once".into(),
        ..Default::default()
    };
    let first = ask!(world, FIRM, record_consultation, request.clone()).unwrap();
    let second = ask!(world, FIRM, record_consultation, request.clone()).unwrap();
    assert_eq!(first, second);
    assert_eq!(second.acts.len(), 1);
    assert_eq!(world.timeline().len(), 1);

    let other = pb::RecordConsultationRequest {
        quarter_hours: 3,
        ..request
    };
    let (reason, _) = refused(&ask!(world, FIRM, record_consultation, other).unwrap_err());
    assert_eq!(reason, ErrorReason::RequestIdReused);
}

#[tokio::test]
async fn an_engagement_under_way_goes_on_from_there_and_nothing_is_invented() {
    let world = World::new();
    let under_way = |state: &str| pb::CheckConflictRequest {
        parent: parent(),
        under_way_at: state.into(),
        ..Default::default()
    };
    for state in ["closed", "declined", "conflicted", "nonsense", "ENGAGED"] {
        let status = ask!(world, FIRM, check_conflict, under_way(state)).unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{state}");
    }
    let file = ask!(world, FIRM, check_conflict, under_way("engaged")).unwrap();
    assert_eq!(
        (file.state(), file.engaged_since),
        (CounselState::Engaged, None)
    );
    assert_eq!(file.engagement(), EngagementStatus::Engaged);
    assert_eq!(world.timeline().len(), 1);
    act(
        &world,
        CounselActKind::Negotiation,
        CounselActOutcome::Failed,
        0,
    )
    .await
    .unwrap();

    let again = ask!(world, FIRM, check_conflict, under_way("engaged")).unwrap_err();
    assert_eq!(again.code(), Code::InvalidArgument);
    let cleared = ask!(world, OTHER, check_conflict, under_way("opened")).unwrap();
    assert_eq!(cleared.state(), CounselState::Cleared);
}

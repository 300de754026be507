//! What a union's file goes through.

use proto::v1::{self as pb, MediationFailure, UnionResult, UnionState};

use super::world::{World, ask};
use super::{
    CASE, OTHER, UNION, agree, aid, appeal, assign, close, day, decline, fail, handled,
    investigate, mediate, open, open_by, paid, parent, reopen, represent, session, yuan,
};

#[tokio::test]
async fn a_complaint_is_mediated_performed_and_closed() {
    let world = World::new();
    let file = open(&world, "").await.unwrap();
    assert_eq!(file.state(), UnionState::Intake);
    assert_eq!(file.author, "agencies/yiwu-union");
    assert!(file.opened_at.is_some());
    let steps = [
        "AssignCaseworker",
        "RecordInvestigation",
        "RecordUrgentAppeal",
        "DeclineCase",
        "CloseFile",
    ];
    assert_eq!(file.legal_steps, steps);

    assign(&world).await.unwrap();
    investigate(&world, 2, "工资表缺三个月").await.unwrap();
    let file = mediate(&world, true, true).await.unwrap();
    assert_eq!(file.state(), UnionState::Mediating);
    session(&world, "企业称资金困难").await.unwrap();
    session(&world, "").await.unwrap();
    let file = agree(&world).await.unwrap();
    assert_eq!(file.state(), UnionState::Agreed);
    assert_eq!(file.agreements[0].amount, yuan(3_090));
    assert_eq!(file.agreements[0].perform_by, day(2026, 9, 1));
    assert_eq!(file.mediations[0].sessions.len(), 2);
    assert_eq!(file.mediations[0].agreement, 1);

    let file = paid(&world, yuan(1_000), false).await.unwrap();
    assert_eq!(file.state(), UnionState::Agreed);
    // The sums say that all is paid, though nobody said so.
    let file = paid(&world, yuan(2_090), false).await.unwrap();
    assert_eq!(file.state(), UnionState::Performed);
    assert!(file.performances[1].in_full);
    assert_eq!(file.performed, yuan(3_090));

    let file = close(&world, UnionResult::Performed).await.unwrap();
    assert_eq!(file.state(), UnionState::Closed);
    assert_eq!(file.endings[0].result(), UnionResult::Performed);
    let timeline = [
        "union_intake",
        "investigation",
        "mediation",
        "mediation",
        "mediation_agreement",
        "payment:in_part",
        "payment:in_full",
        "closing_visit:performed",
    ];
    assert_eq!(world.timeline(), timeline);
    let first = world.milestones().remove(0);
    assert_eq!(first.case, CASE);
    assert_eq!(first.agency, "agencies/yiwu-union");
    assert_eq!(first.user, "agencies/yiwu-union/users/chen");
    assert_eq!(first.date, day(2026, 4, 0));
}

#[tokio::test]
async fn one_refusal_ends_a_mediation_before_it_begins() {
    let world = World::new();
    handled(&world).await;
    for (worker, employer, failure) in [
        (false, true, MediationFailure::WorkerRefused),
        (true, false, MediationFailure::EmployerRefused),
        (false, false, MediationFailure::BothRefused),
    ] {
        let file = mediate(&world, worker, employer).await.unwrap();
        assert_eq!(file.state(), UnionState::Handling);
        assert_eq!(file.mediations.last().unwrap().failure(), failure);
    }
    assert_eq!(
        world.timeline(),
        ["union_intake"],
        "who refused is not told"
    );
    let file = mediate(&world, true, true).await.unwrap();
    assert_eq!(file.state(), UnionState::Mediating);
    assert_eq!(file.mediations.last().unwrap().number, 4);
}

#[tokio::test]
async fn after_a_failed_mediation_the_union_acts_for_the_worker() {
    let world = World::new();
    handled(&world).await;
    mediate(&world, true, true).await.unwrap();
    let file = fail(&world).await.unwrap();
    assert_eq!(file.state(), UnionState::Handling);
    assert_eq!(
        file.mediations[0].failure(),
        MediationFailure::EmployerRefused
    );
    represent(&world, &["陈某", "李某"]).await.unwrap();
    aid(&world, pb::LegalAidDecision::Refused, "fund_empty")
        .await
        .unwrap();
    let file = aid(&world, pb::LegalAidDecision::Granted, "")
        .await
        .unwrap();
    assert_eq!(file.legal_aid[1].amount, yuan(2_000));
    appeal(&world).await.unwrap();
    close(&world, UnionResult::Decided).await.unwrap();
    let timeline = [
        "union_intake",
        "mediation:failed",
        "union_representation:arbitration",
        "legal_aid_granted",
        "union_written_appeal",
        "closing_visit:decided",
    ];
    assert_eq!(world.timeline(), timeline);
}

#[tokio::test]
async fn what_the_union_got_without_mediation_shows_with_its_sum() {
    let world = World::new();
    handled(&world).await;
    let file = paid(&world, yuan(40_000), true).await.unwrap();
    assert_eq!(file.state(), UnionState::Performed);
    let payment = world.milestones().pop().unwrap();
    assert_eq!(payment.amount, yuan(40_000));
}

#[tokio::test]
async fn a_case_declined_or_closed_can_be_taken_up_again_and_how_it_ended_stays() {
    let world = World::new();
    open(&world, "").await.unwrap();
    let file = decline(&world, "with_arbitration").await.unwrap();
    assert_eq!(file.state(), UnionState::Declined);
    assert_eq!(reopen(&world).await.unwrap().state(), UnionState::Intake);
    assign(&world).await.unwrap();
    close(&world, UnionResult::Transferred).await.unwrap();
    let file = reopen(&world).await.unwrap();
    assert_eq!(file.state(), UnionState::Handling);
    assert_eq!(file.endings.len(), 2);
    assert_eq!(file.endings[0].decline_reason, "with_arbitration");
    assert_eq!(file.endings[1].result(), UnionResult::Transferred);
    assert_eq!(file.endings[1].reopen_reason, "not_performed");
    let timeline = [
        "union_intake",
        "union_intake:declined",
        "union_intake:reopened",
        "closing_visit:transferred",
        "union_intake:reopened",
    ];
    assert_eq!(world.timeline(), timeline);
}

#[tokio::test]
async fn a_proceeding_that_was_under_way_goes_on_where_it_stood() {
    for (state, at) in [
        ("intake", UnionState::Intake),
        ("handling", UnionState::Handling),
        ("mediating", UnionState::Mediating),
        ("agreed", UnionState::Agreed),
        ("performed", UnionState::Performed),
    ] {
        let world = World::new();
        let file = open(&world, state).await.unwrap();
        assert_eq!(file.state(), at);
        assert_eq!(file.under_way_at, state);
        assert!(
            file.caseworkers.is_empty() && file.agreements.is_empty(),
            "nothing invented"
        );
        assert_eq!(world.timeline(), ["union_intake:under_way"]);
    }
    let world = World::new();
    open(&world, "mediating").await.unwrap();
    session(&world, "").await.unwrap();
    let file = agree(&world).await.unwrap();
    assert!(file.mediations[0].under_way);
    assert_eq!(file.state(), UnionState::Agreed);

    let world = World::new();
    open(&world, "agreed").await.unwrap();
    assert_eq!(
        paid(&world, None, true).await.unwrap().state(),
        UnionState::Performed
    );
}

#[tokio::test]
async fn a_repeated_request_has_one_effect() {
    let world = World::new();
    handled(&world).await;
    let request = pb::RecordPerformanceRequest {
        parent: parent(),
        amount: yuan(500),
        request_id: "once".into(),
        ..Default::default()
    };
    let first = ask!(world, UNION, record_performance, request.clone()).unwrap();
    let second = ask!(world, UNION, record_performance, request).unwrap();
    assert_eq!(first, second);
    assert_eq!(first.performances.len(), 1);
    assert_eq!(world.timeline(), ["union_intake", "payment:in_part"]);
}

#[tokio::test]
async fn each_union_has_its_own_file_and_touches_no_other() {
    let world = World::new();
    handled(&world).await;
    let before = world.part(CASE).await;
    let elsewhere = pb::CloseFileRequest {
        parent: parent(),
        result: UnionResult::Withdrawn.into(),
        ..Default::default()
    };
    assert!(ask!(world, OTHER, close_file, elsewhere).is_err());
    assert_eq!(world.part(CASE).await, before);

    open_by(&world, OTHER, "").await.unwrap();
    let part = world.part(CASE).await;
    let authors: Vec<_> = part.union_files.iter().map(|f| f.author.as_str()).collect();
    assert_eq!(authors, ["agencies/kaihua-union", "agencies/yiwu-union"]);
    assert_eq!(part.union_files[1], before.union_files[0]);
    assert!(
        world
            .part("cases/330782-2026-000124")
            .await
            .union_files
            .is_empty()
    );
}

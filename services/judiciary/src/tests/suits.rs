use proto::internal::v1::Effect;
use proto::v1::{self as pb, CourtKind, CourtState, ErrorReason};

use super::world::{World, ask, refused};
use super::{COURT, day, file_suit, judgment, parent, plain, suit, suit_at, yuan};

#[tokio::test]
async fn a_suit_goes_through_two_instances_and_a_retrial() {
    let world = World::new();
    let filed = file_suit(&world, suit()).await;
    assert_eq!(
        (filed.docket.as_str(), filed.number, filed.state()),
        ("suit-1", 1, CourtState::Filed)
    );
    assert_eq!(filed.author, "agencies/yiwu-court");
    assert!(filed.legal_steps.contains(&"DocketSuit".to_owned()));
    assert!(!filed.legal_steps.contains(&"RenderJudgment".to_owned()));

    ask!(world, COURT, docket_suit, plain!(DocketSuitRequest)).unwrap();
    let hearing = pb::HoldHearingRequest {
        minutes: "both sides heard".into(),
        ..plain!(HoldHearingRequest)
    };
    ask!(world, COURT, hold_hearing, hearing).unwrap();
    let first = ask!(
        world,
        COURT,
        render_judgment,
        judgment("for_worker", yuan(106_834))
    )
    .unwrap();
    assert_eq!(first.state(), CourtState::FirstInstanceJudged);
    assert_eq!(first.effective_on, None);

    ask!(world, COURT, file_appeal, plain!(FileAppealRequest)).unwrap();
    let second = ask!(
        world,
        COURT,
        render_judgment,
        judgment("against_worker", None)
    )
    .unwrap();
    assert_eq!(
        second.state(),
        CourtState::Effective,
        "the second instance is final"
    );
    assert_eq!(
        (second.effective_on, second.result_code.as_str()),
        (day(2026, 3, 2), "against_worker")
    );

    ask!(world, COURT, apply_retrial, plain!(ApplyRetrialRequest)).unwrap();
    let retried = ask!(world, COURT, order_retrial, plain!(OrderRetrialRequest)).unwrap();
    assert_eq!(
        retried.result_code, "against_worker",
        "it stands until the retrial changes it"
    );
    let third = ask!(
        world,
        COURT,
        render_judgment,
        judgment("for_worker", yuan(90_000))
    )
    .unwrap();
    assert_eq!(
        third.state(),
        CourtState::Effective,
        "of the second instance: final"
    );
    assert_eq!(third.suit.unwrap().hearings[0].minutes, "both sides heard");

    let expected = [
        "suit_filed",
        "suit_docketed",
        "hearing",
        "first_instance_judgment:for_worker",
        "appeal",
        "second_instance_judgment:against_worker",
        "retrial_application",
        "retrial_ordered",
        "retrial_judgment:for_worker",
    ];
    assert_eq!(world.timeline(), expected);
    let milestones = world.spine.milestones.lock().unwrap();
    assert_eq!(milestones[0].effect(), Effect::Filed);
    assert!(
        milestones[1..]
            .iter()
            .all(|m| m.effect() == Effect::Unspecified)
    );
    assert_eq!(milestones[3].amount, yuan(106_834));
    assert_eq!(milestones[3].agency, "agencies/yiwu-court");
    assert_eq!(milestones[3].date, day(2026, 3, 2));
}

#[tokio::test]
async fn a_retrial_of_the_first_instance_can_be_appealed() {
    let world = World::new();
    file_suit(&world, suit_at("first_instance_judged")).await;
    ask!(world, COURT, mark_effective, plain!(MarkEffectiveRequest)).unwrap();
    ask!(world, COURT, order_retrial, plain!(OrderRetrialRequest)).unwrap();
    let judged = ask!(world, COURT, render_judgment, judgment("for_worker", None)).unwrap();
    assert_eq!(
        (judged.state(), judged.effective_on),
        (CourtState::RetrialJudged, None)
    );
    ask!(world, COURT, file_appeal, plain!(FileAppealRequest)).unwrap();
}

#[tokio::test]
async fn a_civil_suit_without_arbitration_is_refused_and_nothing_is_stored() {
    let world = World::new();
    let bare = pb::FileSuitRequest {
        arbitration_basis: 0,
        ..suit()
    };
    let status = ask!(world, COURT, file_suit, bare).unwrap_err();
    assert_eq!(status.code(), tonic::Code::FailedPrecondition);
    assert!(
        status.message().contains("arbitration comes before"),
        "{}",
        status.message()
    );

    let unexplained = pb::FileSuitRequest {
        arbitration_basis: pb::ArbitrationBasis::NotRequired.into(),
        ..suit()
    };
    let status = ask!(world, COURT, file_suit, unexplained).unwrap_err();
    assert_eq!(refused(&status).0, ErrorReason::InvalidArgument);
    assert_eq!(world.stored(), []);

    let iou = pb::FileSuitRequest {
        arbitration_basis: pb::ArbitrationBasis::NotRequired.into(),
        exemption: pb::ArbitrationExemption::Iou.into(),
        ..suit()
    };
    ask!(world, COURT, file_suit, iou).unwrap();
}

#[tokio::test]
async fn an_administrative_suit_needs_no_arbitration_and_shows_as_one() {
    let world = World::new();
    let request = pb::FileSuitRequest {
        kind: CourtKind::AdministrativeSuit.into(),
        arbitration_basis: 0,
        under_way_at: "docketed".into(),
        ..suit()
    };
    let filed = file_suit(&world, request).await;
    assert_eq!(
        filed.suit.unwrap().arbitration_basis(),
        pb::ArbitrationBasis::NotRequired
    );
    ask!(
        world,
        COURT,
        render_judgment,
        judgment("against_worker", None)
    )
    .unwrap();
    ask!(world, COURT, file_appeal, plain!(FileAppealRequest)).unwrap();
    ask!(world, COURT, render_judgment, judgment("", None)).unwrap();
    let expected = [
        "admin_suit_filed:under_way",
        "admin_first_instance_judgment:against_worker",
        "appeal",
        "admin_second_instance_judgment",
    ];
    assert_eq!(world.timeline(), expected);
}

#[tokio::test]
async fn a_suit_under_way_invents_no_earlier_step() {
    let world = World::new();
    let opened = file_suit(&world, suit_at("retrial_requested")).await;
    assert_eq!(opened.state(), CourtState::RetrialRequested);
    assert_eq!(
        (opened.decisions.len(), opened.under_way_at.as_str()),
        (0, "retrial_requested")
    );
    let settlement = pb::RecordCourtSettlementRequest {
        amount: yuan(8_000),
        ..plain!(RecordCourtSettlementRequest)
    };
    let settled = ask!(world, COURT, record_court_settlement, settlement).unwrap();
    assert_eq!(settled.state(), CourtState::Settled);
    assert_eq!(
        world.timeline(),
        ["suit_filed:under_way", "settlement:settled"]
    );

    for wrong in ["withdrawn", "Filed", "confirmation_applied", "nowhere"] {
        let status = ask!(world, COURT, file_suit, suit_at(wrong)).unwrap_err();
        assert_eq!(refused(&status).0, ErrorReason::InvalidArgument, "{wrong}");
    }
}

#[tokio::test]
async fn small_claims_end_in_one_instance() {
    let world = World::new();
    file_suit(&world, suit()).await;
    let small = pb::DocketSuitRequest {
        procedure: pb::CourtProcedure::SmallClaims.into(),
        ..plain!(DocketSuitRequest)
    };
    ask!(world, COURT, docket_suit, small).unwrap();
    let judged = ask!(world, COURT, render_judgment, judgment("for_worker", None)).unwrap();
    assert!(!judged.legal_steps.contains(&"FileAppeal".to_owned()));
    let status = ask!(world, COURT, file_appeal, plain!(FileAppealRequest)).unwrap_err();
    let (reason, allowed) = refused(&status);
    assert_eq!(reason, ErrorReason::WrongState);
    assert_eq!(allowed, judged.legal_steps);
    ask!(world, COURT, mark_effective, plain!(MarkEffectiveRequest)).unwrap();
}

#[tokio::test]
async fn a_refused_suit_can_be_appealed_and_sent_back() {
    let world = World::new();
    file_suit(&world, suit()).await;
    let refusal = pb::RefuseSuitRequest {
        reasoning: "wrong court".into(),
        ..plain!(RefuseSuitRequest)
    };
    let rejected = ask!(world, COURT, refuse_suit, refusal).unwrap();
    assert_eq!(rejected.result_code, "not_accepted");
    ask!(world, COURT, file_appeal, plain!(FileAppealRequest)).unwrap();
    let sent_back = ask!(world, COURT, remand_suit, plain!(RemandSuitRequest)).unwrap();
    assert_eq!(
        (sent_back.state(), sent_back.result_code.as_str()),
        (CourtState::Docketed, "")
    );
    let dismissed = ask!(world, COURT, refuse_suit, plain!(RefuseSuitRequest)).unwrap();
    assert_eq!(dismissed.result_code, "dismissed");
    assert_eq!(dismissed.decisions.len(), 3);
}

#[tokio::test]
async fn an_appeal_that_another_court_decides_leaves_no_result_here() {
    let world = World::new();
    file_suit(&world, suit_at("docketed")).await;
    ask!(world, COURT, render_judgment, judgment("for_worker", None)).unwrap();
    let withdrawn = pb::MarkEffectiveRequest {
        ground: pb::EffectiveGround::AppealWithdrawn.into(),
        ..plain!(MarkEffectiveRequest)
    };
    let status = ask!(world, COURT, mark_effective, withdrawn.clone()).unwrap_err();
    assert_eq!(
        refused(&status).0,
        ErrorReason::InvalidArgument,
        "nobody appealed"
    );
    ask!(world, COURT, file_appeal, plain!(FileAppealRequest)).unwrap();
    let status = ask!(world, COURT, mark_effective, plain!(MarkEffectiveRequest)).unwrap_err();
    assert_eq!(
        refused(&status).0,
        ErrorReason::InvalidArgument,
        "an appeal is pending"
    );
    let elsewhere = pb::MarkEffectiveRequest {
        ground: pb::EffectiveGround::DecidedOnAppeal.into(),
        ..plain!(MarkEffectiveRequest)
    };
    let effective = ask!(world, COURT, mark_effective, elsewhere).unwrap();
    assert_eq!(
        (effective.state(), effective.result_code.as_str()),
        (CourtState::Effective, "")
    );
}

#[tokio::test]
async fn mediation_before_docketing_ends_the_suit_with_its_sum() {
    let world = World::new();
    file_suit(&world, suit()).await;
    let agreement = pb::RecordCourtMediationRequest {
        amount: yuan(198_000),
        terms: "company 150,000, school 48,000".into(),
        date: day(2023, 0, 0),
        ..plain!(RecordCourtMediationRequest)
    };
    let mediated = ask!(world, COURT, record_court_mediation, agreement).unwrap();
    assert_eq!(mediated.state(), CourtState::Mediated);
    assert_eq!(mediated.decisions[0].amount, yuan(198_000));
    assert_eq!(
        world.timeline(),
        ["suit_filed", "mediation_agreement:mediated"]
    );
}

#[tokio::test]
async fn a_later_suit_is_a_docket_of_its_own_and_the_newest_is_meant() {
    let world = World::new();
    file_suit(&world, suit()).await;
    ask!(world, COURT, refuse_suit, plain!(RefuseSuitRequest)).unwrap();
    assert_eq!(file_suit(&world, suit()).await.docket, "suit-2");
    let docketed = ask!(world, COURT, docket_suit, plain!(DocketSuitRequest)).unwrap();
    assert_eq!(docketed.docket, "suit-2");
    let first = pb::FileAppealRequest {
        docket: "suit-1".into(),
        ..plain!(FileAppealRequest)
    };
    assert_eq!(
        ask!(world, COURT, file_appeal, first).unwrap().docket,
        "suit-1"
    );
    let part = world.part(&parent()).await;
    let states: Vec<_> = part.court_files.iter().map(pb::CourtFile::state).collect();
    assert_eq!(states, [CourtState::Appealed, CourtState::Docketed]);
}

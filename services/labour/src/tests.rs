//! Journeys through the service as the gateway calls it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod world;

use proto::v1 as pb;
use proto::v1::ErrorReason;
use proto::{Date, Money};

use world::{World, ask, refused};

const CASE: &str = "cases/330782-2026-000123";
const BUREAU: &str = "yiwu-labour";

fn day(year: i32, month: i32, day: i32) -> Option<Date> {
    Some(Date { year, month, day })
}

fn yuan(units: i64) -> Option<Money> {
    Some(Money {
        currency_code: "CNY".into(),
        units,
        nanos: 0,
    })
}

/// A request with the case and these fields.
macro_rules! request {
    ($request:ident { $($field:ident: $value:expr),* $(,)? }) => {
        pb::$request { parent: CASE.into(), $($field: $value,)* ..Default::default() }
    };
}

#[tokio::test]
async fn an_inspection_goes_from_complaint_to_compliance() {
    let world = World::new();
    let complaint = request!(ReceiveComplaintRequest {
        violation: "unpaid_wages".into()
    });
    ask!(world, BUREAU, receive_complaint, complaint).unwrap();
    ask!(
        world,
        BUREAU,
        accept_complaint,
        request!(AcceptComplaintRequest {})
    )
    .unwrap();
    let visit = request!(RecordInspectionVisitRequest {
        officers: 2,
        findings: "found".into()
    });
    ask!(world, BUREAU, record_inspection_visit, visit).unwrap();
    let order = request!(IssueCorrectionOrderRequest {
        amount: yuan(900),
        date: day(2026, 4, 1)
    });
    let file = ask!(world, BUREAU, issue_correction_order, order).unwrap();
    assert_eq!(file.decided_on, day(2026, 4, 1));
    for sum in [400, 500] {
        let paid = request!(RecordComplianceRequest { amount: yuan(sum) });
        ask!(world, BUREAU, record_compliance, paid).unwrap();
    }
    let close = request!(CloseInspectionRequest {
        result: "complied".into()
    });
    let file = ask!(world, BUREAU, close_inspection, close).unwrap();
    assert_eq!((file.paid, file.acts.len()), (yuan(900), 7));
    assert!(file.legal_steps.is_empty());
    assert_eq!(
        world.timeline(),
        [
            "labour_inspection_complaint",
            "investigation",
            "labour_inspection_order",
            "payment:complied",
            "payment:complied",
            "inspection_closed:complied",
        ]
    );
    // What was found stays in the file.
    let milestones = world.spine.milestones.lock().unwrap();
    assert!(!format!("{milestones:?}").contains("found"));
    assert_eq!(milestones[0].effect(), proto::internal::v1::Effect::Filed);
}

#[tokio::test]
async fn an_illegal_step_names_the_legal_ones_and_changes_nothing() {
    let world = World::new();
    let early = ask!(
        world,
        BUREAU,
        accept_complaint,
        request!(AcceptComplaintRequest {})
    );
    let (reason, legal) = refused(&early.unwrap_err());
    assert_eq!(
        (reason, legal),
        (ErrorReason::WrongState, vec!["ReceiveComplaint".to_owned()])
    );
    ask!(
        world,
        BUREAU,
        receive_complaint,
        request!(ReceiveComplaintRequest {})
    )
    .unwrap();
    let before = world.stored();
    let order = ask!(
        world,
        BUREAU,
        issue_correction_order,
        request!(IssueCorrectionOrderRequest {})
    );
    let (_, legal) = refused(&order.unwrap_err());
    assert_eq!(legal, ["AcceptComplaint", "RefuseComplaint"]);
    assert_eq!(world.stored(), before);
}

#[tokio::test]
async fn an_award_with_one_item_that_is_not_final_is_not_final() {
    let world = World::new();
    let under_way = request!(ReceiveArbitrationApplicationRequest {
        under_way_at: "heard".into()
    });
    ask!(world, BUREAU, receive_arbitration_application, under_way).unwrap();
    let item = |is_final| pb::AwardItem {
        claim: "unpaid_wages".into(),
        result: "granted".into(),
        amount: yuan(100),
        r#final: is_final,
    };
    let award = |kind: pb::AwardKind| {
        request!(IssueAwardRequest {
            kind: kind.into(),
            items: vec![item(true), item(false)]
        })
    };
    let before = world.stored();
    let mixed = ask!(world, BUREAU, issue_award, award(pb::AwardKind::Final)).unwrap_err();
    assert_eq!(refused(&mixed).0, ErrorReason::InvalidArgument);
    assert_eq!(world.stored(), before);
    let file = ask!(world, BUREAU, issue_award, award(pb::AwardKind::NonFinal)).unwrap();
    assert_eq!(file.amount, yuan(200));
    assert_eq!(
        world.timeline(),
        ["arbitration_application:under_way", "award:non_final"]
    );
}

#[tokio::test]
async fn an_annulled_injury_decision_is_followed_by_a_new_one_and_an_appraisal() {
    let world = World::new();
    let apply = request!(ReceiveInjuryApplicationRequest {
        applicant: pb::InjuryApplicant::Union.into()
    });
    ask!(world, BUREAU, receive_injury_application, apply).unwrap();
    let decide = |recognised| {
        request!(DecideInjuryRequest {
            recognised: recognised
        })
    };
    let denied = ask!(world, BUREAU, decide_injury, decide(false)).unwrap();
    assert_eq!(denied.state(), pb::InjuryState::Denied);
    assert_eq!(denied.legal_steps, ["AnnulInjuryDecision"]);
    ask!(
        world,
        BUREAU,
        annul_injury_decision,
        request!(AnnulInjuryDecisionRequest {})
    )
    .unwrap();
    ask!(world, BUREAU, decide_injury, decide(true)).unwrap();
    ask!(
        world,
        BUREAU,
        apply_capacity_appraisal,
        request!(ApplyCapacityAppraisalRequest {})
    )
    .unwrap();
    let grade = |grade| request!(RecordCapacityAppraisalRequest { grade: grade });
    let eleven = ask!(world, BUREAU, record_capacity_appraisal, grade(11)).unwrap_err();
    assert_eq!(refused(&eleven).0, ErrorReason::InvalidArgument);
    let file = ask!(world, BUREAU, record_capacity_appraisal, grade(6)).unwrap();
    assert_eq!((file.grade, file.state()), (6, pb::InjuryState::Appraised));
    assert!(world.timeline().contains(&"work_injury_denied".to_owned()));
}

#[tokio::test]
async fn bad_input_is_refused_with_nothing_stored() {
    let world = World::new();
    ask!(
        world,
        BUREAU,
        receive_complaint,
        request!(ReceiveComplaintRequest {
            under_way_at: "accepted".into()
        })
    )
    .unwrap();
    let before = world.stored();
    let one = request!(RecordInspectionVisitRequest { officers: 1 });
    assert!(ask!(world, BUREAU, record_inspection_visit, one).is_err());
    let future = request!(RecordInspectionVisitRequest {
        officers: 2,
        date: day(2027, 1, 1)
    });
    assert!(ask!(world, BUREAU, record_inspection_visit, future).is_err());
    let debt = request!(IssueCorrectionOrderRequest { amount: yuan(-1) });
    assert!(ask!(world, BUREAU, issue_correction_order, debt).is_err());
    let nowhere = request!(ReceiveComplaintRequest {
        under_way_at: "closed".into()
    });
    assert!(ask!(world, BUREAU, receive_complaint, nowhere).is_err());
    let missing = request!(CloseInspectionRequest {
        docket: "inspection-9".into(),
        result: "x".into()
    });
    let missing = ask!(world, BUREAU, close_inspection, missing).unwrap_err();
    assert_eq!(refused(&missing).0, ErrorReason::NotFound);
    let union = ask!(
        world,
        "yiwu-union",
        receive_complaint,
        request!(ReceiveComplaintRequest {})
    );
    assert_eq!(refused(&union.unwrap_err()).0, ErrorReason::NotAllowed);
    assert_eq!(world.stored(), before);
}

#[tokio::test]
async fn a_repeated_request_has_one_effect_and_dockets_are_told_apart() {
    let world = World::new();
    let apply = |id: &str| {
        request!(ReceiveArbitrationApplicationRequest {
            request_id: id.into()
        })
    };
    for id in ["one", "one", "two"] {
        ask!(world, BUREAU, receive_arbitration_application, apply(id)).unwrap();
    }
    let accept = request!(AcceptArbitrationRequest {
        docket: "arbitration-1".into()
    });
    ask!(world, BUREAU, accept_arbitration, accept).unwrap();
    let part = world.part(CASE).await;
    let states: Vec<_> = part
        .arbitration_files
        .iter()
        .map(pb::ArbitrationFile::state)
        .collect();
    use pb::ArbitrationState as S;
    assert_eq!(states, [S::Accepted, S::Received]);
    assert!(part.union_files.is_empty() && part.label.is_none());
}

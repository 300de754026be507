use proto::v1::{self as pb, ErrorReason};
use proto::{Date, Money};
use tonic::Code;

use super::world::{World, ask, refused};
use super::{COURT, OTHER, PROCURATORATE, day, file_suit, judgment, parent, plain, suit, yuan};

#[tokio::test]
async fn an_illegal_step_names_the_legal_ones_and_changes_nothing() {
    let world = World::new();
    let status = ask!(world, COURT, hold_hearing, plain!(HoldHearingRequest)).unwrap_err();
    assert_eq!(
        (status.code(), refused(&status).1),
        (Code::FailedPrecondition, vec!["FileSuit".to_owned()])
    );

    let filed = file_suit(&world, suit()).await;
    let stored = world.stored();
    let status = ask!(world, COURT, render_judgment, judgment("for_worker", None)).unwrap_err();
    let (reason, allowed) = refused(&status);
    assert_eq!(
        (status.code(), reason),
        (Code::FailedPrecondition, ErrorReason::WrongState)
    );
    assert_eq!(allowed, filed.legal_steps);
    assert_eq!(world.stored(), stored);
    assert_eq!(world.timeline(), ["suit_filed"]);
}

#[tokio::test]
async fn bad_input_is_refused_by_field_and_nothing_is_stored() {
    let world = World::new();
    let dollars = Money {
        currency_code: "USD".into(),
        units: 1,
        nanos: 0,
    };
    let wrong = [
        pb::FileSuitRequest {
            parent: "cases/1".into(),
            ..suit()
        },
        pb::FileSuitRequest { kind: 0, ..suit() },
        pb::FileSuitRequest {
            kind: pb::CourtKind::Enforcement.into(),
            ..suit()
        },
        pb::FileSuitRequest { kind: 99, ..suit() },
        pb::FileSuitRequest {
            arbitration_basis: 99,
            ..suit()
        },
        pb::FileSuitRequest {
            exemption: pb::ArbitrationExemption::Iou.into(),
            ..suit()
        },
        pb::FileSuitRequest {
            plaintiff: -1,
            ..suit()
        },
        pb::FileSuitRequest {
            cause_of_action: "Wage claim".into(),
            ..suit()
        },
        pb::FileSuitRequest {
            amount: Some(dollars),
            ..suit()
        },
        pb::FileSuitRequest {
            amount: yuan(-1),
            ..suit()
        },
        pb::FileSuitRequest {
            date: Some(Date {
                year: 2026,
                month: 2,
                day: 30,
            }),
            ..suit()
        },
        // The clock stands at 4 May 2026.
        pb::FileSuitRequest {
            date: day(2026, 5, 5),
            ..suit()
        },
        pb::FileSuitRequest {
            kind: pb::CourtKind::AdministrativeSuit.into(),
            ..suit()
        },
    ];
    for request in wrong {
        let told = format!("{request:?}");
        let status = ask!(world, COURT, file_suit, request).unwrap_err();
        assert_eq!(
            (status.code(), refused(&status).0),
            (Code::InvalidArgument, ErrorReason::InvalidArgument),
            "{told}"
        );
    }
    assert_eq!(world.stored(), []);
    file_suit(&world, suit()).await;
    let long = pb::HoldHearingRequest {
        minutes: "甲".repeat(8_001),
        ..plain!(HoldHearingRequest)
    };
    let status = ask!(world, COURT, hold_hearing, long).unwrap_err();
    assert!(!status.message().contains('甲'), "{}", status.message());
}

#[tokio::test]
async fn a_repeated_request_has_one_effect() {
    let world = World::new();
    let request = pb::FileSuitRequest {
        request_id: "r-1".into(),
        ..suit()
    };
    let first = file_suit(&world, request.clone()).await;
    assert_eq!(file_suit(&world, request.clone()).await, first);
    assert_eq!(world.timeline(), ["suit_filed"]);
    assert_eq!(world.part(&parent()).await.court_files, [first]);
    let changed = pb::FileSuitRequest {
        amount: yuan(5),
        ..request
    };
    let status = ask!(world, COURT, file_suit, changed).unwrap_err();
    assert_eq!(refused(&status).0, ErrorReason::RequestIdReused);
}

#[tokio::test]
async fn another_courts_docket_cannot_be_touched() {
    let world = World::new();
    let own = file_suit(&world, suit()).await;
    let named = pb::DocketSuitRequest {
        docket: own.docket.clone(),
        ..plain!(DocketSuitRequest)
    };
    let status = ask!(world, OTHER, docket_suit, named).unwrap_err();
    assert_eq!(refused(&status).0, ErrorReason::NotFound);
    let status = ask!(world, OTHER, docket_suit, plain!(DocketSuitRequest)).unwrap_err();
    assert_eq!(refused(&status).1, ["FileSuit"]);

    // The court of appeal keeps a docket of its own beside it.
    let appeal = pb::FileSuitRequest {
        under_way_at: "appealed".into(),
        ..suit()
    };
    let theirs = ask!(world, OTHER, file_suit, appeal).unwrap();
    assert_eq!(
        (theirs.docket.as_str(), theirs.author.as_str()),
        ("suit-1", "agencies/jinhua-court")
    );
    ask!(world, OTHER, render_judgment, judgment("for_worker", None)).unwrap();
    let part = world.part(&parent()).await;
    assert!(part.court_files.contains(&own), "untouched");
    assert_eq!(part.court_files.len(), 2);
}

#[tokio::test]
async fn a_docket_on_another_case_is_not_found() {
    let world = World::new();
    file_suit(&world, suit()).await;
    // A longer docket number that begins with the first one's.
    let elsewhere = "cases/330782-2026-0001234".to_owned();
    let named = pb::DocketSuitRequest {
        parent: elsewhere.clone(),
        docket: "suit-1".into(),
        ..plain!(DocketSuitRequest)
    };
    let status = ask!(world, COURT, docket_suit, named).unwrap_err();
    assert_eq!(refused(&status).0, ErrorReason::NotFound);
    assert_eq!(world.part(&elsewhere).await, pb::Case::default());
}

#[tokio::test]
async fn only_a_court_keeps_dockets_and_only_a_procuratorate_matters() {
    let world = World::new();
    for stranger in [PROCURATORATE, "yiwu-union"] {
        let status = ask!(world, stranger, file_suit, suit()).unwrap_err();
        assert_eq!(
            (status.code(), refused(&status).0),
            (Code::PermissionDenied, ErrorReason::NotAllowed)
        );
    }
    let status = ask!(world, COURT, prosecute, plain!(ProsecuteRequest)).unwrap_err();
    assert_eq!(refused(&status).0, ErrorReason::NotAllowed);
    assert_eq!(world.stored(), []);
}

#[tokio::test]
async fn what_was_said_in_court_is_on_no_timeline() {
    let world = World::new();
    file_suit(
        &world,
        pb::FileSuitRequest {
            under_way_at: "docketed".into(),
            ..suit()
        },
    )
    .await;
    let secret = "虞某说";
    let hearing = pb::HoldHearingRequest {
        minutes: secret.into(),
        ..plain!(HoldHearingRequest)
    };
    ask!(world, COURT, hold_hearing, hearing).unwrap();
    let terms = pb::RecordCourtMediationRequest {
        terms: secret.into(),
        ..plain!(RecordCourtMediationRequest)
    };
    ask!(world, COURT, record_court_mediation, terms).unwrap();
    let told = format!("{:?}", world.spine.milestones.lock().unwrap());
    assert!(told.contains("mediation_agreement"));
    assert!(!told.contains(secret));
}

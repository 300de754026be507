use proto::v1::{self as pb, CourtState, EnforcementInstrument, EnforcementResult, ErrorReason};

use super::world::{World, ask, refused};
use super::{COURT, day, file_suit, judgment, parent, plain, suit, suit_at, yuan};

fn confirmation() -> pb::ApplyConfirmationRequest {
    pb::ApplyConfirmationRequest {
        applied_by_both: true,
        ..plain!(ApplyConfirmationRequest)
    }
}

fn enforcement(instrument: EnforcementInstrument, docket: &str) -> pb::ApplyEnforcementRequest {
    pb::ApplyEnforcementRequest {
        instrument: instrument.into(),
        instrument_docket: docket.into(),
        ..plain!(ApplyEnforcementRequest)
    }
}

fn payment(units: i64) -> pb::RecordEnforcedPaymentRequest {
    pb::RecordEnforcedPaymentRequest {
        amount: yuan(units),
        date: day(2016, 2, 5),
        ..plain!(RecordEnforcedPaymentRequest)
    }
}

fn close(result: EnforcementResult) -> pb::CloseEnforcementRequest {
    pb::CloseEnforcementRequest {
        result: result.into(),
        ..plain!(CloseEnforcementRequest)
    }
}

fn order(basis: pb::PaymentOrderBasis) -> pb::ApplyPaymentOrderRequest {
    pb::ApplyPaymentOrderRequest {
        basis: basis.into(),
        ..plain!(ApplyPaymentOrderRequest)
    }
}

#[tokio::test]
async fn a_confirmed_agreement_is_enforced_overnight() {
    // Published case 02: confirmed, applied for and paid within two days.
    let world = World::new();
    ask!(
        world,
        COURT,
        order_preservation,
        plain!(OrderPreservationRequest)
    )
    .unwrap();
    ask!(world, COURT, apply_confirmation, confirmation()).unwrap();
    let asked = enforcement(EnforcementInstrument::ConfirmedAgreement, "confirmation-2");
    let status = ask!(world, COURT, apply_enforcement, asked.clone()).unwrap_err();
    let (reason, allowed) = refused(&status);
    assert_eq!(reason, ErrorReason::WrongState, "not confirmed yet");
    assert_eq!(allowed, ["ConfirmAgreement", "RejectConfirmation"]);

    let ruling = pb::ConfirmAgreementRequest {
        date: day(2016, 2, 4),
        ..plain!(ConfirmAgreementRequest)
    };
    ask!(world, COURT, confirm_agreement, ruling).unwrap();
    ask!(world, COURT, apply_enforcement, asked).unwrap();
    ask!(
        world,
        COURT,
        open_enforcement,
        plain!(OpenEnforcementRequest)
    )
    .unwrap();
    ask!(world, COURT, record_enforced_payment, payment(4_000_000)).unwrap();
    let closed = ask!(
        world,
        COURT,
        close_enforcement,
        close(EnforcementResult::Performed)
    )
    .unwrap();
    assert_eq!(
        (closed.state(), closed.result_code.as_str()),
        (CourtState::EnforcementClosed, "performed")
    );
    ask!(
        world,
        COURT,
        lift_preservation,
        plain!(LiftPreservationRequest)
    )
    .unwrap();

    let expected = [
        "preservation:ordered",
        "judicial_confirmation_application",
        "judicial_confirmation:confirmed",
        "enforcement_application",
        "enforcement",
        "payment",
        "enforcement:performed",
        "preservation:lifted",
    ];
    assert_eq!(world.timeline(), expected);
    assert_eq!(
        world.spine.milestones.lock().unwrap()[5].amount,
        yuan(4_000_000)
    );
}

#[tokio::test]
async fn payments_add_up_to_the_fen_and_performed_means_paid() {
    let world = World::new();
    let asked = pb::ApplyEnforcementRequest {
        amount: yuan(1_000),
        under_way_at: "enforcing".into(),
        ..enforcement(EnforcementInstrument::Award, "")
    };
    ask!(world, COURT, apply_enforcement, asked).unwrap();
    let mut part = payment(600);
    part.amount.as_mut().unwrap().nanos = 990_000_000;
    ask!(world, COURT, record_enforced_payment, part).unwrap();
    let status = ask!(
        world,
        COURT,
        close_enforcement,
        close(EnforcementResult::Performed)
    )
    .unwrap_err();
    assert_eq!(
        status.code(),
        tonic::Code::FailedPrecondition,
        "399.01 are still due"
    );

    let ended = ask!(
        world,
        COURT,
        close_enforcement,
        close(EnforcementResult::RoundTerminated)
    )
    .unwrap();
    assert_eq!(ended.state(), CourtState::RoundTerminated);
    assert_eq!(ended.legal_steps, ["OpenEnforcement"], "it can begin anew");
    let status = ask!(world, COURT, record_enforced_payment, payment(1)).unwrap_err();
    assert_eq!(refused(&status).1, ["OpenEnforcement"]);
    ask!(
        world,
        COURT,
        open_enforcement,
        plain!(OpenEnforcementRequest)
    )
    .unwrap();
    let mut rest = payment(399);
    rest.amount.as_mut().unwrap().nanos = 10_000_000;
    let paid = ask!(world, COURT, record_enforced_payment, rest).unwrap();
    assert_eq!(paid.paid_total, yuan(1_000));
    assert_eq!(paid.enforcement.unwrap().payments.len(), 2);
    let closed = ask!(
        world,
        COURT,
        close_enforcement,
        close(EnforcementResult::Performed)
    )
    .unwrap();
    assert!(closed.legal_steps.is_empty());
}

#[tokio::test]
async fn how_enforcement_ends_fits_how_far_it_came() {
    let world = World::new();
    let asked = enforcement(EnforcementInstrument::Award, "");
    ask!(world, COURT, apply_enforcement, asked).unwrap();
    let early = ask!(
        world,
        COURT,
        close_enforcement,
        close(EnforcementResult::RoundTerminated)
    );
    assert_eq!(refused(&early.unwrap_err()).0, ErrorReason::InvalidArgument);
    ask!(
        world,
        COURT,
        open_enforcement,
        plain!(OpenEnforcementRequest)
    )
    .unwrap();
    let late = ask!(
        world,
        COURT,
        close_enforcement,
        close(EnforcementResult::Refused)
    );
    assert_eq!(refused(&late.unwrap_err()).0, ErrorReason::InvalidArgument);
    for nothing in [None, yuan(0)] {
        let empty = pb::RecordEnforcedPaymentRequest {
            amount: nothing,
            ..payment(0)
        };
        let status = ask!(world, COURT, record_enforced_payment, empty).unwrap_err();
        assert_eq!(refused(&status).0, ErrorReason::InvalidArgument);
    }
}

#[tokio::test]
async fn a_judgment_is_enforced_only_once_it_is_effective() {
    let world = World::new();
    file_suit(&world, suit_at("docketed")).await;
    ask!(
        world,
        COURT,
        render_judgment,
        judgment("for_worker", yuan(500))
    )
    .unwrap();
    let asked = enforcement(EnforcementInstrument::Judgment, "suit-1");
    let early = ask!(world, COURT, apply_enforcement, asked.clone()).unwrap_err();
    assert_eq!(refused(&early).0, ErrorReason::WrongState);
    ask!(world, COURT, mark_effective, plain!(MarkEffectiveRequest)).unwrap();
    ask!(world, COURT, apply_enforcement, asked).unwrap();
    let nowhere = enforcement(EnforcementInstrument::Judgment, "suit-9");
    let status = ask!(world, COURT, apply_enforcement, nowhere).unwrap_err();
    assert_eq!(refused(&status).0, ErrorReason::NotFound);
}

#[tokio::test]
async fn an_objection_ends_the_order_but_having_no_money_is_none() {
    let world = World::new();
    ask!(
        world,
        COURT,
        apply_payment_order,
        order(pb::PaymentOrderBasis::Arrears)
    )
    .unwrap();
    ask!(
        world,
        COURT,
        issue_payment_order,
        plain!(IssuePaymentOrderRequest)
    )
    .unwrap();
    let objection = |ground: &str| pb::RecordObjectionRequest {
        ground_code: ground.into(),
        ..plain!(RecordObjectionRequest)
    };
    let status = ask!(world, COURT, record_objection, objection("unable_to_pay")).unwrap_err();
    assert_eq!(refused(&status).0, ErrorReason::InvalidArgument);
    let ended = ask!(world, COURT, record_objection, objection("debt_disputed")).unwrap();
    assert_eq!(ended.state(), CourtState::PaymentOrderObjected);

    // Arrears: arbitration first. A mediation agreement: suit at once.
    let exempt = pb::FileSuitRequest {
        arbitration_basis: pb::ArbitrationBasis::NotRequired.into(),
        exemption: pb::ArbitrationExemption::PaymentOrder.into(),
        ..suit()
    };
    let status = ask!(world, COURT, file_suit, exempt.clone()).unwrap_err();
    assert!(
        status.message().contains("arbitration comes before"),
        "{}",
        status.message()
    );
    ask!(
        world,
        COURT,
        apply_payment_order,
        order(pb::PaymentOrderBasis::MediationAgreement)
    )
    .unwrap();
    ask!(
        world,
        COURT,
        refuse_payment_order,
        plain!(RefusePaymentOrderRequest)
    )
    .unwrap();
    ask!(world, COURT, file_suit, exempt).unwrap();
}

#[tokio::test]
async fn a_payment_order_nobody_objects_to_becomes_effective() {
    let world = World::new();
    ask!(
        world,
        COURT,
        apply_payment_order,
        order(pb::PaymentOrderBasis::Arrears)
    )
    .unwrap();
    ask!(
        world,
        COURT,
        issue_payment_order,
        plain!(IssuePaymentOrderRequest)
    )
    .unwrap();
    let effective = ask!(world, COURT, mark_effective, plain!(MarkEffectiveRequest)).unwrap();
    assert_eq!(effective.state(), CourtState::PaymentOrderEffective);
    let asked = enforcement(EnforcementInstrument::PaymentOrder, "payment-order-1");
    ask!(world, COURT, apply_enforcement, asked).unwrap();
    let expected = [
        "payment_order_application",
        "payment_order:issued",
        "payment_order:effective",
        "enforcement_application",
    ];
    assert_eq!(world.timeline(), expected);
}

#[tokio::test]
async fn confirmation_is_asked_for_jointly() {
    let world = World::new();
    let alone = plain!(ApplyConfirmationRequest);
    let status = ask!(world, COURT, apply_confirmation, alone).unwrap_err();
    assert_eq!(refused(&status).0, ErrorReason::InvalidArgument);
    ask!(world, COURT, apply_confirmation, confirmation()).unwrap();
    let rejected = ask!(
        world,
        COURT,
        reject_confirmation,
        plain!(RejectConfirmationRequest)
    )
    .unwrap();
    assert_eq!(
        (rejected.state(), rejected.result_code.as_str()),
        (CourtState::ConfirmationRejected, "rejected")
    );
    assert!(rejected.legal_steps.is_empty());
    assert_eq!(world.part(&parent()).await.court_files, [rejected]);
}

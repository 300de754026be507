//! A court's dockets.

use host::Procedure;
use proto::v1::{CourtKind, CourtState};

use super::{states, steps};
use CourtStep as T;
use State as S;

states! {
    /// Where a docket stands.
    State of CourtState {
        Filed "filed",
        Docketed "docketed",
        Refused "refused",
        FirstInstanceJudged "first_instance_judged",
        Appealed "appealed",
        Effective "effective",
        RetrialRequested "retrial_requested",
        RetrialOrdered "retrial_ordered",
        RetrialJudged "retrial_judged",
        Mediated "mediated",
        Settled "settled",
        Withdrawn "withdrawn",
        ConfirmationApplied "confirmation_applied",
        Confirmed "confirmed",
        ConfirmationRejected "confirmation_rejected",
        PaymentOrderApplied "payment_order_applied",
        PaymentOrderIssued "payment_order_issued",
        PaymentOrderEffective "payment_order_effective",
        PaymentOrderObjected "payment_order_objected",
        PaymentOrderRefused "payment_order_refused",
        EnforcementApplied "enforcement_applied",
        Enforcing "enforcing",
        RoundTerminated "round_terminated",
        EnforcementClosed "enforcement_closed",
        Preserved "preserved",
        PreservationLifted "preservation_lifted",
    }
}

steps! {
    /// What a court does to a docket that is open, as the methods are called.
    CourtStep {
        DocketSuit,
        RefuseSuit,
        HoldHearing,
        RecordCourtMediation,
        RenderJudgment,
        RemandSuit,
        FileAppeal,
        RecordCourtSettlement,
        WithdrawSuit,
        ApplyRetrial,
        DismissRetrial,
        OrderRetrial,
        MarkEffective,
        ConfirmAgreement,
        RejectConfirmation,
        IssuePaymentOrder,
        RecordObjection,
        RefusePaymentOrder,
        OpenEnforcement,
        RecordEnforcedPayment,
        CloseEnforcement,
        LiftPreservation,
    }
}

/// A kind of docket's procedure and its first state. Of no kind, no step is
/// ever legal.
pub(crate) fn court(kind: CourtKind) -> (Procedure<State, CourtStep>, State) {
    match kind {
        CourtKind::Unspecified => (Procedure(&[]), S::Withdrawn),
        CourtKind::CivilSuit | CourtKind::AdministrativeSuit => (SUIT, S::Filed),
        CourtKind::Confirmation => (CONFIRMATION, S::ConfirmationApplied),
        CourtKind::PaymentOrder => (PAYMENT_ORDER, S::PaymentOrderApplied),
        CourtKind::Enforcement => (ENFORCEMENT, S::EnforcementApplied),
        CourtKind::Preservation => (PRESERVATION, S::Preserved),
    }
}

/// A suit (民事诉讼法 parts 2 and 3, 行政诉讼法). A judgment on retrial leads to
/// `Effective` at once where the second instance was retried (218): the step
/// sees to that.
const SUIT: Procedure<State, CourtStep> = Procedure(&[
    (S::Filed, T::DocketSuit, S::Docketed),
    (S::Filed, T::RefuseSuit, S::Refused),
    // Mediation before docketing (诉前调解, 122) ends in a statement all the same.
    (S::Filed, T::RecordCourtMediation, S::Mediated),
    (S::Filed, T::RecordCourtSettlement, S::Settled),
    (S::Filed, T::WithdrawSuit, S::Withdrawn),
    (S::Docketed, T::HoldHearing, S::Docketed),
    (S::Docketed, T::RecordCourtMediation, S::Mediated),
    (S::Docketed, T::RenderJudgment, S::FirstInstanceJudged),
    (S::Docketed, T::RefuseSuit, S::Refused),
    (S::Docketed, T::RecordCourtSettlement, S::Settled),
    (S::Docketed, T::WithdrawSuit, S::Withdrawn),
    (S::Refused, T::FileAppeal, S::Appealed),
    (S::Refused, T::MarkEffective, S::Effective),
    (S::FirstInstanceJudged, T::FileAppeal, S::Appealed),
    (S::FirstInstanceJudged, T::MarkEffective, S::Effective),
    (S::FirstInstanceJudged, T::RecordCourtSettlement, S::Settled),
    (S::Appealed, T::HoldHearing, S::Appealed),
    (S::Appealed, T::RecordCourtMediation, S::Mediated),
    (S::Appealed, T::RenderJudgment, S::Effective),
    (S::Appealed, T::RemandSuit, S::Docketed),
    (S::Appealed, T::MarkEffective, S::Effective),
    (S::Appealed, T::RecordCourtSettlement, S::Settled),
    (S::Appealed, T::WithdrawSuit, S::Withdrawn),
    (S::Effective, T::ApplyRetrial, S::RetrialRequested),
    (S::Effective, T::OrderRetrial, S::RetrialOrdered),
    (S::Mediated, T::ApplyRetrial, S::RetrialRequested),
    (S::Mediated, T::OrderRetrial, S::RetrialOrdered),
    (S::RetrialRequested, T::OrderRetrial, S::RetrialOrdered),
    (S::RetrialRequested, T::DismissRetrial, S::Effective),
    (S::RetrialRequested, T::RecordCourtSettlement, S::Settled),
    (S::RetrialOrdered, T::HoldHearing, S::RetrialOrdered),
    (S::RetrialOrdered, T::RecordCourtMediation, S::Mediated),
    (S::RetrialOrdered, T::RenderJudgment, S::RetrialJudged),
    (S::RetrialOrdered, T::RemandSuit, S::Docketed),
    (S::RetrialOrdered, T::RecordCourtSettlement, S::Settled),
    (S::RetrialOrdered, T::WithdrawSuit, S::Withdrawn),
    (S::RetrialJudged, T::FileAppeal, S::Appealed),
    (S::RetrialJudged, T::MarkEffective, S::Effective),
    (S::RetrialJudged, T::RecordCourtSettlement, S::Settled),
    (S::Settled, T::WithdrawSuit, S::Withdrawn),
]);

/// Judicial confirmation (民事诉讼法 205, 206).
const CONFIRMATION: Procedure<State, CourtStep> = Procedure(&[
    (S::ConfirmationApplied, T::ConfirmAgreement, S::Confirmed),
    (
        S::ConfirmationApplied,
        T::RejectConfirmation,
        S::ConfirmationRejected,
    ),
]);

/// The payment-order procedure (督促程序, 民事诉讼法 225-228).
const PAYMENT_ORDER: Procedure<State, CourtStep> = Procedure(&[
    (
        S::PaymentOrderApplied,
        T::IssuePaymentOrder,
        S::PaymentOrderIssued,
    ),
    (
        S::PaymentOrderApplied,
        T::RefusePaymentOrder,
        S::PaymentOrderRefused,
    ),
    (
        S::PaymentOrderIssued,
        T::RecordObjection,
        S::PaymentOrderObjected,
    ),
    (
        S::PaymentOrderIssued,
        T::MarkEffective,
        S::PaymentOrderEffective,
    ),
    // An order that cannot be served within thirty days is void (民诉解释 430).
    (
        S::PaymentOrderIssued,
        T::RefusePaymentOrder,
        S::PaymentOrderRefused,
    ),
]);

/// Enforcement (民事诉讼法 part 4). Closing leads to `RoundTerminated` where only
/// this round ends: the step sees to that.
const ENFORCEMENT: Procedure<State, CourtStep> = Procedure(&[
    (S::EnforcementApplied, T::OpenEnforcement, S::Enforcing),
    (
        S::EnforcementApplied,
        T::CloseEnforcement,
        S::EnforcementClosed,
    ),
    (S::Enforcing, T::RecordEnforcedPayment, S::Enforcing),
    (S::Enforcing, T::CloseEnforcement, S::EnforcementClosed),
    (S::RoundTerminated, T::OpenEnforcement, S::Enforcing),
]);

/// Preservation of property (民事诉讼法 103-107).
const PRESERVATION: Procedure<State, CourtStep> =
    Procedure(&[(S::Preserved, T::LiftPreservation, S::PreservationLifted)]);

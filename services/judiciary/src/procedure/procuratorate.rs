//! A procuratorate's matters.

use host::Procedure;
use proto::v1::{ProcuratorateKind, ProcuratorateState};

use super::{states, steps};
use Matter as M;
use MatterStep as T;

states! {
    /// Where a matter stands.
    Matter of ProcuratorateState {
        SupportReceived "support_received",
        Supported "supported",
        SupervisionReceived "supervision_received",
        Protested "protested",
        PublicInterestOpened "public_interest_opened",
        ChargeExamined "charge_examined",
        NotProsecuted "not_prosecuted",
        Prosecuted "prosecuted",
        Settled "settled",
        Closed "closed",
    }
}

steps! {
    /// What a procuratorate does in a matter, as the methods are called.
    MatterStep {
        SupportSuit,
        SupportArbitration,
        RecordProcuratorateInvestigation,
        IssueSuggestion,
        LodgeProtest,
        DecideNonProsecution,
        Prosecute,
        RecordProcuratorateSettlement,
        CloseProcuratorateFile,
    }
}

/// A kind of matter's procedure and its first state. Of no kind, no step is
/// ever legal.
pub(crate) fn procuratorate(kind: ProcuratorateKind) -> (Procedure<Matter, MatterStep>, Matter) {
    match kind {
        ProcuratorateKind::Unspecified => (Procedure(&[]), M::Closed),
        ProcuratorateKind::Support => (SUPPORT, M::SupportReceived),
        ProcuratorateKind::Supervision => (SUPERVISION, M::SupervisionReceived),
        ProcuratorateKind::PublicInterest => (PUBLIC_INTEREST, M::PublicInterestOpened),
        ProcuratorateKind::Criminal => (CRIMINAL, M::ChargeExamined),
    }
}

/// Support of a suit or arbitration (支持起诉, 民事诉讼法 15).
const SUPPORT: Procedure<Matter, MatterStep> = Procedure(&[
    (M::SupportReceived, T::SupportSuit, M::Supported),
    (M::SupportReceived, T::SupportArbitration, M::Supported),
    (
        M::SupportReceived,
        T::RecordProcuratorateInvestigation,
        M::SupportReceived,
    ),
    (M::SupportReceived, T::IssueSuggestion, M::SupportReceived),
    (
        M::SupportReceived,
        T::RecordProcuratorateSettlement,
        M::Settled,
    ),
    (M::SupportReceived, T::CloseProcuratorateFile, M::Closed),
    // First the arbitration is supported, later the suit.
    (M::Supported, T::SupportSuit, M::Supported),
    (M::Supported, T::SupportArbitration, M::Supported),
    (
        M::Supported,
        T::RecordProcuratorateInvestigation,
        M::Supported,
    ),
    (M::Supported, T::IssueSuggestion, M::Supported),
    (M::Supported, T::RecordProcuratorateSettlement, M::Settled),
    (M::Supported, T::CloseProcuratorateFile, M::Closed),
    (M::Settled, T::IssueSuggestion, M::Settled),
    (M::Settled, T::CloseProcuratorateFile, M::Closed),
]);

/// Supervision of judgments (民事诉讼法 219-221).
const SUPERVISION: Procedure<Matter, MatterStep> = Procedure(&[
    (
        M::SupervisionReceived,
        T::RecordProcuratorateInvestigation,
        M::SupervisionReceived,
    ),
    (
        M::SupervisionReceived,
        T::IssueSuggestion,
        M::SupervisionReceived,
    ),
    (M::SupervisionReceived, T::LodgeProtest, M::Protested),
    (
        M::SupervisionReceived,
        T::RecordProcuratorateSettlement,
        M::Settled,
    ),
    (M::SupervisionReceived, T::CloseProcuratorateFile, M::Closed),
    (
        M::Protested,
        T::RecordProcuratorateInvestigation,
        M::Protested,
    ),
    (M::Protested, T::IssueSuggestion, M::Protested),
    (M::Protested, T::RecordProcuratorateSettlement, M::Settled),
    (M::Protested, T::CloseProcuratorateFile, M::Closed),
    (M::Settled, T::IssueSuggestion, M::Settled),
    (M::Settled, T::CloseProcuratorateFile, M::Closed),
]);

/// Public-interest cases (行政诉讼法 25, 民事诉讼法 58).
const PUBLIC_INTEREST: Procedure<Matter, MatterStep> = Procedure(&[
    (
        M::PublicInterestOpened,
        T::RecordProcuratorateInvestigation,
        M::PublicInterestOpened,
    ),
    (
        M::PublicInterestOpened,
        T::IssueSuggestion,
        M::PublicInterestOpened,
    ),
    (
        M::PublicInterestOpened,
        T::CloseProcuratorateFile,
        M::Closed,
    ),
]);

/// The charge of a crime (刑事诉讼法 172, 176, 177).
const CRIMINAL: Procedure<Matter, MatterStep> = Procedure(&[
    (M::ChargeExamined, T::DecideNonProsecution, M::NotProsecuted),
    (M::ChargeExamined, T::Prosecute, M::Prosecuted),
    // The decision may be reversed (刑事诉讼法 180).
    (M::NotProsecuted, T::Prosecute, M::Prosecuted),
    (
        M::NotProsecuted,
        T::RecordProcuratorateInvestigation,
        M::NotProsecuted,
    ),
    (M::NotProsecuted, T::IssueSuggestion, M::NotProsecuted),
    (M::NotProsecuted, T::CloseProcuratorateFile, M::Closed),
    (
        M::Prosecuted,
        T::RecordProcuratorateInvestigation,
        M::Prosecuted,
    ),
    (M::Prosecuted, T::IssueSuggestion, M::Prosecuted),
    (M::Prosecuted, T::CloseProcuratorateFile, M::Closed),
]);

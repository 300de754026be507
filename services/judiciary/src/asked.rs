//! What every request of the service has: the case, the docket, its own name.

use prost::Message;
use proto::v1 as pb;

/// A request of `JudiciaryService`.
pub(crate) trait Asked: Message {
    /// `cases/{case}`.
    fn parent(&self) -> &str;
    /// The docket that it names; empty: none.
    fn docket(&self) -> &str;
    /// Its own name.
    fn request_id(&self) -> &str;
}

macro_rules! opening {
    ($($request:ident,)*) => {$(
        impl Asked for pb::$request {
            fn parent(&self) -> &str {
                &self.parent
            }

            fn docket(&self) -> &str {
                ""
            }

            fn request_id(&self) -> &str {
                &self.request_id
            }
        }
    )*};
}

macro_rules! changing {
    ($($request:ident,)*) => {$(
        impl Asked for pb::$request {
            fn parent(&self) -> &str {
                &self.parent
            }

            fn docket(&self) -> &str {
                &self.docket
            }

            fn request_id(&self) -> &str {
                &self.request_id
            }
        }
    )*};
}

opening! {
    FileSuitRequest,
    ApplyConfirmationRequest,
    ApplyPaymentOrderRequest,
    ApplyEnforcementRequest,
    OrderPreservationRequest,
    ReceiveSupportApplicationRequest,
    OpenPublicInterestCaseRequest,
    ReceiveSupervisionApplicationRequest,
}

changing! {
    DocketSuitRequest,
    RefuseSuitRequest,
    HoldHearingRequest,
    RecordCourtMediationRequest,
    RenderJudgmentRequest,
    RemandSuitRequest,
    FileAppealRequest,
    RecordCourtSettlementRequest,
    WithdrawSuitRequest,
    ApplyRetrialRequest,
    DismissRetrialRequest,
    OrderRetrialRequest,
    MarkEffectiveRequest,
    ConfirmAgreementRequest,
    RejectConfirmationRequest,
    IssuePaymentOrderRequest,
    RecordObjectionRequest,
    RefusePaymentOrderRequest,
    OpenEnforcementRequest,
    RecordEnforcedPaymentRequest,
    CloseEnforcementRequest,
    LiftPreservationRequest,
    SupportSuitRequest,
    SupportArbitrationRequest,
    RecordProcuratorateInvestigationRequest,
    IssueSuggestionRequest,
    LodgeProtestRequest,
    DecideNonProsecutionRequest,
    ProsecuteRequest,
    RecordProcuratorateSettlementRequest,
    CloseProcuratorateFileRequest,
}

//! What every request of the service has: the case, the docket, its own name,
//! and when the act was done.

use prost::Message;
use proto::Date;
use proto::v1 as pb;

/// A request of `LabourBureauService`.
pub(crate) trait Asked: Message {
    /// `cases/{case}`.
    fn parent(&self) -> &str;
    /// The docket that it names; empty: the newest.
    fn docket(&self) -> &str;
    /// Its own name.
    fn request_id(&self) -> &str;
    /// When the act was done, if known.
    fn date(&self) -> Option<&Date>;
}

/// A request that opens a docket.
pub(crate) trait Opening: Asked {
    /// Where the proceeding stood when the case came to the network.
    fn under_way_at(&self) -> &str;
}

macro_rules! openings {
    ($($request:ident,)*) => {
        $(impl Asked for pb::$request {
            fn parent(&self) -> &str {
                &self.parent
            }

            fn docket(&self) -> &str {
                ""
            }

            fn request_id(&self) -> &str {
                &self.request_id
            }

            fn date(&self) -> Option<&Date> {
                self.date.as_ref()
            }
        }

        impl Opening for pb::$request {
            fn under_way_at(&self) -> &str {
                &self.under_way_at
            }
        })*
    };
}

macro_rules! steps {
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

            fn date(&self) -> Option<&Date> {
                self.date.as_ref()
            }
        }
    )*};
}

openings! {
    ReceiveComplaintRequest,
    ReceiveArbitrationApplicationRequest,
    ReceiveInjuryApplicationRequest,
}

steps! {
    AcceptComplaintRequest,
    RefuseComplaintRequest,
    RecordInspectionVisitRequest,
    IssueCorrectionOrderRequest,
    RecordComplianceRequest,
    ImposePenaltyRequest,
    TransferToPoliceRequest,
    CloseInspectionRequest,
    AcceptArbitrationRequest,
    RefuseArbitrationRequest,
    ServeRespondentRequest,
    FormTribunalRequest,
    HoldArbitrationHearingRequest,
    RecordArbitrationMediationRequest,
    IssueAwardRequest,
    RecordServiceOfAwardRequest,
    WithdrawArbitrationRequest,
    CloseArbitrationRequest,
    RefuseInjuryApplicationRequest,
    SuspendInjuryRequest,
    ResumeInjuryRequest,
    DecideInjuryRequest,
    AnnulInjuryDecisionRequest,
    ApplyCapacityAppraisalRequest,
    RecordCapacityAppraisalRequest,
    RecordReappraisalRequest,
}

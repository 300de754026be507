//! `JudiciaryService`: each method opens the request, parses it into a step,
//! and takes the step on the caller's own file.

use host::{Desk, Refusal};
use proto::v1::judiciary_service_server::JudiciaryService;
use proto::v1::{self as pb, CourtFile, ProcuratorateFile};
use tonic::{Request, Response, Status};

use crate::asked::Asked;
use crate::bench::Bench;
use crate::{confirmation, enforcement, payment_order, preservation, procuratorate, review, suit};

/// Answers `JudiciaryService`.
pub(crate) struct Judiciary {
    desk: Desk,
}

/// What a court's method answers.
type Docket = Result<Response<CourtFile>, Status>;

/// What a procuratorate's method answers.
type Matter = Result<Response<ProcuratorateFile>, Status>;

impl Judiciary {
    pub(crate) fn new(desk: Desk) -> Self {
        Self { desk }
    }

    /// The court that asks, at the case it asks about.
    fn court<R: Asked>(&self, request: Request<R>) -> Result<(Bench<'_>, R), Refusal> {
        let (caller, asked) = self.desk.open(request)?;
        let court = Bench::court(&self.desk, caller, asked.parent())?;
        Ok((court, asked))
    }

    /// The procuratorate that asks, at the case it asks about.
    fn procuratorate<R: Asked>(&self, request: Request<R>) -> Result<(Bench<'_>, R), Refusal> {
        let (caller, asked) = self.desk.open(request)?;
        let procuratorate = Bench::procuratorate(&self.desk, caller, asked.parent())?;
        Ok((procuratorate, asked))
    }
}

#[tonic::async_trait]
impl JudiciaryService for Judiciary {
    async fn file_suit(&self, request: Request<pb::FileSuitRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let opening = suit::file_suit(&asked, court.today())?;
        court.open(&asked, opening).await
    }

    async fn docket_suit(&self, request: Request<pb::DocketSuitRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = suit::docket_suit(&asked, court.today())?;
        court.change(&asked, suit::SUITS, step).await
    }

    async fn refuse_suit(&self, request: Request<pb::RefuseSuitRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = suit::refuse_suit(&asked, court.today())?;
        court.change(&asked, suit::SUITS, step).await
    }

    async fn hold_hearing(&self, request: Request<pb::HoldHearingRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = suit::hold_hearing(&asked, court.today())?;
        court.change(&asked, suit::SUITS, step).await
    }

    async fn record_court_mediation(
        &self,
        request: Request<pb::RecordCourtMediationRequest>,
    ) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = suit::record_court_mediation(&asked, court.today())?;
        court.change(&asked, suit::SUITS, step).await
    }

    async fn render_judgment(&self, request: Request<pb::RenderJudgmentRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = suit::render_judgment(&asked, court.today())?;
        court.change(&asked, suit::SUITS, step).await
    }

    async fn remand_suit(&self, request: Request<pb::RemandSuitRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = review::remand_suit(&asked, court.today())?;
        court.change(&asked, suit::SUITS, step).await
    }

    async fn file_appeal(&self, request: Request<pb::FileAppealRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = review::file_appeal(&asked, court.today())?;
        court.change(&asked, suit::SUITS, step).await
    }

    async fn record_court_settlement(
        &self,
        request: Request<pb::RecordCourtSettlementRequest>,
    ) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = suit::record_court_settlement(&asked, court.today())?;
        court.change(&asked, suit::SUITS, step).await
    }

    async fn withdraw_suit(&self, request: Request<pb::WithdrawSuitRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = suit::withdraw_suit(&asked, court.today())?;
        court.change(&asked, suit::SUITS, step).await
    }

    async fn apply_retrial(&self, request: Request<pb::ApplyRetrialRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = review::apply_retrial(&asked, court.today())?;
        court.change(&asked, suit::SUITS, step).await
    }

    async fn dismiss_retrial(&self, request: Request<pb::DismissRetrialRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = review::dismiss_retrial(&asked, court.today())?;
        court.change(&asked, suit::SUITS, step).await
    }

    async fn order_retrial(&self, request: Request<pb::OrderRetrialRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = review::order_retrial(&asked, court.today())?;
        court.change(&asked, suit::SUITS, step).await
    }

    async fn mark_effective(&self, request: Request<pb::MarkEffectiveRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = review::mark_effective(&asked, court.today())?;
        court.change(&asked, review::LAPSING, step).await
    }

    async fn apply_confirmation(&self, request: Request<pb::ApplyConfirmationRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let opening = confirmation::apply_confirmation(&asked, court.today())?;
        court.open(&asked, opening).await
    }

    async fn confirm_agreement(&self, request: Request<pb::ConfirmAgreementRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = confirmation::confirm_agreement(&asked, court.today())?;
        court
            .change(&asked, confirmation::CONFIRMATIONS, step)
            .await
    }

    async fn reject_confirmation(&self, request: Request<pb::RejectConfirmationRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = confirmation::reject_confirmation(&asked, court.today())?;
        court
            .change(&asked, confirmation::CONFIRMATIONS, step)
            .await
    }

    async fn apply_payment_order(&self, request: Request<pb::ApplyPaymentOrderRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let opening = payment_order::apply_payment_order(&asked, court.today())?;
        court.open(&asked, opening).await
    }

    async fn issue_payment_order(&self, request: Request<pb::IssuePaymentOrderRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = payment_order::issue_payment_order(&asked, court.today())?;
        court
            .change(&asked, payment_order::PAYMENT_ORDERS, step)
            .await
    }

    async fn record_objection(&self, request: Request<pb::RecordObjectionRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = payment_order::record_objection(&asked, court.today())?;
        court
            .change(&asked, payment_order::PAYMENT_ORDERS, step)
            .await
    }

    async fn refuse_payment_order(
        &self,
        request: Request<pb::RefusePaymentOrderRequest>,
    ) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = payment_order::refuse_payment_order(&asked, court.today())?;
        court
            .change(&asked, payment_order::PAYMENT_ORDERS, step)
            .await
    }

    async fn apply_enforcement(&self, request: Request<pb::ApplyEnforcementRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let opening = enforcement::apply_enforcement(&asked, court.today())?;
        court.open(&asked, opening).await
    }

    async fn open_enforcement(&self, request: Request<pb::OpenEnforcementRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = enforcement::open_enforcement(&asked, court.today())?;
        court.change(&asked, enforcement::ENFORCEMENTS, step).await
    }

    async fn record_enforced_payment(
        &self,
        request: Request<pb::RecordEnforcedPaymentRequest>,
    ) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = enforcement::record_enforced_payment(&asked, court.today())?;
        court.change(&asked, enforcement::ENFORCEMENTS, step).await
    }

    async fn close_enforcement(&self, request: Request<pb::CloseEnforcementRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = enforcement::close_enforcement(&asked, court.today())?;
        court.change(&asked, enforcement::ENFORCEMENTS, step).await
    }

    async fn order_preservation(&self, request: Request<pb::OrderPreservationRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let opening = preservation::order_preservation(&asked, court.today())?;
        court.open(&asked, opening).await
    }

    async fn lift_preservation(&self, request: Request<pb::LiftPreservationRequest>) -> Docket {
        let (court, asked) = self.court(request)?;
        let step = preservation::lift_preservation(&asked, court.today())?;
        court
            .change(&asked, preservation::PRESERVATIONS, step)
            .await
    }

    async fn receive_support_application(
        &self,
        request: Request<pb::ReceiveSupportApplicationRequest>,
    ) -> Matter {
        let (procuratorate, asked) = self.procuratorate(request)?;
        let opening = procuratorate::receive_support_application(&asked, procuratorate.today())?;
        procuratorate.open(&asked, opening).await
    }

    async fn support_suit(&self, request: Request<pb::SupportSuitRequest>) -> Matter {
        let (procuratorate, asked) = self.procuratorate(request)?;
        let step = procuratorate::support_suit(&asked, procuratorate.today())?;
        procuratorate
            .change(&asked, procuratorate::SUPPORTS, step)
            .await
    }

    async fn support_arbitration(&self, request: Request<pb::SupportArbitrationRequest>) -> Matter {
        let (procuratorate, asked) = self.procuratorate(request)?;
        let step = procuratorate::support_arbitration(&asked, procuratorate.today())?;
        procuratorate
            .change(&asked, procuratorate::SUPPORTS, step)
            .await
    }

    async fn record_procuratorate_investigation(
        &self,
        request: Request<pb::RecordProcuratorateInvestigationRequest>,
    ) -> Matter {
        let (procuratorate, asked) = self.procuratorate(request)?;
        let step = procuratorate::record_investigation(&asked, procuratorate.today())?;
        procuratorate
            .change(&asked, procuratorate::MATTERS, step)
            .await
    }

    async fn open_public_interest_case(
        &self,
        request: Request<pb::OpenPublicInterestCaseRequest>,
    ) -> Matter {
        let (procuratorate, asked) = self.procuratorate(request)?;
        let opening = procuratorate::open_public_interest_case(&asked, procuratorate.today())?;
        procuratorate.open(&asked, opening).await
    }

    async fn issue_suggestion(&self, request: Request<pb::IssueSuggestionRequest>) -> Matter {
        let (procuratorate, asked) = self.procuratorate(request)?;
        let step = procuratorate::issue_suggestion(&asked, procuratorate.today())?;
        procuratorate
            .change(&asked, procuratorate::MATTERS, step)
            .await
    }

    async fn receive_supervision_application(
        &self,
        request: Request<pb::ReceiveSupervisionApplicationRequest>,
    ) -> Matter {
        let (procuratorate, asked) = self.procuratorate(request)?;
        let opening =
            procuratorate::receive_supervision_application(&asked, procuratorate.today())?;
        procuratorate.open(&asked, opening).await
    }

    async fn lodge_protest(&self, request: Request<pb::LodgeProtestRequest>) -> Matter {
        let (procuratorate, asked) = self.procuratorate(request)?;
        let step = procuratorate::lodge_protest(&asked, procuratorate.today())?;
        procuratorate
            .change(&asked, procuratorate::SUPERVISIONS, step)
            .await
    }

    async fn decide_non_prosecution(
        &self,
        request: Request<pb::DecideNonProsecutionRequest>,
    ) -> Matter {
        let (procuratorate, asked) = self.procuratorate(request)?;
        let step = procuratorate::decide_non_prosecution(&asked, procuratorate.today())?;
        procuratorate
            .change_or_open(
                &asked,
                procuratorate::CHARGES,
                procuratorate::charge()?,
                step,
            )
            .await
    }

    async fn prosecute(&self, request: Request<pb::ProsecuteRequest>) -> Matter {
        let (procuratorate, asked) = self.procuratorate(request)?;
        let step = procuratorate::prosecute(&asked, procuratorate.today())?;
        procuratorate
            .change_or_open(
                &asked,
                procuratorate::CHARGES,
                procuratorate::charge()?,
                step,
            )
            .await
    }

    async fn record_procuratorate_settlement(
        &self,
        request: Request<pb::RecordProcuratorateSettlementRequest>,
    ) -> Matter {
        let (procuratorate, asked) = self.procuratorate(request)?;
        let step = procuratorate::record_settlement(&asked, procuratorate.today())?;
        procuratorate
            .change(&asked, procuratorate::MATTERS, step)
            .await
    }

    async fn close_procuratorate_file(
        &self,
        request: Request<pb::CloseProcuratorateFileRequest>,
    ) -> Matter {
        let (procuratorate, asked) = self.procuratorate(request)?;
        let step = procuratorate::close_file(&asked, procuratorate.today())?;
        procuratorate
            .change(&asked, procuratorate::MATTERS, step)
            .await
    }
}

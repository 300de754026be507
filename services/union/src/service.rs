//! `UnionService`: each method parses, loads the caller's own file, takes the
//! step, keeps the file with its milestone, and answers.

use host::{Caller, Desk, Refusal, parse};
use prost::Message;
use prost_types::Timestamp;
use proto::v1::union_service_server::UnionService;
use proto::v1::{self as pb, UnionFile};
use tonic::{Request, Response, Status};

use crate::aid::{Aid, Appeal, Representation};
use crate::ending::{Close, Decline, Reopen};
use crate::file::{Matter, Shown};
use crate::intake::{Assignment, Complaint, Findings};
use crate::letter::{Letter, Reply};
use crate::mediation::{Agreement, Consents, Failure, Session};
use crate::performance::Payment;

/// Answers `UnionService`.
pub(crate) struct Union {
    desk: Desk,
}

impl Union {
    pub(crate) fn new(desk: Desk) -> Self {
        Self { desk }
    }

    /// The caller's own file on the case that a request names.
    fn matter(&self, caller: &Caller, parent: &str) -> Result<Matter, Refusal> {
        let case = parse::case_name("parent", parent)?;
        Matter::of(caller, case, self.desk.now())
    }

    /// Changes the caller's own file by one step. What the step shows goes to
    /// the timeline in the same batch.
    async fn change<R: Message>(
        &self,
        caller: &Caller,
        matter: &Matter,
        request_id: &str,
        request: &R,
        step: impl Fn(&mut UnionFile, Timestamp) -> Result<Option<Shown>, Refusal>,
    ) -> Result<Response<UnionFile>, Status> {
        let case = &matter.case;
        let changed = self
            .desk
            .change(caller, case, request_id, request, |draft| {
                let mut file = matter.load(draft)?;
                let shown = step(&mut file, matter.recorded_at())?;
                matter.put(draft, &mut file)?;
                if let Some(shown) = shown {
                    matter.show(draft, &shown);
                }
                Ok(file)
            });
        Ok(Response::new(changed.await?))
    }
}

#[tonic::async_trait]
impl UnionService for Union {
    async fn open_intake(
        &self,
        request: Request<pb::OpenIntakeRequest>,
    ) -> Result<Response<UnionFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let complaint = Complaint::parse(&request, self.desk.today())?;
        let step = |file: &mut UnionFile, now| complaint.open(file, now).map(Some);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn assign_caseworker(
        &self,
        request: Request<pb::AssignCaseworkerRequest>,
    ) -> Result<Response<UnionFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let assignment = Assignment::parse(&request, self.desk.today())?;
        let step = |file: &mut UnionFile, now| assignment.assign(file, now).map(|()| None);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn record_investigation(
        &self,
        request: Request<pb::RecordInvestigationRequest>,
    ) -> Result<Response<UnionFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let findings = Findings::parse(&request, self.desk.today())?;
        let step = |file: &mut UnionFile, now| findings.record(file, now).map(Some);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn decline_case(
        &self,
        request: Request<pb::DeclineCaseRequest>,
    ) -> Result<Response<UnionFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let decline = Decline::parse(&request, self.desk.today())?;
        let step = |file: &mut UnionFile, now| decline.record(file, now).map(Some);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn open_mediation(
        &self,
        request: Request<pb::OpenMediationRequest>,
    ) -> Result<Response<UnionFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let consents = Consents::parse(&request, self.desk.today())?;
        let step = |file: &mut UnionFile, now| consents.open(file, now).map(|()| None);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn hold_mediation_session(
        &self,
        request: Request<pb::HoldMediationSessionRequest>,
    ) -> Result<Response<UnionFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let session = Session::parse(&request, self.desk.today())?;
        let step = |file: &mut UnionFile, now| session.hold(file, now).map(Some);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn record_mediation_agreement(
        &self,
        request: Request<pb::RecordMediationAgreementRequest>,
    ) -> Result<Response<UnionFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let agreement = Agreement::parse(&request, self.desk.today())?;
        let step = |file: &mut UnionFile, now| agreement.record(file, now).map(Some);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn record_mediation_failure(
        &self,
        request: Request<pb::RecordMediationFailureRequest>,
    ) -> Result<Response<UnionFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let failure = Failure::parse(&request, self.desk.today())?;
        let step = |file: &mut UnionFile, _| failure.record(file).map(Some);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn record_performance(
        &self,
        request: Request<pb::RecordPerformanceRequest>,
    ) -> Result<Response<UnionFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let payment = Payment::parse(&request, self.desk.today())?;
        let step = |file: &mut UnionFile, now| payment.record(file, now).map(Some);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn issue_letter(
        &self,
        request: Request<pb::IssueLetterRequest>,
    ) -> Result<Response<UnionFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let letter = Letter::parse(&request, self.desk.today())?;
        let step = |file: &mut UnionFile, now| letter.issue(file, now).map(Some);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn record_letter_reply(
        &self,
        request: Request<pb::RecordLetterReplyRequest>,
    ) -> Result<Response<UnionFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let reply = Reply::parse(&request, self.desk.today())?;
        let step = |file: &mut UnionFile, now| reply.record(file, now).map(|()| None);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn record_representation(
        &self,
        request: Request<pb::RecordRepresentationRequest>,
    ) -> Result<Response<UnionFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let representation = Representation::parse(&request, self.desk.today())?;
        let step = |file: &mut UnionFile, now| representation.record(file, now).map(Some);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn request_legal_aid(
        &self,
        request: Request<pb::RequestLegalAidRequest>,
    ) -> Result<Response<UnionFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let aid = Aid::parse(&request, self.desk.today())?;
        let step = |file: &mut UnionFile, now| aid.record(file, now);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn record_urgent_appeal(
        &self,
        request: Request<pb::RecordUrgentAppealRequest>,
    ) -> Result<Response<UnionFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let appeal = Appeal::parse(&request, self.desk.today())?;
        let step = |file: &mut UnionFile, now| appeal.record(file, now).map(Some);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn close_file(
        &self,
        request: Request<pb::CloseFileRequest>,
    ) -> Result<Response<UnionFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let close = Close::parse(&request, self.desk.today())?;
        let step = |file: &mut UnionFile, now| close.record(file, now).map(Some);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn reopen_file(
        &self,
        request: Request<pb::ReopenFileRequest>,
    ) -> Result<Response<UnionFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let reopen = Reopen::parse(&request, self.desk.today())?;
        let step = |file: &mut UnionFile, _| reopen.record(file).map(Some);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }
}

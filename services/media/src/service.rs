//! `MediaService`: each method parses, asks the spine whether a text
//! identifies anybody, loads the file, takes the step, keeps the file with its
//! milestone, and answers.

use host::{Caller, Desk, Refusal, parse};
use prost::Message;
use proto::v1::media_service_server::MediaService;
use proto::v1::{self as pb, AgencyKind, ErrorReason, PublicityFile};
use store::Draft;
use tonic::{Request, Response, Status};

use crate::anonymous::{self, readable};
use crate::coverage::{self, Proposal, Question};
use crate::draft::{self, Decision, Submission};
use crate::file::{Coverage, Shown};
use crate::publication::{self, Amendment, Appearance, Withdrawal};
use crate::reading;
use crate::report::{self, FollowUp, Report};

/// Answers `MediaService`.
pub(crate) struct Media {
    desk: Desk,
}

impl Media {
    pub(crate) fn new(desk: Desk) -> Self {
        Self { desk }
    }

    /// The caller's own file on the case that a request names.
    fn own(&self, caller: &Caller, parent: &str) -> Result<Coverage, Refusal> {
        Coverage::own(caller, parse::case_name("parent", parent)?, self.desk.now())
    }

    /// A house's file, for a decision that the lead makes. That the caller is
    /// the lead is decided before; that no house decides on its own kind's
    /// drafts is certain here.
    fn to_decide(&self, caller: &Caller, parent: &str, house: &str) -> Result<Coverage, Refusal> {
        let case = parse::case_name("parent", parent)?;
        let house = parse::agency_name("agency", house)?;
        if caller.kind() == AgencyKind::Media || caller.agency() == house.to_string() {
            return Err(Refusal::denied(
                ErrorReason::NotAllowed,
                "media approve or return no drafts; the agency that holds the case does",
            ));
        }
        Coverage::of(house, caller, case, self.desk.now())
    }

    /// Refuses texts that identify somebody of the case.
    async fn anonymous(
        &self,
        coverage: &Coverage,
        texts: &[(&'static str, &str)],
    ) -> Result<(), Refusal> {
        anonymous::require(&self.desk, &coverage.case, texts).await
    }

    /// Changes a house's file by one step. What the step shows goes to the
    /// timeline in the same batch.
    async fn change<R: Message>(
        &self,
        caller: &Caller,
        coverage: &Coverage,
        request_id: &str,
        request: &R,
        step: impl Fn(&mut Draft, &mut PublicityFile) -> Result<Shown, Refusal>,
    ) -> Result<Response<PublicityFile>, Status> {
        let changed = self
            .desk
            .change(caller, &coverage.case, request_id, request, |draft| {
                let mut file = coverage.load(draft)?;
                let shown = step(draft, &mut file)?;
                coverage.put(draft, &mut file);
                coverage.show(draft, &shown);
                Ok(file)
            });
        Ok(Response::new(changed.await?))
    }
}

#[tonic::async_trait]
impl MediaService for Media {
    async fn propose_coverage(
        &self,
        request: Request<pb::ProposeCoverageRequest>,
    ) -> Result<Response<PublicityFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let coverage = self.own(&caller, &request.parent)?;
        let proposal = Proposal::parse(&request, self.desk.today())?;
        self.anonymous(&coverage, &[("working_title", &proposal.working_title)])
            .await?;
        let step = |_: &mut Draft, file: &mut PublicityFile| coverage::propose(file, &proposal);
        self.change(&caller, &coverage, &request.request_id, &request, step)
            .await
    }

    async fn request_consent(
        &self,
        request: Request<pb::RequestConsentRequest>,
    ) -> Result<Response<PublicityFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let coverage = self.own(&caller, &request.parent)?;
        let question = Question::parse(&request, self.desk.today())?;
        self.anonymous(&coverage, &[("asks", &question.asks)])
            .await?;
        let now = coverage.recorded_at();
        let step = |_: &mut Draft, file: &mut PublicityFile| coverage::ask(file, &question, now);
        self.change(&caller, &coverage, &request.request_id, &request, step)
            .await
    }

    async fn submit_draft(
        &self,
        request: Request<pb::SubmitDraftRequest>,
    ) -> Result<Response<PublicityFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let coverage = self.own(&caller, &request.parent)?;
        let submission = Submission::parse(&request, self.desk.today())?;
        self.anonymous(&coverage, &[("text", &submission.text)])
            .await?;
        let now = coverage.recorded_at();
        let step = |draft: &mut Draft, file: &mut PublicityFile| {
            let (number, shown) = draft::submit(file, &submission, now)?;
            coverage.put_text(draft, number, &submission.text);
            Ok(shown)
        };
        self.change(&caller, &coverage, &request.request_id, &request, step)
            .await
    }

    async fn get_publicity_file(
        &self,
        request: Request<pb::GetPublicityFileRequest>,
    ) -> Result<Response<PublicityFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let case = parse::case_name("parent", &request.parent)?;
        let house = match request.agency.as_str() {
            "" => caller.agency(),
            named => named,
        };
        let house = parse::agency_name("agency", house)?;
        // Houses compete: none reads another's drafts.
        if caller.kind() == AgencyKind::Media && caller.agency() != house.to_string() {
            return Err(Refusal::not_found().into());
        }
        let coverage = Coverage::of(house, &caller, case, self.desk.now())?;
        let file = reading::whole(&self.desk.store().read(), &coverage)?;
        Ok(Response::new(file))
    }

    async fn approve_draft(
        &self,
        request: Request<pb::ApproveDraftRequest>,
    ) -> Result<Response<PublicityFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let coverage = self.to_decide(&caller, &request.parent, &request.agency)?;
        let decision = Decision::approves(&request, self.desk.today())?;
        // The case may have learned of a name since the draft was handed in.
        let text = coverage.text(&self.desk.store().read(), decision.draft)?;
        self.anonymous(&coverage, &[("text", &text)]).await?;
        let now = coverage.recorded_at();
        let step = |_: &mut Draft, file: &mut PublicityFile| {
            draft::decide(file, &decision, &coverage.actor, now)
        };
        self.change(&caller, &coverage, &request.request_id, &request, step)
            .await
    }

    async fn return_draft(
        &self,
        request: Request<pb::ReturnDraftRequest>,
    ) -> Result<Response<PublicityFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let coverage = self.to_decide(&caller, &request.parent, &request.agency)?;
        let decision = Decision::returns(&request, self.desk.today())?;
        let now = coverage.recorded_at();
        let step = |_: &mut Draft, file: &mut PublicityFile| {
            draft::decide(file, &decision, &coverage.actor, now)
        };
        self.change(&caller, &coverage, &request.request_id, &request, step)
            .await
    }

    async fn publish(
        &self,
        request: Request<pb::PublishRequest>,
    ) -> Result<Response<PublicityFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let coverage = self.own(&caller, &request.parent)?;
        let appearance = Appearance::parse(&request, self.desk.today())?;
        // Again: approved is not yet published, and cases learn.
        let text = coverage.text(&self.desk.store().read(), appearance.draft)?;
        let url = readable(&appearance.url);
        let texts = [
            ("text", text.as_str()),
            ("outlet", &appearance.outlet),
            ("url", &url),
        ];
        self.anonymous(&coverage, &texts).await?;
        let now = coverage.recorded_at();
        let step = |draft: &mut Draft, file: &mut PublicityFile| {
            let text = coverage.text(draft, appearance.draft)?;
            publication::publish(file, &appearance, &text, now)
        };
        self.change(&caller, &coverage, &request.request_id, &request, step)
            .await
    }

    async fn correct_publication(
        &self,
        request: Request<pb::CorrectPublicationRequest>,
    ) -> Result<Response<PublicityFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let coverage = self.own(&caller, &request.parent)?;
        let amendment = Amendment::parse(&request, self.desk.today())?;
        self.anonymous(&coverage, &[("text", &amendment.text)])
            .await?;
        let now = coverage.recorded_at();
        let step =
            |_: &mut Draft, file: &mut PublicityFile| publication::correct(file, &amendment, now);
        self.change(&caller, &coverage, &request.request_id, &request, step)
            .await
    }

    async fn retract(
        &self,
        request: Request<pb::RetractRequest>,
    ) -> Result<Response<PublicityFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let coverage = self.own(&caller, &request.parent)?;
        let withdrawal = Withdrawal::parse(&request, self.desk.today())?;
        let step =
            |_: &mut Draft, file: &mut PublicityFile| publication::retract(file, &withdrawal);
        self.change(&caller, &coverage, &request.request_id, &request, step)
            .await
    }

    async fn record_follow_up(
        &self,
        request: Request<pb::RecordFollowUpRequest>,
    ) -> Result<Response<PublicityFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let coverage = self.own(&caller, &request.parent)?;
        let entry = FollowUp::parse(&request, self.desk.today())?;
        let now = coverage.recorded_at();
        let step = |_: &mut Draft, file: &mut PublicityFile| report::follow_up(file, &entry, now);
        self.change(&caller, &coverage, &request.request_id, &request, step)
            .await
    }

    async fn record_report(
        &self,
        request: Request<pb::RecordReportRequest>,
    ) -> Result<Response<PublicityFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let coverage = self.own(&caller, &request.parent)?;
        let report = Report::parse(&request, self.desk.today())?;
        self.anonymous(&coverage, &[("url", &readable(&report.url))])
            .await?;
        let now = coverage.recorded_at();
        let step = |_: &mut Draft, file: &mut PublicityFile| report::record(file, &report, now);
        self.change(&caller, &coverage, &request.request_id, &request, step)
            .await
    }
}

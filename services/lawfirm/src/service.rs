//! `LawFirmService`: each method parses, loads the caller's own file, takes the
//! step, keeps the file with its milestone, and answers.

use host::Desk;
use host::{Caller, Refusal, parse};
use prost::Message;
use proto::v1::law_firm_service_server::LawFirmService;
use proto::v1::{self as pb, CounselFile};
use tonic::{Request, Response, Status};

use crate::act::{self, Act, Settlement};
use crate::conflict::{self, Check};
use crate::counsel::{self, Assignment, Power};
use crate::engagement::{self, Ending, Terms};
use crate::file::{self, Matter, Shown, timestamp};
use crate::privileged::{self, Note};
use crate::procedure::Step;
use crate::register::{self, Party};

/// Answers `LawFirmService`.
pub(crate) struct LawFirm {
    desk: Desk,
}

impl LawFirm {
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
        step: impl Fn(&mut CounselFile) -> Result<Option<Shown>, Refusal>,
    ) -> Result<Response<CounselFile>, Status> {
        let changed = self
            .desk
            .change(caller, &matter.case, request_id, request, |draft| {
                let mut file = matter.load(draft)?;
                let shown = step(&mut file)?;
                matter.put(draft, &mut file);
                if let Some(shown) = shown {
                    matter.show(draft, &shown);
                }
                Ok(file)
            });
        Ok(Response::new(changed.await?))
    }
}

#[tonic::async_trait]
impl LawFirmService for LawFirm {
    async fn record_party(
        &self,
        request: Request<pb::RecordPartyRequest>,
    ) -> Result<Response<pb::FirmParty>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let firm = file::firm(&caller)?;
        let party = Party::parse(&self.desk, &request)?;
        let (id, now) = (self.desk.new_id()?, self.desk.now());

        // Not about a case: no timeline, so the store is changed directly.
        let request_id = &request.request_id;
        let nameless = party.request_without_names(request_id);
        let intent = self
            .desk
            .intent(&caller, caller.agency(), request_id, &nameless)?;
        let entered = self.desk.store().change(&intent, |draft| {
            Ok::<_, Refusal>(register::record(draft, &firm, &party, &id, now))
        });
        Ok(Response::new(entered.await?))
    }

    async fn list_parties(
        &self,
        request: Request<pb::ListPartiesRequest>,
    ) -> Result<Response<pb::ListPartiesResponse>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let firm = file::firm(&caller)?;
        let page = register::page(&self.desk.store().read(), &firm, &request)?;
        Ok(Response::new(page))
    }

    async fn check_conflict(
        &self,
        request: Request<pb::CheckConflictRequest>,
    ) -> Result<Response<CounselFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let check = Check::parse(&request, &matter.case, self.desk.today())?;
        let parties = self.desk.spine().party_digests(&matter.case).await?;

        let now = timestamp(matter.now);
        let (case, request_id) = (&matter.case, &request.request_id);
        let checked = self
            .desk
            .change(&caller, case, request_id, &request, |draft| {
                let is_new = matter.find(draft)?.is_none();
                let mut file = matter.load(draft)?;
                // Looked up in the same batch: a party entered meanwhile makes the
                // step run again.
                let conflict = conflict::is_conflict(&parties, |digest, kind| {
                    register::stands(draft, &matter.firm, digest, kind)
                })?;
                let shown = conflict::conclude(&mut file, &check, is_new, conflict, now)?;
                matter.put(draft, &mut file);
                if let Some(shown) = shown {
                    matter.show(draft, &shown);
                }
                Ok(file)
            });
        Ok(Response::new(checked.await?))
    }

    async fn engage(
        &self,
        request: Request<pb::EngageRequest>,
    ) -> Result<Response<CounselFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let terms = Terms::parse(&request, self.desk.today())?;
        let step = |file: &mut CounselFile| engagement::engage(file, &terms).map(Some);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn decline_engagement(
        &self,
        request: Request<pb::DeclineEngagementRequest>,
    ) -> Result<Response<CounselFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let ending = Ending::declined(&request, self.desk.today())?;
        let step = |file: &mut CounselFile| engagement::decline(file, &ending);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn assign_counsel(
        &self,
        request: Request<pb::AssignCounselRequest>,
    ) -> Result<Response<CounselFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let assignment = Assignment::parse(&request, self.desk.today())?;
        let step = |file: &mut CounselFile| counsel::assign(file, &assignment).map(|()| None);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn record_power_of_attorney(
        &self,
        request: Request<pb::RecordPowerOfAttorneyRequest>,
    ) -> Result<Response<CounselFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let power = Power::parse(&request, self.desk.today())?;
        let step = |file: &mut CounselFile| counsel::empower(file, &power).map(|()| None);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn record_counsel_act(
        &self,
        request: Request<pb::RecordCounselActRequest>,
    ) -> Result<Response<CounselFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let act = Act::parse(&request, self.desk.today())?;
        let now = timestamp(matter.now);
        let step = |file: &mut CounselFile| act::record(file, Step::RecordCounselAct, &act, now);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn record_consultation(
        &self,
        request: Request<pb::RecordConsultationRequest>,
    ) -> Result<Response<CounselFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let act = Act::consultation(&request, self.desk.today())?;
        let now = timestamp(matter.now);
        let step = |file: &mut CounselFile| act::record(file, Step::RecordConsultation, &act, now);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn write_privileged_note(
        &self,
        request: Request<pb::WritePrivilegedNoteRequest>,
    ) -> Result<Response<pb::PrivilegedNote>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let note = Note::parse(&request, self.desk.today())?;
        let (case, request_id) = (&matter.case, &request.request_id);
        let written = self
            .desk
            .change(&caller, case, request_id, &request, |draft| {
                privileged::write(draft, &matter, &note)
            });
        Ok(Response::new(written.await?))
    }

    async fn record_settlement(
        &self,
        request: Request<pb::RecordSettlementRequest>,
    ) -> Result<Response<CounselFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let settlement = Settlement::parse(&request, self.desk.today())?;
        let now = timestamp(matter.now);
        let step = |file: &mut CounselFile| act::settle(file, &settlement, now).map(Some);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }

    async fn close_engagement(
        &self,
        request: Request<pb::CloseEngagementRequest>,
    ) -> Result<Response<CounselFile>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = self.matter(&caller, &request.parent)?;
        let ending = Ending::closed(&request, self.desk.today())?;
        let step = |file: &mut CounselFile| engagement::close(file, &ending).map(Some);
        self.change(&caller, &matter, &request.request_id, &request, step)
            .await
    }
}

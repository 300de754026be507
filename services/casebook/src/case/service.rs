//! CaseService.

use chrono::{DateTime, Datelike, Utc};
use host::clock::{shanghai_date, to_timestamp};
use host::{Desk, Refusal, parse};
use proto::internal::v1::{StoredNumber, StoredPlace};
use proto::names::CaseName;
use proto::v1 as pb;
use proto::v1::case_service_server::CaseService;
use proto::v1::{CaseStage, ErrorReason};
use store::Draft;
use tonic::{Request, Response, Status};

use super::register::Registration;
use super::{Case, entry, register, watch};
use crate::referral::open_referrals;
use crate::referral::terms::Terms;
use crate::sharing::open_case;
use crate::{keys, page, part};

const PARTICIPANTS_MAX: usize = 200;

/// The CaseService.
pub(crate) struct Cases {
    desk: Desk,
    terms: Terms,
}

impl Cases {
    pub(crate) fn new(desk: Desk, terms: Terms) -> Self {
        Self { desk, terms }
    }

    fn listed(&self, place: &StoredPlace, asker: &str) -> Result<Option<pb::Case>, Refusal> {
        let name = CaseName::parse(&place.name)?;
        let view = self.desk.store().read();
        let case = Case::load(&view, &name, self.desk.now())?;
        // Its grant may have ended by time, without a change.
        if !case.placed().iter().any(|agency| agency == asker) {
            return Ok(None);
        }
        Ok(Some(case.at_a_glance(&view, asker)?))
    }
}

#[tonic::async_trait]
impl CaseService for Cases {
    async fn register_case(
        &self,
        request: Request<pb::RegisterCaseRequest>,
    ) -> Result<Response<pb::Case>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let registration = register::parse(&request, self.desk.today())?;
        let now = self.desk.now();
        let intent = self
            .desk
            .intent(&caller, "dockets", &request.request_id, &request)?;
        let registered = self.desk.store().change(&intent, |draft| {
            docket(draft, &registration, &caller, "registered", now)
        });
        Ok(Response::new(registered.await?))
    }

    async fn get_case(
        &self,
        request: Request<pb::GetCaseRequest>,
    ) -> Result<Response<pb::Case>, Status> {
        let (caller, request) = self.desk.open(request)?;
        Ok(Response::new(part::read(
            &self.desk,
            &request,
            caller.agency(),
        )?))
    }

    async fn list_cases(
        &self,
        request: Request<pb::ListCasesRequest>,
    ) -> Result<Response<pb::ListCasesResponse>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let limit = page::size(request.page_size, 50, 200)?;
        let prefix = keys::all_of_agency(caller.agency());
        let before = page::place(&request.page_token, &prefix, 1)?;
        let view = self.desk.store().read();
        let places = view
            .scan_back::<StoredPlace>(&prefix, before.as_deref(), limit)
            .map_err(Refusal::from)?;
        drop(view);
        let last = places.last().map(|(key, _)| key.as_str());
        let next_page_token = page::next(last, &prefix, places.len() < limit);
        let mut cases = Vec::with_capacity(places.len());
        for (_, place) in &places {
            cases.extend(self.listed(place, caller.agency())?);
        }
        Ok(Response::new(pb::ListCasesResponse {
            cases,
            next_page_token,
        }))
    }

    async fn append_note(
        &self,
        request: Request<pb::AppendNoteRequest>,
    ) -> Result<Response<pb::Entry>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = parse::case_name("parent", &request.parent)?;
        let entry = entry::parse(request.entry.as_ref(), &caller)?;
        let now = self.desk.now();
        let intent = self
            .desk
            .intent(&caller, name.as_str(), &request.request_id, &request)?;
        let appended = self.desk.store().change(&intent, |draft| {
            let mut case = open_case(draft, &name, now, &self.terms)?;
            case.require_label(caller.label_revision())?;
            case.require_open()?;
            let entry = case.append(entry.clone(), now);
            case.save(draft);
            Ok::<_, Refusal>(entry)
        });
        Ok(Response::new(appended.await?))
    }

    async fn add_participant(
        &self,
        request: Request<pb::AddParticipantRequest>,
    ) -> Result<Response<pb::Case>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = parse::case_name("parent", &request.parent)?;
        let given = request.participant.as_ref();
        let given = given.ok_or_else(|| Refusal::invalid("participant", "must be given"))?;
        let participant = entry::participant("participant", given)?;
        let now = self.desk.now();
        let intent = self
            .desk
            .intent(&caller, name.as_str(), &request.request_id, &request)?;
        let changed = self.desk.store().change(&intent, |draft| {
            let mut case = open_case(draft, &name, now, &self.terms)?;
            case.require_label(caller.label_revision())?;
            case.require_open()?;
            let participants = &mut case.facts_mut().participants;
            if participants.len() >= PARTICIPANTS_MAX {
                return Err(Refusal::invalid(
                    "participant",
                    "the case has 200 participants already",
                ));
            }
            if !participants.contains(&participant) {
                participants.push(participant.clone());
            }
            case.save(draft);
            let label = case.label_for(draft, caller.agency(), "", Vec::new())?;
            Ok(case.to_wire(label))
        });
        Ok(Response::new(changed.await?))
    }

    async fn add_evidence(
        &self,
        request: Request<pb::AddEvidenceRequest>,
    ) -> Result<Response<pb::Evidence>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = parse::case_name("parent", &request.parent)?;
        let now = self.desk.now();
        let document = format!("{name}/documents/{}", self.desk.new_id()?);
        let evidence = entry::evidence(request.evidence.as_ref(), &caller, document, now)?;
        let intent = self
            .desk
            .intent(&caller, name.as_str(), &request.request_id, &request)?;
        let added = self.desk.store().change(&intent, |draft| {
            let mut case = open_case(draft, &name, now, &self.terms)?;
            case.require_label(caller.label_revision())?;
            case.require_open()?;
            case.add_evidence(evidence.clone(), &caller, now)?;
            case.save(draft);
            Ok::<_, Refusal>(evidence.clone())
        });
        Ok(Response::new(added.await?))
    }

    async fn close_case(
        &self,
        request: Request<pb::CloseCaseRequest>,
    ) -> Result<Response<pb::Case>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = parse::case_name("name", &request.name)?;
        let result = parse::code("result_code", &request.result_code)?;
        let now = self.desk.now();
        let intent = self
            .desk
            .intent(&caller, name.as_str(), &request.request_id, &request)?;
        let closed = self.desk.store().change(&intent, |draft| {
            let mut case = open_case(draft, &name, now, &self.terms)?;
            case.require_label(caller.label_revision())?;
            case.require_etag(&request.etag)?;
            case.require_open()?;
            let open = open_referrals(draft, &name)?;
            if !open.is_empty() {
                let message = format!("referrals are still open: {}", open.join(", "));
                return Err(Refusal::precondition(ErrorReason::WrongState, message));
            }
            set_stage(&mut case, CaseStage::Closed, &result);
            case.append(entry::of_act(&caller, "closed", &result), now);
            case.save(draft);
            let label = case.label_for(draft, caller.agency(), "", Vec::new())?;
            Ok(case.to_wire(label))
        });
        Ok(Response::new(closed.await?))
    }

    async fn reopen_case(
        &self,
        request: Request<pb::ReopenCaseRequest>,
    ) -> Result<Response<pb::Case>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = parse::case_name("name", &request.name)?;
        let reason = parse::code("reason", &request.reason)?;
        let now = self.desk.now();
        let intent = self
            .desk
            .intent(&caller, name.as_str(), &request.request_id, &request)?;
        let reopened = self.desk.store().change(&intent, |draft| {
            let mut case = open_case(draft, &name, now, &self.terms)?;
            case.require_label(caller.label_revision())?;
            case.require_etag(&request.etag)?;
            if case.require_open().is_ok() {
                let legal = ["CloseCase", "AppendNote"];
                return Err(Refusal::wrong_state(
                    ErrorReason::WrongState,
                    "the case",
                    "open",
                    legal,
                ));
            }
            set_stage(&mut case, CaseStage::Open, "");
            case.append(entry::of_act(&caller, "reopened", &reason), now);
            case.save(draft);
            let label = case.label_for(draft, caller.agency(), "", Vec::new())?;
            Ok(case.to_wire(label))
        });
        Ok(Response::new(reopened.await?))
    }

    type WatchCaseStream = watch::Stream;

    async fn watch_case(
        &self,
        request: Request<pb::WatchCaseRequest>,
    ) -> Result<Response<Self::WatchCaseStream>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = parse::case_name("name", &request.name)?;
        Ok(Response::new(watch::open(
            self.desk.clone(),
            name,
            caller.agency(),
            request.after,
        )?))
    }
}

/// Makes a checked registration a case of the caller's, under the next number.
pub(crate) fn docket(
    draft: &mut Draft,
    registration: &Registration,
    caller: &host::Caller,
    act: &str,
    now: DateTime<Utc>,
) -> Result<pb::Case, Refusal> {
    let year = shanghai_date(now).year();
    let name = next_docket(draft, &registration.district, year)?;
    let mut facts = registration.facts.clone();
    facts.name = name.to_string();
    if let Some(summary) = facts.summary.as_mut() {
        name.id().clone_into(&mut summary.number);
        summary.registered_at = Some(to_timestamp(now));
    }
    let mut case = Case::new(name, caller.agency(), facts, now);
    case.append(entry::of_act(caller, act, ""), now);
    case.save(draft);
    let label = case.label_for(draft, caller.agency(), "", Vec::new())?;
    Ok(case.to_wire(label))
}

/// The next number of a district and year, counted without a gap.
fn next_docket(draft: &mut Draft, district: &str, year: i32) -> Result<CaseName, Refusal> {
    let key = keys::dockets(district, year);
    let number = draft.get::<StoredNumber>(&key)?.unwrap_or_default().number + 1;
    draft.put(&key, &StoredNumber { number });
    Ok(CaseName::new(district, year, number)?)
}

fn set_stage(case: &mut Case, stage: CaseStage, result: &str) {
    let summary = case.facts_mut().summary.get_or_insert_default();
    summary.stage = stage as i32;
    result.clone_into(&mut summary.result_code);
}

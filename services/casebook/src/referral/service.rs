//! ReferralService.

use host::{Caller, Desk, Refusal, parse};
use proto::internal::v1::{StoredPlace, StoredReferral};
use proto::names::CaseChild;
use proto::v1 as pb;
use proto::v1::referral_service_server::ReferralService;
use proto::v1::{AgencyKind, ErrorReason, ReferralBox};
use store::{Draft, View};
use tonic::{Request, Response, Status};

use super::effect::Cause;
use super::machine::{self, Actor, Event};
use super::{REFERRALS_MAX, apply, create, etag, load, records};
use crate::case::{Case, require_etag};
use crate::{consent, directory, keys, page};

/// The ReferralService.
pub(crate) struct Referrals {
    desk: Desk,
}

/// One step that a caller asks for.
struct Step<'a> {
    name: &'a str,
    etag: &'a str,
    request_id: &'a str,
    event: Event,
    reason: String,
}

impl Referrals {
    pub(crate) fn new(desk: Desk) -> Self {
        Self { desk }
    }

    /// Load, check, step, apply, answer: the same for every event.
    async fn step<R: prost::Message>(
        &self,
        caller: &Caller,
        request: &R,
        step: Step<'_>,
        extra: impl Fn(&mut pb::Referral),
    ) -> Result<Response<pb::Referral>, Status> {
        let name = parse::case_child("name", step.name, "referrals")?;
        let now = self.desk.now();
        let intent = self
            .desk
            .intent(caller, name.case.as_str(), step.request_id, request)?;
        let stepped = self.desk.store().change(&intent, |draft| {
            let mut case = Case::load(draft, &name.case, now)?;
            case.require_label(caller.label_revision())?;
            let mut record = load(draft, &name)?;
            require_etag(step.etag, &etag(&record))?;
            let referral = record.referral.get_or_insert_default();
            let actor = actor(referral, caller.agency())?;
            if step.event == Event::Accept || step.event == Event::Send {
                require_basis(draft, &case, referral, now)?;
            }
            if step.event == Event::Send {
                // What the sender reads may have changed since the draft.
                create::require_scope(&case, &referral.from_agency, referral)?;
            }
            if step.event == Event::Accept {
                require_conflict_check(draft, referral)?;
            }
            require_handover(&case, referral, step.event)?;
            let cause = Cause {
                agency: caller.agency(),
                user: caller.user(),
                actor,
                reason: &step.reason,
                at: now,
            };
            apply(draft, &mut case, &name, &mut record, step.event, &cause)?;
            extra(record.referral.get_or_insert_default());
            draft.put(&keys::child(&name), &record);
            case.save(draft);
            to_wire(draft, &case, &record, caller.agency())
        });
        Ok(Response::new(stepped.await?))
    }

    /// A step without anything to say beside it.
    async fn plain<R: prost::Message>(
        &self,
        caller: &Caller,
        request: &R,
        (name, etag, request_id): (&str, &str, &str),
        event: Event,
    ) -> Result<Response<pb::Referral>, Status> {
        let step = Step {
            name,
            etag,
            request_id,
            event,
            reason: String::new(),
        };
        self.step(caller, request, step, |_| {}).await
    }
}

#[tonic::async_trait]
impl ReferralService for Referrals {
    async fn create_referral(
        &self,
        request: Request<pb::CreateReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let case_name = parse::case_name("parent", &request.parent)?;
        let now = self.desk.now();
        let header = create::header(request.referral.as_ref(), now)?;
        parse::optional_text("duplicate_reason", &request.duplicate_reason, 200)?;
        let name = CaseChild {
            case: case_name,
            collection: "referrals",
            id: self.desk.new_id()?,
        };
        let intent =
            self.desk
                .intent(&caller, name.case.as_str(), &request.request_id, &request)?;
        let created = self.desk.store().change(&intent, |draft| {
            let mut case = Case::load(draft, &name.case, now)?;
            case.require_label(caller.label_revision())?;
            case.require_open()?;
            create::check(
                draft,
                &case,
                &caller,
                &header,
                &request.duplicate_reason,
                now,
            )?;
            if records(draft, &name.case)?.len() >= REFERRALS_MAX {
                return Err(Refusal::invalid(
                    "parent",
                    "the case has 500 referrals already",
                ));
            }
            let referral = pb::Referral {
                name: name.to_string(),
                from_agency: caller.agency().to_owned(),
                ..header.clone()
            };
            for (agency, side) in [(&referral.from_agency, "out"), (&referral.to_agency, "in")] {
                let place = StoredPlace {
                    name: name.to_string(),
                };
                draft.put(&box_key(agency, side, &name), &place);
            }
            let record = StoredReferral {
                referral: Some(referral),
                version: 1,
            };
            draft.put(&keys::child(&name), &record);
            case.save(draft);
            to_wire(draft, &case, &record, caller.agency())
        });
        Ok(Response::new(created.await?))
    }

    async fn get_referral(
        &self,
        request: Request<pb::GetReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = parse::case_child("name", &request.name, "referrals")?;
        let view = self.desk.store().read();
        let case = Case::load(&view, &name.case, self.desk.now())?;
        let record = load(&view, &name)?;
        Ok(Response::new(to_wire(
            &view,
            &case,
            &record,
            caller.agency(),
        )?))
    }

    async fn list_referrals(
        &self,
        request: Request<pb::ListReferralsRequest>,
    ) -> Result<Response<pb::ListReferralsResponse>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let limit = page::size(request.page_size, 50, 200)?;
        let parent = match request.parent.as_str() {
            "" => None,
            parent => Some(parse::case_name("parent", parent)?),
        };
        let now = self.desk.now();
        let view = self.desk.store().read();
        let sides: &[&str] = match request.r#box() {
            ReferralBox::Inbox => &["in"],
            ReferralBox::Outbox => &["out"],
            ReferralBox::Unspecified => &["in", "out"],
        };
        let skip: usize = match request.page_token.as_str() {
            "" => 0,
            token => token.parse().map_err(|_| {
                Refusal::invalid("page_token", "is not one that this method gave out")
            })?,
        };
        let mut found = Vec::new();
        for side in sides {
            let prefix = box_prefix(caller.agency(), side);
            for (_, place) in view
                .scan_back::<StoredPlace>(&prefix, None, 10_000)
                .map_err(Refusal::from)?
            {
                let name = CaseChild::parse(&place.name, "referrals").map_err(Refusal::from)?;
                if parent.as_ref().is_some_and(|parent| *parent != name.case) {
                    continue;
                }
                let record = load(&view, &name)?;
                let Some(referral) = record.referral.as_ref() else {
                    continue;
                };
                let is_hidden_draft = *side == "in" && was_never_sent(referral);
                let is_left_out = request.open_only && !machine::OPEN.contains(&referral.state());
                if !is_hidden_draft && !is_left_out {
                    found.push((name, record));
                }
            }
        }
        let is_last = found.len() <= skip.saturating_add(limit);
        let next_page_token = if is_last {
            String::new()
        } else {
            (skip + limit).to_string()
        };
        let mut referrals = Vec::new();
        for (name, record) in found.iter().skip(skip).take(limit) {
            let case = Case::load(&view, &name.case, now)?;
            referrals.push(to_wire(&view, &case, record, caller.agency())?);
        }
        Ok(Response::new(pb::ListReferralsResponse {
            referrals,
            next_page_token,
        }))
    }

    async fn send_referral(
        &self,
        request: Request<pb::SendReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let r = (
            request.name.as_str(),
            request.etag.as_str(),
            request.request_id.as_str(),
        );
        self.plain(&caller, &request, r, Event::Send).await
    }

    async fn acknowledge_referral(
        &self,
        request: Request<pb::AcknowledgeReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let r = (
            request.name.as_str(),
            request.etag.as_str(),
            request.request_id.as_str(),
        );
        self.plain(&caller, &request, r, Event::Acknowledge).await
    }

    async fn accept_referral(
        &self,
        request: Request<pb::AcceptReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let r = (
            request.name.as_str(),
            request.etag.as_str(),
            request.request_id.as_str(),
        );
        self.plain(&caller, &request, r, Event::Accept).await
    }

    async fn reject_referral(
        &self,
        request: Request<pb::RejectReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let step = Step {
            name: &request.name,
            etag: &request.etag,
            request_id: &request.request_id,
            event: Event::Reject,
            reason: parse::code("reason", &request.reason)?,
        };
        self.step(&caller, &request, step, |_| {}).await
    }

    async fn start_referral(
        &self,
        request: Request<pb::StartReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let r = (
            request.name.as_str(),
            request.etag.as_str(),
            request.request_id.as_str(),
        );
        self.plain(&caller, &request, r, Event::Start).await
    }

    async fn complete_referral(
        &self,
        request: Request<pb::CompleteReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let outcome = parse::code("outcome", &request.outcome)?;
        let amount = parse::money("outcome_amount", request.outcome_amount.as_ref())?;
        let step = Step {
            name: &request.name,
            etag: &request.etag,
            request_id: &request.request_id,
            event: Event::Complete,
            reason: String::new(),
        };
        let complete = |referral: &mut pb::Referral| {
            referral.outcome.clone_from(&outcome);
            referral.outcome_amount.clone_from(&amount);
        };
        self.step(&caller, &request, step, complete).await
    }

    async fn withdraw_referral(
        &self,
        request: Request<pb::WithdrawReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let step = Step {
            name: &request.name,
            etag: &request.etag,
            request_id: &request.request_id,
            event: Event::Withdraw,
            reason: parse::code("reason", &request.reason)?,
        };
        self.step(&caller, &request, step, |_| {}).await
    }
}

/// The part that the caller plays. To anybody else the referral does not exist.
fn actor(referral: &pb::Referral, agency: &str) -> Result<Actor, Refusal> {
    if referral.from_agency == agency {
        Ok(Actor::Sender)
    } else if referral.to_agency == agency && !was_never_sent(referral) {
        Ok(Actor::Receiver)
    } else {
        Err(Refusal::not_found())
    }
}

fn was_never_sent(referral: &pb::Referral) -> bool {
    referral
        .transitions
        .first()
        .is_none_or(|first| first.event != Event::Send.name())
}

fn require_basis(
    view: &View,
    case: &Case,
    referral: &pb::Referral,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), Refusal> {
    if referral.consent.is_empty() {
        return Ok(());
    }
    let name = CaseChild::parse(&referral.consent, "consents")?;
    if name.case != *case.name() {
        return Err(Refusal::internal(
            "a referral rests on another case's consent",
        ));
    }
    consent::in_force(view, &name, now).map(|_| ())
}

/// A handover comes from the lead, and once accepted is not called back.
fn require_handover(case: &Case, referral: &pb::Referral, event: Event) -> Result<(), Refusal> {
    if referral.kind() != pb::ReferralKind::Handover {
        return Ok(());
    }
    if event == Event::Withdraw && was_accepted(referral) {
        return Err(Refusal::precondition(
            ErrorReason::WrongState,
            "the case has been handed over; ask its lead to hand it back",
        ));
    }
    let needs_lead = matches!(event, Event::Send | Event::Accept);
    if needs_lead && !case.is_lead(&referral.from_agency) {
        return Err(Refusal::precondition(
            ErrorReason::BasisEnded,
            "the sender does not lead the case any more and cannot hand it over",
        ));
    }
    Ok(())
}

fn was_accepted(referral: &pb::Referral) -> bool {
    let accepted = |step: &pb::Transition| step.event == Event::Accept.name();
    referral.transitions.iter().any(accepted)
}

/// 律师法 39: no firm on both sides of a dispute.
fn require_conflict_check(draft: &Draft, referral: &pb::Referral) -> Result<(), Refusal> {
    let receiver = directory::standing(draft, &referral.to_agency)?;
    let is_firm = receiver.is_some_and(|standing| standing.kind() == AgencyKind::LawFirm);
    if is_firm && !referral.conflict_cleared {
        return Err(Refusal::precondition(
            ErrorReason::ConflictCheckRequired,
            "a law firm clears a conflict check first (LawFirmService.CheckConflict)",
        ));
    }
    Ok(())
}

/// The referral as it is answered: label first, events that the asker may cause.
pub(crate) fn to_wire(
    view: &View,
    case: &Case,
    record: &StoredReferral,
    asker: &str,
) -> Result<pb::Referral, Refusal> {
    let referral = record.referral.clone().unwrap_or_default();
    let receivers = if was_never_sent(&referral) {
        Vec::new()
    } else {
        vec![referral.to_agency.clone()]
    };
    let label = case.label_for(view, asker, &referral.from_agency, receivers)?;
    let allowed = actor(&referral, asker).map(|actor| machine::allowed(referral.state(), actor));
    let is_handed_over = referral.kind() == pb::ReferralKind::Handover && was_accepted(&referral);
    let allowed_events = allowed
        .unwrap_or_default()
        .into_iter()
        .filter(|event| !(is_handed_over && *event == Event::Withdraw.name()))
        .map(str::to_owned)
        .collect();
    Ok(pb::Referral {
        label: Some(label),
        etag: etag(record),
        allowed_events,
        ..referral
    })
}

fn box_prefix(agency: &str, side: &str) -> String {
    format!("box/{}/{side}/", agency.trim_start_matches("agencies/"))
}

fn box_key(agency: &str, side: &str, name: &CaseChild) -> String {
    format!("{}{}/{}", box_prefix(agency, side), name.case.id(), name.id)
}

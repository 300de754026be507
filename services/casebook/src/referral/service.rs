//! ReferralService.

use chrono::{DateTime, Utc};
use host::clock::{from_timestamp, to_timestamp};
use host::{Caller, Desk, Refusal, parse};
use proto::names::CaseChild;
use proto::v1 as pb;
use proto::v1::ErrorReason;
use proto::v1::referral_service_server::ReferralService;
use tonic::{Request, Response, Status};

use super::machine::{Actor, Event};
use super::steps::{self, Step, take};
use super::terms::Terms;
use super::{create, list, pool, to_wire};
use crate::sharing::{Cause, REFERRALS_MAX, Sharing};

/// Longest question or answer.
const INQUIRY_CHARS: usize = 1_000;

/// The ReferralService.
pub(crate) struct Referrals {
    desk: Desk,
    terms: Terms,
}

impl Referrals {
    pub(crate) fn new(desk: Desk, terms: Terms) -> Self {
        Self { desk, terms }
    }

    async fn step<R: prost::Message>(
        &self,
        caller: &Caller,
        request: &R,
        step: Step<'_>,
        fill: impl Fn(&mut pb::Referral, DateTime<Utc>),
    ) -> Result<Response<pb::Referral>, Status> {
        take(&self.desk, &self.terms, caller, request, step, fill).await
    }
}

/// A step without anything to say beside it, or with a coded reason.
macro_rules! step {
    ($self:ident, $request:ident, $event:expr) => {
        step!($self, $request, $event, String::new())
    };
    ($self:ident, $request:ident, $event:expr, coded) => {{
        let reason = parse::code("reason", &$request.get_ref().reason)?;
        step!($self, $request, $event, reason)
    }};
    ($self:ident, $request:ident, $event:expr, $reason:expr) => {{
        let reason = $reason;
        let (caller, request) = $self.desk.open($request)?;
        let step = Step {
            name: &request.name,
            etag: &request.etag,
            request_id: &request.request_id,
            event: $event,
            reason,
        };
        $self.step(&caller, &request, step, |_, _| {}).await
    }};
}

#[tonic::async_trait]
impl ReferralService for Referrals {
    async fn create_referral(
        &self,
        request: Request<pb::CreateReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let case = parse::case_name("parent", &request.parent)?;
        let now = self.desk.now();
        let header = create::header(request.referral.as_ref(), now)?;
        create::addressed(&header)?;
        parse::optional_text("duplicate_reason", &request.duplicate_reason, 200)?;
        let name = CaseChild {
            case,
            collection: "referrals",
            id: self.desk.new_id()?,
        };
        let intent =
            self.desk
                .intent(&caller, name.case.as_str(), &request.request_id, &request)?;
        let created = self.desk.store().change(&intent, |draft| {
            let mut sharing = Sharing::load(draft, &name.case, now, &self.terms)?;
            sharing.case.require_label(caller.label_revision())?;
            sharing.case.require_open()?;
            let duplicate = &request.duplicate_reason;
            let header = create::check(draft, &sharing, caller.agency(), &header, duplicate)?;
            require_room(&sharing)?;
            sharing.add(pb::Referral {
                name: name.to_string(),
                ..header
            });
            sharing.save(draft)?;
            to_wire(draft, &sharing, &name.to_string(), caller.agency())
        });
        Ok(Response::new(created.await?))
    }

    async fn refer_to_pool(
        &self,
        request: Request<pb::ReferToPoolRequest>,
    ) -> Result<Response<pb::ReferToPoolResponse>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let answer = pool::refer(&self.desk, &self.terms, &caller, &request).await?;
        Ok(Response::new(answer))
    }

    async fn get_referral(
        &self,
        request: Request<pb::GetReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = parse::case_child("name", &request.name, "referrals")?;
        let view = self.desk.store().read();
        let sharing = Sharing::load(&view, &name.case, self.desk.now(), &self.terms)?;
        Ok(Response::new(to_wire(
            &view,
            &sharing,
            &request.name,
            caller.agency(),
        )?))
    }

    async fn list_referrals(
        &self,
        request: Request<pb::ListReferralsRequest>,
    ) -> Result<Response<pb::ListReferralsResponse>, Status> {
        let (caller, request) = self.desk.open(request)?;
        Ok(Response::new(list::list(
            &self.desk,
            &self.terms,
            &caller,
            &request,
        )?))
    }

    async fn send_referral(
        &self,
        request: Request<pb::SendReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        step!(self, request, Event::Send)
    }

    async fn acknowledge_referral(
        &self,
        request: Request<pb::AcknowledgeReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        step!(self, request, Event::Acknowledge)
    }

    async fn accept_referral(
        &self,
        request: Request<pb::AcceptReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        step!(self, request, Event::Accept)
    }

    async fn reject_referral(
        &self,
        request: Request<pb::RejectReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        step!(self, request, Event::Reject, coded)
    }

    async fn contest_referral(
        &self,
        request: Request<pb::ContestReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let answer = contest(&self.desk, &self.terms, &caller, &request).await?;
        Ok(Response::new(answer))
    }

    async fn start_referral(
        &self,
        request: Request<pb::StartReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        step!(self, request, Event::Start)
    }

    async fn ask_information(
        &self,
        request: Request<pb::AskInformationRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let question = parse::text("question", &request.question, INQUIRY_CHARS)?;
        let step = Step {
            name: &request.name,
            etag: &request.etag,
            request_id: &request.request_id,
            event: Event::AskInformation,
            reason: String::new(),
        };
        let ask = |referral: &mut pb::Referral, now| {
            referral.inquiries.push(pb::Inquiry {
                question: question.clone(),
                asked_at: Some(to_timestamp(now)),
                ..pb::Inquiry::default()
            });
        };
        self.step(&caller, &request, step, ask).await
    }

    async fn provide_information(
        &self,
        request: Request<pb::ProvideInformationRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let answer = parse::text("answer", &request.answer, INQUIRY_CHARS)?;
        let added = create::sections("added_scope", &request.added_scope)?;
        let step = Step {
            name: &request.name,
            etag: &request.etag,
            request_id: &request.request_id,
            event: Event::ProvideInformation,
            reason: String::new(),
        };
        let provide = |referral: &mut pb::Referral, now| {
            let new = added.iter().filter(|s| !referral.scope.contains(s));
            let new: Vec<i32> = new.copied().collect();
            referral.scope.extend(&new);
            let open = referral.inquiries.iter_mut();
            for inquiry in open.filter(|inquiry| inquiry.answered_at.is_none()) {
                inquiry.answer.clone_from(&answer);
                inquiry.answered_at = Some(to_timestamp(now));
                inquiry.added_scope.clone_from(&new);
            }
        };
        self.step(&caller, &request, step, provide).await
    }

    async fn await_third_party(
        &self,
        request: Request<pb::AwaitThirdPartyRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        step!(self, request, Event::AwaitThirdParty, coded)
    }

    async fn hold_referral(
        &self,
        request: Request<pb::HoldReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        step!(self, request, Event::Hold, coded)
    }

    async fn resume_referral(
        &self,
        request: Request<pb::ResumeReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        step!(self, request, Event::Resume)
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
        let complete = |referral: &mut pb::Referral, _| {
            referral.outcome.clone_from(&outcome);
            referral.outcome_amount.clone_from(&amount);
        };
        self.step(&caller, &request, step, complete).await
    }

    async fn fail_referral(
        &self,
        request: Request<pb::FailReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        step!(self, request, Event::Fail, coded)
    }

    async fn acknowledge_outcome(
        &self,
        request: Request<pb::AcknowledgeOutcomeRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let step = Step {
            name: &request.name,
            etag: &request.etag,
            request_id: &request.request_id,
            event: Event::AcknowledgeOutcome,
            reason: String::new(),
        };
        let note = |referral: &mut pb::Referral, now| {
            referral.outcome_acknowledged_at = Some(to_timestamp(now));
        };
        self.step(&caller, &request, step, note).await
    }

    async fn withdraw_referral(
        &self,
        request: Request<pb::WithdrawReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        step!(self, request, Event::Withdraw, coded)
    }

    async fn extend_referral(
        &self,
        request: Request<pb::ExtendReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let until = request.access_until.as_ref().and_then(from_timestamp);
        if until.is_none_or(|until| until <= self.desk.now()) {
            return Err(Refusal::invalid("access_until", "must lie in the future").into());
        }
        let step = Step {
            name: &request.name,
            etag: &request.etag,
            request_id: &request.request_id,
            event: Event::Extend,
            reason: String::new(),
        };
        let extend = |referral: &mut pb::Referral, _| {
            referral.access_until = request.access_until;
        };
        self.step(&caller, &request, step, extend).await
    }

    async fn reopen_referral(
        &self,
        request: Request<pb::ReopenReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        step!(self, request, Event::Reopen, coded)
    }

    async fn revoke_referral(
        &self,
        request: Request<pb::RevokeReferralRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        step!(self, request, Event::Revoke, coded)
    }

    async fn mark_referral_error(
        &self,
        request: Request<pb::MarkReferralErrorRequest>,
    ) -> Result<Response<pb::Referral>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let answer = mark_error(&self.desk, &self.terms, &caller, &request).await?;
        Ok(Response::new(answer))
    }
}

fn two_people(message: &str) -> Refusal {
    Refusal::precondition(ErrorReason::TwoPeopleRequired, message)
}

pub(crate) fn require_room(sharing: &Sharing<'_>) -> Result<(), Refusal> {
    if sharing.all().count() >= REFERRALS_MAX {
        return Err(Refusal::invalid(
            "parent",
            "the case has 500 referrals already",
        ));
    }
    Ok(())
}

/// The first person proposes, a second one marks.
async fn mark_error(
    desk: &Desk,
    terms: &Terms,
    caller: &Caller,
    request: &pb::MarkReferralErrorRequest,
) -> Result<pb::Referral, Refusal> {
    let name = parse::case_child("name", &request.name, "referrals")?;
    let reason = parse::code("reason", &request.reason)?;
    let now = desk.now();
    let intent = desk.intent(caller, name.case.as_str(), &request.request_id, request)?;
    let marked = desk.store().change(&intent, |draft| {
        let mut sharing = Sharing::load(draft, &name.case, now, terms)?;
        sharing.case.require_label(caller.label_revision())?;
        let cause = steps::cause(&sharing, &request.name, caller, &reason)?;
        crate::case::require_etag(&request.etag, &super::etag(sharing.record(&request.name)?))?;
        if caller.user().is_empty() {
            return Err(two_people(
                "sign in: a person answers for this, not a system",
            ));
        }
        let proposer = sharing.referral(&request.name)?.error_proposed_by.clone();
        let event = if proposer.is_empty() {
            Event::ProposeError
        } else {
            Event::MarkError
        };
        if proposer == caller.user() {
            return Err(two_people(
                "you proposed it yourself; a second person of your agency must agree",
            ));
        }
        sharing.step(&request.name, event, &cause, |referral| {
            if event == Event::ProposeError {
                caller.user().clone_into(&mut referral.error_proposed_by);
            }
        })?;
        sharing.save(draft)?;
        to_wire(draft, &sharing, &request.name, caller.agency())
    });
    marked.await
}

/// A new referral takes the rejected one's place, and is sent at once.
async fn contest(
    desk: &Desk,
    terms: &Terms,
    caller: &Caller,
    request: &pb::ContestReferralRequest,
) -> Result<pb::Referral, Refusal> {
    let name = parse::case_child("name", &request.name, "referrals")?;
    let reason = parse::text("reason", &request.reason, INQUIRY_CHARS)?;
    let now = desk.now();
    let successor = CaseChild {
        id: desk.new_id()?,
        ..name.clone()
    }
    .to_string();
    let intent = desk.intent(caller, name.case.as_str(), &request.request_id, request)?;
    let contested = desk.store().change(&intent, |draft| {
        let mut sharing = Sharing::load(draft, &name.case, now, terms)?;
        sharing.case.require_label(caller.label_revision())?;
        let cause = steps::cause(&sharing, &request.name, caller, "")?;
        crate::case::require_etag(&request.etag, &super::etag(sharing.record(&request.name)?))?;
        sharing.step(&request.name, Event::Contest, &cause, |referral| {
            referral.replaced_by.clone_from(&successor);
        })?;
        let rejected = sharing.referral(&request.name)?.clone();
        let header = pb::Referral {
            kind: rejected.kind,
            to_agency: rejected.to_agency,
            service_code: rejected.service_code,
            purpose: reason.clone(),
            consent: rejected.consent,
            legal_basis: rejected.legal_basis,
            scope: rejected.scope,
            contribute: rejected.contribute,
            priority: rejected.priority,
            residual: rejected.residual,
            replaces: rejected.name,
            state: pb::ReferralState::Draft as i32,
            ..pb::Referral::default()
        };
        let header = create::check(draft, &sharing, caller.agency(), &header, "contest")?;
        require_room(&sharing)?;
        send(draft, &mut sharing, header, &successor, cause)?;
        sharing.save(draft)?;
        to_wire(draft, &sharing, &successor, caller.agency())
    });
    contested.await
}

/// Adds a checked header under a name and sends it.
pub(crate) fn send(
    draft: &store::Draft,
    sharing: &mut Sharing<'_>,
    header: pb::Referral,
    name: &str,
    cause: Cause,
) -> Result<(), Refusal> {
    let mut referral = pb::Referral {
        name: name.to_owned(),
        ..header
    };
    steps::defaults(sharing, &mut referral, Event::Send, None)?;
    sharing.add(referral.clone());
    steps::require(draft, sharing, &referral, Event::Send)?;
    let cause = Cause {
        parts: vec![Actor::Sender],
        reason: String::new(),
        at_most: None,
        ..cause
    };
    sharing.step(name, Event::Send, &cause, |_| {})
}

//! One step that a caller asks for: load, may they, does the basis still hold,
//! take it, save, answer. The same for every event.

use chrono::{DateTime, Utc};
use host::clock::{from_timestamp, to_timestamp};
use host::{Caller, Desk, Refusal, parse};
use proto::v1 as pb;
use proto::v1::{AgencyKind, ErrorReason, GrantStage, ReferralKind};
use store::{Draft, View};
use tonic::{Response, Status};

use super::machine::{self, Event};
use super::terms::Terms;
use super::{create, etag, to_wire};
use crate::case::{Case, require_etag};
use crate::sharing::{Cause, Sharing};
use crate::{agreement, directory};

/// One step.
pub(super) struct Step<'a> {
    pub(super) name: &'a str,
    pub(super) etag: &'a str,
    pub(super) request_id: &'a str,
    pub(super) event: Event,
    pub(super) reason: String,
}

/// Takes a step; `fill` puts what it says into the record.
pub(super) async fn take<R: prost::Message>(
    desk: &Desk,
    terms: &Terms,
    caller: &Caller,
    request: &R,
    step: Step<'_>,
    fill: impl Fn(&mut pb::Referral, DateTime<Utc>),
) -> Result<Response<pb::Referral>, Status> {
    let name = parse::case_child("name", step.name, "referrals")?;
    let now = desk.now();
    let intent = desk.intent(caller, name.case.as_str(), step.request_id, request)?;
    let taken = desk.store().change(&intent, |draft| {
        let mut sharing = Sharing::load(draft, &name.case, now, terms)?;
        sharing.case.require_label(caller.label_revision())?;
        let cause = cause(&sharing, step.name, caller, &step.reason)?;
        require_etag(step.etag, &etag(sharing.record(step.name)?))?;
        let referral = sharing.referral(step.name)?;
        machine::step(&sharing.position(referral, now), step.event, &cause.parts)?;
        let mut after = referral.clone();
        fill(&mut after, now);
        let at_most = agreement::at_most(draft, &after, now)?;
        defaults(&sharing, &mut after, step.event, at_most)?;
        require(draft, &sharing, &after, step.event)?;
        let cause = Cause { at_most, ..cause };
        sharing.step(step.name, step.event, &cause, |referral| {
            let transitions = std::mem::take(&mut referral.transitions);
            *referral = pb::Referral {
                transitions,
                state: referral.state,
                status_reason: referral.status_reason.clone(),
                waiting: referral.waiting,
                ..after.clone()
            };
        })?;
        sharing.save(draft)?;
        to_wire(draft, &sharing, step.name, caller.agency())
    });
    Ok(Response::new(taken.await?))
}

/// The caller as the cause of a step. NOT_FOUND to whom the referral does not
/// exist.
pub(super) fn cause(
    sharing: &Sharing<'_>,
    name: &str,
    caller: &Caller,
    reason: &str,
) -> Result<Cause, Refusal> {
    Ok(Cause {
        agency: caller.agency().to_owned(),
        user: caller.user().to_owned(),
        parts: sharing.parts(sharing.referral(name)?, caller.agency())?,
        reason: reason.to_owned(),
        at: sharing.case.now(),
        at_most: None,
    })
}

/// What the header leaves open is settled when it is needed, by the terms of
/// its service.
pub(super) fn defaults(
    sharing: &Sharing<'_>,
    referral: &mut pb::Referral,
    event: Event,
    at_most: Option<DateTime<Utc>>,
) -> Result<(), Refusal> {
    let now = sharing.case.now();
    let term = sharing.term(referral);
    if event == Event::Send {
        let given = referral.respond_by.as_ref().and_then(from_timestamp);
        let by = given.unwrap_or_else(|| now + term.respond());
        if by <= now {
            let description = "has passed since the draft was written; draft it again";
            return Err(Refusal::invalid("respond_by", description));
        }
        referral.respond_by = Some(to_timestamp(by));
    }
    let until = referral.access_until.as_ref().and_then(from_timestamp);
    if until.is_some_and(|until| until <= now) {
        match event {
            Event::Send => {
                let description = "has passed since the draft was written; draft it again";
                return Err(Refusal::invalid("access_until", description));
            }
            Event::Accept => {
                return Err(Refusal::precondition(
                    ErrorReason::TooLate,
                    "the time for which access was offered has passed; ask its sender anew",
                ));
            }
            _ => {}
        }
    }
    // A handover is for good, unless the sender said otherwise.
    let is_limited = referral.kind() != ReferralKind::Handover;
    let needs_end = match event {
        Event::Accept => until.is_none(),
        Event::Reopen => until.is_none_or(|until| until <= now),
        _ => false,
    };
    if needs_end {
        let end = is_limited.then(|| now + term.access());
        let end = end.map(|end| at_most.map_or(end, |most| end.min(most)));
        referral.access_until = end.map(to_timestamp);
    }
    Ok(())
}

/// Does what the referral rests on still stand, where the event begins or
/// widens access?
pub(super) fn require(
    draft: &Draft,
    sharing: &Sharing<'_>,
    referral: &pb::Referral,
    event: Event,
) -> Result<(), Refusal> {
    let begins = matches!(
        event,
        Event::Send | Event::Accept | Event::Reopen | Event::Extend | Event::ProvideInformation
    );
    if !begins {
        return Ok(());
    }
    let now = sharing.case.now();
    require_authority(sharing, referral, event)?;
    require_basis(draft, &sharing.case, referral)?;
    require_handover(&sharing.case, referral, event)?;
    let widens = matches!(event, Event::Send | Event::ProvideInformation);
    if widens {
        // What the sender reads may have changed since the draft.
        create::require_scope(sharing, referral)?;
    }
    if event == Event::Accept {
        require_conflict_check(draft, referral)?;
    }
    // Also when it is accepted: the agreement may have changed since.
    agreement::require(draft, referral, now)?;
    if event == Event::Extend {
        require_within(sharing, referral)?;
    }
    Ok(())
}

/// A referral stems from leading the case, a sub-referral from a grant that is
/// in force. What a former lead sent may still be accepted, but it begins,
/// widens and prolongs nothing.
fn require_authority(
    sharing: &Sharing<'_>,
    referral: &pb::Referral,
    event: Event,
) -> Result<(), Refusal> {
    if referral.part_of.is_empty() {
        let leads = sharing.case.is_lead(&referral.from_agency);
        return if leads || event == Event::Accept {
            Ok(())
        } else {
            Err(Refusal::precondition(
                ErrorReason::BasisEnded,
                "the sender does not lead the case any more; its lead must refer it anew",
            ))
        };
    }
    let now = sharing.case.now();
    let end = |grant: &pb::Grant| grant.valid_until;
    let runs = sharing
        .parent_grant(referral)
        .is_some_and(|grant| crate::case::is_running(end(grant).as_ref(), now));
    if runs {
        return Ok(());
    }
    Err(Refusal::precondition(
        ErrorReason::BasisEnded,
        "the access that the sender works under has ended; its sender must extend it first",
    ))
}

fn require_basis(view: &View, case: &Case, referral: &pb::Referral) -> Result<(), Refusal> {
    let receiver = directory::standing(view, &referral.to_agency)?;
    let receiver = receiver.ok_or_else(|| Refusal::internal("a receiver left the directory"))?;
    create::require_basis(view, case, referral, &receiver)
}

/// A handover comes from the lead.
fn require_handover(case: &Case, referral: &pb::Referral, event: Event) -> Result<(), Refusal> {
    let needs_lead =
        referral.kind() == ReferralKind::Handover && matches!(event, Event::Send | Event::Accept);
    if needs_lead && !case.is_lead(&referral.from_agency) {
        return Err(Refusal::precondition(
            ErrorReason::BasisEnded,
            "the sender does not lead the case any more and cannot hand it over",
        ));
    }
    Ok(())
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

/// An extension says what it can keep: beyond the sender's own access or the
/// consent it would be a promise that ends early.
fn require_within(sharing: &Sharing<'_>, referral: &pb::Referral) -> Result<(), Refusal> {
    let asked = referral.access_until.as_ref().and_then(from_timestamp);
    // Shorter would leave sub-referrals with more than their sender has.
    let present = sharing
        .case
        .running()
        .find(|grant| grant.referral == referral.name && grant.stage() == GrantStage::Working);
    let end = |grant: &pb::Grant| grant.valid_until.as_ref().and_then(from_timestamp);
    if present
        .is_some_and(|grant| end(grant).is_none_or(|end| asked.is_none_or(|asked| asked <= end)))
    {
        return Err(Refusal::invalid(
            "access_until",
            "must be later than the present end; to end access, withdraw",
        ));
    }
    let limit = sharing.basis_ends(referral);
    match (asked, limit) {
        (Some(asked), Some(limit)) if asked > limit => Err(Refusal::precondition(
            ErrorReason::BasisEnded,
            format!(
                "what it rests on ends at {}; access cannot last longer",
                limit.to_rfc3339()
            ),
        )),
        _ => Ok(()),
    }
}

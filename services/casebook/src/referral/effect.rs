//! What a step does: state, transition, grants, lead, timeline and feeds, all
//! derived from the row of the table and written in one batch.

use chrono::{DateTime, Utc};
use host::Refusal;
use host::clock::to_timestamp;
use proto::internal::v1::StoredReferral;
use proto::names::CaseChild;
use proto::v1 as pb;
use proto::v1::{GrantStage, ReferralKind, ReferralState, ResidualChoice, Section};
use store::Draft;

use super::machine::{self, Access, Actor, Event};
use crate::case::Case;
use crate::keys;

/// Who causes a step, and why.
pub(crate) struct Cause<'a> {
    pub(crate) agency: &'a str,
    pub(crate) user: &'a str,
    pub(crate) actor: Actor,
    pub(crate) reason: &'a str,
    pub(crate) at: DateTime<Utc>,
}

/// Takes one step of a referral. WRONG_STATE, NOT_SENDER or NOT_RECEIVER if the
/// table has no such row.
pub(crate) fn apply(
    draft: &mut Draft,
    case: &mut Case,
    name: &CaseChild,
    record: &mut StoredReferral,
    event: Event,
    cause: &Cause<'_>,
) -> Result<(), Refusal> {
    let referral = record.referral.get_or_insert_default();
    let from = referral.state();
    let row = machine::step(from, event, cause.actor)?;
    referral.state = row.to as i32;
    cause.reason.clone_into(&mut referral.status_reason);
    referral.transitions.push(pb::Transition {
        sequence: u32::try_from(referral.transitions.len() + 1).unwrap_or(u32::MAX),
        from: from as i32,
        event: event.name().to_owned(),
        to: row.to as i32,
        agency: cause.agency.to_owned(),
        user: cause.user.to_owned(),
        reason: cause.reason.to_owned(),
        at: Some(to_timestamp(cause.at)),
    });
    let referral = referral.clone();
    change_access(case, &referral, row.access, cause);
    tell(case, &referral, event, cause);
    record.version += 1;
    draft.put(&keys::child(name), record);
    Ok(())
}

fn change_access(case: &mut Case, referral: &pb::Referral, access: Access, cause: &Cause<'_>) {
    // What a former lead keeps is its own, and outlasts the referral.
    let of_this =
        |grant: &pb::Grant| grant.referral == referral.name && grant.agency == referral.to_agency;
    let reason = if cause.reason.is_empty() {
        "referral"
    } else {
        cause.reason
    };
    match access {
        Access::Same => {}
        Access::Triage => {
            let sections = vec![Section::Summary as i32, Section::Claims as i32];
            let until = within_consent(case, referral, referral.respond_by);
            case.grant(
                grant(referral, GrantStage::Triage, sections, until),
                cause.at,
            );
        }
        Access::Working => {
            case.end_grants(reason, cause.at, of_this);
            let scope = referral.scope.clone();
            let until = within_consent(case, referral, referral.access_until);
            if referral.kind() == ReferralKind::Handover {
                hand_over(case, referral, cause);
            }
            case.grant(grant(referral, GrantStage::Working, scope, until), cause.at);
        }
        Access::None => case.end_grants(reason, cause.at, of_this),
        Access::Residual => {
            let worked = case
                .label()
                .grants
                .iter()
                .any(|g| of_this(g) && g.stage() == GrantStage::Working);
            case.end_grants(reason, cause.at, of_this);
            if worked {
                let sections = vec![Section::Summary as i32];
                let until = within_consent(case, referral, None);
                case.grant(
                    grant(referral, GrantStage::Residual, sections, until),
                    cause.at,
                );
            }
        }
    }
}

/// No grant outlives the consent that it rests on.
fn within_consent(
    case: &Case,
    referral: &pb::Referral,
    until: Option<prost_types::Timestamp>,
) -> Option<prost_types::Timestamp> {
    let consent = case
        .label()
        .consents
        .iter()
        .find(|fact| fact.consent == referral.consent);
    let end = consent.and_then(|fact| fact.valid_until);
    let instant = |at: &prost_types::Timestamp| (at.seconds, at.nanos);
    match (until, end) {
        (Some(until), Some(end)) if instant(&end) < instant(&until) => Some(end),
        (None, end) => end,
        (until, _) => until,
    }
}

fn grant(
    referral: &pb::Referral,
    stage: GrantStage,
    sections: Vec<i32>,
    valid_until: Option<prost_types::Timestamp>,
) -> pb::Grant {
    pb::Grant {
        agency: referral.to_agency.clone(),
        stage: stage as i32,
        sections,
        contribute: referral.contribute && stage == GrantStage::Working,
        valid_until,
        referral: referral.name.clone(),
        consent: referral.consent.clone(),
        ..pb::Grant::default()
    }
}

/// The lead moves; the former one keeps what the referral chose.
fn hand_over(case: &mut Case, referral: &pb::Referral, cause: &Cause<'_>) {
    let former = case.label().lead.clone();
    case.label_mut().lead = referral.to_agency.clone();
    let sections = match referral.residual() {
        ResidualChoice::None => return,
        ResidualChoice::Unspecified | ResidualChoice::Status => vec![Section::Summary as i32],
        ResidualChoice::Read => proto::section::ALL
            .into_iter()
            .filter(|section| *section != Section::Privileged)
            .map(|section| section as i32)
            .collect(),
    };
    let keeps = pb::Grant {
        agency: former,
        stage: GrantStage::Residual as i32,
        sections,
        referral: referral.name.clone(),
        ..pb::Grant::default()
    };
    case.grant(keeps, cause.at);
}

fn tell(case: &mut Case, referral: &pb::Referral, event: Event, cause: &Cause<'_>) {
    let state = machine::state_name(referral.state());
    if referral.state() != ReferralState::Draft {
        case.append(
            pb::Entry {
                author: cause.agency.to_owned(),
                user: cause.user.to_owned(),
                act: format!("referral_{}", state.replace('-', "_")),
                outcome: cause.reason.to_owned(),
                ..pb::Entry::default()
            },
            cause.at,
        );
    }
    // A draft is the sender's own business until it is sent.
    let withdrawn_draft = event == Event::Withdraw && referral.transitions.len() == 1;
    let both = [referral.from_agency.clone(), referral.to_agency.clone()];
    for agency in both.iter().filter(|agency| *agency != cause.agency) {
        if *agency == referral.to_agency && withdrawn_draft {
            continue;
        }
        case.tell(
            agency,
            &format!("referral.{state}"),
            &referral.name,
            cause.reason,
            cause.at,
        );
    }
}

//! Drafting: may this be referred to them, with this scope, on this basis?

use chrono::{DateTime, Utc};
use host::clock::from_timestamp;
use host::{Caller, Refusal, parse};
use proto::names::AgencyName;
use proto::v1 as pb;
use proto::v1::{
    AgencyKind, ErrorReason, GrantStage, Priority, ReferralKind, ReferralState, ResidualChoice,
    Section,
};
use store::View;

use super::records;
use crate::case::{Case, WITHOUT_CONSENT, may_lead};
use crate::{consent, directory};

const PURPOSE_CHARS: usize = 500;

/// The header that a caller gives, checked as far as it speaks for itself.
pub(crate) fn header(
    given: Option<&pb::Referral>,
    now: DateTime<Utc>,
) -> Result<pb::Referral, Refusal> {
    let given = given.ok_or_else(|| Refusal::invalid("referral", "must be given"))?;
    let kind = ReferralKind::try_from(given.kind).unwrap_or_default();
    if kind == ReferralKind::Unspecified {
        return Err(Refusal::invalid(
            "referral.kind",
            "must be one of the kinds of referral",
        ));
    }
    let mut scope = Vec::new();
    for number in &given.scope {
        match Section::try_from(*number) {
            Ok(Section::Unspecified | Section::Open) | Err(_) => {
                return Err(Refusal::invalid(
                    "referral.scope",
                    "names a section that does not exist",
                ));
            }
            Ok(_) if scope.contains(number) => {}
            Ok(_) => scope.push(*number),
        }
    }
    if scope.is_empty() {
        return Err(Refusal::invalid(
            "referral.scope",
            "must name at least one section",
        ));
    }
    if given.consent.is_empty() == given.legal_basis.is_empty() {
        let description = "give either consent or legal_basis, not both";
        return Err(Refusal::invalid("referral.consent", description));
    }
    let to_agency: AgencyName = parse::agency_name("referral.to_agency", &given.to_agency)?;
    Ok(pb::Referral {
        kind: kind as i32,
        to_agency: to_agency.to_string(),
        service_code: parse::code("referral.service_code", &given.service_code)?,
        purpose: parse::text("referral.purpose", &given.purpose, PURPOSE_CHARS)?,
        consent: given.consent.clone(),
        legal_basis: basis(&given.legal_basis)?,
        scope,
        contribute: given.contribute,
        priority: Priority::try_from(given.priority).unwrap_or_default() as i32,
        respond_by: later("referral.respond_by", given.respond_by.as_ref(), now)?,
        access_until: later("referral.access_until", given.access_until.as_ref(), now)?,
        residual: ResidualChoice::try_from(given.residual).unwrap_or_default() as i32,
        state: ReferralState::Draft as i32,
        ..pb::Referral::default()
    })
}

/// "PIPL-13-3": a coded legal basis.
fn basis(code: &str) -> Result<String, Refusal> {
    let is_code = code.len() <= 40
        && code
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
    if !is_code {
        let description = "must be a code such as PIPL-13-3";
        return Err(Refusal::invalid("referral.legal_basis", description));
    }
    Ok(code.to_owned())
}

fn later(
    field: &str,
    given: Option<&prost_types::Timestamp>,
    now: DateTime<Utc>,
) -> Result<Option<prost_types::Timestamp>, Refusal> {
    let Some(given) = given else { return Ok(None) };
    match from_timestamp(given) {
        Some(at) if at > now => Ok(Some(*given)),
        Some(_) => Err(Refusal::invalid(field, "lies in the past")),
        None => Err(Refusal::invalid(field, "is no moment in time")),
    }
}

/// May the caller draft this on the case? Refuses with SCOPE_TOO_WIDE,
/// BASIS_ENDED, REFERRAL_OPEN, or names the wrong field.
pub(crate) fn check(
    view: &View,
    case: &Case,
    caller: &Caller,
    header: &pb::Referral,
    duplicate_reason: &str,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    require_scope(case, caller.agency(), header)?;
    if header.to_agency == caller.agency() {
        return Err(Refusal::invalid("referral.to_agency", "is your own agency"));
    }
    let receiver = directory::standing(view, &header.to_agency)?.ok_or_else(|| {
        Refusal::invalid(
            "referral.to_agency",
            "is no agency of this network; see ListAgencies",
        )
    })?;
    if receiver.suspended {
        return Err(Refusal::invalid(
            "referral.to_agency",
            "is suspended; choose another agency",
        ));
    }
    require_kind(case, caller, header, receiver.kind())?;
    require_basis(view, case, header, &receiver, now)?;
    if duplicate_reason.is_empty() {
        let is_same = |other: &pb::Referral| {
            super::machine::OPEN.contains(&other.state())
                && other.to_agency == header.to_agency
                && other.service_code == header.service_code
        };
        if records(view, case.name())?
            .iter()
            .any(|(_, record)| record.referral.as_ref().is_some_and(is_same))
        {
            return Err(Refusal::already_exists(
                ErrorReason::ReferralOpen,
                "a referral for this service to this agency is open; give duplicate_reason to send another",
            ));
        }
    }
    Ok(())
}

pub(super) fn require_scope(
    case: &Case,
    sender: &str,
    header: &pb::Referral,
) -> Result<(), Refusal> {
    let may_read = |section: i32| {
        let of_grant = |grant: &pb::Grant| {
            grant.agency == sender
                && grant.stage() == GrantStage::Working
                && grant.sections.contains(&section)
        };
        section != Section::Privileged as i32
            && (case.is_lead(sender) || case.label().grants.iter().any(of_grant))
    };
    let beyond: Vec<&str> = header
        .scope
        .iter()
        .filter(|section| !may_read(**section))
        .filter_map(|number| Section::try_from(*number).ok())
        .map(proto::section::name)
        .collect();
    if beyond.is_empty() {
        return Ok(());
    }
    Err(Refusal::precondition(
        ErrorReason::ScopeTooWide,
        format!(
            "you may not pass on: {}; leave these out of the scope",
            beyond.join(", ")
        ),
    ))
}

fn require_kind(
    case: &Case,
    caller: &Caller,
    header: &pb::Referral,
    receiver: AgencyKind,
) -> Result<(), Refusal> {
    let only_informed = matches!(receiver, AgencyKind::Media | AgencyKind::University);
    let is_inform = header.kind() == ReferralKind::Inform;
    if only_informed != is_inform {
        let description = "media and universities are informed (INFORM), and nobody else is";
        return Err(Refusal::invalid("referral.kind", description));
    }
    if matches!(receiver, AgencyKind::Other | AgencyKind::Operator) {
        return Err(Refusal::invalid(
            "referral.to_agency",
            "is of a kind that takes no referrals",
        ));
    }
    if header.kind() == ReferralKind::Handover {
        if !case.is_lead(caller.agency()) {
            return Err(Refusal::invalid(
                "referral.kind",
                "only the lead can hand the case over",
            ));
        }
        if !may_lead(receiver) {
            return Err(Refusal::invalid("referral.to_agency", "cannot lead a case"));
        }
    }
    Ok(())
}

/// A consent in force that covers receiver and scope, or a statutory duty of
/// the receiver (个人信息保护法 Art. 13(3), 34).
fn require_basis(
    view: &View,
    case: &Case,
    header: &pb::Referral,
    receiver: &pb::Standing,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    if header.consent.is_empty() {
        let has_duty = matches!(
            receiver.kind(),
            AgencyKind::LabourBureau | AgencyKind::Court | AgencyKind::Procuratorate
        );
        if !has_duty {
            let description =
                "only state organs act on a legal basis; this agency needs the worker's consent";
            return Err(Refusal::invalid("referral.legal_basis", description));
        }
        return Ok(());
    }
    let name = parse::case_child("referral.consent", &header.consent, "consents")?;
    if name.case != *case.name() {
        return Err(Refusal::invalid(
            "referral.consent",
            "is no consent of this case",
        ));
    }
    let consent = consent::in_force(view, &name, now)?;
    let covers = consent.recipient_kinds.contains(&receiver.kind)
        || consent.recipients.contains(&receiver.agency);
    if !covers {
        return Err(Refusal::invalid(
            "referral.consent",
            "does not name this agency or its kind",
        ));
    }
    let beyond: Vec<&str> = header
        .scope
        .iter()
        .filter_map(|number| Section::try_from(*number).ok())
        .filter(|s| !WITHOUT_CONSENT.contains(s) && !consent.sections.contains(&(*s as i32)))
        .map(proto::section::name)
        .collect();
    if beyond.is_empty() {
        return Ok(());
    }
    Err(Refusal::precondition(
        ErrorReason::ScopeTooWide,
        format!("the consent does not cover: {}", beyond.join(", ")),
    ))
}

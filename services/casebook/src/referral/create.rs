//! Drafting: may this be referred to them, with this scope, on this basis?

use chrono::{DateTime, Utc};
use host::clock::from_timestamp;
use host::{Refusal, parse};
use proto::v1 as pb;
use proto::v1::{
    AgencyKind, ErrorReason, GrantStage, Priority, ReferralKind, ReferralState, ResidualChoice,
    Section,
};
use store::View;

use crate::case::{Case, may_lead};
use crate::sharing::Sharing;
use crate::{agreement, consent, directory};

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
    let scope = sections("referral.scope", &given.scope)?;
    if scope.is_empty() {
        return Err(Refusal::invalid(
            "referral.scope",
            "must name at least one section",
        ));
    }
    if !given.part_of.is_empty() {
        parse::case_child("referral.part_of", &given.part_of, "referrals")?;
    }
    Ok(pb::Referral {
        kind: kind as i32,
        to_agency: given.to_agency.clone(),
        service_code: parse::code("referral.service_code", &given.service_code)?,
        purpose: parse::text("referral.purpose", &given.purpose, PURPOSE_CHARS)?,
        consent: given.consent.clone(),
        legal_basis: basis(&given.legal_basis)?,
        scope,
        contribute: given.contribute,
        priority: Priority::try_from(given.priority).unwrap_or_default() as i32,
        respond_by: later("referral.respond_by", given.respond_by.as_ref(), now)?,
        fulfil_by: later("referral.fulfil_by", given.fulfil_by.as_ref(), now)?,
        access_until: later("referral.access_until", given.access_until.as_ref(), now)?,
        part_of: given.part_of.clone(),
        residual: ResidualChoice::try_from(given.residual).unwrap_or_default() as i32,
        state: ReferralState::Draft as i32,
        ..pb::Referral::default()
    })
}

/// The header addressed to one agency, on exactly one basis.
pub(crate) fn addressed(header: &pb::Referral) -> Result<(), Refusal> {
    parse::agency_name("referral.to_agency", &header.to_agency)?;
    if header.consent.is_empty() == header.legal_basis.is_empty() {
        let description = "give either consent or legal_basis, not both";
        return Err(Refusal::invalid("referral.consent", description));
    }
    Ok(())
}

/// Sections of a case record, each once.
pub(crate) fn sections(field: &str, given: &[i32]) -> Result<Vec<i32>, Refusal> {
    let mut sections = Vec::new();
    for number in given {
        match Section::try_from(*number) {
            Ok(Section::Unspecified | Section::Open) | Err(_) => {
                return Err(Refusal::invalid(
                    field,
                    "names a section that does not exist",
                ));
            }
            Ok(_) if sections.contains(number) => {}
            Ok(_) => sections.push(*number),
        }
    }
    Ok(sections)
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

/// May the caller draft this on the case? Answers the header with what it stems
/// from. Refuses with SCOPE_TOO_WIDE, BASIS_ENDED, AGREEMENT_FORBIDS,
/// REFERRAL_OPEN, or names the wrong field.
pub(crate) fn check(
    view: &View,
    sharing: &Sharing<'_>,
    sender: &str,
    header: &pb::Referral,
    duplicate_reason: &str,
) -> Result<pb::Referral, Refusal> {
    let case = &sharing.case;
    if header.to_agency == sender {
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
    let mut header = pb::Referral {
        from_agency: sender.to_owned(),
        ..header.clone()
    };
    header.part_of = require_scope(sharing, &header)?;
    require_kind(case, sender, &header, receiver.kind())?;
    require_basis(view, case, &header, &receiver)?;
    agreement::require(view, &header, case.now())?;
    require_onward(view, sharing, &header)?;
    if duplicate_reason.is_empty() {
        let is_same = |other: &pb::Referral| {
            super::machine::OPEN.contains(&other.state())
                && other.to_agency == header.to_agency
                && other.service_code == header.service_code
        };
        if sharing.all().any(is_same) {
            return Err(Refusal::already_exists(
                ErrorReason::ReferralOpen,
                "a referral for this service to this agency is open; give duplicate_reason to send another",
            ));
        }
    }
    Ok(header)
}

/// May the sender pass this scope on? The lead may pass on all but what is
/// privileged; others what one of their grants names. Answers the referral that
/// this one stems from, empty for the lead.
pub(super) fn require_scope(
    sharing: &Sharing<'_>,
    header: &pb::Referral,
) -> Result<String, Refusal> {
    let case = &sharing.case;
    let sender = header.from_agency.as_str();
    let privileged = Section::Privileged as i32;
    let beyond = |named: &dyn Fn(i32) -> bool| -> Vec<i32> {
        let scope = header.scope.iter().copied();
        scope
            .filter(|section| *section == privileged || !named(*section))
            .collect()
    };
    if case.is_lead(sender) && header.part_of.is_empty() {
        return too_wide("you may not pass on", &beyond(&|_| true)).map(|()| String::new());
    }
    let own = case.running().filter(|grant| {
        grant.agency == sender
            && grant.stage() == GrantStage::Working
            && (header.part_of.is_empty() || grant.referral == header.part_of)
    });
    // The grant that covers most: a sub-referral stems from one, never from several.
    let best = own
        .map(|grant| (beyond(&|section| grant.sections.contains(&section)), grant))
        .min_by_key(|(beyond, grant)| (beyond.len(), grant.masked));
    match best {
        Some((_, grant)) if grant.masked && header.kind() != ReferralKind::Consult => {
            Err(Refusal::precondition(
                ErrorReason::ScopeTooWide,
                "you are consulted and see the masked record; you may consult others, no more",
            ))
        }
        Some((beyond, grant)) => {
            too_wide("you may not pass on", &beyond)?;
            Ok(grant.referral.clone())
        }
        None if header.part_of.is_empty() => {
            too_wide("you may not pass on", &header.scope).map(|()| String::new())
        }
        None => Err(Refusal::invalid(
            "referral.part_of",
            "is no referral that you work under now",
        )),
    }
}

fn too_wide(what: &str, beyond: &[i32]) -> Result<(), Refusal> {
    if beyond.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = beyond
        .iter()
        .filter_map(|number| Section::try_from(*number).ok())
        .map(proto::section::name)
        .collect();
    Err(Refusal::precondition(
        ErrorReason::ScopeTooWide,
        format!("{what}: {}; leave these out of the scope", names.join(", ")),
    ))
}

/// What came under an agreement without onward sharing is not passed on.
fn require_onward(
    view: &View,
    sharing: &Sharing<'_>,
    header: &pb::Referral,
) -> Result<(), Refusal> {
    if header.part_of.is_empty() {
        return Ok(());
    }
    let parent = sharing.referral(&header.part_of)?;
    let between = agreement::between(view, &parent.from_agency, &parent.to_agency)?;
    if between.is_some_and(|agreement| !agreement.onward) {
        return Err(Refusal::precondition(
            ErrorReason::AgreementForbids,
            "the agreement with the agency that shared this does not let you pass it on",
        ));
    }
    Ok(())
}

fn require_kind(
    case: &Case,
    sender: &str,
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
        if !case.is_lead(sender) {
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
/// the receiver (个人信息保护法 Art. 13(3), 34). A matter holds no person and
/// needs neither.
pub(super) fn require_basis(
    view: &View,
    case: &Case,
    header: &pb::Referral,
    receiver: &pb::Standing,
) -> Result<(), Refusal> {
    if header.consent.is_empty() {
        let has_duty = matches!(
            receiver.kind(),
            AgencyKind::LabourBureau | AgencyKind::Court | AgencyKind::Procuratorate
        );
        if !has_duty && !case.facts().collective {
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
    let consent = consent::in_force(view, &name, case.now())?;
    if !consent::names(&consent, receiver) {
        return Err(Refusal::invalid(
            "referral.consent",
            "does not name this agency or its kind",
        ));
    }
    too_wide(
        "the consent does not cover",
        &consent::beyond(&consent, &header.scope),
    )
}

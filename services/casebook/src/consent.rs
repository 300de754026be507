//! The worker's consents (个人信息保护法 Art. 14-16, 23, 25, 29).

use chrono::{DateTime, Utc};
use host::clock::{from_timestamp, to_timestamp};
use host::{Caller, Desk, Refusal, parse};
use proto::internal::v1::StoredConsent;
use proto::names::CaseChild;
use proto::v1 as pb;
use proto::v1::consent_service_server::ConsentService;
use proto::v1::{AgencyKind, ErrorReason, Section};
use store::View;
use tonic::{Request, Response, Status};

use crate::case::WITHOUT_CONSENT;
use crate::case::{Case, entry};
use crate::keys;
use crate::referral::machine::{Actor, Event, OPEN};
use crate::referral::terms::Terms;
use crate::sharing::{Cause, Sharing, open_case};

/// Consents that a case holds at most.
const CONSENTS_MAX: usize = 200;

/// The consent, if it is in force. BASIS_ENDED if it is withdrawn or expired.
pub(crate) fn in_force(
    view: &View,
    name: &CaseChild,
    now: DateTime<Utc>,
) -> Result<pb::Consent, Refusal> {
    let consent = load(view, name)?;
    let has_expired = consent
        .valid_until
        .as_ref()
        .is_some_and(|end| from_timestamp(end).is_none_or(|end| end <= now));
    if consent.withdrawn_at.is_some() || has_expired {
        return Err(Refusal::precondition(
            ErrorReason::BasisEnded,
            "the consent is withdrawn or has expired; ask the worker again",
        ));
    }
    Ok(consent)
}

fn load(view: &View, name: &CaseChild) -> Result<pb::Consent, Refusal> {
    let record = view.get::<StoredConsent>(&keys::child(name))?;
    record
        .and_then(|record| record.consent)
        .ok_or_else(Refusal::not_found)
}

/// The label of a consent: who recorded it, whom it names.
pub(crate) fn label(
    view: &View,
    case: &Case,
    name: &CaseChild,
    asker: &str,
) -> Result<pb::Label, Refusal> {
    let consent = load(view, name)?;
    case.label_for(view, asker, &consent.recorded_by, consent.recipients)
}

/// The ConsentService.
pub(crate) struct Consents {
    desk: Desk,
    terms: Terms,
}

impl Consents {
    pub(crate) fn new(desk: Desk, terms: Terms) -> Self {
        Self { desk, terms }
    }
}

#[tonic::async_trait]
impl ConsentService for Consents {
    async fn grant_consent(
        &self,
        request: Request<pb::GrantConsentRequest>,
    ) -> Result<Response<pb::Consent>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let case_name = parse::case_name("parent", &request.parent)?;
        let now = self.desk.now();
        let given = parse(request.consent.as_ref(), &caller, now)?;
        let name = CaseChild {
            case: case_name,
            collection: "consents",
            id: self.desk.new_id()?,
        };
        let intent =
            self.desk
                .intent(&caller, name.case.as_str(), &request.request_id, &request)?;
        let granted = self.desk.store().change(&intent, |draft| {
            let mut case = open_case(draft, &name.case, now, &self.terms)?;
            case.require_label(caller.label_revision())?;
            case.require_open()?;
            let prefix = keys::children(&name.case, "consents");
            if draft
                .scan::<StoredConsent>(&prefix, None, CONSENTS_MAX)?
                .len()
                >= CONSENTS_MAX
            {
                return Err(Refusal::invalid(
                    "parent",
                    "the case has 200 consents already",
                ));
            }
            let consent = pb::Consent {
                name: name.to_string(),
                ..given.clone()
            };
            case.label_mut().consents.push(pb::ConsentFact {
                consent: consent.name.clone(),
                kinds: consent.recipient_kinds.clone(),
                agencies: consent.recipients.clone(),
                sections: consent.sections.clone(),
                valid_until: consent.valid_until,
            });
            case.append(
                entry::of_act(&caller, "consent_granted", &consent.purpose),
                now,
            );
            draft.put(
                &keys::child(&name),
                &StoredConsent {
                    consent: Some(consent.clone()),
                },
            );
            case.save(draft);
            to_wire(draft, &case, consent, caller.agency())
        });
        Ok(Response::new(granted.await?))
    }

    async fn withdraw_consent(
        &self,
        request: Request<pb::WithdrawConsentRequest>,
    ) -> Result<Response<pb::Consent>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = parse::case_child("name", &request.name, "consents")?;
        let now = self.desk.now();
        let intent =
            self.desk
                .intent(&caller, name.case.as_str(), &request.request_id, &request)?;
        let withdrawn = self.desk.store().change(&intent, |draft| {
            let mut sharing = Sharing::load(draft, &name.case, now, &self.terms)?;
            sharing.case.require_label(caller.label_revision())?;
            let mut consent = load(draft, &name)?;
            if consent.withdrawn_at.is_some() {
                return Err(Refusal::over("the consent", "withdrawn"));
            }
            consent.withdrawn_at = Some(to_timestamp(now));
            caller.agency().clone_into(&mut consent.withdrawn_through);
            end_access(&mut sharing, &consent.name, &caller)?;
            sharing.case.append(
                entry::of_act(&caller, "consent_withdrawn", &consent.purpose),
                now,
            );
            draft.put(
                &keys::child(&name),
                &StoredConsent {
                    consent: Some(consent.clone()),
                },
            );
            sharing.save(draft)?;
            to_wire(draft, &sharing.case, consent, caller.agency())
        });
        Ok(Response::new(withdrawn.await?))
    }

    async fn list_consents(
        &self,
        request: Request<pb::ListConsentsRequest>,
    ) -> Result<Response<pb::ListConsentsResponse>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = parse::case_name("parent", &request.parent)?;
        let view = self.desk.store().read();
        let case = Case::load(&view, &name, self.desk.now())?;
        let prefix = keys::children(&name, "consents");
        let rows = view
            .scan::<StoredConsent>(&prefix, None, CONSENTS_MAX)
            .map_err(Refusal::from)?;
        let mut consents = Vec::new();
        for consent in rows.into_iter().filter_map(|(_, row)| row.consent) {
            let concerns = case.is_lead(caller.agency())
                || consent.recorded_by == caller.agency()
                || consent
                    .recipients
                    .iter()
                    .any(|agency| agency == caller.agency())
                || consent.recipient_kinds.contains(&(caller.kind() as i32));
            if concerns {
                consents.push(to_wire(&view, &case, consent, caller.agency())?);
            }
        }
        consents.sort_by_key(|consent| {
            std::cmp::Reverse(consent.granted_at.as_ref().and_then(from_timestamp))
        });
        Ok(Response::new(pb::ListConsentsResponse { consents }))
    }
}

fn parse(
    given: Option<&pb::Consent>,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<pb::Consent, Refusal> {
    let given = given.ok_or_else(|| Refusal::invalid("consent", "must be given"))?;
    if given.recipient_kinds.is_empty() && given.recipients.is_empty() {
        let description = "name who may receive: recipients or recipient_kinds";
        return Err(Refusal::invalid("consent.recipients", description));
    }
    for kind in &given.recipient_kinds {
        if matches!(
            AgencyKind::try_from(*kind),
            Err(_) | Ok(AgencyKind::Unspecified)
        ) {
            return Err(Refusal::invalid(
                "consent.recipient_kinds",
                "names no kind of agency",
            ));
        }
    }
    for agency in &given.recipients {
        parse::agency_name("consent.recipients", agency)?;
    }
    if given.sections.is_empty() {
        return Err(Refusal::invalid(
            "consent.sections",
            "must name at least one section",
        ));
    }
    for section in &given.sections {
        if matches!(
            Section::try_from(*section),
            Err(_) | Ok(Section::Unspecified | Section::Open)
        ) {
            return Err(Refusal::invalid(
                "consent.sections",
                "names a section that does not exist",
            ));
        }
    }
    if let Some(end) = &given.valid_until
        && from_timestamp(end).is_none_or(|end| end <= now)
    {
        return Err(Refusal::invalid(
            "consent.valid_until",
            "must lie in the future",
        ));
    }
    Ok(pb::Consent {
        label: None,
        name: String::new(),
        purpose: parse::code("consent.purpose", &given.purpose)?,
        evidence_sha256: parse::sha256("consent.evidence_sha256", &given.evidence_sha256)?,
        granted_at: Some(to_timestamp(now)),
        recorded_by: caller.agency().to_owned(),
        withdrawn_at: None,
        withdrawn_through: String::new(),
        ..given.clone()
    })
}

/// INVARIANT (a withdrawn basis means no grant on it): every open referral that
/// rests on the consent is cancelled, and what ended referrals left goes too.
fn end_access(sharing: &mut Sharing<'_>, consent: &str, caller: &Caller) -> Result<(), Refusal> {
    const REASON: &str = "consent-withdrawn";
    let now = sharing.case.now();
    let cause = Cause {
        agency: caller.agency().to_owned(),
        user: caller.user().to_owned(),
        parts: vec![Actor::Worker],
        ..Cause::of_time(REASON, now)
    };
    let consents = &mut sharing.case.label_mut().consents;
    consents.retain(|fact| fact.consent != consent);
    let on_it: Vec<pb::Referral> = sharing
        .all()
        .filter(|referral| referral.consent == consent)
        .cloned()
        .collect();
    for referral in &on_it {
        // An earlier one of these may have ended it as a sub-referral.
        let is_open = OPEN.contains(&sharing.referral(&referral.name)?.state());
        if is_open {
            sharing.step(&referral.name, Event::ConsentWithdrawn, &cause, |_| {})?;
        }
        sharing.hand_back(referral, now);
    }
    let ended = sharing
        .case
        .end_grants(REASON, now, |grant| grant.consent == consent);
    sharing.cascade(&ended, &cause)
}

/// Whether a consent names this agency, or its kind.
pub(crate) fn names(consent: &pb::Consent, receiver: &pb::Standing) -> bool {
    consent.recipient_kinds.contains(&receiver.kind)
        || consent.recipients.contains(&receiver.agency)
}

/// What of a scope a consent does not cover.
pub(crate) fn beyond(consent: &pb::Consent, scope: &[i32]) -> Vec<i32> {
    let needs_none = |number: &i32| {
        Section::try_from(*number).is_ok_and(|section| WITHOUT_CONSENT.contains(&section))
    };
    let scope = scope.iter().copied();
    scope
        .filter(|section| !needs_none(section) && !consent.sections.contains(section))
        .collect()
}

/// A consent in force of the case that covers receiver and scope, if there is one.
pub(crate) fn covering(
    view: &View,
    case: &Case,
    receiver: &pb::Standing,
    scope: &[i32],
) -> Result<Option<String>, Refusal> {
    let prefix = keys::children(case.name(), "consents");
    let rows = view.scan::<StoredConsent>(&prefix, None, CONSENTS_MAX)?;
    for consent in rows.into_iter().filter_map(|(_, row)| row.consent) {
        let name = CaseChild::parse(&consent.name, "consents")?;
        let runs = in_force(view, &name, case.now()).is_ok();
        if runs && names(&consent, receiver) && beyond(&consent, scope).is_empty() {
            return Ok(Some(consent.name));
        }
    }
    Ok(None)
}

fn to_wire(
    view: &View,
    case: &Case,
    consent: pb::Consent,
    asker: &str,
) -> Result<pb::Consent, Refusal> {
    let mut named = consent.recipients.clone();
    // A consent for a kind concerns every agency of it that asks.
    let asker_kind = crate::directory::standing(view, asker)?.map(|standing| standing.kind);
    if asker_kind.is_some_and(|kind| consent.recipient_kinds.contains(&kind)) {
        named.push(asker.to_owned());
    }
    let label = case.label_for(view, asker, &consent.recorded_by, named)?;
    Ok(pb::Consent {
        label: Some(label),
        ..consent
    })
}

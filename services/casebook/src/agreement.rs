//! Agreements between two agencies: what referrals between them may share at
//! most, in either direction, and for how long.

use chrono::{DateTime, TimeDelta, Utc};
use host::clock::{from_timestamp, to_timestamp};
use host::{Caller, Desk, Refusal, parse};
use proto::internal::v1::StoredPlace;
use proto::v1 as pb;
use proto::v1::agreement_service_server::AgreementService;
use proto::v1::{AgreementState, ErrorReason, Section};
use store::{Draft, View};
use tonic::{Request, Response, Status};

use crate::case::is_running;
use crate::{directory, keys, referral};

/// Longest access that an agreement can allow.
const ACCESS_DAYS_MAX: u32 = 3_650;
/// Agreements of an agency that are listed.
const LISTED_MAX: usize = 1_000;

/// The newest agreement that both sides made, ended or not.
pub(crate) fn between(
    view: &View,
    one: &str,
    other: &str,
) -> Result<Option<pb::Agreement>, Refusal> {
    let place = view.get::<StoredPlace>(&keys::agreement_between(one, other))?;
    place.map_or(Ok(None), |place| load(view, &place.name).map(Some))
}

/// May a referral of this scope and length pass between the two? Without an
/// agreement the rules of the network are all there is.
pub(crate) fn require(
    view: &View,
    header: &pb::Referral,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let Some(agreement) = between(view, &header.from_agency, &header.to_agency)? else {
        return Ok(());
    };
    let forbids = |message: String| {
        Err(Refusal::precondition(
            ErrorReason::AgreementForbids,
            message,
        ))
    };
    if !is_in_force(&agreement, now) {
        return forbids(
            "the agreement between the two agencies has ended; make a new one first".to_owned(),
        );
    }
    let beyond: Vec<&str> = header
        .scope
        .iter()
        .filter(|section| !agreement.sections.contains(section))
        .filter_map(|number| Section::try_from(*number).ok())
        .map(proto::section::name)
        .collect();
    if !beyond.is_empty() {
        return forbids(format!(
            "the agreement between the two agencies does not cover: {}",
            beyond.join(", ")
        ));
    }
    let asked = header.access_until.as_ref().and_then(from_timestamp);
    match (asked, end(&agreement, now)) {
        (Some(asked), Some(end)) if asked > end => forbids(format!(
            "the agreement between the two agencies lets access last until {} at most",
            end.to_rfc3339()
        )),
        _ => Ok(()),
    }
}

/// Until when access that begins now may last between the two; `None`: no limit.
pub(crate) fn at_most(
    view: &View,
    referral: &pb::Referral,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Refusal> {
    let agreement = between(view, &referral.from_agency, &referral.to_agency)?;
    Ok(agreement.and_then(|agreement| end(&agreement, now)))
}

fn end(agreement: &pb::Agreement, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let days = i64::from(agreement.access_days);
    let by_days = (days > 0).then(|| now + TimeDelta::days(days));
    let by_itself = agreement.valid_until.as_ref().and_then(from_timestamp);
    [by_days, by_itself].into_iter().flatten().min()
}

fn is_in_force(agreement: &pb::Agreement, now: DateTime<Utc>) -> bool {
    agreement.state() == AgreementState::InForce && is_running(agreement.valid_until.as_ref(), now)
}

fn load(view: &View, name: &str) -> Result<pb::Agreement, Refusal> {
    let id = name
        .strip_prefix("agreements/")
        .ok_or_else(|| Refusal::invalid("name", "must be of the form agreements/{agreement}"))?;
    let is_id = !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric());
    if !is_id {
        return Err(Refusal::invalid(
            "name",
            "must be of the form agreements/{agreement}",
        ));
    }
    let agreement = view.get::<pb::Agreement>(&keys::agreement(id))?;
    agreement.ok_or_else(Refusal::not_found)
}

/// The caller's agreement of that name; others' do not exist.
fn own(view: &View, name: &str, caller: &Caller) -> Result<pb::Agreement, Refusal> {
    let agreement = load(view, name)?;
    let is_theirs = agreement.proposer == caller.agency() || agreement.partner == caller.agency();
    if is_theirs {
        Ok(agreement)
    } else {
        Err(Refusal::not_found())
    }
}

/// The AgreementService.
pub(crate) struct Agreements {
    desk: Desk,
}

impl Agreements {
    pub(crate) fn new(desk: Desk) -> Self {
        Self { desk }
    }
}

#[tonic::async_trait]
impl AgreementService for Agreements {
    async fn propose_agreement(
        &self,
        request: Request<pb::ProposeAgreementRequest>,
    ) -> Result<Response<pb::Agreement>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let now = self.desk.now();
        let given = parse(request.agreement.as_ref(), &caller, now)?;
        let name = format!("agreements/{}", self.desk.new_id()?);
        let intent = self
            .desk
            .intent(&caller, "agreements", &request.request_id, &request)?;
        let proposed = self.desk.store().change(&intent, |draft| {
            if directory::standing(draft, &given.partner)?.is_none() {
                return Err(Refusal::invalid(
                    "agreement.partner",
                    "is no agency of this network; see ListAgencies",
                ));
            }
            let agreement = pb::Agreement {
                name: name.clone(),
                ..given.clone()
            };
            for agency in [&agreement.proposer, &agreement.partner] {
                let key = format!(
                    "{}{:020}/{}",
                    keys::agreements_of(agency),
                    now.timestamp_millis(),
                    name.trim_start_matches("agreements/")
                );
                draft.put(&key, &StoredPlace { name: name.clone() });
            }
            put(draft, &agreement);
            tell(draft, &agreement, &caller, "agreement.proposed", now);
            Ok(agreement)
        });
        Ok(Response::new(proposed.await?))
    }

    async fn accept_agreement(
        &self,
        request: Request<pb::AcceptAgreementRequest>,
    ) -> Result<Response<pb::Agreement>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let now = self.desk.now();
        let intent = self
            .desk
            .intent(&caller, "agreements", &request.request_id, &request)?;
        let accepted = self.desk.store().change(&intent, |draft| {
            let mut agreement = own(draft, &request.name, &caller)?;
            if agreement.partner != caller.agency() {
                return Err(Refusal::denied(
                    ErrorReason::NotAllowed,
                    "the other side accepts what you have proposed",
                ));
            }
            require_state(&agreement, AgreementState::Proposed, "accept")?;
            if let Some(before) = between(draft, &agreement.proposer, &agreement.partner)?
                && before.state() == AgreementState::InForce
            {
                put(
                    draft,
                    &pb::Agreement {
                        state: AgreementState::Superseded as i32,
                        ended_at: Some(to_timestamp(now)),
                        ..before
                    },
                );
            }
            agreement.state = AgreementState::InForce as i32;
            agreement.accepted_at = Some(to_timestamp(now));
            put(draft, &agreement);
            let place = StoredPlace {
                name: agreement.name.clone(),
            };
            let key = keys::agreement_between(&agreement.proposer, &agreement.partner);
            draft.put(&key, &place);
            tell(draft, &agreement, &caller, "agreement.accepted", now);
            Ok(agreement)
        });
        Ok(Response::new(accepted.await?))
    }

    async fn terminate_agreement(
        &self,
        request: Request<pb::TerminateAgreementRequest>,
    ) -> Result<Response<pb::Agreement>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let now = self.desk.now();
        let intent = self
            .desk
            .intent(&caller, "agreements", &request.request_id, &request)?;
        let ended = self.desk.store().change(&intent, |draft| {
            let mut agreement = own(draft, &request.name, &caller)?;
            if agreement.state() != AgreementState::Proposed {
                require_state(&agreement, AgreementState::InForce, "terminate")?;
            }
            agreement.state = AgreementState::Terminated as i32;
            agreement.ended_at = Some(to_timestamp(now));
            put(draft, &agreement);
            tell(draft, &agreement, &caller, "agreement.terminated", now);
            Ok::<_, Refusal>(agreement)
        });
        Ok(Response::new(ended.await?))
    }

    async fn get_agreement(
        &self,
        request: Request<pb::GetAgreementRequest>,
    ) -> Result<Response<pb::Agreement>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let view = self.desk.store().read();
        Ok(Response::new(own(&view, &request.name, &caller)?))
    }

    async fn list_agreements(
        &self,
        request: Request<pb::ListAgreementsRequest>,
    ) -> Result<Response<pb::ListAgreementsResponse>, Status> {
        let (caller, _) = self.desk.open(request)?;
        let view = self.desk.store().read();
        let prefix = keys::agreements_of(caller.agency());
        let places = view
            .scan_back::<StoredPlace>(&prefix, None, LISTED_MAX)
            .map_err(Refusal::from)?;
        let mut agreements = Vec::with_capacity(places.len());
        for (_, place) in places {
            agreements.push(load(&view, &place.name)?);
        }
        Ok(Response::new(pb::ListAgreementsResponse { agreements }))
    }
}

fn parse(
    given: Option<&pb::Agreement>,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Result<pb::Agreement, Refusal> {
    let given = given.ok_or_else(|| Refusal::invalid("agreement", "must be given"))?;
    let partner = parse::agency_name("agreement.partner", &given.partner)?;
    if partner.as_str() == caller.agency() {
        return Err(Refusal::invalid("agreement.partner", "is your own agency"));
    }
    let sections = referral::sections("agreement.sections", &given.sections)?;
    if sections.is_empty() {
        return Err(Refusal::invalid(
            "agreement.sections",
            "must name at least one section",
        ));
    }
    if given.access_days > ACCESS_DAYS_MAX {
        return Err(Refusal::invalid("agreement.access_days", "is over 3,650"));
    }
    if given.valid_until.is_some() && !is_running(given.valid_until.as_ref(), now) {
        return Err(Refusal::invalid(
            "agreement.valid_until",
            "must lie in the future",
        ));
    }
    Ok(pb::Agreement {
        proposer: caller.agency().to_owned(),
        partner: partner.to_string(),
        sections,
        access_days: given.access_days,
        onward: given.onward,
        valid_until: given.valid_until,
        state: AgreementState::Proposed as i32,
        proposed_at: Some(to_timestamp(now)),
        ..pb::Agreement::default()
    })
}

fn require_state(
    agreement: &pb::Agreement,
    state: AgreementState,
    step: &str,
) -> Result<(), Refusal> {
    if agreement.state() == state {
        return Ok(());
    }
    let (now, legal): (&str, &[&str]) = match agreement.state() {
        AgreementState::Proposed => ("proposed", &["accept", "terminate"]),
        AgreementState::InForce => ("in force", &["terminate"]),
        AgreementState::Terminated => ("terminated", &[]),
        AgreementState::Superseded => ("superseded", &[]),
        AgreementState::Unspecified => ("unknown", &[]),
    };
    let legal: Vec<&str> = legal
        .iter()
        .copied()
        .filter(|legal| *legal != step)
        .collect();
    Err(Refusal::wrong_state(
        ErrorReason::WrongState,
        "the agreement",
        now,
        legal,
    ))
}

fn put(draft: &mut Draft, agreement: &pb::Agreement) {
    let id = agreement.name.trim_start_matches("agreements/");
    draft.put(&keys::agreement(id), agreement);
}

fn tell(
    draft: &mut Draft,
    agreement: &pb::Agreement,
    caller: &Caller,
    kind: &str,
    now: DateTime<Utc>,
) {
    for agency in [&agreement.proposer, &agreement.partner] {
        if agency == caller.agency() {
            continue;
        }
        let event = pb::FeedEvent {
            kind: kind.to_owned(),
            resource: agreement.name.clone(),
            at: Some(to_timestamp(now)),
            ..pb::FeedEvent::default()
        };
        store::feed::append_stamped(draft, agency, move |cursor| pb::FeedEvent {
            cursor,
            ..event
        });
    }
}

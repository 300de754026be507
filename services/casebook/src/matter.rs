//! Collective disputes: what the workers of one employer have in common stands
//! once, in a case of its own; each worker's case stays its own, with its own
//! consents and grants.

use host::{Caller, Desk, Refusal, Refused, parse};
use proto::internal::v1::StoredPlace;
use proto::names::{CaseChild, CaseName};
use proto::v1 as pb;
use proto::v1::ErrorReason;
use proto::v1::matter_service_server::MatterService;
use store::{Draft, View};
use tonic::{Request, Response, Status};

use crate::case::service::docket;
use crate::case::{Case, entry, register};
use crate::referral::service::{require_room, send};
use crate::referral::terms::Terms;
use crate::sharing::{Cause, Sharing, open_case};
use crate::{consent, directory, keys, referral};

/// Cases that a matter holds at most.
const MEMBERS_MAX: usize = 500;

/// The MatterService.
pub(crate) struct Matters {
    desk: Desk,
    terms: Terms,
}

impl Matters {
    pub(crate) fn new(desk: Desk, terms: Terms) -> Self {
        Self { desk, terms }
    }
}

#[tonic::async_trait]
impl MatterService for Matters {
    async fn create_matter(
        &self,
        request: Request<pb::CreateMatterRequest>,
    ) -> Result<Response<pb::Case>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let registration = register::parse_matter(&request, self.desk.today())?;
        let now = self.desk.now();
        let intent = self
            .desk
            .intent(&caller, "dockets", &request.request_id, &request)?;
        let created = self.desk.store().change(&intent, |draft| {
            docket(draft, &registration, &caller, "matter_created", now)
        });
        Ok(Response::new(created.await?))
    }

    async fn link_case(
        &self,
        request: Request<pb::LinkCaseRequest>,
    ) -> Result<Response<pb::Case>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let (matter, case) = (&request.matter, &request.case);
        let answer = self
            .change(&caller, &request.request_id, &request, (matter, case), true)
            .await?;
        Ok(Response::new(answer))
    }

    async fn unlink_case(
        &self,
        request: Request<pb::UnlinkCaseRequest>,
    ) -> Result<Response<pb::Case>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let (matter, case) = (&request.matter, &request.case);
        let answer = self
            .change(
                &caller,
                &request.request_id,
                &request,
                (matter, case),
                false,
            )
            .await?;
        Ok(Response::new(answer))
    }

    async fn list_matter_cases(
        &self,
        request: Request<pb::ListMatterCasesRequest>,
    ) -> Result<Response<pb::ListMatterCasesResponse>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let matter = parse::case_name("matter", &request.matter)?;
        let view = self.desk.store().read();
        let now = self.desk.now();
        let mut cases = Vec::new();
        for name in members(&view, &matter)? {
            let case = Case::load(&view, &name, now)?;
            // The gateway cuts each by its own label; what is none of the
            // caller's does not even reach it.
            if case.placed().iter().any(|agency| agency == caller.agency()) {
                cases.push(case.at_a_glance(&view, caller.agency())?);
            }
        }
        Ok(Response::new(pb::ListMatterCasesResponse { cases }))
    }

    async fn refer_matter(
        &self,
        request: Request<pb::ReferMatterRequest>,
    ) -> Result<Response<pb::ReferMatterResponse>, Status> {
        let (caller, request) = self.desk.open(request)?;
        Ok(Response::new(self.refer(&caller, &request).await?))
    }
}

impl Matters {
    /// Puts a case into a matter, or takes it out.
    async fn change<R: prost::Message>(
        &self,
        caller: &Caller,
        request_id: &str,
        request: &R,
        (matter, case): (&str, &str),
        link: bool,
    ) -> Result<pb::Case, Refusal> {
        let matter_name = parse::case_name("matter", matter)?;
        let case_name = parse::case_name("case", case)?;
        let now = self.desk.now();
        let intent = self
            .desk
            .intent(caller, matter_name.as_str(), request_id, request)?;
        let changed = self.desk.store().change(&intent, |draft| {
            let mut matter = open_case(draft, &matter_name, now, &self.terms)?;
            matter.require_label(caller.label_revision())?;
            require_matter(&matter)?;
            let mut case = open_case(draft, &case_name, now, &self.terms)?;
            if !case.is_lead(caller.agency()) {
                return Err(Refusal::not_found());
            }
            let key = keys::member(&matter_name, &case_name);
            if link {
                require_linkable(draft, &matter_name, &case)?;
                matter_name
                    .as_str()
                    .clone_into(&mut case.facts_mut().matter);
                let place = StoredPlace {
                    name: case_name.to_string(),
                };
                draft.put(&key, &place);
            } else if draft.get_raw(&key)?.is_some() {
                case.facts_mut().matter.clear();
                draft.delete(&key);
            } else {
                return Err(Refusal::invalid("case", "does not belong to the matter"));
            }
            // Neither timeline names the other: who reads the one learns
            // nothing of the other.
            let act = if link { "case_linked" } else { "case_unlinked" };
            count_workers(&mut matter, &case, link);
            matter.append(entry::of_act(caller, act, ""), now);
            case.append(entry::of_act(caller, act, ""), now);
            case.save(draft);
            matter.save(draft);
            let label = matter.label_for(draft, caller.agency(), "", Vec::new())?;
            Ok(matter.to_wire(label))
        });
        changed.await
    }

    async fn refer(
        &self,
        caller: &Caller,
        request: &pb::ReferMatterRequest,
    ) -> Result<pb::ReferMatterResponse, Refusal> {
        let matter = parse::case_name("matter", &request.matter)?;
        let now = self.desk.now();
        let header = referral::header(request.referral.as_ref(), now)?;
        parse::agency_name("referral.to_agency", &header.to_agency)?;
        if !header.consent.is_empty() || !header.part_of.is_empty() {
            let description = "must be empty: each case has its own";
            return Err(Refusal::invalid("referral.consent", description));
        }
        let id = self.desk.new_id()?;
        let intent = self
            .desk
            .intent(caller, matter.as_str(), &request.request_id, request)?;
        let referred = self.desk.store().change(&intent, |draft| {
            let case = Case::load(draft, &matter, now)?;
            case.require_label(caller.label_revision())?;
            require_matter(&case)?;
            let mut answer = pb::ReferMatterResponse::default();
            answer
                .referrals
                .push(self.refer_one(draft, caller, &matter, &header, &id)?);
            for (at, member) in members(draft, &matter)?.iter().enumerate() {
                // One that has been handed over meanwhile is not theirs to know.
                let placed = Case::load(draft, member, now)?.placed();
                if !placed.iter().any(|agency| agency == caller.agency()) {
                    continue;
                }
                let id = format!("{id}{at:03}");
                match self.refer_one(draft, caller, member, &header, &id) {
                    Ok(referral) => answer.referrals.push(referral),
                    Err(refusal) => answer.not_referred.push(not_referred(member, refusal)),
                }
            }
            Ok(answer)
        });
        referred.await
    }

    /// Refers one case; writes nothing if it is refused.
    fn refer_one(
        &self,
        draft: &mut Draft,
        caller: &Caller,
        case: &CaseName,
        header: &pb::Referral,
        id: &str,
    ) -> Result<pb::Referral, Refusal> {
        let now = self.desk.now();
        let mut sharing = Sharing::load(draft, case, now, &self.terms)?;
        sharing.case.require_open()?;
        let mut header = header.clone();
        if header.legal_basis.is_empty() && !sharing.case.facts().collective {
            let receiver = directory::standing(draft, &header.to_agency)?.unwrap_or_default();
            let covering = consent::covering(draft, &sharing.case, &receiver, &header.scope)?;
            header.consent = covering.ok_or_else(|| {
                Refusal::precondition(
                    ErrorReason::BasisEnded,
                    "no consent of the worker in force covers receiver and scope",
                )
            })?;
        }
        let header = referral::check(draft, &sharing, caller.agency(), &header, "")?;
        require_room(&sharing)?;
        let name = CaseChild {
            case: case.clone(),
            collection: "referrals",
            id: id.to_owned(),
        }
        .to_string();
        let cause = Cause {
            agency: caller.agency().to_owned(),
            user: caller.user().to_owned(),
            ..Cause::of_time("", now)
        };
        send(draft, &mut sharing, header, &name, cause)?;
        sharing.save(draft)?;
        referral::to_wire(draft, &sharing, &name, caller.agency())
    }
}

/// The cases of a matter.
fn members(view: &View, matter: &CaseName) -> Result<Vec<CaseName>, Refusal> {
    let places = view.scan::<StoredPlace>(&keys::members(matter), None, MEMBERS_MAX)?;
    let names = places.iter().map(|(_, place)| CaseName::parse(&place.name));
    Ok(names.collect::<Result<_, _>>()?)
}

fn require_matter(case: &Case) -> Result<(), Refusal> {
    if case.facts().collective {
        return Ok(());
    }
    Err(Refusal::invalid(
        "matter",
        "is no matter; create one first (CreateMatter)",
    ))
}

fn require_linkable(view: &View, matter: &CaseName, case: &Case) -> Result<(), Refusal> {
    if case.facts().collective {
        return Err(Refusal::invalid("case", "is a matter itself"));
    }
    if !case.facts().matter.is_empty() {
        return Err(Refusal::invalid(
            "case",
            "belongs to a matter already; take it out there first (UnlinkCase)",
        ));
    }
    if members(view, matter)?.len() >= MEMBERS_MAX {
        return Err(Refusal::invalid("matter", "has 500 cases already"));
    }
    Ok(())
}

fn count_workers(matter: &mut Case, case: &Case, link: bool) {
    let workers = |case: &Case| {
        case.facts()
            .summary
            .as_ref()
            .map_or(0, |summary| summary.workers)
    };
    let of_case = workers(case);
    let summary = matter.facts_mut().summary.get_or_insert_default();
    summary.workers = if link {
        summary.workers.saturating_add(of_case)
    } else {
        summary.workers.saturating_sub(of_case)
    };
}

fn not_referred(case: &CaseName, refusal: Refusal) -> pb::NotReferred {
    let refused = Refused::read(&Status::from(refusal));
    pb::NotReferred {
        case: case.to_string(),
        reason: refused.reason,
        message: refused.message,
    }
}

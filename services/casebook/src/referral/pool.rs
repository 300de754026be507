//! Pools: every agency that offers a service is asked at once, and the first
//! acceptance wins.

use host::{Caller, Desk, Refusal, parse};
use proto::names::CaseChild;
use proto::v1 as pb;
use proto::v1::{ErrorReason, Section};

use super::service::{require_room, send};
use super::terms::Terms;
use super::{create, to_wire};
use crate::directory;
use crate::sharing::{Cause, Notice, Sharing};

/// Candidates that are asked at most.
const CANDIDATES_MAX: usize = 20;

/// Asks them all.
pub(crate) async fn refer(
    desk: &Desk,
    terms: &Terms,
    caller: &Caller,
    request: &pb::ReferToPoolRequest,
) -> Result<pb::ReferToPoolResponse, Refusal> {
    let case = parse::case_name("parent", &request.parent)?;
    let now = desk.now();
    let header = create::header(request.referral.as_ref(), now)?;
    if !header.to_agency.is_empty() {
        return Err(Refusal::invalid(
            "referral.to_agency",
            "must be empty: the directory names who offers the service",
        ));
    }
    let id = desk.new_id()?;
    let pool = format!("{case}/pools/{id}");
    let intent = desk.intent(caller, case.as_str(), &request.request_id, request)?;
    let referred = desk.store().change(&intent, |draft| {
        let mut sharing = Sharing::load(draft, &case, now, terms)?;
        sharing.case.require_label(caller.label_revision())?;
        sharing.case.require_open()?;
        let offering = directory::offering(draft, &header.service_code)?;
        let mut names = Vec::new();
        let mut agencies = Vec::new();
        let mut why_not = None;
        for agency in offering
            .into_iter()
            .filter(|agency| agency != caller.agency())
        {
            if names.len() == CANDIDATES_MAX {
                break;
            }
            let header = pb::Referral {
                to_agency: agency.clone(),
                pool: pool.clone(),
                ..header.clone()
            };
            create::addressed(&header)?;
            // Who may not receive it is no candidate.
            let header = match create::check(draft, &sharing, caller.agency(), &header, "") {
                Ok(header) => header,
                Err(refusal) => {
                    why_not.get_or_insert(refusal);
                    continue;
                }
            };
            require_room(&sharing)?;
            let name = CaseChild {
                case: case.clone(),
                collection: "referrals",
                id: format!("{id}{:02}", names.len()),
            }
            .to_string();
            let cause = Cause {
                agency: caller.agency().to_owned(),
                user: caller.user().to_owned(),
                ..Cause::of_time("", now)
            };
            send(draft, &mut sharing, header, &name, cause)?;
            names.push(name);
            agencies.push(agency);
        }
        if names.is_empty() {
            return Err(why_not.unwrap_or_else(nobody));
        }
        sharing.notify(Notice {
            kind: "asked",
            agencies,
            sections: vec![Section::Summary as i32, Section::Claims as i32],
            at: now,
        });
        sharing.save(draft)?;
        let referrals = names
            .iter()
            .map(|name| to_wire(draft, &sharing, name, caller.agency()))
            .collect::<Result<_, _>>()?;
        Ok(pb::ReferToPoolResponse { referrals })
    });
    referred.await
}

fn nobody() -> Refusal {
    Refusal::precondition(
        ErrorReason::InvalidArgument,
        "no other agency of this network offers the service; see ListAgencies",
    )
}

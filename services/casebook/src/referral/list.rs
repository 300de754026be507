//! Boxes: what an agency has received and sent.

use host::{Caller, Desk, Refusal, parse};
use proto::internal::v1::StoredPlace;
use proto::names::{CaseChild, CaseName};
use proto::v1 as pb;
use proto::v1::ReferralBox;

use super::machine::{Event, OPEN};
use super::terms::Terms;
use super::{due, to_wire};
use crate::page;
use crate::sharing::Sharing;

/// Places that are read at once.
const READ_LEN: usize = 64;

/// A page of a box, or the referrals of one case.
pub(crate) fn list(
    desk: &Desk,
    terms: &Terms,
    caller: &Caller,
    request: &pb::ListReferralsRequest,
) -> Result<pb::ListReferralsResponse, Refusal> {
    let limit = page::size(request.page_size, 50, 200)?;
    if !request.parent.is_empty() {
        let case = parse::case_name("parent", &request.parent)?;
        return of_case(desk, terms, caller, request, &case);
    }
    let (prefix, segments) = match request.r#box() {
        ReferralBox::Inbox => (box_prefix(caller.agency(), "in"), 2),
        ReferralBox::Outbox => (box_prefix(caller.agency(), "out"), 2),
        ReferralBox::Unspecified => (both(caller.agency()), 3),
    };
    let mut before = page::place(&request.page_token, &prefix, segments)?;
    let view = desk.store().read();
    let mut referrals = Vec::new();
    loop {
        let places = view.scan_back::<StoredPlace>(&prefix, before.as_deref(), READ_LEN)?;
        let is_last = places.len() < READ_LEN;
        for (key, place) in places {
            before = Some(key);
            let name = CaseChild::parse(&place.name, "referrals")?;
            let sharing = Sharing::load(&view, &name.case, desk.now(), terms)?;
            if !is_left_out(request, sharing.referral(&place.name)?) {
                referrals.push(to_wire(&view, &sharing, &place.name, caller.agency())?);
            }
            if referrals.len() == limit {
                let next_page_token = page::next(before.as_deref(), &prefix, false);
                return Ok(pb::ListReferralsResponse {
                    referrals,
                    next_page_token,
                });
            }
        }
        if is_last {
            return Ok(pb::ListReferralsResponse {
                referrals,
                next_page_token: String::new(),
            });
        }
    }
}

/// The lead sees every referral of its case that was sent; others their own.
fn of_case(
    desk: &Desk,
    terms: &Terms,
    caller: &Caller,
    request: &pb::ListReferralsRequest,
    case: &CaseName,
) -> Result<pb::ListReferralsResponse, Refusal> {
    let view = desk.store().read();
    let sharing = match Sharing::load(&view, case, desk.now(), terms) {
        Ok(sharing) => sharing,
        // Whether the case exists is not for this answer to tell.
        Err(refusal) if refusal == Refusal::not_found() => return Ok(Default::default()),
        Err(refusal) => return Err(refusal),
    };
    let mut names: Vec<String> = Vec::new();
    for referral in sharing.all() {
        let is_theirs = sharing.parts(referral, caller.agency()).is_ok();
        let is_in_box = match request.r#box() {
            ReferralBox::Inbox => referral.to_agency == caller.agency(),
            ReferralBox::Outbox => referral.from_agency == caller.agency(),
            ReferralBox::Unspecified => true,
        };
        if is_theirs && is_in_box && !is_left_out(request, referral) {
            names.push(referral.name.clone());
        }
    }
    let newest = |name: &String| {
        let referral = sharing.referral(name).ok();
        std::cmp::Reverse(referral.and_then(|referral| due::when(referral, Event::Send)))
    };
    names.sort_by_key(newest);
    let referrals = names
        .iter()
        .map(|name| to_wire(&view, &sharing, name, caller.agency()))
        .collect::<Result<_, _>>()?;
    Ok(pb::ListReferralsResponse {
        referrals,
        next_page_token: String::new(),
    })
}

fn is_left_out(request: &pb::ListReferralsRequest, referral: &pb::Referral) -> bool {
    request.open_only && !OPEN.contains(&referral.state())
}

fn both(agency: &str) -> String {
    format!("box/{}/", agency.trim_start_matches("agencies/"))
}

fn box_prefix(agency: &str, side: &str) -> String {
    format!("{}{side}/", both(agency))
}

/// A referral's place in a box.
pub(crate) fn box_key(agency: &str, side: &str, name: &CaseChild) -> String {
    format!("{}{}/{}", box_prefix(agency, side), name.case.id(), name.id)
}

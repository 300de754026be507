//! Referrals: how a case crosses from one agency to another.

mod create;
mod effect;
pub(crate) mod machine;
pub(crate) mod service;

use host::Refusal;
use proto::internal::v1::StoredReferral;
use proto::names::{CaseChild, CaseName};
use proto::v1 as pb;
use store::View;

use crate::keys;

pub(crate) use effect::{Cause, apply};

/// Referrals that a case holds at most.
pub(crate) const REFERRALS_MAX: usize = 500;

/// The referral of that name. NOT_FOUND if its case has none such: another
/// case's referral is no referral of this one.
pub(crate) fn load(view: &View, name: &CaseChild) -> Result<StoredReferral, Refusal> {
    view.get::<StoredReferral>(&keys::child(name))?
        .ok_or_else(Refusal::not_found)
}

/// Every referral of a case.
pub(crate) fn records(
    view: &View,
    case: &CaseName,
) -> Result<Vec<(String, StoredReferral)>, Refusal> {
    Ok(view.scan(&keys::children(case, "referrals"), None, REFERRALS_MAX)?)
}

/// The names of the referrals of a case that have not ended.
pub(crate) fn open_referrals(view: &View, case: &CaseName) -> Result<Vec<String>, Refusal> {
    let is_open = |record: &pb::Referral| machine::OPEN.contains(&record.state());
    let records = records(view, case)?
        .into_iter()
        .filter_map(|(_, record)| record.referral);
    Ok(records
        .filter(is_open)
        .map(|referral| referral.name)
        .collect())
}

/// The referral's etag.
pub(crate) fn etag(record: &StoredReferral) -> String {
    format!("v{}", record.version)
}

//! Referrals: how a case crosses from one agency to another.
//!
//! Reading order: `machine` (THE table), `terms` and `due` (what time does),
//! `create` (may this be referred?), `service`. What a step does is in
//! `crate::sharing`.

mod create;
pub(crate) mod due;
pub(crate) mod list;
pub(crate) mod machine;
pub(crate) mod pool;
pub(crate) mod service;
mod steps;
#[cfg(test)]
mod table_tests;
pub(crate) mod terms;

use host::Refusal;
use proto::internal::v1::{StoredPlace, StoredReferral};
use proto::names::{CaseChild, CaseName};
use proto::v1 as pb;
use store::{Draft, View};

use crate::keys;
use crate::sharing::{REFERRALS_MAX, Sharing};

pub(crate) use create::{check, header, sections};

/// The referral of that name, as stored. NOT_FOUND if its case has none such.
pub(crate) fn load(view: &View, name: &CaseChild) -> Result<StoredReferral, Refusal> {
    view.get::<StoredReferral>(&keys::child(name))?
        .ok_or_else(Refusal::not_found)
}

/// The names of the referrals of a case that have not ended.
pub(crate) fn open_referrals(view: &View, case: &CaseName) -> Result<Vec<String>, Refusal> {
    let prefix = keys::children(case, "referrals");
    let records = view.scan::<StoredReferral>(&prefix, None, REFERRALS_MAX)?;
    let referrals = records
        .into_iter()
        .filter_map(|(_, record)| record.referral);
    Ok(referrals
        .filter(|referral| machine::OPEN.contains(&referral.state()))
        .map(|referral| referral.name)
        .collect())
}

/// The referral's etag.
pub(crate) fn etag(record: &StoredReferral) -> String {
    format!("v{}", record.version)
}

/// Puts a referral into its sender's outbox and, once it was sent, into its
/// receiver's inbox.
pub(crate) fn index(draft: &mut Draft, name: &CaseChild, record: &StoredReferral) {
    let Some(referral) = record.referral.as_ref() else {
        return;
    };
    let place = StoredPlace {
        name: name.to_string(),
    };
    draft.put(&list::box_key(&referral.from_agency, "out", name), &place);
    if due::when(referral, machine::Event::Send).is_some() {
        draft.put(&list::box_key(&referral.to_agency, "in", name), &place);
    }
}

/// The referral as it is answered: label first, and the events that the asker
/// may cause now.
pub(crate) fn to_wire(
    view: &View,
    sharing: &Sharing<'_>,
    name: &str,
    asker: &str,
) -> Result<pb::Referral, Refusal> {
    let record = sharing.record(name)?;
    let referral = sharing.referral(name)?.clone();
    let was_sent = due::when(&referral, machine::Event::Send).is_some();
    let receivers = if was_sent {
        vec![referral.to_agency.clone()]
    } else {
        Vec::new()
    };
    let label = sharing
        .case
        .label_for(view, asker, &referral.from_agency, receivers)?;
    let parts = sharing.parts(&referral, asker).unwrap_or_default();
    let position = sharing.position(&referral, sharing.case.now());
    let allowed = machine::allowed(&position, &parts);
    Ok(pb::Referral {
        label: Some(label),
        etag: etag(record),
        allowed_events: allowed.into_iter().map(str::to_owned).collect(),
        ..referral
    })
}

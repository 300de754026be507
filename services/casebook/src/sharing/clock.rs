//! Time goes on: cases to which it has done something are settled, by a loop
//! that sleeps until the next is due, and by whoever writes to one before.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use host::{Desk, Refusal};
use proto::internal::v1::StoredPlace;
use proto::names::CaseName;
use store::Draft;

use super::Sharing;
use crate::case::Case;
use crate::keys;
use crate::referral::terms::Terms;

/// A case that could not be settled is tried again after so long.
const TRY_AGAIN: TimeDelta = TimeDelta::minutes(1);

/// The case, to be written to: whatever time has done to it stands first, so
/// that the order of its history does not depend on when the loop came by.
pub(crate) fn open_case(
    draft: &mut Draft,
    name: &CaseName,
    now: DateTime<Utc>,
    terms: &Terms,
) -> Result<Case, Refusal> {
    let case = Case::load(draft, name, now)?;
    if case.due().is_none_or(|due| due > now) {
        return Ok(case);
    }
    Sharing::load(draft, name, now, terms)?.save(draft)?;
    Case::load(draft, name, now)
}

/// Settles what is due, for ever. Idempotent: any number of processes may do
/// it over one store, and a restart loses nothing.
pub(crate) async fn keep_time(desk: Desk, terms: Terms) {
    let mut commits = desk.store().subscribe();
    // Cases that could not be settled just now, so that they do not hold up the
    // others; they are tried again with the next change, or after a while.
    let mut stuck = BTreeSet::new();
    loop {
        commits.mark_unchanged();
        let next = match next(&desk, &stuck) {
            Ok(next) => next,
            Err(refusal) => {
                tracing::error!(%refusal, "what is due cannot be read");
                None
            }
        };
        let wake = match next {
            Some((at, case)) if at <= desk.now() => {
                if let Err(refusal) = settle(&desk, &case, &terms).await {
                    tracing::error!(%refusal, case = case.as_str(), "a due case cannot be settled");
                    stuck.insert(case);
                }
                continue;
            }
            Some((at, _)) => Some(at),
            None => None,
        };
        let again = (!stuck.is_empty()).then(|| desk.now() + TRY_AGAIN);
        let wake = [wake, again].into_iter().flatten().min();
        stuck.clear();
        let is_over = match wake {
            Some(at) => tokio::select! {
                changed = commits.changed() => changed.is_err(),
                () = desk.clock().sleep_until(at) => false,
            },
            None => commits.changed().await.is_err(),
        };
        if is_over {
            return;
        }
    }
}

/// The case that is due next.
fn next(
    desk: &Desk,
    stuck: &BTreeSet<CaseName>,
) -> Result<Option<(DateTime<Utc>, CaseName)>, Refusal> {
    let few = stuck.len() + 1;
    let places = desk
        .store()
        .read()
        .scan::<StoredPlace>(keys::ALL_DUE, None, few)?;
    let is_stuck = |name: &str| stuck.iter().any(|case| case.as_str() == name);
    let Some((key, place)) = places.into_iter().find(|(_, place)| !is_stuck(&place.name)) else {
        return Ok(None);
    };
    let nanos = key.strip_prefix(keys::ALL_DUE);
    let nanos = nanos.and_then(|rest| rest.split('/').next()?.parse::<i64>().ok());
    let at = nanos.map(DateTime::from_timestamp_nanos);
    let at = at.ok_or_else(|| Refusal::internal("the index of what is due cannot be read"))?;
    Ok(Some((at, CaseName::parse(&place.name)?)))
}

async fn settle(desk: &Desk, case: &CaseName, terms: &Terms) -> Result<(), Refusal> {
    let now = desk.now();
    let settled = desk.store().change_quietly(case.as_str(), |draft| {
        Sharing::load(draft, case, now, terms)?.save(draft)
    });
    settled.await
}

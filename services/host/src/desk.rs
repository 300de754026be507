//! A service's desk: its store, its clock, its line to the spine, and the one
//! way to change a file so that the other agencies learn of it.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use prost::Message;
use proto::internal::v1::Milestone;
use proto::names::CaseName;
use store::{Draft, Intent, Outbox, Retry, Store};
use tonic::{Code, Request};

use crate::clock::{SharedClock, shanghai_date};
use crate::drain::Drain;
use crate::envelope::{Caller, Envelopes};
use crate::ids::SharedIds;
use crate::locked;
use crate::refusal::Refusal;
use crate::spine::{PartyField, Spine, party_digest};
use crate::upstream::Upstream;

/// How long an answer waits for its milestones to reach the timeline. After
/// that they follow when the spine is back.
const DELIVERED_WITHIN: Duration = Duration::from_secs(2);

/// Pause after the first, and at most after each further failed delivery.
const BACK_OFF_FIRST: Duration = Duration::from_millis(50);
const BACK_OFF_MOST: Duration = Duration::from_secs(5);

/// Longest request id: a UUID has 36 characters, a hash in hexadecimal 64.
const REQUEST_ID_MAX: usize = 64;

/// Milestones that the spine will never take: kept for the operator.
const UNDELIVERABLE: &str = "undeliverable";

/// What a service works with. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    store: Store,
    clock: SharedClock,
    ids: SharedIds,
    envelopes: Envelopes,
    spine: Spine,
}

impl Desk {
    /// Opens a role's desk and starts delivering its milestones, until the
    /// drain begins. Must be called inside a tokio runtime.
    pub fn start(
        role: &str,
        store: Store,
        clock: SharedClock,
        ids: SharedIds,
        envelopes: Envelopes,
        spine: Upstream,
        drain: &Drain,
    ) -> Self {
        let spine = Spine::new(role, spine, envelopes.clone());
        let desk = Self {
            store,
            clock,
            ids,
            envelopes,
            spine,
        };
        let delivering = deliver(desk.store.clone(), desk.spine.clone());
        let drained = drain.signalled();
        tokio::spawn(async move {
            tokio::select! {
                () = delivering => {}
                () = drained => {}
            }
        });
        desk
    }

    /// Takes a request apart into who asks and what is asked; refuses what did
    /// not come through the gateway.
    pub fn open<T>(&self, request: Request<T>) -> Result<(Caller, T), Refusal> {
        self.envelopes.open(request)
    }

    /// The present moment.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Today in Asia/Shanghai.
    pub fn today(&self) -> NaiveDate {
        shanghai_date(self.clock.now())
    }

    /// The clock itself, for what has to wait.
    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// A fresh id that nobody can guess. Draw it before a change: its step may
    /// run again.
    pub fn new_id(&self) -> Result<String, Refusal> {
        self.ids.fresh()
    }

    /// The source of randomness itself.
    pub fn ids(&self) -> &SharedIds {
        &self.ids
    }

    /// Locks a secret that the service keeps. `place` says where and what for:
    /// it opens nowhere else. UNAVAILABLE without randomness.
    pub fn lock(&self, place: &str, secret: &[u8]) -> Result<Vec<u8>, Refusal> {
        locked::lock(&self.envelopes, self.ids.as_ref(), place, secret)
    }

    /// Opens a locked secret; none if it was locked for another place or with
    /// another network's key.
    pub fn unlock(&self, place: &str, secret: &[u8]) -> Option<Vec<u8>> {
        locked::unlock(&self.envelopes, place, secret)
    }

    /// The service's own store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The line to the spine.
    pub fn spine(&self) -> &Spine {
        &self.spine
    }

    /// A keyed digest of a fact about a party.
    pub fn party_digest(&self, field: PartyField, text: &str) -> [u8; 32] {
        party_digest(&self.envelopes, field, text)
    }

    /// What a caller wants to happen once. INVALID_ARGUMENT if the request id is
    /// not one: at most 64 printable ASCII characters.
    pub fn intent<R: Message>(
        &self,
        caller: &Caller,
        subject: &str,
        request_id: &str,
        request: &R,
    ) -> Result<Intent, Refusal> {
        let is_plain = request_id.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_plain || request_id.len() > REQUEST_ID_MAX {
            let description = "must be at most 64 printable ASCII characters, such as a UUID";
            return Err(Refusal::invalid("request_id", description));
        }
        let at = self.clock.now().timestamp_millis();
        Ok(Intent::new(
            caller.agency(),
            request_id,
            subject,
            request,
            at,
        ))
    }

    /// One durable change of a file. When it answers, its milestones stand on
    /// the timeline, or will when the spine is back.
    pub async fn change<A, R>(
        &self,
        caller: &Caller,
        case: &CaseName,
        request_id: &str,
        request: &R,
        step: impl FnMut(&mut Draft) -> Result<A, Refusal>,
    ) -> Result<A, Refusal>
    where
        A: Message + Default,
        R: Message,
    {
        let intent = self.intent(caller, case.as_str(), request_id, request)?;
        let answer = self.store.change(&intent, step).await?;
        // Late is better than never here: the change itself is durable.
        let delivered = Outbox::wait_empty(&self.store);
        let _ = tokio::time::timeout(DELIVERED_WITHIN, delivered).await;
        Ok(answer)
    }
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

/// Puts a milestone into the outbox, in the batch of the change that it tells of.
pub fn milestone(draft: &mut Draft, milestone: &Milestone) {
    draft.outbox_put(milestone);
}

async fn deliver(store: Store, spine: Spine) {
    let outbox = store.clone();
    let hand_over =
        move |number, milestone| hand_over(store.clone(), spine.clone(), number, milestone);
    let back_off = |refusals: u32| {
        let doubled = BACK_OFF_FIRST.saturating_mul(1 << refusals.saturating_sub(1).min(10));
        tokio::time::sleep(doubled.min(BACK_OFF_MOST))
    };
    Outbox::run(outbox, hand_over, back_off).await;
}

async fn hand_over(
    store: Store,
    spine: Spine,
    number: u64,
    milestone: Milestone,
) -> Result<(), Retry> {
    match spine.record_milestone(number, milestone.clone()).await {
        Ok(()) => Ok(()),
        Err(refusal) if is_for_ever(&refusal) => {
            tracing::error!(number, reason = ?refusal.reason, "the spine refuses a milestone");
            let kept = store.change_quietly(UNDELIVERABLE, |draft| {
                draft.append(UNDELIVERABLE, &milestone);
                Ok::<(), Refusal>(())
            });
            kept.await.map_err(|_| Retry)
        }
        Err(_) => Err(Retry),
    }
}

/// A refusal that trying again does not change.
fn is_for_ever(refusal: &Refusal) -> bool {
    matches!(
        refusal.code,
        Code::InvalidArgument | Code::NotFound | Code::FailedPrecondition
    )
}

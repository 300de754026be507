//! Admission: how much each caller and all together may ask at once. Overload
//! is refused early, with the time to come back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use host::{Refusal, SharedClock};
use proto::v1::ErrorReason;
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Callers that are remembered; full buckets are forgotten first.
const REMEMBERED_MAX: usize = 10_000;

/// Limits of a gateway.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Calls per second that one agency (or, before sign-in, one address) may
    /// make in the long run.
    pub calls_per_second: u32,
    /// Calls that it may make at once after a pause.
    pub calls_at_once: u32,
    /// Calls of all callers that may be open together.
    pub open_calls: usize,
    /// Largest request, bytes.
    pub request_bytes: usize,
    /// Largest answer of a service, bytes.
    pub answer_bytes: usize,
    /// Longest call, seconds; a caller may ask for less.
    pub call_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            calls_per_second: 2_000,
            calls_at_once: 4_000,
            open_calls: 1_024,
            request_bytes: 256 * 1024,
            answer_bytes: 8 * 1024 * 1024,
            call_seconds: 10,
        }
    }
}

/// The door.
pub struct Admission {
    limits: Limits,
    clock: SharedClock,
    open: Arc<Semaphore>,
    buckets: Mutex<HashMap<String, Bucket>>,
}

/// A token bucket: `tokens` as of `at`.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: DateTime<Utc>,
}

/// A place among the open calls; given back when dropped.
#[derive(Debug)]
pub struct Slot {
    _place: OwnedSemaphorePermit,
}

impl Admission {
    /// A door with these limits.
    pub fn new(limits: Limits, clock: SharedClock) -> Self {
        let open = Arc::new(Semaphore::new(limits.open_calls));
        Self {
            limits,
            clock,
            open,
            buckets: Mutex::default(),
        }
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Lets one call of this caller in. RESOURCE_EXHAUSTED with a delay if it
    /// asks too often, or if too many calls are open.
    pub fn enter(&self, caller: &str) -> Result<Slot, Refusal> {
        let refuse = |message: &str, wait: Duration| {
            Err(Refusal::exhausted(ErrorReason::RateLimited, message, wait))
        };
        if let Some(wait) = self.take_token(caller) {
            return refuse("too many calls; slow down", wait);
        }
        match Arc::clone(&self.open).try_acquire_owned() {
            Ok(place) => Ok(Slot { _place: place }),
            Err(_) => refuse("the network is busy", Duration::from_millis(200)),
        }
    }

    /// Takes a token, or says how long until there is one.
    fn take_token(&self, caller: &str) -> Option<Duration> {
        let now = self.clock.now();
        let rate = f64::from(self.limits.calls_per_second);
        let most = f64::from(self.limits.calls_at_once);
        let refilled = |bucket: &Bucket| {
            let seconds = (now - bucket.at).num_milliseconds().max(0) as f64 / 1000.0;
            (bucket.tokens + seconds * rate).min(most)
        };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= REMEMBERED_MAX && !buckets.contains_key(caller) {
            buckets.retain(|_, bucket| refilled(bucket) < most);
        }
        let bucket = buckets.entry(caller.to_owned()).or_insert(Bucket {
            tokens: most,
            at: now,
        });
        let tokens = refilled(bucket);
        if tokens < 1.0 {
            return Some(Duration::from_secs_f64((1.0 - tokens) / rate.max(0.001)));
        }
        *bucket = Bucket {
            tokens: tokens - 1.0,
            at: now,
        };
        None
    }
}

impl std::fmt::Debug for Admission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admission")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use chrono::TimeDelta;
    use host::SetClock;

    use super::{Admission, Limits};

    #[test]
    fn a_caller_that_asks_too_often_waits_and_others_do_not() {
        let clock = SetClock::at("2026-03-01T00:00:00Z".parse().unwrap());
        let limits = Limits {
            calls_per_second: 10,
            calls_at_once: 3,
            ..Limits::default()
        };
        let door = Admission::new(limits, Arc::new(clock.clone()));
        for _ in 0..3 {
            door.enter("a").unwrap();
        }
        let refusal = door.enter("a").unwrap_err();
        assert!(refusal.retry_after.unwrap().as_millis() <= 100);
        door.enter("b").unwrap();
        clock.advance(TimeDelta::milliseconds(100));
        door.enter("a").unwrap();
        assert!(door.enter("a").is_err());
    }

    #[test]
    fn open_calls_are_bounded_and_a_place_is_given_back() {
        let clock = SetClock::at("2026-03-01T00:00:00Z".parse().unwrap());
        let limits = Limits {
            open_calls: 1,
            ..Limits::default()
        };
        let door = Admission::new(limits, Arc::new(clock));
        let slot = door.enter("a").unwrap();
        assert!(door.enter("b").is_err());
        drop(slot);
        door.enter("b").unwrap();
    }
}

//! Who is signed in in which browser. The browser holds a random secret; here
//! stands its hash with the gateway's token, which no browser ever sees.
//!
//! Sessions live in memory: when the web client stops, everybody signs in
//! again, and nothing of anybody is left on a disk.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use host::clock::from_timestamp;
use host::{Refusal, SharedClock, SharedIds, Upstream};
use proto::v1 as pb;
use ring::digest::{SHA256, digest};
use tonic::Status;

use crate::line::Line;

/// Untouched for so long, a session is locked: the next page asks for the
/// password again. Shorter than a token of the gateway lives (a quarter of an
/// hour) less the minute below, so that a session in use never loses its token.
const IDLE: TimeDelta = TimeDelta::minutes(10);
/// A session ends this long after sign-in, used or not.
const LIFE: TimeDelta = TimeDelta::hours(8);
/// A token that ends sooner than this is renewed first: at most once a minute.
const RENEW_BEFORE: TimeDelta = TimeDelta::minutes(14);
/// Sessions open at once; the one that was idle longest gives way.
const SESSIONS_MAX: usize = 10_000;

/// One person in one browser.
pub(crate) struct Session {
    /// `agencies/{agency}/users/{user}`.
    pub(crate) user: String,
    /// What every form of this session carries.
    pub(crate) form_key: String,
    held: tokio::sync::Mutex<Held>,
    ends_at: DateTime<Utc>,
    /// Milliseconds since 1970 of the last page that was asked for.
    seen: AtomicI64,
}

struct Held {
    token: String,
    expires_at: DateTime<Utc>,
}

impl Session {
    /// `agencies/{agency}`.
    pub(crate) fn agency(&self) -> &str {
        let end = self.user.find("/users/").unwrap_or(self.user.len());
        self.user.get(..end).unwrap_or_default()
    }

    /// The gateway as this person, with a token that is still good for a while.
    pub(crate) async fn line(
        &self,
        gateway: &Upstream,
        now: DateTime<Utc>,
    ) -> Result<Line, Status> {
        // Held across the renewal: the old token ends with it.
        let mut held = self.held.lock().await;
        if held.expires_at - now < RENEW_BEFORE {
            let line = Line::signed_in(gateway.clone(), &held.token);
            let renewed = line
                .identity()
                .refresh_session(pb::RefreshSessionRequest {})
                .await?
                .into_inner();
            *held = Held::from(&renewed);
        }
        Ok(Line::signed_in(gateway.clone(), &held.token))
    }
}

impl Held {
    fn from(session: &pb::Session) -> Self {
        let ends = session.expires_at.as_ref().and_then(from_timestamp);
        Self {
            token: session.token.clone(),
            expires_at: ends.unwrap_or_default(),
        }
    }
}

/// What a browser's secret opens.
pub(crate) enum Found {
    /// A session in use.
    Open(Arc<Session>),
    /// One that lay idle: its person must show the password again.
    Locked(Arc<Session>),
    /// Nothing.
    Nobody,
}

/// All sessions of this web client.
#[derive(Clone)]
pub(crate) struct Sessions {
    clock: SharedClock,
    ids: SharedIds,
    open: Arc<Mutex<HashMap<Vec<u8>, Arc<Session>>>>,
}

impl Sessions {
    pub(crate) fn new(clock: SharedClock, ids: SharedIds) -> Self {
        Self {
            clock,
            ids,
            open: Arc::default(),
        }
    }

    /// Opens a session for somebody whom the gateway has just signed in, and
    /// answers the secret for the browser: always a new one, so that a secret
    /// planted before sign-in opens nothing.
    pub(crate) fn open(&self, signed_in: &pb::Session) -> Result<String, Refusal> {
        let secret = self.secret()?;
        let now = self.clock.now();
        let session = Session {
            user: signed_in.user.clone(),
            form_key: self.secret()?,
            held: tokio::sync::Mutex::new(Held::from(signed_in)),
            ends_at: now + LIFE,
            seen: AtomicI64::new(now.timestamp_millis()),
        };
        let mut open = self.all();
        open.retain(|_, session| session.ends_at > now);
        if open.len() >= SESSIONS_MAX {
            let idlest = open
                .iter()
                .min_by_key(|(_, session)| session.seen.load(Ordering::Relaxed))
                .map(|(key, _)| key.clone());
            idlest.map(|key| open.remove(&key));
        }
        open.insert(key(&secret), Arc::new(session));
        Ok(secret)
    }

    /// The session of a browser's secret. `touches`: a person asked, not a
    /// page that keeps itself fresh.
    pub(crate) fn find(&self, secret: &str, touches: bool) -> Found {
        let now = self.clock.now();
        let key = key(secret);
        let mut open = self.all();
        let Some(session) = open.get(&key).map(Arc::clone) else {
            return Found::Nobody;
        };
        if session.ends_at <= now {
            open.remove(&key);
            return Found::Nobody;
        }
        let seen = session.seen.load(Ordering::Relaxed);
        if now.timestamp_millis() - seen >= IDLE.num_milliseconds() {
            return Found::Locked(session);
        }
        if touches {
            session
                .seen
                .store(now.timestamp_millis(), Ordering::Relaxed);
        }
        Found::Open(session)
    }

    /// Ends a session here.
    pub(crate) fn end(&self, secret: &str) {
        self.all().remove(&key(secret));
    }

    /// Ends a session that the gateway no longer knows.
    pub(crate) fn forget(&self, session: &Arc<Session>) {
        self.all().retain(|_, known| !Arc::ptr_eq(known, session));
    }

    /// 256 bits that nobody can guess.
    pub(crate) fn secret(&self) -> Result<String, Refusal> {
        let mut bytes = [0; 32];
        self.ids.fill(&mut bytes)?;
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Arc<Session>>> {
        // Entries are put in and taken out whole.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looked up by hash, so that the time of a look-up tells nothing of a secret.
fn key(secret: &str) -> Vec<u8> {
    digest(&SHA256, secret.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use host::{SetClock, SystemIds};

    fn sessions() -> (Sessions, SetClock, String) {
        let clock = SetClock::at(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let sessions = Sessions::new(Arc::new(clock.clone()), Arc::new(SystemIds::new()));
        let signed_in = pb::Session {
            user: "agencies/yiwu-union/users/a1".into(),
            ..Default::default()
        };
        let secret = sessions.open(&signed_in).unwrap();
        (sessions, clock, secret)
    }

    #[test]
    fn an_idle_session_locks_and_a_page_that_refreshes_itself_does_not_keep_it_open() {
        let (sessions, clock, secret) = sessions();
        clock.advance(TimeDelta::minutes(9));
        assert!(matches!(sessions.find(&secret, false), Found::Open(_)));
        clock.advance(TimeDelta::minutes(1));
        assert!(matches!(sessions.find(&secret, true), Found::Locked(_)));
    }

    #[test]
    fn a_session_ends_after_a_working_day_however_busy() {
        let (sessions, clock, secret) = sessions();
        for _ in 0..53 {
            clock.advance(TimeDelta::minutes(9));
            assert!(matches!(sessions.find(&secret, true), Found::Open(_)));
        }
        clock.advance(TimeDelta::minutes(9));
        assert!(matches!(sessions.find(&secret, true), Found::Nobody));
    }

    #[test]
    fn an_ended_or_unknown_secret_opens_nothing() {
        let (sessions, _, secret) = sessions();
        let Found::Open(session) = sessions.find(&secret, true) else {
            panic!("not open");
        };
        assert_eq!(session.agency(), "agencies/yiwu-union");
        assert!(matches!(sessions.find("", true), Found::Nobody));
        sessions.end(&secret);
        assert!(matches!(sessions.find(&secret, true), Found::Nobody));
    }
}

//! Sessions: an opaque token of 256 random bits, kept only as its SHA-256.
//! Looked up at every call, so that signing out, disabling a user or expiry
//! holds at the next one; there is nothing in a token to forge.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use host::{Refusal, SharedClock};
use proto::internal::v1::{StoredAccount, StoredSession};
use proto::names::UserName;
use proto::v1::ErrorReason;
use ring::digest::{SHA256, digest};
use store::{Store, View};

use super::account::account_key;

/// A token is good for this long …
const TOKEN_LIFE: TimeDelta = TimeDelta::minutes(15);
/// … and can be refreshed until this long after sign-in.
const SESSION_LIFE: TimeDelta = TimeDelta::hours(8);

/// The sessions of a gateway.
#[derive(Clone)]
pub struct Sessions {
    store: Store,
    clock: SharedClock,
}

/// A session that is in force.
#[derive(Debug, Clone)]
pub struct Session {
    /// `agencies/{agency}`.
    pub agency: String,
    /// `agencies/{agency}/users/{user}`.
    pub user: String,
    /// Its key in the store: the token's hash.
    pub key: String,
}

/// A token just made: shown once.
pub struct Token {
    /// The token.
    pub text: String,
    /// It ends then.
    pub expires_at: DateTime<Utc>,
}

impl Sessions {
    /// Over the gateway's own store.
    pub fn new(store: Store, clock: SharedClock) -> Self {
        Self { store, clock }
    }

    /// Opens a session for a user, bound to the certificate that it was opened
    /// over, if there was one.
    pub async fn open(
        &self,
        user: &UserName,
        secret: [u8; 32],
        thumbprint: &[u8],
    ) -> Result<Token, Refusal> {
        let now = self.clock.now();
        let session = StoredSession {
            user: user.to_string(),
            expires_at_millis: (now + TOKEN_LIFE).timestamp_millis(),
            ends_at_millis: (now + SESSION_LIFE).timestamp_millis(),
            thumbprint: thumbprint.to_vec().into(),
        };
        self.keep(secret, session, None).await
    }

    /// A new token for a session that has not ended; the old one ends.
    pub async fn refresh(&self, key: &str, secret: [u8; 32]) -> Result<Token, Refusal> {
        let now = self.clock.now();
        let session = self
            .store
            .read()
            .get::<StoredSession>(key)?
            .ok_or_else(ended)?;
        let expires = (now + TOKEN_LIFE)
            .timestamp_millis()
            .min(session.ends_at_millis);
        if expires <= now.timestamp_millis() {
            return Err(expired());
        }
        let renewed = StoredSession {
            expires_at_millis: expires,
            ..session
        };
        self.keep(secret, renewed, Some(key)).await
    }

    /// Ends a session at once.
    pub async fn end(&self, key: &str) -> Result<(), Refusal> {
        let end = |draft: &mut store::Draft| {
            draft.delete(key);
            Ok(())
        };
        self.store.change_quietly(key, end).await
    }

    /// The session of a token. UNAUTHENTICATED if there is none in force, or if
    /// it belongs to another certificate.
    pub fn find(&self, token: &str, thumbprint: &[u8]) -> Result<Session, Refusal> {
        let secret = URL_SAFE_NO_PAD
            .decode(token)
            .ok()
            .filter(|bytes| bytes.len() == 32);
        let key = session_key(&secret.ok_or_else(ended)?);
        let view = self.store.read();
        let session = view.get::<StoredSession>(&key)?.ok_or_else(ended)?;
        if session.expires_at_millis <= self.clock.now().timestamp_millis() {
            return Err(expired());
        }
        if !session.thumbprint.is_empty() && session.thumbprint != thumbprint {
            return Err(Refusal::unauthenticated(
                ErrorReason::TokenBinding,
                "the token was issued over another certificate; sign in again",
            ));
        }
        let user = UserName::parse(&session.user)?;
        require_enabled(&view, &user)?;
        Ok(Session {
            agency: user.agency().to_string(),
            user: user.to_string(),
            key,
        })
    }

    async fn keep(
        &self,
        secret: [u8; 32],
        session: StoredSession,
        instead_of: Option<&str>,
    ) -> Result<Token, Refusal> {
        let key = session_key(&secret);
        let expires_at = DateTime::from_timestamp_millis(session.expires_at_millis)
            .ok_or_else(|| Refusal::internal("a session's end is no time"))?;
        let keep = |draft: &mut store::Draft| {
            if let Some(old) = instead_of {
                draft.delete(old);
            }
            draft.put(&key, &session);
            Ok::<(), Refusal>(())
        };
        self.store.change_quietly(&key, keep).await?;
        Ok(Token {
            text: URL_SAFE_NO_PAD.encode(secret),
            expires_at,
        })
    }
}

/// A user disabled a moment ago is signed out now.
fn require_enabled(view: &View, user: &UserName) -> Result<(), Refusal> {
    let account = view.get::<StoredAccount>(&account_key(user))?;
    if account.is_none_or(|account| account.disabled) {
        return Err(ended());
    }
    Ok(())
}

fn session_key(secret: &[u8]) -> String {
    let hash = digest(&SHA256, secret);
    format!("session/{}", URL_SAFE_NO_PAD.encode(hash.as_ref()))
}

fn ended() -> Refusal {
    Refusal::unauthenticated(
        ErrorReason::TokenInvalid,
        "the token is unknown or was signed out; sign in again",
    )
}

fn expired() -> Refusal {
    Refusal::unauthenticated(
        ErrorReason::TokenExpired,
        "the token has expired; refresh the session in time, or sign in again",
    )
}

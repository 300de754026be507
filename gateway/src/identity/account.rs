//! Local accounts: passwords as Argon2id (RFC 9106), sign-in throttled per
//! account.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use chrono::{DateTime, TimeDelta, Utc};
use host::{Refusal, SharedClock, SharedIds};
use proto::internal::v1::StoredAccount;
use proto::names::UserName;
use proto::v1::ErrorReason;
use store::Store;
use tokio::sync::Semaphore;

/// Wrong passwords in a row before the account waits.
const FREE_ATTEMPTS: u32 = 5;
/// The longest wait between two attempts.
const WAIT_MOST: TimeDelta = TimeDelta::minutes(15);
/// Accounts whose attempts are remembered.
const REMEMBERED_MAX: usize = 10_000;
/// Hashes computed at once: each takes a core and 19 MiB.
const HASHES_AT_ONCE: usize = 2;

/// The accounts of a gateway. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    store: Store,
    clock: SharedClock,
    ids: SharedIds,
    attempts: Arc<Mutex<HashMap<String, Attempts>>>,
    hashing: Arc<Semaphore>,
}

#[derive(Debug, Clone, Copy)]
struct Attempts {
    wrong: u32,
    not_before: DateTime<Utc>,
}

impl Accounts {
    /// Over the gateway's own store.
    pub fn new(store: Store, clock: SharedClock, ids: SharedIds) -> Self {
        let hashing = Arc::new(Semaphore::new(HASHES_AT_ONCE));
        Self {
            store,
            clock,
            ids,
            attempts: Arc::default(),
            hashing,
        }
    }

    /// Adds a user. ALREADY_EXISTS if there is one of that name.
    pub async fn create(
        &self,
        user: &UserName,
        display_name: String,
        password: &str,
    ) -> Result<(), Refusal> {
        let key = account_key(user);
        let account = StoredAccount {
            password_hash: self.hash(password).await?,
            display_name,
            disabled: false,
        };
        self.store
            .change_quietly(&key, |draft| {
                if draft.get_raw(&key)?.is_some() {
                    return Err(Refusal::already_exists(
                        ErrorReason::AlreadyExists,
                        "a user of that id exists; choose another",
                    ));
                }
                draft.put(&key, &account);
                Ok(())
            })
            .await
    }

    /// Checks a password. The answer is the same, and takes as long, whether
    /// the user is unknown, disabled or the password wrong.
    pub async fn verify(&self, user: &UserName, password: &str) -> Result<(), Refusal> {
        self.wait_turn(user)?;
        let account = self.store.read().get::<StoredAccount>(&account_key(user))?;
        let account = account.filter(|account| !account.disabled);
        let is_known = account.is_some();
        let hash = account.map_or_else(|| UNKNOWN_USER.to_owned(), |a| a.password_hash);
        let is_right = self.matches(password, hash).await? && is_known;
        self.remember(user, is_right);
        if !is_right {
            return Err(Refusal::unauthenticated(
                ErrorReason::SignInFailed,
                "wrong agency, user or password",
            ));
        }
        Ok(())
    }

    async fn hash(&self, password: &str) -> Result<String, Refusal> {
        let mut salt = [0; 16];
        self.ids.fill(&mut salt)?;
        let salt = SaltString::encode_b64(&salt).map_err(Refusal::internal)?;
        let password = password.to_owned();
        self.off_thread(move || {
            let hash = argon2()?.hash_password(password.as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(Refusal::internal)
        })
        .await
    }

    async fn matches(&self, password: &str, hash: String) -> Result<bool, Refusal> {
        let password = password.to_owned();
        self.off_thread(move || {
            let hash = PasswordHash::new(&hash).map_err(Refusal::internal)?;
            Ok(argon2()?
                .verify_password(password.as_bytes(), &hash)
                .is_ok())
        })
        .await
    }

    /// Hashing takes tens of milliseconds: never on a thread that answers calls.
    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let _place = self.hashing.acquire().await.map_err(Refusal::internal)?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(Refusal::internal)?
    }

    fn wait_turn(&self, user: &UserName) -> Result<(), Refusal> {
        let attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = attempts
            .get(&user.to_string())
            .map_or(TimeDelta::zero(), |attempts| {
                attempts.not_before - self.clock.now()
            });
        match wait.to_std() {
            Ok(wait) if wait > Duration::ZERO => Err(Refusal::exhausted(
                ErrorReason::RateLimited,
                "too many wrong passwords; wait before the next attempt",
                wait,
            )),
            _ => Ok(()),
        }
    }

    fn remember(&self, user: &UserName, is_right: bool) {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let name = user.to_string();
        if is_right {
            attempts.remove(&name);
            return;
        }
        let now = self.clock.now();
        if attempts.len() >= REMEMBERED_MAX {
            attempts.retain(|_, attempts| attempts.not_before > now);
        }
        let entry = attempts.entry(name).or_insert(Attempts {
            wrong: 0,
            not_before: now,
        });
        entry.wrong = entry.wrong.saturating_add(1);
        if entry.wrong >= FREE_ATTEMPTS {
            let doublings = (entry.wrong - FREE_ATTEMPTS).min(10);
            entry.not_before = now + TimeDelta::seconds(1 << doublings).min(WAIT_MOST);
        }
    }
}

impl std::fmt::Debug for Accounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Accounts").finish_non_exhaustive()
    }
}

pub(super) fn account_key(user: &UserName) -> String {
    format!("account/{}/{}", user.agency().id(), user.id())
}

/// OWASP's second recommendation for Argon2id: 19 MiB, two passes, one lane.
fn argon2() -> Result<Argon2<'static>, Refusal> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(Refusal::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// A hash that no password matches, so that an unknown user takes as long.
const UNKNOWN_USER: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

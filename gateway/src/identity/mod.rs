//! Who asks: the agency by its certificate, the caseworker by a token.
//!
//! Reading order: `certificate` (SPIFFE id → agency), `session` (tokens),
//! `account` (passwords), `service` (sign-in through the contract).

mod account;
mod certificate;
mod service;
mod session;

use host::{Peer, Refusal, SharedClock};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use proto::v1::ErrorReason;
use store::Store;

pub use account::Accounts;
pub use certificate::Holder;
pub use service::{CERTIFICATE, Identities, SESSION};
pub use session::Sessions;

/// Metadata key of the stated purpose: a code; "handling" if absent.
pub const PURPOSE: &str = "casenet-purpose";

/// The purpose of one who states none.
pub const HANDLING: &str = "handling";

/// A caller whom certificate or token has identified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identified {
    /// `agencies/{agency}`; empty before sign-in.
    pub agency: String,
    /// `agencies/{agency}/users/{user}`; empty: the agency's own system.
    pub user: String,
    /// Thumbprint of the client certificate; empty: none.
    pub thumbprint: Vec<u8>,
    /// Key of the session in use; empty: none.
    pub session: String,
}

/// Identifies callers.
#[derive(Clone)]
pub struct Identity {
    sessions: Sessions,
}

impl Identity {
    /// Over the gateway's own store.
    pub fn new(store: Store, clock: SharedClock) -> Self {
        Self {
            sessions: Sessions::new(store, clock),
        }
    }

    /// Who asks. `anonymous` calls need neither certificate nor token.
    /// UNAUTHENTICATED with the reason otherwise.
    pub fn identify(
        &self,
        peer: Option<&Peer>,
        headers: &HeaderMap,
        anonymous: bool,
    ) -> Result<Identified, Refusal> {
        let certificate = peer.and_then(|peer| peer.certificate.as_ref());
        let holder = certificate
            .map(|shown| Holder::read(&shown.spiffe_id))
            .transpose()?;
        let thumbprint = certificate
            .map(|shown| shown.thumbprint.to_vec())
            .unwrap_or_default();
        let nobody = Identified {
            agency: String::new(),
            user: String::new(),
            thumbprint: thumbprint.clone(),
            session: String::new(),
        };
        match (token(headers)?, holder) {
            (Some(token), holder) => {
                let session = self.sessions.find(token, &thumbprint)?;
                // An agency's system speaks for its own people only.
                let is_foreign =
                    matches!(&holder, Some(Holder::Agency(own)) if own.as_str() != session.agency);
                if is_foreign {
                    return Err(Refusal::unauthenticated(
                        ErrorReason::TokenBinding,
                        "the token is of another agency than the certificate; sign in again",
                    ));
                }
                Ok(Identified {
                    agency: session.agency,
                    user: session.user,
                    session: session.key,
                    ..nobody
                })
            }
            (None, Some(Holder::Agency(agency))) => Ok(Identified {
                agency: agency.to_string(),
                ..nobody
            }),
            (None, _) if anonymous => Ok(nobody),
            (None, Some(Holder::Client)) => Err(Refusal::unauthenticated(
                ErrorReason::CredentialsRequired,
                "a client's certificate speaks for nobody; sign in and send the token",
            )),
            (None, None) => Err(Refusal::unauthenticated(
                ErrorReason::CredentialsRequired,
                match peer.and_then(|peer| peer.unidentified) {
                    Some(why) => format!("{why}; present the agency's certificate, or sign in"),
                    None => "present the agency's certificate, or sign in".to_owned(),
                },
            )),
        }
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

/// The bearer token, if there is one. Two of them, or another scheme, are refused.
fn token(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let wrong = || {
        Refusal::unauthenticated(
            ErrorReason::TokenInvalid,
            "send one header `authorization: Bearer <token>`",
        )
    };
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(wrong());
    }
    let token = value
        .to_str()
        .ok()
        .and_then(|text| text.strip_prefix("Bearer "));
    token
        .filter(|token| !token.is_empty())
        .map(Some)
        .ok_or_else(wrong)
}

/// The stated purpose: a code of at most 40 characters.
pub fn purpose(headers: &HeaderMap) -> Result<String, Refusal> {
    let Some(value) = headers.get(PURPOSE) else {
        return Ok(HANDLING.to_owned());
    };
    purpose_code(PURPOSE, value.to_str().unwrap_or_default())
}

/// A purpose as a code.
pub fn purpose_code(field: &str, text: &str) -> Result<String, Refusal> {
    let is_code = (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if is_code {
        return Ok(text.to_owned());
    }
    let description = "must be a code: 1 to 40 of a-z, 0-9 and underscore";
    Err(Refusal::invalid(field, description))
}

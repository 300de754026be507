//! Who asks: the gateway's word to a service, sealed with a key that only the
//! network's own processes hold.
//!
//! A keyed MAC, not a signature: gateway and services are one operator's, and
//! evidence is the disclosure log, not this header.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::header::{HeaderName, HeaderValue};
use prost::Message;
use proto::internal::v1 as pb;
use proto::v1::{AgencyKind, ErrorReason};
use ring::hmac;
use tonic::metadata::MetadataMap;

use crate::arrival::RequestPath;
use crate::clock::SharedClock;
use crate::ids::Ids;
use crate::refusal::Refusal;
use crate::trace::TraceContext;

/// Header of the envelope: protobuf in base64.
pub const ENVELOPE: &str = "casenet-envelope";
/// Header of the envelope's MAC: HMAC-SHA256 in base64.
pub const ENVELOPE_MAC: &str = "casenet-envelope-mac";

/// An envelope older than this, or newer than the service's clock by as much,
/// is refused. Longer than any call may take, shorter than a stolen one is worth.
const FRESH_MILLIS: u64 = 60_000;

/// First bytes under the MAC, so that the key can never be made to speak for
/// something else.
const CONTEXT: &[u8] = b"casenet envelope v1\0";

/// Shortest key, as RFC 2104 §3 advises for SHA-256.
const KEY_BYTES_MIN: usize = 32;

/// The key shared by the network's own processes.
#[derive(Clone)]
pub struct EnvelopeKey(hmac::Key);

impl EnvelopeKey {
    /// A key from at least 32 secret bytes; `None` if there are fewer.
    pub fn from_bytes(secret: &[u8]) -> Option<Self> {
        let is_long_enough = secret.len() >= KEY_BYTES_MIN;
        is_long_enough.then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    /// A new key, for a network that runs in one process.
    pub fn random(ids: &dyn Ids) -> Result<Self, Refusal> {
        let mut secret = [0; KEY_BYTES_MIN];
        ids.fill(&mut secret)?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &secret)))
    }
}

impl fmt::Debug for EnvelopeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EnvelopeKey(secret)")
    }
}

/// Who asks, as the gateway identified it. Only [`Envelopes::open`] makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct Caller {
    agency: String,
    kind: AgencyKind,
    user: String,
    purpose: String,
    label_revision: u64,
    trace: Option<TraceContext>,
}

impl Caller {
    /// `agencies/{agency}`, or `roles/{role}` for one of our own processes.
    pub fn agency(&self) -> &str {
        &self.agency
    }

    /// The role, if one of the network's own processes asks: `union`.
    pub fn role(&self) -> Option<&str> {
        self.agency.strip_prefix("roles/")
    }

    /// The agency's kind, as the directory had it when the call was admitted.
    pub fn kind(&self) -> AgencyKind {
        self.kind
    }

    /// `agencies/{agency}/users/{user}`; empty: the agency's system itself.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// What the caller says it needs the answer for.
    pub fn purpose(&self) -> &str {
        &self.purpose
    }

    /// The revision of the label that the call was allowed on; 0: not decided on one.
    pub fn label_revision(&self) -> u64 {
        self.label_revision
    }

    /// Where the call stands in its trace.
    pub fn trace(&self) -> Option<TraceContext> {
        self.trace
    }

    /// Private, so that a caller without an opened envelope cannot be written down.
    fn of(envelope: pb::Envelope) -> Self {
        Self {
            kind: envelope.kind(),
            trace: TraceContext::parse(&envelope.traceparent),
            agency: envelope.agency,
            user: envelope.user,
            purpose: envelope.purpose,
            label_revision: envelope.label_revision,
        }
    }
}

impl fmt::Debug for Caller {
    /// The agency only: a log line names no person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("agency", &self.agency)
            .finish_non_exhaustive()
    }
}

/// Seals and opens envelopes.
#[derive(Clone)]
pub struct Envelopes {
    key: EnvelopeKey,
    clock: SharedClock,
}

impl Envelopes {
    /// Envelopes under `key`, dated by `clock`.
    pub fn new(key: EnvelopeKey, clock: SharedClock) -> Self {
        Self { key, clock }
    }

    /// The two headers that carry `envelope` on a call of `path`
    /// (`/casenet.v1.CaseService/GetCase`). It is dated now, whatever
    /// `issued_at_millis` says.
    pub fn seal(
        &self,
        envelope: &pb::Envelope,
        path: &str,
    ) -> Result<[(HeaderName, HeaderValue); 2], Refusal> {
        let dated = pb::Envelope {
            issued_at_millis: self.clock.now().timestamp_millis(),
            ..envelope.clone()
        };
        let bytes = dated.encode_to_vec();
        let mac = hmac::sign(&self.key.0, &under_mac(path, &bytes));
        Ok([
            (HeaderName::from_static(ENVELOPE), in_header(&bytes)?),
            (
                HeaderName::from_static(ENVELOPE_MAC),
                in_header(mac.as_ref())?,
            ),
        ])
    }

    /// Seals `envelope` onto a request about to leave, in place of any that a
    /// caller may have sent along.
    pub fn seal_onto<B>(
        &self,
        envelope: &pb::Envelope,
        request: &mut http::Request<B>,
    ) -> Result<(), Refusal> {
        let sealed = self.seal(envelope, request.uri().path())?;
        for (name, value) in sealed {
            request.headers_mut().insert(name, value);
        }
        // The service's log lines belong to the same trace.
        if let Some(trace) = TraceContext::parse(&envelope.traceparent) {
            trace.put(request.headers_mut());
        }
        Ok(())
    }

    /// Takes a request apart into who asks and what is asked. UNAUTHENTICATED
    /// with NOT_FROM_GATEWAY if no fresh envelope for this very method is on it.
    pub fn open<T>(&self, request: tonic::Request<T>) -> Result<(Caller, T), Refusal> {
        let Some(path) = request.extensions().get::<RequestPath>() else {
            // A programming error, not the caller's: routes were called without
            // passing `Arrival`.
            return Err(Refusal::internal("a request arrived without its path"));
        };
        let caller = self.read(request.metadata(), path.as_str())?;
        Ok((caller, request.into_inner()))
    }

    /// HMAC-SHA256 of `bytes` under the network's key, for a purpose of its own.
    pub(crate) fn digest(&self, context: &[u8], bytes: &[u8]) -> [u8; 32] {
        let mac = hmac::sign(&self.key.0, &[context, bytes].concat());
        let mut digest = [0; 32];
        digest.copy_from_slice(mac.as_ref());
        digest
    }

    fn read(&self, headers: &MetadataMap, path: &str) -> Result<Caller, Refusal> {
        let bytes = from_header(headers, ENVELOPE)?;
        let mac = from_header(headers, ENVELOPE_MAC)?;
        // The MAC first, in constant time: nothing unauthenticated is parsed.
        hmac::verify(&self.key.0, &under_mac(path, &bytes), &mac)
            .map_err(|_| not_from_gateway("the envelope's seal does not fit"))?;
        let envelope = pb::Envelope::decode(bytes.as_slice())
            .map_err(|_| not_from_gateway("the envelope cannot be read"))?;

        let now = self.clock.now().timestamp_millis();
        if now.abs_diff(envelope.issued_at_millis) > FRESH_MILLIS {
            return Err(not_from_gateway(
                "the envelope is not fresh; are the clocks of the hosts right?",
            ));
        }
        Ok(Caller::of(envelope))
    }
}

impl fmt::Debug for Envelopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelopes").finish_non_exhaustive()
    }
}

/// What the MAC covers. The path's length goes first, so that no byte can move
/// between path and envelope.
fn under_mac(path: &str, envelope: &[u8]) -> Vec<u8> {
    let path_len = (path.len() as u64).to_be_bytes();
    [CONTEXT, &path_len, path.as_bytes(), envelope].concat()
}

fn in_header(bytes: &[u8]) -> Result<HeaderValue, Refusal> {
    HeaderValue::from_str(&BASE64.encode(bytes)).map_err(Refusal::internal)
}

/// The bytes of a header that must be there exactly once.
fn from_header(headers: &MetadataMap, name: &str) -> Result<Vec<u8>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(not_from_gateway("there is not exactly one envelope"));
    };
    BASE64
        .decode(value.as_encoded_bytes())
        .map_err(|_| not_from_gateway("the envelope is not base64"))
}

/// One answer for all: which check failed is for our log.
fn not_from_gateway(why: &'static str) -> Refusal {
    tracing::warn!(why, "a call without a valid envelope was refused");
    Refusal::unauthenticated(
        ErrorReason::NotFromGateway,
        "services answer only the gateway; call the gateway's address",
    )
}

#[cfg(test)]
mod tests;

//! The secret that a receiver knows our messages by, and the signature made with
//! it (standardwebhooks.com, "Signature scheme": symmetric, v1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use host::{Ids, Refusal};
use ring::hmac;

/// What every written secret begins with.
const MARK: &str = "whsec_";

/// Bytes of a secret: as many as SHA-256 has, up to the block of its HMAC.
const BYTES_MIN: usize = 32;
const BYTES_MAX: usize = 64;

/// A secret. It has no `Debug`: nothing prints it by accident.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(Vec<u8>);

impl Secret {
    /// A new one.
    pub(super) fn made(ids: &dyn Ids) -> Result<Self, Refusal> {
        let mut bytes = vec![0; BYTES_MIN];
        ids.fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// One that the caller gives, or a new one if it gives none.
    pub(super) fn given(written: &str, ids: &dyn Ids) -> Result<Self, Refusal> {
        if written.is_empty() {
            return Self::made(ids);
        }
        let bytes = written
            .strip_prefix(MARK)
            .and_then(|text| BASE64.decode(text).ok())
            .filter(|bytes| (BYTES_MIN..=BYTES_MAX).contains(&bytes.len()));
        bytes.map(Self).ok_or_else(|| {
            Refusal::invalid("secret", "must be \"whsec_\" and 32 to 64 bytes in base64")
        })
    }

    /// From its bytes, as they were kept.
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Its bytes, to be kept.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As it is shown to its owner, once.
    pub(super) fn written(&self) -> String {
        format!("{MARK}{}", BASE64.encode(&self.0))
    }

    fn sign(&self, id: &str, seconds: i64, body: &[u8]) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let head = format!("{id}.{seconds}.");
        let mac = hmac::sign(&key, &[head.as_bytes(), body].concat());
        format!("v1,{}", BASE64.encode(mac))
    }
}

/// The value of `webhook-signature`: one signature by each secret.
pub(super) fn signatures(secrets: &[Secret], id: &str, seconds: i64, body: &[u8]) -> String {
    let each: Vec<String> = secrets
        .iter()
        .map(|secret| secret.sign(id, seconds, body))
        .collect();
    each.join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use host::{CountingIds, SystemIds};

    use super::{Secret, signatures};

    /// Made with Python's own hmac module:
    /// `hmac.new(bytes(range(32)), b"msg_1.1614265330.{}", "sha256")`.
    const KNOWN: &str = "v1,ATSItIDsNRS9QdKP9XOi7h6JK2iXVz31FeOLrDMxCpU=";

    #[test]
    fn a_signature_is_what_an_independent_implementation_makes_of_it() {
        let secret = Secret::of((0..32).collect());
        assert_eq!(signatures(&[secret], "msg_1", 1_614_265_330, b"{}"), KNOWN);
    }

    #[test]
    fn a_secret_is_taken_back_as_it_was_written_and_a_weak_one_refused() {
        let ids = CountingIds::new();
        let secret = Secret::made(&SystemIds::new()).unwrap();
        assert!(Secret::given(&secret.written(), &ids).unwrap() == secret);
        let short = Secret::of(vec![1; 31]).written();
        let long = Secret::of(vec![1; 65]).written();
        for wrong in [short.as_str(), &long, "whsec_", "whsec_???", "secret"] {
            let Err(refusal) = Secret::given(wrong, &ids) else {
                unreachable!("{wrong} was taken");
            };
            let is_quoted = wrong.len() > 10 && refusal.message.contains(wrong);
            assert!(!is_quoted);
        }
    }
}

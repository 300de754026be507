//! Who signs a log: its name, its Ed25519 key, and the short id by which a
//! signature says which key made it.
//!
//! Source: C2SP `signed-note`, "Signatures" and "Ed25519 signatures".

use std::fmt;

use ring::rand::SystemRandom;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::hash::sha256;

/// The type byte of an Ed25519 note signature.
const ED25519_TYPE: u8 = 0x01;

/// Why a key or its name is not accepted.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum KeyError {
    /// A log needs a name.
    #[error("the origin is empty")]
    EmptyOrigin,
    /// Spaces, `+` and control characters have a meaning of their own in a
    /// note or in a written-down key.
    #[error("the origin has a space, a plus or a control character at character {position}")]
    OriginCharacter {
        /// Which character, from 1.
        position: usize,
    },
    /// Not an Ed25519 key pair in PKCS#8 version 2.
    #[error("not an Ed25519 key in PKCS#8 version 2")]
    Pkcs8,
    /// The operating system gave no random bytes.
    #[error("no random bytes for a new key")]
    NoRandomness,
}

/// The name of a log, such as `casenet.example/disclosures`.
///
/// It stands in the first line of each checkpoint and names the key in the
/// signature: C2SP `tlog-checkpoint` says the two should be the same, and
/// here they always are, so no log can sign in another's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

impl Origin {
    /// Reads a name: not empty, no Unicode space, no `+`, no control character.
    ///
    /// # Errors
    /// [`KeyError::EmptyOrigin`] or [`KeyError::OriginCharacter`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        if text.is_empty() {
            return Err(KeyError::EmptyOrigin);
        }
        let unfit = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        match text.chars().position(unfit) {
            Some(at) => Err(KeyError::OriginCharacter { position: at + 1 }),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// The name as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A log's private key. Never printed.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    verifying: VerifyingKey,
}

impl SigningKey {
    /// Makes a new key from the system's randomness and returns it as PKCS#8
    /// version 2 bytes, to be kept as a secret and read by
    /// [`SigningKey::from_pkcs8`].
    ///
    /// # Errors
    /// [`KeyError::NoRandomness`].
    pub fn generate() -> Result<Vec<u8>, KeyError> {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
            .map_err(|_| KeyError::NoRandomness)?;
        Ok(document.as_ref().to_vec())
    }

    /// Reads the key of the log `origin` from PKCS#8 version 2 bytes (RFC
    /// 5958), the form that carries the public key and so proves itself whole.
    ///
    /// # Errors
    /// [`KeyError::Pkcs8`].
    pub fn from_pkcs8(origin: Origin, pkcs8: &[u8]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| KeyError::Pkcs8)?;
        Self::from_pair(origin, pair)
    }

    fn from_pair(origin: Origin, pair: Ed25519KeyPair) -> Result<Self, KeyError> {
        let public = pair.public_key().as_ref();
        let public = public.try_into().map_err(|_| KeyError::Pkcs8)?;
        let verifying = VerifyingKey::new(origin, public);
        Ok(Self { pair, verifying })
    }

    /// The public half, to be given to everybody.
    #[must_use]
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// The 64 bytes of an Ed25519 signature (RFC 8032).
    pub(crate) fn sign(&self, text: &str) -> Vec<u8> {
        self.pair.sign(text.as_bytes()).as_ref().to_vec()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.verifying.origin)
    }
}

/// A log's public key, with the name of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    origin: Origin,
    id: [u8; 4],
    public: [u8; 32],
}

impl VerifyingKey {
    /// The key of the log `origin`, from its 32 public bytes (RFC 8032).
    #[must_use]
    pub fn new(origin: Origin, public: [u8; 32]) -> Self {
        let name = origin.as_str().as_bytes();
        let digest = sha256(&[name, b"\n", &[ED25519_TYPE], &public]).0;
        let id = [digest[0], digest[1], digest[2], digest[3]];
        Self { origin, id, public }
    }

    /// The log that signs with this key.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The key id: the first 4 bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public
    /// key). It finds a key; it proves nothing.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// The 32 bytes of the public key (RFC 8032).
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.public
    }

    /// Whether the signature over the text is this key's.
    pub(crate) fn signed(&self, text: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.public)
            .verify(text.as_bytes(), signature)
            .is_ok()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use ring::signature::Ed25519KeyPair;

    use super::{KeyError, Origin, SigningKey, VerifyingKey};

    /// A public key as Go writes it: base64 of the type byte and the key.
    pub(crate) fn go_key(origin: &str, key: &str) -> VerifyingKey {
        let bytes = STANDARD.decode(key).unwrap();
        assert_eq!(bytes[0], 1);
        VerifyingKey::new(
            Origin::parse(origin).unwrap(),
            bytes[1..].try_into().unwrap(),
        )
    }

    /// A private key as Go writes it: base64 of the type byte and the seed.
    pub(crate) fn go_signing_key(origin: &str, seed: &str) -> SigningKey {
        let bytes = STANDARD.decode(seed).unwrap();
        let pair = Ed25519KeyPair::from_seed_unchecked(&bytes[1..]).unwrap();
        SigningKey::from_pair(Origin::parse(origin).unwrap(), pair).unwrap()
    }

    #[test]
    fn key_ids_are_those_of_the_go_checksum_database() {
        let sum = go_key(
            "sum.golang.org",
            "Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        );
        assert_eq!(sum.id(), [0x03, 0x3d, 0xe0, 0xae]);
        let neumann = go_key(
            "PeterNeumann",
            "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        );
        assert_eq!(neumann.id(), [0xc7, 0x4f, 0x20, 0xa3]);
    }

    #[test]
    fn a_new_key_is_read_back_and_no_two_are_alike() {
        let origin = Origin::parse("casenet.example/log").unwrap();
        let (one, two) = (
            SigningKey::generate().unwrap(),
            SigningKey::generate().unwrap(),
        );
        let one = SigningKey::from_pkcs8(origin.clone(), &one).unwrap();
        let two = SigningKey::from_pkcs8(origin, &two).unwrap();
        assert_ne!(one.verifying_key(), two.verifying_key());
        assert!(one.verifying_key().signed("text", &one.sign("text")));
        assert!(!two.verifying_key().signed("text", &one.sign("text")));
    }

    #[test]
    fn a_damaged_key_is_refused() {
        let origin = Origin::parse("casenet.example/log").unwrap();
        let mut pkcs8 = SigningKey::generate().unwrap();
        let last = pkcs8.len() - 1;
        pkcs8[last] ^= 1;
        let read = SigningKey::from_pkcs8(origin.clone(), &pkcs8);
        assert_eq!(read.err(), Some(KeyError::Pkcs8));
        let read = SigningKey::from_pkcs8(origin, &[]);
        assert_eq!(read.err(), Some(KeyError::Pkcs8));
    }

    #[test]
    fn a_name_that_would_break_a_note_is_refused() {
        assert_eq!(Origin::parse(""), Err(KeyError::EmptyOrigin));
        for bad in ["ab cd", "ab+cd", "ab\ncd", "ab\u{3000}cd", "ab\0cd"] {
            let refused = Err(KeyError::OriginCharacter { position: 3 });
            assert_eq!(Origin::parse(bad), refused, "{bad:?}");
        }
    }

    #[test]
    fn a_private_key_is_never_printed() {
        let pkcs8 = SigningKey::generate().unwrap();
        let key = SigningKey::from_pkcs8(Origin::parse("log").unwrap(), &pkcs8).unwrap();
        assert_eq!(format!("{key:?}"), "SigningKey(log)");
    }
}

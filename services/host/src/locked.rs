//! Small secrets that a service has to keep and use again (a webhook's): locked
//! with a key made from the network's own, so that a copy of a store alone
//! opens none of them.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::envelope::Envelopes;
use crate::ids::Ids;
use crate::refusal::Refusal;

/// First bytes of what the key is made from.
const CONTEXT: &[u8] = b"casenet locked secret v1\0";

/// Locks a secret. `place` says where it is kept and what for: it does not
/// open anywhere else. UNAVAILABLE without randomness.
pub(crate) fn lock(
    envelopes: &Envelopes,
    ids: &dyn Ids,
    place: &str,
    secret: &[u8],
) -> Result<Vec<u8>, Refusal> {
    let mut nonce = [0; NONCE_LEN];
    ids.fill(&mut nonce)?;
    let mut sealed = secret.to_vec();
    key(envelopes, place)
        .and_then(|key| {
            let unique = Nonce::assume_unique_for_key(nonce);
            key.seal_in_place_append_tag(unique, Aad::from(place), &mut sealed)
                .ok()
        })
        .ok_or_else(|| Refusal::internal("a secret could not be locked"))?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// Opens what [`lock`] has locked for the same place; none if it was locked
/// with another network's key, for another place, or is damaged.
pub(crate) fn unlock(envelopes: &Envelopes, place: &str, locked: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = locked.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut secret = sealed.to_vec();
    let opened = key(envelopes, place)?.open_in_place(nonce, Aad::from(place), &mut secret);
    let length = opened.ok()?.len();
    secret.truncate(length);
    Some(secret)
}

/// A key for each place, so that no two secrets of different places share nonces.
fn key(envelopes: &Envelopes, place: &str) -> Option<LessSafeKey> {
    let bytes = envelopes.digest(CONTEXT, place.as_bytes());
    let key = UnboundKey::new(&AES_256_GCM, &bytes).ok()?;
    Some(LessSafeKey::new(key))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use super::{lock, unlock};
    use crate::{EnvelopeKey, Envelopes, SystemClock, SystemIds};

    fn envelopes(byte: u8) -> Envelopes {
        let key = EnvelopeKey::from_bytes(&[byte; 32]).unwrap();
        Envelopes::new(key, Arc::new(SystemClock))
    }

    #[test]
    fn a_secret_opens_only_where_it_was_locked_and_only_whole() {
        let (ours, ids) = (envelopes(1), SystemIds::new());
        let locked = lock(&ours, &ids, "a", b"secret").unwrap();
        assert!(!locked.windows(6).any(|part| part == b"secret"));
        assert_eq!(unlock(&ours, "a", &locked).unwrap(), b"secret");
        assert_eq!(unlock(&ours, "b", &locked), None);
        assert_eq!(unlock(&envelopes(2), "a", &locked), None);
        for place in 0..locked.len() {
            let mut damaged = locked.clone();
            damaged[place] ^= 1;
            assert_eq!(unlock(&ours, "a", &damaged), None);
            assert_eq!(unlock(&ours, "a", &locked[..place]), None);
        }
    }

    #[test]
    fn the_same_secret_is_locked_differently_each_time() {
        let (ours, ids) = (envelopes(1), SystemIds::new());
        let lock = || lock(&ours, &ids, "a", b"secret").unwrap();
        assert_ne!(lock(), lock());
    }
}

//! Identifiers nobody can guess or count up from: an id must not tell how many
//! cases an agency has, nor let a caller find the next one.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ring::rand::{SecureRandom, SystemRandom};

use crate::refusal::Refusal;

/// Crockford's base 32 in lower case: no i, l, o, u, so that an id read aloud
/// over the telephone comes through.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Characters of an id: 26 × 5 bits hold the 128.
const ID_CHARS: u32 = 26;

/// A source of randomness.
pub trait Ids: Send + Sync + 'static {
    /// Fills `bytes` (a key, a salt, an id). UNAVAILABLE if the operating system
    /// has no randomness: better no record than one that can be guessed.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Refusal>;

    /// A fresh 128-bit id of 26 characters `[0-9a-z]` without i, l, o, u.
    /// Draw it before `store.change`: the step may run more than once.
    fn fresh(&self) -> Result<String, Refusal> {
        let mut bytes = [0; 16];
        self.fill(&mut bytes)?;
        Ok(spell(u128::from_be_bytes(bytes)))
    }
}

/// A source of randomness that many tasks share.
pub type SharedIds = Arc<dyn Ids>;

/// The operating system's randomness.
pub struct SystemIds {
    random: SystemRandom,
}

impl SystemIds {
    /// The operating system's randomness.
    pub fn new() -> Self {
        Self {
            random: SystemRandom::new(),
        }
    }
}

impl Default for SystemIds {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SystemIds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SystemIds")
    }
}

impl Ids for SystemIds {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Refusal> {
        self.random
            .fill(bytes)
            .map_err(|_| Refusal::unavailable("the system has no randomness; try again shortly"))
    }
}

/// Ids 1, 2, 3… for tests that want the same run twice. Never for records.
#[derive(Debug, Default)]
pub struct CountingIds {
    last: AtomicU64,
}

impl CountingIds {
    /// Starts before 1.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Ids for CountingIds {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Refusal> {
        let count = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        bytes.fill(0);
        // The count stands at the end, big-endian, cut to what fits.
        for (place, byte) in bytes.iter_mut().rev().zip(count.to_le_bytes()) {
            *place = byte;
        }
        Ok(())
    }
}

/// A number in base 32, always 26 characters.
fn spell(number: u128) -> String {
    (0..ID_CHARS)
        .rev()
        .map(|place| {
            let digit = (number >> (place * 5)) as usize & 31;
            char::from(ALPHABET[digit])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn an_id_has_26_characters_without_look_alikes_and_no_two_are_equal() {
        let ids = SystemIds::new();
        let drawn: std::collections::BTreeSet<String> =
            (0..1000).map(|_| ids.fresh().unwrap()).collect();
        assert_eq!(drawn.len(), 1000);
        for id in drawn {
            assert_eq!(id.len(), 26);
            assert!(id.bytes().all(|byte| ALPHABET.contains(&byte)), "{id}");
        }
    }

    #[test]
    fn all_128_bits_are_kept() {
        assert_eq!(spell(u128::MAX), "7zzzzzzzzzzzzzzzzzzzzzzzzz");
        assert_eq!(spell(0), "0".repeat(26));
        assert_eq!(spell(33), format!("{}11", "0".repeat(24)));
    }

    #[test]
    fn counting_ids_count() {
        let ids = CountingIds::new();
        assert_eq!(ids.fresh().unwrap(), format!("{}1", "0".repeat(25)));
        assert_eq!(ids.fresh().unwrap(), format!("{}2", "0".repeat(25)));
        let mut short = [9; 2];
        ids.fill(&mut short).unwrap();
        assert_eq!(short, [0, 3]);
    }
}

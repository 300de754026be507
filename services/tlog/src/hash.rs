//! The hashes of the tree.
//!
//! Leaves and interior nodes start with different bytes, so that nobody can
//! present an interior node as a record (RFC 6962 §2.1).

use std::array::TryFromSliceError;
use std::fmt;

use ring::digest::{Context, SHA256};

/// A SHA-256 hash of 32 bytes: a leaf, an interior node or a root.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

/// The root of a log without records: SHA-256 of no bytes (RFC 6962 §2.1).
pub const EMPTY_ROOT: Hash = Hash([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

const LEAF_PREFIX: u8 = 0x00;
const NODE_PREFIX: u8 = 0x01;

/// The hash of a record: SHA-256(0x00 ‖ record) (RFC 6962 §2.1).
#[must_use]
pub fn leaf_hash(record: &[u8]) -> Hash {
    sha256(&[&[LEAF_PREFIX], record])
}

/// The hash of an interior node: SHA-256(0x01 ‖ left ‖ right) (RFC 6962 §2.1).
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[NODE_PREFIX], &left.0, &right.0])
}

/// SHA-256 over the parts, one after the other.
pub(crate) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.finish().as_ref());
    Hash(bytes)
}

impl TryFrom<&[u8]> for Hash {
    type Error = TryFromSliceError;

    /// Takes a hash from the wire or from a store; anything but 32 bytes is refused.
    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        bytes.try_into().map(Self)
    }
}

impl fmt::Display for Hash {
    /// 64 lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::{EMPTY_ROOT, Hash, leaf_hash, node_hash, sha256};

    #[test]
    fn the_empty_root_is_the_hash_of_no_bytes() {
        assert_eq!(EMPTY_ROOT, sha256(&[]));
    }

    #[test]
    fn an_empty_record_has_the_published_leaf_hash() {
        assert_eq!(
            leaf_hash(b"").to_string(),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
    }

    #[test]
    fn a_node_cannot_pass_for_a_record() {
        let (left, right) = (leaf_hash(b"left"), leaf_hash(b"right"));
        let record = [left.0, right.0].concat();
        assert_ne!(node_hash(&left, &right), leaf_hash(&record));
        assert_ne!(node_hash(&left, &right), node_hash(&right, &left));
    }

    #[test]
    fn a_hash_of_another_length_is_refused() {
        assert!(Hash::try_from([0_u8; 31].as_slice()).is_err());
        assert!(Hash::try_from([0_u8; 33].as_slice()).is_err());
        let read = Hash::try_from(EMPTY_ROOT.0.as_slice()).unwrap();
        assert_eq!(read, EMPTY_ROOT);
    }
}

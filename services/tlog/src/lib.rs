//! A transparency log as pure functions: RFC 6962 tree, proofs, checkpoints.
//!
//! Nothing here reads a file, a clock or the network. Whoever keeps a log
//! stores the nodes that [`Frontier::append`] hands out and reads them back
//! through [`NodeReader`]; whoever checks a log needs only a public key.
//!
//! Reading order:
//! 1. [`hash`]: what a leaf and an interior node hash to;
//! 2. [`tree`]: appending, and which nodes are kept for ever;
//! 3. [`proof`]: proving that a record is in the log and that the log only
//!    grew, and checking such proofs;
//! 4. [`key`]: who signs, and how a signature names its key;
//! 5. [`checkpoint`]: the signed head of the log that everybody compares.
//!
//! Sources: RFC 6962 and RFC 9162 §2.1 (tree and proofs), C2SP `signed-note`
//! and `tlog-checkpoint` (text forms), RFC 8032 (Ed25519).

pub mod checkpoint;
pub mod hash;
pub mod key;
pub mod proof;
pub mod tree;

#[cfg(test)]
mod reference;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use hash::{EMPTY_ROOT, Hash, leaf_hash, node_hash};
pub use key::{KeyError, Origin, SigningKey, VerifyingKey};
pub use proof::{
    ProofError, ProveError, consistency, inclusion, verify_consistency, verify_inclusion,
};
pub use tree::{Frontier, NodeId, NodeReader};

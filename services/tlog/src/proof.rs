//! Proofs: that a record is in the log, and that the log only grew.
//!
//! Making a proof reads complete nodes; checking one reads nothing and trusts
//! nothing but the roots it is given. Both follow RFC 9162 §2.1.3 and §2.1.4.

use crate::hash::{EMPTY_ROOT, Hash, node_hash};
use crate::tree::{NodeReader, split, subtree};

#[cfg(test)]
mod tests;

/// Why no proof could be made.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ProveError<E> {
    /// The tree of that size has no such leaf.
    #[error("leaf {index} is outside a tree of {size} leaves")]
    OutsideTree {
        /// The leaf asked for, from 0.
        index: u64,
        /// The size of the tree, in leaves.
        size: u64,
    },
    /// A log does not shrink, so nothing leads from the larger to the smaller.
    #[error("the old tree of {old} leaves is larger than the new one of {new}")]
    Shrunk {
        /// The older size, in leaves.
        old: u64,
        /// The newer size, in leaves.
        new: u64,
    },
    /// A stored node could not be read.
    #[error("a stored node could not be read")]
    Unread(#[source] E),
}

/// Why a proof is not accepted.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum ProofError {
    /// The tree of that size has no such leaf.
    #[error("leaf {index} is outside a tree of {size} leaves")]
    OutsideTree {
        /// The leaf claimed, from 0.
        index: u64,
        /// The size of the tree, in leaves.
        size: u64,
    },
    /// The newer tree is the smaller one.
    #[error("the old tree of {old} leaves is larger than the new one of {new}")]
    Shrunk {
        /// The older size, in leaves.
        old: u64,
        /// The newer size, in leaves.
        new: u64,
    },
    /// Hashes are missing at the end of the proof.
    #[error("the proof of {hashes} hashes ends too early")]
    TooShort {
        /// How many hashes the proof has.
        hashes: usize,
    },
    /// Hashes are left over at the end of the proof.
    #[error("the proof of {hashes} hashes goes on too long")]
    TooLong {
        /// How many hashes the proof has.
        hashes: usize,
    },
    /// The proof leads to another root than the one of the (newer) tree.
    #[error("the proof leads to another root")]
    OtherRoot,
    /// The proof does not contain the older tree's root: history was changed.
    #[error("the proof does not lead from the old root")]
    OtherOldRoot,
}

/// The proof that leaf `index` (from 0) is in the tree of the first `size`
/// leaves: the siblings on its way up, lowest first (RFC 9162 §2.1.3.1).
///
/// # Errors
/// [`ProveError::OutsideTree`] for an index that the tree does not have;
/// [`ProveError::Unread`] if a node is missing.
pub fn inclusion<R: NodeReader>(
    index: u64,
    size: u64,
    reader: &R,
) -> Result<Vec<Hash>, ProveError<R::Error>> {
    if index >= size {
        return Err(ProveError::OutsideTree { index, size });
    }
    let (mut start, mut end) = (0, size);
    let mut siblings = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        let sibling = if index < middle {
            let right = subtree(middle, end, reader);
            end = middle;
            right
        } else {
            let left = subtree(start, middle, reader);
            start = middle;
            left
        };
        siblings.push(sibling.map_err(ProveError::Unread)?);
    }
    siblings.reverse();
    Ok(siblings)
}

/// The proof that the tree of `new` leaves begins with the tree of `old`
/// leaves (RFC 9162 §2.1.4.1). From an empty tree, as from an equal one, it is
/// empty.
///
/// # Errors
/// [`ProveError::Shrunk`] if `old` is larger than `new`;
/// [`ProveError::Unread`] if a node is missing.
pub fn consistency<R: NodeReader>(
    old: u64,
    new: u64,
    reader: &R,
) -> Result<Vec<Hash>, ProveError<R::Error>> {
    if old > new {
        return Err(ProveError::Shrunk { old, new });
    }
    if old == 0 {
        return Ok(Vec::new());
    }
    let (mut start, mut end) = (0, new);
    let mut hashes = Vec::new();
    while old != end {
        let middle = start + split(end - start);
        let other = if old <= middle {
            let right = subtree(middle, end, reader);
            end = middle;
            right
        } else {
            let left = subtree(start, middle, reader);
            start = middle;
            left
        };
        hashes.push(other.map_err(ProveError::Unread)?);
    }
    // The whole old tree needs no hash of its own: the checker has its root.
    if start > 0 {
        hashes.push(subtree(start, end, reader).map_err(ProveError::Unread)?);
    }
    hashes.reverse();
    Ok(hashes)
}

/// Checks that `leaf` is leaf `index` (from 0) of the tree of `size` leaves
/// with this `root` (RFC 9162 §2.1.3.2). Safe on any input.
///
/// # Errors
/// [`ProofError`] says what does not hold.
pub fn verify_inclusion(
    leaf: Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutsideTree { index, size });
    }
    let mut climb = Climb::new(index, size, proof.len());
    let mut top = leaf;
    for sibling in proof {
        top = match climb.step()? {
            Side::Left => node_hash(sibling, &top),
            Side::Right => node_hash(&top, sibling),
        };
    }
    climb.arrived()?;
    require(top == root, ProofError::OtherRoot)
}

/// Checks that the tree of `new_size` leaves with `new_root` begins with the
/// tree of `old_size` leaves with `old_root` (RFC 9162 §2.1.4.2). Safe on any
/// input.
///
/// The proof between equal sizes is empty and the roots must be equal. The
/// proof from an empty tree is empty too and says nothing about `new_root`.
///
/// # Errors
/// [`ProofError`] says what does not hold.
pub fn verify_consistency(
    old_size: u64,
    old_root: Hash,
    new_size: u64,
    new_root: Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    let hashes = proof.len();
    if old_size > new_size {
        let (old, new) = (old_size, new_size);
        return Err(ProofError::Shrunk { old, new });
    }
    if old_size == 0 {
        require(old_root == EMPTY_ROOT, ProofError::OtherOldRoot)?;
    }
    if old_size == new_size {
        require(old_root == new_root, ProofError::OtherRoot)?;
    }
    if old_size == 0 || old_size == new_size {
        return require(proof.is_empty(), ProofError::TooLong { hashes });
    }

    // An old tree of 2^k leaves is one node of the new tree, and the proof
    // leaves out what the checker already has.
    let (first, rest) = if old_size.is_power_of_two() {
        (old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(ProofError::TooShort { hashes })?;
        (*first, rest)
    };
    let mut climb = Climb::new(old_size - 1, new_size, hashes);
    climb.skip_complete();
    let (mut old_top, mut new_top) = (first, first);
    for hash in rest {
        match climb.step()? {
            Side::Left => {
                old_top = node_hash(hash, &old_top);
                new_top = node_hash(hash, &new_top);
            }
            Side::Right => new_top = node_hash(&new_top, hash),
        }
    }
    climb.arrived()?;
    require(old_top == old_root, ProofError::OtherOldRoot)?;
    require(new_top == new_root, ProofError::OtherRoot)
}

/// On which side of the path the next hash of a proof stands.
enum Side {
    Left,
    Right,
}

/// A walk from a node to the root: the node's place in its level (`fn` in
/// RFC 9162) and the place of the level's last node (`sn`).
struct Climb {
    node: u64,
    last: u64,
    hashes: usize,
}

impl Climb {
    fn new(index: u64, size: u64, hashes: usize) -> Self {
        let last = size.saturating_sub(1);
        Self {
            node: index,
            last,
            hashes,
        }
    }

    /// Goes up past the joins that lie wholly inside the old tree.
    fn skip_complete(&mut self) {
        let levels = self.node.trailing_ones();
        self.node = self.node.checked_shr(levels).unwrap_or(0);
        self.last = self.last.checked_shr(levels).unwrap_or(0);
    }

    /// Goes up one join.
    fn step(&mut self) -> Result<Side, ProofError> {
        if self.last == 0 {
            let hashes = self.hashes;
            return Err(ProofError::TooLong { hashes });
        }
        let right_child = self.node & 1 == 1;
        let side = if right_child || self.node == self.last {
            // A last node without a right sibling is handed up unchanged
            // until it has a left one.
            while self.node & 1 == 0 && self.node != 0 {
                self.up();
            }
            Side::Left
        } else {
            Side::Right
        };
        self.up();
        Ok(side)
    }

    fn up(&mut self) {
        self.node >>= 1;
        self.last >>= 1;
    }

    fn arrived(&self) -> Result<(), ProofError> {
        let hashes = self.hashes;
        require(self.last == 0, ProofError::TooShort { hashes })
    }
}

fn require(holds: bool, otherwise: ProofError) -> Result<(), ProofError> {
    if holds { Ok(()) } else { Err(otherwise) }
}

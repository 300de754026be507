//! Appending to the tree, and the nodes that are kept.
//!
//! A node is complete when every leaf below it exists; it never changes
//! again and may be stored once and for all. Everything else (the ragged
//! right edge) is computed from complete nodes when it is needed.

use crate::hash::{EMPTY_ROOT, Hash, node_hash};

/// The place of a complete node: the `index`-th from the left, from 0, among
/// the nodes that cover 2^`level` leaves each. Level 0 holds the leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    /// How many levels above the leaves.
    pub level: u8,
    /// Which node of the level, from the left, from 0.
    pub index: u64,
}

/// Where complete nodes are read back from, as [`Frontier::append`] gave them.
pub trait NodeReader {
    /// Why a node could not be read; a missing node is an error too.
    type Error;

    /// Reads one complete node.
    ///
    /// # Errors
    /// Whatever the store says; nothing here interprets it.
    fn node(&self, id: NodeId) -> Result<Hash, Self::Error>;
}

/// The right edge of a growing log: at most 64 hashes, enough to append the
/// next leaf and to know the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    // INVARIANT (peaks follow size): one hash for each bit set in `size`, the
    // widest subtree first.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The frontier of a log without records.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            size: 0,
            peaks: Vec::new(),
        }
    }

    /// Rebuilds the frontier of the first `size` leaves from stored nodes; an
    /// older `size` than the log's gives the root that the log had then.
    ///
    /// The hashes are taken on trust: compare [`Frontier::root`] with the last
    /// signed checkpoint before appending, or a damaged store is signed as good.
    ///
    /// # Errors
    /// The reader's own, for any node that it cannot give.
    pub fn load<R: NodeReader>(size: u64, reader: &R) -> Result<Self, R::Error> {
        let peaks = complete_nodes(0, size)
            .map(|id| reader.node(id))
            .collect::<Result<_, _>>()?;
        Ok(Self { size, peaks })
    }

    /// How many leaves the log holds.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf. Returns, lowest level first, the leaf's own node and
    /// each interior node that it completed: exactly what must be stored.
    pub fn append(&mut self, leaf: Hash) -> Vec<(NodeId, Hash)> {
        let index = self.size;
        // Adding one to a binary number carries through its trailing ones;
        // each carry joins two subtrees of equal width.
        let carries = index.trailing_ones() as usize;
        let joined = self
            .peaks
            .split_off(self.peaks.len().saturating_sub(carries));

        let mut top = leaf;
        let mut completed = vec![(NodeId { level: 0, index }, leaf)];
        for (level, left) in (1_u8..).zip(joined.iter().rev()) {
            top = node_hash(left, &top);
            let index = index.checked_shr(level.into()).unwrap_or(0);
            completed.push((NodeId { level, index }, top));
        }
        self.peaks.push(top);
        // 2^64 leaves are out of reach: one each nanosecond takes 584 years.
        self.size = index.saturating_add(1);
        completed
    }

    /// The root over all leaves; [`EMPTY_ROOT`] when there are none.
    #[must_use]
    pub fn root(&self) -> Hash {
        join(&self.peaks)
    }
}

/// The complete nodes that together cover the leaves `start..end`, widest
/// first.
///
/// `start` must be a multiple of the smallest power of two that is not less
/// than the width, as it is for every subtree of an RFC 6962 tree.
pub(crate) fn complete_nodes(start: u64, end: u64) -> impl Iterator<Item = NodeId> {
    let width = end.saturating_sub(start);
    (0..64_u8)
        .rev()
        .filter(move |level| (width >> level) & 1 == 1)
        .map(move |level| NodeId {
            level,
            // All bits of the width above this one are already covered; the
            // node itself starts where they end.
            index: (start >> level) + (width >> level) - 1,
        })
}

/// The hash of the subtree over the leaves `start..end` (see
/// [`complete_nodes`]).
pub(crate) fn subtree<R: NodeReader>(start: u64, end: u64, reader: &R) -> Result<Hash, R::Error> {
    let peaks = complete_nodes(start, end)
        .map(|id| reader.node(id))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(join(&peaks))
}

/// The largest power of two below `width`, where RFC 6962 §2.1 splits a tree
/// of `width` ≥ 2 leaves.
pub(crate) fn split(width: u64) -> u64 {
    1 << width.saturating_sub(1).max(1).ilog2()
}

/// Joins subtrees of falling width from the right, as RFC 6962 nests them.
fn join(peaks: &[Hash]) -> Hash {
    peaks
        .iter()
        .rev()
        .copied()
        .reduce(|right, left| node_hash(&left, &right))
        .unwrap_or(EMPTY_ROOT)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::{Frontier, NodeId, NodeReader};
    use crate::hash::{EMPTY_ROOT, Hash, leaf_hash};
    use crate::reference::{CT_RECORDS, CT_ROOTS, Kept, grown, leaves, root};

    #[test]
    fn the_published_roots_of_one_to_eight_leaves_come_out() {
        let mut frontier = Frontier::empty();
        assert_eq!(frontier.root(), EMPTY_ROOT);
        for (record, expected) in CT_RECORDS.iter().zip(CT_ROOTS) {
            frontier.append(leaf_hash(record));
            assert_eq!(frontier.root().to_string(), expected);
        }
    }

    #[test]
    fn every_size_has_the_root_of_the_definition() {
        let all = leaves(130);
        let mut frontier = Frontier::empty();
        for (at, leaf) in all.iter().enumerate() {
            frontier.append(*leaf);
            assert_eq!(frontier.root(), root(&all[..=at]), "size {}", at + 1);
        }
    }

    #[test]
    fn each_complete_node_is_given_once_and_is_the_root_of_its_leaves() {
        let all = leaves(64);
        let mut frontier = Frontier::empty();
        let mut given = Vec::new();
        for leaf in &all {
            given.extend(frontier.append(*leaf));
        }
        for (id, hash) in &given {
            let width = 1_usize << id.level;
            let start = usize::try_from(id.index).unwrap() * width;
            assert_eq!(*hash, root(&all[start..start + width]), "{id:?}");
        }
        let mut ids: Vec<NodeId> = given.iter().map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        // A full tree of 64 leaves has 127 nodes.
        assert_eq!((given.len(), ids.len()), (127, 127));
    }

    #[test]
    fn a_reloaded_frontier_goes_on_as_if_it_had_never_stopped() {
        let all = leaves(65);
        let kept = grown(&all);
        let mut continuous = Frontier::empty();
        for (at, leaf) in all.iter().enumerate() {
            let mut reloaded = Frontier::load(at as u64, &kept).unwrap();
            assert_eq!(reloaded, continuous, "size {at}");
            assert_eq!(reloaded.append(*leaf), continuous.append(*leaf));
            assert_eq!(reloaded.size(), at as u64 + 1);
        }
    }

    #[test]
    fn a_missing_node_stops_the_reload() {
        let mut kept = grown(&leaves(6));
        kept.0.remove(&NodeId { level: 1, index: 2 });
        assert!(Frontier::load(6, &kept).is_err());
        assert!(Frontier::load(4, &kept).is_ok());
    }

    #[test]
    fn the_largest_sizes_neither_panic_nor_wrap() {
        struct Zeros;
        impl NodeReader for Zeros {
            type Error = ();
            fn node(&self, _: NodeId) -> Result<Hash, ()> {
                Ok(Hash([0; 32]))
            }
        }
        let mut frontier = Frontier::load(u64::MAX, &Zeros).unwrap();
        frontier.append(Hash([0; 32]));
        assert_eq!(frontier.size(), u64::MAX);
        assert!(Frontier::load(0, &Kept::default()).is_ok());
    }
}

//! What the tests compare with: the Certificate Transparency test records
//! and roots, the recursive definition of RFC 6962 §2.1 in its own words, and
//! a store of nodes in memory.

use std::collections::BTreeMap;

use crate::hash::{EMPTY_ROOT, Hash, leaf_hash, node_hash};
use crate::tree::{Frontier, NodeId, NodeReader};

/// The eight records of the Certificate Transparency reference tree.
pub(crate) const CT_RECORDS: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];

/// Its published roots at sizes 1 to 8.
pub(crate) const CT_ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// Complete nodes, kept in memory.
#[derive(Default)]
pub(crate) struct Kept(pub(crate) BTreeMap<NodeId, Hash>);

/// A node that was never stored.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Missing(pub(crate) NodeId);

impl NodeReader for Kept {
    type Error = Missing;

    fn node(&self, id: NodeId) -> Result<Hash, Missing> {
        self.0.get(&id).copied().ok_or(Missing(id))
    }
}

/// The nodes that a log over `leaves` has stored.
pub(crate) fn grown(leaves: &[Hash]) -> Kept {
    let mut frontier = Frontier::empty();
    let nodes = leaves.iter().flat_map(|leaf| frontier.append(*leaf));
    Kept(nodes.collect())
}

/// `count` different leaves.
pub(crate) fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|at| leaf_hash(&at.to_be_bytes())).collect()
}

/// MTH(D\[n\]).
pub(crate) fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => EMPTY_ROOT,
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(half(leaves));
            node_hash(&root(left), &root(right))
        }
    }
}

/// PATH(m, D\[n\]).
pub(crate) fn path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let k = half(leaves);
    let (left, right) = leaves.split_at(k);
    let (mut path, other) = if m < k {
        (path(m, left), root(right))
    } else {
        (path(m - k, right), root(left))
    };
    path.push(other);
    path
}

/// PROOF(m, D\[n\]), for 0 < m ≤ n.
pub(crate) fn proof(m: usize, leaves: &[Hash]) -> Vec<Hash> {
    subproof(m, leaves, true)
}

fn subproof(m: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if m == leaves.len() {
        return if whole { vec![] } else { vec![root(leaves)] };
    }
    let k = half(leaves);
    let (left, right) = leaves.split_at(k);
    let (mut proof, other) = if m <= k {
        (subproof(m, left, whole), root(right))
    } else {
        (subproof(m - k, right, false), root(left))
    };
    proof.push(other);
    proof
}

/// The largest power of two smaller than the number of leaves.
fn half(leaves: &[Hash]) -> usize {
    let mut k = 1;
    while k * 2 < leaves.len() {
        k *= 2;
    }
    k
}

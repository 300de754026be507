#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::{ProofError, ProveError, consistency, inclusion, verify_consistency, verify_inclusion};
use crate::hash::{EMPTY_ROOT, Hash, leaf_hash};
use crate::reference::{CT_RECORDS, CT_ROOTS, grown, leaves, path, proof, root};
use crate::tree::Frontier;

const SIZES: u64 = 64;

fn ct_leaves() -> Vec<Hash> {
    CT_RECORDS.iter().map(|record| leaf_hash(record)).collect()
}

fn hex(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(Hash::to_string).collect()
}

/// Each single change that a liar could make to a proof.
fn tampered(proof: &[Hash]) -> Vec<Vec<Hash>> {
    let mut all = Vec::new();
    for at in 0..proof.len() {
        let mut flipped = proof.to_vec();
        flipped[at].0[at % 32] ^= 0x10;
        let mut dropped = proof.to_vec();
        dropped.remove(at);
        let mut doubled = proof.to_vec();
        doubled.insert(at, proof[at]);
        all.extend([flipped, dropped, doubled]);
    }
    let mut longer = proof.to_vec();
    longer.push(EMPTY_ROOT);
    all.push(longer);
    all
}

#[test]
fn the_published_inclusion_paths_come_out() {
    let kept = grown(&ct_leaves());
    let published: [(u64, u64, &[&str]); 5] = [
        (0, 1, &[]),
        (
            0,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            5,
            8,
            &[
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                CT_ROOTS[3],
            ],
        ),
        (2, 3, &[CT_ROOTS[1]]),
        (
            1,
            5,
            &[
                CT_ROOTS[0],
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ];
    for (index, size, expected) in published {
        assert_eq!(hex(&inclusion(index, size, &kept).unwrap()), expected);
    }
}

#[test]
fn the_published_consistency_proofs_come_out() {
    let kept = grown(&ct_leaves());
    let published: [(u64, u64, &[&str]); 4] = [
        (1, 1, &[]),
        (
            1,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            &[
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                CT_ROOTS[3],
            ],
        ),
        (
            2,
            5,
            &[
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ];
    for (old, new, expected) in published {
        assert_eq!(hex(&consistency(old, new, &kept).unwrap()), expected);
    }
}

#[test]
fn every_leaf_of_every_small_tree_is_proved_as_the_definition_says() {
    let all = leaves(SIZES);
    let kept = grown(&all);
    for size in 1..=SIZES {
        let tree = &all[..size as usize];
        let head = root(tree);
        for index in 0..size {
            let made = inclusion(index, size, &kept).unwrap();
            assert_eq!(made, path(index as usize, tree), "{index} in {size}");
            let leaf = all[index as usize];
            assert_eq!(verify_inclusion(leaf, index, size, &made, head), Ok(()));
        }
    }
}

#[test]
fn every_pair_of_small_trees_is_proved_as_the_definition_says() {
    let all = leaves(SIZES);
    let kept = grown(&all);
    for new in 1..=SIZES {
        let new_root = root(&all[..new as usize]);
        for old in 1..=new {
            let made = consistency(old, new, &kept).unwrap();
            assert_eq!(made, proof(old as usize, &all[..new as usize]));
            let old_root = root(&all[..old as usize]);
            let checked = verify_consistency(old, old_root, new, new_root, &made);
            assert_eq!(checked, Ok(()), "{old} to {new}");
        }
    }
}

#[test]
fn a_tampered_inclusion_proof_is_refused() {
    let all = leaves(33);
    let kept = grown(&all);
    for size in 1..=33_u64 {
        let head = Frontier::load(size, &kept).unwrap().root();
        for index in 0..size {
            let leaf = all[index as usize];
            let made = inclusion(index, size, &kept).unwrap();
            for bad in tampered(&made) {
                assert!(verify_inclusion(leaf, index, size, &bad, head).is_err());
            }
            for other in (0..size).filter(|other| *other != index) {
                assert!(verify_inclusion(leaf, other, size, &made, head).is_err());
            }
            let stranger = leaf_hash(b"never appended");
            let checked = verify_inclusion(stranger, index, size, &made, head);
            assert_eq!(checked, Err(ProofError::OtherRoot));
        }
    }
}

#[test]
fn a_tampered_consistency_proof_is_refused() {
    let all = leaves(33);
    let kept = grown(&all);
    let head = |size: u64| Frontier::load(size, &kept).unwrap().root();
    for new in 1..=33 {
        for old in 1..=new {
            let made = consistency(old, new, &kept).unwrap();
            for bad in tampered(&made) {
                assert!(verify_consistency(old, head(old), new, head(new), &bad).is_err());
            }
            let forged = leaf_hash(b"another history");
            assert!(verify_consistency(old, forged, new, head(new), &made).is_err());
            assert!(verify_consistency(old, head(old), new, forged, &made).is_err());
        }
    }
}

#[test]
fn a_log_that_dropped_a_record_cannot_prove_that_it_grew() {
    let honest = leaves(20);
    let mut rewritten = honest.clone();
    rewritten.remove(3);
    rewritten.push(leaf_hash(b"filler"));
    let kept = grown(&rewritten);
    let old_root = root(&honest[..10]);
    let made = consistency(10, 20, &kept).unwrap();
    let checked = verify_consistency(10, old_root, 20, root(&rewritten), &made);
    assert_eq!(checked, Err(ProofError::OtherOldRoot));
}

#[test]
fn each_refusal_says_what_is_wrong() {
    let all = leaves(8);
    let kept = grown(&all);
    let head = root(&all);
    let made = inclusion(2, 8, &kept).unwrap();
    let check = |index, size, hashes: &[Hash]| verify_inclusion(all[2], index, size, hashes, head);

    let outside = ProofError::OutsideTree { index: 8, size: 8 };
    assert_eq!(check(8, 8, &made), Err(outside));
    let short = ProofError::TooShort { hashes: 2 };
    assert_eq!(check(2, 8, &made[..2]), Err(short));
    let longer = [made.clone(), vec![head]].concat();
    let long = ProofError::TooLong { hashes: 4 };
    assert_eq!(check(2, 8, &longer), Err(long));

    let shrunk = ProofError::Shrunk { old: 8, new: 7 };
    assert_eq!(verify_consistency(8, head, 7, head, &[]), Err(shrunk));
    let short = ProofError::TooShort { hashes: 0 };
    assert_eq!(verify_consistency(3, head, 8, head, &[]), Err(short));
    let long = ProofError::TooLong { hashes: 1 };
    assert_eq!(verify_consistency(8, head, 8, head, &[head]), Err(long));
}

#[test]
fn everything_grows_from_the_empty_tree_and_only_from_the_true_one() {
    let head = root(&leaves(5));
    assert_eq!(verify_consistency(0, EMPTY_ROOT, 5, head, &[]), Ok(()));
    assert_eq!(
        verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, &[]),
        Ok(())
    );
    let wrong_old = verify_consistency(0, head, 5, head, &[]);
    assert_eq!(wrong_old, Err(ProofError::OtherOldRoot));
    let wrong_new = verify_consistency(0, EMPTY_ROOT, 0, head, &[]);
    assert_eq!(wrong_new, Err(ProofError::OtherRoot));
    assert!(verify_consistency(0, EMPTY_ROOT, 5, head, &[head]).is_err());
    assert_eq!(consistency(0, 5, &grown(&leaves(5))), Ok(Vec::new()));
}

#[test]
fn no_proof_is_made_for_what_is_not_there() {
    let kept = grown(&leaves(4));
    let outside = ProveError::OutsideTree { index: 4, size: 4 };
    assert_eq!(inclusion(4, 4, &kept), Err(outside));
    let shrunk = ProveError::Shrunk { old: 4, new: 3 };
    assert_eq!(consistency(4, 3, &kept), Err(shrunk));
    let unread = inclusion(0, 5, &kept);
    assert!(matches!(unread, Err(ProveError::Unread(_))));
    assert!(matches!(
        consistency(4, 5, &kept),
        Err(ProveError::Unread(_))
    ));
}

#[test]
fn no_input_makes_the_checkers_panic() {
    let edges = [0, 1, 2, 3, 7, 8, 1 << 32, 1 << 63, u64::MAX - 1, u64::MAX];
    let hashes = leaves(70);
    for first in edges {
        for second in edges {
            for length in [0, 1, 2, 63, 64, 65, 70] {
                let proof = &hashes[..length];
                let (a, b) = (hashes[0], hashes[1]);
                assert!(verify_inclusion(a, first, second, proof, b).is_err());
                assert!(verify_consistency(first, a, second, b, proof).is_err());
            }
        }
    }
}

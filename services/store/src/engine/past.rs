//! What was there before: lets a snapshot show its moment, and tells a commit
//! what was changed since its step has read.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::{KeyRange, Reads, Sees};

/// For each key that was written lately: the commits that wrote it, ascending,
/// each with the value before it.
///
/// INVARIANT (past complete): every write of a commit above the floor is here;
/// the floor is at most the durable commit and each live snapshot's.
#[derive(Default)]
pub(super) struct Past {
    before: BTreeMap<String, Vec<(u64, Option<Bytes>)>>,
    /// The keys of each commit, oldest first, for forgetting.
    commits: VecDeque<(u64, Vec<String>)>,
}

impl Past {
    /// Keeps what the commit `number` has replaced.
    pub(super) fn record(&mut self, number: u64, replaced: Vec<(String, Option<Bytes>)>) {
        let mut keys = Vec::with_capacity(replaced.len());
        for (key, value) in replaced {
            self.before
                .entry(key.clone())
                .or_default()
                .push((number, value));
            keys.push(key);
        }
        self.commits.push_back((number, keys));
    }

    /// The value of `key` at `number`, if a later commit has written it.
    pub(super) fn value_at(&self, key: &str, number: u64) -> Option<&Option<Bytes>> {
        first_after(self.before.get(key)?, number)
    }

    /// The same for each key of the range that a later commit has written.
    pub(super) fn range_at(&self, range: &KeyRange, number: u64) -> Vec<(&String, &Option<Bytes>)> {
        let Some(bounds) = range.bounds() else {
            return Vec::new();
        };
        let written = self.before.range::<str, _>(bounds);
        written
            .filter_map(|(key, all)| Some((key, first_after(all, number)?)))
            .collect()
    }

    /// Whether anything that was read at `number` was written since.
    pub(super) fn outdates(&self, reads: &Reads, number: u64) -> bool {
        reads
            .keys
            .iter()
            .any(|key| self.value_at(key, number).is_some())
            || reads
                .ranges
                .iter()
                .any(|range| !self.range_at(range, number).is_empty())
    }

    /// Forgets the commits up to `floor`.
    pub(super) fn forget(&mut self, floor: u64) {
        while let Some((number, keys)) = self.commits.pop_front_if(|(number, _)| *number <= floor) {
            for key in keys {
                let Some(all) = self.before.get_mut(&key) else {
                    continue;
                };
                all.retain(|(commit, _)| *commit > number);
                if all.is_empty() {
                    self.before.remove(&key);
                }
            }
        }
    }
}

fn first_after(all: &[(u64, Option<Bytes>)], number: u64) -> Option<&Option<Bytes>> {
    all.iter()
        .find(|(commit, _)| *commit > number)
        .map(|(_, value)| value)
}

/// The commits' numbers, and which of them snapshots still show.
pub(super) struct Numbers(Mutex<Counted>);

struct Counted {
    applied: u64,
    durable: u64,
    live: BTreeMap<u64, usize>,
}

impl Numbers {
    /// After opening, when all that is there is durable.
    pub(super) fn starting_at(number: u64) -> Numbers {
        Numbers(Mutex::new(Counted {
            applied: number,
            durable: number,
            live: BTreeMap::new(),
        }))
    }

    pub(super) fn applied(&self) -> u64 {
        self.lock().applied
    }

    pub(super) fn set_applied(&self, number: u64) {
        self.lock().applied = number;
    }

    pub(super) fn set_durable(&self, number: u64) {
        self.lock().durable = number;
    }

    /// Begins a snapshot: the commit that it shows.
    pub(super) fn enter(&self, sees: Sees) -> u64 {
        let mut counted = self.lock();
        let number = match sees {
            Sees::Durable => counted.durable,
            Sees::Applied => counted.applied,
        };
        *counted.live.entry(number).or_default() += 1;
        number
    }

    /// Ends a snapshot of the commit `number`.
    pub(super) fn leave(&self, number: u64) {
        let mut counted = self.lock();
        if let Some(count) = counted.live.get_mut(&number) {
            *count -= 1;
            if *count == 0 {
                counted.live.remove(&number);
            }
        }
    }

    /// The commit up to which the past may be forgotten: no snapshot begins
    /// or lives below it.
    pub(super) fn floor(&self) -> u64 {
        let counted = self.lock();
        let oldest = counted.live.first_key_value().map(|(number, _)| *number);
        oldest.map_or(counted.durable, |number| number.min(counted.durable))
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        // Each critical section leaves it whole, so a panic elsewhere is no harm.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyRange, Numbers, Past, Reads, Sees};

    #[test]
    fn each_moment_keeps_its_value_until_it_is_forgotten() {
        let mut past = Past::default();
        let old = Some(bytes::Bytes::from_static(b"old"));
        past.record(4, vec![("a".to_owned(), None)]);
        past.record(6, vec![("a".to_owned(), old.clone())]);
        assert_eq!(past.value_at("a", 3), Some(&None));
        assert_eq!(past.value_at("a", 5), Some(&old));
        assert_eq!(past.value_at("a", 6), None);
        past.forget(4);
        assert_eq!(past.value_at("a", 5), Some(&old));
        past.forget(6);
        assert!(past.before.is_empty() && past.commits.is_empty());
    }

    #[test]
    fn a_new_key_in_a_scanned_range_outdates_the_scan() {
        let mut past = Past::default();
        past.record(4, vec![("case/7".to_owned(), None)]);
        let scanned = |prefix| Reads {
            keys: Vec::new(),
            ranges: vec![KeyRange::prefix(prefix)],
        };
        assert!(past.outdates(&scanned("case/"), 3));
        assert!(!past.outdates(&scanned("case/"), 4));
        assert!(!past.outdates(&scanned("note/"), 3));
    }

    #[test]
    fn the_floor_stays_below_each_live_snapshot() {
        let numbers = Numbers::starting_at(3);
        let early = numbers.enter(Sees::Durable);
        numbers.set_applied(5);
        assert_eq!(numbers.enter(Sees::Applied), 5);
        numbers.set_durable(4);
        assert_eq!(numbers.floor(), 3);
        numbers.leave(early);
        assert_eq!(numbers.floor(), 4);
    }
}

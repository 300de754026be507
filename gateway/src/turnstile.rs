//! Reads that were decided before access changed are let out before the change
//! is answered: who has been told that a consent is withdrawn can rely on no
//! read of this gateway coming through any more.

use std::hash::{DefaultHasher, Hash, Hasher};

use tokio::sync::{RwLock, RwLockReadGuard};

const STRIPES: usize = 256;

/// One lock for reads of each of many cases, and one for lists of all.
pub(crate) struct Turnstile {
    of_cases: [RwLock<()>; STRIPES],
    of_lists: RwLock<()>,
}

impl Default for Turnstile {
    fn default() -> Self {
        Self {
            of_cases: std::array::from_fn(|_| RwLock::default()),
            of_lists: RwLock::default(),
        }
    }
}

impl Turnstile {
    /// Held by a read from its decision to its release. `None`: of no one case.
    pub(crate) async fn pass(&self, case: Option<&str>) -> RwLockReadGuard<'_, ()> {
        match case {
            Some(case) => self.stripe(case).read().await,
            None => self.of_lists.read().await,
        }
    }

    /// Waits until every read of the case that was under way is out.
    pub(crate) async fn settle(&self, case: &str) {
        drop(self.stripe(case).write().await);
        drop(self.of_lists.write().await);
    }

    fn stripe(&self, case: &str) -> &RwLock<()> {
        let mut hasher = DefaultHasher::new();
        case.hash(&mut hasher);
        let stripe = hasher.finish() as usize % STRIPES;
        // INVARIANT (in bounds): the remainder is under the array's length.
        &self.of_cases[stripe]
    }
}

#[cfg(test)]
mod tests {
    use super::Turnstile;
    use futures::FutureExt as _;

    #[tokio::test]
    async fn a_change_waits_for_the_reads_under_way_and_for_no_others() {
        let turnstile = Turnstile::default();
        let read = turnstile.pass(Some("cases/a")).await;
        assert!(turnstile.settle("cases/a").now_or_never().is_none());
        drop(read);
        assert!(turnstile.settle("cases/a").now_or_never().is_some());
        let list = turnstile.pass(None).await;
        assert!(turnstile.settle("cases/a").now_or_never().is_none());
        drop(list);
        assert!(turnstile.settle("cases/a").now_or_never().is_some());
    }
}

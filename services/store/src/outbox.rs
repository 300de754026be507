//! Messages that leave with the change that they report.

use prost::Message;

use crate::draft::Draft;
use crate::engine::record_key;
use crate::error::StoreError;
use crate::store::Store;

const STREAM: &str = "outbox";

/// Messages read at once.
const PAGE_LEN: usize = 64;

/// A message could not be handed over now; it stays and is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry;

/// Why delivering has stopped before the outbox was empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// The receiver does not take it now.
    #[error("the receiver does not take a message now")]
    Retry,
    /// The store has failed or was closed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Draft {
    /// Puts a message into the outbox: it is delivered at least once if this
    /// change is committed, and never if not.
    pub fn outbox_put<M: Message>(&mut self, message: &M) {
        self.append(STREAM, message);
    }
}

/// Delivers what changes have put into the outbox: in order, at least once. A
/// crash between delivery and deletion delivers again, with the same number,
/// by which the receiver knows it. Run one at a time for each store.
#[derive(Debug)]
pub struct Outbox;

impl Outbox {
    /// Hands over all that is there, each message with its number, and deletes
    /// each once it is accepted; answers how many. At the first that is not
    /// accepted it stops, so that none overtakes it.
    ///
    /// `deliver` makes futures that own what they use, so that a task can be
    /// spawned from this (`AsyncFnMut` would borrow, which is never `Send` enough).
    pub async fn deliver_all<M, D>(
        store: &Store,
        mut deliver: impl FnMut(u64, M) -> D,
    ) -> Result<usize, Undelivered>
    where
        M: Message + Default,
        D: Future<Output = Result<(), Retry>>,
    {
        let mut delivered = 0;
        loop {
            let page = store.read().read_stream::<M>(STREAM, 0, PAGE_LEN)?;
            if page.is_empty() {
                return Ok(delivered);
            }
            for (number, message) in page {
                deliver(number, message)
                    .await
                    .map_err(|Retry| Undelivered::Retry)?;
                let key = record_key(STREAM, number);
                store
                    .change_quietly(STREAM, |draft| {
                        draft.delete(&key);
                        Ok::<(), StoreError>(())
                    })
                    .await?;
                delivered += 1;
            }
        }
    }

    /// Delivers whatever comes until the store closes or fails, and answers
    /// why. After a refusal it awaits `back_off` with the number of refusals in
    /// a row, 1 at first, and tries again.
    pub async fn run<M, D, B>(
        store: Store,
        mut deliver: impl FnMut(u64, M) -> D,
        mut back_off: impl FnMut(u32) -> B,
    ) -> StoreError
    where
        M: Message + Default,
        D: Future<Output = Result<(), Retry>>,
        B: Future<Output = ()>,
    {
        let mut commits = store.subscribe();
        let mut refusals: u32 = 0;
        loop {
            // Marked as seen before looking, so that no commit is slept through.
            commits.mark_unchanged();
            match Outbox::deliver_all(&store, &mut deliver).await {
                Ok(_) => {
                    refusals = 0;
                    if commits.changed().await.is_err() {
                        return StoreError::unavailable("the store is closed");
                    }
                }
                Err(Undelivered::Retry) => {
                    refusals = refusals.saturating_add(1);
                    back_off(refusals).await;
                }
                Err(Undelivered::Store(failure)) => {
                    tracing::error!(error = %failure, "the outbox has stopped");
                    return failure;
                }
            }
        }
    }

    /// Waits until everything in the outbox has been delivered.
    pub async fn wait_empty(store: &Store) -> Result<(), StoreError> {
        let mut commits = store.subscribe();
        loop {
            commits.mark_unchanged();
            if store
                .read()
                .scan_raw(&format!("{STREAM}/"), None, 1)?
                .is_empty()
            {
                return Ok(());
            }
            let closed = |_| StoreError::unavailable("the store is closed");
            commits.changed().await.map_err(closed)?;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::future::ready;
    use std::sync::{Arc, Mutex};

    use super::{Outbox, Retry, Undelivered};
    use crate::{Store, StoreError};

    async fn put(store: &Store, messages: std::ops::Range<u64>) {
        let put = store.change_quietly("", |draft| {
            messages
                .clone()
                .for_each(|message| draft.outbox_put(&message));
            Ok::<_, StoreError>(())
        });
        put.await.unwrap();
    }

    #[tokio::test]
    async fn messages_leave_in_order_and_once_accepted_they_are_gone() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        put(&store, 0..150).await;
        let mut seen = Vec::new();
        let delivered = Outbox::deliver_all(&store, |number, message: u64| {
            seen.push((number, message));
            ready(Ok(()))
        });
        assert_eq!(delivered.await, Ok(150));
        assert_eq!(seen, (0..150).map(|n| (n + 1, n)).collect::<Vec<_>>());
        Outbox::wait_empty(&store).await.unwrap();
        let again = Outbox::deliver_all(&store, |_, _: u64| ready(Err(Retry)));
        assert_eq!(again.await, Ok(0));
    }

    #[tokio::test]
    async fn what_was_not_accepted_is_delivered_again_across_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        put(&store, 0..5).await;
        let refusing = |number, _: u64| ready(if number == 3 { Err(Retry) } else { Ok(()) });
        assert_eq!(
            Outbox::deliver_all(&store, refusing).await,
            Err(Undelivered::Retry)
        );
        drop(store);

        let store = Store::open(dir.path()).unwrap();
        let mut seen = Vec::new();
        let delivered = Outbox::deliver_all(&store, |number, _: u64| {
            seen.push(number);
            ready(Ok(()))
        });
        assert_eq!(delivered.await, Ok(3));
        assert_eq!(seen, [3, 4, 5]);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_running_outbox_backs_off_and_delivers_what_comes() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let refusals = Arc::new(Mutex::new(Vec::new()));
        let deliver = {
            let (seen, mut tries) = (Arc::clone(&seen), 0);
            move |number, _: u64| {
                tries += 1;
                let (accepts, seen) = (!(4..6).contains(&tries), Arc::clone(&seen));
                async move {
                    tokio::task::yield_now().await;
                    accepts
                        .then(|| seen.lock().unwrap().push(number))
                        .ok_or(Retry)
                }
            }
        };
        let back_off = {
            let refusals = Arc::clone(&refusals);
            move |count| {
                refusals.lock().unwrap().push(count);
                ready(())
            }
        };
        let running = tokio::spawn(Outbox::run(store.clone(), deliver, back_off));
        for message in 0..10 {
            put(&store, message..message + 1).await;
        }
        Outbox::wait_empty(&store).await.unwrap();
        assert_eq!(*seen.lock().unwrap(), (1..=10).collect::<Vec<_>>());
        assert_eq!(*refusals.lock().unwrap(), [1, 2]);
        store.close().await;
        assert!(matches!(running.await.unwrap(), StoreError::Unavailable(_)));
    }
}

//! Group commit: one thread applies what has gathered, syncs once, and lets
//! all of it be acknowledged.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot, watch};

use crate::engine::{Batch, Engine};
use crate::error::StoreError;

/// Batches that may wait; a change beyond them waits for a place.
const QUEUE_LEN: usize = 1024;

/// Batches that share one sync at most.
const GROUP_LEN: usize = 256;

/// A batch and who waits for it.
struct Proposal {
    batch: Batch,
    applied: oneshot::Sender<Result<u64, StoreError>>,
}

/// The committer's handle.
///
/// INVARIANT (poisoned): after a failed sync or a failed write the thread has
/// ended for good. Its ends of all channels are gone with it, so every waiter
/// and every later change is `Unavailable`; there is no flag to forget.
pub(crate) struct Committer {
    queue: Mutex<Option<mpsc::Sender<Proposal>>>,
    durable: watch::Receiver<u64>,
    thread: Option<JoinHandle<()>>,
}

impl Committer {
    /// Starts the thread.
    pub(crate) fn start(engine: Arc<dyn Engine>) -> Result<Committer, std::io::Error> {
        let (queue, proposals) = mpsc::channel(QUEUE_LEN);
        let already = engine.snapshot(crate::engine::Sees::Durable).number();
        let (durable_writer, durable) = watch::channel(already);
        let work = move || run(&*engine, proposals, &durable_writer);
        let thread = std::thread::Builder::new()
            .name("store-committer".to_owned())
            .spawn(work)?;
        Ok(Committer {
            queue: Mutex::new(Some(queue)),
            durable,
            thread: Some(thread),
        })
    }

    /// Checks the batch and makes it visible to changes: answers its commit's
    /// number. It is not durable yet.
    pub(crate) async fn apply(&self, batch: Batch) -> Result<u64, StoreError> {
        let queue = self
            .queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let queue = queue.ok_or_else(|| StoreError::unavailable("it is closed"))?;
        let (applied, answer) = oneshot::channel();
        let sent = queue.send(Proposal { batch, applied }).await;
        sent.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    /// Waits until the commit with this number is durable.
    pub(crate) async fn durable(&self, number: u64) -> Result<(), StoreError> {
        let mut durable = self.durable.clone();
        let reached = durable.wait_for(|last| *last >= number).await;
        reached.map(drop).map_err(|_| stopped())
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.durable.clone()
    }

    /// Takes no more, and waits until what was taken is durable.
    pub(crate) async fn close(&self) {
        drop(self.take_queue());
        let mut durable = self.durable.clone();
        while durable.changed().await.is_ok() {}
    }

    fn take_queue(&self) -> Option<mpsc::Sender<Proposal>> {
        self.queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        // Whoever opens the folder next must find it free.
        drop(self.take_queue());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's committer ended in a panic");
        }
    }
}

fn stopped() -> StoreError {
    StoreError::unavailable("writing has stopped after an earlier failure, or it was closed")
}

/// The thread: ends when the store is closed, or for good at a failure.
fn run(engine: &dyn Engine, mut proposals: mpsc::Receiver<Proposal>, durable: &watch::Sender<u64>) {
    while let Some(first) = proposals.blocking_recv() {
        let committed = commit_group(engine, first, &mut proposals).and_then(|any| {
            // A group of refused batches has nothing to sync.
            any.then(|| engine.sync()).transpose()
        });
        match committed {
            Ok(Some(number)) => drop(durable.send_replace(number)),
            Ok(None) => {}
            Err(failure) => {
                tracing::error!(error = %failure, "the store has stopped writing");
                return;
            }
        }
    }
}

/// Applies `first` and what has gathered behind it; answers whether any was applied.
fn commit_group(
    engine: &dyn Engine,
    first: Proposal,
    proposals: &mut mpsc::Receiver<Proposal>,
) -> Result<bool, StoreError> {
    let mut any = false;
    let mut next = Some(first);
    for _ in 0..GROUP_LEN {
        let Some(Proposal { batch, applied }) = next else {
            break;
        };
        let outcome = engine.apply(batch);
        if let Err(failure @ StoreError::Unavailable(_)) = outcome {
            return Err(failure);
        }
        any |= outcome.is_ok();
        // A caller who no longer waits has gone; what it wished still happens.
        let _gone = applied.send(outcome);
        next = proposals.try_recv().ok();
    }
    Ok(any)
}

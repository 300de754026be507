//! Appending with group commit: a thousand readers share one disk sync.

use std::sync::{Arc, PoisonError, RwLock};

use host::Refusal;
use prost::Message as _;
use proto::internal::v1::StoredLogHead;
use proto::v1::DisclosureRecord;
use store::{Store, StoreError, View};
use tlog::{Frontier, Hash, NodeId, NodeReader};
use tokio::sync::{mpsc, oneshot};

/// Records that one commit takes at most.
const GROUP_MAX: usize = 1024;

/// Records that may wait. When that many wait, callers wait too.
const WAITING_MAX: usize = 4096;

const HEAD: &str = "log/head";

/// The log. Cheap to clone.
#[derive(Clone)]
pub struct DisclosureLog {
    store: Store,
    waiting: mpsc::Sender<Waiting>,
    head: Arc<RwLock<Head>>,
}

/// The tree that readers see: the last durable one.
#[derive(Debug, Clone)]
struct Head {
    size: u64,
    root: Hash,
}

struct Waiting {
    records: Vec<DisclosureRecord>,
    done: oneshot::Sender<Result<Recorded, Refusal>>,
}

/// Proof that an answer's records are in the log, durably; demanded by its
/// release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    index: u64,
}

impl Recorded {
    /// The last record's place in the log, from 0.
    pub fn index(&self) -> u64 {
        self.index
    }
}

/// Why the log cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A node of the tree is missing.
    #[error("the disclosure log lacks node {index} of level {level}; restore it from a backup")]
    Missing {
        /// Its level, 0 for leaves.
        level: u8,
        /// Its place in the level.
        index: u64,
    },
}

impl DisclosureLog {
    /// Opens the log in the gateway's store and starts its appender. Must be
    /// called inside a tokio runtime.
    pub fn open(store: Store) -> Result<Self, LogError> {
        let view = store.read();
        let size = view.get::<StoredLogHead>(HEAD)?.unwrap_or_default().size;
        let frontier = Frontier::load(size, &Nodes(&view))?;
        drop(view);
        let head = Head {
            size,
            root: frontier.root(),
        };
        let head = Arc::new(RwLock::new(head));
        let (waiting, queue) = mpsc::channel(WAITING_MAX);
        tokio::spawn(append(store.clone(), frontier, queue, Arc::clone(&head)));
        Ok(Self {
            store,
            waiting,
            head,
        })
    }

    /// Appends the records of one answer, at least one, and waits until they are
    /// durable. Their `index` is set here. UNAVAILABLE if that fails: then
    /// nothing may be released.
    pub async fn record(&self, records: Vec<DisclosureRecord>) -> Result<Recorded, Refusal> {
        let (done, recorded) = oneshot::channel();
        let closed = || Refusal::unavailable("the disclosure log is closed; nothing may be shown");
        self.waiting
            .send(Waiting { records, done })
            .await
            .map_err(|_| closed())?;
        recorded.await.map_err(|_| closed())?
    }

    /// Size and root of the durable tree.
    pub fn head(&self) -> (u64, Hash) {
        let head = self.head.read().unwrap_or_else(PoisonError::into_inner);
        (head.size, head.root)
    }

    /// One record.
    pub fn read(&self, index: u64) -> Result<Option<DisclosureRecord>, StoreError> {
        self.store.read().get(&leaf_key(index))
    }

    /// The newest records of a case before the index `before`, newest first.
    pub fn of_case(
        &self,
        case: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<DisclosureRecord>, StoreError> {
        let view = self.store.read();
        let prefix = format!("log/case/{}/", case.trim_start_matches("cases/"));
        let before = before.map(|index| format!("{prefix}{index:020}"));
        let places = view.scan_back::<StoredLogHead>(&prefix, before.as_deref(), limit)?;
        let indexes = places
            .iter()
            .filter_map(|(key, _)| key.get(prefix.len()..)?.parse().ok());
        let mut records = Vec::with_capacity(places.len());
        for index in indexes {
            records.extend(view.get::<DisclosureRecord>(&leaf_key(index))?);
        }
        Ok(records)
    }

    /// The nodes, for proofs.
    pub fn with_nodes<T>(&self, prove: impl FnOnce(&Nodes<'_>) -> T) -> T {
        prove(&Nodes(&self.store.read()))
    }
}

impl std::fmt::Debug for DisclosureLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DisclosureLog")
            .field("size", &self.head().0)
            .finish_non_exhaustive()
    }
}

/// Stored nodes of the tree.
pub struct Nodes<'a>(&'a View);

impl NodeReader for Nodes<'_> {
    type Error = LogError;

    fn node(&self, id: NodeId) -> Result<Hash, LogError> {
        let missing = LogError::Missing {
            level: id.level,
            index: id.index,
        };
        let bytes = self.0.get_raw(&node_key(id))?;
        let hash = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_ref()).ok());
        hash.map(Hash).ok_or(missing)
    }
}

fn leaf_key(index: u64) -> String {
    format!("log/leaf/{index:020}")
}

fn node_key(id: NodeId) -> String {
    format!("log/node/{:02}/{:020}", id.level, id.index)
}

/// The one appender: takes what waits, writes it as one batch, answers all.
async fn append(
    store: Store,
    mut frontier: Frontier,
    mut queue: mpsc::Receiver<Waiting>,
    head: Arc<RwLock<Head>>,
) {
    let mut group = Vec::with_capacity(GROUP_MAX);
    while queue.recv_many(&mut group, GROUP_MAX).await > 0 {
        let mut grown = frontier.clone();
        let mut writes: Vec<(String, Vec<u8>)> = Vec::with_capacity(group.len() * 4);
        for record in group.iter_mut().flat_map(|waiting| &mut waiting.records) {
            record.index = grown.size();
            place(&mut grown, record, &mut writes);
        }
        let size = grown.size();
        let committed = store
            .change_quietly("log", |draft| {
                for (key, value) in &writes {
                    draft.put_raw(key, value.clone().into());
                }
                draft.put(HEAD, &StoredLogHead { size });
                Ok::<(), Refusal>(())
            })
            .await;
        if committed.is_ok() {
            *head.write().unwrap_or_else(PoisonError::into_inner) = Head {
                size,
                root: grown.root(),
            };
            frontier = grown;
        }
        for waiting in group.drain(..) {
            let last = waiting.records.last().map_or(0, |record| record.index);
            let recorded = Recorded { index: last };
            // A caller that went away needs no answer.
            let _ = waiting.done.send(committed.clone().map(|()| recorded));
        }
    }
}

fn place(frontier: &mut Frontier, record: &DisclosureRecord, writes: &mut Vec<(String, Vec<u8>)>) {
    let leaf = record.encode_to_vec();
    let nodes = frontier.append(tlog::leaf_hash(&leaf));
    writes.push((leaf_key(record.index), leaf));
    writes.extend(
        nodes
            .into_iter()
            .map(|(id, hash)| (node_key(id), hash.0.to_vec())),
    );
    if let Some(docket) = record.case.strip_prefix("cases/") {
        writes.push((
            format!("log/case/{docket}/{:020}", record.index),
            Vec::new(),
        ));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use prost::Message as _;
    use proto::v1::DisclosureRecord;
    use store::Store;

    use super::DisclosureLog;

    fn record(case: &str) -> Vec<DisclosureRecord> {
        vec![DisclosureRecord {
            case: case.to_owned(),
            ..DisclosureRecord::default()
        }]
    }

    #[tokio::test]
    async fn many_writers_share_the_log_and_every_record_is_proven() {
        let folder = tempfile::tempdir().unwrap();
        let log = DisclosureLog::open(Store::open(folder.path()).unwrap()).unwrap();
        let case = "cases/330782-2026-000001";
        let writing = (0..300).map(|_| {
            let log = log.clone();
            tokio::spawn(async move { log.record(record(case)).await.unwrap().index() })
        });
        let mut indexes = BTreeSet::new();
        for task in writing.collect::<Vec<_>>() {
            indexes.insert(task.await.unwrap());
        }
        assert_eq!(indexes, (0..300).collect());
        let (size, root) = log.head();
        assert_eq!(size, 300);
        for index in [0, 1, 255, 256, 299] {
            let leaf = tlog::leaf_hash(&log.read(index).unwrap().unwrap().encode_to_vec());
            let path = log
                .with_nodes(|nodes| tlog::inclusion(index, size, nodes))
                .unwrap();
            tlog::verify_inclusion(leaf, index, size, &path, root).unwrap();
        }
        assert_eq!(log.of_case(case, Some(10), 3).unwrap()[0].index, 9);
    }

    #[tokio::test]
    async fn a_reopened_log_goes_on_from_the_same_tree() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let log = DisclosureLog::open(store.clone()).unwrap();
        for _ in 0..5 {
            log.record(record("")).await.unwrap();
        }
        let (old_size, old_root) = log.head();
        drop(log);
        let log = DisclosureLog::open(store).unwrap();
        assert_eq!(log.head(), (old_size, old_root));
        log.record(record("")).await.unwrap();
        let (size, root) = log.head();
        let path = log
            .with_nodes(|nodes| tlog::consistency(old_size, size, nodes))
            .unwrap();
        tlog::verify_consistency(old_size, old_root, size, root, &path).unwrap();
    }
}

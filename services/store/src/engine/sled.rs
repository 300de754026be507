//! sled 0.34 behind the waist: one tree, one atomic sled batch per commit.
//!
//! sled has no snapshots of its own; [`Past`] remembers what is overwritten
//! while someone may still look at it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytes::Bytes;

use super::disk::{Fsync, SledFiles};
use super::folder::Folder;
use super::mark::Mark;
use super::past::{Numbers, Past};
use super::{Append, Batch, Engine, HEAD_PREFIX, KEY_BYTES_MAX, KeyRange, Order, Rows, Sees};
use super::{Snapshot, VALUE_BYTES_MAX, overlay, parse_number, record_key};
use crate::error::{OpenError, StoreError};

/// The number of the last commit, written with each.
const COMMIT_KEY: &str = "store/commit";

/// 16 MiB, sled's largest: a page over a quarter of it becomes a file of its
/// own (a blob), and 16 records of the largest size stay about below that.
const SEGMENT_BYTES: usize = 1 << 24;

type Writes = BTreeMap<String, Option<Bytes>>;

/// An open sled store.
pub(crate) struct SledEngine {
    shared: Arc<Shared>,
    files: Box<dyn Fsync>,
    mark: Mark,
}

/// What the snapshots need too. Dropped in this order: the lock is last.
struct Shared {
    db: sled::Db,
    /// Locked for writing while a batch is applied, so that no reader sees a part of it.
    past: RwLock<Past>,
    numbers: Numbers,
    _folder: Folder,
}

impl SledEngine {
    /// Opens the store in the folder, or makes a new one.
    pub(crate) fn open(dir: &Path, cache_bytes: u64) -> Result<SledEngine, OpenError> {
        let io = |source| OpenError::Io {
            folder: dir.into(),
            source,
        };
        let folder = Folder::open(dir)?;
        let db = open_sled(&folder, cache_bytes)?;

        let number = last_commit(&db, &folder)?;
        let (mark, synced) = Mark::open(&folder.data.join("mark")).map_err(io)?;
        if let Some(lost) = synced
            .unwrap_or(0)
            .checked_sub(number)
            .filter(|lost| *lost > 0)
        {
            return Err(folder.corrupt(format!("its last {lost} changes are missing")));
        }
        if folder.new && !db.is_empty() {
            return Err(folder.corrupt("it holds records, but the file `data/format` is missing"));
        }

        db.flush()
            .map_err(|error| folder.corrupt(error.to_string()))?;
        let files = Box::new(SledFiles::open(&folder.data).map_err(io)?);
        folder.finish().map_err(io)?;

        let (past, numbers) = (RwLock::default(), Numbers::starting_at(number));
        let shared = Arc::new(Shared {
            db,
            past,
            numbers,
            _folder: folder,
        });
        Ok(SledEngine {
            shared,
            files,
            mark,
        })
    }

    /// The same store with another way to the disk.
    #[cfg(test)]
    pub(crate) fn with_fsync(mut self, files: Box<dyn Fsync>) -> SledEngine {
        self.files = files;
        self
    }

    /// Gives the appended records their numbers and adds them to the writes.
    fn number_appends(&self, writes: &mut Writes, appends: Vec<Append>) -> Result<(), StoreError> {
        let mut heads: BTreeMap<String, u64> = BTreeMap::new();
        for Append { stream, record } in appends {
            let head_key = format!("{HEAD_PREFIX}{stream}");
            let last = match heads.get(&head_key) {
                Some(last) => *last,
                None => match self.shared.load(&head_key)? {
                    Some(value) => parse_number(&head_key, &value)?,
                    None => 0,
                },
            };
            let number = last + 1;
            writes.insert(record_key(&stream, number), Some(record(number)));
            heads.insert(head_key, number);
        }
        let heads = heads.into_iter();
        writes.extend(heads.map(|(key, last)| (key, Some(last.to_be_bytes().to_vec().into()))));
        Ok(())
    }
}

impl Engine for SledEngine {
    fn snapshot(&self, sees: Sees) -> Arc<dyn Snapshot> {
        let number = self.shared.numbers.enter(sees);
        Arc::new(SledSnapshot {
            shared: Arc::clone(&self.shared),
            number,
        })
    }

    fn apply(&self, batch: Batch) -> Result<u64, StoreError> {
        let Batch {
            basis,
            expect,
            mut writes,
            appends,
        } = batch;
        // Only this thread writes, so what is read before locking stays true.
        if self.shared.read_past()?.outdates(&expect, basis.number()) {
            return Err(StoreError::Conflict);
        }
        self.number_appends(&mut writes, appends)?;
        check_sizes(&writes)?;

        let number = self.shared.numbers.applied() + 1;
        let mut replaced = Vec::with_capacity(writes.len());
        let mut batch = sled::Batch::default();
        for (key, value) in writes {
            match value {
                Some(value) => batch.insert(key.as_bytes(), &*value),
                None => batch.remove(key.as_bytes()),
            }
            let before = self.shared.load(&key)?;
            replaced.push((key, before));
        }
        batch.insert(COMMIT_KEY, &number.to_be_bytes());

        let mut past = self.shared.write_past()?;
        self.shared
            .db
            .apply_batch(batch)
            .map_err(StoreError::unavailable)?;
        past.record(number, replaced);
        self.shared.numbers.set_applied(number);
        drop(basis);
        past.forget(self.shared.numbers.floor());
        Ok(number)
    }

    fn sync(&self) -> Result<u64, StoreError> {
        let number = self.shared.numbers.applied();
        self.shared.db.flush().map_err(StoreError::unavailable)?;
        self.files.fsync().map_err(StoreError::unavailable)?;
        self.mark.set(number).map_err(StoreError::unavailable)?;
        self.shared.numbers.set_durable(number);
        self.shared
            .write_past()?
            .forget(self.shared.numbers.floor());
        Ok(number)
    }
}

impl Shared {
    /// The value of `key` as it is now.
    fn load(&self, key: &str) -> Result<Option<Bytes>, StoreError> {
        let value = self.db.get(key).map_err(|error| unreadable(key, &error))?;
        Ok(value.map(|value| Bytes::copy_from_slice(&value)))
    }

    fn read_past(&self) -> Result<RwLockReadGuard<'_, Past>, StoreError> {
        self.past.read().map_err(|_| half_applied())
    }

    fn write_past(&self) -> Result<RwLockWriteGuard<'_, Past>, StoreError> {
        self.past.write().map_err(|_| half_applied())
    }
}

/// The state at one commit.
struct SledSnapshot {
    shared: Arc<Shared>,
    number: u64,
}

impl Snapshot for SledSnapshot {
    fn number(&self) -> u64 {
        self.number
    }

    fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError> {
        // Held while sled is read: no batch is applied in between.
        let past = self.shared.read_past()?;
        match past.value_at(key, self.number) {
            Some(value) => Ok(value.clone()),
            None => self.shared.load(key),
        }
    }

    fn scan(&self, range: &KeyRange, order: Order, limit: usize) -> Result<Rows, StoreError> {
        let Some(bounds) = range.bounds() else {
            return Ok(Rows::new());
        };
        let past = self.shared.read_past()?;
        let changed = past.range_at(range, self.number);
        let enough = limit.saturating_add(changed.len());
        let found = self.shared.db.range::<&str, _>(bounds);
        let rows: Rows = match order {
            Order::Forward => found
                .take(enough)
                .map(parse_row)
                .collect::<Result<_, _>>()?,
            Order::Backward => found
                .rev()
                .take(enough)
                .map(parse_row)
                .collect::<Result<_, _>>()?,
        };
        Ok(overlay(rows, changed, order, limit))
    }
}

impl Drop for SledSnapshot {
    fn drop(&mut self) {
        self.shared.numbers.leave(self.number);
    }
}

fn open_sled(folder: &Folder, cache_bytes: u64) -> Result<sled::Db, OpenError> {
    let config = sled::Config::new()
        .path(&folder.data)
        .mode(sled::Mode::HighThroughput)
        .segment_size(SEGMENT_BYTES)
        .cache_capacity(cache_bytes)
        .print_profile_on_drop(false)
        // The committer alone decides when; sled's own flusher only logs failures.
        .flush_every_ms(None);
    // sled asserts what it reads from the disk, so damage may be a panic.
    let opened = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| config.open()));
    match opened {
        Ok(Ok(db)) => Ok(db),
        Ok(Err(sled::Error::Io(source))) => Err(OpenError::Io {
            folder: folder.dir.clone(),
            source,
        }),
        Ok(Err(error)) => Err(folder.corrupt(error.to_string())),
        Err(_) => Err(folder.corrupt("the database engine cannot read its files")),
    }
}

fn last_commit(db: &sled::Db, folder: &Folder) -> Result<u64, OpenError> {
    let kept = db
        .get(COMMIT_KEY)
        .map_err(|error| folder.corrupt(error.to_string()))?;
    let number = kept
        .map(|value| parse_number(COMMIT_KEY, &value))
        .transpose();
    Ok(number
        .map_err(|error| folder.corrupt(error.to_string()))?
        .unwrap_or(0))
}

fn check_sizes(writes: &Writes) -> Result<(), StoreError> {
    for (key, value) in writes {
        let value_bytes = value.as_ref().map_or(0, Bytes::len);
        let bytes = if key.len() > KEY_BYTES_MAX {
            key.len()
        } else {
            value_bytes
        };
        if key.len() > KEY_BYTES_MAX || value_bytes > VALUE_BYTES_MAX {
            return Err(StoreError::TooLarge {
                key: key.chars().take(80).collect(),
                bytes,
            });
        }
    }
    Ok(())
}

fn parse_row(
    row: Result<(sled::IVec, sled::IVec), sled::Error>,
) -> Result<(String, Bytes), StoreError> {
    let (key, value) = row.map_err(|error| unreadable("", &error))?;
    match std::str::from_utf8(&key) {
        Ok(key) => Ok((key.to_owned(), Bytes::copy_from_slice(&value))),
        Err(_) => Err(StoreError::Corrupt {
            key: String::from_utf8_lossy(&key).into_owned(),
        }),
    }
}

fn unreadable(key: &str, error: &sled::Error) -> StoreError {
    match error {
        sled::Error::Corruption { .. } => StoreError::Corrupt {
            key: key.to_owned(),
        },
        other => StoreError::unavailable(other),
    }
}

fn half_applied() -> StoreError {
    StoreError::unavailable("the engine ended in a panic")
}

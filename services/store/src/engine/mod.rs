//! The waist: what the store asks of an engine. [`sled`] is the engine today;
//! PostgreSQL can stand behind the same traits (its snapshot a transaction at
//! REPEATABLE READ, its `apply` one at SERIALIZABLE, its `sync` nothing).

mod disk;
mod folder;
mod mark;
mod past;
mod range;
mod sled;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

#[cfg(test)]
pub(crate) use self::disk::Fsync;
pub(crate) use self::range::{KeyRange, Order, overlay};
pub(crate) use self::sled::SledEngine;
use crate::error::StoreError;

/// Longest key, in bytes.
pub const KEY_BYTES_MAX: usize = 1024;

/// Longest value, in bytes: 256 KiB. Larger things are kept in pieces.
pub const VALUE_BYTES_MAX: usize = 256 * 1024;

/// Where the last number of a stream is kept; the stream's name follows.
pub(crate) const HEAD_PREFIX: &str = "store/head/";

/// Key and value, in key order.
pub(crate) type Rows = Vec<(String, Bytes)>;

/// How far a snapshot sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sees {
    /// Only what a power loss cannot take back. For answers.
    Durable,
    /// All that is committed, on disk or not. For changes, which become
    /// durable after what they rest on.
    Applied,
}

/// An ordered key-value space with atomic batches.
///
/// `apply` and `sync` are called by one thread, the committer's.
pub(crate) trait Engine: Send + Sync {
    /// The state at one moment. It stays readable while it lives, which costs
    /// memory for all that is overwritten meanwhile.
    fn snapshot(&self, sees: Sees) -> Arc<dyn Snapshot>;

    /// Checks the batch against what was committed since its basis, numbers its
    /// appended records, and makes it visible as a whole: answers the number
    /// of the commit. `Conflict` and `TooLarge` refuse this batch and leave the
    /// engine as it was; after `Unavailable` the engine must not be used.
    fn apply(&self, batch: Batch) -> Result<u64, StoreError>;

    /// Makes all that is applied durable: answers the last durable commit's
    /// number. After an error it is unknown what is on disk, and the engine
    /// must not be used: a second `fsync` may succeed without having written.
    fn sync(&self) -> Result<u64, StoreError>;
}

/// The state at one moment.
pub(crate) trait Snapshot: Send + Sync {
    /// The commit that it shows.
    fn number(&self) -> u64;

    /// The value of `key`.
    fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError>;

    /// At most `limit` rows of the range, the first or the last of it.
    fn scan(&self, range: &KeyRange, order: Order, limit: usize) -> Result<Rows, StoreError>;
}

/// What a step read, to be found unchanged at the commit.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    pub(crate) keys: Vec<String>,
    pub(crate) ranges: Vec<KeyRange>,
}

/// A record whose number is known only at the commit.
pub(crate) struct Append {
    pub(crate) stream: String,
    pub(crate) record: Box<dyn FnOnce(u64) -> Bytes + Send>,
}

/// One change: what it rests on and what it writes.
pub(crate) struct Batch {
    /// Held until the commit is decided, so that the engine remembers what was
    /// written since.
    pub(crate) basis: Arc<dyn Snapshot>,
    pub(crate) expect: Reads,
    /// `None` deletes.
    pub(crate) writes: BTreeMap<String, Option<Bytes>>,
    pub(crate) appends: Vec<Append>,
}

/// The key of a stream's record; numbers begin at 1.
pub(crate) fn record_key(stream: &str, number: u64) -> String {
    format!("{stream}/{number:020}")
}

/// A stream's last number, as it is kept.
pub(crate) fn parse_number(key: &str, value: &[u8]) -> Result<u64, StoreError> {
    let bytes = <[u8; 8]>::try_from(value);
    bytes
        .map(u64::from_be_bytes)
        .map_err(|_| StoreError::Corrupt {
            key: key.to_owned(),
        })
}

//! Reading: one moment of the store.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use prost::Message;

use crate::engine::{HEAD_PREFIX, KeyRange, Order, Reads, Rows, Snapshot, overlay};
use crate::engine::{parse_number, record_key};
use crate::error::StoreError;

/// One moment of the store, for reading. All that it answers belongs together,
/// whatever is written meanwhile.
///
/// Hold it for one answer, not for a stream's life: the store keeps in memory
/// what is overwritten while a view lives.
pub struct View {
    pub(crate) snapshot: Arc<dyn Snapshot>,
    /// What a draft has written so far; `None` deletes. Empty for reading.
    pub(crate) written: BTreeMap<String, Option<Bytes>>,
    /// What a draft has read so far; nothing is remembered for reading.
    pub(crate) reads: Option<Mutex<Reads>>,
}

impl View {
    pub(crate) fn reading(snapshot: Arc<dyn Snapshot>) -> View {
        View {
            snapshot,
            written: BTreeMap::new(),
            reads: None,
        }
    }

    /// The number of the commit that it shows.
    pub fn number(&self) -> u64 {
        self.snapshot.number()
    }

    /// The record kept under `key`.
    pub fn get<M: Message + Default>(&self, key: &str) -> Result<Option<M>, StoreError> {
        self.get_raw(key)?
            .map(|value| decode(key, &value))
            .transpose()
    }

    /// The bytes kept under `key`.
    pub fn get_raw(&self, key: &str) -> Result<Option<Bytes>, StoreError> {
        if let Some(written) = self.written.get(key) {
            return Ok(written.clone());
        }
        self.remember(|reads| reads.keys.push(key.to_owned()));
        self.snapshot.get(key)
    }

    /// The first `limit` records whose keys begin with `prefix`, in key order,
    /// beginning after the key `after`. A draft sees its own writes, but not
    /// what it appended to a stream, which has no number yet.
    pub fn scan<M: Message + Default>(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, M)>, StoreError> {
        decode_rows(self.scan_raw(prefix, after, limit)?)
    }

    /// The same as [`View::scan`], as bytes.
    pub fn scan_raw(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Bytes)>, StoreError> {
        let all = KeyRange::prefix(prefix);
        let range = after.map_or(all.clone(), |key| all.after(key));
        self.rows(range, Order::Forward, limit)
    }

    /// The last `limit` records whose keys begin with `prefix`, in descending
    /// key order, beginning before the key `before`.
    pub fn scan_back<M: Message + Default>(
        &self,
        prefix: &str,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, M)>, StoreError> {
        let all = KeyRange::prefix(prefix);
        let range = before.map_or(all.clone(), |key| all.before(key));
        decode_rows(self.rows(range, Order::Backward, limit)?)
    }

    /// The first `limit` records of a stream whose numbers are over `after`,
    /// with their numbers.
    pub fn read_stream<M: Message + Default>(
        &self,
        stream: &str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<(u64, M)>, StoreError> {
        let cursor = record_key(stream, after);
        let rows = self.scan_raw(&format!("{stream}/"), Some(&cursor), limit)?;
        rows.iter()
            .map(|(key, value)| Ok((number_of(stream, key)?, decode(key, value)?)))
            .collect()
    }

    /// The number of the record that was last appended to the stream; 0 if none was.
    pub fn head(&self, stream: &str) -> Result<u64, StoreError> {
        let key = format!("{HEAD_PREFIX}{stream}");
        self.get_raw(&key)?
            .map_or(Ok(0), |value| parse_number(&key, &value))
    }

    fn rows(&self, range: KeyRange, order: Order, limit: usize) -> Result<Rows, StoreError> {
        let Some(bounds) = range.bounds() else {
            return Ok(Rows::new());
        };
        let written: Vec<_> = self.written.range::<str, _>(bounds).collect();
        let enough = limit.saturating_add(written.len());
        let rows = overlay(
            self.snapshot.scan(&range, order, enough)?,
            written,
            order,
            limit,
        );
        self.remember(|reads| reads.ranges.push(range.seen(&rows, order, limit)));
        Ok(rows)
    }

    fn remember(&self, note: impl FnOnce(&mut Reads)) {
        if let Some(reads) = &self.reads {
            note(&mut reads.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

impl std::fmt::Debug for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never the contents: they are personal data.
        f.debug_struct("View")
            .field("number", &self.number())
            .finish_non_exhaustive()
    }
}

fn decode_rows<M: Message + Default>(rows: Rows) -> Result<Vec<(String, M)>, StoreError> {
    rows.into_iter()
        .map(|(key, value)| {
            let record = decode(&key, &value)?;
            Ok((key, record))
        })
        .collect()
}

fn decode<M: Message + Default>(key: &str, value: &Bytes) -> Result<M, StoreError> {
    M::decode(value.clone()).map_err(|_| StoreError::Corrupt {
        key: key.to_owned(),
    })
}

fn number_of(stream: &str, key: &str) -> Result<u64, StoreError> {
    let number = key
        .get(stream.len() + 1..)
        .and_then(|digits| digits.parse().ok());
    number.ok_or_else(|| StoreError::Corrupt {
        key: key.to_owned(),
    })
}

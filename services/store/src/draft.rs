//! Writing: what a step may do.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use prost::Message;

use crate::engine::{Append, Batch, Reads, Snapshot};
use crate::view::View;

/// What a step works on: a [`View`] (it reads through the same methods, and
/// functions that take `&View` take `&Draft`) that can also be written to.
/// Nothing is kept before the step has answered `Ok` and its batch is committed.
pub struct Draft {
    view: View,
    appends: Vec<Append>,
}

impl Draft {
    pub(crate) fn new(snapshot: Arc<dyn Snapshot>) -> Draft {
        let reads = Some(Mutex::new(Reads::default()));
        let view = View {
            snapshot,
            written: BTreeMap::new(),
            reads,
        };
        Draft {
            view,
            appends: Vec::new(),
        }
    }

    /// Keeps `record` under `key`, in place of what was there. A key or record
    /// over the limit makes the commit answer `TooLarge`.
    pub fn put<M: Message>(&mut self, key: &str, record: &M) {
        self.put_raw(key, record.encode_to_vec().into());
    }

    /// The same as [`Draft::put`], as bytes.
    pub fn put_raw(&mut self, key: &str, value: Bytes) {
        self.view.written.insert(key.to_owned(), Some(value));
    }

    /// Removes what is kept under `key`, if anything.
    pub fn delete(&mut self, key: &str) {
        self.view.written.insert(key.to_owned(), None);
    }

    /// Appends `record` to a stream: it is kept under
    /// `{stream}/{number, 20 digits}`, and each stream counts 1, 2, 3, …
    /// without a gap. Appending reads nothing, so it conflicts with no other
    /// appending.
    pub fn append<M: Message>(&mut self, stream: &str, record: &M) {
        let value = Bytes::from(record.encode_to_vec());
        self.append_raw(stream, Box::new(move |_| value));
    }

    /// The same for a record that contains its own number: `build` makes it
    /// when the number is known. It runs in the committer and must be quick.
    pub fn append_stamped<M: Message>(
        &mut self,
        stream: &str,
        build: impl FnOnce(u64) -> M + Send + 'static,
    ) {
        self.append_raw(
            stream,
            Box::new(move |number| build(number).encode_to_vec().into()),
        );
    }

    fn append_raw(&mut self, stream: &str, record: Box<dyn FnOnce(u64) -> Bytes + Send>) {
        self.appends.push(Append {
            stream: stream.to_owned(),
            record,
        });
    }

    /// Whether nothing was written.
    pub(crate) fn is_empty(&self) -> bool {
        self.view.written.is_empty() && self.appends.is_empty()
    }

    pub(crate) fn into_batch(self) -> Batch {
        let reads = self.view.reads.unwrap_or_default();
        Batch {
            basis: self.view.snapshot,
            expect: reads.into_inner().unwrap_or_else(PoisonError::into_inner),
            writes: self.view.written,
            appends: self.appends,
        }
    }
}

impl Deref for Draft {
    type Target = View;

    fn deref(&self) -> &View {
        &self.view
    }
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.view.fmt(f)
    }
}

//! Bytes kept: atomic, durable changes over an ordered key-value engine.
//!
//! One write path for the whole network: [`Store::change`] runs a pure step on
//! a [`Draft`], commits what it wrote as one atomic batch, and answers when
//! the batch is on disk. Reading order: `change.rs` (the path), `draft.rs` and
//! `view.rs` (what a step may do), `committer.rs` (group commit), `engine/`
//! (the waist and the engine behind it), `outbox.rs` and `feed.rs` (streams).
//!
//! # What is promised
//! - **Atomic.** All that a step wrote is kept, or nothing.
//! - **Durable.** `change` answers after `fdatasync`; a failed sync stops all
//!   writing until the program is restarted, and nothing was acknowledged.
//! - **Serializable.** A change commits only if nothing that its step read,
//!   absent keys and scanned ranges included, was changed meanwhile; otherwise
//!   the step runs again.
//! - **One moment.** A [`View`] shows one durable commit for its whole life,
//!   whatever is written meanwhile. Nothing is shown, and no answer given, that
//!   a power loss could take back.
//!
//! # Keys
//! A key is UTF-8 text of at most [`KEY_BYTES_MAX`] bytes, ordered by byte; a
//! value has at most [`VALUE_BYTES_MAX`] bytes. The prefixes `store/`,
//! `answer/`, `outbox/` and `feed/` are the store's own.
//!
//! # Invariants
//! The store never knows what a case is, and never tonic.

mod change;
mod committer;
mod draft;
mod engine;
mod error;
/// Each agency's feed: a gapless stream that it reads with a cursor.
pub mod feed;
mod intent;
mod outbox;
mod store;
mod view;

#[cfg(test)]
mod conformance;

pub use draft::Draft;
pub use engine::{KEY_BYTES_MAX, VALUE_BYTES_MAX};
pub use error::{OpenError, StoreError};
pub use intent::Intent;
pub use outbox::{Outbox, Retry, Undelivered};
pub use store::Store;
pub use view::View;

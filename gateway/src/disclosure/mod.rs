//! The disclosure log: everything that left and everything that was refused,
//! in a Merkle tree, durable before the answer goes out.
//!
//! Reading order: `log` (append, group commit, proofs), `record` (what a line
//! says), `service` (reading and verifying it through the contract).

mod log;
mod record;
mod service;

pub use log::{DisclosureLog, LogError, Recorded};
pub use record::Entry;
pub use service::Disclosures;

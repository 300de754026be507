//! The table holds what the design promises.
#![allow(clippy::unwrap_used)]

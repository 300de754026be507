//! The law against dates derived by hand, against itself (properties) and
//! against an independent calendar.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod cases;
mod data;
mod dates;
mod derivations;
mod events;
mod journal;
mod money;
mod oracle;
mod properties;

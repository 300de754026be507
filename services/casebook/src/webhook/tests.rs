//! Webhooks against a real receiver: TLS, HTTP, a store on disk.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod deliveries;
mod keeping;
mod letters;
mod receiver;
mod refusals;
mod world;

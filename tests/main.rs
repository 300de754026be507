//! One binary for all journeys: on two cores, linking is the tax.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod apart;
mod bad_input;
mod canary;
mod house;
mod journeys;
mod matrix;
mod processes;
mod raw;
mod refusals;
mod rest;
mod world;

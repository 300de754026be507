//! One binary for all journeys: on two cores, linking is the tax.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod apart;
mod bad_input;
mod canary;
mod command_line;
mod deadlines;
mod explain;
mod house;
mod journeys;
mod matrix;
mod processes;
mod proof;
mod raw;
// The spine's own tests use more of it.
#[allow(dead_code)]
#[path = "../services/casebook/src/webhook/tests/receiver.rs"]
mod receiver;
mod refusals;
mod reload;
mod rest;
mod web;
mod webhooks;
mod world;

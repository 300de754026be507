//! casenet: a multi-agency collaborative case network for workers' rights.
//!
//! Reading order: `config` (the one file), `init` (making a network), `network`
//! (running it), `web` (its pages), `client` (calling it), `replay` and `demo`,
//! `cli`.

pub mod city;
pub mod cli;
pub mod client;
pub mod config;
pub mod demo;
pub mod init;
pub mod network;
pub mod replay;
pub mod web;

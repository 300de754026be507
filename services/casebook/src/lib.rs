//! The spine of every case: parties, claims, referrals and the grants that they
//! make, consents, timeline, feeds, and the directory of agencies.
//!
//! Reading order: `case` (the aggregate that every change goes through),
//! `case::register`, `case::service`; `referral::machine` (THE table), then
//! `referral::service`; `consent`; `milestone` (what agencies report),
//! `identifiers` (what a text gives away), `spine` (what the network's own
//! processes ask), `directory`, `feed`.
//!
//! Architecture invariant: knows no agency's file, no gateway, no rule about
//! who may *see*. Nothing but a transition makes or ends a grant.

mod case;
mod directory;
mod keys;

//! Statutory clocks: from a rule, a trigger and what happened since to the last
//! day in time, with the working shown step by step.
//!
//! The rules are data (`data/deadlines.toml`); this code knows how periods are
//! counted, not which there are. Everything is in Asia/Shanghai.
//!
//! Reading order: [`length`], [`crate::citation`], [`rules`], [`read`] (data), [`facts`]
//! (what is asked), [`engine`] (the answer), [`outcome`], [`revise`] (facts that
//! were corrected), [`pattern`] and [`journal`] (a whole case).

mod count;
pub mod engine;
pub mod facts;
pub mod journal;

pub mod length;
pub mod outcome;
pub mod pattern;
pub mod read;
pub mod revise;
pub mod rules;
mod wording;

pub use crate::citation::Citation;
pub use engine::{DeadlineError, calculate};
pub use facts::{Event, EventKind, Facts, Trigger};
pub use length::{Length, Unit};
pub use outcome::{Computed, State, Step};
pub use read::RulesError;
pub use rules::{Binds, Rule, Rules};

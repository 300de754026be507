//! The rules: who may do and see what, decided from the label alone.
//!
//! Reading order: `facts` (what a rule can know), `set` (the policies, parsed
//! and validated), `decide` (one decision, memoised on exactly its inputs),
//! `permit` (the decisions for a whole answer), `prove` (what no set may ever
//! allow), `book` (which set is in force), `explain` (why).

mod asked;
mod book;
mod decide;
mod explain;
mod facts;
mod permit;
mod prove;
mod service;
mod set;

pub use asked::{Asked, FLAGS};
pub use book::{InForce, Proven, RuleBook, RuleSource, RulesRefused};
pub use decide::{Decision, Rules, Weighed};
pub use explain::explain;
pub use facts::{Facts, Seeker};
pub use permit::{Level, Permit};
pub use prove::{Breach, Finding, Proof, ProveError, Replay, Solver, prove};
pub use service::RulesDesk;
pub use set::{PolicyError, PolicyFiles};

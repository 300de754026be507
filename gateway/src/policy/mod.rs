//! The rules: who may do and see what, decided from the label alone.
//!
//! Reading order: `facts` (what a rule can know), `set` (the policies, parsed
//! and validated), `decide` (one decision, memoised on exactly its inputs),
//! `permit` (the decisions for a whole answer).

mod asked;
mod decide;
mod facts;
mod permit;
mod prove;
mod set;

pub use asked::{Asked, FLAGS};
pub use decide::{Decision, Rules, Weighed};
pub use facts::{Facts, Seeker};
pub use permit::{Level, Permit};
pub use prove::{Breach, Finding, Proof, ProveError, Replay, Solver, prove};
pub use set::{PolicyError, PolicyFiles};

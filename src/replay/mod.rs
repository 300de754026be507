//! Replaying a published case through a real gateway: each step done by the
//! agency of the network that did it, on referrals and consents as the contract
//! wants them.
//!
//! A published course may begin in the middle or leave steps out. Then the
//! agency opens its file as already under way; nothing is invented.

pub(crate) mod case_file;
mod convert;
mod deeds;
mod play;
mod share;
mod shipped;

use std::time::Instant;

use serde::Serialize;

pub use case_file::CaseFile;
pub use play::{Cast, PlayError};
pub use shipped::shipped;

/// What became of a replay.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Cases replayed.
    pub cases: usize,
    /// Steps in them.
    pub steps: usize,
    /// Steps that stand in the network now.
    pub steps_replayed: usize,
    /// Steps that do not, each with the reason.
    pub steps_not_replayed: Vec<Missed>,
    /// Of the replayed ones, those done through an agency's own service.
    pub steps_by_method: usize,
    /// Of the replayed ones, those that have a method which was not legal at
    /// that point of the published course, and stand on the timeline as an
    /// entry by that agency.
    pub recorded_only: Vec<Missed>,
    /// Calls that had to be refused, and were.
    pub refusals_expected: usize,
    /// Entries in the disclosure log afterwards.
    pub disclosures: u64,
    /// How long it took, seconds.
    pub elapsed_s: f64,
    /// The cases' names in the network, with the ids of their files.
    pub names: Vec<(String, String)>,
}

/// A step and why.
#[derive(Debug, Clone, Serialize)]
pub struct Missed {
    /// The case's id in its file.
    pub case: String,
    /// The step's number.
    pub seq: u32,
    /// Why.
    pub why: String,
}

/// Replays cases one after another; `done` is told after each.
pub async fn replay(
    cast: &Cast,
    files: &[CaseFile],
    mut done: impl FnMut(&CaseFile),
) -> Result<Report, PlayError> {
    let begun = Instant::now();
    let mut report = Report::default();
    for file in files {
        play::play(cast, file, &mut report).await?;
        report.cases += 1;
        report.steps += file.steps.len();
        done(file);
    }
    report.disclosures = cast.disclosures().await?;
    report.elapsed_s = begun.elapsed().as_secs_f64();
    Ok(report)
}

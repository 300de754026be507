//! What a process tells its operator: one line an event, as JSON or for people.
//!
//! Never personal data: ids of cases and agencies may appear, names, numbers
//! and texts of workers never do. A log line outlives consent and erasure.

use std::fmt;

use serde::Deserialize;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

/// The environment variable that chooses what is logged, e.g. `info,store=debug`.
const FILTER: &str = "CASENET_LOG";

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Coloured lines for a terminal.
    #[default]
    Human,
    /// One JSON object a line, for a log store.
    Json,
}

/// Logging could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter does not parse.
    #[error("{FILTER} is not a log filter ({0}); write for example {FILTER}=info,store=debug")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Something in this process logs already.
    #[error("logging was started twice in one process: {0}")]
    StartedTwice(#[from] tracing_subscriber::util::TryInitError),
}

/// Starts logging to standard error (standard output belongs to the commands).
/// The filter is read from `CASENET_LOG`; without it, `info`.
pub fn init(format: Format) -> Result<(), TelemetryError> {
    let filter = match std::env::var(FILTER) {
        Ok(filter) => EnvFilter::try_new(filter)?,
        Err(_) => EnvFilter::new("info"),
    };
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        Format::Human => lines.compact().finish().try_init()?,
        Format::Json => lines.json().flatten_event(true).finish().try_init()?,
    }
    Ok(())
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Human => "human",
            Format::Json => "json",
        })
    }
}

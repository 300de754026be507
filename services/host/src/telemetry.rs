//! What a process tells its operator: one line an event, as JSON or for people.
//!
//! Never personal data: ids of cases and agencies may appear, names, numbers
//! and texts of workers never do. A log line outlives consent and erasure.

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
    let asked = std::env::var(FILTER).ok();
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter(asked.as_deref())?)
        .with_writer(std::io::stderr);
    match format {
        Format::Human => lines.compact().finish().try_init()?,
        Format::Json => lines.json().flatten_event(true).finish().try_init()?,
    }
    Ok(())
}

fn filter(asked: Option<&str>) -> Result<EnvFilter, TelemetryError> {
    Ok(EnvFilter::try_new(asked.unwrap_or("info"))?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn without_a_filter_information_is_logged_and_a_wrong_one_is_told() {
        assert_eq!(filter(None).unwrap().to_string(), "info");
        let told = filter(Some("store=loud")).unwrap_err().to_string();
        assert!(told.contains("CASENET_LOG=info,store=debug"), "{told}");
    }
}

//! `casenet feed`: what the agency has to know.

use clap::Subcommand;
use serde_json::json;

use super::calls::Asked;

/// What to do with the feed.
#[derive(Debug, Subcommand)]
pub(crate) enum Feed {
    /// What has not been acknowledged.
    List,
    /// Follow it.
    Watch {
        /// From after this cursor.
        #[arg(long, default_value_t = 0)]
        cursor: u64,
    },
    /// Acknowledge everything up to a cursor.
    Ack {
        /// The cursor.
        cursor: u64,
    },
}

impl Feed {
    /// The method and its request.
    pub(super) fn asked(self) -> Asked {
        match self {
            // Followed, it is a stream: see `watch`.
            Self::List | Self::Watch { .. } => ("FeedService/ListFeed", json!({})),
            Self::Ack { cursor } => ("FeedService/AcknowledgeFeed", json!({"cursor": cursor})),
        }
    }
}

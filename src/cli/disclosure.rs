//! `casenet disclosure`: who looked at a case.

use clap::Subcommand;
use serde_json::json;

use super::calls::Asked;
use super::given::{Page, case_name};

/// What to do with the disclosure log.
#[derive(Debug, Subcommand)]
pub(crate) enum Disclosure {
    /// Who looked at a case (for its lead).
    List {
        /// Its number.
        case: String,
        #[command(flatten)]
        page: Page,
    },
    /// The log's signed head.
    Checkpoint,
}

impl Disclosure {
    /// The method and its request.
    pub(super) fn asked(self) -> Asked {
        match self {
            Self::List { case, page } => (
                "DisclosureService/ListDisclosures",
                page.of(json!({"parent": case_name(&case)})),
            ),
            Self::Checkpoint => ("DisclosureService/GetCheckpoint", json!({})),
        }
    }
}

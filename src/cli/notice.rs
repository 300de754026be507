//! `casenet notice`: what the worker is to be told, and that it was done.

use clap::Subcommand;
use serde_json::json;

use super::calls::Asked;
use super::given::{case_name, child_name};

/// What to do with notices.
#[derive(Debug, Subcommand)]
pub(crate) enum Notice {
    /// What the worker of a case is told, newest first (for the lead).
    #[command(after_help = "Example: casenet notice list 330782-2026-000001 --undelivered")]
    List {
        /// The case's number.
        case: String,
        /// Only what the worker has not been told yet.
        #[arg(long)]
        undelivered: bool,
    },
    /// Record that the worker has been told (for the lead).
    #[command(after_help = "Example: casenet notice delivered 330782-2026-000001/n000001 --by sms")]
    Delivered {
        /// CASE/ID, as tables show it, or the full name.
        name: String,
        /// How ("in_person", "sms", "letter", …).
        #[arg(long, value_name = "CODE", default_value = "in_person")]
        by: String,
    },
}

impl Notice {
    /// The method and its request.
    pub(super) fn asked(self) -> Asked {
        match self {
            Self::List { case, undelivered } => (
                "NoticeService/ListNotices",
                json!({"parent": case_name(&case), "undeliveredOnly": undelivered}),
            ),
            Self::Delivered { name, by } => (
                "NoticeService/RecordNoticeDelivery",
                json!({"name": child_name("notices", &name), "deliveredBy": by}),
            ),
        }
    }
}

//! `casenet agency`: the directory.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;

use super::Failure;
use super::calls::Asked;
use super::given::{agency_name, read_json};

/// What to do with the directory.
#[derive(Debug, Subcommand)]
pub(crate) enum Agency {
    /// Every agency.
    List,
    /// Add an agency (as the operator) from a file: the JSON of an Agency.
    Add {
        /// Its id.
        id: String,
        /// The file.
        #[arg(long)]
        file: PathBuf,
    },
    /// Suspend an agency, or lift its suspension (as the operator).
    Suspend {
        /// Its id.
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
        /// Lift it.
        #[arg(long)]
        lift: bool,
    },
}

impl Agency {
    /// The method and its request.
    pub(super) fn asked(self) -> Result<Asked, Failure> {
        Ok(match self {
            Self::List => ("DirectoryService/ListAgencies", json!({})),
            Self::Add { id, file } => {
                let request = json!({"agencyId": id, "agency": read_json(&file)?});
                ("DirectoryService/RegisterAgency", request)
            }
            Self::Suspend { id, reason, lift } => {
                let request = json!({"name": agency_name(&id), "reason": reason, "lift": lift});
                ("DirectoryService/SuspendAgency", request)
            }
        })
    }
}

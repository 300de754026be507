//! `casenet rules`: the rules in force.

use clap::Subcommand;
use serde_json::json;

use super::calls::Asked;

/// What to do with the rules.
#[derive(Debug, Subcommand)]
pub(crate) enum Rules {
    /// Every policy, why it is there, and whether the set is proven.
    Show,
    /// Read the configured folder again, prove it, put it in force (as the
    /// operator).
    Reload {
        /// Only say whether it could rule.
        #[arg(long)]
        dry_run: bool,
    },
}

impl Rules {
    /// The method and its request.
    pub(super) fn asked(self) -> Asked {
        match self {
            Self::Show => ("RulesService/GetRules", json!({})),
            Self::Reload { dry_run } => {
                let request = json!({"validateOnly": dry_run});
                ("RulesService/ReloadRules", request)
            }
        }
    }
}

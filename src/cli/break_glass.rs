//! `casenet break-glass`: a case opened in an emergency, and its review.

use clap::Subcommand;
use proto::v1::Section;
use serde_json::json;

use super::calls::Asked;
use super::given::{Page, case_name, child_name, section, sections, value};

const COLLECTION: &str = "breakGlassGrants";

/// What to do in an emergency, and after it.
#[derive(Debug, Subcommand)]
pub(crate) enum BreakGlass {
    /// Open a case that is not shared with you, for three hours at most. The
    /// lead, the supervisors and the worker are told; it will be reviewed.
    #[command(
        after_help = "Example: casenet break-glass open 330782-2026-000001 --reason danger_to_life --explanation 'locked in the dormitory, no answer from the lead' --sections summary,identity,contact"
    )]
    Open {
        /// The case's number.
        case: String,
        /// Why, a code ("danger_to_life", "evidence_at_risk", "limitation_ends", …).
        #[arg(long, value_name = "CODE")]
        reason: String,
        /// Why, in ten to 500 characters, naming nobody.
        #[arg(long, value_name = "TEXT")]
        explanation: String,
        /// What you need to see, separated by commas.
        #[arg(
            long,
            value_name = "SECTIONS",
            required = true,
            value_delimiter = ',',
            value_parser = section
        )]
        sections: Vec<Section>,
        /// For so long.
        #[arg(long, value_name = "MINUTES", default_value_t = 60,
            value_parser = clap::value_parser!(u32).range(1..=180))]
        minutes: u32,
    },
    /// End it early (for who opened it, and for the lead).
    #[command(after_help = "Example: casenet break-glass close 330782-2026-000001/0f2q8")]
    Close {
        /// CASE/ID, as tables show it, or the full name.
        name: String,
    },
    /// Say whether it was justified (for the lead and the supervisors).
    #[command(
        after_help = "Example: casenet break-glass review 330782-2026-000001/0f2q8 --verdict justified --note 'the police report confirms it'"
    )]
    Review {
        /// CASE/ID, as tables show it, or the full name.
        name: String,
        /// What the review found.
        #[arg(long, value_parser = ["justified", "unjustified"])]
        verdict: String,
        /// Why, naming nobody.
        #[arg(long, value_name = "TEXT")]
        note: String,
    },
    /// Openings that concern you.
    #[command(after_help = "Example: casenet break-glass list --unreviewed --agency operator")]
    List {
        /// Only those that wait for a review, the most urgent first.
        #[arg(long)]
        unreviewed: bool,
        #[command(flatten)]
        page: Page,
    },
    /// One opening.
    #[command(after_help = "Example: casenet break-glass show 330782-2026-000001/0f2q8")]
    Show {
        /// CASE/ID, as tables show it, or the full name.
        name: String,
    },
}

impl BreakGlass {
    /// The method and its request.
    pub(super) fn asked(self) -> Asked {
        match self {
            Self::Open {
                case,
                reason,
                explanation,
                sections: opened,
                minutes,
            } => {
                let request = json!({
                    "parent": case_name(&case),
                    "reason": reason,
                    "explanation": explanation,
                    "sections": sections(&opened),
                    "minutes": minutes,
                });
                ("BreakGlassService/OpenBreakGlass", request)
            }
            Self::Close { name } => (
                "BreakGlassService/CloseBreakGlass",
                json!({"name": child_name(COLLECTION, &name)}),
            ),
            Self::Review {
                name,
                verdict,
                note,
            } => {
                let request = json!({
                    "name": child_name(COLLECTION, &name),
                    "verdict": value("VERDICT_", &verdict),
                    "note": note,
                });
                ("BreakGlassService/ReviewBreakGlass", request)
            }
            Self::List { unreviewed, page } => (
                "BreakGlassService/ListBreakGlass",
                page.of(json!({"unreviewedOnly": unreviewed})),
            ),
            Self::Show { name } => (
                "BreakGlassService/GetBreakGlass",
                json!({"name": child_name(COLLECTION, &name)}),
            ),
        }
    }
}

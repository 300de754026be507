//! `casenet consent`: what the worker agreed to, and no longer agrees to.

use std::fs;
use std::path::PathBuf;

use clap::Subcommand;
use proto::v1 as pb;
use proto::v1::Section;
use serde_json::{Value, json};

use super::Failure;
use super::calls::Asked;
use super::given::{agency_name, case_name, child_name, section, until, value};
use crate::client;

/// What to do with consents.
#[derive(Debug, Subcommand)]
pub(crate) enum Consent {
    /// The consents of a case that concern you, newest first.
    #[command(after_help = "Example: casenet consent list 330782-2026-000001")]
    List {
        /// The case's number.
        case: String,
    },
    /// Record a consent with its signed form.
    #[command(
        after_help = "Example: casenet consent grant 330782-2026-000001 --purpose representation --kinds law-firm --sections summary,identity,contact,claims --until 2027-06-30 --form signed.pdf"
    )]
    Grant {
        /// The case's number.
        case: String,
        /// What for ("representation", "publicity", …).
        #[arg(long, value_name = "CODE")]
        purpose: String,
        /// Agencies that may receive, separated by commas.
        #[arg(
            long,
            value_name = "AGENCIES",
            value_delimiter = ',',
            required_unless_present = "kinds"
        )]
        recipients: Vec<String>,
        /// Kinds of agency that may receive, separated by commas.
        #[arg(
            long,
            value_name = "KINDS",
            value_delimiter = ',',
            value_parser = [
                "union", "law-firm", "labour-bureau", "court", "procuratorate", "media",
                "university", "other"
            ]
        )]
        kinds: Vec<String>,
        /// Sections, separated by commas.
        #[arg(
            long,
            value_name = "SECTIONS",
            required = true,
            value_delimiter = ',',
            value_parser = section
        )]
        sections: Vec<Section>,
        /// It ends then: a day, days from now ("365d"), or an instant; else with
        /// its withdrawal.
        #[arg(long, value_name = "WHEN", value_parser = until)]
        until: Option<String>,
        /// The signed form; its SHA-256 is recorded, the form stays with you.
        #[arg(long, value_name = "FILE")]
        form: PathBuf,
    },
    /// Withdraw a consent: every access that rests on it ends at once.
    #[command(after_help = "Example: casenet consent withdraw 330782-2026-000001/0c7m2")]
    Withdraw {
        /// CASE/ID, as tables show it, or the full name.
        name: String,
    },
}

impl Consent {
    /// The method and its request.
    pub(super) fn asked(self) -> Result<Asked, Failure> {
        Ok(match self {
            Self::List { case } => (
                "ConsentService/ListConsents",
                json!({"parent": case_name(&case)}),
            ),
            Self::Grant {
                case,
                purpose,
                recipients,
                kinds,
                sections,
                until,
                form,
            } => {
                let form =
                    fs::read(&form).map_err(|error| format!("{}: {error}", form.display()))?;
                let hash = ring::digest::digest(&ring::digest::SHA256, &form);
                let consent = pb::Consent {
                    purpose,
                    recipients: recipients.iter().map(|id| agency_name(id)).collect(),
                    sections: sections.iter().map(|section| *section as i32).collect(),
                    evidence_sha256: hash.as_ref().to_vec(),
                    ..pb::Consent::default()
                };
                let mut consent = client::json("Consent", &consent).unwrap_or_default();
                let kinds = kinds.iter().map(|kind| value("AGENCY_KIND_", kind));
                consent["recipientKinds"] = kinds.collect::<Value>();
                if let Some(until) = until {
                    consent["validUntil"] = json!(until);
                }
                let request = json!({"parent": case_name(&case), "consent": consent});
                ("ConsentService/GrantConsent", request)
            }
            Self::Withdraw { name } => (
                "ConsentService/WithdrawConsent",
                json!({"name": child_name("consents", &name)}),
            ),
        })
    }
}

//! `casenet case`: cases, seen, explained, noted, closed.

use std::path::PathBuf;

use clap::Subcommand;
use proto::v1::Section;
use serde_json::json;

use super::Failure;
use super::calls::Asked;
use super::given::{Page, agency_name, case_name, read_json, section};

/// What to do with cases.
#[derive(Debug, Subcommand)]
pub(crate) enum Case {
    /// The cases that you may see, newest first.
    List {
        #[command(flatten)]
        page: Page,
    },
    /// One case as you may see it, and what is withheld and why.
    Show {
        /// Its number.
        case: String,
        /// The timeline as it was known then (RFC 3339).
        #[arg(long)]
        as_of: Option<String>,
        /// As this agency would get it now (for the lead). Recorded.
        #[arg(long = "as", value_name = "ID", conflicts_with = "as_of")]
        seen_by: Option<String>,
    },
    /// What may be seen of every section, by which rule, and why.
    #[command(after_help = "Example: casenet case explain 330782-2026-000001 --for yiwu-daily")]
    Explain {
        /// Its number.
        case: String,
        /// By this agency (for the lead); else by your own.
        #[arg(long = "for", value_name = "ID")]
        about: Option<String>,
    },
    /// Register a case from a file: the JSON of a RegisterCaseRequest.
    Register {
        /// The file.
        #[arg(long)]
        file: PathBuf,
    },
    /// Append a note to the timeline.
    Note {
        /// Its number.
        case: String,
        /// The note.
        text: String,
        /// The section that it tells about ("injury"); else anybody on the case reads it.
        #[arg(long, value_parser = section)]
        section: Option<Section>,
    },
    /// Close a case with a coded result.
    Close {
        /// Its number.
        case: String,
        /// The result ("settled", "performed", …).
        #[arg(long)]
        result: String,
    },
    /// Reopen a closed case.
    Reopen {
        /// Its number.
        case: String,
        /// Coded reason.
        #[arg(long)]
        reason: String,
    },
    /// Follow the timeline.
    Watch {
        /// Its number.
        case: String,
    },
}

impl Case {
    /// The method and its request.
    pub(super) fn asked(self) -> Result<Asked, Failure> {
        Ok(match self {
            Self::List { page } => ("CaseService/ListCases", page.of(json!({}))),
            // A stream: see `watch`.
            Self::Watch { case } => ("CaseService/GetCase", json!({"name": case_name(&case)})),
            Self::Show {
                case,
                seen_by: Some(agency),
                ..
            } => (
                "AccessService/PreviewDisclosure",
                json!({"name": case_name(&case), "agency": agency_name(&agency)}),
            ),
            Self::Explain { case, about } => {
                let agency = about.map(|agency| agency_name(&agency));
                (
                    "AccessService/ExplainAccess",
                    json!({"parent": case_name(&case), "agency": agency.unwrap_or_default()}),
                )
            }
            Self::Show { case, as_of, .. } => {
                let mut request = json!({"name": case_name(&case)});
                if let Some(as_of) = as_of {
                    request["asOf"] = json!(as_of);
                }
                ("CaseService/GetCase", request)
            }
            Self::Register { file } => ("CaseService/RegisterCase", read_json(&file)?),
            Self::Note {
                case,
                text,
                section,
            } => {
                let mut entry = json!({"note": text});
                if let Some(section) = section {
                    entry["section"] = json!(section.as_str_name());
                }
                (
                    "CaseService/AppendNote",
                    json!({"parent": case_name(&case), "entry": entry}),
                )
            }
            Self::Close { case, result } => (
                "CaseService/CloseCase",
                json!({"name": case_name(&case), "resultCode": result}),
            ),
            Self::Reopen { case, reason } => (
                "CaseService/ReopenCase",
                json!({"name": case_name(&case), "reason": reason}),
            ),
        })
    }
}

//! Commands that call a gateway: each is one method of the contract, with its
//! request as JSON and its answer shown as a table or as JSON.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};
use tokio_stream::StreamExt as _;

use super::connect::{Connect, case_name};
use super::{Failure, say, show};
use crate::client;
use proto::v1 as pb;

/// A command and whom to call.
#[derive(Debug, Subcommand)]
pub(crate) enum Call {
    /// Cases: list, show, register, note, close, reopen, watch.
    Case {
        #[command(subcommand)]
        what: Case,
        #[command(flatten)]
        connect: Connect,
    },
    /// Referrals between agencies.
    Referral {
        #[command(subcommand)]
        what: Referral,
        #[command(flatten)]
        connect: Connect,
    },
    /// The worker's consents.
    Consent {
        #[command(subcommand)]
        what: Consent,
        #[command(flatten)]
        connect: Connect,
    },
    /// The agency's feed.
    Feed {
        #[command(subcommand)]
        what: Feed,
        #[command(flatten)]
        connect: Connect,
    },
    /// The directory of agencies.
    Agency {
        #[command(subcommand)]
        what: Agency,
        #[command(flatten)]
        connect: Connect,
    },
    /// Who looked at a case, and the log's signed head.
    Disclosure {
        #[command(subcommand)]
        what: Disclosure,
        #[command(flatten)]
        connect: Connect,
    },
    /// Sign in; reads the password from standard input, writes the token.
    #[command(after_help = "Example: casenet login --user desk --token-out token < password")]
    Login {
        /// The user's id in the agency.
        #[arg(long)]
        user: String,
        /// Where to write the token (readable by you only).
        #[arg(long)]
        token_out: PathBuf,
        #[command(flatten)]
        connect: Connect,
    },
    /// Who the gateway takes you for.
    Whoami {
        #[command(flatten)]
        connect: Connect,
    },
    /// Call any method with JSON.
    #[command(
        name = "call",
        after_help = "Example: casenet call UnionService/OpenIntake --input '{\"parent\":\"cases/330782-2026-000001\"}'"
    )]
    Any {
        /// Service and method.
        method: String,
        /// The request.
        #[arg(long, default_value = "{}")]
        input: String,
        #[command(flatten)]
        connect: Connect,
    },
}

/// What to do with cases.
#[derive(Debug, Subcommand)]
pub(crate) enum Case {
    /// The cases that you may see, newest first.
    List,
    /// One case as you may see it, and what is withheld and why.
    Show {
        /// Its number.
        case: String,
        /// The timeline as it was known then (RFC 3339).
        #[arg(long)]
        as_of: Option<String>,
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
        #[arg(long)]
        section: Option<String>,
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

/// What to do with referrals.
#[derive(Debug, Subcommand)]
pub(crate) enum Referral {
    /// Your referrals, newest first.
    List {
        /// Only those still open.
        #[arg(long)]
        open: bool,
    },
    /// One referral, with the events that are legal now.
    Show {
        /// Its name.
        name: String,
    },
    /// Draft and send a referral.
    #[command(
        after_help = "Example: casenet referral create 330782-2026-000001 --to yiwu-labour --service arbitration --purpose 'arbitrate' --scope summary,identity,claims --legal-basis PIPL-13-3"
    )]
    Create {
        /// The case's number.
        case: String,
        /// The receiving agency.
        #[arg(long)]
        to: String,
        /// consult, assist, handover or inform.
        #[arg(long, default_value = "assist")]
        kind: String,
        /// The service asked for.
        #[arg(long)]
        service: String,
        /// What the receiver is to do, naming nobody.
        #[arg(long)]
        purpose: String,
        /// Sections, separated by commas.
        #[arg(long, value_delimiter = ',')]
        scope: Vec<String>,
        /// The consent that it rests on.
        #[arg(long, conflicts_with = "legal_basis")]
        consent: Option<String>,
        /// The legal basis that it rests on.
        #[arg(long)]
        legal_basis: Option<String>,
        /// The receiver may only read.
        #[arg(long)]
        read_only: bool,
        /// Leave it a draft.
        #[arg(long)]
        draft: bool,
    },
    /// Send a draft.
    Send {
        /// Its name.
        name: String,
    },
    /// Say that you have it.
    Acknowledge {
        /// Its name.
        name: String,
    },
    /// Accept it.
    Accept {
        /// Its name.
        name: String,
    },
    /// Reject it, with a coded reason.
    Reject {
        /// Its name.
        name: String,
        /// The reason.
        #[arg(long)]
        reason: String,
    },
    /// Begin to work on it.
    Start {
        /// Its name.
        name: String,
    },
    /// Complete it, with a coded outcome.
    Complete {
        /// Its name.
        name: String,
        /// The outcome.
        #[arg(long)]
        outcome: String,
    },
    /// Call it off, with a coded reason.
    Withdraw {
        /// Its name.
        name: String,
        /// The reason.
        #[arg(long)]
        reason: String,
    },
}

/// What to do with consents.
#[derive(Debug, Subcommand)]
pub(crate) enum Consent {
    /// The consents of a case that concern you.
    List {
        /// The case's number.
        case: String,
    },
    /// Record a consent with its signed form.
    Grant {
        /// The case's number.
        case: String,
        /// What for ("representation", "publicity", …).
        #[arg(long)]
        purpose: String,
        /// Agencies that may receive, separated by commas.
        #[arg(long, value_delimiter = ',')]
        recipients: Vec<String>,
        /// Sections, separated by commas.
        #[arg(long, value_delimiter = ',')]
        sections: Vec<String>,
        /// The signed form; its SHA-256 is recorded.
        #[arg(long)]
        form: PathBuf,
    },
    /// Withdraw a consent: every access that rests on it ends at once.
    Withdraw {
        /// Its name.
        name: String,
    },
}

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

/// What to do with the disclosure log.
#[derive(Debug, Subcommand)]
pub(crate) enum Disclosure {
    /// Who looked at a case (for its lead).
    List {
        /// Its number.
        case: String,
    },
    /// The log's signed head.
    Checkpoint,
}

/// A method, its request, and how its answer is shown.
type Asked = (&'static str, Value);

impl Call {
    /// Calls, and prints the answer.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let (connect, (method, request)) = match self {
            Self::Case {
                what: Case::Watch { case },
                connect,
            } => {
                return watch_case(&connect, &case).await;
            }
            Self::Feed {
                what: Feed::Watch { cursor },
                connect,
            } => {
                return watch_feed(&connect, cursor).await;
            }
            Self::Login {
                user,
                token_out,
                connect,
            } => {
                return login(&connect, &user, &token_out).await;
            }
            Self::Referral {
                what: what @ Referral::Create { draft: false, .. },
                connect,
            } => {
                let (method, request) = what.asked();
                let created = connect.client()?.call(method, &request.to_string()).await?;
                let send = json!({"name": created["name"], "requestId": ""});
                (connect, ("ReferralService/SendReferral", send))
            }
            Self::Any {
                method,
                input,
                connect,
            } => {
                let answer = connect.client()?.call(&method, &input).await?;
                return say(&format!("{answer:#}\n"));
            }
            Self::Case { what, connect } => (connect, what.asked()?),
            Self::Referral { what, connect } => (connect, what.asked()),
            Self::Consent { what, connect } => (connect, what.asked()?),
            Self::Feed { what, connect } => (connect, what.asked()),
            Self::Agency { what, connect } => (connect, what.asked()?),
            Self::Disclosure { what, connect } => (connect, what.asked()),
            Self::Whoami { connect } => (connect, ("IdentityService/WhoAmI", json!({}))),
        };
        let answer = connect.client()?.call(method, &request.to_string()).await?;
        say(&if connect.json {
            format!("{answer:#}\n")
        } else {
            show::answer(method, &answer)
        })
    }
}

impl Case {
    fn asked(self) -> Result<Asked, Failure> {
        Ok(match self {
            Self::List | Self::Watch { .. } => ("CaseService/ListCases", json!({})),
            Self::Show { case, as_of } => {
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
                    entry["section"] = json!(section_value(&section));
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

impl Referral {
    fn asked(self) -> Asked {
        match self {
            Self::List { open } => ("ReferralService/ListReferrals", json!({"openOnly": open})),
            Self::Show { name } => ("ReferralService/GetReferral", json!({"name": name})),
            Self::Create {
                case,
                to,
                kind,
                service,
                purpose,
                scope,
                consent,
                legal_basis,
                read_only,
                ..
            } => {
                let scope: Vec<String> = scope.iter().map(|s| section_value(s)).collect();
                let referral = json!({
                    "kind": format!("REFERRAL_KIND_{}", kind.to_uppercase()),
                    "toAgency": agency_name(&to),
                    "serviceCode": service,
                    "purpose": purpose,
                    "scope": scope,
                    "consent": consent.unwrap_or_default(),
                    "legalBasis": legal_basis.unwrap_or_default(),
                    "contribute": !read_only,
                });
                let request = json!({"parent": case_name(&case), "referral": referral});
                ("ReferralService/CreateReferral", request)
            }
            Self::Send { name } => ("ReferralService/SendReferral", json!({"name": name})),
            Self::Acknowledge { name } => {
                ("ReferralService/AcknowledgeReferral", json!({"name": name}))
            }
            Self::Accept { name } => ("ReferralService/AcceptReferral", json!({"name": name})),
            Self::Reject { name, reason } => (
                "ReferralService/RejectReferral",
                json!({"name": name, "reason": reason}),
            ),
            Self::Start { name } => ("ReferralService/StartReferral", json!({"name": name})),
            Self::Complete { name, outcome } => (
                "ReferralService/CompleteReferral",
                json!({"name": name, "outcome": outcome}),
            ),
            Self::Withdraw { name, reason } => (
                "ReferralService/WithdrawReferral",
                json!({"name": name, "reason": reason}),
            ),
        }
    }
}

impl Consent {
    fn asked(self) -> Result<Asked, Failure> {
        Ok(match self {
            Self::List { case } => (
                "ConsentService/ListConsents",
                json!({"parent": case_name(&case)}),
            ),
            Self::Grant {
                case,
                purpose,
                recipients,
                sections,
                form,
            } => {
                let form = fs::read(&form)?;
                let hash = ring::digest::digest(&ring::digest::SHA256, &form);
                let consent = pb::Consent {
                    purpose,
                    recipients: recipients
                        .iter()
                        .map(|agency| agency_name(agency))
                        .collect(),
                    sections: sections
                        .iter()
                        .filter_map(|name| proto::section::parse(name))
                        .map(|section| section as i32)
                        .collect(),
                    evidence_sha256: hash.as_ref().to_vec(),
                    ..pb::Consent::default()
                };
                let consent = client::json("Consent", &consent).unwrap_or_default();
                let request = json!({"parent": case_name(&case), "consent": consent});
                ("ConsentService/GrantConsent", request)
            }
            Self::Withdraw { name } => ("ConsentService/WithdrawConsent", json!({"name": name})),
        })
    }
}

impl Feed {
    fn asked(self) -> Asked {
        match self {
            Self::List | Self::Watch { .. } => ("FeedService/ListFeed", json!({})),
            Self::Ack { cursor } => ("FeedService/AcknowledgeFeed", json!({"cursor": cursor})),
        }
    }
}

impl Agency {
    fn asked(self) -> Result<Asked, Failure> {
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

impl Disclosure {
    fn asked(self) -> Asked {
        match self {
            Self::List { case } => (
                "DisclosureService/ListDisclosures",
                json!({"parent": case_name(&case)}),
            ),
            Self::Checkpoint => ("DisclosureService/GetCheckpoint", json!({})),
        }
    }
}

fn read_json(file: &Path) -> Result<Value, Failure> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()).into())
}

/// "identity-number" as the contract's JSON has it.
fn section_value(name: &str) -> String {
    format!("SECTION_{}", name.to_uppercase().replace('-', "_"))
}

fn agency_name(text: &str) -> String {
    if text.starts_with("agencies/") {
        text.to_owned()
    } else {
        format!("agencies/{text}")
    }
}

async fn watch_case(connect: &Connect, case: &str) -> Result<(), Failure> {
    let request = pb::WatchCaseRequest {
        name: case_name(case),
        after: 0,
    };
    let mut stream = connect
        .client()?
        .cases()
        .watch_case(request)
        .await?
        .into_inner();
    while let Some(message) = stream.next().await {
        let Some(entry) = message?.entry else {
            continue;
        };
        let json = client::json("Entry", &entry).unwrap_or_default();
        say(&if connect.json {
            format!("{json}\n")
        } else {
            show::line(&json)
        })?;
    }
    Ok(())
}

async fn watch_feed(connect: &Connect, cursor: u64) -> Result<(), Failure> {
    let request = pb::WatchFeedRequest { cursor };
    let mut stream = connect
        .client()?
        .feeds()
        .watch_feed(request)
        .await?
        .into_inner();
    while let Some(event) = stream.next().await {
        let json = client::json("FeedEvent", &event?).unwrap_or_default();
        say(&if connect.json {
            format!("{json}\n")
        } else {
            show::line(&json)
        })?;
    }
    Ok(())
}

async fn login(connect: &Connect, user: &str, token_out: &Path) -> Result<(), Failure> {
    let mut password = String::new();
    std::io::stdin().read_line(&mut password)?;
    let request = pb::SignInRequest {
        user: format!("{}/users/{user}", agency_name(&connect.agency)),
        password: password.trim_end_matches(['\r', '\n']).to_owned(),
    };
    let session = connect
        .client()?
        .identity()
        .sign_in(request)
        .await?
        .into_inner();
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(token_out)
        .map_err(|error| format!("{}: {error}", token_out.display()))?;
    file.write_all(session.token.as_bytes())?;
    say(&format!(
        "signed in as {}; token in {}\n",
        session.user,
        token_out.display()
    ))
}

//! Commands that call a gateway: each is one method of the contract, with its
//! request as JSON and its answer shown as a table or as JSON. One module for
//! each noun.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use proto::v1 as pb;
use serde_json::{Value, json};

use super::agency::Agency;
use super::agreement::Agreement;
use super::break_glass::BreakGlass;
use super::case::Case;
use super::connect::Connect;
use super::consent::Consent;
use super::disclosure::Disclosure;
use super::feed::Feed;
use super::given::agency_name;
use super::matter::Matter;
use super::notice::Notice;
use super::referral::Referral;
use super::rules::Rules;
use super::webhook::Webhook;
use super::{Failure, say, show, watch};

/// A method and its request.
pub(super) type Asked = (&'static str, Value);

/// A command and whom to call.
#[derive(Debug, Subcommand)]
pub(crate) enum Call {
    /// Cases: list, show, explain, register, note, close, reopen, watch.
    Case {
        #[command(subcommand)]
        what: Case,
        #[command(flatten)]
        connect: Connect,
    },
    /// Referrals between agencies: each step that they can take.
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
    /// What the worker is to be told.
    Notice {
        #[command(subcommand)]
        what: Notice,
        #[command(flatten)]
        connect: Connect,
    },
    /// Collective disputes: one matter, many workers' cases.
    Matter {
        #[command(subcommand)]
        what: Matter,
        #[command(flatten)]
        connect: Connect,
    },
    /// Open a case in an emergency, and review what was opened.
    BreakGlass {
        #[command(subcommand)]
        what: BreakGlass,
        #[command(flatten)]
        connect: Connect,
    },
    /// What two agencies let pass between them.
    Agreement {
        #[command(subcommand)]
        what: Agreement,
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
    /// Where the agency's feed is posted to.
    Webhook {
        #[command(subcommand)]
        what: Webhook,
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
    /// The rules in force.
    Rules {
        #[command(subcommand)]
        what: Rules,
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
        #[arg(long, value_name = "FILE")]
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
        #[arg(long, value_name = "JSON", default_value = "{}")]
        input: String,
        #[command(flatten)]
        connect: Connect,
    },
}

impl Call {
    /// Calls, and prints the answer.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let (connect, asked) = match self {
            Self::Case {
                what: Case::Watch { case },
                connect,
            } => return watch::case(&connect, &case).await,
            Self::Feed {
                what: Feed::Watch { cursor },
                connect,
            } => return watch::feed(&connect, cursor).await,
            Self::Referral {
                what: what @ Referral::Create(_),
                connect,
            } => return create(&connect, what).await,
            Self::Webhook { what, connect } => return what.run(&connect).await,
            Self::Login {
                user,
                token_out,
                connect,
            } => return login(&connect, &user, &token_out).await,
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
            Self::Notice { what, connect } => (connect, what.asked()),
            Self::Matter { what, connect } => (connect, what.asked()),
            Self::BreakGlass { what, connect } => (connect, what.asked()),
            Self::Agreement { what, connect } => (connect, what.asked()),
            Self::Feed { what, connect } => (connect, what.asked()),
            Self::Agency { what, connect } => (connect, what.asked()?),
            Self::Disclosure { what, connect } => (connect, what.asked()),
            Self::Rules { what, connect } => (connect, what.asked()),
            Self::Whoami { connect } => (connect, ("IdentityService/WhoAmI", json!({}))),
        };
        ask(&connect, asked).await
    }
}

async fn ask(connect: &Connect, (method, request): Asked) -> Result<(), Failure> {
    let answer = connect.client()?.call(method, &request.to_string()).await?;
    say(&if connect.json {
        format!("{answer:#}\n")
    } else {
        show::answer(method, &answer)
    })
}

/// Drafts, and sends unless it is to stay a draft.
async fn create(connect: &Connect, what: Referral) -> Result<(), Failure> {
    let is_draft = matches!(&what, Referral::Create(create) if create.draft);
    let asked = what.asked();
    if is_draft {
        return ask(connect, asked).await;
    }
    let (method, request) = asked;
    let created = connect.client()?.call(method, &request.to_string()).await?;
    let name = created["name"].as_str().unwrap_or_default();
    let sent = ask(
        connect,
        ("ReferralService/SendReferral", json!({"name": name})),
    );
    sent.await.inspect_err(|_| {
        // Nothing more can be done where even standard error is closed.
        let _ = writeln!(
            std::io::stderr(),
            "drafted, not sent: {name}\n  to send it: casenet referral send {name}"
        );
    })
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

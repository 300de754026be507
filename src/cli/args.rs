//! What the commands that call a gateway take.

use std::path::PathBuf;

use clap::Subcommand;

use super::connect::Connect;
use super::webhook::Webhook;

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

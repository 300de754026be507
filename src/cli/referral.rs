//! `casenet referral`: every step that a referral can take.

use clap::{Args, Subcommand};
use proto::v1::Section;
use serde_json::{Value, json};

use super::calls::Asked;
use super::given::{
    Page, agency_name, case_name, child_name, money, section, sections, until, value,
};

/// What to do with referrals.
#[derive(Debug, Subcommand)]
pub(crate) enum Referral {
    /// Your referrals, newest first, with what you may do now.
    #[command(after_help = "Example: casenet referral list --box in --open")]
    List {
        /// Only those of this case; for its lead: of all agencies.
        #[arg(long, value_name = "CASE")]
        case: Option<String>,
        /// Only those that you received (in) or sent (out).
        #[arg(long = "box", value_name = "BOX", value_parser = ["in", "out"])]
        of: Option<String>,
        /// Only those that have not ended.
        #[arg(long)]
        open: bool,
        #[command(flatten)]
        page: Page,
    },
    /// One referral: its course, and what you may do now.
    #[command(after_help = "Example: casenet referral show 330782-2026-000001/0d3k9")]
    Show {
        /// CASE/ID, as tables show it, or the full name.
        name: String,
    },
    /// Draft a referral to one agency and send it.
    #[command(
        after_help = "Example: casenet referral create 330782-2026-000001 --to yiwu-labour --service arbitration --purpose 'arbitrate the wages of 2025' --scope summary,identity,claims --legal-basis PIPL-13-3"
    )]
    Create(Create),
    /// Ask every agency that offers the service at once; the first that accepts
    /// gets it, and the others' referrals end.
    #[command(
        after_help = "Example: casenet referral pool 330782-2026-000001 --service legal_representation --purpose 'represent in arbitration' --scope summary,identity,claims --consent 330782-2026-000001/0c7m2"
    )]
    Pool {
        /// The case's number.
        case: String,
        #[command(flatten)]
        basis: Basis,
        #[command(flatten)]
        header: Header,
    },
    /// Send a draft: the receiver sees what the case is about, and no name.
    #[command(after_help = "Example: casenet referral send 330782-2026-000001/0d3k9")]
    Send(One),
    /// Say that your system has it.
    #[command(after_help = "Example: casenet referral acknowledge 330782-2026-000001/0d3k9")]
    Acknowledge(One),
    /// Accept it: you get access to its scope.
    #[command(after_help = "Example: casenet referral accept 330782-2026-000001/0d3k9")]
    Accept(One),
    /// Reject it.
    #[command(
        after_help = "Example: casenet referral reject 330782-2026-000001/0d3k9 --reason capacity"
    )]
    Reject(Coded),
    /// Contest a rejection, once (for the lead): a new referral takes its place.
    #[command(
        after_help = "Example: casenet referral contest 330782-2026-000001/0d3k9 --why 'the place of work lies in your district'"
    )]
    Contest {
        #[command(flatten)]
        one: One,
        /// Why, naming nobody; the new referral's purpose.
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
    /// Begin to work on it.
    #[command(after_help = "Example: casenet referral start 330782-2026-000001/0d3k9")]
    Start(One),
    /// Ask its sender something; you wait for the answer.
    #[command(
        alias = "ask-information",
        after_help = "Example: casenet referral ask 330782-2026-000001/0d3k9 'is there a written contract?'"
    )]
    Ask {
        #[command(flatten)]
        one: One,
        /// What you need to know, naming nobody.
        question: String,
    },
    /// Answer what the receiver asked, and add to the scope if it needs more.
    #[command(
        alias = "provide-information",
        after_help = "Example: casenet referral provide 330782-2026-000001/0d3k9 'yes, it is in the evidence' --add evidence"
    )]
    Provide {
        #[command(flatten)]
        one: One,
        /// The answer, naming nobody.
        answer: String,
        /// Sections to add to the scope, separated by commas.
        #[arg(long, value_name = "SECTIONS", value_delimiter = ',', value_parser = section)]
        add: Vec<Section>,
    },
    /// Wait for somebody else: an appraisal, a reply.
    #[command(
        alias = "await-third-party",
        after_help = "Example: casenet referral await 330782-2026-000001/0d3k9 --reason appraisal"
    )]
    Await(Coded),
    /// Pause. Statutory time runs on.
    #[command(
        after_help = "Example: casenet referral hold 330782-2026-000001/0d3k9 --reason worker_abroad"
    )]
    Hold(Coded),
    /// Go on after a pause or a wait.
    #[command(after_help = "Example: casenet referral resume 330782-2026-000001/0d3k9")]
    Resume(One),
    /// Complete it, with its outcome.
    #[command(
        after_help = "Example: casenet referral complete 330782-2026-000001/0d3k9 --outcome awarded --amount 48000"
    )]
    Complete {
        #[command(flatten)]
        one: One,
        /// The outcome ("awarded", "settled", "advice_given", …).
        #[arg(long, value_name = "CODE")]
        outcome: String,
        /// The sum recovered or awarded, in yuan.
        #[arg(long, value_name = "YUAN", value_parser = money)]
        amount: Option<Value>,
    },
    /// It was tried without success.
    #[command(
        after_help = "Example: casenet referral fail 330782-2026-000001/0d3k9 --reason employer_insolvent"
    )]
    Fail(Coded),
    /// Take note of the outcome of what you sent.
    #[command(
        after_help = "Example: casenet referral acknowledge-outcome 330782-2026-000001/0d3k9"
    )]
    AcknowledgeOutcome(One),
    /// Call off what you sent.
    #[command(
        after_help = "Example: casenet referral withdraw 330782-2026-000001/0d3k9 --reason settled"
    )]
    Withdraw(Coded),
    /// Let access last until then, also after it has ended by time.
    #[command(
        after_help = "Example: casenet referral extend 330782-2026-000001/0d3k9 --until 2026-12-31"
    )]
    Extend {
        #[command(flatten)]
        one: One,
        /// A day, days from now ("30d"), or an instant.
        #[arg(long, value_parser = until)]
        until: String,
    },
    /// Work again on what has ended within 30 days.
    #[command(
        after_help = "Example: casenet referral reopen 330782-2026-000001/0d3k9 --reason not_performed"
    )]
    Reopen(Coded),
    /// The authority that it rests on has ended: so does all access (for the lead).
    #[command(
        alias = "authority-revoked",
        after_help = "Example: casenet referral revoke 330782-2026-000001/0d3k9 --reason basis_ended"
    )]
    Revoke(Coded),
    /// It should never have been. Two signed-in people of the sender's: the
    /// first proposes, the second marks it.
    #[command(
        alias = "propose-error",
        after_help = "Example: casenet referral mark-error 330782-2026-000001/0d3k9 --reason wrong_agency --token-file token"
    )]
    MarkError(Coded),
}

/// A referral to one agency.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The case's number.
    case: String,
    /// The receiving agency.
    #[arg(long, value_name = "AGENCY")]
    to: String,
    #[command(flatten)]
    basis: Basis,
    #[command(flatten)]
    header: Header,
    /// Why a second one for the same service to the same agency is right.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    duplicate_reason: String,
    /// Leave it a draft.
    #[arg(long)]
    pub(super) draft: bool,
}

/// What it rests on: one of the two.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Basis {
    /// The worker's consent that it rests on.
    #[arg(long, value_name = "CASE/ID")]
    consent: Option<String>,
    /// The duty of a state organ that it rests on ("PIPL-13-3").
    #[arg(long, value_name = "CODE")]
    legal_basis: Option<String>,
}

/// What is asked, and what may be seen for it.
#[derive(Debug, Args)]
pub(crate) struct Header {
    /// The service asked for; `casenet agency list` has them.
    #[arg(long, value_name = "CODE")]
    service: String,
    /// What the receiver is to do, naming nobody.
    #[arg(long, value_name = "TEXT")]
    purpose: String,
    /// Sections that it may see once it has accepted, separated by commas.
    #[arg(
        long,
        value_name = "SECTIONS",
        required = true,
        value_delimiter = ',',
        value_parser = section
    )]
    scope: Vec<Section>,
    /// Advise, work alongside, take the lead, or (media, universities) be informed.
    #[arg(
        long,
        default_value = "assist",
        value_parser = ["consult", "assist", "handover", "inform"]
    )]
    kind: String,
    /// The receiver may only read.
    #[arg(long)]
    read_only: bool,
    /// How urgent it is.
    #[arg(long, default_value = "routine", value_parser = ["routine", "urgent", "asap"])]
    priority: String,
    /// Answer expected by: a day, days from now ("5d"), or an instant; else by
    /// the terms of the service.
    #[arg(long, value_name = "WHEN", value_parser = until)]
    respond_by: Option<String>,
    /// Work expected to be done by.
    #[arg(long, value_name = "WHEN", value_parser = until)]
    fulfil_by: Option<String>,
    /// Access lasts until then; else by the terms of the service.
    #[arg(long, value_name = "WHEN", value_parser = until)]
    access_until: Option<String>,
    /// The referral that you work under and of which this one is a part.
    #[arg(long, value_name = "CASE/ID")]
    part_of: Option<String>,
    /// What you keep after a handover.
    #[arg(long, value_parser = ["none", "status", "read"])]
    residual: Option<String>,
}

impl Header {
    /// The header as JSON, without receiver and basis.
    pub(super) fn json(&self) -> Value {
        let mut header = json!({
            "kind": value("REFERRAL_KIND_", &self.kind),
            "serviceCode": self.service,
            "purpose": self.purpose,
            "scope": sections(&self.scope),
            "contribute": !self.read_only,
            "priority": value("PRIORITY_", &self.priority),
        });
        let times = [
            ("respondBy", &self.respond_by),
            ("fulfilBy", &self.fulfil_by),
            ("accessUntil", &self.access_until),
        ];
        for (name, time) in times {
            if let Some(time) = time {
                header[name] = json!(time);
            }
        }
        if let Some(parent) = &self.part_of {
            header["partOf"] = json!(child_name("referrals", parent));
        }
        if let Some(residual) = &self.residual {
            header["residual"] = json!(value("RESIDUAL_CHOICE_", residual));
        }
        header
    }
}

impl Basis {
    fn put(&self, header: &mut Value) {
        if let Some(consent) = &self.consent {
            header["consent"] = json!(child_name("consents", consent));
        }
        if let Some(basis) = &self.legal_basis {
            header["legalBasis"] = json!(basis);
        }
    }
}

/// One referral.
#[derive(Debug, Args)]
pub(crate) struct One {
    /// CASE/ID, as tables show it, or the full name.
    name: String,
    /// Only if nobody has changed it since you read this.
    #[arg(long, default_value = "", hide_default_value = true)]
    etag: String,
    /// Names the request: repeating it has one effect.
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    request_id: String,
}

/// One referral, and why.
#[derive(Debug, Args)]
pub(crate) struct Coded {
    #[command(flatten)]
    one: One,
    /// The reason, a code.
    #[arg(long, value_name = "CODE")]
    reason: String,
}

impl One {
    fn json(self) -> Value {
        json!({
            "name": child_name("referrals", &self.name),
            "etag": self.etag,
            "requestId": self.request_id,
        })
    }

    fn with(self, field: &str, given: impl Into<Value>) -> Value {
        let mut request = self.json();
        request[field] = given.into();
        request
    }
}

impl Coded {
    fn json(self) -> Value {
        self.one.with("reason", self.reason)
    }
}

impl Create {
    fn json(self) -> Value {
        let mut referral = self.header.json();
        self.basis.put(&mut referral);
        referral["toAgency"] = json!(agency_name(&self.to));
        json!({
            "parent": case_name(&self.case),
            "referral": referral,
            "duplicateReason": self.duplicate_reason,
        })
    }
}

impl Referral {
    /// The method and its request.
    pub(super) fn asked(self) -> Asked {
        match self {
            Self::List {
                case,
                of,
                open,
                page,
            } => {
                let of = match of.as_deref() {
                    Some("in") => "REFERRAL_BOX_INBOX",
                    Some(_) => "REFERRAL_BOX_OUTBOX",
                    None => "REFERRAL_BOX_UNSPECIFIED",
                };
                let case = case.map(|case| case_name(&case)).unwrap_or_default();
                let request = json!({"parent": case, "box": of, "openOnly": open});
                ("ReferralService/ListReferrals", page.of(request))
            }
            Self::Show { name } => (
                "ReferralService/GetReferral",
                json!({"name": child_name("referrals", &name)}),
            ),
            Self::Create(create) => ("ReferralService/CreateReferral", create.json()),
            Self::Pool {
                case,
                basis,
                header,
            } => {
                let mut referral = header.json();
                basis.put(&mut referral);
                let request = json!({"parent": case_name(&case), "referral": referral});
                ("ReferralService/ReferToPool", request)
            }
            Self::Send(one) => ("ReferralService/SendReferral", one.json()),
            Self::Acknowledge(one) => ("ReferralService/AcknowledgeReferral", one.json()),
            Self::Accept(one) => ("ReferralService/AcceptReferral", one.json()),
            Self::Reject(coded) => ("ReferralService/RejectReferral", coded.json()),
            Self::Contest { one, why } => {
                ("ReferralService/ContestReferral", one.with("reason", why))
            }
            Self::Start(one) => ("ReferralService/StartReferral", one.json()),
            Self::Ask { one, question } => (
                "ReferralService/AskInformation",
                one.with("question", question),
            ),
            Self::Provide { one, answer, add } => {
                let mut request = one.with("answer", answer);
                request["addedScope"] = sections(&add);
                ("ReferralService/ProvideInformation", request)
            }
            Self::Await(coded) => ("ReferralService/AwaitThirdParty", coded.json()),
            Self::Hold(coded) => ("ReferralService/HoldReferral", coded.json()),
            Self::Resume(one) => ("ReferralService/ResumeReferral", one.json()),
            Self::Complete {
                one,
                outcome,
                amount,
            } => {
                let mut request = one.with("outcome", outcome);
                request["outcomeAmount"] = amount.unwrap_or_default();
                ("ReferralService/CompleteReferral", request)
            }
            Self::Fail(coded) => ("ReferralService/FailReferral", coded.json()),
            Self::AcknowledgeOutcome(one) => ("ReferralService/AcknowledgeOutcome", one.json()),
            Self::Withdraw(coded) => ("ReferralService/WithdrawReferral", coded.json()),
            Self::Extend { one, until } => {
                let request = one.with("accessUntil", until);
                ("ReferralService/ExtendReferral", request)
            }
            Self::Reopen(coded) => ("ReferralService/ReopenReferral", coded.json()),
            Self::Revoke(coded) => ("ReferralService/RevokeReferral", coded.json()),
            Self::MarkError(coded) => ("ReferralService/MarkReferralError", coded.json()),
        }
    }
}

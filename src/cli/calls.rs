//! Commands that call a gateway: each is one method of the contract, with its
//! request as JSON and its answer shown as a table or as JSON.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde_json::{Value, json};
use tokio_stream::StreamExt as _;

use super::args::{Agency, Call, Case, Consent, Disclosure, Feed, Referral, Rules};
use super::connect::{Connect, case_name};
use super::{Failure, say, show};
use crate::client;
use proto::v1 as pb;

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
            Self::Webhook { what, connect } => return what.run(&connect).await,
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
            Self::Rules { what, connect } => (connect, what.asked()),
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

impl Rules {
    fn asked(self) -> Asked {
        match self {
            Self::Show => ("RulesService/GetRules", json!({})),
            Self::Reload { dry_run } => {
                let request = json!({"validateOnly": dry_run});
                ("RulesService/ReloadRules", request)
            }
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

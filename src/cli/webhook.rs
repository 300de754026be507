//! `casenet webhook`: where an agency's feed is posted to.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};

use super::connect::Connect;
use super::{Failure, say, show};
use crate::client::CallError;

/// What to do with webhooks.
#[derive(Debug, Subcommand)]
pub(crate) enum Webhook {
    /// Your webhooks, and how their deliveries go.
    List,
    /// One webhook.
    Show {
        /// Its id.
        id: String,
    },
    /// Add a webhook, or change what is given of one.
    #[command(
        after_help = "Example: casenet webhook set main --url https://hooks.example.cn/casenet --kinds 'referral.*,grant.ended' --secret-out hook.secret"
    )]
    Set {
        /// Its id.
        id: String,
        /// Where to: https.
        #[arg(long)]
        url: Option<String>,
        /// Kinds of event, separated by commas ("referral.*"); "" for all.
        #[arg(long, value_delimiter = ',')]
        kinds: Option<Vec<String>>,
        /// A new one begins after this place in the feed; else with what comes.
        #[arg(long)]
        after: Option<u64>,
        /// Stop delivering; what comes waits.
        #[arg(long, conflicts_with = "resume")]
        pause: bool,
        /// Deliver again, also after the receiver answered 410 Gone.
        #[arg(long)]
        resume: bool,
        /// Where to write the secret of a new one (readable by you only); else
        /// it is printed, once.
        #[arg(long)]
        secret_out: Option<PathBuf>,
    },
    /// Give it a new secret; both sign for a day.
    Rotate {
        /// Its id.
        id: String,
        /// The old secret is known to others: it signs no more.
        #[arg(long)]
        revoke_old: bool,
        /// Where to write the secret (readable by you only); else it is printed.
        #[arg(long)]
        secret_out: Option<PathBuf>,
    },
    /// Post a test event now.
    Ping {
        /// Its id.
        id: String,
    },
    /// Remove a webhook with its dead letters.
    Delete {
        /// Its id.
        id: String,
    },
    /// Events that were given up.
    DeadLetters {
        /// The webhook's id.
        id: String,
    },
    /// Post dead letters again.
    Redeliver {
        /// The webhook's id.
        id: String,
        /// Their cursors, separated by commas; without: all.
        #[arg(value_delimiter = ',')]
        cursors: Vec<u64>,
    },
}

impl Webhook {
    /// Calls, and prints the answer.
    pub(crate) async fn run(self, connect: &Connect) -> Result<(), Failure> {
        let agency = format!(
            "agencies/{}",
            connect.agency.trim_start_matches("agencies/")
        );
        let name = |id: &str| match id.contains('/') {
            true => id.to_owned(),
            false => format!("{agency}/webhooks/{id}"),
        };
        let mut secret_file = None;
        let (method, request) = match self {
            Self::List => ("WebhookService/ListWebhooks", json!({"parent": agency})),
            Self::Show { id } => ("WebhookService/GetWebhook", json!({"name": name(&id)})),
            Self::Ping { id } => ("WebhookService/PingWebhook", json!({"name": name(&id)})),
            Self::Delete { id } => ("WebhookService/DeleteWebhook", json!({"name": name(&id)})),
            Self::DeadLetters { id } => (
                "WebhookService/ListDeadLetters",
                json!({"parent": name(&id), "pageSize": 200}),
            ),
            Self::Redeliver { id, cursors } => (
                "WebhookService/RedeliverDeadLetters",
                json!({"name": name(&id), "cursors": cursors}),
            ),
            Self::Rotate {
                id,
                revoke_old,
                secret_out,
            } => {
                secret_file = secret_out;
                let request = json!({"name": name(&id), "revokeOld": revoke_old});
                ("WebhookService/RotateWebhookSecret", request)
            }
            Self::Set {
                id,
                url,
                kinds,
                after,
                pause,
                resume,
                secret_out,
            } => {
                let mut webhook = json!({"name": name(&id)});
                let mut paths = Vec::new();
                if let Some(url) = url {
                    webhook["url"] = json!(url);
                    paths.push("url");
                }
                if let Some(kinds) = kinds {
                    let given = kinds.iter().filter(|kind| !kind.is_empty());
                    webhook["kinds"] = given.map(String::as_str).collect();
                    paths.push("kinds");
                }
                if pause || resume {
                    let state = if pause { "PAUSED" } else { "ENABLED" };
                    webhook["state"] = json!(format!("WEBHOOK_STATE_{state}"));
                    paths.push("state");
                }
                if exists(connect, &name(&id)).await? {
                    let request = json!({"webhook": webhook, "updateMask": paths.join(",")});
                    ("WebhookService/UpdateWebhook", request)
                } else {
                    secret_file = secret_out;
                    if let Some(fields) = webhook.as_object_mut() {
                        fields.remove("name");
                    }
                    let id = id.rsplit('/').next().unwrap_or_default();
                    let mut request =
                        json!({"parent": agency, "webhookId": id, "webhook": webhook});
                    if let Some(after) = after {
                        request["after"] = json!(after);
                    }
                    ("WebhookService/CreateWebhook", request)
                }
            }
        };
        // Opened first: a secret that cannot be written is shown to nobody.
        let file = secret_file.as_deref().map(private_file).transpose()?;
        let mut answer = connect.client()?.call(method, &request.to_string()).await?;
        if let (Some(mut file), Some(fields)) = (file, answer.as_object_mut()) {
            let secret = fields.remove("secret").unwrap_or_default();
            file.write_all(secret.as_str().unwrap_or_default().as_bytes())?;
        }
        say(&if connect.json {
            format!("{answer:#}\n")
        } else {
            show::answer(method, &answer)
        })
    }
}

async fn exists(connect: &Connect, name: &str) -> Result<bool, Failure> {
    let request = json!({"name": name}).to_string();
    let answer: Result<Value, CallError> = connect
        .client()?
        .call("WebhookService/GetWebhook", &request)
        .await;
    match answer {
        Ok(_) => Ok(true),
        Err(CallError::Refused(status)) if status.code() == tonic::Code::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn private_file(path: &Path) -> Result<fs::File, Failure> {
    let opened = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    opened.map_err(|error| format!("{}: {error}", path.display()).into())
}

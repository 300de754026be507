//! Webhooks: an agency's feed, posted to a system of its own. Names and coded
//! reasons only, never what a case says.
//!
//! Reading order: `hook` (what is kept), `next` (what is to be posted now),
//! `event` and `secret` (what is posted, and how it is signed), `target` and
//! `courier` (where to, and the call itself), `outcome` (what a result does to
//! the webhook), `back_off`; `run` (one webhook), `schedule` (all of them);
//! `service` and `given` (what the agency says).
//!
//! Architecture invariant: reads the feed and nothing of a case.

mod back_off;
mod courier;
mod event;
mod given;
mod hook;
mod next;
mod outcome;
mod run;
mod schedule;
mod secret;
mod service;
mod target;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use host::{Desk, Drain};
use proto::v1::webhook_service_server::WebhookServiceServer;
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;

use self::courier::Courier;
pub use self::courier::TrustError;
use self::run::Runner;
pub use self::service::Webhooks;

/// What the operator says about webhooks (`[webhooks]` in `casenet.toml`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebhookSettings {
    /// Loopback, private and unique local addresses may be called: for
    /// agencies on an intranet. Link-local and cloud metadata addresses never.
    pub allow_private: bool,
    /// Authorities that sign the receivers' certificates, in PEM; without it
    /// those of the web.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
}

impl WebhookSettings {
    /// Whether webhooks could be delivered under these settings: reads the file.
    pub fn check(&self) -> Result<(), TrustError> {
        courier::trust(self).map(|_| ())
    }
}

/// Starts delivering, until the drain begins. Answers the service, and the task
/// to be awaited when all stops. Must be called inside a tokio runtime.
pub fn webhooks(
    desk: Desk,
    settings: &WebhookSettings,
    drain: &Drain,
) -> Result<(WebhookServiceServer<Webhooks>, JoinHandle<()>), TrustError> {
    let courier = Courier::new(settings, desk.clock().clone())?;
    let runner = Runner::new(desk.clone(), courier.clone());
    let delivering = tokio::spawn(schedule::deliver(runner, drain.signalled()));
    let service = WebhookServiceServer::new(Webhooks::new(desk, courier));
    Ok((service, delivering))
}

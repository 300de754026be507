//! The pages, served: beside a network or alone, a client of its gateway either
//! way.

use std::net::SocketAddr;
use std::sync::Arc;

use host::tls::{ClientIdentity, ReloadingConfig, ServerIdentity};
use host::{Drain, Limits, SharedClock, SystemIds, Upstream};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::config::{Config, Role};
use crate::network::StartError;

/// Pages that are being served.
pub struct Pages {
    /// Where browsers find them.
    pub address: SocketAddr,
    drain: Drain,
    serving: JoinHandle<()>,
}

impl Pages {
    /// Serves the pages of the gateway at `gateway` (`host:port`).
    pub async fn start(
        config: &Config,
        gateway: &str,
        clock: SharedClock,
    ) -> Result<Self, StartError> {
        let identity = ClientIdentity::new(config.web_client_files());
        let drain = Drain::new();
        let routes = client::open(client::Opening {
            gateway: Upstream::remote(gateway, &identity)?,
            clock,
            ids: Arc::new(SystemIds::new()),
            agencies: config.agencies.iter().map(|a| a.to_wire()).collect(),
            drain: drain.clone(),
        });
        let tls = ReloadingConfig::load(ServerIdentity::pages(config.role_files(Role::Web)))?;
        let at = config.address(Role::Web);
        let failed = |error| StartError::Listen(at.to_owned(), error);
        let listener = TcpListener::bind(at).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let drained = drain.signalled();
        let serving = tokio::spawn(async move {
            let served = host::serve(listener, Arc::new(tls), routes, Limits::public(), drained);
            if let Err(error) = served.await {
                tracing::error!(%error, role = "web", "a listener ended");
            }
        });
        Ok(Self {
            address,
            drain,
            serving,
        })
    }

    /// Whether the folder was made with a certificate for the pages; older
    /// folders were not.
    pub fn can_start(config: &Config) -> bool {
        config.role_files(Role::Web).certificate.exists()
            && config.web_client_files().certificate.exists()
    }

    /// Stops: no new pages, open streams end.
    pub async fn stop(self) {
        self.drain.begin();
        // A listener that panicked has been logged by the runtime.
        let _ = self.serving.await;
    }
}

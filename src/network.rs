//! A network that runs: its roles opened in floor order, near or far.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use host::tls::{ClientIdentity, ReloadingConfig, ServerIdentity, TlsError, check_private};
use host::{
    Desk, Drain, EnvelopeKey, Envelopes, Limits, SharedClock, SharedIds, SystemIds, Upstream,
};
use store::{OpenError, Store};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::service::Routes;

use crate::config::{Config, Role};

/// Why a network could not be started. Says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A certificate, key or list.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// A store.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// An address to call.
    #[error(transparent)]
    Upstream(#[from] host::upstream::UpstreamError),
    /// The gateway.
    #[error(transparent)]
    Gateway(#[from] gateway::OpenError),
    /// The rules.
    #[error(transparent)]
    Rules(#[from] gateway::RulesRefused),
    /// Whom webhooks trust.
    #[error(transparent)]
    Webhooks(#[from] casebook::TrustError),
    /// The configured agencies.
    #[error("the configured agencies: {0}")]
    Agencies(host::Refusal),
    /// A key file.
    #[error("{0}: {1}")]
    Key(PathBuf, String),
    /// An address to listen on.
    #[error("cannot listen on {0}: {1}; is something else there? Change [listen] in casenet.toml")]
    Listen(String, std::io::Error),
}

/// A running network, or the roles of it that run here.
pub struct Running {
    /// Where each role that listens here can be reached.
    pub addresses: BTreeMap<Role, SocketAddr>,
    drain: Drain,
    serving: Vec<JoinHandle<()>>,
    stores: Vec<Store>,
}

/// The parts that every role shares.
struct Rooms<'a> {
    config: &'a Config,
    clock: SharedClock,
    ids: SharedIds,
    envelopes: Envelopes,
    drain: Drain,
    /// Tasks to be awaited when all stops.
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Starts these roles. With the gateway among them, services that are also
    /// here are called without a socket; without it, each listens for itself.
    pub async fn start(
        config: &Config,
        roles: &[Role],
        clock: SharedClock,
    ) -> Result<Self, StartError> {
        let mut rooms = Rooms::open(config, clock)?;
        let with_gateway = roles.contains(&Role::Gateway);
        let mut running = Self {
            addresses: BTreeMap::new(),
            drain: rooms.drain.clone(),
            serving: Vec::new(),
            stores: Vec::new(),
        };
        let mut here: BTreeMap<Role, Routes> = BTreeMap::new();
        for role in Role::ALL.into_iter().filter(|role| roles.contains(role)) {
            let store = Store::open(&config.store(role))?;
            running.stores.push(store.clone());
            let routes = rooms.role(role, store, &here).await?;
            running.serving.append(&mut rooms.tasks);
            if role == Role::Gateway || !with_gateway {
                running.listen(&rooms, role, routes.clone()).await?;
            }
            here.insert(role, routes);
        }
        Ok(running)
    }

    async fn listen(
        &mut self,
        rooms: &Rooms<'_>,
        role: Role,
        routes: Routes,
    ) -> Result<(), StartError> {
        let address = rooms.config.address(role);
        let failed = |error| StartError::Listen(address.to_owned(), error);
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        self.addresses
            .insert(role, listener.local_addr().map_err(failed)?);
        let files = rooms.config.role_files(role);
        let identity = if role == Role::Gateway {
            ServerIdentity::gateway(files)
        } else {
            ServerIdentity::service(files)
        };
        let tls = Arc::new(ReloadingConfig::load(identity)?);
        let (routes, _health) = host::routes_with_health(routes, &[]).await;
        let drained = self.drain.signalled();
        self.serving.push(tokio::spawn(async move {
            let served = host::serve(listener, tls, routes, Limits::agencies(), drained).await;
            if let Err(error) = served {
                tracing::error!(%error, role = role.name(), "a listener ended");
            }
        }));
        Ok(())
    }

    /// Where the gateway can be reached.
    pub fn gateway(&self) -> Option<SocketAddr> {
        self.addresses.get(&Role::Gateway).copied()
    }

    /// Stops: no new work, open calls end, stores close.
    pub async fn stop(self) {
        self.drain.begin();
        for task in self.serving {
            // A listener that panicked has been logged by the runtime.
            let _ = task.await;
        }
        for store in self.stores.into_iter().rev() {
            store.close().await;
        }
    }
}

impl<'a> Rooms<'a> {
    fn open(config: &'a Config, clock: SharedClock) -> Result<Self, StartError> {
        let path = config.network_key();
        check_private(&path)?;
        let wrong = |what: String| StartError::Key(path.clone(), what);
        let secret = fs::read(&path).map_err(|error| wrong(error.to_string()))?;
        let key = EnvelopeKey::from_bytes(&secret)
            .ok_or_else(|| wrong("must hold at least 32 bytes".to_owned()))?;
        Ok(Self {
            config,
            envelopes: Envelopes::new(key, clock.clone()),
            clock,
            ids: Arc::new(SystemIds::new()),
            drain: Drain::new(),
            tasks: Vec::new(),
        })
    }

    async fn role(
        &mut self,
        role: Role,
        store: Store,
        here: &BTreeMap<Role, Routes>,
    ) -> Result<Routes, StartError> {
        let open = match role {
            Role::Gateway => return self.gateway(store, here).await,
            Role::Casebook => {
                let agencies = self
                    .config
                    .agencies
                    .iter()
                    .map(|agency| agency.to_wire())
                    .collect();
                casebook::enlist(&store, agencies, self.clock.now())
                    .await
                    .map_err(StartError::Agencies)?;
                // The spine has no spine above it.
                let desk = self.desk(role, store, Upstream::Local(Routes::default()));
                let settings = self.config.webhook_settings();
                let (webhooks, delivering) =
                    casebook::webhooks(desk.clone(), &settings, &self.drain)?;
                self.tasks.push(delivering);
                let terms = self.config.referrals.clone();
                let keeping = casebook::keep_time(desk.clone(), terms.clone(), &self.drain);
                self.tasks.push(keeping);
                return Ok(casebook::open(desk, terms).add_service(webhooks));
            }
            Role::Union => union::open,
            Role::Lawfirm => lawfirm::open,
            Role::Labour => labour::open,
            Role::Judiciary => judiciary::open,
            Role::Media => media::open,
            // Holds no store and is no part of the network: `crate::web`.
            Role::Web => return Ok(Routes::default()),
        };
        let spine = self.upstream(role, Role::Casebook, here)?;
        Ok(open(self.desk(role, store, spine)))
    }

    async fn gateway(
        &self,
        store: Store,
        here: &BTreeMap<Role, Routes>,
    ) -> Result<Routes, StartError> {
        let path = self.config.log_key();
        check_private(&path)?;
        let wrong = |what: String| StartError::Key(path.clone(), what);
        let pkcs8 = fs::read(&path).map_err(|error| wrong(error.to_string()))?;
        let origin =
            tlog::Origin::parse(&self.config.log_origin).map_err(|e| wrong(e.to_string()))?;
        let log_key =
            tlog::SigningKey::from_pkcs8(origin, &pkcs8).map_err(|e| wrong(e.to_string()))?;
        let rules = gateway::RuleBook::open(self.config.rules(), self.clock.now()).await?;
        let mut upstreams = gateway::Upstreams::new();
        for role in Role::ALL.into_iter().filter(|role| *role != Role::Gateway) {
            upstreams.insert(
                role.name().to_owned(),
                self.upstream(Role::Gateway, role, here)?,
            );
        }
        Ok(gateway::open(gateway::Opening {
            store,
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            envelopes: self.envelopes.clone(),
            upstreams,
            rules,
            limits: self.config.limits.clone(),
            log_key,
        })?)
    }

    /// How `from` calls `to`: in this process if it is here, else over mTLS.
    fn upstream(
        &self,
        from: Role,
        to: Role,
        here: &BTreeMap<Role, Routes>,
    ) -> Result<Upstream, StartError> {
        if let Some(routes) = here.get(&to) {
            return Ok(Upstream::Local(routes.clone()));
        }
        let identity = ClientIdentity::new(self.config.role_files(from));
        Ok(Upstream::remote(self.config.address(to), &identity)?)
    }

    fn desk(&self, role: Role, store: Store, spine: Upstream) -> Desk {
        let (clock, ids) = (self.clock.clone(), self.ids.clone());
        Desk::start(
            role.name(),
            store,
            clock,
            ids,
            self.envelopes.clone(),
            spine,
            &self.drain,
        )
    }
}

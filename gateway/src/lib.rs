//! The one gate: identity, policy, filter, disclosure log.
//!
//! Reading order: `pass` (the line that every call walks), `identity`, `admit`,
//! `route`, `policy`, `ask` (services), `join`, `filter`, `disclosure`,
//! `stream`; `rest` (the same over HTTP/JSON).
//!
//! Architecture invariant: the gateway imports no service and knows no field of
//! a case but the label. A new agency service needs a proto file and policies,
//! and no code here.

mod access;
mod admit;
mod answer;
mod ask;
mod disclosure;
mod filter;
#[cfg(test)]
mod filter_tests;
mod frame;
mod identity;
mod join;
mod pass;
mod policy;
mod rest;
mod route;
mod stream;
mod turnstile;

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use host::{Envelopes, SharedClock, SharedIds, Upstream};
use http::header::CONTENT_TYPE;
use http::{Request, Response};
use proto::contract::{Contract, Unusable};
use proto::v1::disclosure_service_server::DisclosureServiceServer;
use proto::v1::identity_service_server::IdentityServiceServer;
use proto::v1::rules_service_server::RulesServiceServer;
use store::Store;
use tonic::body::Body;
use tonic::service::Routes;
use tonic_web::{GrpcWebLayer, GrpcWebService};
use tower::{Layer, Service};

pub use admit::Limits;
pub use disclosure::{DisclosureLog, LogError};
pub use filter::{Redacted, Shown, redact};
pub use policy::{
    Asked, Breach, Decision, FLAGS, Facts, Finding, InForce, Level, Permit, PolicyError,
    PolicyFiles, Proof, ProveError, Proven, Replay, RuleBook, RuleSource, Rules, RulesRefused,
    Seeker, Solver, Weighed, prove,
};
pub use rest::openapi;
pub use route::Upstreams;

/// What a gateway is opened with.
pub struct Opening {
    /// Its own store: accounts, sessions, the disclosure log.
    pub store: Store,
    /// The clock.
    pub clock: SharedClock,
    /// Randomness.
    pub ids: SharedIds,
    /// The network's key.
    pub envelopes: Envelopes,
    /// Where each role answers.
    pub upstreams: Upstreams,
    /// The rules.
    pub rules: RuleBook,
    /// How much it takes on.
    pub limits: Limits,
    /// Signs the log's heads.
    pub log_key: tlog::SigningKey,
}

/// Why a gateway cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The contract of this build.
    #[error(transparent)]
    Contract(#[from] Unusable),
    /// The disclosure log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Reflection could not be set up.
    #[error("reflection: {0}")]
    Reflection(String),
}

/// Opens the gateway: everything of the contract over gRPC, gRPC-Web and
/// HTTP/JSON, and reflection. Must be called inside a tokio runtime.
pub fn open(opening: Opening) -> Result<Routes, OpenError> {
    let Opening {
        store,
        clock,
        ids,
        envelopes,
        mut upstreams,
        rules,
        limits,
        log_key,
    } = opening;
    let contract = Arc::new(Contract::load()?);
    let log = DisclosureLog::open(store.clone())?;

    let accounts = identity::Accounts::new(store.clone(), clock.clone(), ids.clone());
    let sessions = identity::Sessions::new(store.clone(), clock.clone());
    let identities = identity::Identities::new(accounts, sessions, envelopes.clone(), ids);
    let disclosures = disclosure::Disclosures::new(log.clone(), log_key, envelopes.clone());
    let desk = policy::RulesDesk::new(rules.clone(), envelopes.clone(), clock.clone());
    let own = Routes::new(IdentityServiceServer::new(identities))
        .add_service(DisclosureServiceServer::new(disclosures))
        .add_service(RulesServiceServer::new(desk));
    upstreams.insert("gateway".to_owned(), Upstream::Local(own));

    let gate = Arc::new(pass::Gate {
        routes: route::Routes::new(contract, upstreams),
        rules,
        identity: identity::Identity::new(store, clock.clone()),
        admission: admit::Admission::new(limits, clock.clone()),
        log,
        envelopes,
        clock,
        turnstile: turnstile::Turnstile::default(),
    });
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(proto::DESCRIPTOR_SET)
        .build_v1()
        .map_err(|error| OpenError::Reflection(error.to_string()))?;
    let router = axum::Router::new().fallback_service(Gateway {
        grpc: GrpcWebLayer::new().layer(Grpc(Arc::clone(&gate))),
        rest: Arc::new(rest::Rest::new(gate)),
    });
    Ok(Routes::from(router).add_service(reflection))
}

/// The gate as a service of HTTP requests, in the protocol that each speaks.
#[derive(Clone)]
struct Gateway {
    grpc: GrpcWebService<Grpc>,
    rest: Arc<rest::Rest>,
}

impl Service<Request<axum::body::Body>> for Gateway {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<axum::body::Body>) -> Self::Future {
        let content_type = request.headers().get(CONTENT_TYPE);
        let is_grpc =
            content_type.is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"));
        if is_grpc {
            return Box::pin(self.grpc.call(request));
        }
        let rest = Arc::clone(&self.rest);
        Box::pin(async move { Ok(rest.answer(request.map(Body::new)).await) })
    }
}

/// The gate as gRPC reaches it; gRPC-Web has become gRPC above.
#[derive(Clone)]
struct Grpc(Arc<pass::Gate>);

impl Service<Request<Body>> for Grpc {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let gate = Arc::clone(&self.0);
        Box::pin(async move { Ok(gate.answer(request).await) })
    }
}

//! Where a service answers: in this process or at an address. Callers cannot
//! tell, and need not.

mod connect;

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Extensions, Request, Response};
use proto::v1::ErrorReason;
use tonic::body::Body;
use tonic::service::Routes;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tower::{Service, ServiceExt};

use crate::arrival::Arrival;
use crate::refusal::Refusal;
use crate::tls::{ClientIdentity, TlsError};

/// A connection that does not come about within this is given up.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);

/// Where a service answers. Generated clients take it as it is:
/// `CaseServiceClient::new(upstream.clone())`.
#[derive(Clone, Debug)]
pub enum Upstream {
    /// In this process.
    Local(Routes),
    /// At an address, over mutual TLS.
    Remote(Channel),
}

/// An upstream's address or identity cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// Not `host:port`.
    #[error(
        "{0:?} is not an address; write host:port, with the host's name as it stands in its certificate"
    )]
    Address(String),
    /// The certificate files.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl Upstream {
    /// A service at `address` (`host:port`), whose certificate must name `host`.
    /// Connects when first called, and again when the connection is lost; the
    /// files of `identity` are read for each connection, so that a renewed
    /// certificate needs no restart. Must be called inside a tokio runtime.
    pub fn remote(address: &str, identity: &ClientIdentity) -> Result<Self, UpstreamError> {
        // Wrong files are told at start, not at the first call.
        identity.config()?;
        let wrong = || UpstreamError::Address(address.to_owned());
        let connector = connect::Connector::new(address, identity.clone()).ok_or_else(wrong)?;
        let endpoint = Endpoint::from_shared(format!("https://{address}")).map_err(|_| wrong())?;
        let channel = endpoint
            .connect_timeout(CONNECT_WITHIN)
            .http2_keep_alive_interval(Duration::from_secs(30))
            .keep_alive_timeout(Duration::from_secs(10))
            .keep_alive_while_idle(true)
            .initial_stream_window_size(256 * 1024)
            .initial_connection_window_size(1024 * 1024)
            .http2_max_header_list_size(16 * 1024)
            .connect_with_connector_lazy(connector);
        Ok(Self::Remote(channel))
    }

    /// One call. UNAVAILABLE if the service cannot be reached; what the service
    /// itself answers, a refusal too, is a response.
    pub async fn call(&self, request: Request<Body>) -> Result<Response<Body>, Refusal> {
        match self.clone() {
            Self::Local(routes) => {
                let mut request = request;
                // What this process knows of a request stays here, as it would
                // on a wire: headers and bytes go over, nothing else.
                *request.extensions_mut() = Extensions::new();
                match Arrival::new(routes).oneshot(request).await {
                    Ok(response) => Ok(response),
                    Err(never) => match never {},
                }
            }
            Self::Remote(channel) => channel.oneshot(request).await.map_err(|error| {
                let detail: &dyn std::error::Error = &error;
                tracing::warn!(error = detail, "a service does not answer");
                unreachable(detail)
            }),
        }
    }
}

/// A call that found no answer: a handshake that failed is told apart, for
/// trying again does not mend it.
fn unreachable(error: &(dyn std::error::Error + 'static)) -> Refusal {
    match handshake_failure(error) {
        Some(why) => Refusal::new(
            Code::Unavailable,
            ErrorReason::CertificateUnknown,
            format!(
                "the TLS handshake failed ({why}): present a certificate that this network's \
                 authority issued and that has not ended, and trust that authority"
            ),
        ),
        None => Refusal::unavailable(
            "a part of the network does not answer; nothing was lost, try again",
        ),
    }
}

/// What TLS says went wrong, if it was TLS.
fn handshake_failure(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        let inside = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
            .and_then(|inner| inner.downcast_ref::<rustls::Error>());
        if let Some(tls) = error.downcast_ref::<rustls::Error>().or(inside) {
            return Some(tls.to_string());
        }
        // An alert that comes after the handshake (TLS 1.3 refuses a client's
        // certificate so) has lost its type on the way up.
        let text = error.to_string();
        if text.starts_with("received fatal alert") {
            return Some(text);
        }
        next = error.source();
    }
    None
}

impl Service<Request<Body>> for Upstream {
    type Response = Response<Body>;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Status>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        // Each call waits for its own channel: see `oneshot` above.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let upstream = self.clone();
        Box::pin(async move {
            Upstream::call(&upstream, request)
                .await
                .map_err(Status::from)
        })
    }
}

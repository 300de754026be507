//! The open door: TCP, TLS, HTTP/2, each with a limit, in front of a service's
//! routes. There is no door without TLS.
//!
//! The numbers are those of the internet profile (proofs.md §0.1). The
//! framework's own accept loop has no handshake timeout, no limit of
//! connections, and spins when file handles run out; hence ours.

mod accept;
mod connection;
mod places;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::service::Routes;
use tonic::transport::Server;

use crate::arrival::Arrival;
use crate::tls::ReloadingConfig;
use connection::Connection;

/// How much a listener takes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections open at once; more wait in the kernel's queue.
    pub connections: usize,
    /// Connections open at once from one IP address; more are closed at once.
    pub connections_per_address: usize,
    /// Handshakes under way at once.
    pub handshakes: usize,
    /// Time from the accepted connection to the first byte inside TLS.
    pub handshake_within: Duration,
    /// Calls open at once on one connection.
    pub streams: u32,
    /// Streams a peer may make us reset before its connection is closed
    /// (RUSTSEC-2024-0003).
    pub reset_streams: usize,
    /// Bytes of headers of one call.
    pub header_bytes: u32,
    /// Age at which a connection is asked to leave; its calls finish.
    pub connection_age: Duration,
    /// How long open calls may go on once the shutdown has begun.
    pub drain_within: Duration,
}

impl Limits {
    /// For agencies' systems and our own processes, over mutual TLS.
    pub fn agencies() -> Self {
        Self {
            connections: 2048,
            connections_per_address: 256,
            handshakes: 256,
            handshake_within: Duration::from_secs(5),
            streams: 256,
            reset_streams: 256,
            header_bytes: 16 * 1024,
            connection_age: Duration::from_secs(600),
            drain_within: Duration::from_secs(10),
        }
    }

    /// For anybody: browsers, and whoever else finds the address.
    pub fn public() -> Self {
        Self {
            streams: 32,
            reset_streams: 64,
            header_bytes: 8 * 1024,
            ..Self::agencies()
        }
    }
}

/// The listener failed as a whole; single connections never do that.
#[derive(Debug, thiserror::Error)]
#[error("the listener failed: {0}")]
pub struct ServeError(#[from] tonic::transport::Error);

/// Answers calls on `listener` with `routes` until `shutdown` resolves; then
/// takes no new connection, lets open calls finish within `drain_within`, and
/// returns. Each request carries a [`crate::Peer`] in its extensions.
pub async fn serve(
    listener: TcpListener,
    tls: Arc<ReloadingConfig>,
    routes: Routes,
    limits: Limits,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let shutdown = shutdown.shared();
    let server = http2(&limits).accept_http1(tls.http1());

    // No queue: a connection is handed over when the server takes it.
    let (ready, connections) = mpsc::channel::<Connection>(1);
    let accepting = accept::run(listener, tls, limits.clone(), ready);
    let incoming = ReceiverStream::new(connections).map(Ok::<_, std::io::Error>);
    let serving = server.serve_with_incoming_shutdown(
        Arrival::new(routes.prepare()),
        incoming,
        shutdown.clone(),
    );

    // `accepting` ends by itself as soon as the server drops `incoming`.
    let answering = async { tokio::join!(serving, accepting).0 };
    let overdue = async {
        shutdown.await;
        tokio::time::sleep(limits.drain_within).await;
    };
    tokio::select! {
        served = answering => served.map_err(ServeError),
        () = overdue => {
            tracing::warn!("some calls did not finish in the time to drain and are cut off");
            Ok(())
        }
    }
}

/// HTTP/2 with a limit on everything that a peer can make us keep.
fn http2(limits: &Limits) -> Server {
    Server::builder()
        .max_concurrent_streams(limits.streams)
        .http2_max_local_error_reset_streams(Some(limits.reset_streams))
        // Rapid reset, CVE-2023-44487.
        .http2_max_pending_accept_reset_streams(Some(20))
        .http2_max_header_list_size(limits.header_bytes)
        .initial_stream_window_size(256 * 1024)
        .initial_connection_window_size(1024 * 1024)
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
        .http2_keepalive_timeout(Some(Duration::from_secs(10)))
        .max_connection_age(limits.connection_age)
}

//! The accept loop: from a TCP connection to one that has shown who it is.
//!
//! The timeouts here are the network's real time, not the injected clock: they
//! bound what a silent peer can hold, and decide nothing about a record.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncBufReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::Limits;
use super::connection::Connection;
use super::places::{Place, Places};
use crate::peer::Peer;
use crate::tls::ReloadingConfig;

/// First pause after a failed accept; doubled up to a second.
const PAUSE_MIN: Duration = Duration::from_millis(10);
/// Longest pause after failed accepts.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Accepts until nobody takes the connections any more. Handshakes under way
/// then are given up.
pub(super) async fn run(
    listener: TcpListener,
    tls: Arc<ReloadingConfig>,
    limits: Limits,
    ready: mpsc::Sender<Connection>,
) {
    let accepting = accept_all(listener, tls, &limits, &ready);
    tokio::select! {
        () = ready.closed() => {}
        () = accepting => {}
    }
}

async fn accept_all(
    listener: TcpListener,
    tls: Arc<ReloadingConfig>,
    limits: &Limits,
    ready: &mpsc::Sender<Connection>,
) {
    let places = Places::new(limits.connections, limits.connections_per_address);
    let under_way = Arc::new(Semaphore::new(limits.handshakes));
    // Dropped with this function, which gives up what is under way.
    let mut handshakes = JoinSet::new();

    while let Some(room) = places.room().await
        && let Ok(turn) = Arc::clone(&under_way).acquire_owned().await
    {
        while handshakes.try_join_next().is_some() {}
        let (tcp, addr) = accept_one(&listener).await;
        let Some(place) = places.seat(addr.ip(), room) else {
            tracing::debug!("an address has all the connections it may have");
            continue;
        };
        let handshake = Handshake {
            tls: Arc::clone(&tls),
            within: limits.handshake_within,
            ready: ready.clone(),
            _turn: turn,
        };
        handshakes.spawn(handshake.run(tcp, addr, place));
    }
}

/// The next connection. Out of file handles, accept fails at once each time:
/// without a pause this would spin.
async fn accept_one(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    let mut pause = PAUSE_MIN;
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if concerns_one_peer(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections; trying again shortly");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSE_MAX);
            }
        }
    }
}

/// The peer left before it was accepted; the next one is not affected.
fn concerns_one_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}

/// One handshake under way.
struct Handshake {
    tls: Arc<ReloadingConfig>,
    within: Duration,
    ready: mpsc::Sender<Connection>,
    _turn: OwnedSemaphorePermit,
}

impl Handshake {
    async fn run(self, tcp: TcpStream, addr: SocketAddr, place: Place) {
        let shaking = self.shake(tcp, addr, place);
        match tokio::time::timeout(self.within, shaking).await {
            Ok(Ok(connection)) => {
                // Fails only when the server is going down.
                let _ = self.ready.send(connection).await;
            }
            Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
            Err(_) => tracing::debug!("a handshake took too long"),
        }
    }

    async fn shake(
        &self,
        tcp: TcpStream,
        addr: SocketAddr,
        place: Place,
    ) -> io::Result<Connection> {
        // Answers are small: waiting to fill a packet would add 40 ms to each.
        tcp.set_nodelay(true)?;
        let acceptor = TlsAcceptor::from(self.tls.current());
        let mut stream = acceptor.accept(tcp).await?;

        // With TLS 1.3 the client is done before we have seen its certificate;
        // only now is it known. The first byte is awaited here, under the same
        // timeout, since HTTP/2 has none for a peer that says nothing.
        if stream.fill_buf().await?.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (_, session) = stream.get_ref();
        let peer = Peer::new(addr, session.peer_certificates());
        Ok(Connection::new(stream, peer, place))
    }
}

//! One connection to a service: TCP without delay, then mutual TLS.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tower::Service;

use crate::tls::ClientIdentity;

/// Connects to one address, however often.
#[derive(Clone)]
pub(super) struct Connector {
    address: String,
    server: ServerName<'static>,
    identity: ClientIdentity,
}

impl Connector {
    /// `None` if `address` is not `host:port`.
    pub(super) fn new(address: &str, identity: ClientIdentity) -> Option<Self> {
        let (host, port) = address.rsplit_once(':')?;
        port.parse::<u16>().ok()?;
        // [2001:db8::1]:443
        let host = host
            .strip_prefix('[')
            .map_or(Some(host), |host| host.strip_suffix(']'))?;
        Some(Self {
            address: address.to_owned(),
            server: ServerName::try_from(host.to_owned()).ok()?,
            identity,
        })
    }

    async fn connect(self) -> io::Result<TokioIo<TlsStream<TcpStream>>> {
        let config = self.identity.config().map_err(io::Error::other)?;
        let tcp = TcpStream::connect(&self.address).await?;
        tcp.set_nodelay(true)?;
        let tls = TlsConnector::from(config).connect(self.server, tcp).await?;
        Ok(TokioIo::new(tls))
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TlsStream<TcpStream>>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        Box::pin(self.clone().connect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::tls::PemFiles;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        let connector = |address| {
            let identity = ClientIdentity::new(PemFiles::new("c", "k", "a"));
            Connector::new(address, identity)
        };
        for right in [
            "localhost:1",
            "union.casenet.example:443",
            "127.0.0.1:1",
            "[::1]:1",
        ] {
            assert!(connector(right).is_some(), "{right}");
        }
        for wrong in [
            "localhost",
            "localhost:",
            ":1",
            "localhost:70000",
            "[::1:1",
            "a b:1",
            "https://a:1",
        ] {
            assert!(connector(wrong).is_none(), "{wrong}");
        }
    }
}

//! The call itself: one POST over TLS to an address that was checked.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use host::SharedClock;
use http::header::{CONNECTION, CONTENT_TYPE, HOST, USER_AGENT};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::WebhookSettings;
use super::event::{MEDIA_TYPE, Message};
use super::secret::{self, Secret};
use super::target::{self, Target};

/// Bytes of an answer that are read, and thrown away.
const ANSWER_BYTES: usize = 64 * 1024;

/// The receiver's answer has come; the rest of it may take so long.
const REST_WITHIN: Duration = Duration::from_secs(1);

/// An attempt ends after so long whatever the injected clock does: the wall
/// clock may be set back while it runs.
const AT_MOST: Duration = Duration::from_secs(30);

/// Why the authorities of receivers cannot be used. Says what to do.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}; correct webhooks.ca in casenet.toml")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is no list of authorities.
    #[error(
        "{path} holds no usable certificate in PEM: {detail}; correct webhooks.ca in casenet.toml"
    )]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// TLS cannot be set up at all.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}

/// Why an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// The host's name was not found.
    Resolve,
    /// The name leads to an address that this network does not call.
    Address,
    /// Nobody listens there.
    Connect,
    /// No TLS with whom we meant.
    Tls,
    /// Not within the time.
    TimedOut,
    /// What came is no HTTP answer.
    Http,
    /// The receiver answered something else than 2xx.
    Status(StatusCode),
    /// The secret cannot be opened.
    Secret,
}

impl Failure {
    /// As the contract names it.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Address => "address",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::TimedOut => "timeout",
            Self::Http => "http",
            Self::Status(StatusCode::GONE) => "gone",
            Self::Status(status) if status.is_redirection() => "redirect",
            Self::Status(_) => "status",
            Self::Secret => "secret",
        }
    }

    /// The receiver's status, 0 if it came to none.
    pub(super) fn status(self) -> u32 {
        match self {
            Self::Status(status) => status.as_u16().into(),
            _ => 0,
        }
    }

    /// The receiver wants no more, ever.
    pub(super) fn is_gone(self) -> bool {
        self == Self::Status(StatusCode::GONE)
    }
}

/// Takes messages to receivers. Cheap to clone.
#[derive(Clone)]
pub(super) struct Courier {
    tls: TlsConnector,
    allow_private: bool,
    clock: SharedClock,
}

impl Courier {
    pub(super) fn new(settings: &WebhookSettings, clock: SharedClock) -> Result<Self, TrustError> {
        Ok(Self {
            tls: TlsConnector::from(trust(settings)?),
            allow_private: settings.allow_private,
            clock,
        })
    }

    /// Whether the address that a URL names, if it names one, may be called.
    pub(super) fn may_call(&self, target: &Target) -> bool {
        let literal = target.literal();
        literal.is_none_or(|address| target::may_call(address, self.allow_private))
    }

    /// Posts a signed message, once; done if the receiver answers 2xx `within`
    /// the time. Redirects are not followed: they are answers like any other.
    pub(super) async fn post(
        &self,
        url: &str,
        secrets: &[Secret],
        message: &Message,
        within: TimeDelta,
    ) -> Result<(), Failure> {
        let late = self.clock.sleep_until(self.clock.now() + within);
        let status = tokio::select! {
            status = self.call(url, secrets, message) => status?,
            () = late => return Err(Failure::TimedOut),
            () = tokio::time::sleep(AT_MOST) => return Err(Failure::TimedOut),
        };
        if status.is_success() {
            Ok(())
        } else {
            Err(Failure::Status(status))
        }
    }

    async fn call(
        &self,
        url: &str,
        secrets: &[Secret],
        message: &Message,
    ) -> Result<StatusCode, Failure> {
        // Parsed when it was given; kept as text.
        let target = Target::parse(url).map_err(|_| Failure::Resolve)?;
        let stream = self.connect(&target).await?;
        let request = self.request(&target, secrets, message)?;
        exchange(stream, request).await
    }

    /// INVARIANT: connects to the very addresses that were checked. A name that
    /// is looked up again could lead elsewhere by then (DNS rebinding).
    async fn connect(&self, target: &Target) -> Result<TlsStream<TcpStream>, Failure> {
        let found = tokio::net::lookup_host((target.host.as_str(), target.port)).await;
        let addresses: Vec<SocketAddr> = found.map_err(|_| Failure::Resolve)?.collect();
        // One address inside is enough to refuse: a name of ours has none.
        let may_call = |address: &SocketAddr| target::may_call(address.ip(), self.allow_private);
        if !addresses.iter().all(may_call) {
            return Err(Failure::Address);
        }
        let server = ServerName::try_from(target.host.clone()).map_err(|_| Failure::Tls)?;
        let stream = TcpStream::connect(addresses.as_slice())
            .await
            .map_err(|_| Failure::Connect)?;
        self.tls
            .connect(server, stream)
            .await
            .map_err(|_| Failure::Tls)
    }

    fn request(
        &self,
        target: &Target,
        secrets: &[Secret],
        message: &Message,
    ) -> Result<Request<Full<Bytes>>, Failure> {
        let seconds = self.clock.now().timestamp();
        let signatures = secret::signatures(secrets, &message.id, seconds, &message.body);
        Request::builder()
            .method(Method::POST)
            .uri(target.path.as_str())
            .header(HOST, &target.authority)
            .header(USER_AGENT, concat!("casenet/", env!("CARGO_PKG_VERSION")))
            .header(CONTENT_TYPE, MEDIA_TYPE)
            .header(CONNECTION, "close")
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signatures)
            .body(Full::new(Bytes::copy_from_slice(&message.body)))
            .map_err(|_| Failure::Http)
    }
}

/// Sends the request and answers the receiver's status.
async fn exchange(
    stream: TlsStream<TcpStream>,
    request: Request<Full<Bytes>>,
) -> Result<StatusCode, Failure> {
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(ANSWER_BYTES)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|_| Failure::Http)?;
    let mut answered = pin!(async move {
        let answer = sender.send_request(request).await;
        let (head, mut body) = answer.map_err(|_| Failure::Http)?.into_parts();
        // The status is the answer: however the body ends, or does not, it
        // changes nothing. Read only so that the receiver ends in peace.
        let _ = tokio::time::timeout(REST_WITHIN, read_away(&mut body)).await;
        Ok(head.status)
    });
    tokio::select! {
        biased;
        status = &mut answered => status,
        // It may end before its last bytes are taken up here.
        _ = connection => answered.await,
    }
}

/// Reads a body to its end, or as far as we care.
async fn read_away(body: &mut Incoming) {
    let mut read = 0;
    while read < ANSWER_BYTES {
        let Some(Ok(frame)) = body.frame().await else {
            return;
        };
        read += frame.data_ref().map_or(0, Bytes::len);
    }
}

/// Whom to believe that a receiver is who its URL says: the web's authorities,
/// or the operator's.
pub(super) fn trust(settings: &WebhookSettings) -> Result<Arc<ClientConfig>, TrustError> {
    let roots = match &settings.ca {
        Some(path) => read_authorities(path)?,
        None => RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        },
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    // TLS 1.2 as well: receivers are not ours to choose.
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn read_authorities(path: &Path) -> Result<RootCertStore, TrustError> {
    let wrong = |detail: String| TrustError::Wrong {
        path: path.to_owned(),
        detail,
    };
    let pem = std::fs::read(path).map_err(|source| TrustError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| wrong(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(wrong("it is empty".to_owned()));
    }
    Ok(roots)
}

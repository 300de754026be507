//! A receiver as an agency would run one: HTTPS on loopback, a certificate of
//! its own authority, answers as the test says. It verifies nothing by casenet's
//! own code.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Empty, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{self, ServerConfig, pki_types};

/// What the receiver answers.
#[derive(Debug, Clone)]
pub enum Reply {
    Status(u16),
    Redirect(String),
    /// 200, and a body without an end.
    Endless,
    /// 200, and a body that never comes.
    Stalled,
    /// Nothing, ever.
    Silence,
}

/// A request as it came.
#[derive(Debug)]
pub struct Received {
    pub headers: HeaderMap,
    pub body: Bytes,
}

#[derive(Debug)]
struct Replies {
    planned: VecDeque<Reply>,
    otherwise: Reply,
}

/// An HTTPS receiver. It ends with the test. What is posted to `/fence` is
/// always taken, and does not count.
pub struct Receiver {
    pub address: SocketAddr,
    /// Its authority, in PEM.
    pub ca: PathBuf,
    replies: Arc<Mutex<Replies>>,
    received: mpsc::UnboundedReceiver<Received>,
    fenced: mpsc::UnboundedReceiver<Received>,
}

/// Where a request is told of: a usual one, one to the fence.
#[derive(Clone)]
struct Told(
    mpsc::UnboundedSender<Received>,
    mpsc::UnboundedSender<Received>,
);

impl Receiver {
    /// Starts one; its authority's certificate goes into the folder.
    pub async fn start(folder: &Path) -> Self {
        let ca = folder.join("receivers.pem");
        let tls = TlsAcceptor::from(Arc::new(certified(&ca)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let replies = Arc::new(Mutex::new(Replies {
            planned: VecDeque::new(),
            otherwise: Reply::Status(200),
        }));
        let (out, received) = mpsc::unbounded_channel();
        let (fence, fenced) = mpsc::unbounded_channel();
        let out = Told(out, fence);
        let shared = Arc::clone(&replies);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (tls, out, replies) = (tls.clone(), out.clone(), Arc::clone(&shared));
                tokio::spawn(async move {
                    let Ok(stream) = tls.accept(stream).await else {
                        return;
                    };
                    let answer = service_fn(|request: http::Request<Incoming>| {
                        let (out, replies) = (out.clone(), Arc::clone(&replies));
                        async move { answer(request, out, replies).await }
                    });
                    let served =
                        http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
                    // The caller may hang up whenever it likes.
                    let _ = served.await;
                });
            }
        });
        Self {
            address,
            ca,
            replies,
            received,
            fenced,
        }
    }

    pub fn url(&self) -> String {
        format!("https://localhost:{}/hooks?of=test", self.address.port())
    }

    pub fn fence(&self) -> String {
        format!("https://localhost:{}/fence", self.address.port())
    }

    /// The next request to the fence.
    pub async fn next_at_the_fence(&mut self) -> Received {
        self.fenced.recv().await.unwrap()
    }

    /// Answers the next requests so, one each.
    pub fn plan(&self, replies: impl IntoIterator<Item = Reply>) {
        self.replies.lock().unwrap().planned.extend(replies);
    }

    /// Answers so whenever nothing is planned.
    pub fn otherwise(&self, reply: Reply) {
        self.replies.lock().unwrap().otherwise = reply;
    }

    /// The next request, as soon as it is here.
    pub async fn next(&mut self) -> Received {
        self.received.recv().await.unwrap()
    }

    /// Nothing has come that was not taken up.
    pub fn has_nothing(&mut self) -> bool {
        self.received.try_recv().is_err()
    }
}

async fn answer(
    request: http::Request<Incoming>,
    out: Told,
    replies: Arc<Mutex<Replies>>,
) -> Result<Response<BoxBody<Bytes, Infallible>>, Infallible> {
    let (head, body) = request.into_parts();
    assert_eq!(head.method, http::Method::POST);
    let body = body.collect().await.unwrap().to_bytes();
    let headers = head.headers;
    if head.uri.path() == "/fence" {
        let _ = out.1.send(Received { headers, body });
        return Ok(Response::new(Empty::new().boxed()));
    }
    let reply = {
        let mut replies = replies.lock().unwrap();
        let planned = replies.planned.pop_front();
        planned.unwrap_or_else(|| replies.otherwise.clone())
    };
    let _ = out.0.send(Received { headers, body });
    let mut response = Response::new(Empty::new().boxed());
    match reply {
        Reply::Status(status) => *response.status_mut() = StatusCode::from_u16(status).unwrap(),
        Reply::Redirect(to) => {
            *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
            response
                .headers_mut()
                .insert("location", to.parse().unwrap());
        }
        Reply::Endless => {
            let same = Bytes::from(vec![b'x'; 8192]);
            let frames = tokio_stream::iter(std::iter::repeat_with(move || {
                Ok(Frame::data(same.clone()))
            }));
            response = Response::new(BoxBody::new(StreamBody::new(frames)));
        }
        Reply::Stalled => {
            let never = tokio_stream::pending::<Result<Frame<Bytes>, Infallible>>();
            response = Response::new(BoxBody::new(StreamBody::new(never)));
        }
        Reply::Silence => std::future::pending().await,
    }
    Ok(response)
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub fn event(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Place in the feed.
    pub fn cursor(&self) -> u64 {
        self.event()["data"]["cursor"].as_u64().unwrap()
    }

    /// How many signatures there are, and how many of them are by this secret.
    pub fn signatures_by(&self, secret: &str) -> (usize, usize) {
        let key = BASE64
            .decode(secret.strip_prefix("whsec_").unwrap())
            .unwrap();
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key);
        let mut signed = Vec::new();
        for part in [
            self.id().as_bytes(),
            self.header("webhook-timestamp").as_bytes(),
        ] {
            signed.extend_from_slice(part);
            signed.push(b'.');
        }
        signed.extend_from_slice(&self.body);
        let signatures: Vec<&str> = self.header("webhook-signature").split(' ').collect();
        let fits = |signature: &&&str| {
            let mac = BASE64
                .decode(signature.strip_prefix("v1,").unwrap())
                .unwrap();
            ring::hmac::verify(&key, &signed, &mac).is_ok()
        };
        (signatures.len(), signatures.iter().filter(fits).count())
    }
}

/// A server certificate for localhost by an authority of its own, whose
/// certificate is written to the file.
fn certified(ca: &Path) -> ServerConfig {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(0));
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let pem = authority.self_signed(&authority_key).unwrap().pem();
    std::fs::write(ca, pem).unwrap();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let hosts = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(hosts).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let key = pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap()
}

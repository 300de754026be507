//! A plain HTTP/1.1 client over TLS: one connection for each call.

use std::sync::Arc;

use casenet::config::Config;
use host::tls::ClientIdentity;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use prost::bytes::Bytes;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::ResolvesClientCert;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{ClientConfig, SignatureScheme};

use crate::world::World;

/// Somebody who calls.
#[derive(Clone)]
pub struct Caller {
    gateway: String,
    tls: Arc<ClientConfig>,
    headers: Vec<(&'static str, String)>,
}

/// Shows nothing when asked who it is.
#[derive(Debug)]
struct NoCertificate;

impl ResolvesClientCert for NoCertificate {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

/// What came back, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub bytes: Bytes,
}

impl World {
    /// An agency's system that speaks HTTP only.
    pub fn over_http(&self, agency: &str) -> Caller {
        Caller::new(&self.gateway, &self.config, agency)
    }
}

impl Caller {
    pub fn new(gateway: &str, config: &Config, agency: &str) -> Self {
        let identity = ClientIdentity::new(config.agency_files(agency));
        let mut tls = (*identity.config().unwrap()).clone();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self {
            gateway: gateway.to_owned(),
            tls: Arc::new(tls),
            headers: Vec::new(),
        }
    }

    /// The same without a certificate.
    pub fn without_certificate(mut self) -> Self {
        let tls = Arc::make_mut(&mut self.tls);
        tls.client_auth_cert_resolver = Arc::new(NoCertificate);
        self
    }

    /// The same, sending this header with each call.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, Some(body.to_string())).await
    }

    pub async fn call(&self, verb: Method, path: &str, body: Option<String>) -> Answer {
        let answer = self.open(verb, path, body).await;
        let (head, body) = answer.into_parts();
        Answer {
            status: head.status,
            headers: head.headers,
            bytes: body.collect().await.unwrap().to_bytes(),
        }
    }

    /// A call whose answer is still to be read.
    pub async fn open(&self, verb: Method, path: &str, body: Option<String>) -> Response<Incoming> {
        let tcp = TcpStream::connect(&self.gateway).await.unwrap();
        let name = ServerName::try_from("127.0.0.1").unwrap();
        let tls = TlsConnector::from(Arc::clone(&self.tls));
        let tls = tls.connect(name, tcp).await.unwrap();
        assert_eq!(tls.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(tls))
            .await
            .unwrap();
        tokio::spawn(connection);
        let mut request = Request::builder()
            .method(verb)
            .uri(path)
            .header("host", &self.gateway);
        let has_kind = self.headers.iter().any(|(name, _)| *name == "content-type");
        if body.is_some() && !has_kind {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let body = Full::new(Bytes::from(body.unwrap_or_default()));
        sender
            .send_request(request.body(body).unwrap())
            .await
            .unwrap()
    }
}

impl Answer {
    /// The JSON of an answer that went well.
    pub fn ok(self) -> Value {
        let text = String::from_utf8_lossy(&self.bytes);
        assert_eq!(self.status, StatusCode::OK, "{text}");
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!(self.header("cache-control"), "no-store");
        serde_json::from_slice(&self.bytes).unwrap()
    }

    /// The problem of an answer that was refused.
    pub fn problem(self, status: u16) -> Value {
        let text = String::from_utf8_lossy(&self.bytes);
        assert_eq!(self.status.as_u16(), status, "{text}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem: Value = serde_json::from_slice(&self.bytes).unwrap();
        assert_eq!(problem["status"], status);
        problem
    }

    /// The problem, which is for this reason of the contract's.
    pub fn refused(self, status: u16, reason: &str) -> Value {
        let problem = self.problem(status);
        assert_eq!(problem["reason"], reason, "{problem}");
        let kind = format!("urn:casenet:error:{reason}");
        assert_eq!(problem["type"], kind.as_str());
        problem
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

//! A network of two hosts on one machine: an authority, members with
//! certificates, and one service behind the real door.

use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use host::tls::PemFiles;
use host::{
    Drain, EnvelopeKey, Envelopes, Limits, Peer, ReloadingConfig, ServeError, ServerIdentity,
    SystemClock, routes_with_health, serve,
};
use proto::internal::v1::part_service_server::{PartService, PartServiceServer};
use proto::v1::{Case, GetCaseRequest};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, IsCa,
    KeyPair, KeyUsagePurpose, RevocationReason, RevokedCertParams, SanType, SerialNumber,
    date_time_ymd,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

/// A certificate authority, and the folder where its members' files lie.
pub(crate) struct Network {
    authority: CertifiedIssuer<'static, KeyPair>,
    dir: TempDir,
}

impl Network {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().unwrap();
        Self {
            authority: CertifiedIssuer::self_signed(params, key).unwrap(),
            dir: tempfile::tempdir().unwrap(),
        }
    }

    /// A member whose certificate names `localhost` and these URIs. Its serial
    /// number is that of its name, so that it can be revoked by name.
    pub(crate) fn member(&self, name: &str, uris: &[&str]) -> PemFiles {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.serial_number = Some(SerialNumber::from_slice(name.as_bytes()));
        for uri in uris {
            let uri = SanType::URI((*uri).try_into().unwrap());
            params.subject_alt_names.push(uri);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.authority).unwrap();

        let file = |ending: &str| self.dir.path().join(format!("{name}.{ending}"));
        let files = PemFiles::new(file("cert.pem"), file("key.pem"), file("ca.pem"));
        write(&files.certificate, &certificate.pem());
        write(&files.key, &key.serialize_pem());
        write(&files.authority, &self.authority.pem());
        files
    }

    /// Writes a revocation list that holds these members, for `files` to obey.
    pub(crate) fn revoke(&self, names: &[&str], files: &mut PemFiles) {
        let revoked = names.iter().map(|name| RevokedCertParams {
            serial_number: SerialNumber::from_slice(name.as_bytes()),
            revocation_time: date_time_ymd(2026, 1, 1),
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        });
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2025, 1, 1),
            next_update: date_time_ymd(2100, 1, 1),
            crl_number: SerialNumber::from(1u64),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: rcgen::KeyIdMethod::Sha256,
        };
        let path = self.dir.path().join("revoked.pem");
        let list = list.signed_by(&self.authority).unwrap();
        write(&path, &list.pem().unwrap());
        files.revoked = vec![path];
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

/// Answers with what it knows of the caller: the certificate's id as `name`,
/// the sealed agency as `etag`.
pub(crate) struct Echo {
    envelopes: Envelopes,
}

#[tonic::async_trait]
impl PartService for Echo {
    async fn get_part(&self, request: Request<GetCaseRequest>) -> Result<Response<Case>, Status> {
        let peer = request.extensions().get::<Peer>();
        let certificate = peer.and_then(|peer| peer.certificate.clone());
        let (caller, _) = self.envelopes.open(request)?;
        Ok(Response::new(Case {
            name: certificate.map(|it| it.spiffe_id).unwrap_or_default(),
            etag: caller.agency().to_owned(),
            ..Default::default()
        }))
    }
}

/// The key that gateway and service share in these tests.
pub(crate) fn envelopes() -> Envelopes {
    let key = EnvelopeKey::from_bytes(&[3; 32]).unwrap();
    Envelopes::new(key, Arc::new(SystemClock))
}

/// The echoing service's routes.
pub(crate) fn echo() -> Routes {
    let envelopes = envelopes();
    Routes::new(PartServiceServer::new(Echo { envelopes }))
}

/// The echoing service behind a door.
pub(crate) struct Door {
    pub(crate) addr: SocketAddr,
    pub(crate) config: Arc<ReloadingConfig>,
    drain: Drain,
    serving: JoinHandle<Result<(), ServeError>>,
}

impl Door {
    pub(crate) async fn open(identity: ServerIdentity, limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let config = Arc::new(ReloadingConfig::load(identity).unwrap());
        let drain = Drain::new();
        // Health has a call that never ends by itself: Watch.
        let (routes, _) = routes_with_health(echo(), &[]).await;
        let door = serve(
            listener,
            Arc::clone(&config),
            routes,
            limits,
            drain.signalled(),
        );
        Self {
            addr,
            config,
            drain,
            serving: tokio::spawn(door),
        }
    }

    /// `localhost:port`, as the certificate names it.
    pub(crate) fn address(&self) -> String {
        format!("localhost:{}", self.addr.port())
    }

    /// Drains; returns once the listener is gone.
    pub(crate) async fn close(self) {
        self.drain.begin();
        self.serving.await.unwrap().unwrap();
    }
}

/// A client without a certificate that trusts the network, speaking one version.
pub(crate) fn anonymous(
    files: &PemFiles,
    version: &'static rustls::SupportedProtocolVersion,
) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_file(&files.authority).unwrap();
    roots.add(authority).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config)
}

/// A bare TLS connection to the door.
pub(crate) async fn connect(
    door: &Door,
    config: Arc<ClientConfig>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let tcp = TcpStream::connect(door.addr).await?;
    let localhost = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(config).connect(localhost, tcp).await
}

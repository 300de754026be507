//! TLS as the network speaks it: version 1.3, certificates of the network's own
//! authority on both sides, no resumption.
//!
//! Resumption stays off because a resumed session is not checked against the
//! revocation list again (proofs.md §0, finding 3).

mod files;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, VerifierBuilderError, WebPkiClientVerifier};
use rustls::{ClientConfig, ServerConfig, SupportedProtocolVersion, version};

pub use files::{PemFiles, check_private};

/// HTTP/2, in ALPN.
pub(crate) const H2: &[u8] = b"h2";
/// HTTP/1.1, in ALPN.
pub(crate) const HTTP_1_1: &[u8] = b"http/1.1";

const ONLY_1_3: &[&SupportedProtocolVersion] = &[&version::TLS13];
const ALSO_1_2: &[&SupportedProtocolVersion] = &[&version::TLS13, &version::TLS12];

/// Why TLS cannot be set up. Every message names the file and what to do.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file is not there, or not ours to read.
    #[error("cannot read {}: {source}; check that the file exists and belongs to the user that runs casenet", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A secret lies open.
    #[error("{} is open to others than its owner; run: chmod 600 {}", path.display(), path.display())]
    NotPrivate {
        /// The file.
        path: PathBuf,
    },
    /// Not PEM, or not of the kind that belongs there.
    #[error("{} is not the PEM file expected here: {source}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: pem::Error,
    },
    /// No certificate or list in the file.
    #[error("{} holds no PEM block of the kind expected here", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The content does not do: a key of another certificate, a malformed root.
    #[error("{} cannot be used: {source}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: rustls::Error,
    },
    /// Authority and revocation lists do not go together.
    #[error("the authority {} with its revocation lists cannot be used: {source}", path.display())]
    Authority {
        /// The authority's file.
        path: PathBuf,
        /// What is wrong.
        source: VerifierBuilderError,
    },
}

/// Whether a caller must show a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCertificates {
    /// No handshake without one: the services.
    Required,
    /// One that is shown must be good; none is answered by the gateway itself,
    /// with a typed refusal.
    Optional,
    /// None is asked for: browsers, whose people sign in.
    NotAsked,
}

/// What a process shows and demands where it listens.
#[derive(Clone, Debug)]
pub struct ServerIdentity {
    /// Certificate, key, trust.
    pub files: PemFiles,
    /// Whether callers must show a certificate.
    pub clients: ClientCertificates,
    /// Also HTTP/1.1, for gRPC-Web and pages.
    pub http1: bool,
    /// Also TLS 1.2, for an agency's old system; off unless asked.
    pub tls12: bool,
}

impl ServerIdentity {
    /// A service's listener: certificates required, HTTP/2, TLS 1.3.
    pub fn service(files: PemFiles) -> Self {
        Self {
            files,
            clients: ClientCertificates::Required,
            http1: false,
            tls12: false,
        }
    }

    /// The gateway's listener: certificates optional, also HTTP/1.1, TLS 1.3.
    pub fn gateway(files: PemFiles) -> Self {
        Self {
            clients: ClientCertificates::Optional,
            http1: true,
            ..Self::service(files)
        }
    }

    /// The pages' listener: no certificates asked for, also HTTP/1.1, TLS 1.3.
    pub fn pages(files: PemFiles) -> Self {
        Self {
            clients: ClientCertificates::NotAsked,
            http1: true,
            ..Self::service(files)
        }
    }

    /// Reads the files and builds the configuration.
    pub fn config(&self) -> Result<Arc<ServerConfig>, TlsError> {
        let versions = if self.tls12 { ALSO_1_2 } else { ONLY_1_3 };
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(versions)
            .map_err(|source| self.certificate_refused(source))?
            .with_client_cert_verifier(self.verifier()?)
            .with_single_cert(self.files.read_chain()?, self.files.read_key()?)
            .map_err(|source| self.certificate_refused(source))?;
        config.alpn_protocols = vec![H2.to_vec()];
        if self.http1 {
            config.alpn_protocols.push(HTTP_1_1.to_vec());
        }
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        Ok(Arc::new(config))
    }

    fn verifier(&self) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
        if self.clients == ClientCertificates::NotAsked {
            return Ok(WebPkiClientVerifier::no_client_auth());
        }
        let roots = Arc::new(self.files.read_authority()?);
        let mut verifier = WebPkiClientVerifier::builder_with_provider(roots, provider());
        if !self.files.revoked.is_empty() {
            verifier = verifier
                .with_crls(self.files.read_revoked()?)
                .enforce_revocation_expiration();
        }
        if self.clients == ClientCertificates::Optional {
            verifier = verifier.allow_unauthenticated();
        }
        verifier.build().map_err(|source| TlsError::Authority {
            path: self.files.authority.clone(),
            source,
        })
    }

    fn certificate_refused(&self, source: rustls::Error) -> TlsError {
        TlsError::Refused {
            path: self.files.certificate.clone(),
            source,
        }
    }
}

/// What a process shows and demands where it calls.
#[derive(Clone, Debug)]
pub struct ClientIdentity {
    /// Certificate, key, trust.
    pub files: PemFiles,
}

impl ClientIdentity {
    /// Shows the certificate in `files` and trusts servers of its authority.
    pub fn new(files: PemFiles) -> Self {
        Self { files }
    }

    /// Reads the files and builds the configuration.
    pub fn config(&self) -> Result<Arc<ClientConfig>, TlsError> {
        let refused = |source| TlsError::Refused {
            path: self.files.certificate.clone(),
            source,
        };
        let mut config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(ONLY_1_3)
            .map_err(refused)?
            .dangerous()
            .with_custom_certificate_verifier(self.verifier()?)
            .with_client_auth_cert(self.files.read_chain()?, self.files.read_key()?)
            .map_err(refused)?;
        config.alpn_protocols = vec![H2.to_vec()];
        config.resumption = Resumption::disabled();
        Ok(Arc::new(config))
    }

    /// The library's own verifier; only built by hand to give it the lists.
    fn verifier(&self) -> Result<Arc<WebPkiServerVerifier>, TlsError> {
        let roots = Arc::new(self.files.read_authority()?);
        let mut verifier = WebPkiServerVerifier::builder_with_provider(roots, provider());
        if !self.files.revoked.is_empty() {
            verifier = verifier
                .with_crls(self.files.read_revoked()?)
                .enforce_revocation_expiration();
        }
        verifier.build().map_err(|source| TlsError::Authority {
            path: self.files.authority.clone(),
            source,
        })
    }
}

/// A listener's configuration that can be read again while it listens: for a
/// renewed certificate, or a new revocation list.
///
/// Connections made before keep the old one; the identity that stands behind a
/// request is checked by the gateway on each request.
#[derive(Debug)]
pub struct ReloadingConfig {
    identity: ServerIdentity,
    current: RwLock<Arc<ServerConfig>>,
}

impl ReloadingConfig {
    /// Reads the files for the first time.
    pub fn load(identity: ServerIdentity) -> Result<Self, TlsError> {
        let current = RwLock::new(identity.config()?);
        Ok(Self { identity, current })
    }

    /// The configuration for the next handshake.
    pub fn current(&self) -> Arc<ServerConfig> {
        // A whole value is swapped under the lock, so a poisoned one is whole too.
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    /// Reads the files again. On an error the old configuration stays in force.
    pub fn reload(&self) -> Result<(), TlsError> {
        let fresh = self.identity.config()?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// Whether HTTP/1.1 is spoken here.
    pub fn http1(&self) -> bool {
        self.identity.http1
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::*;

    /// A network of one: an authority that is also the only member.
    fn member(dir: &Path) -> PemFiles {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let files = PemFiles::new(
            dir.join("cert.pem"),
            dir.join("key.pem"),
            dir.join("ca.pem"),
        );
        fs::write(&files.certificate, certificate.pem()).unwrap();
        fs::write(&files.authority, certificate.pem()).unwrap();
        fs::write(&files.key, key.serialize_pem()).unwrap();
        fs::set_permissions(&files.key, Permissions::from_mode(0o600)).unwrap();
        files
    }

    #[test]
    fn a_key_that_others_can_read_is_refused_with_the_command_that_mends_it() {
        let dir = tempfile::tempdir().unwrap();
        let files = member(dir.path());
        for mode in [0o640, 0o604, 0o660, 0o601] {
            fs::set_permissions(&files.key, Permissions::from_mode(mode)).unwrap();
            let error = ServerIdentity::service(files.clone()).config().unwrap_err();
            let mend = format!("chmod 600 {}", files.key.display());
            assert!(error.to_string().contains(&mend), "{mode:o}: {error}");
            assert!(ClientIdentity::new(files.clone()).config().is_err());
        }
        fs::set_permissions(&files.key, Permissions::from_mode(0o400)).unwrap();
        assert!(ServerIdentity::service(files).config().is_ok());
    }

    #[test]
    fn each_missing_or_wrong_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let other_dir = tempfile::tempdir().unwrap();
        let files = member(dir.path());
        let other = member(other_dir.path());

        let missing = PemFiles {
            authority: dir.path().join("none.pem"),
            ..files.clone()
        };
        let swapped = PemFiles {
            authority: files.key.clone(),
            ..files.clone()
        };
        let foreign = PemFiles {
            key: other.key,
            ..files.clone()
        };
        let revoked = PemFiles {
            revoked: vec![files.certificate.clone()],
            ..files
        };
        for (files, named) in [
            (missing, "none.pem"),
            (swapped, "key.pem"),
            (foreign, "cert.pem"),
            (revoked, "cert.pem"),
        ] {
            let error = ServerIdentity::gateway(files).config().unwrap_err();
            assert!(error.to_string().contains(named), "{error}");
        }
    }

    #[test]
    fn nothing_is_ever_resumed_and_http_1_only_where_asked() {
        let dir = tempfile::tempdir().unwrap();
        let files = member(dir.path());
        let service = ServerIdentity::service(files.clone()).config().unwrap();
        assert_eq!(service.send_tls13_tickets, 0);
        assert!(!service.session_storage.can_cache());
        assert_eq!(service.alpn_protocols, [H2]);
        let gateway = ServerIdentity::gateway(files).config().unwrap();
        assert_eq!(gateway.alpn_protocols, [H2, HTTP_1_1]);
    }

    #[test]
    fn a_failed_reload_leaves_the_old_configuration_in_force() {
        let dir = tempfile::tempdir().unwrap();
        let files = member(dir.path());
        let config = ReloadingConfig::load(ServerIdentity::service(files.clone())).unwrap();
        let first = config.current();

        fs::write(&files.certificate, "not a certificate").unwrap();
        assert!(config.reload().is_err());
        assert!(Arc::ptr_eq(&first, &config.current()));

        member(dir.path());
        config.reload().unwrap();
        assert!(!Arc::ptr_eq(&first, &config.current()));
    }
}

//! Certificates, keys and revocation lists as they lie on disk, in PEM.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};

use super::TlsError;

/// Any permission of the file's group or of others.
const NOT_OWNER: u32 = 0o077;

/// Where a process's own certificate, its key and its trust lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PemFiles {
    /// Its own certificate, then the intermediates, if any.
    pub certificate: PathBuf,
    /// Its private key; only the owner may read the file.
    pub key: PathBuf,
    /// The network's certificate authority.
    pub authority: PathBuf,
    /// Revocation lists. Once there is one, each issuer needs a current one:
    /// a certificate of unknown standing, or an expired list, is refused.
    pub revoked: Vec<PathBuf>,
}

impl PemFiles {
    /// Files without revocation lists.
    pub fn new(
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
        authority: impl Into<PathBuf>,
    ) -> Self {
        Self {
            certificate: certificate.into(),
            key: key.into(),
            authority: authority.into(),
            revoked: Vec::new(),
        }
    }

    pub(super) fn read_chain(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        read_all(&self.certificate)
    }

    pub(super) fn read_key(&self) -> Result<PrivateKeyDer<'static>, TlsError> {
        check_private(&self.key)?;
        let pem = read_file(&self.key)?;
        PrivateKeyDer::from_pem_slice(&pem).map_err(|source| TlsError::Pem {
            path: self.key.clone(),
            source,
        })
    }

    pub(super) fn read_authority(&self) -> Result<RootCertStore, TlsError> {
        let mut roots = RootCertStore::empty();
        for certificate in read_all(&self.authority)? {
            roots.add(certificate).map_err(|source| TlsError::Refused {
                path: self.authority.clone(),
                source,
            })?;
        }
        Ok(roots)
    }

    pub(super) fn read_revoked(
        &self,
    ) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsError> {
        let lists: Result<Vec<_>, _> = self.revoked.iter().map(|path| read_all(path)).collect();
        Ok(lists?.into_iter().flatten().collect())
    }
}

/// Refuses a secret file that anybody but its owner may read or write.
pub fn check_private(path: &Path) -> Result<(), TlsError> {
    let metadata = fs::metadata(path).map_err(|source| TlsError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    if metadata.permissions().mode() & NOT_OWNER != 0 {
        return Err(TlsError::NotPrivate {
            path: path.to_owned(),
        });
    }
    Ok(())
}

fn read_file(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|source| TlsError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

/// Every object of a kind in a file; at least one.
fn read_all<T: PemObject>(path: &Path) -> Result<Vec<T>, TlsError> {
    let pem = read_file(path)?;
    let found: Result<Vec<T>, _> = T::pem_slice_iter(&pem).collect();
    let found = found.map_err(|source| TlsError::Pem {
        path: path.to_owned(),
        source,
    })?;
    if found.is_empty() {
        return Err(TlsError::Empty {
            path: path.to_owned(),
        });
    }
    Ok(found)
}

//! Who is at the other end of a connection: an address and, if one was shown, a
//! certificate whose chain the handshake has already verified.
//!
//! Source: SPIFFE X.509-SVID §2 (one URI SAN), SPIFFE-ID §2 (its characters).

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use ring::digest::{SHA256, digest};
use rustls::pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Longest SPIFFE id (SPIFFE-ID §2.3).
const SPIFFE_ID_BYTES_MAX: usize = 2048;

/// The other end of a connection, in the extensions of each of its requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address as this host sees it.
    pub addr: SocketAddr,
    /// Its certificate, if it names exactly one SPIFFE id.
    pub certificate: Option<PeerCertificate>,
    /// Why there is no certificate here; `None` if there is one.
    pub unidentified: Option<Unidentified>,
}

/// A verified client certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct PeerCertificate {
    /// The single URI SAN: `spiffe://{network}/agencies/{agency}`.
    pub spiffe_id: String,
    /// SHA-256 of the whole certificate (RFC 8705 §3.1, `x5t#S256`).
    pub thumbprint: [u8; 32],
    /// The certificate, DER.
    pub der: Arc<[u8]>,
}

/// Why a peer has no usable certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unidentified {
    /// The handshake asked for a certificate and none was sent.
    #[error("no client certificate was presented")]
    NoCertificate,
    /// The certificate does not parse.
    #[error("the client certificate cannot be read")]
    Unreadable,
    /// No URI SAN.
    #[error("the client certificate names no SPIFFE id in a URI SAN")]
    NoSpiffeId,
    /// Two or more URI SANs: which agency would it be?
    #[error("the client certificate has more than one URI SAN")]
    SeveralIds,
    /// One URI SAN, but not a SPIFFE id.
    #[error("the URI SAN of the client certificate is not a SPIFFE id")]
    MalformedId,
}

impl Peer {
    /// Reads the peer of a finished handshake. `chain` is what the client sent,
    /// its own certificate first.
    pub fn new(addr: SocketAddr, chain: Option<&[CertificateDer<'_>]>) -> Self {
        let own = chain.and_then(<[_]>::first);
        let read = own.ok_or(Unidentified::NoCertificate).and_then(read);
        let (certificate, unidentified) = match read {
            Ok(certificate) => (Some(certificate), None),
            Err(why) => (None, Some(why)),
        };
        Self {
            addr,
            certificate,
            unidentified,
        }
    }
}

impl fmt::Debug for PeerCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeerCertificate")
            .field("spiffe_id", &self.spiffe_id)
            .finish_non_exhaustive()
    }
}

fn read(der: &CertificateDer<'_>) -> Result<PeerCertificate, Unidentified> {
    let (rest, certificate) =
        X509Certificate::from_der(der).map_err(|_| Unidentified::Unreadable)?;
    if !rest.is_empty() {
        return Err(Unidentified::Unreadable);
    }
    let names = certificate
        .subject_alternative_name()
        .map_err(|_| Unidentified::Unreadable)?;
    let uris: Vec<&str> = names
        .iter()
        .flat_map(|names| &names.value.general_names)
        .filter_map(|name| match name {
            GeneralName::URI(uri) => Some(*uri),
            _ => None,
        })
        .collect();

    let mut thumbprint = [0; 32];
    thumbprint.copy_from_slice(digest(&SHA256, der).as_ref());
    Ok(PeerCertificate {
        spiffe_id: only_spiffe_id(&uris)?.to_owned(),
        thumbprint,
        der: Arc::from(der.as_ref()),
    })
}

fn only_spiffe_id<'a>(uris: &[&'a str]) -> Result<&'a str, Unidentified> {
    match uris {
        [] => Err(Unidentified::NoSpiffeId),
        [one] if is_spiffe_id(one) => Ok(one),
        [_] => Err(Unidentified::MalformedId),
        _ => Err(Unidentified::SeveralIds),
    }
}

/// `spiffe://` trust domain `/` path, with the few characters the standard
/// allows: an id is compared byte by byte and written to logs.
fn is_spiffe_id(uri: &str) -> bool {
    let Some((domain, path)) = uri
        .strip_prefix("spiffe://")
        .and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    let is_domain_byte =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    let is_segment = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && segment
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
    };
    uri.len() <= SPIFFE_ID_BYTES_MAX
        && !domain.is_empty()
        && domain.bytes().all(is_domain_byte)
        && path.split('/').all(is_segment)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn one_well_formed_spiffe_id_names_the_agency() {
        let id = "spiffe://casenet.example/agencies/yiwu-union";
        assert_eq!(only_spiffe_id(&[id]), Ok(id));
    }

    #[test]
    fn two_names_are_no_name() {
        let (one, two) = ("spiffe://casenet/a", "spiffe://casenet/b");
        assert_eq!(only_spiffe_id(&[one, two]), Err(Unidentified::SeveralIds));
        assert_eq!(
            only_spiffe_id(&[one, "https://a.example/"]),
            Err(Unidentified::SeveralIds)
        );
        assert_eq!(only_spiffe_id(&[]), Err(Unidentified::NoSpiffeId));
    }

    #[test]
    fn an_id_that_could_be_read_two_ways_is_refused() {
        for id in [
            "https://casenet/agencies/a",
            "SPIFFE://casenet/agencies/a",
            "spiffe://casenet",
            "spiffe:///agencies/a",
            "spiffe://casenet/",
            "spiffe://casenet/agencies/a/",
            "spiffe://casenet/agencies//a",
            "spiffe://casenet/agencies/../a",
            "spiffe://Casenet/agencies/a",
            "spiffe://casenet/agencies/a%2Fb",
            "spiffe://casenet/agencies/a?b",
            "spiffe://casenet/agencies/a\n",
            "spiffe://casenet:443/agencies/a",
            "spiffe://user@casenet/agencies/a",
        ] {
            assert_eq!(
                only_spiffe_id(&[id]),
                Err(Unidentified::MalformedId),
                "{id}"
            );
        }
        let long = format!("spiffe://casenet/{}", "a".repeat(SPIFFE_ID_BYTES_MAX));
        assert_eq!(only_spiffe_id(&[&long]), Err(Unidentified::MalformedId));
    }

    #[test]
    fn bytes_that_are_no_certificate_identify_nobody() {
        let addr = SocketAddr::from(([127, 0, 0, 1], 1));
        let noise = CertificateDer::from(vec![0x30, 0x03, 1, 2, 3]);
        let peer = Peer::new(addr, Some(&[noise]));
        assert_eq!(peer.certificate, None);
        assert_eq!(peer.unidentified, Some(Unidentified::Unreadable));
        let none = Peer::new(addr, None);
        assert_eq!(none.unidentified, Some(Unidentified::NoCertificate));
    }
}

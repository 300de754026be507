//! Whom a client certificate speaks for, by its SPIFFE id.

use host::Refusal;
use proto::names::AgencyName;
use proto::v1::ErrorReason;

/// The network's trust domain.
pub(crate) const TRUST_DOMAIN: &str = "spiffe://casenet/";

/// The holder of a client certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// `spiffe://casenet/agencies/{agency}`: the agency's own system.
    Agency(AgencyName),
    /// `spiffe://casenet/clients/{client}`: a program that people sign in with.
    Client,
}

impl Holder {
    /// Reads a SPIFFE id. UNAUTHENTICATED if it is not one of ours, or names
    /// one of the network's own roles: those call services, not the gateway.
    pub fn read(spiffe_id: &str) -> Result<Self, Refusal> {
        let unknown = || {
            Refusal::unauthenticated(
                ErrorReason::CertificateUnknown,
                "the certificate's SPIFFE id names no agency of this network \
                 (spiffe://casenet/agencies/{agency})",
            )
        };
        let path = spiffe_id.strip_prefix(TRUST_DOMAIN).ok_or_else(unknown)?;
        if path.starts_with("agencies/") {
            return AgencyName::parse(path)
                .map(Self::Agency)
                .map_err(|_| unknown());
        }
        match path.strip_prefix("clients/") {
            Some(client) if !client.is_empty() && !client.contains('/') => Ok(Self::Client),
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Holder;

    #[test]
    fn only_agencies_and_clients_of_this_network_are_read() {
        assert!(matches!(
            Holder::read("spiffe://casenet/agencies/yiwu-union"),
            Ok(Holder::Agency(_))
        ));
        assert_eq!(
            Holder::read("spiffe://casenet/clients/web").unwrap(),
            Holder::Client
        );
        for wrong in [
            "spiffe://other/agencies/yiwu-union",
            "spiffe://casenet/agencies/",
            "spiffe://casenet/agencies/a/../b",
            "spiffe://casenet/roles/gateway",
            "spiffe://casenet/clients/a/b",
            "spiffe://casenet.evil/agencies/yiwu-union",
        ] {
            assert!(Holder::read(wrong).is_err(), "{wrong}");
        }
    }
}

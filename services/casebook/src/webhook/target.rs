//! Where a webhook may lead: an https URL, and addresses that are not inside.
//!
//! A URL is given by an agency and called by the network: without these checks
//! it would be a way to make the network's own machines call each other.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;
use http::uri::PathAndQuery;

/// Longest URL, in bytes.
const URL_BYTES: usize = 2048;

const HTTPS_PORT: u16 = 443;

/// A URL that may be called, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// A name, or an address without brackets.
    pub(super) host: String,
    /// The port; 443 if the URL names none.
    pub(super) port: u16,
    /// Host and port as the URL has them: the `host` header.
    pub(super) authority: String,
    /// Path and query.
    pub(super) path: PathAndQuery,
}

impl Target {
    /// Takes a URL apart; or says what it should be.
    pub(super) fn parse(url: &str) -> Result<Self, &'static str> {
        if url.len() > URL_BYTES {
            return Err("has over 2,048 bytes");
        }
        if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("must be ASCII without spaces; write a Chinese domain as xn--…");
        }
        if url.contains('#') {
            return Err("must have no fragment");
        }
        let uri: Uri = url.parse().map_err(|_| "is not a URL")?;
        if uri.scheme_str() != Some("https") {
            return Err("must begin with https://");
        }
        let authority = uri.authority().ok_or("must name a host")?;
        if authority.as_str().contains('@') {
            return Err("must not contain a user or password; verify the signature instead");
        }
        let host = authority.host().trim_matches(['[', ']']);
        let port = match authority.as_str().strip_prefix(authority.host()) {
            Some("") => HTTPS_PORT,
            _ => authority
                .port_u16()
                .filter(|port| *port > 0)
                .ok_or("has a wrong port")?,
        };
        if host.is_empty() {
            return Err("must name a host");
        }
        let path = uri.path_and_query().cloned();
        Ok(Self {
            host: host.to_owned(),
            port,
            authority: authority.as_str().to_owned(),
            path: path.unwrap_or_else(|| PathAndQuery::from_static("/")),
        })
    }

    /// Its address, if the URL names one in place of a host.
    pub(super) fn literal(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

/// Addresses at which clouds tell a machine its own secrets, and that are not
/// link-local: Alibaba Cloud's, Oracle's older one, AWS's over IPv6.
const METADATA: [IpAddr; 3] = [
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

/// Whether the network calls this address: public ones, and with
/// `allow_private` also loopback, private and unique local ones.
pub(super) fn may_call(address: IpAddr, allow_private: bool) -> bool {
    let address = address.to_canonical();
    if METADATA.contains(&address) {
        return false;
    }
    match address {
        IpAddr::V4(v4) => is_public_v4(v4) || (allow_private && is_inside_v4(v4)),
        IpAddr::V6(v6) => is_public_v6(v6) || (allow_private && is_inside_v6(v6)),
    }
}

fn is_inside_v4(address: Ipv4Addr) -> bool {
    address.is_loopback() || address.is_private() || is_shared(address)
}

/// RFC 6598: behind a carrier's translation.
fn is_shared(address: Ipv4Addr) -> bool {
    matches!(address.octets(), [100, 64..=127, ..])
}

/// Everything but the blocks of IANA's IPv4 special-purpose registry (RFC 6890).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let is_special = matches!(
        address.octets(),
        [0 | 10 | 127, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [192, 168, ..]
            | [198, 18..=19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
            | [224..=255, ..]
    );
    !is_special
}

fn is_inside_v6(address: Ipv6Addr) -> bool {
    address.is_loopback() || address.is_unique_local()
}

/// Global unicast (2000::/3) without the blocks that are documentation or lead
/// to an IPv4 address inside (RFC 6890; 6to4, Teredo).
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let is_global = first & 0xe000 == 0x2000;
    let is_protocol = first == 0x2001 && second < 0x0200;
    let is_documentation = (first == 0x2001 && second == 0x0db8) || first & 0xfff0 == 0x3ff0;
    let is_6to4 = first == 0x2002;
    is_global && !is_protocol && !is_documentation && !is_6to4
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Target, may_call};

    #[test]
    fn a_url_is_taken_apart() {
        let target = Target::parse("https://hooks.example.cn:8443/a/b?c=d").unwrap();
        assert_eq!(
            (target.host.as_str(), target.port),
            ("hooks.example.cn", 8443)
        );
        assert_eq!(target.path.as_str(), "/a/b?c=d");
        let target = Target::parse("https://[2001:4860::1]").unwrap();
        assert_eq!((target.host.as_str(), target.port), ("2001:4860::1", 443));
        assert_eq!(target.authority, "[2001:4860::1]");
        assert!(target.literal().is_some());
        assert_eq!(target.path.as_str(), "/");
    }

    #[test]
    fn a_url_that_is_not_plainly_https_is_refused() {
        for wrong in [
            "",
            "http://a.cn/",
            "ftp://a.cn/",
            "//a.cn/",
            "/path",
            "https://",
            "https:///path",
            "https://user:password@a.cn/",
            "https://token@a.cn/",
            "https://a.cn/#here",
            "https://a.cn:0/",
            "https://a.cn:99999/",
            "https://a.cn:/",
            "https://例子.cn/",
            "https://a.cn/ b",
            "https://a.cn/\r\nx: y",
            &format!("https://a.cn/{}", "x".repeat(2048)),
        ] {
            assert!(Target::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn public_addresses_are_called() {
        for address in [
            "1.1.1.1",
            "223.5.5.5",
            "100.63.0.1",
            "172.32.0.1",
            "2400:3200::1",
        ] {
            assert!(may_call(address.parse().unwrap(), false), "{address}");
        }
    }

    #[test]
    fn addresses_inside_are_called_only_where_the_operator_says_so() {
        for address in [
            "127.0.0.1",
            "127.8.9.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "::1",
            "fd12::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(!may_call(address.parse().unwrap(), false), "{address}");
            assert!(may_call(address.parse().unwrap(), true), "{address}");
        }
    }

    #[test]
    fn metadata_link_local_and_special_addresses_are_never_called() {
        for address in [
            "169.254.169.254",
            "100.100.100.200",
            "192.0.0.192",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "198.18.0.1",
            "::",
            "fe80::1",
            "ff02::1",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "64:ff9b::a00:1",
            "2002:a00:1::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
        ] {
            assert!(!may_call(address.parse().unwrap(), false), "{address}");
            assert!(!may_call(address.parse().unwrap(), true), "{address}");
        }
    }
}

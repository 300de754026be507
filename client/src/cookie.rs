//! Cookies: sent over TLS only, to this host only, never to a script, and never
//! from another site's page (`__Host-`, RFC 6265bis).

use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};

/// The session's secret.
pub(crate) const SESSION: &str = "__Host-casenet";
/// What the sign-in form carries before there is a session.
pub(crate) const DOOR: &str = "__Host-casenet-door";
/// The language chosen.
pub(crate) const LANGUAGE: &str = "__Host-casenet-language";

/// The value of a cookie; the first one, as browsers send it.
pub(crate) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// A cookie that ends with the browser's own session.
pub(crate) fn set(name: &str, value: &str) -> Option<HeaderValue> {
    let text = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Strict");
    HeaderValue::from_str(&text).ok()
}

/// The order to forget a cookie.
pub(crate) fn forget(name: &str) -> Option<HeaderValue> {
    let text = format!("{name}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, "a=1; __Host-casenet=xy; b=2".parse().unwrap());
        assert_eq!(read(&headers, SESSION), Some("xy"));
        assert_eq!(read(&headers, DOOR), None);
    }
}

//! What holds for every answer: what a browser may do with the page, and that
//! trouble becomes a page. Also where one may be led after signing in.

use std::sync::Arc;

use axum::extract::{Request, State as FromState};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderName, HeaderValue, Method, Uri};

use crate::State;
use crate::trouble::Trouble;
use crate::visit::Reader;

/// Scripts and styles from here only, none inside a page; forms only to here;
/// no frames, no plug-ins, no other host.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const HEADERS: [(HeaderName, &str); 8] = [
    (CONTENT_SECURITY_POLICY, CONTENT_POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "same-origin"),
    (STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=()",
    ),
];

/// Dresses every answer.
pub(crate) async fn dress(
    FromState(state): FromState<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let reader = Reader::of(&parts, &state);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(trouble) = response.extensions_mut().remove::<Trouble>() {
        response = trouble.page(&reader);
    }
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Pages hold what their reader may see now, and are kept nowhere.
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The page that somebody asked for before signing in; empty if it was no plain
/// page of ours.
pub(crate) fn after_sign_in(uri: &Uri, method: &Method) -> String {
    if method == Method::GET && !uri.path().starts_with("/live") {
        own_path(uri.path()).to_owned()
    } else {
        String::new()
    }
}

/// The path if it is one of this site, else nothing: no other host
/// (`//evil`, `/\evil`), no scheme, no way up.
pub(crate) fn own_path(path: &str) -> &str {
    let is_plain = path
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"/-_".contains(&b));
    if is_plain && path.starts_with('/') && !path.contains("//") {
        path
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_another_site() {
        assert_eq!(
            own_path("/cases/330782-2026-000001"),
            "/cases/330782-2026-000001"
        );
        for foreign in [
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a//b",
            "",
            "evil",
            "/../x",
            "/%2f%2fevil",
            "/x?y",
            "/x\r\ny",
            "javascript:alert(1)",
        ] {
            assert_eq!(own_path(foreign), "", "{foreign}");
        }
    }

    #[test]
    fn the_policy_lets_nothing_inline_run() {
        assert!(!CONTENT_POLICY.contains("unsafe"));
        assert!(CONTENT_POLICY.starts_with("default-src 'none'"));
    }
}

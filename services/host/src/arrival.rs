//! What every request gets at the door, near or far: its path, where the
//! envelope's check finds it, and its place in a trace.

use std::task::{Context, Poll};

use tower::Service;
use tracing::Instrument;
use tracing::instrument::Instrumented;

use crate::trace::TraceContext;

/// The path a request was called by, e.g. `/casenet.v1.CaseService/GetCase`, in
/// the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestPath(String);

impl RequestPath {
    /// The path of a call.
    pub fn new(path: impl Into<String>) -> Self {
        Self(path.into())
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Wraps the routes of a service; [`crate::serve`] and [`crate::Upstream`] do so
/// themselves.
#[derive(Clone, Debug)]
pub struct Arrival<S> {
    routes: S,
}

impl<S> Arrival<S> {
    /// Wraps `routes`.
    pub fn new(routes: S) -> Self {
        Self { routes }
    }
}

impl<S, B> Service<http::Request<B>> for Arrival<S>
where
    S: Service<http::Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Instrumented<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.routes.poll_ready(cx)
    }

    fn call(&mut self, mut request: http::Request<B>) -> Self::Future {
        let trace = TraceContext::arriving(request.headers());
        let path = request.uri().path().to_owned();
        let span = tracing::info_span!(
            "call",
            method = loggable(&path),
            trace_id = trace.trace_id()
        );
        request.extensions_mut().insert(RequestPath(path));
        request.extensions_mut().insert(trace);
        self.routes.call(request).instrument(span)
    }
}

/// A method of ours by its name. Any other path may hold what somebody typed,
/// a person's name even, and stays out of the log.
fn loggable(path: &str) -> &str {
    let is_method = path.starts_with("/casenet.") || path.starts_with("/grpc.");
    let has_only_name_bytes = path
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"/._".contains(&byte));
    if is_method && has_only_name_bytes && path.len() <= 120 {
        path
    } else {
        "other"
    }
}

#[cfg(test)]
mod tests {
    use super::loggable;

    #[test]
    fn only_method_names_are_logged() {
        let method = "/casenet.v1.CaseService/GetCase";
        assert_eq!(loggable(method), method);
        for path in ["/v1/workers/zhang", "/casenet.v1.X/%E5%BC%A0", "", "/"] {
            assert_eq!(loggable(path), "other");
        }
    }
}

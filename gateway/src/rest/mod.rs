//! The contract over HTTP/JSON, for agencies without gRPC.
//!
//! Reading order: `table` (which method a path names), `asked` (an HTTP request
//! as the request of that method), `json` (values, read strictly), `told` (an
//! answer as JSON), `problem` (a refusal as RFC 9457 has it), `events` (a stream
//! as Server-Sent Events), `openapi` (the document, made of the contract).
//!
//! **Invariant.** Nothing here decides, reads a store or calls a service: a
//! request becomes the same call to the same gate that gRPC makes, and is read
//! only once the gate has let its caller in. What a method is over HTTP stands in
//! the contract (`(http)`), so a new one needs no code here.

mod asked;
mod comments;
mod events;
mod json;
mod openapi;
mod problem;
mod table;
mod told;
mod unread;

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use http::{Method as Verb, Request, Response, StatusCode};
use http_body::Body as _;
use http_body_util::Full;
use prost_reflect::{FieldDescriptor, Kind};
use proto::contract::Contract;
use tonic::body::Body;

use crate::frame;
use crate::pass::Gate;

pub(crate) use asked::Asked;
use problem::Problems;
use table::{Found, Table, Target};
use unread::Watch;

/// Where the document of the API is.
const DOCUMENT: &str = "/v1/openapi.json";

/// Begins every path of the API.
const VERSION: &str = "/v1/";

/// The contract over HTTP/JSON.
pub(crate) struct Rest {
    gate: Arc<Gate>,
    table: Table,
    problems: Problems,
    document: OnceLock<Bytes>,
}

impl Rest {
    pub(crate) fn new(gate: Arc<Gate>) -> Self {
        let contract = gate.routes.contract();
        Self {
            table: Table::new(contract),
            problems: Problems::new(contract),
            document: OnceLock::new(),
            gate,
        }
    }

    /// Answers one request, whatever it is.
    pub(crate) async fn answer(&self, request: Request<Body>) -> Response<Body> {
        let verb = request.method().clone();
        let (request, watch) = Watch::over(request);
        let mut response = self.route(request).await;
        watch.tell(&mut response);
        if verb == Verb::HEAD {
            *response.body_mut() = Body::empty();
        }
        response
    }

    async fn route(&self, request: Request<Body>) -> Response<Body> {
        let path = request.uri().path();
        if path == DOCUMENT {
            return self.document(request.method());
        }
        if !path.starts_with(VERSION) {
            return self.elsewhere(path);
        }
        match self.table.find(path, request.method()) {
            Found::Nothing => self.problems.plain(
                StatusCode::NOT_FOUND,
                "no such path; every path is in /v1/openapi.json",
            ),
            Found::Other(allowed) => self.other_verb(request.method(), &allowed),
            Found::Method(target, name) => {
                if let Some(refused) = self.check_media(&request) {
                    return refused;
                }
                self.call(target, name, request).await
            }
        }
    }

    /// The same call that gRPC would make, through the same gate; its answer
    /// turned back.
    async fn call(
        &self,
        target: Arc<Target>,
        name: Option<String>,
        mut request: Request<Body>,
    ) -> Response<Body> {
        let asked = Asked::new(Arc::clone(&target), name, request.uri().query());
        request.extensions_mut().insert(asked);
        // gRPC's own header; over HTTP it means nothing.
        request.headers_mut().remove("grpc-timeout");
        let path = http::Uri::try_from(target.method.path.as_str());
        let Ok(path) = path else {
            return self
                .problems
                .refusal(host::Refusal::internal("a method's path is none"));
        };
        *request.uri_mut() = path;
        let answer = self.gate.answer(request).await;
        if let Some(status) = frame::refusal_in(answer.headers()) {
            return self.problems.status(&status);
        }
        if target.method.streams {
            let bytes_max = self.gate.admission.limits().answer_bytes;
            return events::response(target, answer.into_body(), self.problems.clone(), bytes_max);
        }
        match told::response(&target, answer.into_body()).await {
            Ok(response) => response,
            Err(refusal) => self.problems.refusal(refusal),
        }
    }

    /// Not a path of this API: gRPC's methods are named for what they are.
    fn elsewhere(&self, path: &str) -> Response<Body> {
        if self.gate.routes.find(path).is_ok() {
            self.problems.plain(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "a method of gRPC takes application/grpc; its path over HTTP is in /v1/openapi.json",
            )
        } else {
            self.problems.plain(
                StatusCode::NOT_FOUND,
                "no such path; every path is in /v1/openapi.json",
            )
        }
    }

    /// 204 for OPTIONS, 405 for the rest; both say what is allowed.
    fn other_verb(&self, verb: &Verb, allowed: &str) -> Response<Body> {
        let mut response = if verb == Verb::OPTIONS {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NO_CONTENT;
            response
        } else {
            let detail = format!("this path takes {allowed}");
            self.problems.plain(StatusCode::METHOD_NOT_ALLOWED, &detail)
        };
        if let Ok(allowed) = HeaderValue::from_str(allowed) {
            response.headers_mut().insert(ALLOW, allowed);
        }
        response
    }

    /// A body is JSON, or there is none.
    fn check_media(&self, request: &Request<Body>) -> Option<Response<Body>> {
        let is_json = match request.headers().get(CONTENT_TYPE) {
            None => request.body().is_end_stream(),
            Some(kind) => kind.to_str().is_ok_and(|kind| {
                let essence = kind.split(';').next().unwrap_or_default();
                essence.trim().eq_ignore_ascii_case("application/json")
            }),
        };
        let refusal = || {
            self.problems.plain(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the body is JSON; send content-type: application/json",
            )
        };
        (!is_json).then(refusal)
    }

    /// The document, open to all: it is the contract and tells of no case.
    fn document(&self, verb: &Verb) -> Response<Body> {
        if verb != Verb::GET && verb != Verb::HEAD {
            return self.other_verb(verb, "GET, HEAD, OPTIONS");
        }
        let document = self.document.get_or_init(|| {
            let document = openapi::document(self.gate.routes.contract());
            Bytes::from(document.to_string())
        });
        let mut response = Response::new(Body::new(Full::new(document.clone())));
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        response
    }
}

impl std::fmt::Debug for Rest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rest").finish_non_exhaustive()
    }
}

/// The OpenAPI document of the contract that this build carries.
pub fn openapi(contract: &Contract) -> serde_json::Value {
    openapi::document(contract)
}

/// The facts that rules read: never told, and not taken from anybody.
fn is_internal(field: &FieldDescriptor) -> bool {
    matches!(field.kind(), Kind::Message(message) if message.full_name() == "casenet.v1.Label")
}

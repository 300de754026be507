//! An HTTP request as the request of its method: path, query, headers and body
//! become one message.

use std::sync::Arc;

use bytes::Bytes;
use host::Refusal;
use http::HeaderMap;
use http::header::{HeaderName, IF_MATCH};
use percent_encoding::percent_decode_str;
use prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage as _, Value};
use proto::http::Verb;
use proto::v1::ErrorReason;
use serde_json::Value as Json;
use tonic::Code;

use super::json::{self, Wrong};
use super::table::Target;

/// Names the request, so that repeating it has one effect.
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Where a stream of events broke off.
const LAST_EVENT_ID: &str = "last-event-id";

/// What an HTTP request asks for beside its body; stands in its extensions on the
/// way through the gate.
#[derive(Clone)]
pub(crate) struct Asked {
    target: Arc<Target>,
    name: Option<String>,
    query: String,
}

impl Asked {
    pub(super) fn new(target: Arc<Target>, name: Option<String>, query: Option<&str>) -> Self {
        Self {
            target,
            name,
            query: query.unwrap_or_default().to_owned(),
        }
    }

    /// The method's request. INVALID_ARGUMENT with every wrong field at once.
    pub(crate) fn message(&self, headers: &HeaderMap, body: &[u8]) -> Result<Bytes, Refusal> {
        let mut wrong = Wrong::default();
        let mut message = match self.target.route.verb {
            Verb::Get => self.read_query(body, &mut wrong),
            Verb::Post => self.read_body(body, &mut wrong)?,
        };
        if let (Some(field), Some(name)) = (self.target.in_path(), &self.name) {
            message.set_field_by_name(field, Value::String(name.clone()));
        }
        self.take_key(headers, &mut message, &mut wrong);
        self.take_etag(headers, &mut message, &mut wrong);
        self.take_event_id(headers, &mut message, &mut wrong);
        wrong.into_result()?;
        Ok(message.encode_to_vec().into())
    }

    fn read_body(&self, body: &[u8], wrong: &mut Wrong) -> Result<DynamicMessage, Refusal> {
        if !self.query.is_empty() {
            wrong.unknown("query", "takes nothing here: the request is the JSON body");
        }
        let request = &self.target.request;
        if body.is_empty() {
            return Ok(DynamicMessage::new(request.clone()));
        }
        let value: Json = serde_json::from_slice(body).map_err(|error| malformed(&error))?;
        let skipped = self.target.in_path();
        Ok(json::request(request, &value, skipped, wrong))
    }

    fn read_query(&self, body: &[u8], wrong: &mut Wrong) -> DynamicMessage {
        let mut message = DynamicMessage::new(self.target.request.clone());
        if !body.is_empty() {
            wrong.add("body", "must be empty: a GET has its fields in the query");
        }
        for pair in self.query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, text) = pair.split_once('=').unwrap_or((pair, ""));
            let (Some(name), Some(text)) = (decoded(name), decoded(text)) else {
                wrong.add("query", "is not percent-encoded UTF-8");
                continue;
            };
            let field = json::field(&self.target.request, &name)
                .filter(|field| Some(field.name()) != self.target.in_path());
            let Some(field) = field else {
                wrong.unknown(&json::nameable(&name), "is no parameter of this path");
                continue;
            };
            let value = json::one(&field.kind(), &in_json(&field.kind(), text));
            match value {
                Err(description) => wrong.add(field.json_name(), &description),
                Ok(value) if field.is_list() => push(&mut message, &field, value),
                Ok(_) if message.has_field(&field) => {
                    wrong.add(field.json_name(), "is given twice")
                }
                Ok(value) => message.set_field(&field, value),
            }
        }
        message
    }

    /// `Idempotency-Key` is the request's `request_id`. Where a change has none, a
    /// key would promise what nobody keeps; a read needs none.
    fn take_key(&self, headers: &HeaderMap, message: &mut DynamicMessage, wrong: &mut Wrong) {
        let name = HeaderName::from_static(IDEMPOTENCY_KEY);
        let Some(key) = one_header(headers, &name, wrong) else {
            return;
        };
        let key = unquoted(&key).unwrap_or(&key).to_owned();
        if self.target.route.verb == Verb::Post {
            put(message, "request_id", key, IDEMPOTENCY_KEY, wrong);
        }
    }

    /// `If-Match` is the request's `etag`; `*` is any.
    fn take_etag(&self, headers: &HeaderMap, message: &mut DynamicMessage, wrong: &mut Wrong) {
        let Some(given) = one_header(headers, &IF_MATCH, wrong) else {
            return;
        };
        match unquoted(&given) {
            Some(etag) => put(message, "etag", etag.to_owned(), "if-match", wrong),
            None if given == "*" => {}
            None => wrong.add("if-match", "must be one etag in quotes, not weak, or *"),
        }
    }

    /// `Last-Event-ID` is where a stream goes on.
    fn take_event_id(&self, headers: &HeaderMap, message: &mut DynamicMessage, wrong: &mut Wrong) {
        let Some(resume) = &self.target.method.resume else {
            return;
        };
        let name = HeaderName::from_static(LAST_EVENT_ID);
        let Some(id) = one_header(headers, &name, wrong).filter(|id| !id.is_empty()) else {
            return;
        };
        match id.parse::<u64>() {
            // The later one: a client that reconnects keeps its first query.
            Ok(id) => message.set_field_by_name(&resume.after, Value::U64(id)),
            Err(_) => wrong.add(LAST_EVENT_ID, "must be the id of an event of this stream"),
        }
    }
}

/// Sets a text field from a header, unless the request says otherwise itself.
fn put(message: &mut DynamicMessage, field: &str, value: String, header: &str, wrong: &mut Wrong) {
    let Some(field) = message.descriptor().get_field_by_name(field) else {
        wrong.unknown(header, "is not taken by this method");
        return;
    };
    let given = message.get_field(&field).as_str().unwrap_or_default() != value;
    if message.has_field(&field) && given {
        let description = format!("differs from {} in the body", field.json_name());
        wrong.add(header, &description);
    }
    message.set_field(&field, Value::String(value));
}

fn push(message: &mut DynamicMessage, field: &FieldDescriptor, value: Value) {
    if let Some(list) = message.get_field_mut(field).as_list_mut() {
        list.push(value);
    }
}

/// The one value of a header. Two of them, or bytes that are no text, are wrong.
fn one_header(headers: &HeaderMap, name: &HeaderName, wrong: &mut Wrong) -> Option<String> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    match (value.to_str(), values.next()) {
        (Ok(text), None) => Some(text.to_owned()),
        _ => {
            wrong.add(name.as_str(), "must be given once, in ASCII");
            None
        }
    }
}

fn unquoted(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.strip_suffix('"')
}

/// As forms are encoded: a plus is a space.
fn decoded(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

/// A query's text as the JSON that would mean the same.
fn in_json(kind: &Kind, text: String) -> Json {
    let plain = match kind {
        Kind::Bool => text.parse().ok().map(Json::Bool),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 | Kind::Uint32 | Kind::Fixed32 => {
            text.parse::<i64>().ok().map(Json::from)
        }
        _ => None,
    };
    plain.unwrap_or(Json::String(text))
}

/// Where the JSON breaks; never what stands there.
fn malformed(error: &serde_json::Error) -> Refusal {
    Refusal::new(
        Code::InvalidArgument,
        ErrorReason::MalformedMessage,
        format!(
            "the body is not JSON: it breaks at line {}, column {}",
            error.line(),
            error.column()
        ),
    )
}

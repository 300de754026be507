//! Do the contract's routes over HTTP hold together? Run by `build.rs` beside
//! `coverage`, so that a route that could not be answered does not build.

use std::collections::BTreeSet;

use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor};

use crate::coverage::{flag_option, text_option};
use crate::http::{Route, Verb};

/// What is wrong with the routes, one sentence each; empty if nothing.
pub fn faults(pool: &DescriptorPool) -> Vec<String> {
    let mut faults = Vec::new();
    let mut taken: Vec<(String, Route)> = Vec::new();
    for service in pool.services() {
        for method in service.methods() {
            let title = format!("{}.{}", service.name(), method.name());
            check_resume(pool, &method, &title, &mut faults);
            let Some(text) = text_option(pool, &method.options(), "http") else {
                continue;
            };
            let route = match Route::parse(&text) {
                Ok(route) => route,
                Err(error) => {
                    faults.push(format!("{title}: (http) {error}"));
                    continue;
                }
            };
            let reads = flag_option(pool, &method.options(), "reads");
            if reads != (route.verb == Verb::Get) {
                faults.push(format!("{title}: a GET reads, and what reads is a GET"));
            }
            check_fields(&route, &method.input(), &title, &mut faults);
            let mut seen = BTreeSet::new();
            check_json(&method.input(), &title, &mut seen, &mut faults);
            check_json(&method.output(), &title, &mut seen, &mut faults);
            if let Some((other, _)) = taken.iter().find(|(_, other)| route.collides(other)) {
                faults.push(format!("{title}: (http) has the route of {other}"));
            }
            taken.push((title, route));
        }
    }
    faults
}

fn check_fields(route: &Route, request: &MessageDescriptor, title: &str, faults: &mut Vec<String>) {
    let variable = route.variable.as_ref().map(|variable| &*variable.field);
    if let Some(name) = variable {
        let is_text = |field: FieldDescriptor| field.kind() == Kind::String && !field.is_list();
        if !request.get_field_by_name(name).is_some_and(is_text) {
            faults.push(format!(
                "{title}: (http) {name:?} is no string field of its request"
            ));
        }
    }
    let ids = route.collections().len();
    let named = route.variable.as_ref().map_or(0, |variable| {
        let inside = route.segments.get(variable.segments.clone());
        inside.map_or(0, |inside| {
            inside
                .iter()
                .filter(|segment| **segment == crate::http::Segment::Any)
                .count()
        })
    });
    if ids != named {
        faults.push(format!(
            "{title}: (http) a * stands outside of the variable"
        ));
    }
    if route.verb == Verb::Get {
        for field in request.fields().filter(|field| !fits_a_query(field)) {
            faults.push(format!(
                "{title}: (http) {} does not fit into a query",
                field.name()
            ));
        }
    }
}

/// What has JSON of its own, and is read and told here. Others of their kind
/// (`Any`, `Struct`, wrappers) are not in the contract.
const WELL_KNOWN: [&str; 2] = ["google.protobuf.Timestamp", "google.protobuf.FieldMask"];

/// Every message below has JSON that HTTP knows.
fn check_json(
    message: &MessageDescriptor,
    title: &str,
    seen: &mut BTreeSet<String>,
    faults: &mut Vec<String>,
) {
    let name = message.full_name();
    if WELL_KNOWN.contains(&name) || !seen.insert(name.to_owned()) {
        return;
    }
    if name.starts_with("google.protobuf.") || message.is_map_entry() {
        faults.push(format!("{title}: (http) {name} has no JSON here"));
    }
    for field in message.fields() {
        if let Kind::Message(child) = field.kind() {
            check_json(&child, title, seen, faults);
        }
    }
}

/// Scalars, enums and moments, once or many times.
fn fits_a_query(field: &FieldDescriptor) -> bool {
    match field.kind() {
        Kind::Message(message) => WELL_KNOWN.contains(&message.full_name()),
        _ => true,
    }
}

fn check_resume(
    pool: &DescriptorPool,
    method: &MethodDescriptor,
    title: &str,
    faults: &mut Vec<String>,
) {
    let Some(text) = text_option(pool, &method.options(), "resume") else {
        return;
    };
    let is_counter =
        |field: Option<FieldDescriptor>| field.is_some_and(|field| field.kind() == Kind::Uint64);
    let holds = text.split_once('=').is_some_and(|(asked, told)| {
        is_counter(method.input().get_field_by_name(asked))
            && is_counter(find(&method.output(), told))
    });
    if !method.is_server_streaming() || !holds {
        faults.push(format!(
            "{title}: (resume) {text:?} does not name a uint64 of the request and one of the \
             stream's messages, as in \"after=entry.sequence\""
        ));
    }
}

fn find(message: &MessageDescriptor, path: &str) -> Option<FieldDescriptor> {
    match path.split_once('.') {
        None => message.get_field_by_name(path),
        Some((first, rest)) => match message.get_field_by_name(first)?.kind() {
            Kind::Message(child) => find(&child, rest),
            _ => None,
        },
    }
}

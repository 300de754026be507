//! A method as an operation: its parameters, body, answer and refusals.

use prost_reflect::FieldDescriptor;
use proto::contract::Contract;
use proto::http::{Verb, singular};
use proto::names::id_pattern;
use serde_json::{Value as Json, json};

use super::super::comments::{Comments, first_sentence};
use super::super::table::Target;
use super::common;
use super::schema::Schemas;

/// The operation of one method.
pub(super) fn of(
    contract: &Contract,
    comments: &Comments,
    target: &Target,
    schemas: &mut Schemas<'_>,
) -> Json {
    let path = target.method.path.trim_start_matches('/');
    let (service, name) = path.split_once('/').unwrap_or((path, ""));
    let service = contract.pool().get_service_by_name(service);
    let method = service
        .as_ref()
        .and_then(|service| service.methods().find(|method| method.name() == name));
    let service = service.map_or_else(String::new, |service| service.name().to_owned());
    let comment = method
        .and_then(|method| comments.of_method(&method))
        .unwrap_or_default();
    let mut operation = json!({
        "operationId": format!("{service}_{name}"),
        "tags": [service],
        "summary": first_sentence(&comment),
        "description": comment,
        "parameters": parameters(target, schemas),
        "responses": responses(target, schemas),
    });
    if target.route.verb == Verb::Post {
        operation["requestBody"] = body(target, schemas);
    }
    if target.method.anonymous {
        operation["security"] = json!([{}]);
    }
    operation
}

fn parameters(target: &Target, schemas: &mut Schemas<'_>) -> Json {
    let mut parameters: Vec<Json> = target
        .route
        .collections()
        .into_iter()
        .map(in_path)
        .collect();
    if target.route.verb == Verb::Get {
        let fields = target.request.fields();
        for field in fields.filter(|field| Some(field.name()) != target.in_path()) {
            parameters.push(in_query(&field, schemas));
        }
    }
    let shared = |name: &str| json!({"$ref": format!("#/components/parameters/{name}")});
    let has = |name: &str| target.request.get_field_by_name(name).is_some();
    if target.route.verb == Verb::Post && has("request_id") {
        parameters.push(shared("IdempotencyKey"));
    }
    if has("etag") {
        parameters.push(shared("IfMatch"));
    }
    if target.method.resume.is_some() {
        parameters.push(shared("LastEventId"));
    }
    parameters.push(shared("Purpose"));
    Json::Array(parameters)
}

fn in_path(collection: &str) -> Json {
    let id = singular(collection);
    json!({
        "name": id,
        "in": "path",
        "required": true,
        "description": format!("Id of the {id}, as its name has it."),
        "schema": {"type": "string", "pattern": id_pattern(collection)},
    })
}

fn in_query(field: &FieldDescriptor, schemas: &mut Schemas<'_>) -> Json {
    let mut schema = schemas.field(field);
    let description = schema
        .as_object_mut()
        .and_then(|schema| schema.remove("description"));
    json!({
        "name": field.json_name(),
        "in": "query",
        "description": description.unwrap_or_default(),
        "schema": schema,
    })
}

fn body(target: &Target, schemas: &mut Schemas<'_>) -> Json {
    let schema = schemas.message_without(&target.request, target.in_path());
    json!({"content": {"application/json": {"schema": schema}}})
}

fn responses(target: &Target, schemas: &mut Schemas<'_>) -> Json {
    let schema = schemas.message(&target.response);
    let mut headers = json!({
        "Casenet-Receipt": {"$ref": "#/components/headers/Receipt"},
    });
    if target.response.get_field_by_name("etag").is_some() {
        headers["ETag"] = json!({"$ref": "#/components/headers/ETag"});
    }
    let answer = if target.method.streams {
        json!({
            "description": "A stream of events; the data of each is one message as JSON. \
                An event called \"problem\" says why the stream ended.",
            "content": {"text/event-stream": {
                "schema": {"type": "string"},
                "x-event-data": schema,
            }},
        })
    } else {
        json!({
            "description": "The answer, as the caller may see it.",
            "headers": headers,
            "content": {"application/json": {"schema": schema}},
        })
    };
    let mut responses = json!({"200": answer});
    for (status, name) in common::statuses(target.route.verb) {
        responses[status] = json!({"$ref": format!("#/components/responses/{name}")});
    }
    responses
}

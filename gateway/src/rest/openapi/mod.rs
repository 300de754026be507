//! The OpenAPI 3.1 document of the API, made of the contract: its routes, its
//! messages, its comments. Nothing is written by hand but what HTTP adds.
//!
//! Reading order: `operation` (a method), `schema` (a message), `common` (what
//! every operation shares).

mod common;
mod operation;
mod schema;

use proto::contract::Contract;
use proto::http::Verb;
use serde_json::{Map, Value as Json, json};

use super::comments::Comments;
use super::table::Target;
use schema::Schemas;

/// What the API is, for whoever opens the document.
const ABOUT: &str = "The case network over HTTP/JSON: the same methods, identity, rules, filter, \
     disclosure log and refusals as over gRPC. JSON is ProtoJSON in its canonical form: fields in \
     camel case, 64-bit numbers as strings of digits, bytes as base64, enums by name, fields of \
     default value left out of answers. A field or parameter that the document does not name is \
     refused.";

/// The document.
pub(super) fn document(contract: &Contract) -> Json {
    let comments = Comments::of(contract.pool());
    let mut schemas = Schemas::new(&comments);
    let mut paths: Map<String, Json> = Map::new();
    for target in Target::all(contract) {
        let operation = operation::of(contract, &comments, &target, &mut schemas);
        let verb = match target.route.verb {
            Verb::Get => "get",
            Verb::Post => "post",
        };
        let path = paths
            .entry(target.route.to_string())
            .or_insert_with(|| json!({}));
        path[verb] = operation;
    }
    schemas.add("Problem", common::problem());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "casenet",
            "version": "v1",
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The gateway that serves this document"}],
        "security": [{"mutualTLS": []}, {"bearer": []}],
        "tags": tags(contract, &comments),
        "paths": paths,
        "components": {
            "schemas": schemas.into_json(),
            "responses": common::refusals(),
            "headers": common::headers(),
            "parameters": common::parameters(),
            "securitySchemes": common::security(),
        },
    })
}

/// One for each service that has a route.
fn tags(contract: &Contract, comments: &Comments) -> Json {
    let mut tags: Vec<Json> = Vec::new();
    for service in contract.pool().services() {
        let prefix = format!("/{}/", service.full_name());
        let has_route = contract
            .methods()
            .any(|method| method.http.is_some() && method.path.starts_with(&prefix));
        if has_route {
            let description = comments.of_service(&service).unwrap_or_default();
            tags.push(json!({"name": service.name(), "description": description}));
        }
    }
    Json::Array(tags)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use proto::contract::Contract;
    use serde_json::Value as Json;

    fn document() -> Json {
        super::document(&Contract::load().unwrap())
    }

    fn references(value: &Json, found: &mut BTreeSet<String>) {
        match value {
            Json::Object(object) => {
                for (key, value) in object {
                    match value.as_str().filter(|_| key == "$ref") {
                        Some(target) => _ = found.insert(target.to_owned()),
                        None => references(value, found),
                    }
                }
            }
            Json::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere_and_no_schema_is_orphaned() {
        let document = document();
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        for target in &found {
            let pointer = target.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{target}");
        }
        for name in document["components"]["schemas"]
            .as_object()
            .unwrap()
            .keys()
        {
            let target = format!("#/components/schemas/{name}");
            assert!(found.contains(&target), "{name}");
        }
    }

    #[test]
    fn internal_fields_do_not_stand_in_the_document() {
        let document = document();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        assert!(!schemas.contains_key("Label"));
        assert!(schemas["Case"]["properties"].get("label").is_none());
        assert!(!schemas.keys().any(|name| name.contains("internal")));
    }

    #[test]
    fn what_stands_in_the_path_does_not_stand_in_the_body() {
        let document = document();
        let path = "/v1/cases/{case}/referrals/{referral}:accept";
        let accept = &document["paths"][path]["post"];
        let names: Vec<_> = accept["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|parameter| parameter["name"].as_str())
            .collect();
        assert_eq!(names, ["case", "referral"]);
        let body = &document["components"]["schemas"]["AcceptReferralRequest"];
        let fields: Vec<_> = body["properties"].as_object().unwrap().keys().collect();
        assert_eq!(fields, ["etag", "requestId"]);
        assert_eq!(accept["operationId"], "ReferralService_AcceptReferral");
    }

    #[test]
    fn the_contracts_comments_are_its_words() {
        let document = document();
        let get = &document["paths"]["/v1/cases/{case}"]["get"];
        let summary = get["summary"].as_str().unwrap();
        assert!(summary.starts_with("The record as the caller may see it"));
        let claims = &document["components"]["schemas"]["Case"]["properties"]["claims"];
        assert_eq!(claims["description"], "What is claimed.");
    }
}

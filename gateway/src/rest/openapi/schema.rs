//! Messages as JSON Schema: what `json` reads and `told` writes, and nothing
//! beside it. Source: JSON Schema 2020-12; ProtoJSON.

use std::collections::BTreeMap;

use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value as Json, json};

use super::super::comments::Comments;
use super::super::is_internal;
use super::super::json::is_well_known;

/// Canonical base64, with its padding.
const BASE64: &str = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$";

/// The schemas that operations have needed so far.
pub(super) struct Schemas<'a> {
    comments: &'a Comments,
    known: BTreeMap<String, Json>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(comments: &'a Comments) -> Self {
        Self {
            comments,
            known: BTreeMap::new(),
        }
    }

    /// A schema that is no message of the contract.
    pub(super) fn add(&mut self, name: &str, schema: Json) {
        self.known.insert(name.to_owned(), schema);
    }

    pub(super) fn into_json(self) -> Json {
        json!(self.known)
    }

    /// A message, by reference.
    pub(super) fn message(&mut self, message: &MessageDescriptor) -> Json {
        self.message_without(message, None)
    }

    /// A request whose field `skipped` stands in the path.
    pub(super) fn message_without(
        &mut self,
        message: &MessageDescriptor,
        skipped: Option<&str>,
    ) -> Json {
        let name = message.name().to_owned();
        let reference = json!({"$ref": format!("#/components/schemas/{name}")});
        if self.known.contains_key(&name) {
            return reference;
        }
        // Reserved before its fields, so that a message may hold its own kind.
        self.known.insert(name.clone(), Json::Null);
        let mut properties = Map::new();
        let fields = message.fields().filter(|field| !is_internal(field));
        for field in fields.filter(|field| Some(field.name()) != skipped) {
            properties.insert(field.json_name().to_owned(), self.field(&field));
        }
        let schema = json!({
            "type": "object",
            "description": self.comments.of_message(message).unwrap_or_default(),
            "additionalProperties": false,
            "properties": properties,
        });
        self.known.insert(name, schema);
        reference
    }

    /// A field with its comment.
    pub(super) fn field(&mut self, field: &FieldDescriptor) -> Json {
        let element = self.kind(&field.kind());
        let mut schema = if field.is_list() {
            json!({"type": "array", "items": element})
        } else {
            element
        };
        if let Some(comment) = self.comments.of_field(field) {
            schema["description"] = json!(comment);
        }
        schema
    }

    fn kind(&mut self, kind: &Kind) -> Json {
        match kind {
            Kind::String => json!({"type": "string"}),
            Kind::Bool => json!({"type": "boolean"}),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
                json!({"type": "integer", "format": "int32", "minimum": i32::MIN, "maximum": i32::MAX})
            }
            Kind::Uint32 | Kind::Fixed32 => {
                json!({"type": "integer", "minimum": 0, "maximum": u32::MAX})
            }
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
                json!({"type": "string", "format": "int64", "pattern": "^-?[0-9]{1,18}$"})
            }
            Kind::Uint64 | Kind::Fixed64 => {
                json!({"type": "string", "format": "uint64", "pattern": "^[0-9]{1,19}$"})
            }
            Kind::Float | Kind::Double => json!({"type": "number"}),
            Kind::Bytes => {
                json!({"type": "string", "contentEncoding": "base64", "pattern": BASE64})
            }
            Kind::Enum(descriptor) => self.names(descriptor),
            Kind::Message(message) if message.name() == "FieldMask" => json!({"type": "string"}),
            Kind::Message(message) if is_well_known(message) => {
                json!({"type": "string", "format": "date-time"})
            }
            Kind::Message(message) => self.message(message),
        }
    }

    fn names(&mut self, descriptor: &EnumDescriptor) -> Json {
        let name = descriptor.name().to_owned();
        if !self.known.contains_key(&name) {
            let comment = self.comments.of_enum(descriptor).unwrap_or_default();
            let mut lines = vec![comment, String::new()];
            for value in descriptor.values() {
                let comment = self.comments.of_value(&value).unwrap_or_default();
                lines.push(format!("- `{}`: {comment}", value.name()));
            }
            let names: Vec<_> = descriptor
                .values()
                .map(|value| value.name().to_owned())
                .collect();
            let schema = json!({
                "type": "string",
                "description": lines.join("\n"),
                "enum": names,
            });
            self.known.insert(name.clone(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }
}

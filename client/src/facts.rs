//! Any message of the contract as a list of facts: each field with its name in
//! the reader's language, each value in local form. What is not set is not shown.

use std::sync::LazyLock;

use maud::{Markup, html};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, Kind, ReflectMessage, Value};
use prost_types::Timestamp;
use proto::{Date, Money};

use crate::local;
use crate::visit::Reader;

static POOL: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(proto::DESCRIPTOR_SET).unwrap_or_default());

/// Fields that say where a message belongs, not what it tells.
const APART: [&str; 9] = [
    "label",
    "name",
    "etag",
    "author",
    "section",
    "legal_steps",
    "worker",
    "revision",
    "agency",
];

/// A message as its facts. `type_name` without the package: "Employment".
pub(crate) fn of<M: Message>(reader: &Reader, type_name: &str, message: &M) -> Markup {
    let Some(descriptor) = POOL.get_message_by_name(&format!("casenet.v1.{type_name}")) else {
        return html! {};
    };
    let bytes = message.encode_to_vec();
    match DynamicMessage::decode(descriptor, bytes.as_slice()) {
        Ok(message) => list(reader, &message),
        Err(_) => html! {},
    }
}

fn list(reader: &Reader, message: &DynamicMessage) -> Markup {
    let shown = |field: &FieldDescriptor| {
        // "name" is a resource's address, but a worker's and a person's name too.
        let is_address = APART.contains(&field.name());
        let is_person = field.name() == "name" && message.descriptor().name() == "WorkerIdentity";
        let is_empty = is_silent(&message.get_field(field));
        message.has_field(field) && !is_empty && (!is_address || is_person)
    };
    html! {
        dl.facts {
            @for field in message.descriptor().fields().filter(shown) {
                @let value = message.get_field(&field);
                div.wide[is_wide(&value)] {
                    dt { (label(reader, field.name())) }
                    dd { (show(reader, &field, &value)) }
                }
            }
        }
    }
}

/// A field's name in the reader's language.
fn label(reader: &Reader, name: &str) -> String {
    reader.language.code("field", name)
}

fn is_wide(value: &Value) -> bool {
    match value {
        Value::Message(message) => !is_plain(message),
        Value::List(values) => values.iter().any(is_wide),
        Value::String(text) => text.chars().count() > 60,
        _ => false,
    }
}

/// Nothing in it is shown.
fn tells_nothing(message: &DynamicMessage) -> bool {
    !is_plain(message)
        && message
            .fields()
            .all(|(field, value)| APART.contains(&field.name()) || is_silent(value))
}

/// A value of which nothing is shown.
fn is_silent(value: &Value) -> bool {
    match value {
        Value::Message(inner) => tells_nothing(inner),
        Value::List(values) => values.iter().all(is_silent),
        _ => false,
    }
}

/// A message that reads as one value.
fn is_plain(message: &DynamicMessage) -> bool {
    matches!(
        message.descriptor().full_name(),
        "google.protobuf.Timestamp" | "google.type.Date" | "google.type.Money"
    )
}

fn show(reader: &Reader, field: &FieldDescriptor, value: &Value) -> Markup {
    match value {
        Value::List(values) if values.iter().any(is_wide) => html! {
            ol.parts { @for value in values { li { (one(reader, field, value)) } } }
        },
        Value::List(values) => html! {
            @for (at, value) in values.iter().enumerate() {
                @if at > 0 { (reader.t("list.comma")) }
                (one(reader, field, value))
            }
        },
        _ => one(reader, field, value),
    }
}

fn one(reader: &Reader, field: &FieldDescriptor, value: &Value) -> Markup {
    match value {
        Value::Bool(true) => html! { (reader.t("value.yes")) },
        Value::Bool(false) => html! { (reader.t("value.no")) },
        Value::String(text) if text.contains("/referrals/") => html! {
            a href=(crate::pages::referral_address(text)) { (reader.t("referral.title")) }
        },
        Value::String(text) => html! { (text_of(reader, field.name(), text)) },
        Value::EnumNumber(number) => html! { (enum_words(reader, field, *number)) },
        Value::Bytes(bytes) => html! { (hash(bytes)) },
        Value::U32(number) => html! { (number) },
        Value::U64(number) => html! { (number) },
        Value::I32(number) => html! { (number) },
        Value::I64(number) => html! { (number) },
        Value::Message(message) => show_message(reader, message),
        _ => html! {},
    }
}

fn show_message(reader: &Reader, message: &DynamicMessage) -> Markup {
    let as_known = message.descriptor();
    match as_known.full_name() {
        "google.protobuf.Timestamp" => {
            let at = message.transcode_to::<Timestamp>().ok();
            html! { time datetime=(local::machine(at.as_ref())) { (local::moment(reader.language, at.as_ref())) } }
        }
        "google.type.Date" => {
            let date = message.transcode_to::<Date>().unwrap_or_default();
            html! { (local::date(reader.language, &date)) }
        }
        "google.type.Money" => {
            let sum = message.transcode_to::<Money>().unwrap_or_default();
            html! { span.sum { (local::money(&sum)) } }
        }
        _ => list(reader, message),
    }
}

fn text_of(reader: &Reader, field: &str, text: &str) -> String {
    if text.starts_with("agencies/") && !text.contains("/users/") {
        return reader.agency(text);
    }
    match field {
        "mobile" => local::mobile(text),
        "amount_band" => local::band(reader.language, text),
        "act" => reader.language.code("act", text),
        "step" => reader.language.code("method", text),
        "kind" | "claim_kinds" | "items" | "claim" | "dispute_kind" => {
            reader.language.code("claim", text)
        }
        "employer_kind" => reader.language.code("employer", text),
        _ if field.ends_with("_code")
            || matches!(
                field,
                "qualifier" | "outcome" | "result" | "reason" | "purpose" | "channel"
            ) =>
        {
            // A code where it is one, else what somebody wrote.
            let is_code = text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if is_code {
                reader.language.code("value", text)
            } else {
                text.to_owned()
            }
        }
        _ => text.to_owned(),
    }
}

fn enum_words(reader: &Reader, field: &FieldDescriptor, number: i32) -> String {
    let Kind::Enum(kind) = field.kind() else {
        return number.to_string();
    };
    if kind.name() == "Section" {
        return section(reader, number);
    }
    let Some(value) = kind.get_value(number) else {
        return number.to_string();
    };
    reader
        .language
        .code("value", &without_prefix(kind.name(), value.name()))
}

/// `UNION_STATE_HANDLING` of `UnionState` → `handling`.
fn without_prefix(kind: &str, value: &str) -> String {
    let mut prefix = String::new();
    for (at, letter) in kind.char_indices() {
        if letter.is_ascii_uppercase() && at > 0 {
            prefix.push('_');
        }
        prefix.push(letter.to_ascii_uppercase());
    }
    prefix.push('_');
    value.strip_prefix(&prefix).unwrap_or(value).to_lowercase()
}

/// A section's name in the reader's language.
pub(crate) fn section(reader: &Reader, number: i32) -> String {
    let section = proto::v1::Section::try_from(number).unwrap_or_default();
    reader
        .language
        .code("section", proto::section::name(section))
}

/// A hash, short enough to compare by eye.
pub(crate) fn hash(bytes: &[u8]) -> Markup {
    let text: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let short = text.get(..12).unwrap_or(&text);
    html! { code title=(text) { (short) @if text.len() > 12 { "…" } } }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::words::Language;
    use std::collections::BTreeSet;

    #[test]
    fn the_prefix_of_an_enum_goes() {
        assert_eq!(
            without_prefix("UnionState", "UNION_STATE_HANDLING"),
            "handling"
        );
        assert_eq!(without_prefix("Sex", "SEX_FEMALE"), "female");
    }

    #[test]
    fn every_field_and_value_of_a_case_has_words() {
        let mut seen = BTreeSet::new();
        let mut missing = BTreeSet::new();
        let case = POOL.get_message_by_name("casenet.v1.Case").unwrap();
        let mut left = vec![case];
        while let Some(message) = left.pop() {
            if !seen.insert(message.full_name().to_owned()) || is_apart(message.name()) {
                continue;
            }
            for field in message.fields() {
                if !APART.contains(&field.name())
                    && Language::Chinese
                        .t(&format!("field.{}", field.name()))
                        .starts_with("field.")
                {
                    missing.insert(format!("field.{}", field.name()));
                }
                match field.kind() {
                    Kind::Message(inner) => left.push(inner),
                    Kind::Enum(kind) if kind.name() != "Section" => {
                        for value in kind.values().filter(|value| value.number() != 0) {
                            let key =
                                format!("value.{}", without_prefix(kind.name(), value.name()));
                            if Language::Chinese.t(&key) == key {
                                missing.insert(key);
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
        assert!(missing.is_empty(), "{missing:#?}");
    }

    /// Shown by pages of their own, or not at all.
    fn is_apart(message: &str) -> bool {
        matches!(
            message,
            "Label" | "Disclosure" | "Timestamp" | "Date" | "Money"
        )
    }
}

//! JSON values as fields of the contract, read strictly: exactly what a
//! ProtoJSON printer writes, and every fault named by its place.
//!
//! Source: ProtoJSON. Of what the mapping leaves to parsers, only the fields'
//! original names are taken beside the camel case ones; what the OpenAPI document
//! calls a string is a string (docs/decisions/0013).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use host::Refusal;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};
use proto::v1::ErrorReason;
use serde_json::Value as Json;

use super::is_internal;

/// Deeper than any message of the contract.
const DEPTH_MAX: usize = 16;

/// Faults told at once; more would tell nobody more.
const FAULTS_MAX: usize = 50;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical)
        .with_decode_allow_trailing_bits(true),
);

/// What is wrong with a request, field by field.
#[derive(Debug, Default)]
pub(super) struct Wrong {
    unknown: Vec<(String, String)>,
    faults: Vec<(String, String)>,
}

impl Wrong {
    /// A field is wrong; the description never quotes what stands there.
    pub(super) fn add(&mut self, field: &str, description: &str) {
        tell(&mut self.faults, field, description);
    }

    /// A field is none of the contract's.
    pub(super) fn unknown(&mut self, field: &str, description: &str) {
        tell(&mut self.unknown, field, description);
    }

    /// INVALID_ARGUMENT with every fault, if there is any; what the contract does
    /// not know comes first and gives the reason.
    pub(super) fn into_result(self) -> Result<(), Refusal> {
        let is_unknown = !self.unknown.is_empty();
        let mut faults = self.unknown.into_iter().chain(self.faults);
        let Some((field, description)) = faults.next() else {
            return Ok(());
        };
        let mut refusal = faults.fold(
            Refusal::invalid(field, description),
            |refusal, (field, description)| refusal.and_invalid(field, description),
        );
        if is_unknown {
            refusal.reason = ErrorReason::UnknownField;
        }
        Err(refusal)
    }
}

fn tell(faults: &mut Vec<(String, String)>, field: &str, description: &str) {
    if faults.len() < FAULTS_MAX {
        faults.push((field.to_owned(), description.to_owned()));
    }
}

/// A whole request. `skipped` stands in the path and so not in the body.
pub(super) fn request(
    descriptor: &MessageDescriptor,
    value: &Json,
    skipped: Option<&str>,
    wrong: &mut Wrong,
) -> DynamicMessage {
    let Json::Object(object) = value else {
        wrong.add("body", "must be a JSON object");
        return DynamicMessage::new(descriptor.clone());
    };
    let is_skipped = |field: &FieldDescriptor| Some(field.name()) == skipped;
    if let Some(field) = object
        .keys()
        .find_map(|key| field(descriptor, key).filter(is_skipped))
    {
        wrong.unknown(field.json_name(), "stands in the path; leave it out here");
    }
    message(descriptor, object, "", wrong)
}

/// The field of that name, in camel case or as the contract writes it.
pub(super) fn field(descriptor: &MessageDescriptor, name: &str) -> Option<FieldDescriptor> {
    descriptor
        .get_field_by_json_name(name)
        .or_else(|| descriptor.get_field_by_name(name))
        .filter(|field| !is_internal(field))
}

/// A name that somebody typed, where it may be told back: an identifier may, what
/// could be a person's name may not.
pub(super) fn nameable(name: &str) -> String {
    let is_identifier = (1..=60).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    if is_identifier { name } else { "?" }.to_owned()
}

fn message(
    descriptor: &MessageDescriptor,
    object: &serde_json::Map<String, Json>,
    path: &str,
    wrong: &mut Wrong,
) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    if path.matches('.').count() > DEPTH_MAX {
        wrong.add(path, "is nested too deeply");
        return message;
    }
    let mut seen = Vec::new();
    for (name, given) in object {
        let place = |name: &str| match path {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        let Some(field) = field(descriptor, name) else {
            let description = format!("is no field of {}", descriptor.name());
            wrong.unknown(&place(&nameable(name)), &description);
            continue;
        };
        let place = place(field.json_name());
        if seen.contains(&field.number()) {
            wrong.add(&place, "is given twice");
            continue;
        }
        seen.push(field.number());
        if let Some(value) = value(&field, given, &place, wrong) {
            message.set_field(&field, value);
        }
    }
    message
}

fn value(field: &FieldDescriptor, given: &Json, path: &str, wrong: &mut Wrong) -> Option<Value> {
    if !field.is_list() {
        return element(&field.kind(), given, path, wrong);
    }
    let Json::Array(items) = given else {
        wrong.add(path, "must be an array");
        return None;
    };
    let mut values = Vec::with_capacity(items.len().min(256));
    for (index, item) in items.iter().enumerate() {
        values.extend(element(
            &field.kind(),
            item,
            &format!("{path}[{index}]"),
            wrong,
        ));
    }
    Some(Value::List(values))
}

fn element(kind: &Kind, given: &Json, path: &str, wrong: &mut Wrong) -> Option<Value> {
    if let (Kind::Message(descriptor), Json::Object(object)) = (kind, given)
        && !is_well_known(descriptor)
    {
        return Some(Value::Message(message(descriptor, object, path, wrong)));
    }
    one(kind, given)
        .map_err(|description| wrong.add(path, &description))
        .ok()
}

/// `google.protobuf.Timestamp` and `FieldMask` have JSON of their own.
pub(super) fn is_well_known(descriptor: &MessageDescriptor) -> bool {
    descriptor.package_name() == "google.protobuf"
}

/// One scalar, enum or moment. The error says what it should be.
pub(super) fn one(kind: &Kind, given: &Json) -> Result<Value, String> {
    if given.is_null() {
        return Err("must not be null; leave it out".to_owned());
    }
    let must_be = |what: &str| Err(format!("must be {what}"));
    match kind {
        Kind::String => match given {
            Json::String(text) => Ok(Value::String(text.clone())),
            _ => must_be("a string"),
        },
        Kind::Bool => match given {
            Json::Bool(value) => Ok(Value::Bool(*value)),
            _ => must_be("true or false"),
        },
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
            match whole(given).and_then(|n| i32::try_from(n).ok()) {
                Some(number) => Ok(Value::I32(number)),
                None => must_be("a whole number of 32 bits"),
            }
        }
        Kind::Uint32 | Kind::Fixed32 => match whole(given).and_then(|n| u32::try_from(n).ok()) {
            Some(number) => Ok(Value::U32(number)),
            None => must_be("a whole number of 32 bits, 0 or more"),
        },
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => match digits(given) {
            Some(number) => Ok(Value::I64(number)),
            None => must_be("a string of digits, such as \"12345\""),
        },
        Kind::Uint64 | Kind::Fixed64 => match digits(given) {
            Some(number) => Ok(Value::U64(number)),
            None => must_be("a string of digits, such as \"12345\""),
        },
        Kind::Double => match given.as_f64() {
            Some(number) => Ok(Value::F64(number)),
            None => must_be("a number"),
        },
        Kind::Float => match given.as_f64() {
            Some(number) => Ok(Value::F32(number as f32)),
            None => must_be("a number"),
        },
        Kind::Bytes => match given.as_str().and_then(|text| BASE64.decode(text).ok()) {
            Some(bytes) => Ok(Value::Bytes(bytes.into())),
            None => must_be("base64 with its padding"),
        },
        Kind::Enum(descriptor) => {
            let found = given.as_str().and_then(|name| {
                let mut values = descriptor.values();
                values.find(|value| value.name() == name)
            });
            match found {
                Some(value) => Ok(Value::EnumNumber(value.number())),
                None => must_be(&format!("one of the names of {}", descriptor.name())),
            }
        }
        Kind::Message(descriptor) if is_well_known(descriptor) => {
            match DynamicMessage::deserialize(descriptor.clone(), given) {
                Ok(message) => Ok(Value::Message(message)),
                Err(_) => must_be(match descriptor.name() {
                    "FieldMask" => "names of fields, such as \"url,kinds\"",
                    _ => "a moment, such as \"2026-03-01T08:00:00Z\"",
                }),
            }
        }
        Kind::Message(_) => must_be("an object"),
    }
}

/// A whole number; 1.0 is one, as in JSON Schema.
fn whole(given: &Json) -> Option<i64> {
    given.as_i64().or_else(|| {
        let number = given.as_f64()?;
        let fits = number.fract() == 0.0 && number.abs() < 9e15;
        fits.then_some(number as i64)
    })
}

/// 64 bits travel as digits in a string: JSON's numbers lose the last of them.
fn digits<T: std::str::FromStr>(given: &Json) -> Option<T> {
    given
        .as_str()
        .filter(|text| !text.starts_with('+'))?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use prost_reflect::{DynamicMessage, MessageDescriptor};
    use proto::contract::Contract;
    use serde_json::{Value as Json, json};

    use super::{Wrong, nameable, request};

    fn descriptor(name: &str) -> MessageDescriptor {
        let contract = Contract::load().unwrap();
        let name = format!("casenet.v1.{name}");
        contract.pool().get_message_by_name(&name).unwrap()
    }

    /// The message, or the wrong fields.
    fn read(name: &str, value: &Json) -> Result<DynamicMessage, Vec<String>> {
        let mut wrong = Wrong::default();
        let message = request(&descriptor(name), value, None, &mut wrong);
        match wrong.into_result() {
            Ok(()) => Ok(message),
            Err(refusal) => Err(refusal.violations.into_iter().map(|(f, _)| f).collect()),
        }
    }

    #[test]
    fn what_a_printer_writes_is_read_back_as_it_was() {
        let printed = json!({
            "parent": "cases/330782-2026-000001",
            "referral": {
                "kind": "REFERRAL_KIND_ASSIST",
                "scope": ["SECTION_SUMMARY", "SECTION_CLAIMS"],
                "contribute": true,
                "respondBy": "2026-03-01T08:00:00Z",
                "outcomeAmount": {"currencyCode": "CNY", "units": "-9007199254740993", "nanos": 5},
            },
            "requestId": "a",
        });
        let message = read("CreateReferralRequest", &printed).unwrap();
        assert_eq!(serde_json::to_value(&message).unwrap(), printed);
        let bytes = json!({"consent": {"evidenceSha256": "AAH/+w=="}});
        let message = read("GrantConsentRequest", &bytes).unwrap();
        assert_eq!(serde_json::to_value(&message).unwrap(), bytes);
    }

    #[test]
    fn the_contracts_own_spelling_is_taken_but_not_both() {
        let message = read("AcceptReferralRequest", &json!({"request_id": "a"})).unwrap();
        assert_eq!(
            message.get_field_by_name("request_id").unwrap().as_str(),
            Some("a")
        );
        let both = json!({"request_id": "a", "requestId": "b"});
        assert_eq!(
            read("AcceptReferralRequest", &both).unwrap_err(),
            ["requestId"]
        );
    }

    #[test]
    fn a_value_of_another_type_is_wrong_and_not_turned_into_one() {
        for wrong in [
            json!({"pageSize": "5"}),
            json!({"pageSize": 5.5}),
            json!({"pageSize": 2_147_483_648_i64}),
            json!({"pageSize": null}),
            json!({"pageSize": true}),
        ] {
            let fields = read("ListCasesRequest", &wrong).unwrap_err();
            assert_eq!(fields, ["pageSize"], "{wrong}");
        }
        for wrong in [json!(5), json!("+5"), json!("-5"), json!("5 "), json!("")] {
            let fields = read("AcknowledgeFeedRequest", &json!({"cursor": wrong}));
            assert_eq!(fields.unwrap_err(), ["cursor"], "{wrong}");
        }
        for wrong in [json!("AA"), json!("AA=="), json!("_-8="), json!([1])] {
            let is_right = wrong == "AA==";
            let value = json!({"evidence": {"sha256": wrong}});
            assert_eq!(
                read("AddEvidenceRequest", &value).is_ok(),
                is_right,
                "{value}"
            );
        }
        for wrong in [json!("ASSIST"), json!(2), json!("referral_kind_assist")] {
            let value = json!({"referral": {"kind": wrong}});
            let fields = read("CreateReferralRequest", &value).unwrap_err();
            assert_eq!(fields, ["referral.kind"], "{value}");
        }
        let moment = json!({"asOf": "yesterday"});
        assert_eq!(read("GetCaseRequest", &moment).unwrap_err(), ["asOf"]);
        let list = json!({"sections": ["SECTION_SUMMARY", "SUMMARY"]});
        assert_eq!(read("GetCaseRequest", &list).unwrap_err(), ["sections[1]"]);
    }

    #[test]
    fn faults_are_bounded_and_names_of_people_are_not_told_back() {
        let many: serde_json::Map<_, _> = (0..1000).map(|n| (format!("x{n}"), json!(1))).collect();
        let faults = read("ListCasesRequest", &Json::Object(many)).unwrap_err();
        assert_eq!(faults.len(), super::FAULTS_MAX);
        assert_eq!(nameable("pageSize"), "pageSize");
        assert_eq!(nameable("王某"), "?");
        assert_eq!(nameable(&"x".repeat(61)), "?");
    }
}

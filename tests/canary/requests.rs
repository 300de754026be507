//! Requests for methods that nobody named here: built from the descriptors,
//! with the real names of a case in them.

use std::collections::BTreeSet;

use prost::Message as _;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, Value};
use proto::contract::{Contract, Method};

use super::plant::HOUSE;
use super::stand::{Caller, Names};

/// What is sent for a password; nobody has it.
pub const PASSWORD: &str = "hunter2 hunter2 hunter2";

/// A text that is a code as well.
const WORD: &str = "swept_by_the_canary_sweep";

/// One method, with what is needed to ask it anything.
pub struct Asked {
    pub method: Method,
    input: MessageDescriptor,
}

/// How a request is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filling {
    /// Nothing at all.
    Empty,
    /// Names only.
    Names,
    /// Every field something that its kind of field usually has.
    Plausible,
}

/// Every method of the contract.
pub fn every_method() -> Vec<Asked> {
    let contract = Contract::load().unwrap();
    let inputs = contract.pool().services().flat_map(|service| {
        let methods: Vec<_> = service.methods().collect();
        methods.into_iter().map(move |method| {
            let path = format!("/{}/{}", service.full_name(), method.name());
            (path, method.input())
        })
    });
    let all: Vec<Asked> = inputs
        .filter_map(|(path, input)| {
            let method = contract.method(&path)?.clone();
            Some(Asked { method, input })
        })
        .collect();
    assert_eq!(all.len(), contract.methods().count());
    all
}

impl Asked {
    pub fn ends_with(&self, name: &str) -> bool {
        self.method.path.ends_with(&format!("/{name}"))
    }

    /// It names one thing under a case, not the case.
    pub fn is_about_a_part(&self) -> bool {
        let number = self.method.resource;
        number.is_some_and(|number| self.field(number).name() == "name")
    }

    fn field(&self, number: u32) -> FieldDescriptor {
        self.input.get_field(number).unwrap()
    }

    /// One request for each name that can stand in its field for one.
    pub fn requests(&self, caller: &Caller, filling: Filling) -> BTreeSet<Vec<u8>> {
        if filling == Filling::Empty {
            return BTreeSet::from([Vec::new()]);
        }
        let names = &caller.names;
        let under = [
            ("ReferralService", &names.referrals),
            ("ConsentService", &names.consents),
            ("NoticeService", &names.notices),
            ("BreakGlassService", &names.openings),
        ];
        // A service that keeps one of these is asked about those; any other
        // about all.
        let keeps = |service: &str| self.method.path.contains(service);
        let is_known = under.iter().any(|(service, _)| keeps(service));
        let own = format!("agencies/{}", caller.agency);
        let subjects: Vec<String> = if self.is_about_a_part() {
            let asked = under
                .into_iter()
                .filter(|(service, _)| !is_known || keeps(service));
            let case = std::iter::once(&names.case);
            let all = case.chain(asked.flat_map(|(_, names)| names));
            all.cloned().collect()
        } else if self.method.resource.is_some() {
            vec![names.case.clone()]
        } else if self.input.fields().any(|field| is_name(&field)) {
            let webhook = format!("{own}/webhooks/probe");
            vec![names.case.clone(), own, webhook]
        } else {
            vec![String::new()]
        };
        subjects
            .iter()
            .map(|subject| self.request(caller, subject, filling))
            .collect()
    }

    fn request(&self, caller: &Caller, subject: &str, filling: Filling) -> Vec<u8> {
        let mut request = DynamicMessage::new(self.input.clone());
        for field in self.input.fields() {
            let is_resource = self.method.resource == Some(field.number());
            if is_resource || (self.method.resource.is_none() && is_name(&field)) {
                request.set_field(&field, Value::String(subject.to_owned()));
            } else {
                fill(&mut request, &field, caller, filling, 0);
            }
        }
        request.encode_to_vec()
    }
}

fn is_name(field: &FieldDescriptor) -> bool {
    field.kind() == Kind::String && ["name", "parent"].contains(&field.name())
}

fn fill(
    message: &mut DynamicMessage,
    field: &FieldDescriptor,
    caller: &Caller,
    filling: Filling,
    depth: usize,
) {
    let value = match field.kind() {
        Kind::String => text(field.name(), caller, filling).map(Value::String),
        Kind::Message(inner) => nested(&inner, caller, filling, depth),
        _ if filling != Filling::Plausible || is_place(field.name()) => None,
        Kind::Bool => Some(Value::Bool(true)),
        Kind::Bytes => Some(Value::Bytes(vec![1; 32].into())),
        Kind::Enum(values) => {
            let first = values.values().find(|value| value.number() != 0);
            first.map(|value| Value::EnumNumber(value.number()))
        }
        Kind::Uint32 => Some(Value::U32(1)),
        Kind::Uint64 => Some(Value::U64(1)),
        Kind::Int32 => Some(Value::I32(1)),
        Kind::Int64 => Some(Value::I64(1)),
        _ => None,
    };
    match value {
        Some(value) if field.is_list() => message.set_field(field, Value::List(vec![value])),
        Some(value) => message.set_field(field, value),
        None => {}
    }
}

/// Where a list goes on: from its beginning.
fn is_place(name: &str) -> bool {
    [
        "page_size",
        "cursor",
        "cursors",
        "after",
        "index",
        "size",
        "old_size",
        "new_size",
    ]
    .contains(&name)
}

fn text(name: &str, caller: &Caller, filling: Filling) -> Option<String> {
    let names: &Names = &caller.names;
    let first = |names: &[String]| names.first().cloned();
    match name {
        "agency" | "to_agency" | "partner" => Some(format!("agencies/{HOUSE}")),
        "recipients" => Some(format!("agencies/{}", caller.agency)),
        "case" | "matter" => Some(names.case.clone()),
        "referral" | "part_of" => first(&names.referrals),
        "consent" => first(&names.consents),
        _ if filling != Filling::Plausible => None,
        "user" => Some(format!("agencies/{}/users/nobody", caller.agency)),
        "password" => Some(PASSWORD.to_owned()),
        "url" => Some("https://localhost:1/swept".to_owned()),
        "district" => Some("330782".to_owned()),
        "webhook_id" | "agency_id" | "user_id" => Some(format!("swept-{}", caller.agency)),
        "etag" | "request_id" | "page_token" | "legal_basis" | "secret" | "docket"
        | "under_way_at" | "identity_number" | "credit_code" | "mobile" | "licence_number" => None,
        _ => Some(WORD.to_owned()),
    }
}

fn nested(
    message: &MessageDescriptor,
    caller: &Caller,
    filling: Filling,
    depth: usize,
) -> Option<Value> {
    let mut inner = DynamicMessage::new(message.clone());
    let mut set = |name: &str, value: Value| inner.set_field_by_name(name, value);
    match message.full_name() {
        _ if filling != Filling::Plausible || depth > 2 => return None,
        "casenet.v1.Label" => return None,
        "google.type.Money" => {
            set("currency_code", Value::String("CNY".to_owned()));
            set("units", Value::I64(1));
        }
        "google.type.Date" => set("year", Value::I32(2024)),
        "google.protobuf.Timestamp" => {
            let soon = crate::world::now() + chrono::TimeDelta::days(9);
            set("seconds", Value::I64(soon.timestamp()));
        }
        "google.protobuf.FieldMask" => {
            set("paths", Value::List(vec![Value::String("url".to_owned())]));
        }
        _ => {
            for field in message.fields() {
                fill(&mut inner, &field, caller, filling, depth + 1);
            }
        }
    }
    Some(Value::Message(inner))
}

//! Every field of a case, found by reflection: a mark was planted in it, or it
//! is on the list below with the reason why it holds none.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message as _;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value,
};
use proto::contract::Contract;
use proto::v1::{self as pb, Section};

use super::marks::Place;
use super::plant::Planted;

/// Fields without a mark, by the end of their path, and why. Left out of the
/// walk are labels, which the gateway strips, and what is no string, number or
/// bytes: enumerations, yes and no, dates and times.
const UNMARKED: [(&str, &str); 42] = [
    ("case.name", NAME),
    ("case.etag", SERVICE),
    ("case.matter", NAME),
    ("summary.number", NAME),
    ("summary.amount_band", BAND),
    (
        "summary.district",
        "where the case is docketed: part of its name",
    ),
    ("summary.workers", COUNT),
    ("summary.lead", NAME),
    (
        "summary.result_code",
        "set when the case is closed; this one is open",
    ),
    ("summary.entries", COUNT),
    ("identities.worker", COUNT),
    ("identities.pseudonym", SERVICE),
    ("identities.birth_year", "four digits, from the resident id"),
    ("identity_numbers.worker", COUNT),
    ("contacts.worker", COUNT),
    ("claims.amount_band", BAND),
    ("statistics.amount_band", BAND),
    ("statistics.prefecture", "the district's first digits"),
    ("statistics.year", "four digits"),
    (".author", NAME),
    (".name", NAME),
    (".sequence", COUNT),
    (".user", NAME),
    (".agency", NAME),
    (".legal_steps", "names of methods"),
    (".under_way_at", "a state, from a closed list"),
    (".docket", SERVICE),
    (".number", COUNT),
    (".step", "the name of a method"),
    (".act", "a milestone's code, chosen by the service"),
    (".officers", COUNT),
    (".investigators", COUNT),
    (".attendees", COUNT),
    (".agreement", COUNT),
    (".reply_due_days", COUNT),
    (".follows", COUNT),
    (".quarter_hours", COUNT),
    (".grade", COUNT),
    (".care_level", COUNT),
    (".applicants", COUNT),
    (".draft", COUNT),
    (".decided_by", NAME),
];
const UNMARKED_TOO: [(&str, &str); 11] = [
    (".size", "bytes of a content that was not uploaded here"),
    (".content_type", "of a content that was not uploaded here"),
    (".referral", NAME),
    (".text_sha256", SERVICE),
    (".instrument_docket", SERVICE),
    (
        "injury_files.acts.amount",
        "recognition and appraisal are about no sum",
    ),
    (
        "injury_files.acts.text",
        "no step of recognition or appraisal has a text",
    ),
    (
        "injury_files.amount",
        "recognition and appraisal are about no sum",
    ),
    ("injury_files.result_code", SERVICE),
    ("procuratorate_files.decisions.result_code", SERVICE),
    (
        ".retraction_reason",
        "of a withdrawn publication, whose text is gone",
    ),
];

const NAME: &str = "a name that the service gives; names are in every answer";
const SERVICE: &str = "the service's own";
const COUNT: &str = "a small number, which stands everywhere";
const BAND: &str = "one of a few bands";

/// Panics unless every field is marked or excused, and every mark stands where
/// its planter says and nowhere else.
pub fn require_all_marked(planted: &Planted, records: &[pb::Case]) {
    let contract = Contract::load().unwrap();
    let case = contract.pool().get_message_by_name("casenet.v1.Case");
    let case = case.unwrap();
    let mut wanted = BTreeSet::new();
    leaves(&case, "case", &mut wanted);
    let mut walk = Walk {
        planted,
        contract: &contract,
        marked: BTreeSet::new(),
        places: BTreeMap::new(),
    };
    for record in records {
        let bytes = record.encode_to_vec();
        let record = DynamicMessage::decode(case.clone(), bytes.as_slice()).unwrap();
        walk.message(&record, "case", Section::Open, true);
    }
    let excuses = || UNMARKED.iter().chain(&UNMARKED_TOO).map(|(path, _)| *path);
    let unmarked: Vec<_> = wanted.difference(&walk.marked).collect();
    let missing: Vec<_> = unmarked
        .iter()
        .filter(|path| !excuses().any(|excuse| excused(path, excuse)))
        .collect();
    assert!(missing.is_empty(), "no mark is planted in {missing:#?}");
    let stale: Vec<_> = excuses()
        .filter(|excuse| !unmarked.iter().any(|path| excused(path, excuse)))
        .collect();
    assert!(stale.is_empty(), "these need no excuse: {stale:#?}");

    let mut wrong = Vec::new();
    for (at, mark) in planted.marks.all.iter().enumerate() {
        let mut stands = walk.places.remove(&at).unwrap_or_default();
        // Who sees a part sees it wherever it stands in the section.
        let parts: Vec<_> = stands.iter().filter(|place| place.part).copied().collect();
        stands.retain(|place| place.part || parts.iter().all(|p| p.section != place.section));
        let said: BTreeSet<Place> = mark.places.iter().copied().collect();
        // What is told while streams are open was not told yet.
        if stands != said && planted.streamed != *mark.name {
            wrong.push(format!(
                "{}: said {said:?}, stands in {stands:?}",
                mark.name
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn excused(path: &str, excuse: &str) -> bool {
    let end = excuse.trim_start_matches("case.");
    path.strip_suffix(end)
        .is_some_and(|before| end.starts_with('.') || before == "case.")
}

/// Paths of all strings, bytes, numbers and sums of money.
fn leaves(message: &MessageDescriptor, path: &str, out: &mut BTreeSet<String>) {
    for field in message.fields() {
        let at = format!("{path}.{}", field.name());
        match field.kind() {
            Kind::Bool | Kind::Enum(_) => {}
            Kind::Message(inner) => match inner.full_name() {
                "google.type.Money" => {
                    out.insert(at);
                }
                "casenet.v1.Label" | "casenet.v1.Disclosure" => {}
                name if name.starts_with("google.") => {}
                _ => leaves(&inner, &at, out),
            },
            _ => {
                out.insert(at);
            }
        }
    }
}

struct Walk<'a> {
    planted: &'a Planted,
    contract: &'a Contract,
    marked: BTreeSet<String>,
    places: BTreeMap<usize, BTreeSet<Place>>,
}

impl Walk<'_> {
    /// `part`: all fields on the way here show in part.
    fn message(&mut self, message: &DynamicMessage, path: &str, section: Section, part: bool) {
        let descriptor = message.descriptor();
        let options = descriptor.options();
        let authored = extension(self.contract, &options, "casenet.v1.authored");
        // A section of its own counts for all that it holds.
        let own = authored.and_then(|usual| {
            let own = message.get_field_by_number(2)?.as_enum_number()?;
            Section::try_from(own)
                .ok()
                .filter(|own| *own != Section::Unspecified && Some(*own) != usual)
        });
        for (field, value) in message.fields() {
            let options = field.options();
            let given = extension(self.contract, &options, "casenet.v1.section").flatten();
            let section = own
                .or(given)
                .or(authored.flatten().filter(|_| given.is_none()))
                .unwrap_or(section);
            let shows = flag(self.contract, &options, "casenet.v1.part");
            let part = part && shows && own.is_none();
            let at = format!("{path}.{}", field.name());
            let values = value.as_list().unwrap_or(std::slice::from_ref(value));
            for value in values {
                self.value(&field, value, &at, section, part);
            }
        }
    }

    fn value(
        &mut self,
        field: &FieldDescriptor,
        value: &Value,
        path: &str,
        section: Section,
        part: bool,
    ) {
        let bytes = match value {
            Value::Message(inner) if inner.descriptor().full_name() == "google.type.Money" => {
                inner.encode_to_vec()
            }
            Value::Message(inner) => {
                if !inner.descriptor().full_name().starts_with("google.") {
                    self.message(inner, path, section, part);
                }
                return;
            }
            Value::String(text) => {
                // As it stands on the wire, for what is found by its field.
                let mut wire = vec![(field.number() << 3 | 2) as u8, text.len() as u8];
                wire.extend(text.as_bytes());
                wire
            }
            Value::Bytes(bytes) => bytes.to_vec(),
            _ => return,
        };
        for mark in self.planted.marks.found(&bytes) {
            self.marked.insert(path.to_owned());
            let places = self.places.entry(mark).or_default();
            places.insert(Place { section, part });
        }
    }
}

/// A section that options give; the outer `None`: they have no such extension.
fn extension(contract: &Contract, options: &DynamicMessage, name: &str) -> Option<Option<Section>> {
    let extension = contract.pool().get_extension_by_name(name).unwrap();
    let has = options.has_extension(&extension);
    has.then(|| {
        let number = options.get_extension(&extension).as_enum_number()?;
        Section::try_from(number).ok()
    })
}

fn flag(contract: &Contract, options: &DynamicMessage, name: &str) -> bool {
    let extension = contract.pool().get_extension_by_name(name).unwrap();
    options
        .get_extension(&extension)
        .as_bool()
        .unwrap_or_default()
}

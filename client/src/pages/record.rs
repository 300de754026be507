//! The record as cards, one a section. What is withheld stands as a card with
//! its reason and law, never silently missing.

use maud::{Markup, html};
use proto::section;
use proto::v1::{self as pb, Section, Withheld};

use super::timeline;
use crate::facts;
use crate::visit::Reader;

/// The sections in the order in which people read a record.
const ORDER: [Section; 15] = [
    Section::Identity,
    Section::IdentityNumber,
    Section::Contact,
    Section::Employment,
    Section::Claims,
    Section::Injury,
    Section::Evidence,
    Section::UnionFile,
    Section::CounselFile,
    Section::Privileged,
    Section::InspectionFile,
    Section::ArbitrationFile,
    Section::CourtFile,
    Section::Publicity,
    Section::Statistics,
];

/// All cards. `id`: the case's number, where the reader can go on to ask why.
pub(crate) fn sections(reader: &Reader, case: &pb::Case, id: Option<&str>) -> Markup {
    let withheld = |section: Section| {
        let all = case.disclosure.iter().flat_map(|d| &d.withheld);
        all.into_iter()
            .find(|withheld| withheld.section() == section)
    };
    let (open, closed): (Vec<_>, Vec<_>) = ORDER
        .into_iter()
        .map(|section| (section, content(reader, case, section), withheld(section)))
        .filter(|(_, parts, withheld)| !parts.is_empty() || withheld.is_some())
        .partition(|(_, parts, _)| !parts.is_empty());
    html! {
        @for (section, parts, withheld) in open {
            section.card id=(section::name(section)) {
                h2 { (facts::section(reader, section as i32))
                    @if withheld.is_some() { " " span.tag.part { (reader.t("case.in_part")) } } }
                @for part in parts { (part) }
                @if let Some(withheld) = withheld { (why(reader, withheld)) }
            }
        }
        @if !closed.is_empty() {
            h2.apart { @if id.is_some() { (reader.t("case.withheld_title")) } @else { (reader.t("case.withheld_from_it")) } }
            div.cards {
                @for (section, _, withheld) in closed {
                    @if let Some(withheld) = withheld {
                        section.card.withheld id=(section::name(section)) {
                            h3 { (facts::section(reader, section as i32)) " " span.tag.closed { (reader.t("case.withheld")) } }
                            (why(reader, withheld))
                        }
                    }
                }
            }
            @if let Some(id) = id {
                p.hint { a href={ "/cases/" (id) "/why" } { (reader.t("case.ask_why")) } }
            }
        }
    }
}

/// Why it is withheld, and under which law.
fn why(reader: &Reader, withheld: &Withheld) -> Markup {
    html! {
        div.why {
            p { (reader.language.either(&withheld.reason_zh, &withheld.reason_en)) }
            p.law { (withheld.law) }
        }
    }
}

/// What there is to read of a section, part by part.
fn content(reader: &Reader, case: &pb::Case, section: Section) -> Vec<Markup> {
    match section {
        Section::Identity => case
            .identities
            .iter()
            .map(|worker| person(reader, worker))
            .collect(),
        Section::IdentityNumber => of_workers(
            reader,
            case,
            "IdentityNumber",
            &case.identity_numbers,
            |n| n.worker,
        ),
        Section::Contact => of_workers(reader, case, "Contact", &case.contacts, |contact| {
            contact.worker
        }),
        Section::Employment => case
            .employment
            .iter()
            .map(|e| facts::of(reader, "Employment", e))
            .collect(),
        Section::Claims => all(reader, "Claim", &case.claims),
        Section::Injury => {
            let mut parts: Vec<_> = case
                .injury
                .iter()
                .map(|i| facts::of(reader, "Injury", i))
                .collect();
            parts.extend(files(reader, "InjuryFile", &case.injury_files, |file| {
                &file.author
            }));
            parts
        }
        Section::Evidence => {
            let documents = case.evidence.iter().chain(&case.filed_evidence);
            documents
                .map(|document| evidence(reader, document))
                .collect()
        }
        Section::UnionFile => files(reader, "UnionFile", &case.union_files, |file| &file.author),
        Section::CounselFile => files(reader, "CounselFile", &case.counsel_files, |file| {
            &file.author
        }),
        Section::Privileged => files(reader, "PrivilegedNote", &case.privileged_notes, |note| {
            &note.author
        }),
        Section::InspectionFile => {
            files(reader, "InspectionFile", &case.inspection_files, |file| {
                &file.author
            })
        }
        Section::ArbitrationFile => {
            files(reader, "ArbitrationFile", &case.arbitration_files, |file| {
                &file.author
            })
        }
        Section::CourtFile => {
            let mut parts = files(reader, "CourtFile", &case.court_files, |file| &file.author);
            parts.extend(files(
                reader,
                "ProcuratorateFile",
                &case.procuratorate_files,
                |file| &file.author,
            ));
            parts
        }
        Section::Publicity => files(reader, "PublicityFile", &case.publicity_files, |file| {
            &file.author
        }),
        Section::Statistics => case
            .statistics
            .iter()
            .map(|s| facts::of(reader, "CodedFacts", s))
            .collect(),
        Section::Unspecified
        | Section::Summary
        | Section::Timeline
        | Section::Sharing
        | Section::Open => Vec::new(),
    }
}

fn all<M: prost::Message>(reader: &Reader, type_name: &str, messages: &[M]) -> Vec<Markup> {
    messages
        .iter()
        .map(|message| facts::of(reader, type_name, message))
        .collect()
}

/// An agency's files, each under its author.
fn files<M: prost::Message>(
    reader: &Reader,
    type_name: &str,
    files: &[M],
    author: impl Fn(&M) -> &String,
) -> Vec<Markup> {
    let one = |file: &M| html! { h3.author { (reader.agency(author(file))) } (facts::of(reader, type_name, file)) };
    files.iter().map(one).collect()
}

fn person(reader: &Reader, worker: &pb::WorkerIdentity) -> Markup {
    html! { h3.author { (worker.pseudonym) } (facts::of(reader, "WorkerIdentity", &pb::WorkerIdentity { pseudonym: String::new(), ..worker.clone() })) }
}

/// Facts of workers, each under the worker's pseudonym where there are several.
fn of_workers<M: prost::Message>(
    reader: &Reader,
    case: &pb::Case,
    type_name: &str,
    messages: &[M],
    worker: impl Fn(&M) -> u32,
) -> Vec<Markup> {
    let pseudonym = |number: u32| {
        let found = case
            .identities
            .iter()
            .find(|identity| identity.worker == number);
        found
            .map(|identity| identity.pseudonym.clone())
            .unwrap_or_default()
    };
    let one = |message: &M| {
        html! {
            @if messages.len() > 1 { h3.author { (pseudonym(worker(message))) } }
            (facts::of(reader, type_name, message))
        }
    };
    messages.iter().map(one).collect()
}

fn evidence(reader: &Reader, document: &pb::Evidence) -> Markup {
    html! {
        div.document {
            p { strong { (document.title) } @if document.filed { " " span.tag.good { (reader.t("field.filed")) } } }
            p.meta {
                (reader.language.code("value", &document.kind)) " · " (reader.agency(&document.author)) " · "
                (timeline::when(reader, document.added_at.as_ref())) " · SHA-256 " (facts::hash(&document.sha256))
            }
        }
    }
}

//! The course of a case across agencies.

use maud::{Markup, html};
use prost_types::Timestamp;
use proto::v1::{self as pb, Section};

use crate::facts;
use crate::local;
use crate::visit::Reader;

/// The timeline, or why it is not shown.
pub(crate) fn show(reader: &Reader, case: &pb::Case) -> Markup {
    let withheld = case.disclosure.iter().flat_map(|d| &d.withheld);
    let withheld = withheld
        .into_iter()
        .find(|w| w.section() == Section::Timeline);
    html! {
        section.card id="timeline" {
            h2 { (reader.t("section.timeline")) }
            @if case.timeline.is_empty() {
                @if let Some(withheld) = withheld {
                    div.why {
                        p { (reader.language.either(&withheld.reason_zh, &withheld.reason_en)) }
                        p.law { (withheld.law) }
                    }
                }
            }
            ol.timeline { @for entry in case.timeline.iter().rev() { (one(reader, entry)) } }
        }
    }
}

fn one(reader: &Reader, entry: &pb::Entry) -> Markup {
    let by = match &entry.actor {
        Some(actor) if actor.agency.is_empty() => actor.display_name.clone(),
        Some(actor) => reader.agency(&actor.agency),
        None => reader.agency(&entry.author),
    };
    html! {
        li {
            p.when {
                @if let Some(date) = &entry.date { (local::date(reader.language, date)) }
                @else { (when(reader, entry.recorded_at.as_ref())) }
            }
            p.act { (reader.language.code("act", &entry.act))
                @if !entry.outcome.is_empty() { span.outcome { (reader.language.code("value", &entry.outcome)) } } }
            p.meta { (by)
                @if let Some(sum) = &entry.amount { " · " span.sum { (local::money(sum)) } }
                @if entry.section() != Section::Unspecified && entry.section() != Section::Timeline {
                    " · " (facts::section(reader, entry.section))
                }
            }
            @if !entry.note.is_empty() { p.note { (entry.note) } }
        }
    }
}

/// The day of a moment.
pub(crate) fn when(reader: &Reader, at: Option<&Timestamp>) -> Markup {
    html! { time datetime=(local::machine(at)) { (local::day_of(reader.language, at)) } }
}

/// A moment to the minute.
pub(crate) fn minute(reader: &Reader, at: Option<&Timestamp>) -> Markup {
    html! { time datetime=(local::machine(at)) { (local::moment(reader.language, at)) } }
}

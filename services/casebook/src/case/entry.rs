//! Entries, participants and evidence as given, checked.

use chrono::{DateTime, Utc};
use host::clock::to_timestamp;
use host::{Caller, Refusal, parse};
use proto::v1 as pb;
use proto::v1::{AgencyKind, Section};

use super::Case;

const NOTE_CHARS: usize = 8_000;
const NAME_CHARS: usize = 200;
/// Contributions of evidence that a case holds at most.
const EVIDENCE_MAX: usize = 500;

/// The entry that a caller gives; author, user and number are not theirs to give.
pub(crate) fn parse(given: Option<&pb::Entry>, caller: &Caller) -> Result<pb::Entry, Refusal> {
    let given = given.ok_or_else(|| Refusal::invalid("entry", "must be given"))?;
    let act = if given.act.is_empty() {
        "note".to_owned()
    } else {
        parse::code("entry.act", &given.act)?
    };
    let note = parse::optional_text("entry.note", &given.note, NOTE_CHARS)?;
    if act == "note" && note.is_empty() {
        return Err(Refusal::invalid("entry.note", "must not be empty"));
    }
    Ok(pb::Entry {
        author: caller.agency().to_owned(),
        section: own_section("entry.section", given.section)?,
        act,
        date: parse::optional_date("entry.date", given.date.as_ref())?,
        user: caller.user().to_owned(),
        outcome: parse::optional_text("entry.outcome", &given.outcome, NAME_CHARS)?,
        amount: parse::money("entry.amount", given.amount.as_ref())?,
        actor: given
            .actor
            .as_ref()
            .map(|actor| participant("entry.actor", actor))
            .transpose()?,
        note,
        ..pb::Entry::default()
    })
}

/// What an agency did, by its code; what comes of it is in `outcome`.
pub(crate) fn of_act(caller: &Caller, act: &str, outcome: &str) -> pb::Entry {
    pb::Entry {
        author: caller.agency().to_owned(),
        user: caller.user().to_owned(),
        act: act.to_owned(),
        outcome: outcome.to_owned(),
        ..pb::Entry::default()
    }
}

/// A section of its own: any of a case record, or none.
fn own_section(field: &str, number: i32) -> Result<i32, Refusal> {
    match Section::try_from(number) {
        Ok(Section::Open) | Err(_) => {
            Err(Refusal::invalid(field, "is no section of a case record"))
        }
        Ok(section) => Ok(section as i32),
    }
}

/// A body outside the network, or an agency by name.
pub(crate) fn participant(
    field: &str,
    given: &pb::Participant,
) -> Result<pb::Participant, Refusal> {
    let at = |name: &str| format!("{field}.{name}");
    if !given.agency.is_empty() {
        parse::agency_name(&at("agency"), &given.agency)?;
    }
    let kind = AgencyKind::try_from(given.kind)
        .map_err(|_| Refusal::invalid(at("kind"), "is no kind of agency"))?;
    Ok(pb::Participant {
        agency: given.agency.clone(),
        kind: if kind == AgencyKind::Unspecified {
            AgencyKind::Other as i32
        } else {
            kind as i32
        },
        kind_code: parse::optional_code(&at("kind_code"), &given.kind_code)?,
        display_name: parse::text(&at("display_name"), &given.display_name, NAME_CHARS)?,
    })
}

/// A document of evidence, known by its hash.
pub(crate) fn evidence(
    given: Option<&pb::Evidence>,
    caller: &Caller,
    name: String,
    now: DateTime<Utc>,
) -> Result<pb::Evidence, Refusal> {
    let given = given.ok_or_else(|| Refusal::invalid("evidence", "must be given"))?;
    Ok(pb::Evidence {
        author: caller.agency().to_owned(),
        section: own_section("evidence.section", given.section)?,
        name,
        title: parse::text("evidence.title", &given.title, NAME_CHARS)?,
        kind: parse::code("evidence.kind", &given.kind)?,
        sha256: parse::sha256("evidence.sha256", &given.sha256)?,
        filed: given.filed,
        added_at: Some(to_timestamp(now)),
        ..pb::Evidence::default()
    })
}

impl Case {
    /// Adds a document to the record and tells of it on the timeline.
    pub(crate) fn add_evidence(
        &mut self,
        evidence: pb::Evidence,
        caller: &Caller,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let facts = self.facts_mut();
        if facts.evidence.len() + facts.filed_evidence.len() >= EVIDENCE_MAX {
            return Err(Refusal::invalid(
                "evidence",
                "the case has 500 documents already",
            ));
        }
        let list = if evidence.filed {
            &mut facts.filed_evidence
        } else {
            &mut facts.evidence
        };
        list.push(evidence);
        self.append(
            pb::Entry {
                section: Section::Evidence as i32,
                ..of_act(caller, "evidence_added", "")
            },
            now,
        );
        Ok(())
    }
}

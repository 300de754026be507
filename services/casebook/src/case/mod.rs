//! A case as its changes see it: loaded from its head, changed by what derives
//! from one step, saved whole. Everything that follows a change (version, label
//! revision, timeline entries, feed events, indexes) is written by [`Case::save`]
//! and nowhere else, so that no method can forget it.

pub(crate) mod entry;
pub(crate) mod register;
pub(crate) mod service;
pub(crate) mod watch;

use chrono::{DateTime, Utc};
use host::Refusal;
use host::clock::{from_timestamp, to_timestamp};
use proto::internal::v1 as stored;
use proto::names::CaseName;
use proto::v1 as pb;
use proto::v1::{AgencyKind, CaseStage, ErrorReason, GrantStage, Section};
use store::{Draft, View};

use crate::{directory, keys};

/// A case in the making of a change.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    name: CaseName,
    head: stored::StoredCase,
    /// Agencies that had a place in the case before the change.
    placed_before: Vec<String>,
    entries: Vec<pb::Entry>,
    events: Vec<Event>,
    label_changed: bool,
}

/// An event for one agency's feed.
#[derive(Debug, Clone)]
struct Event {
    agency: String,
    event: pb::FeedEvent,
}

impl Case {
    /// A new case, held by `lead`.
    pub(crate) fn new(name: CaseName, lead: &str, facts: pb::Case) -> Self {
        let label = pb::Label {
            case: name.to_string(),
            lead: lead.to_owned(),
            ..pb::Label::default()
        };
        let head = stored::StoredCase {
            facts: Some(facts),
            label: Some(label),
            ..Default::default()
        };
        Self {
            name,
            head,
            placed_before: Vec::new(),
            entries: Vec::new(),
            events: Vec::new(),
            label_changed: true,
        }
    }

    /// The case of that name, as it stands at `now`: what has ended by time is
    /// dropped. NOT_FOUND if there is none.
    pub(crate) fn load(view: &View, name: &CaseName, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let head = view
            .get::<stored::StoredCase>(&keys::head(name))?
            .ok_or_else(Refusal::not_found)?;
        let mut case = Self {
            name: name.clone(),
            placed_before: Vec::new(),
            head,
            entries: Vec::new(),
            events: Vec::new(),
            label_changed: false,
        };
        case.placed_before = case.placed();
        let label = case.label_mut_quietly();
        label
            .grants
            .retain(|grant| is_running(grant.valid_until.as_ref(), now));
        label
            .consents
            .retain(|consent| is_running(consent.valid_until.as_ref(), now));
        Ok(case)
    }

    pub(crate) fn name(&self) -> &CaseName {
        &self.name
    }

    /// The spine's fields of the record.
    pub(crate) fn facts(&self) -> &pb::Case {
        // INVARIANT (a head has facts and a label): `new` sets both, nothing clears them.
        static EMPTY: std::sync::LazyLock<pb::Case> = std::sync::LazyLock::new(pb::Case::default);
        self.head.facts.as_ref().unwrap_or(&EMPTY)
    }

    pub(crate) fn facts_mut(&mut self) -> &mut pb::Case {
        self.head.facts.get_or_insert_default()
    }

    /// The facts that rules read, as stored.
    pub(crate) fn label(&self) -> &pb::Label {
        static EMPTY: std::sync::LazyLock<pb::Label> = std::sync::LazyLock::new(pb::Label::default);
        self.head.label.as_ref().unwrap_or(&EMPTY)
    }

    /// The facts that rules read, to be changed: their revision grows.
    pub(crate) fn label_mut(&mut self) -> &mut pb::Label {
        self.label_changed = true;
        self.label_mut_quietly()
    }

    fn label_mut_quietly(&mut self) -> &mut pb::Label {
        self.head.label.get_or_insert_default()
    }

    /// The label as an answer carries it: with the standing of the agency that
    /// asks, fresh from the directory, and the parties of the object it is of.
    pub(crate) fn label_for(
        &self,
        view: &View,
        asker: &str,
        sender: &str,
        receivers: Vec<String>,
    ) -> Result<pb::Label, Refusal> {
        Ok(pb::Label {
            asker: directory::standing(view, asker)?,
            sender: sender.to_owned(),
            receivers,
            ..self.label().clone()
        })
    }

    pub(crate) fn etag(&self) -> String {
        format!("v{}", self.head.version)
    }

    /// ETAG_STALE unless the etag is empty or the present one.
    pub(crate) fn require_etag(&self, etag: &str) -> Result<(), Refusal> {
        require_etag(etag, &self.etag())
    }

    /// LABEL_STALE if the caller was let in on other facts than today's.
    pub(crate) fn require_label(&self, revision: u64) -> Result<(), Refusal> {
        if revision != 0 && revision != self.label().revision {
            return Err(Refusal::aborted(
                ErrorReason::LabelStale,
                "access to the case changed meanwhile; send the request again",
            ));
        }
        Ok(())
    }

    /// CASE_CLOSED if it is.
    pub(crate) fn require_open(&self) -> Result<(), Refusal> {
        let is_closed = self
            .facts()
            .summary
            .as_ref()
            .is_some_and(|summary| summary.stage() == CaseStage::Closed);
        if is_closed {
            return Err(Refusal::precondition(
                ErrorReason::CaseClosed,
                "the case is closed; reopen it first (ReopenCase)",
            ));
        }
        Ok(())
    }

    pub(crate) fn is_lead(&self, agency: &str) -> bool {
        self.label().lead == agency
    }

    /// A grant of this stage in force for the agency.
    pub(crate) fn grant_of(&self, agency: &str, stage: GrantStage) -> Option<&pb::Grant> {
        self.label()
            .grants
            .iter()
            .find(|grant| grant.agency == agency && grant.stage() == stage)
    }

    /// The lead and every agency with a live grant.
    pub(crate) fn placed(&self) -> Vec<String> {
        let label = self.label();
        let mut placed = vec![label.lead.clone()];
        for grant in &label.grants {
            if !placed.contains(&grant.agency) {
                placed.push(grant.agency.clone());
            }
        }
        placed
    }

    /// The number of the next entry.
    pub(crate) fn next_entry(&self) -> u64 {
        self.head.entries + self.entries.len() as u64 + 1
    }

    /// Appends to the timeline; the entry's name and number are set here. The
    /// lead and the agencies that work on the case are told, the author not.
    pub(crate) fn append(&mut self, entry: pb::Entry, now: DateTime<Utc>) -> pb::Entry {
        let sequence = self.next_entry();
        let name = format!("{}/entries/{sequence}", self.name);
        let entry = pb::Entry {
            name: name.clone(),
            sequence,
            recorded_at: Some(to_timestamp(now)),
            ..entry
        };
        let works = |agency: &String| {
            self.is_lead(agency) || self.grant_of(agency, GrantStage::Working).is_some()
        };
        let told: Vec<String> = self
            .placed()
            .into_iter()
            .filter(|a| works(a) && *a != entry.author)
            .collect();
        for agency in told {
            self.tell(&agency, "entry.appended", &name, "", now);
        }
        self.entries.push(entry.clone());
        entry
    }

    /// Puts an event into an agency's feed.
    pub(crate) fn tell(
        &mut self,
        agency: &str,
        kind: &str,
        resource: &str,
        reason: &str,
        now: DateTime<Utc>,
    ) {
        let event = pb::FeedEvent {
            cursor: 0,
            kind: kind.to_owned(),
            case: self.name.to_string(),
            resource: resource.to_owned(),
            at: Some(to_timestamp(now)),
            reason: reason.to_owned(),
        };
        self.events.push(Event {
            agency: agency.to_owned(),
            event,
        });
    }

    /// Makes a grant and tells its holder. Numbered by the case's epoch.
    pub(crate) fn grant(&mut self, grant: pb::Grant, now: DateTime<Utc>) {
        self.head.epoch += 1;
        let epoch = self.head.epoch;
        let name = format!("{}/grants/g{epoch}", self.name);
        let grant = pb::Grant {
            name: name.clone(),
            epoch,
            valid_from: Some(to_timestamp(now)),
            ..grant
        };
        let agency = grant.agency.clone();
        self.label_mut().grants.push(grant);
        self.tell(&agency, "grant.began", &name, "", now);
    }

    /// Ends every grant that `ends` picks, and tells their holders why.
    pub(crate) fn end_grants(
        &mut self,
        reason: &str,
        now: DateTime<Utc>,
        ends: impl Fn(&pb::Grant) -> bool,
    ) {
        let (ended, kept): (Vec<_>, Vec<_>) = self
            .label()
            .grants
            .iter()
            .cloned()
            .partition(|grant| ends(grant));
        if ended.is_empty() {
            return;
        }
        self.label_mut().grants = kept;
        for grant in ended {
            self.tell(&grant.agency, "grant.ended", &grant.name, reason, now);
        }
    }

    /// Writes all that the change amounts to.
    pub(crate) fn save(&mut self, draft: &mut Draft) {
        self.head.version += 1;
        if self.label_changed {
            self.label_mut_quietly().revision += 1;
            self.label_changed = false;
        }
        let entries = std::mem::take(&mut self.entries);
        self.head.entries += entries.len() as u64;
        for entry in entries {
            draft.put(&keys::entry(&self.name, entry.sequence), &entry);
        }
        for Event { agency, event } in std::mem::take(&mut self.events) {
            store::feed::append_stamped(draft, &agency, move |cursor| pb::FeedEvent {
                cursor,
                ..event
            });
        }
        let placed = self.placed();
        for gone in self
            .placed_before
            .iter()
            .filter(|agency| !placed.contains(agency))
        {
            draft.delete(&keys::of_agency(gone, &self.name));
        }
        for agency in &placed {
            let place = stored::StoredPlace {
                name: self.name.to_string(),
            };
            draft.put(&keys::of_agency(agency, &self.name), &place);
        }
        self.placed_before = placed;
        let (etag, entries) = (self.etag(), self.head.entries);
        let lead = self.label().lead.clone();
        let facts = self.facts_mut();
        facts.etag = etag;
        let summary = facts.summary.get_or_insert_default();
        summary.entries = entries;
        summary.lead = lead;
        draft.put(&keys::head(&self.name), &self.head);
    }

    /// The spine's part of the record, label first, without the timeline.
    pub(crate) fn to_wire(&self, label: pb::Label) -> pb::Case {
        pb::Case {
            label: Some(label),
            ..self.facts().clone()
        }
    }
}

/// ETAG_STALE unless the etag is empty or the present one.
pub(crate) fn require_etag(etag: &str, present: &str) -> Result<(), Refusal> {
    if etag.is_empty() || etag == present {
        return Ok(());
    }
    Err(Refusal::aborted(
        ErrorReason::EtagStale,
        "it has changed since you read it; read it again, then decide again",
    )
    .with("etag", present))
}

fn is_running(end: Option<&prost_types::Timestamp>, now: DateTime<Utc>) -> bool {
    // A moment that cannot be read has passed.
    end.is_none_or(|end| from_timestamp(end).is_some_and(|end| now < end))
}

/// Whether agencies of this kind can hold a case: those that take cases in.
pub(crate) fn may_lead(kind: AgencyKind) -> bool {
    matches!(
        kind,
        AgencyKind::Union
            | AgencyKind::LawFirm
            | AgencyKind::LabourBureau
            | AgencyKind::Court
            | AgencyKind::Procuratorate
    )
}

/// Sections that every scope may have whatever a consent says: they tell that
/// there is a case and how it goes, or tell of no person.
pub(crate) const WITHOUT_CONSENT: [Section; 4] = [
    Section::Summary,
    Section::Timeline,
    Section::Statistics,
    Section::Sharing,
];

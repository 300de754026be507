//! A case as its changes see it: loaded from its head, changed by what derives
//! from one step, saved whole. Everything that follows a change (version, label
//! revision, timeline entries, feed events, indexes) is written by [`Case::save`]
//! and nowhere else, so that no method can forget it.

pub(crate) mod entry;
pub(crate) mod register;
pub(crate) mod service;
pub(crate) mod watch;

use chrono::{DateTime, TimeDelta, Utc};
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
    /// The moment of the change: what has ended by then is out of force.
    now: DateTime<Utc>,
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
    pub(crate) fn new(name: CaseName, lead: &str, facts: pb::Case, now: DateTime<Utc>) -> Self {
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
            now,
            placed_before: Vec::new(),
            entries: Vec::new(),
            events: Vec::new(),
            label_changed: true,
        }
    }

    /// The case of that name, as it stands at `now`. NOT_FOUND if there is none.
    pub(crate) fn load(view: &View, name: &CaseName, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let head = view
            .get::<stored::StoredCase>(&keys::head(name))?
            .ok_or_else(Refusal::not_found)?;
        let mut case = Self {
            name: name.clone(),
            now,
            placed_before: Vec::new(),
            head,
            entries: Vec::new(),
            events: Vec::new(),
            label_changed: false,
        };
        // The index still has those whose access has ended by time only.
        case.placed_before = case.places(|_| true);
        Ok(case)
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// When time does something to the case next.
    pub(crate) fn due(&self) -> Option<DateTime<Utc>> {
        let nanos = self.head.due_nanos;
        (nanos > 0).then(|| DateTime::from_timestamp_nanos(nanos))
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

    /// Grants that have not ended by time.
    pub(crate) fn running(&self) -> impl Iterator<Item = &pb::Grant> {
        let grants = self.label().grants.iter();
        grants.filter(|grant| is_running(grant.valid_until.as_ref(), self.now))
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
        let stored = self.label();
        let consents = stored.consents.iter();
        let consents = consents.filter(|fact| is_running(fact.valid_until.as_ref(), self.now));
        Ok(pb::Label {
            case: stored.case.clone(),
            revision: stored.revision,
            lead: stored.lead.clone(),
            grants: self.running().cloned().collect(),
            consents: consents.cloned().collect(),
            sealed: stored.sealed,
            sealed_by: stored.sealed_by.clone(),
            filed_with: stored.filed_with.clone(),
            published: stored.published,
            asker: directory::standing(view, asker)?,
            sender: sender.to_owned(),
            receivers,
            parting: self.parting(asker),
            position: self.head.entries,
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
        self.running()
            .find(|grant| grant.agency == agency && grant.stage() == stage)
    }

    /// The lead and every agency with a grant in force.
    pub(crate) fn placed(&self) -> Vec<String> {
        self.places(|grant| is_running(grant.valid_until.as_ref(), self.now))
    }

    fn places(&self, counts: impl Fn(&pb::Grant) -> bool) -> Vec<String> {
        let label = self.label();
        let mut placed = vec![label.lead.clone()];
        for grant in label.grants.iter().filter(|grant| counts(grant)) {
            if !placed.contains(&grant.agency) {
                placed.push(grant.agency.clone());
            }
        }
        placed
    }

    /// Why the agency's last grant ended, if it has none and that was within a day.
    fn parting(&self, agency: &str) -> String {
        let is_placed = self.running().any(|grant| grant.agency == agency);
        let parting = self.head.partings.iter().find(|p| p.agency == agency);
        let is_recent = |at: &prost_types::Timestamp| {
            from_timestamp(at).is_some_and(|at| self.now - at < TimeDelta::days(1))
        };
        match parting {
            Some(parting) if !is_placed && parting.at.as_ref().is_some_and(is_recent) => {
                parting.reason.clone()
            }
            _ => String::new(),
        }
    }

    /// The handover by which the lead holds the case; empty: it registered it.
    pub(crate) fn lead_by(&self) -> &str {
        &self.head.lead_by
    }

    /// Moves the lead, by a handover or back.
    pub(crate) fn move_lead(&mut self, agency: &str, by: &str) {
        agency.clone_into(&mut self.label_mut().lead);
        by.clone_into(&mut self.head.lead_by);
    }

    /// The number of the next notice.
    pub(crate) fn next_notice(&mut self) -> u64 {
        self.head.notices += 1;
        self.head.notices
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
    pub(crate) fn grant(&mut self, grant: pb::Grant, at: DateTime<Utc>) {
        self.head.epoch += 1;
        let epoch = self.head.epoch;
        let name = format!("{}/grants/g{epoch}", self.name);
        let grant = pb::Grant {
            name: name.clone(),
            epoch,
            valid_from: Some(to_timestamp(at)),
            ..grant
        };
        let agency = grant.agency.clone();
        self.label_mut().grants.push(grant);
        self.tell(&agency, "grant.began", &name, "", at);
    }

    /// Ends every grant that `ends` picks, tells their holders why, and answers
    /// the ended ones.
    pub(crate) fn end_grants(
        &mut self,
        reason: &str,
        at: DateTime<Utc>,
        ends: impl Fn(&pb::Grant) -> bool,
    ) -> Vec<pb::Grant> {
        let (ended, kept): (Vec<_>, Vec<_>) = self
            .label()
            .grants
            .iter()
            .cloned()
            .partition(|grant| ends(grant));
        if ended.is_empty() {
            return ended;
        }
        self.label_mut().grants = kept;
        for grant in &ended {
            self.tell(&grant.agency, "grant.ended", &grant.name, reason, at);
            self.head.partings.retain(|p| p.agency != grant.agency);
            self.head.partings.push(stored::Parting {
                agency: grant.agency.clone(),
                reason: reason.to_owned(),
                at: Some(to_timestamp(at)),
            });
        }
        ended
    }

    /// Puts the case into the index of what is due, at the moment at which time
    /// does something to it next.
    pub(crate) fn schedule(&mut self, draft: &mut Draft, due: Option<DateTime<Utc>>) {
        // Beyond the year 2262 nothing is due.
        let nanos = due
            .and_then(|due| due.timestamp_nanos_opt())
            .map_or(0, |due| due.max(1));
        if nanos == self.head.due_nanos {
            return;
        }
        if self.head.due_nanos > 0 {
            draft.delete(&keys::due(self.head.due_nanos, &self.name));
        }
        if nanos > 0 {
            let place = stored::StoredPlace {
                name: self.name.to_string(),
            };
            draft.put(&keys::due(nanos, &self.name), &place);
        }
        self.head.due_nanos = nanos;
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

    /// What a list shows of the case.
    pub(crate) fn at_a_glance(&self, view: &View, asker: &str) -> Result<pb::Case, Refusal> {
        let facts = self.facts();
        Ok(pb::Case {
            label: Some(self.label_for(view, asker, "", Vec::new())?),
            name: facts.name.clone(),
            etag: facts.etag.clone(),
            summary: facts.summary.clone(),
            claims: facts.claims.clone(),
            matter: facts.matter.clone(),
            collective: facts.collective,
            ..pb::Case::default()
        })
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

pub(crate) fn is_running(end: Option<&prost_types::Timestamp>, now: DateTime<Utc>) -> bool {
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

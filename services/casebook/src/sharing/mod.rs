//! Who shares a case with whom: the case with its referrals and break-glass
//! grants, loaded together, brought up to the moment, changed by one step and
//! saved together.
//!
//! Reading order: this file (load, settle, save), `step` (what a step of a
//! referral does), `clock` (the loop that settles what is due).

mod clock;
mod notice;
mod step;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use host::Refusal;
use host::clock::from_timestamp;
use proto::internal::v1::{StoredBreakGlass, StoredReferral};
use proto::names::{CaseChild, CaseName};
use proto::v1 as pb;
use proto::v1::{GrantStage, ReferralState};
use store::{Draft, View};

use crate::case::Case;
use crate::referral::due::{self, Alarm, Due};
use crate::referral::machine::{Actor, Event};
use crate::referral::terms::Terms;
use crate::{break_glass, directory, keys, referral};

pub(crate) use clock::{keep_time, open_case};
pub(crate) use notice::Notice;
pub(crate) use step::Cause;

/// Referrals that a case holds at most.
pub(crate) const REFERRALS_MAX: usize = 500;
/// Break-glass grants that a case holds at most.
pub(crate) const OPENINGS_MAX: usize = 500;

/// A record and whether this change has touched it.
struct Held<R> {
    record: R,
    changed: bool,
}

/// The case and all that it is shared by.
pub(crate) struct Sharing<'a> {
    pub(crate) case: Case,
    terms: &'a Terms,
    /// By full name.
    referrals: BTreeMap<String, Held<StoredReferral>>,
    /// By full name.
    openings: BTreeMap<String, Held<StoredBreakGlass>>,
    notices: Vec<Notice>,
    /// Agencies that oversee the network; read where there is something for them
    /// to oversee, so that other steps do not depend on the whole directory.
    supervisors: Vec<String>,
}

impl<'a> Sharing<'a> {
    /// The case of that name as it stands at `now`, whatever time has done to it
    /// included. NOT_FOUND if there is none.
    pub(crate) fn load(
        view: &View,
        name: &CaseName,
        now: DateTime<Utc>,
        terms: &'a Terms,
    ) -> Result<Self, Refusal> {
        let case = Case::load(view, name, now)?;
        let referrals =
            view.scan::<StoredReferral>(&keys::children(name, "referrals"), None, REFERRALS_MAX)?;
        let openings = view.scan::<StoredBreakGlass>(
            &keys::children(name, "breakGlassGrants"),
            None,
            OPENINGS_MAX,
        )?;
        let named = |record: &StoredReferral| {
            let referral = record.referral.as_ref();
            referral
                .map(|referral| referral.name.clone())
                .unwrap_or_default()
        };
        let supervisors = if openings.is_empty() {
            Vec::new()
        } else {
            directory::supervisors(view)?
        };
        let mut sharing = Self {
            case,
            terms,
            referrals: referrals
                .into_iter()
                .map(|(_, record)| (named(&record), held(record)))
                .collect(),
            openings: openings
                .into_iter()
                .map(|(_, record)| (break_glass::name_of(&record), held(record)))
                .collect(),
            notices: Vec::new(),
            supervisors,
        };
        sharing.settle()?;
        Ok(sharing)
    }

    /// The referral of that name. NOT_FOUND if its case has none such: another
    /// case's referral is no referral of this one.
    pub(crate) fn record(&self, name: &str) -> Result<&StoredReferral, Refusal> {
        let held = self.referrals.get(name).ok_or_else(Refusal::not_found)?;
        Ok(&held.record)
    }

    /// The same, its referral only.
    pub(crate) fn referral(&self, name: &str) -> Result<&pb::Referral, Refusal> {
        let record = self.record(name)?;
        record.referral.as_ref().ok_or_else(Refusal::not_found)
    }

    /// Every referral of the case.
    pub(crate) fn all(&self) -> impl Iterator<Item = &pb::Referral> {
        let records = self.referrals.values();
        records.filter_map(|held| held.record.referral.as_ref())
    }

    /// Adds a draft.
    pub(crate) fn add(&mut self, referral: pb::Referral) {
        let record = StoredReferral {
            referral: Some(referral.clone()),
            version: 1,
            alarms: Vec::new(),
        };
        let held = Held {
            record,
            changed: true,
        };
        self.referrals.insert(referral.name, held);
    }

    /// The break-glass grant of that name.
    pub(crate) fn opening(&self, name: &str) -> Result<&pb::BreakGlass, Refusal> {
        let held = self.openings.get(name).ok_or_else(Refusal::not_found)?;
        let opening = held.record.break_glass.as_ref();
        opening.ok_or_else(Refusal::not_found)
    }

    /// Every break-glass grant of the case.
    pub(crate) fn openings(&self) -> impl Iterator<Item = &pb::BreakGlass> {
        let records = self.openings.values();
        records.filter_map(|held| held.record.break_glass.as_ref())
    }

    /// Puts a break-glass grant, new or changed.
    pub(crate) fn put_opening(&mut self, opening: pb::BreakGlass) {
        let name = opening.name.clone();
        let overdue_told = self
            .openings
            .get(&name)
            .is_some_and(|held| held.record.overdue_told);
        let record = StoredBreakGlass {
            break_glass: Some(opening),
            overdue_told,
        };
        let held = Held {
            record,
            changed: true,
        };
        self.openings.insert(name, held);
    }

    /// Reads who oversees the network, before there is something to oversee.
    pub(crate) fn oversee(&mut self, view: &View) -> Result<(), Refusal> {
        self.supervisors = directory::supervisors(view)?;
        Ok(())
    }

    /// The agencies that oversee the network, where there is a break-glass grant.
    pub(crate) fn supervisors(&self) -> &[String] {
        &self.supervisors
    }

    /// The terms of a referral's service.
    pub(crate) fn term(&self, referral: &pb::Referral) -> crate::referral::terms::Term {
        self.terms.of(&referral.service_code)
    }

    /// Tells the worker, when the change is saved.
    pub(crate) fn notify(&mut self, notice: Notice) {
        self.notices.push(notice);
    }

    /// Does what time has done up to now, in the order of its coming, each at
    /// its own moment: late or in time, the history is the same.
    fn settle(&mut self) -> Result<(), Refusal> {
        while let Some((at, what)) = self.next_due() {
            if at > self.case.now() {
                break;
            }
            match what {
                Coming::OfReferral(name, Due::Expire) => {
                    let cause = Cause::of_time("not-answered", at);
                    self.step(&name, Event::Expire, &cause, |_| {})?;
                }
                Coming::OfReferral(name, Due::Alarm(alarm)) => self.alarm(&name, alarm, at),
                Coming::GrantEnds(grant) => self.end_by_time(&grant, at)?,
                Coming::ReviewOverdue(name) => self.review_overdue(&name, at),
            }
        }
        Ok(())
    }

    /// What time does next.
    fn next_due(&self) -> Option<(DateTime<Utc>, Coming)> {
        let of_referrals = self.referrals.iter().filter_map(|(name, held)| {
            let referral = held.record.referral.as_ref()?;
            let (at, due) = due::next(&held.record, self.term(referral))?;
            Some((at, Coming::OfReferral(name.clone(), due)))
        });
        let of_grants = self.case.label().grants.iter().filter_map(|grant| {
            let at = grant.valid_until.as_ref().and_then(from_timestamp)?;
            Some((at, Coming::GrantEnds(grant.name.clone())))
        });
        let of_openings = self.openings.iter().filter_map(|(name, held)| {
            let opening = held.record.break_glass.as_ref()?;
            let is_open = opening.reviewed_at.is_none() && !held.record.overdue_told;
            let at = opening.review_by.as_ref().and_then(from_timestamp)?;
            is_open.then(|| (at, Coming::ReviewOverdue(name.clone())))
        });
        let coming = of_referrals.chain(of_grants).chain(of_openings);
        coming.min_by(|(a, _), (b, _)| a.cmp(b))
    }

    fn alarm(&mut self, name: &str, alarm: Alarm, at: DateTime<Utc>) {
        let Some(held) = self.referrals.get_mut(name) else {
            return;
        };
        held.record.alarms.push(alarm.name().to_owned());
        held.changed = true;
        let Some(referral) = held.record.referral.clone() else {
            return;
        };
        let mut told = vec![referral.to_agency];
        if alarm.escalates() {
            told.push(referral.from_agency);
            told.push(self.case.label().lead.clone());
        }
        told.sort();
        told.dedup();
        for agency in told {
            self.case
                .tell(&agency, alarm.event(), name, alarm.name(), at);
        }
    }

    /// Working access of an open referral ends as a step of it, so that what was
    /// promised stays visible; any other grant just ends.
    fn end_by_time(&mut self, name: &str, at: DateTime<Utc>) -> Result<(), Refusal> {
        let grants = &self.case.label().grants;
        let Some(grant) = grants.iter().find(|grant| grant.name == name).cloned() else {
            return Ok(());
        };
        let is_at_work = self.referral(&grant.referral).is_ok_and(|referral| {
            grant.stage() == GrantStage::Working
                && grant.agency == referral.to_agency
                && matches!(
                    referral.state(),
                    ReferralState::Accepted | ReferralState::InProgress | ReferralState::OnHold
                )
        });
        if is_at_work {
            let cause = Cause::of_time("access-until", at);
            return self.step(&grant.referral, Event::AccessEnded, &cause, |_| {});
        }
        self.case
            .end_grants("access-until", at, |other| other.name == name);
        Ok(())
    }

    fn review_overdue(&mut self, name: &str, at: DateTime<Utc>) {
        if let Some(held) = self.openings.get_mut(name) {
            held.record.overdue_told = true;
            held.changed = true;
        }
        let mut told = self.supervisors.clone();
        told.push(self.case.label().lead.clone());
        for agency in told {
            self.case
                .tell(&agency, "breakGlass.overdue", name, "review", at);
        }
    }

    /// Writes all that the change amounts to.
    pub(crate) fn save(&mut self, draft: &mut Draft) -> Result<(), Refusal> {
        for (name, held) in self.referrals.iter_mut().filter(|(_, held)| held.changed) {
            let child = CaseChild::parse(name, "referrals")?;
            draft.put(&keys::child(&child), &held.record);
            referral::index(draft, &child, &held.record);
            held.changed = false;
        }
        for (name, held) in self.openings.iter_mut().filter(|(_, held)| held.changed) {
            let child = CaseChild::parse(name, "breakGlassGrants")?;
            draft.put(&keys::child(&child), &held.record);
            break_glass::index(draft, &child, &held.record);
            held.changed = false;
        }
        for notice in std::mem::take(&mut self.notices) {
            notice.put(draft, &mut self.case)?;
        }
        let due = self.next_due().map(|(at, _)| at);
        self.case.schedule(draft, due);
        self.case.save(draft);
        Ok(())
    }

    /// The parts that an agency plays in a referral. NOT_FOUND to whom it does
    /// not exist: it was never sent, or is none of theirs.
    pub(crate) fn parts(
        &self,
        referral: &pb::Referral,
        agency: &str,
    ) -> Result<Vec<Actor>, Refusal> {
        let mut parts = Vec::new();
        let was_sent = due::when(referral, Event::Send).is_some();
        if referral.from_agency == agency {
            parts.push(Actor::Sender);
        }
        if referral.to_agency == agency && was_sent {
            parts.push(Actor::Receiver);
        }
        if self.case.is_lead(agency) && (was_sent || !parts.is_empty()) {
            parts.push(Actor::Lead);
        }
        if parts.is_empty() {
            return Err(Refusal::not_found());
        }
        Ok(parts)
    }
}

/// What time does next to a case.
enum Coming {
    OfReferral(String, Due),
    GrantEnds(String),
    ReviewOverdue(String),
}

fn held<R>(record: R) -> Held<R> {
    Held {
        record,
        changed: false,
    }
}

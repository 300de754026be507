//! What a step of a referral does: state, transition, grants, lead, timeline,
//! feeds, notices, and the steps of others that follow from it, all derived from
//! the row of the table and written in one batch.

use chrono::{DateTime, Utc};
use host::Refusal;
use host::clock::{from_timestamp, to_timestamp};
use prost_types::Timestamp;
use proto::v1 as pb;
use proto::v1::{GrantStage, ReferralKind, ReferralState, ResidualChoice, Section, Waiting};

use super::{Notice, Sharing};
use crate::case::is_running;
use crate::referral::due;
use crate::referral::machine::{self, Access, Actor, Event, OPEN, Position};

/// Who causes a step, and why.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    /// Empty: time.
    pub(crate) agency: String,
    /// Empty: the agency's system.
    pub(crate) user: String,
    /// What the agency is to the referral.
    pub(crate) parts: Vec<Actor>,
    /// Coded.
    pub(crate) reason: String,
    pub(crate) at: DateTime<Utc>,
    /// No access may last beyond this: what an agreement allows.
    pub(crate) at_most: Option<DateTime<Utc>>,
}

impl Cause {
    /// Time itself.
    pub(crate) fn of_time(reason: &str, at: DateTime<Utc>) -> Self {
        Self {
            agency: String::new(),
            user: String::new(),
            parts: vec![Actor::Clock],
            reason: reason.to_owned(),
            at,
            at_most: None,
        }
    }

    /// What follows from this step for another referral.
    fn consequence(&self, reason: &str) -> Self {
        Self {
            parts: vec![Actor::Consequence],
            reason: reason.to_owned(),
            at_most: None,
            ..self.clone()
        }
    }
}

impl Sharing<'_> {
    /// Takes one step of a referral; `fill` puts what the step says into the
    /// record. WRONG_STATE, NOT_SENDER, NOT_RECEIVER, TOO_LATE if the table has
    /// no such row now.
    pub(crate) fn step(
        &mut self,
        name: &str,
        event: Event,
        cause: &Cause,
        fill: impl FnOnce(&mut pb::Referral),
    ) -> Result<(), Refusal> {
        let position = self.position(self.referral(name)?, cause.at);
        let row = machine::step(&position, event, &cause.parts)?;
        let held = self
            .referrals
            .get_mut(name)
            .ok_or_else(Refusal::not_found)?;
        held.changed = true;
        held.record.version += 1;
        let referral = held.record.referral.get_or_insert_default();
        let to = row.to.unwrap_or(position.state);
        referral.transitions.push(pb::Transition {
            sequence: u32::try_from(referral.transitions.len() + 1).unwrap_or(u32::MAX),
            from: position.state as i32,
            event: event.name().to_owned(),
            to: to as i32,
            agency: cause.agency.clone(),
            user: cause.user.clone(),
            reason: cause.reason.clone(),
            at: Some(to_timestamp(cause.at)),
        });
        if row.to.is_some() {
            referral.state = to as i32;
            cause.reason.clone_into(&mut referral.status_reason);
        }
        referral.waiting = waiting_after(event, referral.waiting()) as i32;
        fill(referral);
        let referral = referral.clone();
        self.change_access(&referral, event, row.access, cause)?;
        self.tell(&referral, event, row.to.is_some(), cause);
        self.notify_worker(&referral, event, cause);
        if event == Event::Accept {
            self.select(&referral, cause)?;
        }
        Ok(())
    }

    /// What the table needs to know of a referral at a moment.
    pub(crate) fn position(&self, referral: &pb::Referral, at: DateTime<Utc>) -> Position {
        let since = referral.transitions.iter().rev().find(|t| t.from != t.to);
        let since = since.and_then(|t| t.at.as_ref()).and_then(from_timestamp);
        let is_handover = referral.kind() == ReferralKind::Handover;
        Position {
            state: referral.state(),
            waiting: referral.waiting() != Waiting::Unspecified,
            asked: referral.waiting() == Waiting::Information,
            handed_over: is_handover && due::when(referral, Event::Accept).is_some(),
            contested: !referral.replaced_by.is_empty(),
            error_proposed: !referral.error_proposed_by.is_empty(),
            age: since.map_or_else(chrono::TimeDelta::zero, |since| at - since),
            contest_window: self.term(referral).contest(),
        }
    }

    fn change_access(
        &mut self,
        referral: &pb::Referral,
        event: Event,
        access: Access,
        cause: &Cause,
    ) -> Result<(), Refusal> {
        let at = cause.at;
        match access {
            Access::Same => {}
            Access::Triage => {
                let sections = vec![Section::Summary as i32, Section::Claims as i32];
                let respond_by = referral.respond_by.as_ref().and_then(from_timestamp);
                let until = respond_by.map(|by| by + self.term(referral).grace());
                let until = self.within_basis(referral, until);
                self.grant(referral, GrantStage::Triage, sections, until, at);
            }
            Access::Working => {
                self.end_access(referral, event, cause)?;
                let until = self.working_until(referral, cause);
                if referral.kind() == ReferralKind::Handover && event == Event::Accept {
                    self.hand_over(referral, cause);
                }
                let scope = referral.scope.clone();
                self.grant(referral, GrantStage::Working, scope, until, at);
            }
            Access::Widened => {
                if let Some(grant) = self.working_grant(referral) {
                    grant.sections.clone_from(&referral.scope);
                }
            }
            Access::Longer => {
                let until = self.working_until(referral, cause).map(to_timestamp);
                let (scope, now) = (referral.scope.clone(), self.case.now());
                match self.working_grant(referral) {
                    Some(grant) if is_running(grant.valid_until.as_ref(), now) => {
                        grant.valid_until = until;
                    }
                    _ => {
                        let until = until.as_ref().and_then(from_timestamp);
                        self.grant(referral, GrantStage::Working, scope, until, at);
                    }
                }
            }
            Access::None => {
                self.end_access(referral, event, cause)?;
            }
            Access::Residual => {
                let worked = self.end_access(referral, event, cause)?;
                if worked {
                    let until = self.within_basis(referral, None);
                    let sections = vec![Section::Summary as i32];
                    self.grant(referral, GrantStage::Residual, sections, until, at);
                }
            }
        }
        Ok(())
    }

    /// Ends what the receiver has by this referral, and what rests on that.
    /// Answers whether it was working access.
    fn end_access(
        &mut self,
        referral: &pb::Referral,
        event: Event,
        cause: &Cause,
    ) -> Result<bool, Refusal> {
        let reason = match event {
            // The holder is not told of an end where access goes on.
            Event::Accept | Event::Reopen => event.name(),
            _ if cause.reason.is_empty() => event.name(),
            _ => &cause.reason,
        };
        let (name, receiver) = (referral.name.clone(), referral.to_agency.clone());
        // What a former lead keeps is its own, and outlasts the referral.
        let of_this = |grant: &pb::Grant| grant.referral == name && grant.agency == receiver;
        let ended = self.case.end_grants(reason, cause.at, of_this);
        let worked = ended
            .iter()
            .any(|grant| grant.stage() == GrantStage::Working);
        // What ends by time ended for sub-referrals no later.
        if event != Event::AccessEnded {
            self.cascade(&ended, cause)?;
        }
        Ok(worked)
    }

    /// No sub-referral outlives the grant that it stems from.
    pub(crate) fn cascade(&mut self, ended: &[pb::Grant], cause: &Cause) -> Result<(), Refusal> {
        for parent in ended
            .iter()
            .filter(|grant| grant.stage() == GrantStage::Working)
        {
            let rests_on_it = |child: &&pb::Referral| {
                child.part_of == parent.referral
                    && child.from_agency == parent.agency
                    && OPEN.contains(&child.state())
            };
            let children: Vec<String> = self
                .all()
                .filter(rests_on_it)
                .map(|child| child.name.clone())
                .collect();
            let why = cause.consequence(if cause.reason.is_empty() {
                "parent-ended"
            } else {
                &cause.reason
            });
            for child in children {
                self.step(&child, Event::ParentEnded, &why, |_| {})?;
            }
            let rest = self
                .case
                .end_grants(&why.reason, cause.at, |grant| grant.parent == parent.name);
            self.cascade(&rest, cause)?;
        }
        Ok(())
    }

    fn grant(
        &mut self,
        referral: &pb::Referral,
        stage: GrantStage,
        sections: Vec<i32>,
        until: Option<DateTime<Utc>>,
        at: DateTime<Utc>,
    ) {
        let parent = self.parent_grant(referral).map(|grant| grant.name.clone());
        let grant = pb::Grant {
            agency: referral.to_agency.clone(),
            stage: stage as i32,
            sections,
            contribute: referral.contribute && stage == GrantStage::Working,
            valid_until: until.map(to_timestamp),
            referral: referral.name.clone(),
            consent: referral.consent.clone(),
            masked: referral.kind() == ReferralKind::Consult,
            parent: parent.unwrap_or_default(),
            ..pb::Grant::default()
        };
        self.case.grant(grant, at);
    }

    fn working_grant(&mut self, referral: &pb::Referral) -> Option<&mut pb::Grant> {
        let grants = &mut self.case.label_mut().grants;
        grants.iter_mut().find(|grant| {
            grant.referral == referral.name
                && grant.agency == referral.to_agency
                && grant.stage() == GrantStage::Working
        })
    }

    /// The grant that a sub-referral's sender works under.
    pub(crate) fn parent_grant(&self, referral: &pb::Referral) -> Option<&pb::Grant> {
        let grants = &self.case.label().grants;
        grants.iter().find(|grant| {
            !referral.part_of.is_empty()
                && grant.referral == referral.part_of
                && grant.agency == referral.from_agency
                && grant.stage() == GrantStage::Working
        })
    }

    /// No grant outlives the consent that it rests on, nor the grant that it
    /// stems from.
    fn within_basis(
        &self,
        referral: &pb::Referral,
        until: Option<DateTime<Utc>>,
    ) -> Option<DateTime<Utc>> {
        let end = |stamp: &Option<Timestamp>| stamp.as_ref().and_then(from_timestamp);
        let mut consents = self.case.label().consents.iter();
        let consent = consents.find(|fact| fact.consent == referral.consent);
        let ends = [
            until,
            consent.and_then(|fact| end(&fact.valid_until)),
            self.parent_grant(referral)
                .and_then(|grant| end(&grant.valid_until)),
        ];
        ends.into_iter().flatten().min()
    }

    /// When the consent or the grant that a referral rests on ends.
    pub(crate) fn basis_ends(&self, referral: &pb::Referral) -> Option<DateTime<Utc>> {
        self.within_basis(referral, None)
    }

    fn working_until(&self, referral: &pb::Referral, cause: &Cause) -> Option<DateTime<Utc>> {
        let asked = referral.access_until.as_ref().and_then(from_timestamp);
        let until = self.within_basis(referral, asked);
        [until, cause.at_most].into_iter().flatten().min()
    }

    /// The lead moves; the former one keeps what the referral chose.
    fn hand_over(&mut self, referral: &pb::Referral, cause: &Cause) {
        let former = self.case.label().lead.clone();
        self.case.move_lead(&referral.to_agency, &referral.name);
        let sections = match referral.residual() {
            ResidualChoice::None => return,
            ResidualChoice::Unspecified | ResidualChoice::Status => vec![Section::Summary as i32],
            ResidualChoice::Read => proto::section::ALL
                .into_iter()
                .filter(|section| *section != Section::Privileged)
                .map(|section| section as i32)
                .collect(),
        };
        let keeps = pb::Grant {
            agency: former,
            stage: GrantStage::Residual as i32,
            sections,
            referral: referral.name.clone(),
            ..pb::Grant::default()
        };
        self.case.grant(keeps, cause.at);
    }

    /// The basis of the handover by which the lead holds the case is withdrawn:
    /// the case goes back to the agency that led it before, whose own basis
    /// still stands.
    pub(crate) fn hand_back(&mut self, referral: &pb::Referral, at: DateTime<Utc>) {
        if self.case.lead_by() != referral.name {
            return;
        }
        let mut back_to = referral.from_agency.clone();
        let mut by = self.lead_before(referral);
        while let Some(handover) = by.clone().filter(|r| self.has_lost_its_consent(r)) {
            back_to.clone_from(&handover.from_agency);
            by = self.lead_before(&handover);
        }
        let by = by.map(|referral| referral.name).unwrap_or_default();
        self.case.move_lead(&back_to, &by);
        // What it kept as a former lead is part of leading now.
        self.case.end_grants("leads-again", at, |grant| {
            grant.referral == referral.name && grant.agency == back_to
        });
        self.case.tell(
            &back_to,
            "case.returned",
            &referral.name,
            "consent-withdrawn",
            at,
        );
    }

    fn has_lost_its_consent(&self, referral: &pb::Referral) -> bool {
        let mut consents = self.case.label().consents.iter();
        !referral.consent.is_empty() && !consents.any(|fact| fact.consent == referral.consent)
    }

    /// The handover by which the sender of this one had become lead.
    fn lead_before(&self, referral: &pb::Referral) -> Option<pb::Referral> {
        let when = due::when(referral, Event::Accept);
        let earlier = self.all().filter(|other| {
            other.kind() == ReferralKind::Handover
                && other.to_agency == referral.from_agency
                && other.name != referral.name
                && due::when(other, Event::Accept).is_some_and(|at| Some(at) <= when)
        });
        earlier
            .max_by_key(|other| due::when(other, Event::Accept))
            .cloned()
    }

    /// The first acceptance in a pool wins.
    fn select(&mut self, winner: &pb::Referral, cause: &Cause) -> Result<(), Refusal> {
        if winner.pool.is_empty() {
            return Ok(());
        }
        let others: Vec<String> = self
            .all()
            .filter(|other| other.pool == winner.pool && other.name != winner.name)
            .filter(|other| {
                matches!(
                    other.state(),
                    ReferralState::Requested | ReferralState::Received
                )
            })
            .map(|other| other.name.clone())
            .collect();
        let why = cause.consequence("not-selected");
        for other in others {
            self.step(&other, Event::NotSelected, &why, |_| {})?;
        }
        Ok(())
    }

    fn tell(&mut self, referral: &pb::Referral, event: Event, moved: bool, cause: &Cause) {
        let what = if moved {
            machine::state_name(referral.state())
        } else {
            event.name()
        };
        let was_sent = due::when(referral, Event::Send).is_some();
        if was_sent {
            self.case.append(
                pb::Entry {
                    author: cause.agency.clone(),
                    user: cause.user.clone(),
                    act: format!("referral_{}", what.replace('-', "_")),
                    outcome: cause.reason.clone(),
                    ..pb::Entry::default()
                },
                cause.at,
            );
        }
        // A draft is the sender's own business until it is sent; a candidate
        // that was not selected does not learn who was.
        let mut told = vec![referral.from_agency.clone()];
        if was_sent {
            told.push(referral.to_agency.clone());
        }
        for agency in told.into_iter().filter(|agency| *agency != cause.agency) {
            let kind = format!("referral.{what}");
            self.case
                .tell(&agency, &kind, &referral.name, &cause.reason, cause.at);
        }
    }

    fn notify_worker(&mut self, referral: &pb::Referral, event: Event, cause: &Cause) {
        let kind = match event {
            // The candidates of a pool are told of together.
            Event::Send if referral.pool.is_empty() => "asked",
            Event::Accept if referral.kind() == ReferralKind::Handover => "handed_over",
            Event::Accept => "shared",
            Event::Reopen => "reopened",
            Event::ProvideInformation => "widened",
            Event::ConsentWithdrawn | Event::Revoke => "ended",
            _ => return,
        };
        let sections = match event {
            Event::Send => vec![Section::Summary as i32, Section::Claims as i32],
            Event::ProvideInformation => {
                let last = referral.inquiries.last();
                last.map(|inquiry| inquiry.added_scope.clone())
                    .unwrap_or_default()
            }
            _ => referral.scope.clone(),
        };
        if event == Event::ProvideInformation && sections.is_empty() {
            return;
        }
        self.notify(Notice {
            kind,
            agencies: vec![referral.to_agency.clone()],
            sections,
            at: cause.at,
        });
    }
}

fn waiting_after(event: Event, before: Waiting) -> Waiting {
    match event {
        Event::AskInformation => Waiting::Information,
        Event::AwaitThirdParty => Waiting::ThirdParty,
        // Telling, extending or proposing does not end a wait.
        Event::Extend | Event::ProposeError | Event::AccessEnded => before,
        _ => Waiting::Unspecified,
    }
}

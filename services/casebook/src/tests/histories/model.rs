//! What should happen, said a second time and more simply than the service says
//! it: plain vectors, one case, no store, no table. Written from the design.

mod steps;

use std::collections::BTreeSet;

use proto::v1::{GrantStage as Stage, ReferralState as State};

/// Milliseconds since the history began.
pub type Millis = i64;
pub const HOUR: Millis = 3_600_000;
pub const DAY: Millis = 24 * HOUR;

/// Agencies by number: 0 registers the case; 3 is a court.
pub type Who = usize;
pub const AGENCIES: usize = 4;
pub const COURT: Who = 3;

pub type Sections = BTreeSet<i32>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    pub recipients: BTreeSet<Who>,
    pub sections: Sections,
    pub until: Option<Millis>,
    pub withdrawn: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Referral {
    pub from: Who,
    pub to: Who,
    pub handover: bool,
    /// None: a statutory duty.
    pub consent: Option<usize>,
    pub scope: Sections,
    pub access_until: Option<Millis>,
    pub respond_by: Option<Millis>,
    pub part_of: Option<usize>,
    pub pool: Option<usize>,
    pub state: State,
    pub waiting: Waiting,
    pub contested: bool,
    pub proposed_by: Option<usize>,
    pub since: Millis,
    /// Every step: the event and its moment.
    pub steps: Vec<(&'static str, Millis)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    No,
    Answer,
    Others,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub id: usize,
    pub agency: Who,
    pub stage: Stage,
    pub sections: Sections,
    pub until: Option<Millis>,
    /// None: by break-glass, or kept by a former lead.
    pub referral: Option<usize>,
    pub consent: Option<usize>,
    pub parent: Option<usize>,
    pub kept_from: Option<usize>,
}

/// Between agencies 0 and 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    pub sections: Sections,
    pub days: Option<i64>,
    pub onward: bool,
    pub ended: bool,
}

#[derive(Debug, Clone)]
pub struct Model {
    pub now: Millis,
    pub lead: Who,
    /// Handovers by which it came to the lead, oldest first.
    pub lead_by: Option<usize>,
    pub consents: Vec<Consent>,
    pub referrals: Vec<Referral>,
    pub grants: Vec<Grant>,
    pub agreement: Option<Agreement>,
    made: usize,
}

/// The reason of a refusal.
pub type No = &'static str;

pub const SUMMARY: i32 = 1;
pub const CLAIMS: i32 = 6;
/// What needs no consent: summary, timeline, statistics, sharing.
const FREE: [i32; 4] = [1, 9, 17, 18];
const PRIVILEGED: i32 = 12;

impl Model {
    pub fn new() -> Self {
        Self {
            now: 0,
            lead: 0,
            lead_by: None,
            consents: Vec::new(),
            referrals: Vec::new(),
            grants: Vec::new(),
            agreement: None,
            made: 0,
        }
    }

    /// Time passes; what it does, it does at its own moment.
    pub fn advance(&mut self, by: Millis) {
        let to = self.now + by;
        loop {
            let expiry = |r: &Referral| match r.state {
                State::Requested | State::Received => r.respond_by.map(|by| by + DAY),
                _ => None,
            };
            let expiries = self.referrals.iter().enumerate();
            let expiries = expiries.filter_map(|(at, r)| Some((expiry(r)?, 0, at)));
            let ends = self.grants.iter();
            let ends = ends.filter_map(|g| Some((g.until?, 1, g.id)));
            let Some((at, what, which)) = expiries.chain(ends).min() else {
                break;
            };
            if at > to {
                break;
            }
            self.now = at;
            if what == 0 {
                self.note(which, "expire", Some(State::Expired));
                self.end_of(which);
            } else {
                self.time_out(which);
            }
        }
        self.now = to;
    }

    fn time_out(&mut self, grant: usize) {
        let Some(at) = self.grants.iter().position(|g| g.id == grant) else {
            return;
        };
        let grant = self.grants.remove(at);
        let Some(of) = grant.referral else { return };
        let at_work = matches!(
            self.referrals[of].state,
            State::Accepted | State::InProgress | State::OnHold
        );
        if grant.stage == Stage::Working && at_work {
            self.referrals[of].steps.push(("access-ended", self.now));
        }
    }

    pub fn grant_consent(
        &mut self,
        recipients: BTreeSet<Who>,
        sections: Sections,
        days: Option<i64>,
    ) {
        self.consents.push(Consent {
            recipients,
            sections,
            until: days.map(|days| self.now + days * DAY),
            withdrawn: false,
        });
    }

    pub fn withdraw(&mut self, consent: usize) -> Result<(), No> {
        if self.consents[consent].withdrawn {
            return Err("WRONG_STATE");
        }
        self.consents[consent].withdrawn = true;
        for at in self.by_name() {
            if self.referrals[at].consent != Some(consent) {
                continue;
            }
            if is_open(self.referrals[at].state) {
                self.note(at, "consent-withdrawn", Some(State::Cancelled));
                self.end_of(at);
            }
            if self.lead_by == Some(at) {
                self.hand_back(at);
            }
        }
        let ended: Vec<usize> = self
            .grants
            .iter()
            .filter(|g| g.consent == Some(consent))
            .map(|g| g.id)
            .collect();
        self.end_all(&ended);
        Ok(())
    }

    /// The service goes through referrals in the order of their names, which
    /// is that of their making here.
    fn by_name(&self) -> Vec<usize> {
        (0..self.referrals.len()).collect()
    }

    /// To whoever led before and whose own basis stands.
    fn hand_back(&mut self, withdrawn: usize) {
        let mut by = withdrawn;
        loop {
            let to = self.referrals[by].from;
            let earlier = (0..self.referrals.len()).filter(|at| {
                let r = &self.referrals[*at];
                r.handover
                    && r.to == to
                    && *at != by
                    && accepted(r) <= accepted(&self.referrals[by])
                    && accepted(r).is_some()
            });
            let before = earlier.max_by_key(|at| accepted(&self.referrals[*at]));
            let lost = |at: &usize| {
                self.referrals[*at]
                    .consent
                    .is_some_and(|c| self.consents[c].withdrawn)
            };
            match before.filter(lost) {
                Some(before) => by = before,
                None => {
                    self.lead = to;
                    self.lead_by = before;
                    break;
                }
            }
        }
        let lead = self.lead;
        self.grants
            .retain(|g| !(g.kept_from == Some(withdrawn) && g.agency == lead));
    }

    pub fn draft(&mut self, wanted: Referral, again: bool) -> Result<usize, No> {
        let part_of = self.check(&wanted, again)?;
        self.referrals.push(Referral { part_of, ..wanted });
        Ok(self.referrals.len() - 1)
    }

    pub fn pool(
        &mut self,
        wanted: &Referral,
        candidates: &[Who],
        pool: usize,
    ) -> Result<Vec<usize>, No> {
        let mut why = None;
        let mut made = Vec::new();
        for to in candidates.iter().copied().filter(|to| *to != wanted.from) {
            let one = Referral {
                to,
                pool: Some(pool),
                ..wanted.clone()
            };
            match self.check(&one, false) {
                Ok(part_of) => {
                    self.referrals.push(Referral { part_of, ..one });
                    let at = self.referrals.len() - 1;
                    self.step(at, "send", wanted.from, 0)?;
                    made.push(at);
                }
                Err(no) => why = why.or(Some(no)),
            }
        }
        if made.is_empty() {
            return Err(why.unwrap_or("INVALID_ARGUMENT"));
        }
        Ok(made)
    }

    fn check(&self, wanted: &Referral, again: bool) -> Result<Option<usize>, No> {
        if wanted.from == wanted.to {
            return Err("INVALID_ARGUMENT");
        }
        let part_of = self.rights(wanted)?;
        let wanted = &Referral {
            part_of,
            ..wanted.clone()
        };
        if wanted.handover && self.lead != wanted.from {
            return Err("INVALID_ARGUMENT");
        }
        self.basis(wanted)?;
        self.agreed(wanted)?;
        if let Some(parent) = part_of
            && self
                .pair(&self.referrals[parent])
                .is_some_and(|a| !a.onward)
        {
            return Err("AGREEMENT_FORBIDS");
        }
        let same = |r: &Referral| is_open(r.state) && r.to == wanted.to;
        if !again && self.referrals.iter().any(same) {
            return Err("REFERRAL_OPEN");
        }
        Ok(part_of)
    }

    /// May the sender pass this on, and by which referral of its own?
    fn rights(&self, wanted: &Referral) -> Result<Option<usize>, No> {
        if self.lead == wanted.from && wanted.part_of.is_none() {
            return if wanted.scope.contains(&PRIVILEGED) {
                Err("SCOPE_TOO_WIDE")
            } else {
                Ok(None)
            };
        }
        let own = self.grants.iter().filter(|g| {
            g.agency == wanted.from
                && g.stage == Stage::Working
                && self.runs(g)
                && (wanted.part_of.is_none() || g.referral == wanted.part_of)
        });
        let beyond = |g: &Grant| wanted.scope.difference(&g.sections).count();
        match own.min_by_key(|g| (beyond(g), g.id)) {
            Some(grant) if beyond(grant) == 0 => Ok(grant.referral),
            Some(_) => Err("SCOPE_TOO_WIDE"),
            None if wanted.part_of.is_none() => Err("SCOPE_TOO_WIDE"),
            None => Err("INVALID_ARGUMENT"),
        }
    }

    fn basis(&self, r: &Referral) -> Result<(), No> {
        let Some(consent) = r.consent else {
            return if r.to == COURT {
                Ok(())
            } else {
                Err("INVALID_ARGUMENT")
            };
        };
        let consent = &self.consents[consent];
        if consent.withdrawn || consent.until.is_some_and(|until| until <= self.now) {
            return Err("BASIS_ENDED");
        }
        if !consent.recipients.contains(&r.to) {
            return Err("INVALID_ARGUMENT");
        }
        let covered = |s: &i32| FREE.contains(s) || consent.sections.contains(s);
        if r.scope.iter().all(covered) {
            Ok(())
        } else {
            Err("SCOPE_TOO_WIDE")
        }
    }

    fn pair(&self, r: &Referral) -> Option<&Agreement> {
        let pair = BTreeSet::from([r.from, r.to]);
        self.agreement
            .as_ref()
            .filter(|_| pair == BTreeSet::from([0, 1]))
    }

    /// The end, or what an agreement allows before it.
    fn agreed_end(&self, r: &Referral, end: Millis) -> Millis {
        let days = self.pair(r).and_then(|agreement| agreement.days);
        days.map_or(end, |days| end.min(self.now + days * DAY))
    }

    fn agreed(&self, r: &Referral) -> Result<(), No> {
        let Some(agreement) = self.pair(r) else {
            return Ok(());
        };
        let too_long = match (r.access_until, agreement.days) {
            (Some(until), Some(days)) => until > self.now + days * DAY,
            _ => false,
        };
        if agreement.ended || !r.scope.is_subset(&agreement.sections) || too_long {
            return Err("AGREEMENT_FORBIDS");
        }
        Ok(())
    }

    fn runs(&self, grant: &Grant) -> bool {
        grant.until.is_none_or(|until| self.now < until)
    }

    fn parent(&self, r: &Referral) -> Option<&Grant> {
        let parent = r.part_of?;
        self.grants
            .iter()
            .find(|g| g.referral == Some(parent) && g.agency == r.from && g.stage == Stage::Working)
    }

    fn authority(&self, r: &Referral, accepting: bool) -> Result<(), No> {
        let stands = match r.part_of {
            None => accepting || self.lead == r.from,
            Some(_) => self.parent(r).is_some_and(|grant| self.runs(grant)),
        };
        if stands { Ok(()) } else { Err("BASIS_ENDED") }
    }

    fn leads_what_it_hands_over(&self, r: &Referral) -> Result<(), No> {
        if r.handover && self.lead != r.from {
            Err("BASIS_ENDED")
        } else {
            Ok(())
        }
    }

    fn note(&mut self, at: usize, event: &'static str, to: Option<State>) {
        let r = &mut self.referrals[at];
        r.steps.push((event, self.now));
        r.waiting = Waiting::No;
        if let Some(to) = to {
            if r.state != to {
                r.since = self.now;
            }
            r.state = to;
        }
    }

    fn bounded(&self, r: &Referral, until: Option<Millis>) -> Option<Millis> {
        let consent = r.consent.and_then(|c| self.consents[c].until);
        let parent = self.parent(r).and_then(|grant| grant.until);
        [until, consent, parent].into_iter().flatten().min()
    }

    fn until(&self, r: &Referral) -> Option<Millis> {
        let agreed = self
            .pair(r)
            .and_then(|a| a.days)
            .map(|days| self.now + days * DAY);
        [self.bounded(r, r.access_until), agreed]
            .into_iter()
            .flatten()
            .min()
    }

    fn work(&mut self, at: usize, accepting: bool) {
        self.end_of(at);
        let r = self.referrals[at].clone();
        let until = self.until(&r);
        if accepting && r.handover {
            let former = self.lead;
            self.lead = r.to;
            self.lead_by = Some(at);
            self.made += 1;
            self.grants.push(Grant {
                id: self.made,
                agency: former,
                stage: Stage::Residual,
                sections: BTreeSet::from([SUMMARY]),
                until: None,
                referral: None,
                consent: None,
                parent: None,
                kept_from: Some(at),
            });
        }
        self.give(at, Stage::Working, r.scope, until);
    }

    fn rest(&mut self, at: usize) {
        let worked = self.working(at).is_some();
        self.end_of(at);
        if worked {
            let until = self.bounded(&self.referrals[at], None);
            self.give(at, Stage::Residual, BTreeSet::from([SUMMARY]), until);
        }
    }

    fn working(&mut self, at: usize) -> Option<&mut Grant> {
        self.grants
            .iter_mut()
            .find(|g| g.referral == Some(at) && g.stage == Stage::Working)
    }

    fn give(&mut self, at: usize, stage: Stage, sections: Sections, until: Option<Millis>) {
        let r = &self.referrals[at];
        let parent = self.parent(r).map(|grant| grant.id);
        self.made += 1;
        self.grants.push(Grant {
            id: self.made,
            agency: r.to,
            stage,
            sections,
            until,
            referral: Some(at),
            consent: r.consent,
            parent,
            kept_from: None,
        });
    }

    fn end_of(&mut self, at: usize) {
        let ended: Vec<usize> = self
            .grants
            .iter()
            .filter(|g| g.referral == Some(at))
            .map(|g| g.id)
            .collect();
        self.end_all(&ended);
    }

    /// Ends grants, and what rests on those that were for working.
    fn end_all(&mut self, ids: &[usize]) {
        for id in ids {
            let Some(at) = self.grants.iter().position(|g| g.id == *id) else {
                continue;
            };
            let grant = self.grants.remove(at);
            if grant.stage != Stage::Working {
                continue;
            }
            for child in self.by_name() {
                let r = &self.referrals[child];
                let rests = r.part_of == grant.referral
                    && r.part_of.is_some()
                    && r.from == grant.agency
                    && is_open(r.state);
                if rests {
                    self.note(child, "parent-ended", Some(State::Cancelled));
                    self.end_of(child);
                }
            }
            let rest: Vec<usize> = self
                .grants
                .iter()
                .filter(|g| g.parent == Some(grant.id))
                .map(|g| g.id)
                .collect();
            self.end_all(&rest);
        }
    }
}

pub fn is_open(state: State) -> bool {
    matches!(
        state,
        State::Draft
            | State::Requested
            | State::Received
            | State::Accepted
            | State::InProgress
            | State::OnHold
    )
}

fn accepted(r: &Referral) -> Option<Millis> {
    let mut steps = r.steps.iter().rev();
    steps
        .find(|(event, _)| *event == "accept")
        .map(|(_, at)| *at)
}

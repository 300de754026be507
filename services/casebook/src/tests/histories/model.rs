//! What should happen, said a second time and more simply than the service says
//! it: plain vectors, one case, no store, no table. Written from the design.

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

    /// One step; `user` tells people of one agency apart.
    pub fn step(
        &mut self,
        at: usize,
        event: &'static str,
        who: Who,
        user: usize,
    ) -> Result<(), No> {
        self.legal(at, event, who, user)?;
        self.take(at, event, user)
    }

    /// May they, in this state?
    pub fn legal(&self, at: usize, event: &'static str, who: Who, user: usize) -> Result<(), No> {
        let r = self.referrals[at].clone();
        let sent = r.steps.iter().any(|(event, _)| *event == "send");
        let sender = r.from == who;
        let receiver = r.to == who && sent;
        let lead = self.lead == who && (sent || sender || receiver);
        if !(sender || receiver || lead) {
            return Err("NOT_FOUND");
        }
        let handed_over = r.handover && accepted(&r).is_some();
        let age = self.now - r.since;
        use State as S;
        let unanswered = matches!(r.state, S::Requested | S::Received);
        let at_work = matches!(r.state, S::Accepted | S::InProgress | S::OnHold);
        let done = matches!(r.state, S::Completed | S::Failed);
        let (theirs, no, legal, late) = match event {
            "send" => (sender, "NOT_SENDER", r.state == S::Draft, false),
            "acknowledge" => (receiver, "NOT_RECEIVER", r.state == S::Requested, false),
            "accept" | "reject" => (receiver, "NOT_RECEIVER", unanswered, false),
            "contest" => (
                lead,
                "NOT_ALLOWED",
                r.state == S::Rejected && !r.contested,
                r.state == S::Rejected && !r.contested && age >= 10 * DAY,
            ),
            "start" => (receiver, "NOT_RECEIVER", r.state == S::Accepted, false),
            "ask-information" | "await-third-party" => {
                (receiver, "NOT_RECEIVER", r.state == S::InProgress, false)
            }
            "provide-information" => {
                let asked = r.state == S::InProgress && r.waiting == Waiting::Answer;
                (sender, "NOT_SENDER", asked, false)
            }
            "hold" => {
                let legal = matches!(r.state, S::Accepted | S::InProgress);
                (receiver, "NOT_RECEIVER", legal, false)
            }
            "resume" => {
                let waits = r.state == S::InProgress && r.waiting != Waiting::No;
                (
                    receiver,
                    "NOT_RECEIVER",
                    r.state == S::OnHold || waits,
                    false,
                )
            }
            "complete" | "fail" => (receiver, "NOT_RECEIVER", at_work, false),
            "acknowledge-outcome" => (sender, "NOT_SENDER", done, false),
            "withdraw" => {
                let early = unanswered || r.state == S::Draft;
                (
                    sender,
                    "NOT_SENDER",
                    early || (at_work && !handed_over),
                    false,
                )
            }
            "extend" => (sender, "NOT_SENDER", at_work && !handed_over, false),
            "reopen" => (
                sender || receiver,
                "NOT_SENDER",
                done,
                done && age >= 30 * DAY,
            ),
            "authority-revoked" => (lead, "NOT_ALLOWED", is_open(r.state) && !handed_over, false),
            "mark-error" => {
                let legal = r.state != S::EnteredInError && !handed_over;
                (sender, "NOT_SENDER", legal, false)
            }
            other => panic!("no such event: {other}"),
        };
        if event == "mark-error" && sender && r.proposed_by == Some(user) {
            return Err("TWO_PEOPLE_REQUIRED");
        }
        if !theirs {
            return Err(no);
        }
        if late {
            return Err("TOO_LATE");
        }
        if !legal {
            return Err("WRONG_STATE");
        }
        Ok(())
    }

    fn take(&mut self, at: usize, event: &'static str, user: usize) -> Result<(), No> {
        use State as S;
        let now = self.now;
        match event {
            "send" => {
                let by = self.referrals[at].respond_by.unwrap_or(now + 5 * DAY);
                let offered = self.referrals[at].access_until;
                if by <= now || offered.is_some_and(|until| until <= now) {
                    return Err("INVALID_ARGUMENT");
                }
                let r = Referral {
                    respond_by: Some(by),
                    ..self.referrals[at].clone()
                };
                self.authority(&r, false)?;
                self.basis(&r)?;
                self.leads_what_it_hands_over(&r)?;
                self.rights(&r)?;
                self.agreed(&r)?;
                self.referrals[at].respond_by = Some(by);
                self.note(at, "send", Some(S::Requested));
                let until = self.bounded(&r, Some(by + DAY));
                self.give(at, Stage::Triage, BTreeSet::from([SUMMARY, CLAIMS]), until);
            }
            "acknowledge" => self.note(at, event, Some(S::Received)),
            "accept" => {
                let mut r = self.referrals[at].clone();
                if r.access_until.is_some_and(|until| until <= now) {
                    return Err("TOO_LATE");
                }
                if r.access_until.is_none() && !r.handover {
                    r.access_until = Some(now + 180 * DAY);
                }
                self.authority(&r, true)?;
                self.basis(&r)?;
                self.leads_what_it_hands_over(&r)?;
                self.agreed(&r)?;
                self.referrals[at].access_until = r.access_until;
                self.note(at, "accept", Some(S::Accepted));
                self.work(at, true);
                for other in self.by_name() {
                    let o = &self.referrals[other];
                    let loses = other != at
                        && o.pool.is_some()
                        && o.pool == r.pool
                        && matches!(o.state, S::Requested | S::Received);
                    if loses {
                        self.note(other, "not-selected", Some(S::Cancelled));
                        self.end_of(other);
                    }
                }
            }
            "reject" => {
                self.note(at, event, Some(S::Rejected));
                self.end_of(at);
            }
            "start" => self.note(at, event, Some(S::InProgress)),
            "ask-information" => {
                self.note(at, event, None);
                self.referrals[at].waiting = Waiting::Answer;
            }
            "await-third-party" => {
                self.note(at, event, None);
                self.referrals[at].waiting = Waiting::Others;
            }
            "hold" => self.note(at, event, Some(S::OnHold)),
            "resume" if self.referrals[at].state == S::InProgress => self.note(at, event, None),
            "resume" => self.note(at, event, Some(S::InProgress)),
            "complete" | "fail" => {
                let to = if event == "complete" {
                    S::Completed
                } else {
                    S::Failed
                };
                self.note(at, event, Some(to));
                self.rest(at);
            }
            "acknowledge-outcome" => self.note(at, event, None),
            "withdraw" => {
                let worked = matches!(
                    self.referrals[at].state,
                    S::Accepted | S::InProgress | S::OnHold
                );
                self.note(at, event, Some(S::Cancelled));
                if worked {
                    self.rest(at)
                } else {
                    self.end_of(at)
                }
            }
            "reopen" => {
                let mut r = self.referrals[at].clone();
                if r.access_until.is_none_or(|until| until <= now) {
                    r.access_until = (!r.handover).then_some(now + 180 * DAY);
                }
                self.authority(&r, false)?;
                self.basis(&r)?;
                self.agreed(&r)?;
                self.referrals[at].access_until = r.access_until;
                self.note(at, event, Some(S::InProgress));
                self.work(at, false);
            }
            "authority-revoked" => {
                self.note(at, event, Some(S::Cancelled));
                self.end_of(at);
            }
            "mark-error" if self.referrals[at].proposed_by.is_none() => {
                let waiting = self.referrals[at].waiting;
                self.note(at, "propose-error", None);
                self.referrals[at].waiting = waiting;
                self.referrals[at].proposed_by = Some(user);
            }
            "mark-error" => {
                self.note(at, event, Some(S::EnteredInError));
                self.end_of(at);
            }
            other => panic!("{other} is taken elsewhere"),
        }
        Ok(())
    }

    /// The sender answers, perhaps with more sections.
    pub fn provide(&mut self, at: usize, who: Who, added: &Sections) -> Result<(), No> {
        self.legal(at, "provide-information", who, 0)?;
        let mut r = self.referrals[at].clone();
        r.scope.extend(added);
        self.authority(&r, false)?;
        self.basis(&r)?;
        self.rights(&r)?;
        self.agreed(&r)?;
        self.referrals[at].scope.clone_from(&r.scope);
        self.note(at, "provide-information", None);
        if let Some(grant) = self.working(at) {
            grant.sections = r.scope;
        }
        Ok(())
    }

    pub fn extend(&mut self, at: usize, who: Who, days: i64) -> Result<(), No> {
        self.legal(at, "extend", who, 0)?;
        let until = self.now + days * DAY;
        let r = Referral {
            access_until: Some(until),
            ..self.referrals[at].clone()
        };
        self.authority(&r, false)?;
        self.basis(&r)?;
        self.agreed(&r)?;
        if self.bounded(&r, None).is_some_and(|limit| until > limit) {
            return Err("BASIS_ENDED");
        }
        self.referrals[at].access_until = Some(until);
        let waiting = self.referrals[at].waiting;
        self.note(at, "extend", None);
        self.referrals[at].waiting = waiting;
        let until = self.until(&r);
        match self.working(at) {
            Some(grant) => grant.until = until,
            None => self.give(at, Stage::Working, r.scope, until),
        }
        Ok(())
    }

    /// A new referral takes the rejected one's place.
    pub fn contest(&mut self, at: usize, who: Who) -> Result<usize, No> {
        self.legal(at, "contest", who, 0)?;
        let mut trial = self.clone();
        trial.note(at, "contest", None);
        trial.referrals[at].contested = true;
        let old = &trial.referrals[at];
        let new = Referral {
            from: who,
            access_until: None,
            respond_by: None,
            part_of: None,
            pool: None,
            state: State::Draft,
            waiting: Waiting::No,
            contested: false,
            proposed_by: None,
            since: trial.now,
            steps: Vec::new(),
            ..old.clone()
        };
        let made = trial.draft(new, true)?;
        trial.step(made, "send", who, 0)?;
        *self = trial;
        Ok(made)
    }

    pub fn break_glass(&mut self, who: Who, sections: &Sections, hours: i64) -> Result<(), No> {
        let is_open = self
            .grants
            .iter()
            .any(|g| g.agency == who && g.stage == Stage::BreakGlass && self.runs(g));
        if self.lead == who || is_open {
            return Err("WRONG_STATE");
        }
        self.made += 1;
        self.grants.push(Grant {
            id: self.made,
            agency: who,
            stage: Stage::BreakGlass,
            sections: sections.clone(),
            until: Some(self.now + hours * HOUR),
            referral: None,
            consent: None,
            parent: None,
            kept_from: None,
        });
        Ok(())
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

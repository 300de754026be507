//! Every step: who may take it, in which state, and what it does.

use std::collections::BTreeSet;

use proto::v1::{GrantStage as Stage, ReferralState as State};

use super::{
    CLAIMS, DAY, Grant, HOUR, Model, No, Referral, SUMMARY, Sections, Waiting, Who, accepted,
    is_open,
};

impl Model {
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
                    r.access_until = Some(self.agreed_end(&r, now + 180 * DAY));
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
                    let end = self.agreed_end(&r, now + 180 * DAY);
                    r.access_until = (!r.handover).then_some(end);
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
        let present = self
            .grants
            .iter()
            .find(|g| g.referral == Some(at) && g.stage == Stage::Working);
        if present.is_some_and(|g| g.until.is_none_or(|end| until <= end)) {
            return Err("INVALID_ARGUMENT");
        }
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
}

//! Where both stand, and what must hold there.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use proto::v1::{self as pb, GrantStage, ReferralState};

use super::{Both, NAMES, path};
use crate::tests::histories::model::{Grant, Model, Sections, Waiting, Who};

impl Both {
    /// Service and model stand at the same place, and what must always hold does.
    pub async fn agree(&self) {
        let stands = self.stands().await;
        assert_eq!(stands, describe(&self.model));
        self.invariants();
    }

    /// What the service says: lead, grants in force, every referral's course.
    pub(super) async fn stands(&self) -> Vec<String> {
        let label = self
            .world
            .label(NAMES[self.model.lead], &self.case)
            .await
            .unwrap();
        let mut lines = vec![format!("lead {}", label.lead)];
        let mut grants: Vec<String> = label
            .grants
            .iter()
            .map(|grant| {
                let sections: BTreeSet<i32> = grant.sections.iter().copied().collect();
                grant_line(
                    &grant.agency,
                    grant.stage(),
                    &sections,
                    self.millis(grant.valid_until.as_ref()),
                )
            })
            .collect();
        grants.sort();
        lines.extend(grants);
        for name in &self.referrals {
            let sender = self.sender_of(name);
            let request = pb::GetReferralRequest { name: name.clone() };
            let referral = call!(self, sender, 0, Referral.get_referral, request).unwrap();
            let waiting = match referral.waiting() {
                pb::Waiting::Unspecified => Waiting::No,
                pb::Waiting::Information => Waiting::Answer,
                pb::Waiting::ThirdParty => Waiting::Others,
            };
            let steps: Vec<(String, i64)> = referral
                .transitions
                .iter()
                .map(|step| (step.event.clone(), self.millis(step.at.as_ref()).unwrap()))
                .collect();
            let numbered = referral
                .transitions
                .iter()
                .map(|step| step.sequence as usize);
            assert!(numbered.eq(1..=referral.transitions.len()));
            lines.push(format!("{:?} {waiting:?} {steps:?}", referral.state()));
        }
        lines
    }

    fn sender_of(&self, name: &str) -> Who {
        let at = self.referrals.iter().position(|known| known == name);
        at.and_then(|at| self.model.referrals.get(at))
            .map_or(0, |r| r.from)
    }

    /// What the design promises of every state, said of the model that the
    /// service has just been found to agree with.
    fn invariants(&self) {
        let model = &self.model;
        for grant in &model.grants {
            let runs = grant.until.is_none_or(|until| model.now < until);
            assert!(runs, "no read at or after valid_until: {grant:?}");
            let Some(of) = grant.referral else { continue };
            let referral = &model.referrals[of];
            use ReferralState as S;
            let fits = match grant.stage {
                GrantStage::Triage => matches!(referral.state, S::Requested | S::Received),
                GrantStage::Working => {
                    matches!(referral.state, S::Accepted | S::InProgress | S::OnHold)
                }
                GrantStage::Residual => {
                    matches!(referral.state, S::Completed | S::Failed | S::Cancelled)
                }
                _ => false,
            };
            assert!(
                fits,
                "terminal means no triage or working grant: {grant:?} {referral:?}"
            );
            let withdrawn = grant.consent.is_some_and(|c| model.consents[c].withdrawn);
            assert!(
                !withdrawn,
                "a withdrawn basis means no grant on it: {grant:?}"
            );
            if let Some(parent) = grant.parent {
                let parent = model.grants.iter().find(|g| g.id == parent);
                let parent = parent.unwrap_or_else(|| panic!("{grant:?} outlives its parent"));
                let within = grant.stage != GrantStage::Working
                    || grant.sections.is_subset(&parent.sections);
                assert!(within, "{grant:?} exceeds {parent:?}");
                let ends = |g: &Grant| g.until.unwrap_or(i64::MAX);
                assert!(ends(grant) <= ends(parent));
            }
        }
        for pool in 1..=self.pools {
            let won = model.referrals.iter().filter(|r| r.pool == Some(pool));
            let won = won.filter(|r| r.steps.iter().any(|(event, _)| *event == "accept"));
            assert!(won.count() <= 1, "one winner in a pool");
        }
    }

    /// Everything that the case's history holds, for comparison with another.
    pub async fn record(&self) -> Vec<String> {
        let mut lines = self.stands().await;
        for (at, name) in NAMES.iter().enumerate() {
            // The last things that time did are told in the next moment.
            tokio::time::timeout(Duration::from_secs(10), self.told_all(at))
                .await
                .unwrap();
            for event in self.world.feed(name).await {
                let at = self.millis(event.at.as_ref());
                lines.push(format!(
                    "{name} {} {} {} {at:?}",
                    event.cursor, event.kind, event.reason
                ));
            }
        }
        lines
    }

    /// Waits until the service has written down what was due.
    async fn told_all(&self, _who: Who) {
        let mut commits = self.world.store().subscribe();
        loop {
            let due = self.world.store().read();
            let next = due
                .scan::<proto::internal::v1::StoredPlace>(crate::keys::ALL_DUE, None, 1)
                .unwrap();
            let now = (self.began + TimeDelta::milliseconds(self.model.now))
                .timestamp_nanos_opt()
                .unwrap();
            let is_due = next.first().is_some_and(|(key, _)| {
                let rest = key.strip_prefix(crate::keys::ALL_DUE).unwrap();
                rest.split('/').next().unwrap().parse::<i64>().unwrap() <= now
            });
            if !is_due {
                return;
            }
            commits.changed().await.unwrap();
        }
    }

    /// Every step that was taken: event, state before, state after.
    pub async fn transitions(&self) -> Vec<(String, i32, i32)> {
        let mut taken = Vec::new();
        for name in &self.referrals {
            let request = pb::GetReferralRequest { name: name.clone() };
            let sender = self.sender_of(name);
            let referral = call!(self, sender, 0, Referral.get_referral, request).unwrap();
            let steps = referral.transitions.into_iter();
            taken.extend(steps.map(|step| (step.event, step.from, step.to)));
        }
        taken
    }

    pub async fn feeds_have_no_gap(&self) {
        for name in NAMES {
            let cursors: Vec<u64> = self
                .world
                .feed(name)
                .await
                .iter()
                .map(|e| e.cursor)
                .collect();
            let gapless: Vec<u64> = (1..=cursors.len() as u64).collect();
            assert_eq!(cursors, gapless, "{name}");
        }
    }
}

fn grant_line(agency: &str, stage: GrantStage, sections: &Sections, until: Option<i64>) -> String {
    format!("{agency} {stage:?} {sections:?} {until:?}")
}

/// The same of the model.
pub(super) fn describe(model: &Model) -> Vec<String> {
    let mut lines = vec![format!("lead {}", NAMES[model.lead])];
    let mut grants: Vec<String> = model
        .grants
        .iter()
        .map(|g| grant_line(NAMES[g.agency], g.stage, &g.sections, g.until))
        .collect();
    grants.sort();
    lines.extend(grants);
    for r in &model.referrals {
        let steps: Vec<(String, i64)> = r
            .steps
            .iter()
            .map(|(event, at)| ((*event).to_owned(), *at))
            .collect();
        lines.push(format!("{:?} {:?} {steps:?}", r.state, r.waiting));
    }
    lines
}

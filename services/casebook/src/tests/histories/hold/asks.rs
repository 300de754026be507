//! What is asked of both that is no step of a referral.

use std::collections::BTreeSet;

use proto::v1::{self as pb, ReferralState};

use super::{Both, NAMES, numbers, path, reason};
use crate::tests::histories::model::{Agreement, DAY, Referral, Waiting, Who};

impl Both {
    pub(super) async fn consent(&mut self, recipients: &[Who], mask: u8, days: Option<i64>) {
        let mask = mask & 0x7f;
        let recipients: BTreeSet<Who> = recipients.iter().copied().collect();
        self.model
            .grant_consent(recipients.clone(), numbers(mask), days);
        let consent = pb::Consent {
            purpose: "representation".into(),
            recipients: recipients.iter().map(|who| NAMES[*who].into()).collect(),
            sections: numbers(mask).into_iter().collect(),
            valid_until: self.in_days(days),
            evidence_sha256: vec![1; 32],
            ..Default::default()
        };
        let request = pb::GrantConsentRequest {
            parent: self.case.clone(),
            consent: Some(consent),
            request_id: String::new(),
        };
        let granted = call!(self, 0, 0, Consent.grant_consent, request).unwrap();
        self.consents.push(granted.name);
    }

    pub(super) async fn withdraw(&mut self, which: usize, through: Who) {
        if self.consents.is_empty() {
            return;
        }
        let which = which % self.consents.len();
        let said = self.model.withdraw(which);
        let request = pb::WithdrawConsentRequest {
            name: self.consents[which].clone(),
            request_id: String::new(),
        };
        let done = call!(self, through, 0, Consent.withdraw_consent, request);
        assert_eq!(
            done.map(|_| ()).map_err(|s| reason(&s)),
            said.map_err(str::to_owned)
        );
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn header(
        &self,
        from: Who,
        to: Who,
        handover: bool,
        consent: Option<usize>,
        scope: u8,
        access_days: Option<i64>,
        respond_days: Option<i64>,
    ) -> Referral {
        let at = |days: Option<i64>| days.map(|days| self.model.now + days * DAY);
        Referral {
            from,
            to,
            handover,
            consent,
            scope: numbers(scope),
            access_until: at(access_days),
            respond_by: at(respond_days),
            part_of: None,
            pool: None,
            state: ReferralState::Draft,
            waiting: Waiting::No,
            contested: false,
            proposed_by: None,
            since: self.model.now,
            steps: Vec::new(),
        }
    }

    fn wire(
        &self,
        header: &Referral,
        access_days: Option<i64>,
        respond_days: Option<i64>,
    ) -> pb::Referral {
        let kind = if header.handover {
            pb::ReferralKind::Handover
        } else {
            pb::ReferralKind::Assist
        };
        pb::Referral {
            kind: kind.into(),
            to_agency: NAMES.get(header.to).copied().unwrap_or_default().into(),
            service_code: "help".into(),
            purpose: "help".into(),
            consent: header
                .consent
                .map(|c| self.consents[c].clone())
                .unwrap_or_default(),
            legal_basis: if header.consent.is_none() {
                "PIPL-13-3".into()
            } else {
                String::new()
            },
            scope: header.scope.iter().copied().collect(),
            access_until: self.in_days(access_days),
            respond_by: self.in_days(respond_days),
            ..Default::default()
        }
    }

    pub(super) async fn draft(
        &mut self,
        header: Referral,
        again: bool,
        access: Option<i64>,
        respond: Option<i64>,
    ) {
        let request = pb::CreateReferralRequest {
            parent: self.case.clone(),
            referral: Some(self.wire(&header, access, respond)),
            duplicate_reason: if again { "again".into() } else { String::new() },
            ..Default::default()
        };
        let from = header.from;
        let said = self.model.draft(header, again);
        let done = call!(self, from, 0, Referral.create_referral, request);
        let outcome = done.as_ref().map(|_| ()).map_err(reason);
        assert_eq!(outcome, said.map(|_| ()).map_err(str::to_owned), "draft");
        if let Ok(referral) = done {
            self.referrals.push(referral.name);
        }
    }

    pub(super) async fn pool(&mut self, header: Referral) {
        let request = pb::ReferToPoolRequest {
            parent: self.case.clone(),
            referral: Some(self.wire(&header, None, None)),
            ..Default::default()
        };
        let from = header.from;
        self.pools += 1;
        // In the order of their names; all but the court offer it.
        let said = self.model.pool(&header, &[1, 2, 0], self.pools);
        let done = call!(self, from, 0, Referral.refer_to_pool, request);
        let outcome = done.as_ref().map(|_| ()).map_err(reason);
        assert_eq!(outcome, said.map(|_| ()).map_err(str::to_owned), "pool");
        if let Ok(answer) = done {
            self.referrals
                .extend(answer.referrals.into_iter().map(|r| r.name));
        }
    }

    pub(super) async fn agree_on(&mut self, mask: u8, days: Option<i64>, onward: bool) {
        let agreement = pb::Agreement {
            partner: NAMES[1].into(),
            sections: numbers(mask).into_iter().collect(),
            access_days: days.map_or(0, |days| u32::try_from(days).unwrap()),
            onward,
            ..Default::default()
        };
        let propose = pb::ProposeAgreementRequest {
            agreement: Some(agreement),
            request_id: String::new(),
        };
        let proposed = call!(self, 0, 0, Agreement.propose_agreement, propose).unwrap();
        let accept = || pb::AcceptAgreementRequest {
            name: proposed.name.clone(),
            request_id: String::new(),
        };
        let own = call!(self, 0, 0, Agreement.accept_agreement, accept()).unwrap_err();
        assert_eq!(reason(&own), "NOT_ALLOWED");
        let stranger = call!(self, 2, 0, Agreement.accept_agreement, accept()).unwrap_err();
        assert_eq!(reason(&stranger), "NOT_FOUND");
        call!(self, 1, 0, Agreement.accept_agreement, accept()).unwrap();
        self.agreement = Some(proposed.name);
        self.model.agreement = Some(Agreement {
            sections: numbers(mask),
            days,
            onward,
            ended: false,
        });
    }

    pub(super) async fn end_agreement(&mut self) {
        let Some(name) = self.agreement.take() else {
            return;
        };
        let request = pb::TerminateAgreementRequest {
            name,
            request_id: String::new(),
        };
        call!(self, 1, 0, Agreement.terminate_agreement, request).unwrap();
        self.model.agreement.as_mut().unwrap().ended = true;
    }

    pub(super) async fn break_glass(&mut self, who: Who, mask: u8, hours: i64) {
        let mask = mask & 0x7f;
        let said = self.model.break_glass(who, &numbers(mask), hours);
        let request = pb::OpenBreakGlassRequest {
            parent: self.case.clone(),
            reason: "danger_to_life".into(),
            explanation: "somebody is in danger".into(),
            sections: numbers(mask).into_iter().collect(),
            minutes: u32::try_from(hours * 60).unwrap(),
            request_id: String::new(),
        };
        let done = call!(self, who, 0, BreakGlass.open_break_glass, request);
        assert_eq!(
            done.map(|_| ()).map_err(|s| reason(&s)),
            said.map_err(str::to_owned)
        );
    }
}

//! Service and model side by side.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use host::Refused;
use host::clock::{from_timestamp, to_timestamp};
use proto::v1::agreement_service_client::AgreementServiceClient;
use proto::v1::break_glass_service_client::BreakGlassServiceClient;
use proto::v1::consent_service_client::ConsentServiceClient;
use proto::v1::referral_service_client::ReferralServiceClient;
use proto::v1::{self as pb, GrantStage, ReferralState, Section};
use tonic::Status;

use super::act::{Act, By, Drafter, EVENTS};
use super::model::{AGENCIES, COURT, DAY, Model, Referral, Sections, Waiting, Who};
use crate::tests::World;

/// The agencies by the model's numbers.
const NAMES: [&str; AGENCIES] = [
    "agencies/union",
    "agencies/sibling",
    "agencies/third",
    "agencies/court",
];
/// Sections by the bits of a mask.
const SECTIONS: [Section; 8] = [
    Section::Summary,
    Section::Identity,
    Section::Contact,
    Section::Claims,
    Section::Injury,
    Section::Evidence,
    Section::Timeline,
    Section::Privileged,
];

/// A request that can come again.
#[derive(Debug, Clone)]
enum Call {
    Referral(&'static str, String, Who, usize, Option<i64>, Vec<i32>),
}

pub struct Both {
    world: World,
    model: Model,
    case: String,
    began: DateTime<Utc>,
    consents: Vec<String>,
    referrals: Vec<String>,
    agreement: Option<String>,
    asked: u64,
    last: Option<(Call, String, Result<pb::Referral, Status>)>,
    pools: usize,
}

fn sections(mask: u8) -> Vec<Section> {
    let all = SECTIONS.iter().enumerate();
    all.filter(|(bit, _)| mask & (1 << bit) != 0)
        .map(|(_, section)| *section)
        .collect()
}

fn numbers(mask: u8) -> Sections {
    let sections = sections(mask).into_iter();
    sections.map(|section| section as i32).collect()
}

fn reason(status: &Status) -> String {
    Refused::read(status).reason
}

/// A call as an agency's person, answered or refused.
macro_rules! call {
    ($both:ident, $who:expr, $user:expr, $service:ident . $method:ident, $request:expr) => {{
        let request = $both.world.seal_for(
            NAMES[$who],
            $user,
            &path(stringify!($service), stringify!($method)),
            $request,
        );
        let mut client = paste_client!($service, $both);
        client
            .$method(request)
            .await
            .map(tonic::Response::into_inner)
    }};
}

macro_rules! paste_client {
    (Referral, $both:ident) => {
        ReferralServiceClient::new($both.world.here.clone())
    };
    (Consent, $both:ident) => {
        ConsentServiceClient::new($both.world.here.clone())
    };
    (Agreement, $both:ident) => {
        AgreementServiceClient::new($both.world.here.clone())
    };
    (BreakGlass, $both:ident) => {
        BreakGlassServiceClient::new($both.world.here.clone())
    };
}

fn path(service: &str, method: &str) -> String {
    let words = method.split('_');
    let camel: String = words
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect();
    format!("/casenet.v1.{service}Service/{camel}")
}

impl Both {
    pub async fn new() -> Self {
        let world = World::new().await;
        let case = world.register(NAMES[0]).await.name;
        let began = host::Clock::now(&world.clock);
        Self {
            world,
            model: Model::new(),
            case,
            began,
            consents: Vec::new(),
            referrals: Vec::new(),
            agreement: None,
            asked: 0,
            last: None,
            pools: 0,
        }
    }

    fn millis(&self, at: Option<&prost_types::Timestamp>) -> Option<i64> {
        Some((from_timestamp(at?)? - self.began).num_milliseconds())
    }

    fn in_days(&self, days: Option<i64>) -> Option<prost_types::Timestamp> {
        let now = self.began + TimeDelta::milliseconds(self.model.now);
        days.map(|days| to_timestamp(now + TimeDelta::days(days)))
    }

    fn who(&self, by: By, which: usize) -> Who {
        match by {
            By::Sender => self.model.referrals[which].from,
            By::Receiver => self.model.referrals[which].to,
            By::Lead => self.model.lead,
            By::Anybody(who) => who,
        }
    }

    fn next_id(&mut self) -> String {
        self.asked += 1;
        format!("r{}", self.asked)
    }

    /// Both do it; what they say of it must be the same.
    pub async fn go(&mut self, act: Act) {
        match act {
            Act::Consent {
                recipients,
                sections: mask,
                days,
            } => {
                self.consent(&recipients, mask, days).await;
            }
            Act::Withdraw { which, through } => self.withdraw(which, through).await,
            Act::Draft {
                from,
                to,
                handover,
                duty,
                which_consent,
                scope,
                access_days,
                respond_days,
                again,
            } => {
                let from = self.drafter(from);
                let consent = if duty || self.consents.is_empty() {
                    None
                } else {
                    Some(which_consent % self.consents.len())
                };
                if from == to || scope == 0 {
                    return;
                }
                let header = self.header(
                    from,
                    to,
                    handover,
                    consent,
                    scope,
                    access_days,
                    respond_days,
                );
                self.draft(header, again, access_days, respond_days).await;
            }
            Act::Pool {
                from,
                which_consent,
                scope,
            } => {
                if self.consents.is_empty() || scope == 0 {
                    return;
                }
                let from = self.drafter(from);
                let consent = Some(which_consent % self.consents.len());
                let header = self.header(from, AGENCIES, false, consent, scope, None, None);
                self.pool(header).await;
            }
            Act::Event {
                which,
                event,
                by,
                user,
            } => {
                if let Some(which) = self.pick(which) {
                    let who = self.who(by, which);
                    let said = self.model.step(which, event, who, user);
                    let call = Call::Referral(
                        event,
                        self.referrals[which].clone(),
                        who,
                        user,
                        None,
                        Vec::new(),
                    );
                    drop(self.compare(call, said).await);
                }
            }
            Act::Next { which, pick } => {
                if let Some(which) = self.pick(which) {
                    self.next(which, pick).await;
                }
            }
            Act::Provide { which, by, added } => {
                if let Some(which) = self.pick(which) {
                    self.provide(which, by, added).await;
                }
            }
            Act::Extend { which, by, days } => {
                if let Some(which) = self.pick(which) {
                    self.extend(which, by, days).await;
                }
            }
            Act::Contest { which, by } => {
                if let Some(which) = self.pick(which) {
                    self.contest(which, by).await;
                }
            }
            Act::Agree {
                sections,
                days,
                onward,
            } => self.agree_on(sections, days, onward).await,
            Act::EndAgreement => self.end_agreement().await,
            Act::BreakGlass {
                who,
                sections,
                hours,
            } => self.break_glass(who, sections, hours).await,
            Act::Advance { hours } => self.advance(hours),
            Act::Stop { hours } => {
                self.world.stop().await;
                self.advance(hours);
                self.world.start().await;
            }
            Act::Repeat => self.repeat().await,
            Act::Race { which, events, by } => {
                if let Some(which) = self.pick(which) {
                    self.race(which, events, by).await;
                }
            }
        }
    }

    async fn next(&mut self, which: usize, pick: usize) {
        let referral = &self.model.referrals[which];
        let parts = [referral.from, referral.to, self.model.lead];
        let mut legal = Vec::new();
        let more = ["provide-information", "extend", "contest"];
        for event in EVENTS.into_iter().chain(more) {
            let who = parts.iter().copied();
            let mut who = who.filter(|who| self.model.legal(which, event, *who, 0).is_ok());
            // What goes on is tried more often than what ends.
            let times = match event {
                "withdraw" | "authority-revoked" | "mark-error" | "complete" | "fail" => 1,
                "provide-information" | "resume" => 16,
                _ => 4,
            };
            legal.extend(
                who.next()
                    .into_iter()
                    .flat_map(|who| vec![(event, who); times]),
            );
        }
        if legal.is_empty() {
            return;
        }
        let (event, who) = legal[pick % legal.len()];
        let by = By::Anybody(who);
        match event {
            "provide-information" => return self.provide(which, by, 0b1001).await,
            "extend" => return self.extend(which, by, 20).await,
            "contest" => return self.contest(which, by).await,
            _ => {}
        }
        let said = self.model.step(which, event, who, 0);
        let name = self.referrals[which].clone();
        let call = Call::Referral(event, name, who, 0, None, Vec::new());
        drop(self.compare(call, said).await);
    }

    async fn provide(&mut self, which: usize, by: By, added: u8) {
        let who = self.who(by, which);
        let added = numbers(added);
        let said = self.model.provide(which, who, &added);
        let name = self.referrals[which].clone();
        let added = added.into_iter().collect();
        let call = Call::Referral("provide-information", name, who, 0, None, added);
        drop(self.compare(call, said).await);
    }

    async fn extend(&mut self, which: usize, by: By, days: i64) {
        let who = self.who(by, which);
        let said = self.model.extend(which, who, days);
        let until = self.model.now + days * DAY;
        let name = self.referrals[which].clone();
        let call = Call::Referral("extend", name, who, 0, Some(until), Vec::new());
        drop(self.compare(call, said).await);
    }

    async fn contest(&mut self, which: usize, by: By) {
        let who = self.who(by, which);
        let said = self.model.contest(which, who);
        let name = self.referrals[which].clone();
        let call = Call::Referral("contest", name, who, 0, None, Vec::new());
        let made = said.is_ok();
        let answer = self.compare(call, said.map(|_| ())).await;
        if made {
            self.referrals.push(answer.unwrap().name);
        }
    }

    fn drafter(&self, from: Drafter) -> Who {
        match from {
            Drafter::Lead => self.model.lead,
            Drafter::Worker(pick) => {
                let grants = self.model.grants.iter();
                let working = grants.filter(|g| g.stage == GrantStage::Working);
                let workers: Vec<Who> = working.map(|g| g.agency).collect();
                let none = self.model.lead;
                workers
                    .get(pick % workers.len().max(1))
                    .copied()
                    .unwrap_or(none)
            }
            Drafter::Anybody(who) => who,
        }
    }

    fn pick(&self, which: usize) -> Option<usize> {
        // Mostly one of the newest: the old ones have ended.
        let count = self.referrals.len();
        let back = if which < 9 { which % 3 } else { which };
        (count > 0).then(|| count - 1 - back % count)
    }

    fn advance(&mut self, hours: i64) {
        self.model.advance(hours * 3_600_000);
        self.world.clock.advance(TimeDelta::hours(hours));
    }

    async fn consent(&mut self, recipients: &[Who], mask: u8, days: Option<i64>) {
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

    async fn withdraw(&mut self, which: usize, through: Who) {
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
    fn header(
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

    async fn draft(
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

    async fn pool(&mut self, header: Referral) {
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

    /// The service's own outcome of a call must be what the model said.
    async fn compare(
        &mut self,
        call: Call,
        said: Result<(), &'static str>,
    ) -> Result<pb::Referral, Status> {
        let id = self.next_id();
        let done = self.ask(&call, &id).await;
        let outcome = done.as_ref().map(|_| ()).map_err(reason);
        assert_eq!(outcome, said.map_err(str::to_owned), "{call:?}");
        self.last = Some((call, id, done.clone()));
        done
    }

    async fn ask(&self, call: &Call, id: &str) -> Result<pb::Referral, Status> {
        let Call::Referral(event, name, who, user, until, added) = call;
        let (name, who, user, request_id) = (name.clone(), *who, *user, id.to_owned());
        macro_rules! step {
            ($method:ident, $request:ident $(, $field:ident: $value:expr)*) => {
                call!(self, who, user, Referral.$method, pb::$request {
                    name, request_id, $($field: $value,)* ..Default::default()
                })
            };
        }
        match *event {
            "send" => step!(send_referral, SendReferralRequest),
            "acknowledge" => step!(acknowledge_referral, AcknowledgeReferralRequest),
            "accept" => step!(accept_referral, AcceptReferralRequest),
            "reject" => step!(reject_referral, RejectReferralRequest, reason: "capacity".into()),
            "contest" => step!(contest_referral, ContestReferralRequest, reason: "again".into()),
            "start" => step!(start_referral, StartReferralRequest),
            "ask-information" => {
                step!(ask_information, AskInformationRequest, question: "what?".into())
            }
            "provide-information" => step!(
                provide_information, ProvideInformationRequest,
                answer: "this".into(), added_scope: added.clone()
            ),
            "await-third-party" => {
                step!(await_third_party, AwaitThirdPartyRequest, reason: "reply".into())
            }
            "hold" => step!(hold_referral, HoldReferralRequest, reason: "leave".into()),
            "resume" => step!(resume_referral, ResumeReferralRequest),
            "complete" => step!(complete_referral, CompleteReferralRequest, outcome: "done".into()),
            "fail" => step!(fail_referral, FailReferralRequest, reason: "not_found".into()),
            "acknowledge-outcome" => step!(acknowledge_outcome, AcknowledgeOutcomeRequest),
            "withdraw" => {
                step!(withdraw_referral, WithdrawReferralRequest, reason: "changed".into())
            }
            "extend" => step!(
                extend_referral, ExtendReferralRequest,
                access_until: until.map(|at| to_timestamp(self.began + TimeDelta::milliseconds(at)))
            ),
            "reopen" => step!(reopen_referral, ReopenReferralRequest, reason: "new_facts".into()),
            "authority-revoked" => {
                step!(revoke_referral, RevokeReferralRequest, reason: "ended".into())
            }
            "mark-error" => {
                step!(mark_referral_error, MarkReferralErrorRequest, reason: "wrong".into())
            }
            other => panic!("no such event: {other}"),
        }
    }

    /// A repeated request has one effect and the first answer.
    async fn repeat(&mut self) {
        let Some((call, id, Ok(first))) = self.last.clone() else {
            return;
        };
        let again = self.ask(&call, &id).await.unwrap();
        assert_eq!(again, first, "{call:?}");
    }

    /// Two at once come out as one after the other, in one order or the other.
    async fn race(&mut self, which: usize, events: [&'static str; 2], by: [By; 2]) {
        let who = by.map(|by| self.who(by, which));
        let name = &self.referrals[which];
        let call =
            |at: usize| Call::Referral(events[at], name.clone(), who[at], at, None, Vec::new());
        let (one, other) = (call(0), call(1));
        let ids = [self.asked + 1, self.asked + 2].map(|n| format!("r{n}"));
        let (first, second) = tokio::join!(self.ask(&one, &ids[0]), self.ask(&other, &ids[1]));
        self.asked += 2;
        let outcome =
            |done: &Result<pb::Referral, Status>| done.as_ref().map(|_| ()).map_err(reason);
        let outcomes = [outcome(&first), outcome(&second)];
        let stands = self.stands().await;
        for order in [[0, 1], [1, 0]] {
            let mut trial = self.model.clone();
            let mut said = [Ok(()), Ok(())];
            for at in order {
                said[at] = trial
                    .step(which, events[at], who[at], at)
                    .map_err(str::to_owned);
            }
            if said == outcomes && describe(&trial) == stands {
                self.model = trial;
                return;
            }
        }
        panic!("{events:?} by {who:?} at once: {outcomes:?} is neither order");
    }

    async fn agree_on(&mut self, mask: u8, days: Option<i64>, onward: bool) {
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
        self.model.agreement = Some(super::model::Agreement {
            sections: numbers(mask),
            days,
            onward,
            ended: false,
        });
    }

    async fn end_agreement(&mut self) {
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

    async fn break_glass(&mut self, who: Who, mask: u8, hours: i64) {
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

    /// Service and model stand at the same place, and what must always hold does.
    pub async fn agree(&self) {
        let stands = self.stands().await;
        assert_eq!(stands, describe(&self.model));
        self.invariants();
    }

    /// What the service says: lead, grants in force, every referral's course.
    async fn stands(&self) -> Vec<String> {
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
                let ends = |g: &super::model::Grant| g.until.unwrap_or(i64::MAX);
                assert!(ends(grant) <= ends(parent));
            }
        }
        for pool in 1..=self.pools {
            let won = model.referrals.iter().filter(|r| r.pool == Some(pool));
            let won = won.filter(|r| r.steps.iter().any(|(event, _)| *event == "accept"));
            assert!(won.count() <= 1, "one winner in a pool");
        }
        assert!(COURT < AGENCIES);
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
            let now = (self.began + TimeDelta::milliseconds(self.model.now)).timestamp_millis();
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
fn describe(model: &Model) -> Vec<String> {
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

//! Service and model side by side.

use chrono::{DateTime, TimeDelta, Utc};
use host::Refused;
use host::clock::{from_timestamp, to_timestamp};
use proto::v1::{self as pb, GrantStage, Section};
use tonic::Status;

use super::act::{Act, By, Drafter, EVENTS};
use super::model::{AGENCIES, DAY, Model, Sections, Who};
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
        let mut client = client!($both.world, $service);
        client
            .$method(request)
            .await
            .map(tonic::Response::into_inner)
    }};
}

fn path(service: &str, method: &str) -> String {
    let words = method.split('_');
    let camel: String = words
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect();
    format!("/casenet.v1.{service}Service/{camel}")
}

mod asks;
mod say;

use self::say::describe;

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
            "extend" => return self.extend(which, by, 250).await,
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
}

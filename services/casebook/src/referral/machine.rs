//! THE table: which event is legal in which state, who may cause it, and what
//! it does to access. Pure; guard errors, `allowed_events` and the page
//! `docs/referrals.md` are read from it.
//!
//! Source: FHIR R4 Task (states), the referral design.

use chrono::TimeDelta;
use host::Refusal;
use proto::v1::{ErrorReason, ReferralState as State};

/// What can happen to a referral.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Event {
    /// The draft is sent.
    Send,
    /// The receiver's system has it.
    Acknowledge,
    /// The receiver will do it.
    Accept,
    /// The receiver will not do it.
    Reject,
    /// The rejection is contested: another referral takes its place.
    Contest,
    /// The receiver begins.
    Start,
    /// The receiver needs to know something.
    AskInformation,
    /// The sender answers, perhaps with more sections.
    ProvideInformation,
    /// The receiver waits for somebody else.
    AwaitThirdParty,
    /// The receiver pauses.
    Hold,
    /// The receiver goes on.
    Resume,
    /// The receiver is done.
    Complete,
    /// The receiver tried without success.
    Fail,
    /// The sender has taken note of the outcome.
    AcknowledgeOutcome,
    /// The sender calls it off.
    Withdraw,
    /// Access lasts longer.
    Extend,
    /// Work begins again.
    Reopen,
    /// One person says that it should never have been.
    ProposeError,
    /// A second person says so too.
    MarkError,
    /// The authority that it rests on has ended.
    Revoke,
    /// The consent that it rests on was withdrawn.
    ConsentWithdrawn,
    /// Another candidate of the pool was first.
    NotSelected,
    /// The referral that its sender worked under has ended.
    ParentEnded,
    /// Nobody answered in time.
    Expire,
    /// Access ended by time; what was promised stays to be done.
    AccessEnded,
}

/// Who may cause an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Actor {
    /// The agency that sent it.
    Sender,
    /// The agency that received it.
    Receiver,
    /// The agency that leads the case.
    Lead,
    /// The worker, through any agency.
    Worker,
    /// Time.
    Clock,
    /// Another step of which this one is the consequence.
    Consequence,
}

/// What an event does to the receiver's access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Nothing.
    Same,
    /// Triage access begins.
    Triage,
    /// Triage or residual access ends, working access begins.
    Working,
    /// Working access names more sections.
    Widened,
    /// Working access lasts longer.
    Longer,
    /// All access ends.
    None,
    /// Triage access ends; working access becomes residual.
    Residual,
}

/// What else must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Nothing.
    Always,
    /// It is no accepted handover: the lead does not come back by this.
    NotHandedOver,
    /// The receiver waits for something.
    Waiting,
    /// The receiver waits for an answer of the sender.
    Asked,
    /// Not contested yet, and within the window for it.
    Contestable,
    /// Within 30 days of its end.
    Reopenable,
    /// One person has proposed it.
    Proposed,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) event: Event,
    pub(crate) from: &'static [State],
    /// `None`: the state stays.
    pub(crate) to: Option<State>,
    pub(crate) by: &'static [Actor],
    pub(crate) when: When,
    pub(crate) access: Access,
}

/// What the table needs to know of a referral.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Position {
    pub(crate) state: State,
    pub(crate) waiting: bool,
    pub(crate) asked: bool,
    /// A handover that was accepted.
    pub(crate) handed_over: bool,
    pub(crate) contested: bool,
    pub(crate) error_proposed: bool,
    /// Time since it came into its present state.
    pub(crate) age: TimeDelta,
    /// How long a rejection can be contested.
    pub(crate) contest_window: TimeDelta,
}

/// How long after its end a referral can be reopened.
pub(crate) const REOPEN_WINDOW: TimeDelta = TimeDelta::days(30);

const UNANSWERED: &[State] = &[State::Requested, State::Received];
const AT_WORK: &[State] = &[State::Accepted, State::InProgress, State::OnHold];
const DONE: &[State] = &[State::Completed, State::Failed];

/// States in which something is still to come.
pub(crate) const OPEN: &[State] = &[
    State::Draft,
    State::Requested,
    State::Received,
    State::Accepted,
    State::InProgress,
    State::OnHold,
];

const ANY: &[State] = &[
    State::Draft,
    State::Requested,
    State::Received,
    State::Accepted,
    State::InProgress,
    State::OnHold,
    State::Completed,
    State::Failed,
    State::Rejected,
    State::Cancelled,
    State::Expired,
];

const fn row(
    event: Event,
    from: &'static [State],
    to: Option<State>,
    by: &'static [Actor],
    access: Access,
) -> Row {
    Row {
        event,
        from,
        to,
        by,
        when: When::Always,
        access,
    }
}

impl Row {
    const fn when(self, when: When) -> Self {
        Self { when, ..self }
    }
}

/// Every transition there is.
#[rustfmt::skip]
pub(crate) const TABLE: &[Row] = &[
    row(Event::Send, &[State::Draft], Some(State::Requested), &[Actor::Sender], Access::Triage),
    row(Event::Acknowledge, &[State::Requested], Some(State::Received), &[Actor::Receiver], Access::Same),
    row(Event::Accept, UNANSWERED, Some(State::Accepted), &[Actor::Receiver], Access::Working),
    row(Event::Reject, UNANSWERED, Some(State::Rejected), &[Actor::Receiver], Access::None),
    row(Event::Contest, &[State::Rejected], None, &[Actor::Lead], Access::Same).when(When::Contestable),
    row(Event::Expire, UNANSWERED, Some(State::Expired), &[Actor::Clock], Access::None),
    row(Event::NotSelected, UNANSWERED, Some(State::Cancelled), &[Actor::Consequence], Access::None),
    row(Event::Withdraw, &[State::Draft, State::Requested, State::Received], Some(State::Cancelled), &[Actor::Sender], Access::None),
    row(Event::Start, &[State::Accepted], Some(State::InProgress), &[Actor::Receiver], Access::Same),
    row(Event::AskInformation, &[State::InProgress], None, &[Actor::Receiver], Access::Same),
    row(Event::ProvideInformation, &[State::InProgress], None, &[Actor::Sender], Access::Widened).when(When::Asked),
    row(Event::AwaitThirdParty, &[State::InProgress], None, &[Actor::Receiver], Access::Same),
    row(Event::Hold, &[State::Accepted, State::InProgress], Some(State::OnHold), &[Actor::Receiver], Access::Same),
    row(Event::Resume, &[State::OnHold], Some(State::InProgress), &[Actor::Receiver], Access::Same),
    row(Event::Resume, &[State::InProgress], None, &[Actor::Receiver], Access::Same).when(When::Waiting),
    row(Event::Complete, AT_WORK, Some(State::Completed), &[Actor::Receiver], Access::Residual),
    row(Event::Fail, AT_WORK, Some(State::Failed), &[Actor::Receiver], Access::Residual),
    row(Event::Withdraw, AT_WORK, Some(State::Cancelled), &[Actor::Sender], Access::Residual).when(When::NotHandedOver),
    row(Event::AccessEnded, AT_WORK, None, &[Actor::Clock], Access::None),
    row(Event::Extend, AT_WORK, None, &[Actor::Sender], Access::Longer).when(When::NotHandedOver),
    row(Event::ParentEnded, OPEN, Some(State::Cancelled), &[Actor::Consequence], Access::None),
    row(Event::ConsentWithdrawn, OPEN, Some(State::Cancelled), &[Actor::Worker], Access::None),
    row(Event::Revoke, OPEN, Some(State::Cancelled), &[Actor::Lead], Access::None).when(When::NotHandedOver),
    row(Event::AcknowledgeOutcome, DONE, None, &[Actor::Sender], Access::Same),
    row(Event::Reopen, DONE, Some(State::InProgress), &[Actor::Sender, Actor::Receiver], Access::Working).when(When::Reopenable),
    row(Event::ProposeError, ANY, None, &[Actor::Sender], Access::Same).when(When::NotHandedOver),
    row(Event::MarkError, ANY, Some(State::EnteredInError), &[Actor::Sender], Access::None).when(When::Proposed),
];

impl Event {
    /// The event's name in records, feeds and refusals.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Acknowledge => "acknowledge",
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Contest => "contest",
            Self::Start => "start",
            Self::AskInformation => "ask-information",
            Self::ProvideInformation => "provide-information",
            Self::AwaitThirdParty => "await-third-party",
            Self::Hold => "hold",
            Self::Resume => "resume",
            Self::Complete => "complete",
            Self::Fail => "fail",
            Self::AcknowledgeOutcome => "acknowledge-outcome",
            Self::Withdraw => "withdraw",
            Self::Extend => "extend",
            Self::Reopen => "reopen",
            Self::ProposeError => "propose-error",
            Self::MarkError => "mark-error",
            Self::Revoke => "authority-revoked",
            Self::ConsentWithdrawn => "consent-withdrawn",
            Self::NotSelected => "not-selected",
            Self::ParentEnded => "parent-ended",
            Self::Expire => "expire",
            Self::AccessEnded => "access-ended",
        }
    }
}

/// A state's name in records, feeds and refusals (FHIR's, with its hyphens).
pub(crate) fn state_name(state: State) -> &'static str {
    match state {
        State::Unspecified => "unknown",
        State::Draft => "draft",
        State::Requested => "requested",
        State::Received => "received",
        State::Accepted => "accepted",
        State::InProgress => "in-progress",
        State::OnHold => "on-hold",
        State::Completed => "completed",
        State::Failed => "failed",
        State::Rejected => "rejected",
        State::Cancelled => "cancelled",
        State::Expired => "expired",
        State::EnteredInError => "entered-in-error",
    }
}

impl When {
    fn holds(self, at: &Position) -> bool {
        match self {
            Self::Always => true,
            Self::NotHandedOver => !at.handed_over,
            Self::Waiting => at.waiting,
            Self::Asked => at.asked,
            Self::Contestable => !at.contested && at.age < at.contest_window,
            Self::Reopenable => at.age < REOPEN_WINDOW,
            Self::Proposed => at.error_proposed && !at.handed_over,
        }
    }

    /// The refusal where the state is right and this is not.
    fn refusal(self, at: &Position, allowed: Vec<&'static str>) -> Refusal {
        let message = match self {
            Self::NotHandedOver => {
                "the case has been handed over; ask its lead to hand it back".to_owned()
            }
            Self::Contestable if at.contested => "the rejection was contested already".to_owned(),
            Self::Contestable => format!(
                "a rejection is contested within {} days",
                at.contest_window.num_days()
            ),
            Self::Reopenable => "a referral is reopened within 30 days of its end".to_owned(),
            Self::Always | Self::Waiting | Self::Asked | Self::Proposed => {
                let now = state_name(at.state);
                return Refusal::wrong_state(ErrorReason::WrongState, "the referral", now, allowed);
            }
        };
        let reason = match self {
            Self::Contestable | Self::Reopenable if !at.contested => ErrorReason::TooLate,
            _ => ErrorReason::WrongState,
        };
        let mut refusal = Refusal::precondition(reason, message)
            .with("state", state_name(at.state))
            .with("allowed", allowed.join(", "));
        refusal.allowed = allowed.into_iter().map(str::to_owned).collect();
        refusal
    }
}

/// The row for an event, caused by one who plays these parts. NOT_SENDER,
/// NOT_RECEIVER or NOT_ALLOWED if it is not theirs to cause; WRONG_STATE with
/// the events that are legal for them now; TOO_LATE.
pub(crate) fn step(at: &Position, event: Event, parts: &[Actor]) -> Result<&'static Row, Refusal> {
    let rows = || TABLE.iter().filter(|row| row.event == event);
    let theirs = |row: &&Row| row.by.iter().any(|actor| parts.contains(actor));
    if !rows().any(|row| theirs(&row)) {
        return Err(not_theirs(rows().next().and_then(|row| row.by.first())));
    }
    let here = rows().find(|row| theirs(row) && row.from.contains(&at.state));
    match here {
        Some(row) if row.when.holds(at) => Ok(row),
        Some(row) => Err(row.when.refusal(at, allowed(at, parts))),
        None => Err(When::Always.refusal(at, allowed(at, parts))),
    }
}

fn not_theirs(whose: Option<&Actor>) -> Refusal {
    let (reason, whose) = match whose {
        Some(Actor::Receiver) => (
            ErrorReason::NotReceiver,
            "only the agency that received the referral may do this",
        ),
        Some(Actor::Sender) => (
            ErrorReason::NotSender,
            "only the agency that sent the referral may do this",
        ),
        _ => (
            ErrorReason::NotAllowed,
            "only the agency that leads the case may do this",
        ),
    };
    Refusal::denied(reason, whose)
}

/// The events that one who plays these parts may cause now.
pub(crate) fn allowed(at: &Position, parts: &[Actor]) -> Vec<&'static str> {
    let mut events = Vec::new();
    for row in TABLE {
        let is_theirs = row.by.iter().any(|actor| parts.contains(actor));
        let is_legal = row.from.contains(&at.state) && row.when.holds(at);
        if is_theirs && is_legal && !events.contains(&row.event.name()) {
            events.push(row.event.name());
        }
    }
    events
}

//! THE table: which event is legal in which state, who may cause it, and what
//! it does to access. Pure; guard errors, `allowed_events` and the
//! documentation are read from it.
//!
//! Source: FHIR R4 Task (states), the referral design.

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
    /// The receiver begins.
    Start,
    /// The receiver is done.
    Complete,
    /// The sender calls it off.
    Withdraw,
    /// The consent that it rests on was withdrawn.
    ConsentWithdrawn,
}

/// Who may cause an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Actor {
    /// The agency that sent it.
    Sender,
    /// The agency that received it.
    Receiver,
    /// The worker, through any agency.
    Worker,
}

/// What an event does to the receiver's access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Nothing.
    Same,
    /// Triage access begins.
    Triage,
    /// Triage access ends, working access begins.
    Working,
    /// All access ends.
    None,
    /// Triage access ends; working access becomes residual.
    Residual,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) event: Event,
    pub(crate) from: &'static [State],
    pub(crate) to: State,
    pub(crate) by: Actor,
    pub(crate) access: Access,
}

/// Every transition there is.
pub(crate) const TABLE: &[Row] = &[
    Row {
        event: Event::Send,
        from: &[State::Draft],
        to: State::Requested,
        by: Actor::Sender,
        access: Access::Triage,
    },
    Row {
        event: Event::Acknowledge,
        from: &[State::Requested],
        to: State::Received,
        by: Actor::Receiver,
        access: Access::Same,
    },
    Row {
        event: Event::Accept,
        from: &[State::Requested, State::Received],
        to: State::Accepted,
        by: Actor::Receiver,
        access: Access::Working,
    },
    Row {
        event: Event::Reject,
        from: &[State::Requested, State::Received],
        to: State::Rejected,
        by: Actor::Receiver,
        access: Access::None,
    },
    Row {
        event: Event::Start,
        from: &[State::Accepted],
        to: State::InProgress,
        by: Actor::Receiver,
        access: Access::Same,
    },
    Row {
        event: Event::Complete,
        from: &[State::Accepted, State::InProgress],
        to: State::Completed,
        by: Actor::Receiver,
        access: Access::Residual,
    },
    Row {
        event: Event::Withdraw,
        from: &[State::Draft, State::Requested, State::Received],
        to: State::Cancelled,
        by: Actor::Sender,
        access: Access::None,
    },
    Row {
        event: Event::Withdraw,
        from: &[State::Accepted, State::InProgress, State::OnHold],
        to: State::Cancelled,
        by: Actor::Sender,
        access: Access::Residual,
    },
    Row {
        event: Event::ConsentWithdrawn,
        from: OPEN,
        to: State::Cancelled,
        by: Actor::Worker,
        access: Access::None,
    },
];

/// States in which something is still to come.
pub(crate) const OPEN: &[State] = &[
    State::Draft,
    State::Requested,
    State::Received,
    State::Accepted,
    State::InProgress,
    State::OnHold,
];

impl Event {
    /// The event's name in records, feeds and refusals.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Acknowledge => "acknowledge",
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Start => "start",
            Self::Complete => "complete",
            Self::Withdraw => "withdraw",
            Self::ConsentWithdrawn => "consent-withdrawn",
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

/// The row for an event in a state, caused by `actor`. NOT_SENDER or
/// NOT_RECEIVER if it is not theirs to cause; WRONG_STATE with the events that
/// are legal for them now.
pub(crate) fn step(at: State, event: Event, actor: Actor) -> Result<&'static Row, Refusal> {
    let rows = TABLE.iter().filter(|row| row.event == event);
    let mut is_theirs = false;
    for row in rows {
        is_theirs |= row.by == actor;
        if row.by == actor && row.from.contains(&at) {
            return Ok(row);
        }
    }
    if !is_theirs {
        return Err(match actor {
            Actor::Receiver => Refusal::denied(
                ErrorReason::NotSender,
                "only the agency that sent the referral may do this",
            ),
            _ => Refusal::denied(
                ErrorReason::NotReceiver,
                "only the agency that received the referral may do this",
            ),
        });
    }
    Err(Refusal::wrong_state(
        ErrorReason::WrongState,
        "the referral",
        state_name(at),
        allowed(at, actor),
    ))
}

/// The events that `actor` may cause in a state.
pub(crate) fn allowed(at: State, actor: Actor) -> Vec<&'static str> {
    TABLE
        .iter()
        .filter(|row| row.by == actor && row.from.contains(&at))
        .map(|row| row.event.name())
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Access, Actor, Event, OPEN, State, TABLE, allowed, step};

    #[test]
    fn the_receiver_moves_fulfilment_and_only_the_sender_withdraws() {
        for event in [
            Event::Acknowledge,
            Event::Accept,
            Event::Reject,
            Event::Start,
            Event::Complete,
        ] {
            assert!(
                TABLE
                    .iter()
                    .filter(|r| r.event == event)
                    .all(|r| r.by == Actor::Receiver)
            );
        }
        let refusal = step(State::Accepted, Event::Withdraw, Actor::Receiver).unwrap_err();
        assert_eq!(refusal.reason, proto::v1::ErrorReason::NotSender);
    }

    #[test]
    fn a_wrong_state_names_what_is_legal() {
        let refusal = step(State::Completed, Event::Accept, Actor::Receiver).unwrap_err();
        assert!(refusal.allowed.is_empty());
        let refusal = step(State::Requested, Event::Start, Actor::Receiver).unwrap_err();
        assert_eq!(refusal.allowed, ["acknowledge", "accept", "reject"]);
    }

    #[test]
    fn nothing_leaves_a_terminal_state() {
        for row in TABLE {
            assert!(row.from.iter().all(|state| OPEN.contains(state)), "{row:?}");
        }
        assert!(allowed(State::Cancelled, Actor::Sender).is_empty());
    }

    #[test]
    fn an_end_never_leaves_triage_or_working_access() {
        for row in TABLE.iter().filter(|row| !OPEN.contains(&row.to)) {
            assert!(
                matches!(row.access, Access::None | Access::Residual),
                "{row:?}"
            );
        }
    }

    #[test]
    fn a_withdrawn_consent_ends_every_open_referral() {
        for state in OPEN {
            assert_eq!(
                step(*state, Event::ConsentWithdrawn, Actor::Worker)
                    .unwrap()
                    .access,
                Access::None
            );
        }
    }
}

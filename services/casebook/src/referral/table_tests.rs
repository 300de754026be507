//! The table holds what the design promises, and the page that shows it
//! (`docs/referrals.md`) is generated from it:
//! `CASENET_WRITE_DOCS=1 cargo test -p casebook table`.
#![allow(clippy::unwrap_used)]

mod page;

use chrono::TimeDelta;
use proto::v1::{ErrorReason, ReferralState as State};

use super::machine::{
    Access, Actor, Event, OPEN, Position, REOPEN_WINDOW, Row, TABLE, When, allowed, state_name,
    step,
};

const ACTORS: [Actor; 6] = [
    Actor::Sender,
    Actor::Receiver,
    Actor::Lead,
    Actor::Worker,
    Actor::Clock,
    Actor::Consequence,
];

/// Every state there is.
fn states() -> impl Iterator<Item = State> {
    (1..=12).map(|number| State::try_from(number).unwrap())
}

/// Freshly in a state, with nothing else true of it.
fn fresh(state: State) -> Position {
    Position {
        state,
        waiting: false,
        asked: false,
        handed_over: false,
        contested: false,
        error_proposed: false,
        age: TimeDelta::zero(),
        contest_window: TimeDelta::days(10),
    }
}

/// Every position that the table can tell from another.
fn positions() -> impl Iterator<Item = Position> {
    let ages = [TimeDelta::zero(), TimeDelta::days(10), REOPEN_WINDOW];
    states().flat_map(move |state| {
        (0..32_u8).flat_map(move |bits| {
            ages.map(|age| Position {
                waiting: bits & 1 > 0,
                asked: bits & 2 > 0,
                handed_over: bits & 4 > 0,
                contested: bits & 8 > 0,
                error_proposed: bits & 16 > 0,
                age,
                ..fresh(state)
            })
        })
    })
}

fn is_at_work(state: State) -> bool {
    matches!(state, State::Accepted | State::InProgress | State::OnHold)
}

fn rows(holds: impl Fn(&Row) -> bool) -> Vec<&'static Row> {
    TABLE.iter().filter(|row| holds(row)).collect()
}

#[test]
fn only_the_receiver_moves_fulfilment() {
    let moves = |row: &Row| {
        let fulfils = row.to.is_some_and(|to| {
            is_at_work(to) || matches!(to, State::Completed | State::Failed | State::Received)
        });
        fulfils && row.event != Event::Reopen
    };
    let fulfilment = rows(moves);
    assert_eq!(fulfilment.len(), 7);
    for row in fulfilment {
        assert_eq!(row.by, [Actor::Receiver], "{row:?}");
    }
}

#[test]
fn only_the_sender_withdraws_and_only_the_clock_expires() {
    for row in rows(|row| row.event == Event::Withdraw) {
        assert_eq!(row.by, [Actor::Sender]);
    }
    for row in rows(|row| row.to == Some(State::Expired)) {
        assert_eq!(
            (row.event, row.by),
            (Event::Expire, [Actor::Clock].as_slice())
        );
    }
}

#[test]
fn nothing_leaves_a_terminal_state_but_what_the_design_lists() {
    for row in TABLE {
        for from in row.from.iter().filter(|from| !OPEN.contains(from)) {
            let may = match row.event {
                Event::Reopen => {
                    row.to == Some(State::InProgress)
                        && matches!(from, State::Completed | State::Failed)
                }
                Event::Contest => row.to.is_none() && *from == State::Rejected,
                Event::AcknowledgeOutcome => {
                    row.to.is_none() && matches!(from, State::Completed | State::Failed)
                }
                Event::ProposeError => row.to.is_none(),
                Event::MarkError => row.to == Some(State::EnteredInError),
                _ => false,
            };
            assert!(may, "{row:?} leaves {from:?}");
        }
    }
    assert!(rows(|row| row.from.contains(&State::EnteredInError)).is_empty());
}

#[test]
fn an_end_never_leaves_triage_or_working_access() {
    for row in TABLE {
        let Some(to) = row.to else { continue };
        if OPEN.contains(&to) {
            continue;
        }
        assert!(
            matches!(row.access, Access::None | Access::Residual),
            "{row:?} ends and leaves {:?}",
            row.access
        );
        // Residual access is what remains of work, and of nothing else.
        if row.access == Access::Residual {
            assert!(row.from.iter().all(|from| is_at_work(*from)), "{row:?}");
        }
    }
}

#[test]
fn access_begins_by_sending_accepting_and_reopening_alone() {
    let begins = rows(|row| matches!(row.access, Access::Triage | Access::Working));
    let begins: Vec<Event> = begins.iter().map(|row| row.event).collect();
    assert_eq!(begins, [Event::Send, Event::Accept, Event::Reopen]);
    let grows = rows(|row| matches!(row.access, Access::Widened | Access::Longer));
    for row in grows {
        // By who shares, never by who receives.
        assert_eq!(row.by, [Actor::Sender], "{row:?}");
        assert!(row.from.iter().all(|from| is_at_work(*from)), "{row:?}");
    }
}

#[test]
fn a_withdrawn_consent_ends_every_open_referral_handed_over_or_not() {
    for at in positions() {
        let ended = step(&at, Event::ConsentWithdrawn, &[Actor::Worker]);
        assert_eq!(ended.is_ok(), OPEN.contains(&at.state), "{at:?}");
        if let Ok(row) = ended {
            assert_eq!(row.to, Some(State::Cancelled));
            assert_eq!(row.access, Access::None);
        }
    }
}

#[test]
fn a_handover_that_was_accepted_is_not_taken_back() {
    for at in positions().filter(|at| at.handed_over && is_at_work(at.state)) {
        for event in [
            Event::Withdraw,
            Event::Revoke,
            Event::MarkError,
            Event::ProposeError,
        ] {
            let refused = step(&at, event, &[Actor::Sender, Actor::Lead]);
            assert!(refused.is_err(), "{event:?} at {at:?}");
        }
    }
}

#[test]
fn a_wrong_state_names_exactly_what_is_legal() {
    for at in positions() {
        for actor in ACTORS {
            let legal = allowed(&at, &[actor]);
            for row in TABLE.iter().filter(|row| row.by.contains(&actor)) {
                match step(&at, row.event, &[actor]) {
                    Ok(_) => assert!(legal.contains(&row.event.name()), "{row:?} at {at:?}"),
                    Err(refusal) => {
                        assert!(!legal.contains(&row.event.name()), "{row:?} at {at:?}");
                        assert_eq!(refusal.allowed, legal, "{row:?} at {at:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn who_may_never_cause_an_event_is_told_whose_it_is() {
    let at = fresh(State::Requested);
    let reason = |event, parts: &[Actor]| step(&at, event, parts).unwrap_err().reason;
    assert_eq!(
        reason(Event::Accept, &[Actor::Sender]),
        ErrorReason::NotReceiver
    );
    assert_eq!(
        reason(Event::Withdraw, &[Actor::Receiver]),
        ErrorReason::NotSender
    );
    assert_eq!(
        reason(Event::Revoke, &[Actor::Sender]),
        ErrorReason::NotAllowed
    );
}

#[test]
fn windows_close_at_their_moment_and_not_before() {
    let second = TimeDelta::seconds(1);
    let completed = |age| Position {
        age,
        ..fresh(State::Completed)
    };
    let reopen = |age| step(&completed(age), Event::Reopen, &[Actor::Sender]);
    assert!(reopen(REOPEN_WINDOW - second).is_ok());
    assert_eq!(
        reopen(REOPEN_WINDOW).unwrap_err().reason,
        ErrorReason::TooLate
    );
    let rejected = |age, contested| Position {
        age,
        contested,
        ..fresh(State::Rejected)
    };
    let contest = |age, contested| step(&rejected(age, contested), Event::Contest, &[Actor::Lead]);
    let window = TimeDelta::days(10);
    assert!(contest(window - second, false).is_ok());
    assert_eq!(
        contest(window, false).unwrap_err().reason,
        ErrorReason::TooLate
    );
    let again = contest(TimeDelta::zero(), true).unwrap_err();
    assert_eq!(again.reason, ErrorReason::WrongState);
}

#[test]
fn no_event_has_two_rows_for_the_same_place_and_condition() {
    for (at, one) in TABLE.iter().enumerate() {
        for other in &TABLE[at + 1..] {
            let overlap = one.from.iter().any(|state| other.from.contains(state));
            assert!(
                one.event != other.event || !overlap,
                "{one:?} and {other:?} both hold"
            );
        }
    }
    let proposed = rows(|row| row.when == When::Proposed);
    assert_eq!(proposed.len(), 1);
}

#[test]
fn every_state_is_reached_by_the_table() {
    let mut reached = vec![State::Draft];
    while let Some(row) = TABLE.iter().find(|row| {
        row.to.is_some_and(|to| !reached.contains(&to))
            && row.from.iter().any(|from| reached.contains(from))
    }) {
        reached.extend(row.to);
    }
    assert!(
        states().all(|state| reached.contains(&state)),
        "{reached:?}"
    );
}

#[test]
fn the_page_shows_the_table_as_it_is() {
    page::compare();
}

/// The kinds of the feed that steps of referrals have.
#[test]
fn the_guide_names_every_kind_of_news() {
    let guide = page::read("integrate.md");
    for row in TABLE {
        let what = row.to.map_or(row.event.name(), state_name);
        assert!(
            guide.contains(&format!("`referral.{what}`")) || guide.contains(&format!("`.{what}`")),
            "referral.{what} is not in docs/integrate.md"
        );
    }
}

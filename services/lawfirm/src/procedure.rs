//! Which step is legal when: the course of an engagement as a table.

use host::{Named, Procedure};
use proto::v1::CounselState;

/// Where the firm stands with a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Advice at most; no conflict check yet. Also where nothing is on file.
    Opened,
    /// The conflict check found nothing.
    Cleared,
    /// The conflict check found a conflict.
    Conflicted,
    /// The firm acts.
    Engaged,
    /// The firm did not take the case on, or gave it up.
    Declined,
    /// The engagement has ended.
    Closed,
}

/// A step, called as its method is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    CheckConflict,
    Engage,
    DeclineEngagement,
    AssignCounsel,
    RecordPowerOfAttorney,
    RecordCounselAct,
    RecordConsultation,
    WritePrivilegedNote,
    RecordSettlement,
    CloseEngagement,
}

/// The course of an engagement. `CheckConflict` leads where this table says
/// only if it finds nothing; a conflict leads to `Conflicted` from everywhere.
///
/// From `Conflicted` and `Declined` no advice is given: a firm does not advise
/// both sides (律师法 39). A closed or declined case needs a new check, since
/// the firm's other matters have moved on.
pub(crate) const PROCEDURE: Procedure<State, Step> = Procedure(&[
    (State::Opened, Step::CheckConflict, State::Cleared),
    (State::Opened, Step::RecordConsultation, State::Opened),
    (State::Opened, Step::DeclineEngagement, State::Declined),
    (State::Cleared, Step::Engage, State::Engaged),
    (State::Cleared, Step::DeclineEngagement, State::Declined),
    (State::Cleared, Step::CheckConflict, State::Cleared),
    (State::Cleared, Step::RecordConsultation, State::Cleared),
    (State::Conflicted, Step::DeclineEngagement, State::Declined),
    (State::Conflicted, Step::CheckConflict, State::Cleared),
    (State::Engaged, Step::AssignCounsel, State::Engaged),
    (State::Engaged, Step::RecordPowerOfAttorney, State::Engaged),
    (State::Engaged, Step::RecordCounselAct, State::Engaged),
    (State::Engaged, Step::RecordConsultation, State::Engaged),
    (State::Engaged, Step::WritePrivilegedNote, State::Engaged),
    (State::Engaged, Step::RecordSettlement, State::Engaged),
    (State::Engaged, Step::CheckConflict, State::Engaged),
    (State::Engaged, Step::CloseEngagement, State::Closed),
    (State::Declined, Step::CheckConflict, State::Cleared),
    (State::Closed, Step::CheckConflict, State::Cleared),
    (State::Closed, Step::RecordConsultation, State::Closed),
]);

impl State {
    /// Whether a case can come to the network at this state: not at an end, and
    /// not at a conflict, which only a check finds.
    pub(crate) fn is_under_way(self) -> bool {
        matches!(self, State::Opened | State::Cleared | State::Engaged)
    }

    /// The state as a file carries it.
    pub(crate) fn to_wire(self) -> CounselState {
        match self {
            State::Opened => CounselState::Opened,
            State::Cleared => CounselState::Cleared,
            State::Conflicted => CounselState::Conflicted,
            State::Engaged => CounselState::Engaged,
            State::Declined => CounselState::Declined,
            State::Closed => CounselState::Closed,
        }
    }

    /// The state that a file carries.
    pub(crate) fn of(wire: CounselState) -> State {
        match wire {
            CounselState::Unspecified | CounselState::Opened => State::Opened,
            CounselState::Cleared => State::Cleared,
            CounselState::Conflicted => State::Conflicted,
            CounselState::Engaged => State::Engaged,
            CounselState::Declined => State::Declined,
            CounselState::Closed => State::Closed,
        }
    }
}

impl Named for State {
    fn name(self) -> &'static str {
        match self {
            State::Opened => "opened",
            State::Cleared => "cleared",
            State::Conflicted => "conflicted",
            State::Engaged => "engaged",
            State::Declined => "declined",
            State::Closed => "closed",
        }
    }
}

impl Named for Step {
    fn name(self) -> &'static str {
        match self {
            Step::CheckConflict => "CheckConflict",
            Step::Engage => "Engage",
            Step::DeclineEngagement => "DeclineEngagement",
            Step::AssignCounsel => "AssignCounsel",
            Step::RecordPowerOfAttorney => "RecordPowerOfAttorney",
            Step::RecordCounselAct => "RecordCounselAct",
            Step::RecordConsultation => "RecordConsultation",
            Step::WritePrivilegedNote => "WritePrivilegedNote",
            Step::RecordSettlement => "RecordSettlement",
            Step::CloseEngagement => "CloseEngagement",
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use host::Named as _;
    use proto::v1::CounselState;

    use super::{PROCEDURE, State, Step};

    const STATES: [State; 6] = [
        State::Opened,
        State::Cleared,
        State::Conflicted,
        State::Engaged,
        State::Declined,
        State::Closed,
    ];

    #[test]
    fn nobody_engages_but_from_a_clear_check() {
        for state in STATES {
            let engages = PROCEDURE.next(state, Step::Engage);
            assert_eq!(engages.is_ok(), state == State::Cleared, "{state:?}");
        }
    }

    #[test]
    fn privileged_notes_settlements_and_acts_need_an_engagement() {
        let steps = [
            Step::AssignCounsel,
            Step::RecordPowerOfAttorney,
            Step::RecordCounselAct,
            Step::WritePrivilegedNote,
            Step::RecordSettlement,
            Step::CloseEngagement,
        ];
        for state in STATES {
            for step in steps {
                let legal = PROCEDURE.next(state, step);
                assert_eq!(legal.is_ok(), state == State::Engaged, "{state:?} {step:?}");
            }
        }
    }

    #[test]
    fn a_firm_in_conflict_gives_no_advice_and_must_decline() {
        let legal = PROCEDURE.legal(State::Conflicted);
        assert_eq!(legal, ["DeclineEngagement", "CheckConflict"]);
    }

    #[test]
    fn no_step_of_a_state_is_listed_twice_and_names_are_the_contracts() {
        for state in STATES {
            let legal = PROCEDURE.legal(state);
            let unique: std::collections::BTreeSet<_> = legal.iter().collect();
            assert_eq!(unique.len(), legal.len(), "{state:?}");

            let wire = state.to_wire();
            assert_eq!(State::of(wire), state);
            let name = wire
                .as_str_name()
                .strip_prefix("COUNSEL_STATE_")
                .unwrap()
                .to_lowercase();
            assert_eq!(name, state.name());
        }
        assert_eq!(State::of(CounselState::Unspecified), State::Opened);
    }
}

//! Which step is legal when: the course of a union's file as a table.

use host::{Named, Procedure};
use proto::v1::UnionState;

/// Where the file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// There is no file.
    Absent,
    /// Taken in and being screened.
    Intake,
    /// Accepted: a caseworker handles it.
    Handling,
    /// In mediation.
    Mediating,
    /// A mediation agreement has taken effect.
    Agreed,
    /// The employer has paid in full.
    Performed,
    /// The union did not take it on.
    Declined,
    /// The union's work has ended.
    Closed,
}

/// A step, called as its method is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    OpenIntake,
    AssignCaseworker,
    RecordInvestigation,
    DeclineCase,
    OpenMediation,
    HoldMediationSession,
    RecordMediationAgreement,
    RecordMediationFailure,
    RecordPerformance,
    IssueLetter,
    RecordLetterReply,
    RecordRepresentation,
    RequestLegalAid,
    RecordUrgentAppeal,
    CloseFile,
    ReopenFile,
}

/// The course of a union's file. `OpenMediation` leads where this table says
/// only with both sides' consent, `RecordPerformance` only if all is paid.
///
/// An agreement that is not performed does not lead back: the worker goes on to
/// arbitration (劳动争议调解仲裁法 15), and the union acts for the worker there.
/// A mediation is ended before the file is closed, so that it has an outcome.
#[rustfmt::skip]
pub(crate) const PROCEDURE: Procedure<State, Step> = Procedure(&[
    (State::Absent, Step::OpenIntake, State::Intake),

    (State::Intake, Step::AssignCaseworker, State::Handling),
    (State::Intake, Step::RecordInvestigation, State::Intake),
    (State::Intake, Step::RecordUrgentAppeal, State::Intake),
    (State::Intake, Step::DeclineCase, State::Declined),
    (State::Intake, Step::CloseFile, State::Closed),

    (State::Handling, Step::AssignCaseworker, State::Handling),
    (State::Handling, Step::RecordInvestigation, State::Handling),
    (State::Handling, Step::OpenMediation, State::Mediating),
    (State::Handling, Step::RecordPerformance, State::Performed),
    (State::Handling, Step::IssueLetter, State::Handling),
    (State::Handling, Step::RecordLetterReply, State::Handling),
    (State::Handling, Step::RecordRepresentation, State::Handling),
    (State::Handling, Step::RequestLegalAid, State::Handling),
    (State::Handling, Step::RecordUrgentAppeal, State::Handling),
    (State::Handling, Step::DeclineCase, State::Declined),
    (State::Handling, Step::CloseFile, State::Closed),

    (State::Mediating, Step::AssignCaseworker, State::Mediating),
    (State::Mediating, Step::RecordInvestigation, State::Mediating),
    (State::Mediating, Step::HoldMediationSession, State::Mediating),
    (State::Mediating, Step::RecordMediationAgreement, State::Agreed),
    (State::Mediating, Step::RecordMediationFailure, State::Handling),
    (State::Mediating, Step::IssueLetter, State::Mediating),
    (State::Mediating, Step::RecordLetterReply, State::Mediating),
    (State::Mediating, Step::RecordRepresentation, State::Mediating),
    (State::Mediating, Step::RequestLegalAid, State::Mediating),
    (State::Mediating, Step::RecordUrgentAppeal, State::Mediating),

    (State::Agreed, Step::AssignCaseworker, State::Agreed),
    (State::Agreed, Step::RecordInvestigation, State::Agreed),
    (State::Agreed, Step::RecordPerformance, State::Performed),
    (State::Agreed, Step::IssueLetter, State::Agreed),
    (State::Agreed, Step::RecordLetterReply, State::Agreed),
    (State::Agreed, Step::RecordRepresentation, State::Agreed),
    (State::Agreed, Step::RequestLegalAid, State::Agreed),
    (State::Agreed, Step::RecordUrgentAppeal, State::Agreed),
    (State::Agreed, Step::CloseFile, State::Closed),

    (State::Performed, Step::AssignCaseworker, State::Performed),
    (State::Performed, Step::RecordLetterReply, State::Performed),
    (State::Performed, Step::CloseFile, State::Closed),

    (State::Declined, Step::ReopenFile, State::Intake),
    (State::Closed, Step::ReopenFile, State::Handling),
]);

impl State {
    /// The states at which a case can come to the network.
    pub(crate) const UNDER_WAY: [State; 5] = [
        State::Intake,
        State::Handling,
        State::Mediating,
        State::Agreed,
        State::Performed,
    ];

    /// The state as a file carries it.
    pub(crate) fn to_wire(self) -> UnionState {
        match self {
            State::Absent => UnionState::Unspecified,
            State::Intake => UnionState::Intake,
            State::Handling => UnionState::Handling,
            State::Mediating => UnionState::Mediating,
            State::Agreed => UnionState::Agreed,
            State::Performed => UnionState::Performed,
            State::Declined => UnionState::Declined,
            State::Closed => UnionState::Closed,
        }
    }

    /// The state that a file carries.
    pub(crate) fn of(wire: UnionState) -> State {
        match wire {
            UnionState::Unspecified => State::Absent,
            UnionState::Intake => State::Intake,
            UnionState::Handling => State::Handling,
            UnionState::Mediating => State::Mediating,
            UnionState::Agreed => State::Agreed,
            UnionState::Performed => State::Performed,
            UnionState::Declined => State::Declined,
            UnionState::Closed => State::Closed,
        }
    }
}

impl Named for State {
    fn name(self) -> &'static str {
        match self {
            State::Absent => "not_opened",
            State::Intake => "intake",
            State::Handling => "handling",
            State::Mediating => "mediating",
            State::Agreed => "agreed",
            State::Performed => "performed",
            State::Declined => "declined",
            State::Closed => "closed",
        }
    }
}

impl Named for Step {
    fn name(self) -> &'static str {
        match self {
            Step::OpenIntake => "OpenIntake",
            Step::AssignCaseworker => "AssignCaseworker",
            Step::RecordInvestigation => "RecordInvestigation",
            Step::DeclineCase => "DeclineCase",
            Step::OpenMediation => "OpenMediation",
            Step::HoldMediationSession => "HoldMediationSession",
            Step::RecordMediationAgreement => "RecordMediationAgreement",
            Step::RecordMediationFailure => "RecordMediationFailure",
            Step::RecordPerformance => "RecordPerformance",
            Step::IssueLetter => "IssueLetter",
            Step::RecordLetterReply => "RecordLetterReply",
            Step::RecordRepresentation => "RecordRepresentation",
            Step::RequestLegalAid => "RequestLegalAid",
            Step::RecordUrgentAppeal => "RecordUrgentAppeal",
            Step::CloseFile => "CloseFile",
            Step::ReopenFile => "ReopenFile",
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::collections::BTreeSet;

    use host::Named as _;
    use proto::contract::Contract;

    use super::{PROCEDURE, State, Step};

    const STATES: [State; 8] = [
        State::Absent,
        State::Intake,
        State::Handling,
        State::Mediating,
        State::Agreed,
        State::Performed,
        State::Declined,
        State::Closed,
    ];

    #[test]
    fn an_agreement_comes_out_of_a_mediation_and_nothing_else() {
        for state in STATES {
            for step in [Step::RecordMediationAgreement, Step::HoldMediationSession] {
                let legal = PROCEDURE.next(state, step).is_ok();
                assert_eq!(legal, state == State::Mediating, "{state:?} {step:?}");
            }
        }
    }

    #[test]
    fn what_has_ended_can_only_be_reopened() {
        for state in [State::Declined, State::Closed] {
            assert_eq!(PROCEDURE.legal(state), ["ReopenFile"]);
        }
        assert_eq!(PROCEDURE.legal(State::Absent), ["OpenIntake"]);
    }

    #[test]
    fn every_state_but_the_ends_can_be_reached_and_left_for_the_end() {
        for state in STATES {
            let reached = PROCEDURE.0.iter().any(|(_, _, to)| *to == state);
            assert_eq!(reached, state != State::Absent, "{state:?}");
        }
        for state in State::UNDER_WAY {
            let leads_out = PROCEDURE
                .0
                .iter()
                .any(|(from, _, to)| *from == state && *to != state);
            assert!(leads_out, "{state:?}");
        }
    }

    #[test]
    fn names_are_the_contracts_and_no_step_is_listed_twice() {
        for state in STATES {
            let legal = PROCEDURE.legal(state);
            let unique: BTreeSet<_> = legal.iter().collect();
            assert_eq!(unique.len(), legal.len(), "{state:?}");
            assert_eq!(State::of(state.to_wire()), state);
            if state != State::Absent {
                let wire = state.to_wire().as_str_name().to_lowercase();
                assert_eq!(wire, format!("union_state_{}", state.name()));
            }
        }
        let contract = Contract::load().unwrap();
        let methods: BTreeSet<_> = contract
            .methods()
            .filter_map(|method| method.path.strip_prefix("/casenet.v1.UnionService/"))
            .collect();
        let steps: BTreeSet<_> = PROCEDURE.0.iter().map(|(_, step, _)| step.name()).collect();
        assert_eq!(steps, methods);
    }
}

//! Which step is legal when: the course of a coverage as a table.

use host::{Named, Procedure};
use proto::v1::CoverageState;

/// Where a house stands with a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// No coverage is proposed. Also where nothing is on file.
    Opened,
    /// Coverage is proposed.
    Proposed,
    /// The worker's consent is asked for.
    ConsentRequested,
    /// A draft is before the lead.
    InReview,
    /// The lead returned the draft.
    Returned,
    /// The lead approved the draft.
    Approved,
    /// A publication stands.
    Published,
    /// Every publication was withdrawn.
    Retracted,
}

/// A step, called as its method is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    ProposeCoverage,
    RequestConsent,
    SubmitDraft,
    ApproveDraft,
    ReturnDraft,
    Publish,
    CorrectPublication,
    Retract,
    RecordFollowUp,
    RecordReport,
}

/// The course of a coverage. A draft has a state of its own, which its steps
/// check as well. `Retract` leads to `Retracted` only if no publication is left.
///
/// Nothing is drafted before the worker has been asked (个人信息保护法 25), and
/// after a retraction everything begins with a new proposal.
pub(crate) const PROCEDURE: Procedure<State, Step> = Procedure(&[
    (State::Opened, Step::ProposeCoverage, State::Proposed),
    (State::Opened, Step::RecordFollowUp, State::Opened),
    (State::Opened, Step::RecordReport, State::Opened),
    (
        State::Proposed,
        Step::RequestConsent,
        State::ConsentRequested,
    ),
    (State::Proposed, Step::RecordFollowUp, State::Proposed),
    (State::Proposed, Step::RecordReport, State::Proposed),
    (State::ConsentRequested, Step::SubmitDraft, State::InReview),
    (
        State::ConsentRequested,
        Step::RequestConsent,
        State::ConsentRequested,
    ),
    (
        State::ConsentRequested,
        Step::RecordFollowUp,
        State::ConsentRequested,
    ),
    (
        State::ConsentRequested,
        Step::RecordReport,
        State::ConsentRequested,
    ),
    (State::InReview, Step::ApproveDraft, State::Approved),
    (State::InReview, Step::ReturnDraft, State::Returned),
    (State::InReview, Step::SubmitDraft, State::InReview),
    (State::InReview, Step::RecordFollowUp, State::InReview),
    (State::InReview, Step::RecordReport, State::InReview),
    (State::Returned, Step::SubmitDraft, State::InReview),
    (
        State::Returned,
        Step::RequestConsent,
        State::ConsentRequested,
    ),
    (State::Returned, Step::RecordFollowUp, State::Returned),
    (State::Returned, Step::RecordReport, State::Returned),
    (State::Approved, Step::Publish, State::Published),
    (State::Approved, Step::SubmitDraft, State::InReview),
    (State::Approved, Step::ReturnDraft, State::Returned),
    (State::Approved, Step::RecordFollowUp, State::Approved),
    (State::Approved, Step::RecordReport, State::Approved),
    (State::Published, Step::RequestConsent, State::Published),
    (State::Published, Step::SubmitDraft, State::Published),
    (State::Published, Step::ApproveDraft, State::Published),
    (State::Published, Step::ReturnDraft, State::Published),
    (State::Published, Step::Publish, State::Published),
    (State::Published, Step::CorrectPublication, State::Published),
    (State::Published, Step::Retract, State::Retracted),
    (State::Published, Step::RecordFollowUp, State::Published),
    (State::Published, Step::RecordReport, State::Published),
    (State::Retracted, Step::ProposeCoverage, State::Proposed),
    (State::Retracted, Step::RecordFollowUp, State::Retracted),
    (State::Retracted, Step::RecordReport, State::Retracted),
]);

impl State {
    /// The states at which a coverage can come to the network: begun, and not
    /// at an end.
    pub(crate) const UNDER_WAY: [State; 6] = [
        State::Proposed,
        State::ConsentRequested,
        State::InReview,
        State::Returned,
        State::Approved,
        State::Published,
    ];

    /// The state as a file carries it.
    pub(crate) fn to_wire(self) -> CoverageState {
        match self {
            State::Opened => CoverageState::Opened,
            State::Proposed => CoverageState::Proposed,
            State::ConsentRequested => CoverageState::ConsentRequested,
            State::InReview => CoverageState::InReview,
            State::Returned => CoverageState::Returned,
            State::Approved => CoverageState::Approved,
            State::Published => CoverageState::Published,
            State::Retracted => CoverageState::Retracted,
        }
    }

    /// The state that a file carries.
    pub(crate) fn of(wire: CoverageState) -> State {
        match wire {
            CoverageState::Unspecified | CoverageState::Opened => State::Opened,
            CoverageState::Proposed => State::Proposed,
            CoverageState::ConsentRequested => State::ConsentRequested,
            CoverageState::InReview => State::InReview,
            CoverageState::Returned => State::Returned,
            CoverageState::Approved => State::Approved,
            CoverageState::Published => State::Published,
            CoverageState::Retracted => State::Retracted,
        }
    }
}

impl Named for State {
    fn name(self) -> &'static str {
        match self {
            State::Opened => "opened",
            State::Proposed => "proposed",
            State::ConsentRequested => "consent_requested",
            State::InReview => "in_review",
            State::Returned => "returned",
            State::Approved => "approved",
            State::Published => "published",
            State::Retracted => "retracted",
        }
    }
}

impl Named for Step {
    fn name(self) -> &'static str {
        match self {
            Step::ProposeCoverage => "ProposeCoverage",
            Step::RequestConsent => "RequestConsent",
            Step::SubmitDraft => "SubmitDraft",
            Step::ApproveDraft => "ApproveDraft",
            Step::ReturnDraft => "ReturnDraft",
            Step::Publish => "Publish",
            Step::CorrectPublication => "CorrectPublication",
            Step::Retract => "Retract",
            Step::RecordFollowUp => "RecordFollowUp",
            Step::RecordReport => "RecordReport",
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use host::Named as _;

    use super::{PROCEDURE, State, Step};

    const STATES: [State; 8] = [
        State::Opened,
        State::Proposed,
        State::ConsentRequested,
        State::InReview,
        State::Returned,
        State::Approved,
        State::Published,
        State::Retracted,
    ];

    #[test]
    fn publication_follows_an_approval_or_another_publication_only() {
        for state in STATES {
            let publishes = PROCEDURE.next(state, Step::Publish).is_ok();
            assert_eq!(
                publishes,
                matches!(state, State::Approved | State::Published),
                "{state:?}"
            );
        }
    }

    #[test]
    fn nothing_is_drafted_before_the_worker_is_asked() {
        for state in [State::Opened, State::Proposed, State::Retracted] {
            let refused = PROCEDURE.next(state, Step::SubmitDraft).unwrap_err();
            assert!(
                !refused.allowed.contains(&"SubmitDraft".to_owned()),
                "{state:?}"
            );
        }
        assert!(
            PROCEDURE
                .next(State::ConsentRequested, Step::SubmitDraft)
                .is_ok()
        );
    }

    #[test]
    fn facts_can_be_recorded_at_any_time() {
        for state in STATES {
            assert_eq!(PROCEDURE.next(state, Step::RecordReport).unwrap(), state);
            assert_eq!(PROCEDURE.next(state, Step::RecordFollowUp).unwrap(), state);
        }
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
                .strip_prefix("COVERAGE_STATE_")
                .unwrap()
                .to_lowercase();
            assert_eq!(name, state.name());
        }
    }
}

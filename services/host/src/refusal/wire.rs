//! Refusal ⇄ gRPC status, with the details of `google.rpc` (AIP-193).

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use proto::v1::ErrorReason;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use super::Refusal;

/// The domain of our reasons in `google.rpc.ErrorInfo`.
const DOMAIN: &str = "casenet";

/// What every value of the enum begins with in the contract, and not in a status.
const REASON_PREFIX: &str = "ERROR_REASON_";

/// Between two steps in the metadata entry `allowed`.
const BETWEEN_STEPS: &str = ", ";

/// The reason as it stands in a status: `WRONG_STATE`.
pub(super) fn reason_text(reason: ErrorReason) -> &'static str {
    let name = reason.as_str_name();
    name.strip_prefix(REASON_PREFIX).unwrap_or(name)
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        let reason = reason_text(refusal.reason);
        let metadata: HashMap<String, String> = refusal
            .metadata
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone()))
            .collect();
        let mut details = ErrorDetails::with_error_info(reason, DOMAIN, metadata);
        for (field, description) in &refusal.violations {
            details.add_bad_request_violation(field, description);
        }
        if refusal.code == Code::FailedPrecondition {
            let state = refusal.metadata.get("state").map_or("", String::as_str);
            details.add_precondition_failure_violation(reason, state, &refusal.message);
        }
        if refusal.retry_after.is_some() {
            details.set_retry_info(refusal.retry_after);
        }
        Status::with_error_details(refusal.code, refusal.message, details)
    }
}

/// A refusal as a client reads it from a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The gRPC code.
    pub code: Code,
    /// The stable reason (`WRONG_STATE`); empty if the status is not ours.
    pub reason: String,
    /// English: what is wrong and what to do.
    pub message: String,
    /// Facts that go with the reason.
    pub metadata: BTreeMap<String, String>,
    /// Wrong fields and what each should be.
    pub violations: Vec<(String, String)>,
    /// The steps that are legal in the present state.
    pub allowed: Vec<String>,
    /// When to try again.
    pub retry_after: Option<Duration>,
}

impl Refused {
    /// Reads any status. What it does not carry stays empty; an `ErrorInfo` of
    /// another domain is not taken for ours.
    pub fn read(status: &Status) -> Self {
        let details = status.get_error_details();
        let ours = details.error_info().filter(|info| info.domain == DOMAIN);
        let metadata: BTreeMap<String, String> = ours
            .map(|info| info.metadata.clone().into_iter().collect())
            .unwrap_or_default();
        let violations = details.bad_request().map(|bad| &bad.field_violations);
        Self {
            code: status.code(),
            reason: ours.map(|info| info.reason.clone()).unwrap_or_default(),
            message: status.message().to_owned(),
            violations: violations
                .into_iter()
                .flatten()
                .map(|wrong| (wrong.field.clone(), wrong.description.clone()))
                .collect(),
            allowed: steps(metadata.get("allowed")),
            metadata,
            retry_after: details.retry_info().and_then(|info| info.retry_delay),
        }
    }

    /// The reason as the contract's enum; `None` if it is not ours or newer than
    /// this program.
    pub fn known_reason(&self) -> Option<ErrorReason> {
        ErrorReason::from_str_name(&format!("{REASON_PREFIX}{}", self.reason))
    }
}

fn steps(allowed: Option<&String>) -> Vec<String> {
    let Some(allowed) = allowed.filter(|allowed| !allowed.is_empty()) else {
        return Vec::new();
    };
    allowed.split(BETWEEN_STEPS).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_wrong_state_tells_the_state_and_the_steps_that_are_legal_now() {
        let refusal = Refusal::wrong_state(
            ErrorReason::WrongState,
            "the referral",
            "declined",
            ["resend", "withdraw"],
        );
        let read = Refused::read(&Status::from(refusal));
        assert_eq!(read.code, Code::FailedPrecondition);
        assert_eq!(read.reason, "WRONG_STATE");
        assert_eq!(read.known_reason(), Some(ErrorReason::WrongState));
        assert_eq!(read.allowed, ["resend", "withdraw"]);
        assert_eq!(read.metadata["state"], "declined");
        assert!(read.message.contains("resend, withdraw"));
    }

    #[test]
    fn a_wrong_state_is_also_a_precondition_failure() {
        let none: [&str; 0] = [];
        let refusal = Refusal::wrong_state(ErrorReason::CaseClosed, "the case", "closed", none);
        let status = Status::from(refusal);
        let failure = status.get_details_precondition_failure().unwrap();
        assert_eq!(failure.violations[0].subject, "closed");
        assert_eq!(Refused::read(&status).allowed, [""; 0]);
        assert!(status.message().contains("no step is possible"));
    }

    #[test]
    fn every_wrong_field_reaches_the_caller() {
        let refusal = Refusal::invalid("case.title", "1 to 200 characters")
            .and_invalid("case.opened_on", "not in the future");
        let read = Refused::read(&Status::from(refusal));
        assert_eq!(read.code, Code::InvalidArgument);
        let fields: Vec<&str> = read.violations.iter().map(|(field, _)| &**field).collect();
        assert_eq!(fields, ["case.title", "case.opened_on"]);
    }

    #[test]
    fn missing_and_hidden_have_the_same_bytes() {
        let one = Status::from(Refusal::not_found());
        let two = Status::from(Refusal::not_found());
        assert_eq!(one.details(), two.details());
        assert_eq!(one.message(), "not found, or not shared with you");
        assert!(one.metadata().is_empty());
    }

    #[test]
    fn the_delay_to_wait_reaches_the_caller() {
        let wait = Duration::from_millis(2500);
        let refusal = Refusal::exhausted(ErrorReason::RateLimited, "too many calls", wait);
        assert_eq!(Refused::read(&refusal.into()).retry_after, Some(wait));
    }

    #[test]
    fn what_broke_is_not_told_to_the_caller() {
        let status = Status::from(Refusal::internal("the disk at slot 7"));
        assert!(!format!("{status:?}").contains("slot 7"));
        let error_id = Refused::read(&status).metadata["error_id"].clone();
        assert_eq!(error_id.len(), 26);
        assert!(status.message().contains(&error_id));
    }

    #[test]
    fn a_reused_request_id_already_exists() {
        let refusal = Refusal::from(store::StoreError::RequestIdReused);
        assert_eq!(refusal.code, Code::AlreadyExists);
        assert_eq!(refusal.reason, ErrorReason::RequestIdReused);
    }

    #[test]
    fn a_foreign_status_has_no_reason_of_ours() {
        assert_eq!(Refused::read(&Status::internal("?")).reason, "");
        let details = ErrorDetails::with_error_info("WRONG_STATE", "elsewhere", HashMap::new());
        let foreign = Status::with_error_details(Code::Aborted, "?", details);
        assert_eq!(Refused::read(&foreign).reason, "");
        assert_eq!(Refused::read(&foreign).known_reason(), None);
    }
}

//! The one error type that leaves a service: what is wrong, why (a stable
//! reason, explained in `reason.proto`), and what the caller can do now.
//!
//! A refusal is plain data. It becomes a gRPC status at the door and nowhere
//! else, and is read back from one by [`Refused`].

mod wire;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use proto::v1::ErrorReason;
use tonic::Code;

use crate::ids::{Ids, SystemIds};

pub use wire::Refused;

/// Always these words, whether the thing is missing or hidden.
const NOT_FOUND: &str = "not found, or not shared with you";

/// When to come back after an outage, unless somebody knows better.
const COME_BACK: Duration = Duration::from_secs(1);

/// A refusal. Build it with a constructor; each sets the code, the reason and
/// the details that its kind of refusal carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The gRPC code: what a client library acts on.
    pub code: Code,
    /// The stable reason: what a program acts on.
    pub reason: ErrorReason,
    /// English, for the person who reads the log: what is wrong and what to do.
    pub message: String,
    /// Facts that go with the reason (`ErrorInfo.metadata`).
    pub metadata: BTreeMap<&'static str, String>,
    /// Wrong fields and what each should be (`BadRequest`).
    pub violations: Vec<(String, String)>,
    /// The steps that are legal in the present state.
    pub allowed: Vec<String>,
    /// When to try again (`RetryInfo`).
    pub retry_after: Option<Duration>,
}

impl Refusal {
    /// A refusal of any code, without details.
    pub fn new(code: Code, reason: ErrorReason, message: impl Into<String>) -> Self {
        Self {
            code,
            reason,
            message: message.into(),
            metadata: BTreeMap::new(),
            violations: Vec::new(),
            allowed: Vec::new(),
            retry_after: None,
        }
    }

    /// INVALID_ARGUMENT: `field` (its path in the request) is wrong, and
    /// `description` says what it should be. Never quote the value: it may be
    /// somebody's name.
    pub fn invalid(field: impl Into<String>, description: impl Into<String>) -> Self {
        let (field, description) = (field.into(), description.into());
        let message = format!("{field}: {description}");
        let refusal = Self::new(Code::InvalidArgument, ErrorReason::InvalidArgument, message);
        refusal.and_invalid(field, description)
    }

    /// A further wrong field, so that a caller can correct them all at once.
    #[must_use]
    pub fn and_invalid(mut self, field: impl Into<String>, description: impl Into<String>) -> Self {
        self.violations.push((field.into(), description.into()));
        self
    }

    /// NOT_FOUND: missing or hidden. It takes no argument, so that the two
    /// cannot be told apart by a byte.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, ErrorReason::NotFound, NOT_FOUND)
    }

    /// FAILED_PRECONDITION: `what` ("the referral") is in state `now`, in which
    /// the step is not legal; `allowed` are the steps that are.
    pub fn wrong_state<S: Into<String>>(
        reason: ErrorReason,
        what: &str,
        now: &str,
        allowed: impl IntoIterator<Item = S>,
    ) -> Self {
        let allowed: Vec<String> = allowed.into_iter().map(Into::into).collect();
        let steps = allowed.join(", ");
        let message = if allowed.is_empty() {
            format!("{what} is {now}; no step is possible now")
        } else {
            format!("{what} is {now}; possible now: {steps}")
        };
        let mut refusal = Self::new(Code::FailedPrecondition, reason, message)
            .with("state", now)
            .with("allowed", steps);
        refusal.allowed = allowed;
        refusal
    }

    /// FAILED_PRECONDITION: `what` is over (`now`), and no step is possible any more.
    pub fn over(what: &str, now: &str) -> Self {
        const NONE: [&str; 0] = [];
        Self::wrong_state(ErrorReason::WrongState, what, now, NONE)
    }

    /// FAILED_PRECONDITION: something else must happen first, named by `message`.
    pub fn precondition(reason: ErrorReason, message: impl Into<String>) -> Self {
        Self::new(Code::FailedPrecondition, reason, message)
    }

    /// ABORTED: what the caller decided on has changed; read again, decide again.
    pub fn aborted(reason: ErrorReason, message: impl Into<String>) -> Self {
        Self::new(Code::Aborted, reason, message)
    }

    /// PERMISSION_DENIED: the rules do not let this caller do it. Only for what
    /// the caller may know to exist; else [`Refusal::not_found`].
    pub fn denied(reason: ErrorReason, message: impl Into<String>) -> Self {
        Self::new(Code::PermissionDenied, reason, message)
    }

    /// UNAUTHENTICATED: we do not know who asks.
    pub fn unauthenticated(reason: ErrorReason, message: impl Into<String>) -> Self {
        Self::new(Code::Unauthenticated, reason, message)
    }

    /// RESOURCE_EXHAUSTED: too much; `retry` says when there is room again.
    pub fn exhausted(reason: ErrorReason, message: impl Into<String>, retry: Duration) -> Self {
        let mut refusal = Self::new(Code::ResourceExhausted, reason, message);
        refusal.retry_after = Some(retry);
        refusal
    }

    /// UNAVAILABLE: a part of the network does not answer. Nothing was lost; the
    /// caller tries again with the same request_id.
    pub fn unavailable(message: impl Into<String>) -> Self {
        let mut refusal = Self::new(Code::Unavailable, ErrorReason::Unavailable, message);
        refusal.retry_after = Some(COME_BACK);
        refusal
    }

    /// ALREADY_EXISTS.
    pub fn already_exists(reason: ErrorReason, message: impl Into<String>) -> Self {
        Self::new(Code::AlreadyExists, reason, message)
    }

    /// INTERNAL: something broke here. The detail is logged once, under a random
    /// id; the caller sees only the id. Never put personal data in the detail.
    pub fn internal(detail: impl fmt::Display) -> Self {
        Self::broken(Code::Internal, detail)
    }

    /// INTERNAL or DATA_LOSS, with the detail in our log only.
    fn broken(code: Code, detail: impl fmt::Display) -> Self {
        let error_id = SystemIds::new()
            .fresh()
            .unwrap_or_else(|_| "none".to_owned());
        tracing::error!(error_id, %detail, "something broke");
        let message = format!(
            "something broke here; tell the operator error id {error_id}, which finds it in the log"
        );
        Self::new(code, ErrorReason::Internal, message).with("error_id", error_id)
    }

    /// Adds a fact to the metadata.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.metadata.insert(key, value.into());
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", wire::reason_text(self.reason), self.message)
    }
}

impl std::error::Error for Refusal {}

impl From<store::StoreError> for Refusal {
    fn from(error: store::StoreError) -> Self {
        use store::StoreError;
        match error {
            StoreError::RequestIdReused => Self::already_exists(
                ErrorReason::RequestIdReused,
                "this request_id came before with other content; use a new one",
            ),
            // The store has tried often enough: the caller's turn, later.
            StoreError::Conflict => Self::unavailable(
                "many changes to the same record at once; nothing was lost, send it again",
            ),
            StoreError::TooLarge { bytes, .. } => Self::new(
                Code::ResourceExhausted,
                ErrorReason::MessageTooLarge,
                format!("the record would have {bytes} bytes, over the limit of one; split it"),
            ),
            StoreError::Corrupt { .. } => Self::broken(Code::DataLoss, error),
            StoreError::Unavailable(why) => {
                tracing::error!(detail = why, "the store takes no writes");
                Self::unavailable("the store takes no writes now; nothing was lost, send it again")
            }
        }
    }
}

impl From<proto::wire::Malformed> for Refusal {
    fn from(error: proto::wire::Malformed) -> Self {
        let message = format!(
            "the message cannot be read from byte {} on; send protobuf",
            error.at
        );
        Self::new(
            Code::InvalidArgument,
            ErrorReason::MalformedMessage,
            message,
        )
    }
}

impl From<proto::names::NameError> for Refusal {
    fn from(error: proto::names::NameError) -> Self {
        // The form only: what was given stays with the caller.
        Self::invalid("name", format!("must be of the form {}", error.expected))
    }
}

//! What leaves: a redacted and recorded answer, or a refusal.

use host::Refusal;
use http::Response;
use proto::v1::ErrorReason;
use proto::wire::Malformed;
use tonic::Status;
use tonic::body::Body;

use crate::disclosure::Recorded;
use crate::filter::Redacted;
use crate::frame;
use crate::pass::unary_response;

/// Releases an answer: it has been cut, and the log has it.
pub(crate) fn release(recorded: Recorded, redacted: Redacted) -> Response<Body> {
    unary_response(&redacted.into_bytes(), frame::ok_trailers(recorded.index()))
}

/// A refusal on its way out: ours, or one that a service gave.
#[derive(Debug)]
pub(crate) struct Refused {
    status: Status,
    reason: String,
}

impl Refused {
    /// A service's own refusal, passed on as it came.
    pub(crate) fn by_service(status: Status) -> Self {
        let (_, reason) = frame::refused(&status);
        Self { status, reason }
    }

    /// Its stable reason ("NOT_FOUND").
    pub(crate) fn reason(&self) -> &str {
        &self.reason
    }

    /// Whether it is for this reason.
    pub(crate) fn is(&self, reason: ErrorReason) -> bool {
        reason.as_str_name().strip_prefix("ERROR_REASON_") == Some(self.reason.as_str())
    }

    pub(crate) fn into_status(self) -> Status {
        self.status
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::by_service(Status::from(refusal))
    }
}

impl From<Malformed> for Refused {
    fn from(error: Malformed) -> Self {
        Refusal::internal(format!("an answer cannot be read: {error}")).into()
    }
}

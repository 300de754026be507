//! A refusal as `application/problem+json`. Source: RFC 9457; the statuses by
//! docs/decisions/0013.

use std::collections::HashMap;
use std::sync::Arc;

use host::{Refusal, Refused};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Response, StatusCode};
use http_body_util::Full;
use proto::contract::Contract;
use serde_json::{Value as Json, json};
use tonic::body::Body;
use tonic::{Code, Status};

use super::comments::{Comments, first_sentence};
use super::told::NO_STORE;

/// What every reason begins with in the contract, and not in a status.
const REASON_PREFIX: &str = "ERROR_REASON_";

/// Refusals as problems, with the contract's own words for each reason.
#[derive(Clone)]
pub(super) struct Problems(Arc<HashMap<String, String>>);

impl Problems {
    pub(super) fn new(contract: &Contract) -> Self {
        let comments = Comments::of(contract.pool());
        let reasons = contract.pool().get_enum_by_name("casenet.v1.ErrorReason");
        let titles = reasons.iter().flat_map(|reasons| reasons.values());
        let titles = titles.filter_map(|reason| {
            let name = reason.name().strip_prefix(REASON_PREFIX)?.to_owned();
            let comment = comments.of_value(&reason)?;
            Some((name, first_sentence(&comment)))
        });
        Self(Arc::new(titles.collect()))
    }

    /// What the gate or a service refused.
    pub(super) fn status(&self, status: &Status) -> Response<Body> {
        let refused = Refused::read(status);
        let http_status = http_status(refused.code, &refused.reason);
        let mut response = respond(http_status, &self.body(&refused));
        if http_status == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static("Bearer realm=\"casenet\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, bearer);
        }
        if let Some(wait) = refused.retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    /// What this module refused.
    pub(super) fn refusal(&self, refusal: Refusal) -> Response<Body> {
        self.status(&refusal.into())
    }

    /// What HTTP itself has a word for: no reason of the contract's.
    #[allow(clippy::unused_self)] // Said like the others.
    pub(super) fn plain(&self, status: StatusCode, detail: &str) -> Response<Body> {
        let body = json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "detail": detail,
        });
        respond(status, &body)
    }

    /// The problem's JSON.
    pub(super) fn body(&self, refused: &Refused) -> Json {
        let status = http_status(refused.code, &refused.reason);
        let mut body = json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "detail": refused.message,
        });
        if !refused.reason.is_empty() {
            body["type"] = json!(format!("urn:casenet:error:{}", refused.reason));
            if let Some(title) = self.0.get(&refused.reason) {
                body["title"] = json!(title);
            }
            body["reason"] = json!(refused.reason);
            body["domain"] = json!("casenet");
        }
        if !refused.metadata.is_empty() {
            body["metadata"] = json!(refused.metadata);
        }
        if !refused.violations.is_empty() {
            let violations = refused.violations.iter();
            body["violations"] = violations
                .map(|(field, description)| {
                    json!({"field": in_camel_case(field), "description": description})
                })
                .collect();
        }
        if !refused.allowed.is_empty() {
            body["allowed"] = json!(refused.allowed);
        }
        if let Some(wait) = refused.retry_after {
            body["retryAfter"] = json!(wait.as_secs_f64());
        }
        body
    }
}

fn respond(status: StatusCode, body: &Json) -> Response<Body> {
    let bytes = bytes::Bytes::from(body.to_string());
    let mut response = Response::new(Body::new(Full::new(bytes)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("application/problem+json");
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(CACHE_CONTROL, NO_STORE);
    response
}

/// google.rpc.Code as a status of HTTP; a reason that HTTP has a status of its
/// own for goes by that.
fn http_status(code: Code, reason: &str) -> StatusCode {
    match reason {
        "MESSAGE_TOO_LARGE" => return StatusCode::PAYLOAD_TOO_LARGE,
        "ETAG_STALE" => return StatusCode::PRECONDITION_FAILED,
        _ => {}
    }
    match code {
        Code::Ok => StatusCode::OK,
        Code::InvalidArgument | Code::OutOfRange | Code::Cancelled => StatusCode::BAD_REQUEST,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::Aborted | Code::AlreadyExists | Code::FailedPrecondition => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        Code::Unknown | Code::Internal | Code::DataLoss => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// A field's path as JSON has it: `claims[0].amount_band` is `claims[0].amountBand`.
fn in_camel_case(path: &str) -> String {
    let mut camel = String::with_capacity(path.len());
    let mut upper = false;
    for letter in path.chars() {
        match letter {
            '_' => upper = true,
            letter if upper => {
                camel.extend(letter.to_uppercase());
                upper = false;
            }
            letter => camel.push(letter),
        }
    }
    camel
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::Duration;

    use host::{Refusal, Refused};
    use http::StatusCode;
    use proto::contract::Contract;
    use proto::v1::ErrorReason;
    use tonic::{Code, Status};

    use super::{Problems, http_status, in_camel_case};

    fn problems() -> Problems {
        Problems::new(&Contract::load().unwrap())
    }

    #[test]
    fn a_refusal_keeps_all_that_it_tells() {
        let refusal = Refusal::wrong_state(
            ErrorReason::WrongState,
            "the referral",
            "draft",
            ["send", "withdraw"],
        );
        let body = problems().body(&Refused::read(&Status::from(refusal)));
        assert_eq!(body["type"], "urn:casenet:error:WRONG_STATE");
        assert_eq!(body["status"], 409);
        assert_eq!(body["allowed"][1], "withdraw");
        assert_eq!(body["metadata"]["state"], "draft");
        let title = body["title"].as_str().unwrap();
        assert!(title.starts_with("The step is not legal"), "{title}");
    }

    #[test]
    fn waiting_is_told_in_the_header_in_whole_seconds() {
        let wait = Duration::from_millis(200);
        let refusal = Refusal::exhausted(ErrorReason::RateLimited, "slow down", wait);
        let response = problems().refusal(refusal);
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()["retry-after"], "1");
    }

    #[test]
    fn statuses_of_http_are_used_where_http_has_them() {
        for (code, reason, status) in [
            (Code::ResourceExhausted, "MESSAGE_TOO_LARGE", 413),
            (Code::ResourceExhausted, "RATE_LIMITED", 429),
            (Code::Aborted, "ETAG_STALE", 412),
            (Code::Aborted, "LABEL_STALE", 409),
            (Code::FailedPrecondition, "WRONG_STATE", 409),
            (Code::Unauthenticated, "TOKEN_EXPIRED", 401),
            (Code::DataLoss, "INTERNAL", 500),
        ] {
            assert_eq!(http_status(code, reason).as_u16(), status, "{reason}");
        }
    }

    #[test]
    fn fields_are_named_as_json_names_them() {
        let path = "claims[0].amount_band";
        assert_eq!(in_camel_case(path), "claims[0].amountBand");
        assert_eq!(in_camel_case("casenet-purpose"), "casenet-purpose");
    }
}

//! What every operation shares: refusals, headers, identity.

use proto::http::Verb;
use serde_json::{Map, Value as Json, json};

/// Each refusal: status, name, what it means, whether only changes have it.
const REFUSALS: [(&str, &str, &str, bool); 13] = [
    (
        "400",
        "BadRequest",
        "A field or the JSON is wrong; `violations` names each.",
        false,
    ),
    (
        "401",
        "Unauthenticated",
        "Neither certificate nor token says who asks.",
        false,
    ),
    (
        "403",
        "NotAllowed",
        "The rules do not let the caller do this.",
        false,
    ),
    (
        "404",
        "NotFound",
        "Not there, or not shared with the caller; the two are never told apart.",
        false,
    ),
    (
        "409",
        "Conflict",
        "Not possible in the present state; `allowed` lists the steps that are.",
        true,
    ),
    (
        "412",
        "PreconditionFailed",
        "The etag is not the present one.",
        true,
    ),
    ("413", "TooLarge", "The body is over the limit.", true),
    (
        "415",
        "UnsupportedMediaType",
        "The body is not application/json.",
        true,
    ),
    (
        "429",
        "TooMany",
        "Too many calls; come back after Retry-After.",
        false,
    ),
    (
        "500",
        "Internal",
        "Something broke here; the detail has the error's id.",
        false,
    ),
    ("501", "Unimplemented", "Not part of this network.", false),
    (
        "503",
        "Unavailable",
        "A part of the network does not answer; nothing was lost.",
        false,
    ),
    (
        "504",
        "DeadlineExceeded",
        "The call took too long; a change is repeated safely with its key.",
        false,
    ),
];

/// The refusals of a verb, as statuses with the names of their responses.
pub(super) fn statuses(verb: Verb) -> impl Iterator<Item = (&'static str, &'static str)> {
    REFUSALS
        .into_iter()
        .filter(move |(.., only_changes)| verb == Verb::Post || !only_changes)
        .map(|(status, name, ..)| (status, name))
}

pub(super) fn refusals() -> Json {
    let mut refusals = Map::new();
    for (status, name, meaning, _) in REFUSALS {
        let mut response = json!({
            "description": meaning,
            "content": {"application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
            }},
        });
        if matches!(status, "429" | "503") {
            let header = json!({"$ref": "#/components/headers/RetryAfter"});
            response["headers"] = json!({"Retry-After": header});
        }
        refusals.insert(name.to_owned(), response);
    }
    Json::Object(refusals)
}

pub(super) fn problem() -> Json {
    json!({
        "type": "object",
        "description": "Why a call was refused (RFC 9457).",
        "additionalProperties": false,
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {
                "type": "string",
                "description": "`urn:casenet:error:` and the reason; about:blank where the status says all.",
            },
            "title": {"type": "string", "description": "What the reason means."},
            "status": {"type": "integer", "description": "The status, again."},
            "detail": {"type": "string", "description": "What is wrong here, and what to do."},
            "reason": {"type": "string", "description": "The stable reason: what a program acts on."},
            "domain": {"type": "string", "description": "Whose reason it is."},
            "metadata": {
                "type": "object",
                "description": "Facts that go with the reason: the rule, its reason in Chinese, its law, …",
                "additionalProperties": {"type": "string"},
            },
            "violations": {
                "type": "array",
                "description": "Wrong fields, all at once.",
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["field", "description"],
                    "properties": {
                        "field": {"type": "string", "description": "Its path in the request."},
                        "description": {"type": "string", "description": "What it should be."},
                    },
                },
            },
            "allowed": {
                "type": "array",
                "description": "The steps that are possible in the present state.",
                "items": {"type": "string"},
            },
            "retryAfter": {
                "type": "number",
                "description": "When to try again, seconds.",
            },
        },
    })
}

pub(super) fn headers() -> Json {
    json!({
        "Receipt": {
            "description": "The answer's place in the disclosure log.",
            "schema": {"type": "string", "pattern": "^[0-9]+$"},
        },
        "ETag": {
            "description": "Names the state that was read; give it back in If-Match.",
            "schema": {"type": "string"},
        },
        "RetryAfter": {
            "description": "When to try again, whole seconds.",
            "schema": {"type": "string", "pattern": "^[0-9]+$"},
        },
    })
}

pub(super) fn parameters() -> Json {
    json!({
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Names the request, so that repeating it has one effect; the same as `requestId` in the body.",
            "schema": {"type": "string", "pattern": "^[!#-~]{1,62}$"},
        },
        "IfMatch": {
            "name": "If-Match",
            "in": "header",
            "description": "The etag last read, in quotes; the same as `etag` in the body.",
            "schema": {"type": "string", "pattern": "^(\\*|\"[!#-~]{1,64}\")$"},
        },
        "LastEventId": {
            "name": "Last-Event-ID",
            "in": "header",
            "description": "The id of the last event received: the stream goes on after it.",
            "schema": {"type": "string", "pattern": "^[0-9]{1,19}$"},
        },
        "Purpose": {
            "name": "casenet-purpose",
            "in": "header",
            "description": "What the answer is needed for, as a code; \"handling\" if absent.",
            "schema": {"type": "string", "pattern": "^[a-z0-9_]{1,40}$"},
        },
    })
}

pub(super) fn security() -> Json {
    json!({
        "mutualTLS": {
            "type": "mutualTLS",
            "description": "The agency's certificate; its URI SAN names the agency.",
        },
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "A caseworker's token, from `POST /v1/session:signIn`.",
        },
    })
}

//! What is posted: a CloudEvent 1.0 in structured JSON mode
//! (github.com/cloudevents/spec, v1.0.2).

use chrono::{DateTime, SecondsFormat, Utc};
use host::clock::from_timestamp;
use proto::names::AgencyName;
use proto::v1 as pb;
use serde::Serialize;

/// The media type of one CloudEvent in JSON.
pub(super) const MEDIA_TYPE: &str = "application/cloudevents+json";

/// Longest coded reason.
const REASON_CHARS: usize = 60;

/// A message to a receiver.
pub(super) struct Message {
    /// The same for every attempt at one event: a receiver knows by it what it
    /// has already.
    pub(super) id: String,
    /// The CloudEvent.
    pub(super) body: Vec<u8>,
}

#[derive(Serialize)]
struct CloudEvent<'a> {
    specversion: &'static str,
    id: &'a str,
    source: String,
    r#type: String,
    #[serde(skip_serializing_if = "str::is_empty")]
    subject: &'a str,
    time: String,
    datacontenttype: &'static str,
    data: Data<'a>,
}

/// Names and a coded reason. INVARIANT: whatever comes to stand in a feed
/// event, no more than this leaves by a webhook.
#[derive(Serialize)]
struct Data<'a> {
    cursor: u64,
    case: &'a str,
    resource: &'a str,
    reason: &'a str,
}

impl Message {
    /// The message that tells of an event in the agency's feed.
    pub(super) fn of(agency: &AgencyName, event: &pb::FeedEvent) -> Self {
        let id = format!("{}:{}", agency.id(), event.cursor);
        let at = event.at.as_ref().and_then(from_timestamp);
        Self::made(agency, id, event, at.unwrap_or_default())
    }

    /// A test message; `unique` tells it from every other.
    pub(super) fn ping(
        agency: &AgencyName,
        webhook: &str,
        unique: &str,
        now: DateTime<Utc>,
    ) -> Self {
        let event = pb::FeedEvent {
            kind: "webhook.ping".to_owned(),
            resource: webhook.to_owned(),
            ..pb::FeedEvent::default()
        };
        let id = format!("{}:ping-{unique}", agency.id());
        Self::made(agency, id, &event, now)
    }

    fn made(agency: &AgencyName, id: String, event: &pb::FeedEvent, at: DateTime<Utc>) -> Self {
        let cloud_event = CloudEvent {
            specversion: "1.0",
            id: &id,
            source: format!("/agencies/{}/feed", agency.id()),
            r#type: format!("casenet.{}.v1", event.kind),
            subject: &event.resource,
            time: at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
            datacontenttype: "application/json",
            data: Data {
                cursor: event.cursor,
                case: &event.case,
                resource: &event.resource,
                reason: coded(&event.reason),
            },
        };
        // Strings and numbers only: writing them as JSON cannot fail.
        let body = serde_json::to_vec(&cloud_event).unwrap_or_default();
        Self { id, body }
    }
}

/// The reason if it is a code; else nothing, for words may tell of a person.
fn coded(reason: &str) -> &str {
    let is_code = reason.len() <= REASON_CHARS
        && reason
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
    if is_code { reason } else { "" }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use host::clock::to_timestamp;
    use proto::names::AgencyName;
    use proto::v1 as pb;
    use serde_json::json;

    use super::{Message, coded};

    #[test]
    fn an_event_is_a_cloud_event_of_names_and_a_coded_reason() {
        let agency = AgencyName::from_id("yiwu-union").unwrap();
        let event = pb::FeedEvent {
            cursor: 7,
            kind: "grant.ended".into(),
            case: "cases/330782-2026-000001".into(),
            resource: "cases/330782-2026-000001/grants/g1".into(),
            at: Some(to_timestamp("2026-05-04T08:00:00Z".parse().unwrap())),
            reason: "consent-withdrawn".into(),
        };
        let message = Message::of(&agency, &event);
        let body: serde_json::Value = serde_json::from_slice(&message.body).unwrap();
        assert_eq!(
            body,
            json!({
                "specversion": "1.0",
                "id": "yiwu-union:7",
                "source": "/agencies/yiwu-union/feed",
                "type": "casenet.grant.ended.v1",
                "subject": "cases/330782-2026-000001/grants/g1",
                "time": "2026-05-04T08:00:00Z",
                "datacontenttype": "application/json",
                "data": {
                    "cursor": 7,
                    "case": "cases/330782-2026-000001",
                    "resource": "cases/330782-2026-000001/grants/g1",
                    "reason": "consent-withdrawn",
                },
            })
        );
        assert_eq!(message.id, "yiwu-union:7");
    }

    #[test]
    fn a_reason_in_words_does_not_leave() {
        assert_eq!(coded("no_capacity"), "no_capacity");
        for words in ["the worker fell", "工友受伤", "A", &"a".repeat(61)] {
            assert_eq!(coded(words), "");
        }
    }
}

//! Streams as Server-Sent Events.

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use proto::v1::Section;
use serde_json::Value;

use super::http1::Caller;
use crate::world::{World, on_duty};

/// The events of a stream that is still open.
struct Events {
    body: Incoming,
    text: String,
}

/// One event.
#[derive(Debug)]
struct Event {
    id: Option<u64>,
    kind: String,
    data: Value,
}

impl Events {
    async fn open(caller: &Caller, path: &str) -> Self {
        let answer = caller.open(http::Method::GET, path, None).await;
        assert_eq!(answer.status(), http::StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        Self {
            body: answer.into_body(),
            text: String::new(),
        }
    }

    /// The next event; `None` once the stream has ended.
    async fn next(&mut self) -> Option<Event> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                let of = |name: &str| {
                    let mut lines = block.lines();
                    lines
                        .find_map(|line| line.strip_prefix(name))
                        .map(str::to_owned)
                };
                if let Some(data) = of("data: ") {
                    return Some(Event {
                        id: of("id: ").map(|id| id.parse().unwrap()),
                        kind: of("event: ").unwrap_or_default(),
                        data: serde_json::from_str(&data).unwrap(),
                    });
                }
            }
            let frame = self.body.frame().await?.unwrap();
            self.text
                .push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
        }
    }
}

#[tokio::test]
async fn a_feed_is_followed_and_goes_on_where_it_broke_off() {
    let world = World::together().await;
    let case = world.register("yiwu-union").await.name;
    let scope = [Section::Summary, Section::Timeline];
    let bureau = world.over_http("yiwu-labour");
    let mut events = Events::open(&bureau, "/v1/feed:watch").await;
    world
        .share("yiwu-union", &case, on_duty("yiwu-labour", &scope))
        .await;
    let first = events.next().await.unwrap();
    assert_eq!(first.id, Some(1));
    assert_eq!(first.data["cursor"], "1");
    assert_eq!(first.data["case"], case.as_str());
    drop(events);

    let again = bureau.with("last-event-id", "1");
    let mut events = Events::open(&again, "/v1/feed:watch").await;
    assert_eq!(events.next().await.unwrap().id, Some(2));
}

#[tokio::test]
async fn a_timeline_is_followed_until_access_ends_and_the_end_is_told() {
    let world = World::together().await;
    let case = world.register("yiwu-union").await.name;
    let scope = [Section::Summary, Section::Timeline];
    let referral = world
        .share("yiwu-union", &case, on_duty("yiwu-labour", &scope))
        .await;
    let bureau = world.over_http("yiwu-labour");
    let mut events = Events::open(&bureau, &format!("/v1/{case}:watch")).await;
    let first = events.next().await.unwrap();
    assert_eq!(first.id, Some(1));
    assert!(first.data["entry"]["act"].is_string() && first.data.get("label").is_none());

    let suspend = proto::v1::SuspendAgencyRequest {
        name: "agencies/yiwu-labour".into(),
        reason: "test".into(),
        ..Default::default()
    };
    let operator = world.agency("operator");
    operator.directory().suspend_agency(suspend).await.unwrap();
    let note = proto::v1::AppendNoteRequest {
        parent: case.clone(),
        entry: Some(proto::v1::Entry {
            note: "after".into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    world
        .agency("yiwu-union")
        .cases()
        .append_note(note)
        .await
        .unwrap();
    let mut last = first;
    while let Some(event) = events.next().await {
        last = event;
    }
    assert_eq!(last.kind, "problem", "{referral:?} {last:?}");
    assert_eq!(last.data["reason"], "ACCESS_ENDED");
}

#[tokio::test]
async fn a_stream_that_may_not_be_opened_is_a_problem() {
    let world = World::together().await;
    let case = world.register("yiwu-union").await.name;
    let court = world.over_http("yiwu-court");
    let closed = court.get(&format!("/v1/{case}:watch")).await;
    closed.refused(404, "NOT_FOUND");
    let wrong = court
        .with("last-event-id", "first")
        .get("/v1/feed:watch")
        .await;
    let problem = wrong.refused(400, "INVALID_ARGUMENT");
    assert_eq!(problem["violations"][0]["field"], "last-event-id");
}

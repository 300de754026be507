//! What is posted, in which order, and when again.

use chrono::TimeDelta;
use proto::v1 as pb;
use proto::v1::WebhookState;
use serde_json::json;

use super::receiver::Reply;
use super::world::{COURT, HOOK, UNION, World, ask};

#[tokio::test]
async fn an_event_arrives_signed_as_a_cloud_event_and_the_cursor_follows() {
    let mut world = World::new().await;
    let secret = world.create().await;
    world.event(UNION, "referral.requested").await;
    let received = world.receiver.next().await;
    assert_eq!(received.signatures_by(&secret), (1, 1));
    assert_eq!(received.id(), "union:1");
    assert_eq!(
        received.header("content-type"),
        "application/cloudevents+json"
    );
    assert_eq!(received.header("webhook-timestamp"), "1777881600");
    let event = received.event();
    assert_eq!(event["id"], "union:1");
    assert_eq!(event["type"], "casenet.referral.requested.v1");
    assert_eq!(event["source"], "/agencies/union/feed");
    assert_eq!(event["time"], "2026-05-04T08:00:00Z");
    assert_eq!(
        event["data"],
        json!({
            "cursor": 1,
            "case": "cases/330782-2026-000001",
            "resource": "cases/330782-2026-000001/referrals/r1",
            "reason": "",
        })
    );
    let hook = world.until(|hook| hook.cursor == 1).await;
    assert!(hook.last_delivered_at.is_some() && hook.last_failure.is_none());
}

#[tokio::test]
async fn the_next_event_waits_until_the_present_one_is_taken() {
    let mut world = World::new().await;
    world.create().await;
    world
        .receiver
        .plan([Reply::Status(500), Reply::Status(503)]);
    for kind in ["referral.requested", "entry.appended", "grant.began"] {
        world.event(UNION, kind).await;
    }
    for failed in 1..=2 {
        assert_eq!(world.receiver.next().await.id(), "union:1");
        world.to_next_attempt(failed).await;
    }
    let mut order = Vec::new();
    for _ in 0..3 {
        order.push(world.receiver.next().await.cursor());
    }
    assert_eq!(order, [1, 2, 3]);
    let hook = world.until(|hook| hook.cursor == 3).await;
    assert_eq!((hook.attempts, hook.next_attempt_at), (0, None));
    assert_eq!(hook.last_failure.unwrap().http_status, 503);
    assert!(world.is_quiet().await);
}

#[tokio::test]
async fn an_attempt_is_not_repeated_before_its_time() {
    let mut world = World::new().await;
    world.create().await;
    world.receiver.plan([Reply::Status(500)]);
    world.event(UNION, "entry.appended").await;
    world.receiver.next().await;
    world.until(|hook| hook.attempts == 1).await;
    // Five seconds less a fifth is the earliest; other commits change nothing.
    world.clock.advance(TimeDelta::milliseconds(3_999));
    world.event(UNION, "entry.appended").await;
    assert!(world.is_quiet().await);
    world.clock.advance(TimeDelta::seconds(3));
    assert_eq!(world.receiver.next().await.cursor(), 1);
}

#[tokio::test]
async fn after_a_restart_it_goes_on_where_it_was_with_the_same_id() {
    let mut world = World::new().await;
    let secret = world.create().await;
    world
        .receiver
        .plan([Reply::Status(200), Reply::Status(500), Reply::Silence]);
    for _ in 0..3 {
        world.event(UNION, "entry.appended").await;
    }
    assert_eq!(world.receiver.next().await.id(), "union:1");
    assert_eq!(world.receiver.next().await.id(), "union:2");
    world.until(|hook| hook.attempts == 1).await;
    world.stop().await;
    world.start();
    // The pause is kept, and so is what had been delivered.
    let hook = world.get().await;
    assert_eq!((hook.cursor, hook.attempts), (1, 1));
    assert!(world.is_quiet().await);
    world.to_next_attempt(1).await;
    assert_eq!(world.receiver.next().await.id(), "union:2");
    // Cut off while the receiver has it: it comes again, known by its id.
    world.stop().await;
    world.start();
    let again = world.receiver.next().await;
    assert_eq!(
        (again.id(), again.signatures_by(&secret)),
        ("union:2", (1, 1))
    );
    assert_eq!(world.receiver.next().await.id(), "union:3");
}

#[tokio::test]
async fn a_slow_receiver_runs_out_of_time_and_holds_up_no_other_agency() {
    let mut world = World::new().await;
    world.create().await;
    world.receiver.plan([Reply::Silence]);
    world.event(UNION, "entry.appended").await;
    assert_eq!(world.receiver.next().await.id(), "union:1");
    let theirs = pb::CreateWebhookRequest {
        parent: COURT.into(),
        ..world.creation()
    };
    ask!(world, COURT, create_webhook, theirs).unwrap();
    world.event(COURT, "entry.appended").await;
    assert_eq!(world.receiver.next().await.id(), "court:1");
    assert_eq!(world.get().await.attempts, 0);
    world.clock.advance(TimeDelta::seconds(10));
    let hook = world.until(|hook| hook.attempts == 1).await;
    assert_eq!(hook.last_failure.unwrap().code, "timeout");
}

#[tokio::test]
async fn an_answer_without_an_end_is_read_no_further_than_it_matters() {
    let mut world = World::new().await;
    world.create().await;
    world.receiver.plan([Reply::Endless, Reply::Stalled]);
    for cursor in 1..=3 {
        world.event(UNION, "entry.appended").await;
        assert_eq!(world.receiver.next().await.cursor(), cursor);
        world.until(|hook| hook.cursor == cursor).await;
    }
}

#[tokio::test]
async fn kinds_that_are_not_wanted_are_passed_over() {
    let mut world = World::new().await;
    let mut request = world.creation();
    let kinds = ["referral.*".into(), "grant.ended".into()];
    request.webhook.as_mut().unwrap().kinds = kinds.to_vec();
    ask!(world, UNION, create_webhook, request).unwrap();
    for kind in [
        "entry.appended",
        "referral.requested",
        "referrals",
        "grant.began",
        "grant.ended",
    ] {
        world.event(UNION, kind).await;
    }
    assert_eq!(world.receiver.next().await.cursor(), 2);
    assert_eq!(world.receiver.next().await.cursor(), 5);
    world.event(UNION, "entry.appended").await;
    world.until(|hook| hook.cursor == 6).await;
    assert!(world.is_quiet().await);
}

#[tokio::test]
async fn it_begins_with_what_comes_or_where_it_is_told() {
    let mut world = World::new().await;
    for _ in 0..3 {
        world.event(UNION, "entry.appended").await;
    }
    world.create().await;
    assert_eq!(world.get().await.cursor, 3);
    let from = |after| pb::CreateWebhookRequest {
        webhook_id: "second".into(),
        after: Some(after),
        ..world.creation()
    };
    assert!(ask!(world, UNION, create_webhook, from(4)).is_err());
    ask!(world, UNION, create_webhook, from(2)).unwrap();
    assert_eq!(world.receiver.next().await.cursor(), 3);
}

#[tokio::test]
async fn a_paused_webhook_waits_and_loses_nothing() {
    let mut world = World::new().await;
    world.create().await;
    let paused = pb::Webhook {
        state: WebhookState::Paused.into(),
        ..Default::default()
    };
    world.update(paused, "state").await.unwrap();
    world.event(UNION, "entry.appended").await;
    world.event(UNION, "entry.appended").await;
    assert!(world.is_quiet().await);
    let enabled = pb::Webhook {
        state: WebhookState::Enabled.into(),
        ..Default::default()
    };
    world.update(enabled, "state").await.unwrap();
    assert_eq!(world.receiver.next().await.cursor(), 1);
    assert_eq!(world.receiver.next().await.cursor(), 2);
}

#[tokio::test]
async fn a_suspended_agency_gets_nothing_until_the_suspension_is_lifted() {
    let mut world = World::new().await;
    world.create().await;
    world.suspend(UNION, true).await;
    world.event(UNION, "entry.appended").await;
    world.clock.advance(TimeDelta::days(1));
    assert!(world.is_quiet().await);
    assert_eq!(world.get().await.cursor, 0);
    world.suspend(UNION, false).await;
    assert_eq!(world.receiver.next().await.cursor(), 1);
}

#[tokio::test]
async fn a_receiver_that_is_gone_gets_no_more_until_it_is_enabled_again() {
    let mut world = World::new().await;
    world.create().await;
    world.receiver.plan([Reply::Status(410)]);
    world.event(UNION, "entry.appended").await;
    world.receiver.next().await;
    let hook = world
        .until(|hook| hook.state() == WebhookState::Disabled)
        .await;
    assert_eq!(hook.last_failure.unwrap().code, "gone");
    assert_eq!(world.kinds(UNION), ["entry.appended", "webhook.disabled"]);
    world.clock.advance(TimeDelta::days(4));
    world.event(UNION, "entry.appended").await;
    assert!(world.is_quiet().await);
    let enabled = pb::Webhook {
        state: WebhookState::Enabled.into(),
        ..Default::default()
    };
    world.update(enabled, "state").await.unwrap();
    // Cursor 2 is the news of the webhook itself, which is not posted.
    assert_eq!(world.receiver.next().await.cursor(), 1);
    assert_eq!(world.receiver.next().await.cursor(), 3);
}

#[tokio::test]
async fn a_webhook_that_fails_for_long_is_told_of_once_and_once_when_it_is_well() {
    let mut world = World::new().await;
    world.create().await;
    world.receiver.otherwise(Reply::Status(500));
    world.event(UNION, "entry.appended").await;
    for failed in 1..=7 {
        world.receiver.next().await;
        world.to_next_attempt(failed).await;
    }
    let hook = world.get().await;
    assert!(hook.failing_since.is_some());
    assert_eq!(world.kinds(UNION), ["entry.appended", "webhook.failing"]);
    world.receiver.next().await;
    world.until(|hook| hook.attempts == 8).await;
    world.receiver.otherwise(Reply::Status(204));
    world.to_next_attempt(8).await;
    world.receiver.next().await;
    let told = ["entry.appended", "webhook.failing", "webhook.recovered"];
    let hook = world.until(|hook| hook.cursor == 3).await;
    assert_eq!(world.kinds(UNION), told);
    assert!(hook.failing_since.is_none());
    assert!(world.is_quiet().await);
}

#[tokio::test]
async fn a_ping_arrives_and_what_waits_is_tried_at_once() {
    let mut world = World::new().await;
    let secret = world.create().await;
    let ping = || pb::PingWebhookRequest { name: HOOK.into() };
    world
        .receiver
        .plan([Reply::Status(500), Reply::Status(500)]);
    world.event(UNION, "entry.appended").await;
    world.receiver.next().await;
    world.until(|hook| hook.attempts == 1).await;
    let answer = ask!(world, UNION, ping_webhook, ping()).unwrap();
    assert!(!answer.delivered);
    assert_eq!(answer.failure.unwrap().http_status, 500);
    world.receiver.next().await;
    assert!(ask!(world, UNION, ping_webhook, ping()).unwrap().delivered);
    let received = world.receiver.next().await;
    assert_eq!(received.event()["type"], "casenet.webhook.ping.v1");
    assert_eq!(received.signatures_by(&secret), (1, 1));
    assert!(received.id().starts_with("union:ping-"));
    assert_eq!(world.receiver.next().await.id(), "union:1");
}

#[tokio::test]
async fn what_comes_of_a_deleted_webhook_is_not_put_down_to_a_new_one_of_its_name() {
    let mut world = World::new().await;
    world.create().await;
    world.receiver.plan([Reply::Silence]);
    world.event(UNION, "entry.appended").await;
    world.receiver.next().await;
    let delete = pb::DeleteWebhookRequest {
        name: HOOK.into(),
        request_id: String::new(),
    };
    ask!(world, UNION, delete_webhook, delete).unwrap();
    let anew = pb::CreateWebhookRequest {
        after: Some(0),
        ..world.creation()
    };
    ask!(world, UNION, create_webhook, anew).unwrap();
    world.clock.advance(TimeDelta::seconds(10));
    // At once: the failure was the other's.
    assert_eq!(world.receiver.next().await.id(), "union:1");
    let hook = world.until(|hook| hook.cursor == 1).await;
    assert!(hook.last_failure.is_none());
}

//! What is refused: by the service, and by the call itself.

use host::Refused;
use proto::v1 as pb;
use proto::v1::WebhookState;
use tonic::{Code, Status};

use super::receiver::{Receiver, Reply};
use super::world::{COURT, HOOK, UNION, World, ask};
use crate::webhook::WebhookSettings;

fn field<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    let refused = Refused::read(&answer.unwrap_err());
    assert_eq!(refused.code, Code::InvalidArgument);
    refused.violations[0].0.clone()
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let mut world = World::new().await;
    world.create().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let mut elsewhere = Receiver::start(elsewhere.path()).await;
    world.receiver.plan([Reply::Redirect(elsewhere.url())]);
    world.event(UNION, "entry.appended").await;
    world.receiver.next().await;
    let hook = world.until(|hook| hook.attempts == 1).await;
    let failure = hook.last_failure.unwrap();
    assert_eq!(
        (failure.code.as_str(), failure.http_status),
        ("redirect", 307)
    );
    assert!(elsewhere.has_nothing());
}

#[tokio::test]
async fn an_address_inside_is_not_called_by_whatever_name() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(folder.path()).await;
    let settings = WebhookSettings {
        allow_private: false,
        ca: Some(receiver.ca.clone()),
    };
    let mut world = World::with(settings, receiver, folder).await;
    let port = world.receiver.address.port();
    for literal in [
        "127.0.0.1",
        "[::1]",
        "169.254.169.254",
        "10.0.0.1",
        "[::ffff:127.0.0.1]",
    ] {
        let mut request = world.creation();
        request.webhook.as_mut().unwrap().url = format!("https://{literal}:{port}/hooks");
        assert_eq!(
            field(ask!(world, UNION, create_webhook, request)),
            "webhook.url"
        );
    }
    // A name is looked up when it is called.
    world.create().await;
    world.event(UNION, "entry.appended").await;
    let hook = world.until(|hook| hook.attempts == 1).await;
    assert_eq!(hook.last_failure.unwrap().code, "address");
    let ping = pb::PingWebhookRequest { name: HOOK.into() };
    let answer = ask!(world, UNION, ping_webhook, ping).unwrap();
    assert_eq!(answer.failure.unwrap().code, "address");
    assert!(world.receiver.has_nothing());
}

#[tokio::test]
async fn a_receiver_of_another_authority_gets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let other_folder = tempfile::tempdir().unwrap();
    let other = Receiver::start(other_folder.path()).await;
    let receiver = Receiver::start(folder.path()).await;
    let settings = WebhookSettings {
        allow_private: true,
        ca: Some(other.ca.clone()),
    };
    let mut world = World::with(settings, receiver, folder).await;
    world.create().await;
    world.event(UNION, "entry.appended").await;
    let hook = world.until(|hook| hook.attempts == 1).await;
    assert_eq!(hook.last_failure.unwrap().code, "tls");
    assert!(world.receiver.has_nothing());
}

#[tokio::test]
async fn nobody_at_the_door_is_a_failure_like_any_other() {
    let world = World::new().await;
    world.create().await;
    // A port that was free a moment ago.
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/hooks", free.local_addr().unwrap());
    drop(free);
    let elsewhere = pb::Webhook {
        url,
        ..Default::default()
    };
    world.update(elsewhere, "url").await.unwrap();
    world.event(UNION, "entry.appended").await;
    let hook = world.until(|hook| hook.attempts == 1).await;
    assert_eq!(hook.last_failure.unwrap().code, "connect");
}

#[tokio::test]
async fn what_is_not_right_is_refused_field_by_field() {
    let world = World::new().await;
    let with = |change: &dyn Fn(&mut pb::CreateWebhookRequest)| {
        let mut request = world.creation();
        change(&mut request);
        request
    };
    let webhook = |change: &dyn Fn(&mut pb::Webhook)| {
        with(&|request| change(request.webhook.as_mut().unwrap()))
    };
    let wrong = [
        (with(&|r| r.parent = "cases/1".into()), "parent"),
        (with(&|r| r.webhook_id = "Main".into()), "webhook_id"),
        (with(&|r| r.webhook_id = "a/b".into()), "webhook_id"),
        (with(&|r| r.secret = "password".into()), "secret"),
        (with(&|r| r.request_id = "a b".into()), "request_id"),
        (with(&|r| r.after = Some(1)), "after"),
        (with(&|r| r.webhook = None), "webhook.url"),
        (webhook(&|w| w.url = "http://a.cn/".into()), "webhook.url"),
        (
            webhook(&|w| w.url = "https://a:b@a.cn/".into()),
            "webhook.url",
        ),
        (webhook(&|w| w.kinds = vec!["*".into()]), "webhook.kinds"),
        (webhook(&|w| w.kinds = vec!["a..b".into()]), "webhook.kinds"),
        (
            webhook(&|w| w.kinds = vec!["webhook.*".into()]),
            "webhook.kinds",
        ),
        (
            webhook(&|w| w.kinds = vec!["a".into(); 51]),
            "webhook.kinds",
        ),
        (
            webhook(&|w| w.set_state(WebhookState::Disabled)),
            "webhook.state",
        ),
        (webhook(&|w| w.state = 9), "webhook.state"),
    ];
    for (request, name) in wrong {
        assert_eq!(field(ask!(world, UNION, create_webhook, request)), name);
    }
    let list = pb::ListWebhooksRequest {
        parent: UNION.into(),
    };
    let list = ask!(world, UNION, list_webhooks, list).unwrap();
    assert!(list.webhooks.is_empty());

    world.create().await;
    for path in ["", "name", "cursor", "*"] {
        let update = world.update(pb::Webhook::default(), path).await;
        assert_eq!(field(update), "update_mask", "{path}");
    }
    let stale = pb::Webhook {
        url: world.receiver.url(),
        etag: "w9".into(),
        ..Default::default()
    };
    let stale = world.update(stale, "url").await.unwrap_err();
    assert_eq!(Refused::read(&stale).reason, "ETAG_STALE");
}

#[tokio::test]
async fn an_agency_has_five_webhooks_at_most_and_each_id_once() {
    let world = World::new().await;
    let of = |id: &str| pb::CreateWebhookRequest {
        webhook_id: id.into(),
        ..world.creation()
    };
    for id in ["h1", "h2", "h3", "h4"] {
        ask!(world, UNION, create_webhook, of(id)).unwrap();
    }
    let again = ask!(world, UNION, create_webhook, of("h4")).unwrap_err();
    assert_eq!(Refused::read(&again).reason, "ALREADY_EXISTS");
    let made = ask!(world, UNION, create_webhook, of("")).unwrap();
    assert!(made.webhook.unwrap().name.len() > "agencies/union/webhooks/".len() + 20);
    let sixth = ask!(world, UNION, create_webhook, of("h6")).unwrap_err();
    assert_eq!(sixth.code(), Code::FailedPrecondition);
    let theirs = pb::CreateWebhookRequest {
        parent: COURT.into(),
        ..of("h1")
    };
    assert!(ask!(world, COURT, create_webhook, theirs).is_ok());
}

#[tokio::test]
async fn to_another_agency_a_webhook_does_not_exist() {
    let world = World::new().await;
    world.create().await;
    let name = || HOOK.to_owned();
    let webhook = pb::Webhook {
        name: name(),
        url: world.receiver.url(),
        ..Default::default()
    };
    let update = pb::UpdateWebhookRequest {
        webhook: Some(webhook),
        update_mask: Some(prost_types::FieldMask {
            paths: vec!["url".into()],
        }),
        request_id: String::new(),
    };
    let get = pb::GetWebhookRequest { name: name() };
    let delete = pb::DeleteWebhookRequest {
        name: name(),
        request_id: String::new(),
    };
    let rotate = pb::RotateWebhookSecretRequest {
        name: name(),
        ..Default::default()
    };
    let letters = pb::ListDeadLettersRequest {
        parent: name(),
        ..Default::default()
    };
    let redeliver = pb::RedeliverDeadLettersRequest {
        name: name(),
        ..Default::default()
    };
    let list = pb::ListWebhooksRequest {
        parent: UNION.into(),
    };
    let refusals = [
        ask!(world, COURT, get_webhook, get).unwrap_err(),
        ask!(world, COURT, update_webhook, update).unwrap_err(),
        ask!(world, COURT, delete_webhook, delete).unwrap_err(),
        ask!(world, COURT, rotate_webhook_secret, rotate).unwrap_err(),
        ask!(
            world,
            COURT,
            ping_webhook,
            pb::PingWebhookRequest { name: name() }
        )
        .unwrap_err(),
        ask!(world, COURT, list_dead_letters, letters).unwrap_err(),
        ask!(world, COURT, redeliver_dead_letters, redeliver).unwrap_err(),
        ask!(world, COURT, list_webhooks, list).unwrap_err(),
        ask!(world, COURT, create_webhook, world.creation()).unwrap_err(),
    ];
    let missing = pb::GetWebhookRequest {
        name: "agencies/union/webhooks/none".into(),
    };
    let missing = ask!(world, UNION, get_webhook, missing).unwrap_err();
    for refusal in refusals {
        assert_eq!(refusal.code(), Code::NotFound);
        assert_eq!(refusal.message(), missing.message());
        assert_eq!(refusal.details(), missing.details());
    }
    assert_eq!(world.get().await.etag, "w1");
}

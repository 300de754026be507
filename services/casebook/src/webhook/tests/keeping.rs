//! Secrets: shown once, kept locked, rotated without a gap.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::TimeDelta;
use proto::v1 as pb;

use super::world::{HOOK, UNION, World, ask};

fn rotation(secret: &str) -> pb::RotateWebhookSecretRequest {
    pb::RotateWebhookSecretRequest {
        name: HOOK.into(),
        secret: secret.into(),
        ..Default::default()
    }
}

/// Whether a secret stands anywhere in the store, as bytes or as it is written.
fn is_kept_in_clear(world: &World, secret: &str) -> bool {
    let written = secret.strip_prefix("whsec_").unwrap();
    let bytes = BASE64.decode(written).unwrap();
    let rows = world.store().read().scan_raw("", None, usize::MAX).unwrap();
    assert!(rows.len() > 3);
    rows.iter().any(|(_, value)| {
        let has = |part: &[u8]| value.windows(part.len()).any(|window| window == part);
        has(&bytes) || has(written.as_bytes())
    })
}

#[tokio::test]
async fn a_secret_is_shown_once_and_kept_locked() {
    let world = World::new().await;
    let request = || pb::CreateWebhookRequest {
        request_id: "once".into(),
        ..world.creation()
    };
    let first = ask!(world, UNION, create_webhook, request()).unwrap();
    let again = ask!(world, UNION, create_webhook, request()).unwrap();
    assert_eq!(first.webhook, again.webhook);
    assert!(first.secret.starts_with("whsec_"));
    assert_eq!(again.secret, "");

    let rotate = || pb::RotateWebhookSecretRequest {
        request_id: "rotate".into(),
        ..rotation("")
    };
    let second = ask!(world, UNION, rotate_webhook_secret, rotate()).unwrap();
    assert!(!second.secret.is_empty() && second.secret != first.secret);
    let again = ask!(world, UNION, rotate_webhook_secret, rotate()).unwrap();
    assert_eq!(again.secret, "");

    let given = format!("whsec_{}", BASE64.encode([9; 40]));
    let third = ask!(world, UNION, rotate_webhook_secret, rotation(&given)).unwrap();
    assert_eq!(third.secret, given);

    let list = pb::ListWebhooksRequest {
        parent: UNION.into(),
    };
    let list = ask!(world, UNION, list_webhooks, list).unwrap();
    let answers = format!("{list:?} {:?}", world.get().await);
    for secret in [&first.secret, &second.secret, &given] {
        assert!(!answers.contains(secret.trim_start_matches("whsec_")));
        assert!(!is_kept_in_clear(&world, secret));
    }
}

#[tokio::test]
async fn both_secrets_sign_during_the_overlap_and_then_the_new_one_alone() {
    let mut world = World::new().await;
    let old = world.create().await;
    let rotated = ask!(world, UNION, rotate_webhook_secret, rotation("")).unwrap();
    let new = rotated.secret;
    assert!(rotated.webhook.unwrap().old_secret_until.is_some());
    world.event(UNION, "entry.appended").await;
    let received = world.receiver.next().await;
    assert_eq!(received.signatures_by(&old), (2, 1));
    assert_eq!(received.signatures_by(&new), (2, 1));
    world.until(|hook| hook.cursor == 1).await;
    world.clock.advance(TimeDelta::hours(24));
    world.event(UNION, "entry.appended").await;
    let received = world.receiver.next().await;
    assert_eq!(received.signatures_by(&old), (1, 0));
    assert_eq!(received.signatures_by(&new), (1, 1));
}

#[tokio::test]
async fn a_revoked_secret_signs_no_more() {
    let mut world = World::new().await;
    let old = world.create().await;
    let revoke = pb::RotateWebhookSecretRequest {
        revoke_old: true,
        ..rotation("")
    };
    let new = ask!(world, UNION, rotate_webhook_secret, revoke)
        .unwrap()
        .secret;
    world.event(UNION, "entry.appended").await;
    let received = world.receiver.next().await;
    assert_eq!(received.signatures_by(&old), (1, 0));
    assert_eq!(received.signatures_by(&new), (1, 1));
}

#[tokio::test]
async fn repeating_a_change_has_one_effect() {
    let world = World::new().await;
    world.create().await;
    let update = |url: &str| pb::UpdateWebhookRequest {
        webhook: Some(pb::Webhook {
            name: HOOK.into(),
            url: url.into(),
            ..Default::default()
        }),
        update_mask: Some(prost_types::FieldMask {
            paths: vec!["url".into()],
        }),
        request_id: "u".into(),
    };
    let once = ask!(world, UNION, update_webhook, update("https://localhost:1/")).unwrap();
    let twice = ask!(world, UNION, update_webhook, update("https://localhost:1/")).unwrap();
    assert_eq!(once, twice);
    assert!(ask!(world, UNION, update_webhook, update("https://localhost:2/")).is_err());
    let delete = || pb::DeleteWebhookRequest {
        name: HOOK.into(),
        request_id: "d".into(),
    };
    ask!(world, UNION, delete_webhook, delete()).unwrap();
    world.create().await;
    // The repetition does not delete the new one of the same name.
    ask!(world, UNION, delete_webhook, delete()).unwrap();
    assert_eq!(world.get().await.etag, "w1");
}

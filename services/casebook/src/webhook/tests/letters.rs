//! What is given up, and posted again.

use chrono::TimeDelta;
use proto::v1 as pb;

use super::receiver::Reply;
use super::world::{HOOK, UNION, World, ask, next_attempt};

/// A world whose union has this many dead letters.
async fn given_up(letters: u32) -> World {
    let mut world = World::new().await;
    world.create().await;
    world.receiver.otherwise(Reply::Status(500));
    for _ in 0..letters {
        world.event(UNION, "entry.appended").await;
    }
    for letter in 1..=letters {
        for failed in 1.. {
            world.receiver.next().await;
            let hook = world
                .until(|hook| hook.attempts == failed || hook.dead_letters == letter)
                .await;
            if hook.dead_letters == letter {
                break;
            }
            world.clock.set(next_attempt(&hook));
        }
    }
    world
}

async fn letters(world: &World) -> Vec<pb::DeadLetter> {
    let request = pb::ListDeadLettersRequest {
        parent: HOOK.into(),
        ..Default::default()
    };
    ask!(world, UNION, list_dead_letters, request)
        .unwrap()
        .dead_letters
}

fn redeliver(cursors: &[u64]) -> pb::RedeliverDeadLettersRequest {
    pb::RedeliverDeadLettersRequest {
        name: HOOK.into(),
        cursors: cursors.to_vec(),
        request_id: String::new(),
    }
}

#[tokio::test]
async fn after_three_days_an_event_is_given_up_and_the_next_is_posted() {
    let mut world = given_up(1).await;
    let letters = letters(&world).await;
    assert_eq!(letters.len(), 1);
    let begun: chrono::DateTime<chrono::Utc> = "2026-05-04T08:00:00Z".parse().unwrap();
    let given_up_at = host::clock::to_timestamp(begun + TimeDelta::days(3));
    assert_eq!(letters[0].given_up_at, Some(given_up_at));
    assert_eq!(letters[0].event.as_ref().unwrap().cursor, 1);
    assert!(letters[0].attempts > 10);
    let told = ["entry.appended", "webhook.failing", "webhook.gave-up"];
    assert_eq!(world.kinds(UNION), told);
    world.receiver.otherwise(Reply::Status(200));
    world.event(UNION, "entry.appended").await;
    assert_eq!(world.receiver.next().await.cursor(), 4);
}

#[tokio::test]
async fn a_letter_that_is_taken_leaves_the_list() {
    let mut world = given_up(2).await;
    world.receiver.otherwise(Reply::Status(200));
    let answer = ask!(world, UNION, redeliver_dead_letters, redeliver(&[2])).unwrap();
    assert_eq!(answer.waiting, 1);
    assert_eq!(world.receiver.next().await.id(), "union:2");
    world.until(|hook| hook.dead_letters == 1).await;
    assert_eq!(letters(&world).await[0].event.as_ref().unwrap().cursor, 1);
    ask!(world, UNION, redeliver_dead_letters, redeliver(&[])).unwrap();
    assert_eq!(world.receiver.next().await.id(), "union:1");
    world.until(|hook| hook.dead_letters == 0).await;
    assert!(letters(&world).await.is_empty());
}

#[tokio::test]
async fn a_letter_that_is_not_taken_stays_and_waits_to_be_asked_for_again() {
    let mut world = given_up(1).await;
    let before = letters(&world).await.remove(0);
    world.receiver.otherwise(Reply::Status(429));
    ask!(world, UNION, redeliver_dead_letters, redeliver(&[1])).unwrap();
    assert_eq!(world.receiver.next().await.id(), "union:1");
    world
        .until(|hook| hook.last_failure.as_ref().unwrap().http_status == 429)
        .await;
    let after = letters(&world).await.remove(0);
    assert_eq!(after.attempts, before.attempts + 1);
    assert!(!after.redelivering);
    world.clock.advance(TimeDelta::days(1));
    assert!(world.is_quiet().await);
}

#[tokio::test]
async fn a_letter_that_is_not_there_cannot_be_asked_for() {
    let world = given_up(1).await;
    assert!(ask!(world, UNION, redeliver_dead_letters, redeliver(&[1, 2])).is_err());
    assert!(!letters(&world).await[0].redelivering);
}

#[tokio::test]
async fn letters_are_kept_across_a_restart_and_come_page_by_page() {
    let mut world = given_up(3).await;
    world.stop().await;
    world.start();
    let mut seen = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListDeadLettersRequest {
            parent: HOOK.into(),
            page_size: 2,
            page_token,
        };
        let page = ask!(world, UNION, list_dead_letters, request).unwrap();
        seen.extend(
            page.dead_letters
                .into_iter()
                .map(|letter| letter.event.unwrap().cursor),
        );
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, [1, 2, 3]);
    let delete = pb::DeleteWebhookRequest {
        name: HOOK.into(),
        request_id: String::new(),
    };
    ask!(world, UNION, delete_webhook, delete).unwrap();
    world.create().await;
    assert!(letters(&world).await.is_empty());
}

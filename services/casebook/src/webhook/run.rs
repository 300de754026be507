//! One webhook's deliveries, until it has nothing to do now.

use chrono::TimeDelta;
use host::{Desk, Refusal};
use proto::names::WebhookName;
use proto::v1 as pb;

use super::back_off;
use super::courier::{Courier, Failure};
use super::event::Message;
use super::hook::{self, Hook};
use super::next::{Next, next};
use super::outcome::Outcome;

/// A receiver has so long to answer.
const ANSWER_WITHIN: TimeDelta = TimeDelta::seconds(10);

/// Delivers for webhooks. Cheap to clone.
#[derive(Clone)]
pub(super) struct Runner {
    desk: Desk,
    courier: Courier,
}

impl Runner {
    pub(super) fn new(desk: Desk, courier: Courier) -> Self {
        Self { desk, courier }
    }

    pub(super) fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Posts what is to be posted now, one after another: the next only when
    /// the present one was taken or given up. Each time all is read anew, so
    /// that it stops as soon as the agency or the operator says so.
    pub(super) async fn run(&self, name: &WebhookName) -> Result<(), Refusal> {
        loop {
            let (hook, what) = {
                let view = self.desk.store().read();
                let Some(hook) = Hook::load(&view, name)? else {
                    return Ok(());
                };
                let what = next(&view, name, &hook, self.desk.now())?;
                (hook, what)
            };
            let (key, uid) = (hook::key(name), &hook.kept.uid);
            let store = self.desk.store();
            match what {
                Next::Nothing | Next::At(_) => return Ok(()),
                Next::PassOver(cursor) => {
                    store
                        .change_quietly(&key, |draft| {
                            let hook = Hook::load(draft, name)?;
                            let Some(mut hook) = hook.filter(|hook| hook.kept.uid == *uid) else {
                                return Ok(());
                            };
                            hook.shown.cursor = hook.shown.cursor.max(cursor);
                            hook.save(draft, name);
                            Ok::<_, Refusal>(())
                        })
                        .await?;
                }
                Next::Event(event) => {
                    let outcome = self.post(name, &hook, &event).await;
                    store
                        .change_quietly(&key, |draft| outcome.of_event(draft, name, uid, &event))
                        .await?;
                }
                Next::Letter(letter) => {
                    let event = letter.event.unwrap_or_default();
                    let outcome = self.post(name, &hook, &event).await;
                    let cursor = event.cursor;
                    store
                        .change_quietly(&key, |draft| outcome.of_letter(draft, name, uid, cursor))
                        .await?;
                }
            }
        }
    }

    async fn post(&self, name: &WebhookName, hook: &Hook, event: &pb::FeedEvent) -> Outcome {
        let message = Message::of(name.agency(), event);
        let url = &hook.shown.url;
        let result = match hook.secrets(&self.desk, self.desk.now()) {
            None => Err(Failure::Secret),
            Some(secrets) => {
                self.courier
                    .post(url, &secrets, &message, ANSWER_WITHIN)
                    .await
            }
        };
        if let Err(failure) = result {
            // Not the URL: its query may be a password of the agency's.
            let (webhook, cursor, code) = (name.as_str(), event.cursor, failure.code());
            tracing::info!(webhook, cursor, code, "an event was not delivered");
        }
        Outcome {
            result,
            at: self.desk.now(),
            jitter: back_off::jitter(self.desk.ids().as_ref()),
        }
    }
}

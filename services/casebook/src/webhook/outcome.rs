//! What the result of an attempt does to a webhook, in one durable change: its
//! place in the feed, the next attempt, the dead-letter list, the agency's news.

use chrono::{DateTime, TimeDelta, Utc};
use host::Refusal;
use host::clock::{from_timestamp, to_timestamp};
use proto::names::WebhookName;
use proto::v1::{self as pb, WebhookState};
use store::Draft;

use super::back_off;
use super::courier::Failure;
use super::hook::{self, Hook};

/// The agency is told of a webhook that takes nothing for so long.
const TELL_AFTER: TimeDelta = TimeDelta::minutes(10);

/// What came of an attempt, and when.
pub(super) struct Outcome {
    pub(super) result: Result<(), Failure>,
    pub(super) at: DateTime<Utc>,
    /// Of the pause that may follow, in percent of its length.
    pub(super) jitter: i64,
}

impl Outcome {
    fn failure(&self) -> Option<pb::WebhookFailure> {
        self.result.err().map(|failure| as_told(failure, self.at))
    }

    /// An event of the feed was posted.
    pub(super) fn of_event(
        &self,
        draft: &mut Draft,
        name: &WebhookName,
        uid: &str,
        event: &pb::FeedEvent,
    ) -> Result<(), Refusal> {
        // It may have been deleted meanwhile, or made again under this name.
        let Some(mut hook) = Hook::load(draft, name)?.filter(|hook| hook.kept.uid == uid) else {
            return Ok(());
        };
        match self.result {
            Ok(()) => {
                self.taken(draft, name, &mut hook);
                hook.shown.cursor = event.cursor;
                hook.begin_anew();
            }
            Err(failure) if failure.is_gone() => self.gone(draft, name, &mut hook),
            Err(_) => self.event_failed(draft, name, &mut hook, event),
        }
        hook.save(draft, name);
        Ok(())
    }

    /// A dead letter was posted again.
    pub(super) fn of_letter(
        &self,
        draft: &mut Draft,
        name: &WebhookName,
        uid: &str,
        cursor: u64,
    ) -> Result<(), Refusal> {
        let Some(mut hook) = Hook::load(draft, name)?.filter(|hook| hook.kept.uid == uid) else {
            return Ok(());
        };
        hook.kept.redeliver.retain(|waiting| *waiting != cursor);
        let key = hook::letter(name, cursor);
        let letter = draft.get::<pb::DeadLetter>(&key)?;
        match (self.result, letter) {
            (Ok(()), letter) => {
                self.taken(draft, name, &mut hook);
                // Whoever takes a letter takes what waits.
                hook.begin_anew();
                if letter.is_some() {
                    draft.delete(&key);
                    hook.shown.dead_letters = hook.shown.dead_letters.saturating_sub(1);
                }
            }
            (Err(failure), letter) => {
                if let Some(mut letter) = letter {
                    letter.attempts += 1;
                    letter.last_failure = self.failure();
                    draft.put(&key, &letter);
                }
                if failure.is_gone() {
                    self.gone(draft, name, &mut hook);
                } else {
                    self.failing(draft, name, &mut hook);
                }
            }
        }
        hook.save(draft, name);
        Ok(())
    }

    fn taken(&self, draft: &mut Draft, name: &WebhookName, hook: &mut Hook) {
        hook.shown.last_delivered_at = Some(to_timestamp(self.at));
        hook.shown.failing_since = None;
        if std::mem::take(&mut hook.kept.told) {
            self.tell(draft, name, "webhook.recovered", "");
        }
    }

    fn gone(&self, draft: &mut Draft, name: &WebhookName, hook: &mut Hook) {
        self.failing(draft, name, hook);
        // Only if it is on: the agency may have stopped it meanwhile itself.
        if hook.shown.state() == WebhookState::Enabled {
            hook.shown.set_state(WebhookState::Disabled);
            self.tell(draft, name, "webhook.disabled", "gone");
        }
    }

    fn event_failed(
        &self,
        draft: &mut Draft,
        name: &WebhookName,
        hook: &mut Hook,
        event: &pb::FeedEvent,
    ) {
        self.failing(draft, name, hook);
        hook.shown.attempts += 1;
        let first = hook.kept.event_failed_at.as_ref().and_then(from_timestamp);
        let first = first.unwrap_or(self.at);
        hook.kept.event_failed_at = Some(to_timestamp(first));
        let next = back_off::next_attempt(hook.shown.attempts, first, self.at, self.jitter);
        if let Some(next) = next {
            hook.shown.next_attempt_at = Some(to_timestamp(next));
            return;
        }
        let letter = pb::DeadLetter {
            event: Some(event.clone()),
            given_up_at: Some(to_timestamp(self.at)),
            attempts: hook.shown.attempts,
            last_failure: self.failure(),
            redelivering: false,
        };
        draft.put(&hook::letter(name, event.cursor), &letter);
        hook.shown.dead_letters += 1;
        hook.shown.cursor = event.cursor;
        hook.begin_anew();
        self.tell(draft, name, "webhook.gave-up", "dead-letter");
    }

    /// Says once to the agency that its webhook fails, when it has for a while.
    fn failing(&self, draft: &mut Draft, name: &WebhookName, hook: &mut Hook) {
        hook.shown.last_failure = self.failure();
        let since = hook.shown.failing_since.as_ref().and_then(from_timestamp);
        let since = since.unwrap_or(self.at);
        hook.shown.failing_since = Some(to_timestamp(since));
        if !hook.kept.told && self.at - since >= TELL_AFTER {
            hook.kept.told = true;
            let code = self.result.err().map_or("", Failure::code);
            self.tell(draft, name, "webhook.failing", code);
        }
    }

    fn tell(&self, draft: &mut Draft, name: &WebhookName, kind: &'static str, reason: &str) {
        let event = pb::FeedEvent {
            kind: kind.to_owned(),
            resource: name.as_str().to_owned(),
            at: Some(to_timestamp(self.at)),
            reason: reason.to_owned(),
            ..pb::FeedEvent::default()
        };
        store::feed::append_stamped(draft, name.agency().as_str(), move |cursor| pb::FeedEvent {
            cursor,
            ..event
        });
    }
}

/// A failure as the contract tells it.
pub(super) fn as_told(failure: Failure, at: DateTime<Utc>) -> pb::WebhookFailure {
    pb::WebhookFailure {
        at: Some(to_timestamp(at)),
        code: failure.code().to_owned(),
        http_status: failure.status(),
    }
}

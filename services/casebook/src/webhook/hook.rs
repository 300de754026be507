//! A webhook as it is kept.

use chrono::{DateTime, Utc};
use host::clock::from_timestamp;
use host::{Desk, Refusal};
use proto::internal::v1::StoredWebhook;
use proto::names::{AgencyName, WebhookName};
use proto::v1 as pb;
use store::{Draft, View};

use super::secret::Secret;

/// The prefix of every webhook.
const ALL: &str = "webhook/";

/// Webhooks that are read at once.
const PAGE_LEN: usize = 256;

/// A webhook: what is shown of it, and what is only kept.
#[derive(Clone)]
pub(super) struct Hook {
    pub(super) shown: pb::Webhook,
    /// The rest; its `webhook` is empty while it is apart.
    pub(super) kept: StoredWebhook,
}

impl Hook {
    /// The webhook, if there is one of this name.
    pub(super) fn load(view: &View, name: &WebhookName) -> Result<Option<Self>, Refusal> {
        Ok(view.get::<StoredWebhook>(&key(name))?.map(Self::apart))
    }

    /// All webhooks of an agency, by name.
    pub(super) fn of(view: &View, agency: &AgencyName) -> Result<Vec<Self>, Refusal> {
        let rows = view.scan::<StoredWebhook>(&prefix(agency), None, PAGE_LEN)?;
        Ok(rows
            .into_iter()
            .map(|(_, kept)| Self::apart(kept))
            .collect())
    }

    /// All webhooks of the network, with their names.
    pub(super) fn all(view: &View) -> Result<Vec<(WebhookName, Self)>, Refusal> {
        let mut all = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = view.scan::<StoredWebhook>(ALL, after.as_deref(), PAGE_LEN)?;
            let is_last = page.len() < PAGE_LEN;
            after = page.last().map(|(key, _)| key.clone());
            for (_, kept) in page {
                let hook = Self::apart(kept);
                all.push((WebhookName::parse(&hook.shown.name)?, hook));
            }
            if is_last {
                return Ok(all);
            }
        }
    }

    fn apart(mut kept: StoredWebhook) -> Self {
        let shown = kept.webhook.take().unwrap_or_default();
        Self { shown, kept }
    }

    /// Keeps it as it is now.
    pub(super) fn save(&self, draft: &mut Draft, name: &WebhookName) {
        let kept = StoredWebhook {
            webhook: Some(self.shown.clone()),
            ..self.kept.clone()
        };
        draft.put(&key(name), &kept);
    }

    /// A change by the agency: a new etag, and what waits is tried at once.
    pub(super) fn changed(&mut self) {
        self.kept.version += 1;
        self.shown.etag = format!("w{}", self.kept.version);
        self.begin_anew();
    }

    /// The present event has not been tried yet, or not so that it counts.
    pub(super) fn begin_anew(&mut self) {
        self.shown.attempts = 0;
        self.shown.next_attempt_at = None;
        self.kept.event_failed_at = None;
    }

    /// Whether events of this kind are posted. INVARIANT: what tells of
    /// webhooks never is, or a failing one would have news for ever.
    pub(super) fn wants(&self, kind: &str) -> bool {
        let covers = |pattern: &String| match pattern.strip_suffix('*') {
            Some(beginning) => kind.starts_with(beginning),
            None => kind == pattern,
        };
        let kinds = &self.shown.kinds;
        !kind.starts_with("webhook.") && (kinds.is_empty() || kinds.iter().any(covers))
    }

    /// The secrets that sign now, the present one first; none if the present
    /// one cannot be opened.
    pub(super) fn secrets(&self, desk: &Desk, now: DateTime<Utc>) -> Option<Vec<Secret>> {
        let place = self.place();
        let mut secrets = vec![Secret::of(desk.unlock(&place, &self.kept.secret)?)];
        let end = self
            .shown
            .old_secret_until
            .as_ref()
            .and_then(from_timestamp);
        if end.is_some_and(|end| now < end) {
            let old = desk.unlock(&place, &self.kept.old_secret);
            secrets.extend(old.map(Secret::of));
        }
        Some(secrets)
    }

    /// Where its secrets are locked for.
    pub(super) fn place(&self) -> String {
        place(&self.kept.uid)
    }
}

/// Where the secrets of the webhook with this uid are locked for.
pub(super) fn place(uid: &str) -> String {
    format!("webhook/{uid}/secret")
}

/// The key of a webhook.
pub(super) fn key(name: &WebhookName) -> String {
    format!("{}{}", prefix(name.agency()), name.id())
}

fn prefix(agency: &AgencyName) -> String {
    format!("{ALL}{}/", agency.id())
}

/// The key of a dead letter.
pub(super) fn letter(name: &WebhookName, cursor: u64) -> String {
    format!("{}{cursor:020}", letters(name))
}

/// The prefix of a webhook's dead letters.
pub(super) fn letters(name: &WebhookName) -> String {
    format!("dead-letter/{}/{}/", name.agency().id(), name.id())
}

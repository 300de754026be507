//! What an agency says about its webhooks.

use chrono::TimeDelta;
use host::clock::to_timestamp;
use host::{Caller, Desk, Refusal};
use proto::internal::v1::StoredWebhook;
use proto::names::WebhookName;
use proto::v1::webhook_service_server::WebhookService;
use proto::v1::{self as pb, ErrorReason, WebhookState};
use store::{Draft, View};
use tonic::{Request, Response, Status};

use super::courier::{Courier, Failure};
use super::event::Message;
use super::given::{kinds, own, own_agency, state, wrong_mask};
use super::hook::{self, Hook};
use super::outcome;
use super::secret::Secret;
use super::target::Target;
use crate::case::require_etag;
use crate::page;

/// Webhooks of one agency.
const WEBHOOKS_MAX: usize = 5;

/// Hours for which an old secret signs, unless said otherwise, and at most.
const OVERLAP_HOURS: i32 = 24;
const OVERLAP_HOURS_MAX: i32 = 168;

/// A receiver has so long to answer a test: less than the caller waits.
const PING_WITHIN: TimeDelta = TimeDelta::seconds(8);

/// The WebhookService.
pub struct Webhooks {
    desk: Desk,
    courier: Courier,
}

impl Webhooks {
    pub(super) fn new(desk: Desk, courier: Courier) -> Self {
        Self { desk, courier }
    }

    fn url(&self, field: &str, given: &str) -> Result<String, Refusal> {
        let target = Target::parse(given).map_err(|wrong| Refusal::invalid(field, wrong))?;
        if !self.courier.may_call(&target) {
            let wrong =
                "names an address that this network does not call; see webhooks.allow_private";
            return Err(Refusal::invalid(field, wrong));
        }
        Ok(given.to_owned())
    }

    /// Changes one webhook, once for each request.
    async fn change<R: prost::Message>(
        &self,
        caller: &Caller,
        name: &WebhookName,
        request_id: &str,
        request: &R,
        mut step: impl FnMut(&mut Draft, &mut Hook) -> Result<(), Refusal>,
    ) -> Result<pb::Webhook, Refusal> {
        let key = hook::key(name);
        let intent = self.desk.intent(caller, &key, request_id, request)?;
        let changed = self.desk.store().change(&intent, |draft| {
            let mut hook = Hook::load(draft, name)?.ok_or_else(Refusal::not_found)?;
            step(draft, &mut hook)?;
            hook.save(draft, name);
            Ok::<_, Refusal>(hook.shown)
        });
        changed.await
    }

    /// The secret as it is shown: to the request that made it, and once. The
    /// answer that the store keeps for repetitions never contains it.
    fn shown_once(
        &self,
        name: &WebhookName,
        locked: &[u8],
        secret: &Secret,
    ) -> Result<String, Refusal> {
        let hook = Hook::load(&self.desk.store().read(), name)?;
        let is_this = hook.is_some_and(|hook| hook.kept.secret == locked);
        Ok(if is_this {
            secret.written()
        } else {
            String::new()
        })
    }
}

#[tonic::async_trait]
impl WebhookService for Webhooks {
    async fn create_webhook(
        &self,
        request: Request<pb::CreateWebhookRequest>,
    ) -> Result<Response<pb::CreateWebhookResponse>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let agency = own_agency(&caller, &request.parent)?;
        let (uid, now) = (self.desk.new_id()?, self.desk.now());
        let name = if request.webhook_id.is_empty() {
            format!("{agency}/webhooks/w{uid}")
        } else {
            format!("{agency}/webhooks/{}", request.webhook_id)
        };
        let name = WebhookName::parse(&name).map_err(|_| {
            let form = "must be 2 to 40 of a-z, 0-9 and hyphen, a letter first";
            Refusal::invalid("webhook_id", form)
        })?;
        let given = request.webhook.clone().unwrap_or_default();
        let state = match given.state {
            0 => WebhookState::Enabled,
            _ => state("webhook.state", given.state)?,
        };
        let shown = pb::Webhook {
            name: name.as_str().to_owned(),
            url: self.url("webhook.url", &given.url)?,
            kinds: kinds("webhook.kinds", &given.kinds)?,
            state: state.into(),
            created_at: Some(to_timestamp(now)),
            ..pb::Webhook::default()
        };
        let secret = Secret::given(&request.secret, self.desk.ids().as_ref())?;
        let locked = self.desk.lock(&hook::place(&uid), secret.bytes())?;

        let intent = self
            .desk
            .intent(&caller, &hook::key(&name), &request.request_id, &request)?;
        let created = self.desk.store().change(&intent, |draft| {
            let there = Hook::of(draft, &agency)?;
            if there.iter().any(|hook| hook.shown.name == shown.name) {
                return Err(Refusal::already_exists(
                    ErrorReason::AlreadyExists,
                    "a webhook of that id exists; choose another",
                ));
            }
            if there.len() >= WEBHOOKS_MAX {
                return Err(Refusal::precondition(
                    ErrorReason::WrongState,
                    "the agency has five webhooks; delete one first",
                ));
            }
            let head = store::feed::head(draft, agency.as_str())?;
            let cursor = request.after.unwrap_or(head);
            if cursor > head {
                return Err(Refusal::invalid("after", "is beyond the newest event"));
            }
            let mut hook = Hook {
                shown: pb::Webhook {
                    cursor,
                    ..shown.clone()
                },
                kept: StoredWebhook {
                    uid: uid.clone(),
                    secret: locked.clone().into(),
                    ..StoredWebhook::default()
                },
            };
            hook.changed();
            hook.save(draft, &name);
            Ok(hook.shown)
        });
        let webhook = created.await?;
        let name = WebhookName::parse(&webhook.name).map_err(Refusal::from)?;
        let secret = self.shown_once(&name, &locked, &secret)?;
        Ok(Response::new(pb::CreateWebhookResponse {
            webhook: Some(webhook),
            secret,
        }))
    }

    async fn get_webhook(
        &self,
        request: Request<pb::GetWebhookRequest>,
    ) -> Result<Response<pb::Webhook>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = own(&caller, "name", &request.name)?;
        let hook = found(&self.desk.store().read(), &name)?;
        Ok(Response::new(hook.shown))
    }

    async fn list_webhooks(
        &self,
        request: Request<pb::ListWebhooksRequest>,
    ) -> Result<Response<pb::ListWebhooksResponse>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let agency = own_agency(&caller, &request.parent)?;
        let hooks = Hook::of(&self.desk.store().read(), &agency)?;
        let webhooks = hooks.into_iter().map(|hook| hook.shown).collect();
        Ok(Response::new(pb::ListWebhooksResponse { webhooks }))
    }

    async fn update_webhook(
        &self,
        request: Request<pb::UpdateWebhookRequest>,
    ) -> Result<Response<pb::Webhook>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let given = request.webhook.clone().unwrap_or_default();
        let name = own(&caller, "webhook.name", &given.name)?;
        let mut wanted = pb::Webhook::default();
        let mask = request.update_mask.clone().unwrap_or_default().paths;
        for path in &mask {
            match path.as_str() {
                "url" => wanted.url = self.url("webhook.url", &given.url)?,
                "kinds" => wanted.kinds = kinds("webhook.kinds", &given.kinds)?,
                "state" => wanted.set_state(state("webhook.state", given.state)?),
                _ => return Err(wrong_mask().into()),
            }
        }
        if mask.is_empty() {
            return Err(wrong_mask().into());
        }
        let changes = |path: &str| mask.iter().any(|given| given == path);
        let changed = self.change(&caller, &name, &request.request_id, &request, |_, hook| {
            require_etag(&given.etag, &hook.shown.etag)?;
            if changes("url") {
                hook.shown.url.clone_from(&wanted.url);
            }
            if changes("kinds") {
                hook.shown.kinds.clone_from(&wanted.kinds);
            }
            if changes("state") {
                hook.shown.state = wanted.state;
            }
            hook.changed();
            Ok(())
        });
        Ok(Response::new(changed.await?))
    }

    async fn delete_webhook(
        &self,
        request: Request<pb::DeleteWebhookRequest>,
    ) -> Result<Response<pb::DeleteWebhookResponse>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = own(&caller, "name", &request.name)?;
        let key = hook::key(&name);
        let intent = self
            .desk
            .intent(&caller, &key, &request.request_id, &request)?;
        let deleted = self.desk.store().change(&intent, |draft| {
            found(draft, &name)?;
            draft.delete(&key);
            let letters = draft.scan_raw(&hook::letters(&name), None, usize::MAX)?;
            for (letter, _) in letters {
                draft.delete(&letter);
            }
            Ok::<_, Refusal>(pb::DeleteWebhookResponse {})
        });
        Ok(Response::new(deleted.await?))
    }

    async fn rotate_webhook_secret(
        &self,
        request: Request<pb::RotateWebhookSecretRequest>,
    ) -> Result<Response<pb::RotateWebhookSecretResponse>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = own(&caller, "name", &request.name)?;
        let hours = match request.overlap_hours {
            0 => OVERLAP_HOURS,
            hours @ 1..=OVERLAP_HOURS_MAX => hours,
            _ => return Err(Refusal::invalid("overlap_hours", "must be 0 to 168").into()),
        };
        let until = self.desk.now() + TimeDelta::hours(hours.into());
        let secret = Secret::given(&request.secret, self.desk.ids().as_ref())?;
        let uid = found(&self.desk.store().read(), &name)?.kept.uid;
        let locked = self.desk.lock(&hook::place(&uid), secret.bytes())?;

        let changed = self.change(&caller, &name, &request.request_id, &request, |_, hook| {
            if hook.kept.uid != uid {
                return Err(Refusal::not_found());
            }
            let old = std::mem::replace(&mut hook.kept.secret, locked.clone().into());
            if request.revoke_old {
                hook.kept.old_secret = prost::bytes::Bytes::new();
                hook.shown.old_secret_until = None;
            } else {
                hook.kept.old_secret = old;
                hook.shown.old_secret_until = Some(to_timestamp(until));
            }
            hook.changed();
            Ok(())
        });
        let webhook = changed.await?;
        let secret = self.shown_once(&name, &locked, &secret)?;
        Ok(Response::new(pb::RotateWebhookSecretResponse {
            webhook: Some(webhook),
            secret,
        }))
    }

    async fn ping_webhook(
        &self,
        request: Request<pb::PingWebhookRequest>,
    ) -> Result<Response<pb::PingWebhookResponse>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = own(&caller, "name", &request.name)?;
        let hook = found(&self.desk.store().read(), &name)?;
        let (unique, now) = (self.desk.new_id()?, self.desk.now());
        let message = Message::ping(name.agency(), name.as_str(), &unique, now);
        let result = match hook.secrets(&self.desk, now) {
            None => Err(Failure::Secret),
            Some(secrets) => {
                let url = &hook.shown.url;
                self.courier
                    .post(url, &secrets, &message, PING_WITHIN)
                    .await
            }
        };
        if let Err(failure) = result {
            return Ok(Response::new(pb::PingWebhookResponse {
                delivered: false,
                failure: Some(outcome::as_told(failure, self.desk.now())),
            }));
        }
        let (uid, key) = (hook.kept.uid, hook::key(&name));
        let due = self.desk.store().change_quietly(&key, |draft| {
            let hook = Hook::load(draft, &name)?.filter(|hook| hook.kept.uid == uid);
            if let Some(mut hook) = hook.filter(|hook| hook.shown.next_attempt_at.is_some()) {
                hook.shown.next_attempt_at = None;
                hook.save(draft, &name);
            }
            Ok::<_, Refusal>(())
        });
        due.await?;
        Ok(Response::new(pb::PingWebhookResponse {
            delivered: true,
            failure: None,
        }))
    }

    async fn list_dead_letters(
        &self,
        request: Request<pb::ListDeadLettersRequest>,
    ) -> Result<Response<pb::ListDeadLettersResponse>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = own(&caller, "parent", &request.parent)?;
        let limit = page::size(request.page_size, 50, 200)?;
        let prefix = hook::letters(&name);
        let after = page::place(&request.page_token, &prefix, 1)?;
        let view = self.desk.store().read();
        let waiting = found(&view, &name)?.kept.redeliver;
        let rows = view
            .scan::<pb::DeadLetter>(&prefix, after.as_deref(), limit)
            .map_err(Refusal::from)?;
        let last = rows.last().map(|(key, _)| key.as_str());
        let next_page_token = page::next(last, &prefix, rows.len() < limit);
        let as_told = |letter: pb::DeadLetter| pb::DeadLetter {
            redelivering: waiting.contains(&cursor(&letter)),
            ..letter
        };
        let dead_letters = rows
            .into_iter()
            .map(|(_, letter)| as_told(letter))
            .collect();
        Ok(Response::new(pb::ListDeadLettersResponse {
            dead_letters,
            next_page_token,
        }))
    }

    async fn redeliver_dead_letters(
        &self,
        request: Request<pb::RedeliverDeadLettersRequest>,
    ) -> Result<Response<pb::RedeliverDeadLettersResponse>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = own(&caller, "name", &request.name)?;
        let key = hook::key(&name);
        let intent = self
            .desk
            .intent(&caller, &key, &request.request_id, &request)?;
        let marked = self.desk.store().change(&intent, |draft| {
            let mut hook = found(draft, &name)?;
            let letters = draft.scan::<pb::DeadLetter>(&hook::letters(&name), None, usize::MAX)?;
            let there: Vec<u64> = letters.iter().map(|(_, letter)| cursor(letter)).collect();
            if !request.cursors.iter().all(|cursor| there.contains(cursor)) {
                return Err(Refusal::invalid(
                    "cursors",
                    "names a letter that is not there",
                ));
            }
            let is_wanted = |cursor: &u64| {
                request.cursors.is_empty()
                    || request.cursors.contains(cursor)
                    || hook.kept.redeliver.contains(cursor)
            };
            // In the order of the feed.
            hook.kept.redeliver = there.into_iter().filter(is_wanted).collect();
            hook.save(draft, &name);
            let waiting = u32::try_from(hook.kept.redeliver.len()).unwrap_or(u32::MAX);
            Ok(pb::RedeliverDeadLettersResponse { waiting })
        });
        Ok(Response::new(marked.await?))
    }
}

fn cursor(letter: &pb::DeadLetter) -> u64 {
    letter.event.as_ref().map_or(0, |event| event.cursor)
}

fn found(view: &View, name: &WebhookName) -> Result<Hook, Refusal> {
    Hook::load(view, name)?.ok_or_else(Refusal::not_found)
}

//! A spine that delivers, with two agencies, and a receiver.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use host::clock::from_timestamp;
use host::{
    Clock as _, Desk, Drain, EnvelopeKey, Envelopes, Refusal, SetClock, SystemIds, Upstream,
};
use proto::internal::v1 as internal;
use proto::names::WebhookName;
use proto::v1::webhook_service_client::WebhookServiceClient;
use proto::v1::{self as pb, AgencyKind};
use store::Store;
use tokio::task::JoinHandle;
use tonic::service::Routes;
use tonic::{Request, Status};

use super::receiver::Receiver;
use crate::keys;
use crate::webhook::hook::Hook;
use crate::webhook::{WebhookSettings, webhooks};

pub(super) const UNION: &str = "agencies/union";
pub(super) const COURT: &str = "agencies/court";
pub(super) const HOOK: &str = "agencies/union/webhooks/main";

pub(super) struct World {
    pub(super) clock: SetClock,
    pub(super) receiver: Receiver,
    pub(super) settings: WebhookSettings,
    running: Option<Running>,
    envelopes: Envelopes,
    pub(super) folder: tempfile::TempDir,
}

struct Running {
    store: Store,
    here: Upstream,
    drain: Drain,
    delivering: JoinHandle<()>,
}

/// Calls a method as an agency: `ask!(world, UNION, get_webhook, request)`.
macro_rules! ask {
    ($world:expr, $agency:expr, $method:ident, $request:expr) => {{
        let camel: String = stringify!($method)
            .split('_')
            .map(|word| word[..1].to_uppercase() + &word[1..])
            .collect();
        let path = format!("/casenet.v1.WebhookService/{camel}");
        let request = $world.seal($agency, &path, $request);
        let answer = $world.client().$method(request).await;
        answer.map(tonic::Response::into_inner)
    }};
}
pub(super) use ask;

impl World {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let receiver = Receiver::start(folder.path()).await;
        let settings = WebhookSettings {
            allow_private: true,
            ca: Some(receiver.ca.clone()),
        };
        Self::with(settings, receiver, folder).await
    }

    pub(super) async fn with(
        settings: WebhookSettings,
        receiver: Receiver,
        folder: tempfile::TempDir,
    ) -> Self {
        let clock = SetClock::at("2026-05-04T08:00:00Z".parse().unwrap());
        let key = EnvelopeKey::from_bytes(&[7; 32]).unwrap();
        let mut world = Self {
            envelopes: Envelopes::new(key, Arc::new(clock.clone())),
            clock,
            receiver,
            settings,
            running: None,
            folder,
        };
        world.start();
        let agency = |name: &str, kind: AgencyKind| pb::Agency {
            name: name.into(),
            kind: kind.into(),
            display_name_zh: "测试机构".into(),
            ..Default::default()
        };
        let agencies = vec![
            agency(UNION, AgencyKind::Union),
            agency(COURT, AgencyKind::Court),
        ];
        let now = world.clock.now();
        crate::enlist(world.store(), agencies, now).await.unwrap();
        world
    }

    pub(super) fn start(&mut self) {
        let store = Store::open(&self.folder.path().join("store")).unwrap();
        let drain = Drain::new();
        let desk = Desk::start(
            "casebook",
            store.clone(),
            Arc::new(self.clock.clone()),
            Arc::new(SystemIds::new()),
            self.envelopes.clone(),
            Upstream::Local(Routes::default()),
            &drain,
        );
        let (service, delivering) = webhooks(desk, &self.settings, &drain).unwrap();
        self.running = Some(Running {
            store,
            here: Upstream::Local(Routes::new(service)),
            drain,
            delivering,
        });
    }

    /// Stops as a program does; what is under way is cut off.
    pub(super) async fn stop(&mut self) {
        let running = self.running.take().unwrap();
        running.drain.begin();
        running.delivering.await.unwrap();
        running.store.close().await;
    }

    pub(super) fn store(&self) -> &Store {
        &self.running.as_ref().unwrap().store
    }

    pub(super) fn client(&self) -> WebhookServiceClient<Upstream> {
        WebhookServiceClient::new(self.running.as_ref().unwrap().here.clone())
    }

    /// A request as the gateway sends it on.
    pub(super) fn seal<T>(&self, agency: &str, path: &str, message: T) -> Request<T> {
        let envelope = internal::Envelope {
            agency: agency.into(),
            ..Default::default()
        };
        let mut request = Request::new(message);
        for (name, value) in self.envelopes.seal(&envelope, path).unwrap() {
            let name = tonic::metadata::AsciiMetadataKey::from_bytes(name.as_str().as_bytes());
            let value = tonic::metadata::AsciiMetadataValue::try_from(value.as_bytes());
            request.metadata_mut().insert(name.unwrap(), value.unwrap());
        }
        request
    }

    /// What it takes to add `main` to the union.
    pub(super) fn creation(&self) -> pb::CreateWebhookRequest {
        pb::CreateWebhookRequest {
            parent: UNION.into(),
            webhook_id: "main".into(),
            webhook: Some(pb::Webhook {
                url: self.receiver.url(),
                ..Default::default()
            }),
            ..Default::default()
        }
    }

    /// Adds `main` and answers its secret.
    pub(super) async fn create(&self) -> String {
        let request = self.creation();
        ask!(self, UNION, create_webhook, request).unwrap().secret
    }

    pub(super) async fn get(&self) -> pb::Webhook {
        let request = pb::GetWebhookRequest { name: HOOK.into() };
        ask!(self, UNION, get_webhook, request).unwrap()
    }

    pub(super) async fn update(
        &self,
        webhook: pb::Webhook,
        path: &str,
    ) -> Result<pb::Webhook, Status> {
        let request = pb::UpdateWebhookRequest {
            webhook: Some(pb::Webhook {
                name: HOOK.into(),
                ..webhook
            }),
            update_mask: Some(prost_types::FieldMask {
                paths: vec![path.into()],
            }),
            request_id: String::new(),
        };
        ask!(self, UNION, update_webhook, request)
    }

    /// Something happens that an agency has to know.
    pub(super) async fn event(&self, agency: &str, kind: &str) {
        let (agency, event) = (
            agency.to_owned(),
            pb::FeedEvent {
                kind: kind.into(),
                case: "cases/330782-2026-000001".into(),
                resource: "cases/330782-2026-000001/referrals/r1".into(),
                at: Some(host::clock::to_timestamp(self.clock.now())),
                ..Default::default()
            },
        );
        let happened = self.store().change_quietly("", |draft| {
            let event = event.clone();
            store::feed::append_stamped(draft, &agency, move |cursor| pb::FeedEvent {
                cursor,
                ..event
            });
            Ok::<_, Refusal>(())
        });
        happened.await.unwrap();
    }

    pub(super) async fn suspend(&self, agency: &str, suspended: bool) {
        let key = keys::agency(agency);
        let changed = self.store().change_quietly("directory", |draft| {
            let entry = draft.get::<pb::Agency>(&key)?.unwrap();
            draft.put(&key, &pb::Agency { suspended, ..entry });
            Ok::<_, Refusal>(())
        });
        changed.await.unwrap();
    }

    /// Whatever was to be posted to the union has been by now, and it is
    /// nothing: two events of the court came after it, one after the other.
    pub(super) async fn is_quiet(&mut self) -> bool {
        let request = pb::CreateWebhookRequest {
            parent: COURT.into(),
            webhook_id: "fence".into(),
            webhook: Some(pb::Webhook {
                url: self.receiver.fence(),
                ..Default::default()
            }),
            ..Default::default()
        };
        // It may be there already.
        let _ = ask!(self, COURT, create_webhook, request);
        for _ in 0..2 {
            self.event(COURT, "entry.appended").await;
            self.receiver.next_at_the_fence().await;
        }
        self.receiver.has_nothing()
    }

    /// Waits until the union's webhook has come so far, commit by commit.
    pub(super) async fn until(&self, so_far: impl Fn(&pb::Webhook) -> bool) -> pb::Webhook {
        let mut commits = self.store().subscribe();
        loop {
            commits.mark_unchanged();
            let name = WebhookName::parse(HOOK).unwrap();
            let hook = Hook::load(&self.store().read(), &name).unwrap().unwrap();
            if so_far(&hook.shown) {
                return hook.shown;
            }
            commits.changed().await.unwrap();
        }
    }

    /// Waits for the union's attempt to have failed, then for its next one.
    pub(super) async fn to_next_attempt(&self, failed: u32) {
        let hook = self.until(|hook| hook.attempts == failed).await;
        self.clock.set(next_attempt(&hook));
    }

    /// Kinds of event in an agency's feed.
    pub(super) fn kinds(&self, agency: &str) -> Vec<String> {
        let view = self.store().read();
        let events = store::feed::read_from::<pb::FeedEvent>(&view, agency, 0, 1000).unwrap();
        events.into_iter().map(|(_, event)| event.kind).collect()
    }
}

pub(super) fn next_attempt(hook: &pb::Webhook) -> DateTime<Utc> {
    from_timestamp(hook.next_attempt_at.as_ref().unwrap()).unwrap()
}

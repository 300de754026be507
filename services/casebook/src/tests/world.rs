//! A spine of its own for each test.

use std::sync::Arc;

use chrono::{TimeZone as _, Utc};
use host::{CountingIds, Desk, Drain, EnvelopeKey, Envelopes, SetClock, Upstream};
use proto::internal::v1 as internal;
use proto::internal::v1::spine_service_client::SpineServiceClient;
use proto::v1::{self as pb, AgencyKind, Section};
use store::Store;
use tokio::task::JoinHandle;
use tonic::service::Routes;
use tonic::{Request, Status};

use super::{COURT, OPERATOR, SIBLING, THIRD, UNION, registration};

/// A spine with four agencies in its directory.
pub(crate) struct World {
    pub(crate) clock: SetClock,
    envelopes: Envelopes,
    ids: Arc<CountingIds>,
    pub(crate) here: Upstream,
    store: Option<Store>,
    keeping: Option<JoinHandle<()>>,
    drain: Drain,
    folder: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let clock = SetClock::at(Utc.with_ymd_and_hms(2026, 5, 4, 8, 0, 0).unwrap());
        let key = EnvelopeKey::from_bytes(&[7; 32]).unwrap();
        let mut world = Self {
            envelopes: Envelopes::new(key, Arc::new(clock.clone())),
            clock,
            ids: Arc::new(CountingIds::new()),
            here: Upstream::Local(Routes::default()),
            store: None,
            keeping: None,
            drain: Drain::new(),
            folder: tempfile::tempdir().unwrap(),
        };
        world.start().await;
        let agency = |name: &str, kind: AgencyKind| pb::Agency {
            name: name.into(),
            kind: kind.into(),
            display_name_zh: "测试机构".into(),
            services: match kind {
                AgencyKind::Union => vec!["help".into()],
                _ => Vec::new(),
            },
            ..Default::default()
        };
        let agencies = vec![
            agency(UNION, AgencyKind::Union),
            agency(SIBLING, AgencyKind::Union),
            agency(THIRD, AgencyKind::Union),
            agency(COURT, AgencyKind::Court),
            agency(OPERATOR, AgencyKind::Operator),
        ];
        crate::enlist(world.store(), agencies, host::Clock::now(&world.clock))
            .await
            .unwrap();
        world
    }

    /// Starts on what is in the folder.
    pub(crate) async fn start(&mut self) {
        // What was stopped gives the folder back when its last task has ended.
        let store = loop {
            match Store::open(self.folder.path()) {
                Ok(store) => break store,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        self.drain = Drain::new();
        let desk = Desk::start(
            "casebook",
            store.clone(),
            Arc::new(self.clock.clone()),
            self.ids.clone(),
            self.envelopes.clone(),
            Upstream::Local(Routes::default()),
            &self.drain,
        );
        let terms = crate::Terms::default();
        self.keeping = Some(crate::keep_time(desk.clone(), terms.clone(), &self.drain));
        self.here = Upstream::Local(crate::open(desk, terms));
        self.store = Some(store);
    }

    pub(crate) async fn stop(&mut self) {
        self.drain.begin();
        if let Some(keeping) = self.keeping.take() {
            keeping.await.unwrap();
        }
        self.here = Upstream::Local(Routes::default());
        if let Some(store) = self.store.take() {
            store.close().await;
        }
    }

    pub(crate) fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    /// The same as a person of the agency.
    pub(crate) fn seal_for<T>(
        &self,
        agency: &str,
        user: usize,
        path: &str,
        message: T,
    ) -> Request<T> {
        let kind = match agency {
            COURT => AgencyKind::Court,
            OPERATOR => AgencyKind::Operator,
            _ => AgencyKind::Union,
        };
        let envelope = internal::Envelope {
            agency: agency.into(),
            user: format!("{agency}/users/u{user}"),
            kind: kind.into(),
            ..Default::default()
        };
        self.sealed(&envelope, path, message)
    }

    /// A request as the gateway sends it on, decided on this label revision.
    pub(crate) fn seal<T>(
        &self,
        agency: &str,
        path: &str,
        revision: u64,
        message: T,
    ) -> Request<T> {
        let envelope = internal::Envelope {
            agency: agency.into(),
            label_revision: revision,
            ..Default::default()
        };
        self.sealed(&envelope, path, message)
    }

    pub(crate) fn sealed<T>(
        &self,
        envelope: &internal::Envelope,
        path: &str,
        message: T,
    ) -> Request<T> {
        let mut request = Request::new(message);
        for (name, value) in self.envelopes.seal(envelope, path).unwrap() {
            let name = tonic::metadata::AsciiMetadataKey::from_bytes(name.as_str().as_bytes());
            let value = tonic::metadata::AsciiMetadataValue::try_from(value.as_bytes());
            request.metadata_mut().insert(name.unwrap(), value.unwrap());
        }
        request
    }

    pub(crate) async fn register(&self, agency: &str) -> pb::Case {
        ask!(self, agency, Case.register_case, registration()).unwrap()
    }

    pub(crate) async fn label(&self, asker: &str, name: &str) -> Result<pb::Label, Status> {
        let request = internal::GetLabelRequest { name: name.into() };
        let path = "/casenet.internal.v1.SpineService/GetLabel";
        let request = self.seal(asker, path, 0, request);
        let mut spine = SpineServiceClient::new(self.here.clone());
        Ok(spine.get_label(request).await?.into_inner())
    }

    pub(crate) async fn consent(&self, case: &str) -> pb::Consent {
        let consent = pb::Consent {
            purpose: "representation".into(),
            recipients: vec![SIBLING.into()],
            sections: vec![Section::Identity.into()],
            evidence_sha256: vec![1; 32],
            ..Default::default()
        };
        let request = pb::GrantConsentRequest {
            parent: case.into(),
            consent: Some(consent),
            request_id: String::new(),
        };
        ask!(self, UNION, Consent.grant_consent, request).unwrap()
    }

    pub(crate) async fn draft(&self, case: &str, kind: pb::ReferralKind) -> pb::Referral {
        let consent = self.consent(case).await.name;
        let request = self.offer(case, kind, &consent);
        ask!(self, UNION, Referral.create_referral, request).unwrap()
    }

    pub(crate) fn offer(
        &self,
        case: &str,
        kind: pb::ReferralKind,
        consent: &str,
    ) -> pb::CreateReferralRequest {
        let referral = pb::Referral {
            kind: kind.into(),
            to_agency: SIBLING.into(),
            service_code: "help".into(),
            purpose: "help".into(),
            consent: consent.into(),
            scope: vec![Section::Identity.into()],
            ..Default::default()
        };
        pb::CreateReferralRequest {
            parent: case.into(),
            referral: Some(referral),
            duplicate_reason: "again".into(),
            request_id: String::new(),
        }
    }

    pub(crate) async fn feed(&self, agency: &str) -> Vec<pb::FeedEvent> {
        let request = pb::ListFeedRequest {
            page_size: 1000,
            ..Default::default()
        };
        ask!(self, agency, Feed.list_feed, request).unwrap().events
    }
}

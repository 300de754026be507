//! A bureau with a spine that a test can look into.

use std::sync::{Arc, Mutex};

use chrono::{TimeZone as _, Utc};
use host::{CountingIds, Desk, Drain, EnvelopeKey, Envelopes, Refused, SetClock, Upstream};
use proto::internal::v1 as internal;
use proto::internal::v1::part_service_client::PartServiceClient;
use proto::internal::v1::spine_service_server::{SpineService, SpineServiceServer};
use proto::v1::labour_bureau_service_client::LabourBureauServiceClient;
use proto::v1::{self as pb, AgencyKind, ErrorReason};
use store::Store;
use tonic::metadata::{AsciiMetadataKey, AsciiMetadataValue};
use tonic::service::Routes;
use tonic::{Request, Response, Status};

/// What the spine was told.
#[derive(Clone, Default)]
pub(super) struct Spine {
    /// Milestones in the order of arrival.
    pub(super) milestones: Arc<Mutex<Vec<internal::Milestone>>>,
}

#[tonic::async_trait]
impl SpineService for Spine {
    async fn get_label(
        &self,
        _: Request<internal::GetLabelRequest>,
    ) -> Result<Response<pb::Label>, Status> {
        Err(Status::unimplemented("not asked for here"))
    }

    async fn get_standing(
        &self,
        _: Request<internal::GetStandingRequest>,
    ) -> Result<Response<pb::Standing>, Status> {
        Err(Status::unimplemented("not asked for here"))
    }

    async fn record_milestone(
        &self,
        request: Request<internal::RecordMilestoneRequest>,
    ) -> Result<Response<internal::RecordMilestoneResponse>, Status> {
        let milestone = request.into_inner().milestone.unwrap();
        let mut milestones = self.milestones.lock().unwrap();
        milestones.push(milestone);
        let sequence = milestones.len() as u64;
        Ok(Response::new(internal::RecordMilestoneResponse {
            sequence,
        }))
    }

    async fn get_party_digests(
        &self,
        _: Request<internal::GetPartyDigestsRequest>,
    ) -> Result<Response<internal::GetPartyDigestsResponse>, Status> {
        Err(Status::unimplemented("not asked for here"))
    }

    async fn find_identifiers(
        &self,
        _: Request<internal::FindIdentifiersRequest>,
    ) -> Result<Response<internal::FindIdentifiersResponse>, Status> {
        Err(Status::unimplemented("not asked for here"))
    }
}

/// The service, its store on disk, and the spine it talks to.
pub(super) struct World {
    pub(super) spine: Spine,
    pub(super) store: Store,
    desk: Desk,
    envelopes: Envelopes,
    _drain: Drain,
    _dir: tempfile::TempDir,
}

impl World {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let clock = Arc::new(SetClock::at(
            Utc.with_ymd_and_hms(2026, 5, 4, 8, 0, 0).unwrap(),
        ));
        let key = EnvelopeKey::from_bytes(&[7; 32]).unwrap();
        let envelopes = Envelopes::new(key, clock.clone());
        let spine = Spine::default();
        let far = Upstream::Local(Routes::new(SpineServiceServer::new(spine.clone())));
        let drain = Drain::new();
        let ids = Arc::new(CountingIds::new());
        let desk = Desk::start(
            "labour",
            store.clone(),
            clock.clone(),
            ids,
            envelopes.clone(),
            far,
            &drain,
        );
        Self {
            spine,
            store,
            desk,
            envelopes,
            _drain: drain,
            _dir: dir,
        }
    }

    pub(super) fn client(&self) -> LabourBureauServiceClient<Upstream> {
        LabourBureauServiceClient::new(Upstream::Local(crate::open(self.desk.clone())))
    }

    /// A request as the gateway would send it on, from an agency, for the
    /// method of this (snake case) name.
    pub(super) fn seal<T>(&self, agency: &str, method: &str, message: T) -> Request<T> {
        let camel: String = method
            .split('_')
            .map(|word| word[..1].to_uppercase() + &word[1..])
            .collect();
        let path = match method {
            "get_part" => "/casenet.internal.v1.PartService/GetPart".to_owned(),
            _ => format!("/casenet.v1.LabourBureauService/{camel}"),
        };
        let kind = match agency.rsplit('-').next() {
            Some("labour") => AgencyKind::LabourBureau,
            Some("union") => AgencyKind::Union,
            _ => AgencyKind::Unspecified,
        };
        let envelope = internal::Envelope {
            agency: format!("agencies/{agency}"),
            kind: kind.into(),
            user: format!("agencies/{agency}/users/chen"),
            ..Default::default()
        };
        let mut request = Request::new(message);
        for (name, value) in self.envelopes.seal(&envelope, &path).unwrap() {
            let name = AsciiMetadataKey::from_bytes(name.as_str().as_bytes()).unwrap();
            let value = AsciiMetadataValue::try_from(value.as_bytes()).unwrap();
            request.metadata_mut().insert(name, value);
        }
        request
    }

    /// What the record of the case gets from this role.
    pub(super) async fn part(&self, case: &str) -> pb::Case {
        let request = pb::GetCaseRequest {
            name: case.to_owned(),
            ..Default::default()
        };
        let request = self.seal("asking-union", "get_part", request);
        let routes = crate::open(self.desk.clone());
        let mut client = PartServiceClient::new(Upstream::Local(routes));
        client.get_part(request).await.unwrap().into_inner()
    }

    /// The acts on the timeline, each with its outcome, if it has one: `act` or
    /// `act:outcome`.
    pub(super) fn timeline(&self) -> Vec<String> {
        let milestones = self.spine.milestones.lock().unwrap();
        let entry = |m: &internal::Milestone| match m.outcome.as_str() {
            "" => m.act.clone(),
            outcome => format!("{}:{outcome}", m.act),
        };
        milestones.iter().map(entry).collect()
    }

    /// Everything that the store holds.
    pub(super) fn stored(&self) -> Vec<(String, Vec<u8>)> {
        let rows = self.store.read().scan_raw("", None, 10_000).unwrap();
        rows.into_iter()
            .map(|(key, value)| (key, value.to_vec()))
            .collect()
    }
}

/// A refusal's reason and the steps that it says are legal now.
pub(super) fn refused(status: &Status) -> (ErrorReason, Vec<String>) {
    let refused = Refused::read(status);
    (refused.known_reason().unwrap(), refused.allowed)
}

/// Calls a method as an agency: `ask!(world, "some-union", method, request)`.
macro_rules! ask {
    ($world:expr, $agency:expr, $method:ident, $request:expr) => {
        $world
            .client()
            .$method($world.seal($agency, stringify!($method), $request))
            .await
            .map(tonic::Response::into_inner)
    };
}
pub(super) use ask;

//! Bad input, the tricks: what `refusals` asks once is asked here in the shapes
//! that an attacker would give it. Refused, with a reason, and nothing stored.

mod access;
mod bytes;
mod fields;
mod pages;
mod wire;

use std::sync::Arc;

use host::tls::ClientIdentity;
use host::{EnvelopeKey, Envelopes, SystemClock, Upstream};
use http::{HeaderName, HeaderValue};
use proto::v1 as pb;
use tonic::{Request, Status};

use crate::world::World;

/// The names of the cases that an agency has.
async fn cases_of(world: &World, agency: &str) -> Vec<String> {
    let list = pb::ListCasesRequest {
        page_size: 200,
        ..Default::default()
    };
    let page = world.agency(agency).cases().list_cases(list).await.unwrap();
    let cases = page.into_inner().cases;
    cases.into_iter().map(|case| case.name).collect()
}

/// A new user of the agency, signed in: the token.
pub(crate) async fn sign_in(world: &World, agency: &str, user: &str) -> String {
    const PASSWORD: &str = "correct horse battery";
    let create = pb::CreateUserRequest {
        user_id: user.into(),
        display_name: "值班".into(),
        password: PASSWORD.into(),
    };
    let identity = world.agency(agency);
    identity.identity().create_user(create).await.unwrap();
    let sign_in = pb::SignInRequest {
        user: format!("agencies/{agency}/users/{user}"),
        password: PASSWORD.into(),
    };
    let session = world.person().identity().sign_in(sign_in).await.unwrap();
    session.into_inner().token
}

/// The two headers of an envelope that says it is the union, right in all but
/// the key: the forger has not the network's.
pub(crate) fn forged_envelope(path: &str) -> [(HeaderName, HeaderValue); 2] {
    let key = EnvelopeKey::from_bytes(&[7; 32]).unwrap();
    let envelope = proto::internal::v1::Envelope {
        agency: "agencies/yiwu-union".into(),
        kind: pb::AgencyKind::Union as i32,
        ..Default::default()
    };
    let forger = Envelopes::new(key, Arc::new(SystemClock));
    forger.seal(&envelope, path).unwrap()
}

/// Any bytes to any path, as the union.
async fn raw(world: &World, path: &'static str, bytes: Vec<u8>) -> Result<Vec<u8>, Status> {
    let identity = ClientIdentity::new(world.config.agency_files("yiwu-union"));
    let upstream = Upstream::remote(&world.gateway, &identity).unwrap();
    let mut grpc = tonic::client::Grpc::new(upstream);
    grpc.ready().await?;
    let path = http::uri::PathAndQuery::from_static(path);
    let answer = grpc.unary(Request::new(bytes), path, bytes::AsTheyAre);
    Ok(answer.await?.into_inner())
}

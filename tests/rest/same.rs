//! What HTTP shows is what gRPC shows, for everybody.

use prost_reflect::{DescriptorPool, DynamicMessage};
use proto::v1::{AgencyKind, ReferralKind, Section};
use serde_json::Value;

use crate::world::{World, on_consent, on_duty};

/// A message as ProtoJSON writes it.
fn proto_json(name: &str, message: &impl prost::Message) -> Value {
    let pool = DescriptorPool::decode(proto::DESCRIPTOR_SET).unwrap();
    let descriptor = pool
        .get_message_by_name(&format!("casenet.v1.{name}"))
        .unwrap();
    let message = DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice()).unwrap();
    serde_json::to_value(message).unwrap()
}

#[tokio::test]
async fn each_agency_sees_over_http_exactly_what_it_sees_over_grpc() {
    let world = World::together().await;
    let case = world.register("yiwu-union").await.name;
    let scope = [
        Section::Summary,
        Section::Identity,
        Section::Claims,
        Section::Timeline,
    ];
    let kinds = [AgencyKind::LawFirm, AgencyKind::Media];
    let consent = world.consent("yiwu-union", &case, &kinds, &scope).await;
    let offer = on_consent(ReferralKind::Assist, "hongyi-law", &scope, &consent.name);
    world.share("yiwu-union", &case, offer).await;
    world
        .share("yiwu-union", &case, on_duty("yiwu-labour", &scope))
        .await;
    // The court has it before it and has not answered.
    let pending = world
        .draft("yiwu-union", &case, on_duty("yiwu-court", &scope))
        .await
        .unwrap();
    world.send("yiwu-union", &pending.name).await.unwrap();

    let mut shapes = Vec::new();
    for agency in ["yiwu-union", "hongyi-law", "yiwu-labour", "yiwu-court"] {
        let over_grpc = proto_json("Case", &world.get(agency, &case).await.unwrap());
        let over_http = world
            .over_http(agency)
            .get(&format!("/v1/{case}"))
            .await
            .ok();
        assert_eq!(over_http, over_grpc, "{agency}");
        assert!(over_http.get("label").is_none());
        shapes.push(over_http.to_string());
    }
    shapes.sort();
    shapes.dedup();
    assert_eq!(shapes.len(), 4, "every agency sees something of its own");
    let outsider = world
        .over_http("yiwu-daily")
        .get(&format!("/v1/{case}"))
        .await;
    outsider.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_purpose_and_chosen_sections_reach_the_gate() {
    let world = World::together().await;
    let case = world.register("yiwu-union").await.name;
    let union = world.over_http("yiwu-union");
    let path = format!("/v1/{case}");
    let usual = union.get(&path).await.ok();
    assert!(usual["identityNumbers"][0].get("number").is_none());
    let filing = union.clone().with("casenet-purpose", "filing");
    let filing = filing.get(&path).await.ok();
    assert_eq!(filing["identityNumbers"][0]["number"], "33078218700615007X");
    let chosen = format!("{path}?sections=SECTION_CLAIMS&sections=SECTION_SUMMARY");
    let chosen = union.get(&chosen).await.ok();
    assert!(chosen.get("claims").is_some() && chosen.get("identities").is_none());
    let early = format!("{path}?asOf=2020-01-01T00:00:00%2B08:00");
    assert!(union.get(&early).await.ok().get("timeline").is_none());
}

#[tokio::test]
async fn http_2_is_answered_like_http_1() {
    let world = World::together().await;
    let identity = host::tls::ClientIdentity::new(world.config.agency_files("yiwu-union"));
    let upstream = host::Upstream::remote(&world.gateway, &identity).unwrap();
    let request = http::Request::get(format!("https://{}/v1/whoami", world.gateway))
        .body(tonic::body::Body::empty())
        .unwrap();
    let answer = upstream.call(request).await.unwrap();
    assert_eq!(answer.status(), http::StatusCode::OK);
    let body = http_body_util::BodyExt::collect(answer.into_body())
        .await
        .unwrap()
        .to_bytes();
    let over_http_1 = world.over_http("yiwu-union").get("/v1/whoami").await;
    assert_eq!(body, over_http_1.bytes);
}

//! Messages that are not what their method takes, and repeats that are none.

use host::Refused;
use prost::Message as _;
use proto::v1 as pb;
use tonic::Code;

use super::{cases_of, raw};
use crate::world::{World, refused, registration};

const REGISTER: &str = "/casenet.v1.CaseService/RegisterCase";

#[tokio::test]
async fn an_unknown_field_inside_a_worker_is_refused_too() {
    let world = World::together().await;
    let mut worker = registration("测试工友").workers.remove(0).encode_to_vec();
    proto::wire::put_bytes(&mut worker, 9_999, b"hidden");
    let mut request = registration("测试工友");
    request.workers.clear();
    let mut bytes = request.encode_to_vec();
    let workers = field_of_workers();
    proto::wire::put_bytes(&mut bytes, workers, &worker);
    let status = raw(&world, REGISTER, bytes).await.unwrap_err();
    refused(&status, Code::InvalidArgument, "UNKNOWN_FIELD");
    assert_eq!(Refused::read(&status).violations[0].0, "workers#9999");
    assert!(cases_of(&world, "yiwu-union").await.is_empty());
}

/// The number of `RegisterCaseRequest.workers`, from the contract itself.
fn field_of_workers() -> u32 {
    let pool = prost_reflect::DescriptorPool::decode(proto::DESCRIPTOR_SET).unwrap();
    let message = pool.get_message_by_name("casenet.v1.RegisterCaseRequest");
    let field = message.unwrap().get_field_by_name("workers").unwrap();
    field.number()
}

#[tokio::test]
async fn a_registration_over_the_size_limit_stores_nothing() {
    let world = World::together().await;
    let request = pb::RegisterCaseRequest {
        title_zh: "甲".repeat(100 * 1024),
        ..registration("测试工友")
    };
    let union = world.agency("yiwu-union");
    let status = union.cases().register_case(request).await.unwrap_err();
    refused(&status, Code::ResourceExhausted, "MESSAGE_TOO_LARGE");
    assert!(cases_of(&world, "yiwu-union").await.is_empty());
}

#[tokio::test]
async fn the_request_id_of_one_agency_gives_another_nothing_of_its_answer() {
    let world = World::together().await;
    let request = pb::RegisterCaseRequest {
        request_id: "shared".into(),
        ..registration("工会的工友")
    };
    let union = world.agency("yiwu-union");
    let ours = union.cases().register_case(request.clone()).await.unwrap();
    let ours = ours.into_inner().name;
    let bureau = world.agency("yiwu-labour");
    let theirs = bureau.cases().register_case(request).await.unwrap();
    let theirs = theirs.into_inner().name;
    assert_ne!(ours, theirs);
    assert_eq!(cases_of(&world, "yiwu-union").await, [ours]);
    assert_eq!(cases_of(&world, "yiwu-labour").await, [theirs]);
}

#[tokio::test]
async fn a_request_id_used_for_another_method_is_refused_and_changes_nothing() {
    let world = World::together().await;
    let request = pb::RegisterCaseRequest {
        request_id: "once".into(),
        ..registration("测试工友")
    };
    let union = world.agency("yiwu-union");
    let case = union.cases().register_case(request).await.unwrap();
    let case = case.into_inner();
    let close = pb::CloseCaseRequest {
        name: case.name.clone(),
        result_code: "settled".into(),
        etag: String::new(),
        request_id: "once".into(),
    };
    let status = union.cases().close_case(close).await.unwrap_err();
    refused(&status, Code::AlreadyExists, "REQUEST_ID_REUSED");
    let now = world.get("yiwu-union", &case.name).await.unwrap();
    assert_eq!(now.etag, case.etag);
}

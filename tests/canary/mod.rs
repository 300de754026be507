//! The canary sweep.

mod fields;
mod marks;
mod plant;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_a_case_carries_a_mark_or_an_excuse() {
    let world = World::with(crate::matrix::agencies()).await;
    let planted = plant::plant(&world, plant::UNION).await;
    let mut records = Vec::new();
    for author in plant::AUTHORS {
        let client = world.agency(author).with_purpose("filing");
        let get = proto::v1::GetCaseRequest {
            name: planted.case.clone(),
            ..Default::default()
        };
        let record = client.cases().get_case(get).await.unwrap();
        records.push(record.into_inner());
    }
    fields::require_all_marked(&planted, &records);
}

//! No text identifies anybody (个人信息保护法 25; 未成年人保护法 103).

use proto::contract::Contract;
use proto::v1::{self as pb, ErrorReason, Section};
use tonic::{Code, Status};

use super::world::{World, ask, refused};
use super::{
    CASE, HOUSE, LEAD, approve, approved, ask_worker, asked, correct, parent, propose, publish,
    report, submit,
};

fn violations(status: &Status) -> Vec<(String, String)> {
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(refused(status).0, ErrorReason::DraftIdentifies);
    host::Refused::read(status).violations
}

#[tokio::test]
async fn a_draft_that_names_the_worker_is_refused_with_each_place_and_without_the_name() {
    let world = World::new();
    world.name("虞大海");
    asked(&world).await;
    let (stored, timeline) = (world.stored(), world.timeline());

    let status = submit(&world, "工人虞大海受了伤。\n虞大海等了六年。")
        .await
        .unwrap_err();
    let places = [
        "3 characters from character 2",
        "3 characters from character 10",
    ]
    .map(|place| ("text".to_owned(), format!("worker name, {place}")));
    assert_eq!(violations(&status), places);
    let whole = format!("{status:?}{:?}{:?}", status.message(), status.details());
    assert!(!whole.contains("虞大海"));
    let name = "虞大海".as_bytes();
    assert!(
        !status
            .details()
            .windows(name.len())
            .any(|window| window == name)
    );
    assert_eq!((world.stored(), world.timeline()), (stored, timeline));
}

#[tokio::test]
async fn no_field_of_the_file_lets_a_name_in() {
    let world = World::new();
    world.name("虞某某");
    let named = "虞某某";
    assert_eq!(
        violations(&propose(&world, named, "").await.unwrap_err())[0].0,
        "working_title"
    );
    assert_eq!(
        violations(&report(&world, "https://a.cn/虞某某").await.unwrap_err())[0].0,
        "url"
    );
    let escaped = "https://a.cn/%E8%99%9E%E6%9F%90%E6%9F%90";
    assert_eq!(
        violations(&report(&world, escaped).await.unwrap_err())[0].0,
        "url"
    );
    propose(&world, "六年索赔路", "").await.unwrap();
    assert_eq!(
        violations(&ask_worker(&world, named).await.unwrap_err())[0].0,
        "asks"
    );
    ask_worker(&world, "以化名报道此案").await.unwrap();
    submit(&world, "正文").await.unwrap();
    approve(&world, LEAD, 1).await.unwrap();
    let request = pb::PublishRequest {
        parent: parent(),
        draft: 1,
        text_sha256: crate::file::sha256("正文"),
        outlet: named.into(),
        ..Default::default()
    };
    let status = ask!(world, HOUSE, publish, request).unwrap_err();
    assert_eq!(violations(&status)[0].0, "outlet");
    publish(&world, 1, "正文").await.unwrap();
    assert_eq!(
        violations(&correct(&world, 1, named).await.unwrap_err())[0].0,
        "text"
    );
    let held = world.stored();
    let is_in = |bytes: &[u8]| {
        bytes
            .windows(named.len())
            .any(|window| window == named.as_bytes())
    };
    assert!(!held.iter().any(|(_, value)| is_in(value)));
}

#[tokio::test]
async fn a_name_that_the_case_learns_later_stops_approval_and_publication() {
    let world = World::new();
    asked(&world).await;
    submit(&world, "工人小海受了伤。").await.unwrap();
    world.name("小海");
    violations(&approve(&world, LEAD, 1).await.unwrap_err());

    let world = World::new();
    approved(&world, "工人小海受了伤。").await;
    world.name("小海");
    violations(&publish(&world, 1, "工人小海受了伤。").await.unwrap_err());
    assert!(
        world.part(CASE).await.publicity_files[0]
            .publications
            .is_empty()
    );
}

#[test]
fn nothing_of_the_file_shows_in_part() {
    let contract = Contract::load().unwrap();
    let publish = contract.method("/casenet.v1.MediaService/Publish").unwrap();
    let file = contract.shape(publish.response);
    assert_eq!(file.authored, Some(Section::Publicity));
    assert!(file.fields().all(|(_, field)| !field.part));
}

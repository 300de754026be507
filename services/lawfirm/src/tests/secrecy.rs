//! What must stay where it is (律师法 38).

use prost::Message as _;
use proto::contract::Contract;
use proto::internal::v1::Side;
use proto::v1::{self as pb, FirmPartyKind, Section};
use tonic::Code;

use super::world::{World, ask};
use super::{CASE, FIRM, OTHER, check, engaged, note, parent, register};

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn a_privileged_note_is_in_no_file_and_on_no_timeline() {
    let world = World::new();
    engaged(&world, FIRM).await;
    let first = note(&world, "settle above 18,000").await.unwrap();
    let second = note(&world, "the foreman will testify").await.unwrap();
    assert_eq!((first.number, second.number), (1, 2));
    assert_eq!(first.author, format!("agencies/{FIRM}"));
    assert_eq!(first.user, format!("agencies/{FIRM}/users/chen"));

    let part = world.part(CASE).await;
    assert_eq!(part.privileged_notes, [first, second]);
    for file in &part.counsel_files {
        assert!(!contains(&file.encode_to_vec(), "testify"));
    }
    assert_eq!(
        world.timeline().len(),
        2,
        "the check and the engagement only"
    );
}

#[tokio::test]
async fn no_name_or_number_of_a_party_is_ever_stored() {
    let world = World::new();
    let request = pb::RecordPartyRequest {
        kind: FirmPartyKind::Adverse.into(),
        party_name: "虞大海".into(),
        identity_number: "11010519491231002X".into(),
        reference: "2026-17".into(),
        request_id: "once".into(),
        ..Default::default()
    };
    let first = ask!(world, FIRM, record_party, request.clone()).unwrap();
    let second = ask!(world, FIRM, record_party, request.clone()).unwrap();
    assert_eq!(first, second);

    // Nor a plain hash of the request, from which a name can be guessed.
    let intent = store::Intent::new("agencies/x", "once", "", &request, 0);
    let intent = format!("{intent:?}");
    let plain_hash = intent
        .split("content: [")
        .nth(1)
        .unwrap()
        .split(']')
        .next()
        .unwrap();
    for (key, value) in world.stored() {
        assert!(
            !contains(&value, "虞大海") && !contains(&value, "491231002"),
            "{key}"
        );
        assert!(!key.contains("虞大海"), "{key}");
        assert!(!format!("{value:?}").contains(plain_hash), "{key}");
    }
}

#[tokio::test]
async fn the_check_says_yes_or_no_and_never_who() {
    let world = World::new();
    world.party(Side::Employer, "义乌某电梯公司");
    register(&world, FIRM, FirmPartyKind::Client, "义乌某电梯公司").await;
    let file = check(&world, FIRM).await.unwrap();
    let digest = world.spine.parties.lock().unwrap()[0].digest.clone();
    let answer = file.encode_to_vec();
    assert!(!answer.windows(digest.len()).any(|window| window == digest));
    assert!(!contains(&answer, "2026-17"), "nor for which matter");
}

#[tokio::test]
async fn no_firm_touches_anothers_file() {
    let world = World::new();
    engaged(&world, FIRM).await;
    let before = world.part(CASE).await.counsel_files;
    let request = pb::CloseEngagementRequest {
        parent: parent(),
        result_code: "settled".into(),
        ..Default::default()
    };
    let status = ask!(world, OTHER, close_engagement, request).unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert_eq!(world.part(CASE).await.counsel_files, before);

    engaged(&world, OTHER).await;
    let part = world.part(CASE).await;
    let authors: Vec<_> = part
        .counsel_files
        .iter()
        .map(|file| file.author.as_str())
        .collect();
    assert_eq!(authors, ["agencies/kaihua-firm", "agencies/yiwu-firm"]);
    assert_eq!(
        world.part("cases/330782-2026-000124").await,
        pb::Case::default()
    );
}

#[test]
fn in_part_others_see_that_there_is_an_engagement_and_since_when() {
    let contract = Contract::load().unwrap();
    let engage = contract
        .method("/casenet.v1.LawFirmService/Engage")
        .unwrap();
    let file = contract.shape(engage.response);
    assert_eq!(file.authored, Some(Section::CounselFile));
    let part: Vec<_> = file
        .fields()
        .filter(|(_, field)| field.part)
        .map(|(_, field)| field.name.as_str())
        .collect();
    assert_eq!(part, ["engagement", "engaged_since"]);
    let privileged: Vec<_> = file
        .fields()
        .filter(|(_, field)| field.section == Some(Section::Privileged))
        .map(|(_, field)| field.name.as_str())
        .collect();
    let expected = [
        "state",
        "legal_steps",
        "conflict_found",
        "conflict_checks",
        "under_way_at",
        "decline_reason",
    ];
    assert_eq!(privileged, expected);

    let write = contract
        .method("/casenet.v1.LawFirmService/WritePrivilegedNote")
        .unwrap();
    let note = contract.shape(write.response);
    assert_eq!(note.authored, Some(Section::Privileged));
    assert!(note.fields().all(|(_, field)| !field.part));
}

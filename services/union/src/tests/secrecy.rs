//! What is said in mediation stays in the file (人民调解法 15; 民诉解释 107).

use prost::Message as _;
use proto::contract::{Contract, Shape};
use proto::v1::{self as pb, Section};

use super::world::World;
use super::{
    CASE, agree, aid, appeal, close, fail, handled, mediate, open, paid, reopen, session, yuan,
};

fn holds(bytes: &[u8], text: &str) -> bool {
    let text = text.as_bytes();
    bytes.windows(text.len()).any(|window| window == text)
}

#[tokio::test]
async fn no_milestone_carries_a_word_or_a_sum_of_a_mediation() {
    let world = World::new();
    handled(&world).await;
    mediate(&world, true, true).await.unwrap();
    session(&world, "企业愿付三千").await.unwrap();
    fail(&world).await.unwrap();
    mediate(&world, true, true).await.unwrap();
    session(&world, "企业愿付三千").await.unwrap();
    agree(&world).await.unwrap();
    aid(&world, pb::LegalAidDecision::Granted, "")
        .await
        .unwrap();
    appeal(&world).await.unwrap();
    paid(&world, yuan(1_000), false).await.unwrap();
    paid(&world, yuan(2_090), true).await.unwrap();
    close(&world, pb::UnionResult::Performed).await.unwrap();

    let milestones = world.milestones();
    assert_eq!(milestones.len(), 10);
    for milestone in milestones {
        assert_eq!(milestone.amount, None, "{}", milestone.act);
        let bytes = milestone.encode_to_vec();
        for word in ["三千", "分两期", "陈某", "工资", "refused", "金华"] {
            assert!(!holds(&bytes, word), "{} tells {word}", milestone.act);
        }
    }
}

#[tokio::test]
async fn a_sum_paid_on_an_agreement_from_before_the_network_is_not_told_either() {
    let world = World::new();
    open(&world, "agreed").await.unwrap();
    let file = paid(&world, yuan(3_090), true).await.unwrap();
    assert_eq!(file.performed, yuan(3_090));
    assert_eq!(world.milestones().pop().unwrap().amount, None);

    // Nor after the file was closed and reopened.
    let world = World::new();
    open(&world, "agreed").await.unwrap();
    close(&world, pb::UnionResult::Settled).await.unwrap();
    reopen(&world).await.unwrap();
    paid(&world, yuan(3_090), true).await.unwrap();
    assert_eq!(world.milestones().pop().unwrap().amount, None);
}

/// Names of the fields of a message that show to those who see it in part.
fn in_part(shape: &Shape) -> Vec<&str> {
    let fields = shape.fields().filter(|(_, field)| field.part);
    fields.map(|(_, field)| field.name.as_str()).collect()
}

#[test]
fn in_part_a_file_shows_its_agreements_and_nothing_of_how_they_came_about() {
    let contract = Contract::load().unwrap();
    let method = contract.method("/casenet.v1.UnionService/GetPart");
    assert!(method.is_none(), "parts are for the gateway only");
    let close = contract
        .method("/casenet.v1.UnionService/CloseFile")
        .unwrap();
    let file = contract.shape(close.response);
    assert_eq!(file.authored, Some(Section::UnionFile));
    assert_eq!(in_part(file), ["agreements"]);

    for (_, field) in file.fields() {
        let Some(inner) = field.message else { continue };
        let shown = in_part(contract.shape(inner));
        if field.name == "agreements" {
            let expected = [
                "number",
                "terms",
                "amount",
                "perform_by",
                "agreed_on",
                "signed_by_both",
                "signed_by_mediator",
                "sealed",
            ];
            assert_eq!(shown, expected);
        } else {
            // google.type and Timestamp carry no annotations of ours.
            assert!(shown.is_empty(), "{}", field.name);
        }
    }
}

#[tokio::test]
async fn minutes_are_kept_where_the_union_itself_reads_them() {
    let world = World::new();
    open(&world, "mediating").await.unwrap();
    session(&world, "企业愿付三千").await.unwrap();
    let part = world.part(CASE).await;
    let sessions = &part.union_files[0].mediations[0].sessions;
    assert_eq!(sessions[0].minutes, "企业愿付三千");
    assert!(part.label.is_none());
}

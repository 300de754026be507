//! Page tokens that the method did not give out.

use host::Refused;
use proto::v1 as pb;
use tonic::{Code, Status};

use super::cases_of;
use crate::world::{World, refused};

const FORGED: [&str; 5] = [
    "../../directory/",
    "%2e%2e%2f",
    "a/b",
    "1 or 1",
    "\u{202e}1",
];

fn refuses_the_token<T: std::fmt::Debug>(answer: Result<T, Status>, token: &str) {
    let status = answer.expect_err(&format!("{token:?} was taken"));
    refused(&status, Code::InvalidArgument, "INVALID_ARGUMENT");
    let told = Refused::read(&status);
    assert_eq!(told.violations[0].0, "page_token", "{token:?}");
}

#[tokio::test]
async fn a_forged_page_token_is_refused_by_every_list() {
    let world = World::together().await;
    let case = world.register("yiwu-union").await.name;
    let union = world.agency("yiwu-union");
    for token in FORGED {
        let list = pb::ListCasesRequest {
            page_token: token.into(),
            ..Default::default()
        };
        refuses_the_token(union.cases().list_cases(list).await, token);
        let list = pb::ListReferralsRequest {
            page_token: token.into(),
            ..Default::default()
        };
        refuses_the_token(union.referrals().list_referrals(list).await, token);
        let list = pb::ListAgenciesRequest {
            page_token: token.into(),
            ..Default::default()
        };
        refuses_the_token(union.directory().list_agencies(list).await, token);
        let list = pb::ListDisclosuresRequest {
            parent: case.clone(),
            page_token: token.into(),
            ..Default::default()
        };
        refuses_the_token(union.disclosures().list_disclosures(list).await, token);
        let list = pb::ListPartiesRequest {
            page_token: token.into(),
            ..Default::default()
        };
        let firm = world.agency("hongyi-law");
        refuses_the_token(firm.lawfirm().list_parties(list).await, token);
    }
    assert_eq!(cases_of(&world, "yiwu-union").await, [case]);
}

#[tokio::test]
async fn another_agencys_page_token_leads_to_none_of_its_cases() {
    let world = World::together().await;
    for _ in 0..3 {
        world.register("yiwu-union").await;
    }
    let first = pb::ListCasesRequest {
        page_size: 1,
        ..Default::default()
    };
    let union = world.agency("yiwu-union");
    let page = union.cases().list_cases(first).await.unwrap().into_inner();
    assert!(!page.next_page_token.is_empty());
    let stolen = || pb::ListCasesRequest {
        page_token: page.next_page_token.clone(),
        ..Default::default()
    };
    let court = world.agency("yiwu-court");
    let theirs = court.cases().list_cases(stolen()).await.unwrap();
    assert!(theirs.into_inner().cases.is_empty());
    // The token is one that leads on: the union itself gets the other two.
    let ours = union.cases().list_cases(stolen()).await.unwrap();
    assert_eq!(ours.into_inner().cases.len(), 2);
}

#[tokio::test]
async fn the_largest_number_is_refused_or_an_empty_page_and_not_a_crash() {
    let world = World::together().await;
    let case = world.register("yiwu-union").await.name;
    let union = world.agency("yiwu-union");
    let list = pb::ListReferralsRequest {
        page_token: usize::MAX.to_string(),
        ..Default::default()
    };
    let token = "the largest number";
    refuses_the_token(union.referrals().list_referrals(list).await, token);
    let list = pb::ListDisclosuresRequest {
        parent: case,
        page_token: u64::MAX.to_string(),
        ..Default::default()
    };
    union.disclosures().list_disclosures(list).await.unwrap();
}

#[tokio::test]
async fn a_page_of_less_than_nothing_is_refused() {
    let world = World::together().await;
    let list = pb::ListCasesRequest {
        page_size: -1,
        ..Default::default()
    };
    let union = world.agency("yiwu-union");
    let status = union.cases().list_cases(list).await.unwrap_err();
    refused(&status, Code::InvalidArgument, "INVALID_ARGUMENT");
    assert_eq!(Refused::read(&status).violations[0].0, "page_size");
}

//! The canary sweep. A case carries a mark in every field; whoever calls, in
//! whatever way it stands to the case, calls every method that the contract has,
//! found by reflection; and in nothing that leaves (answers, streams, refusals,
//! trailers, feed, webhooks, log) is a mark that the design withholds from it.
//!
//! Reading order: `marks`, `plant`, `files`, `fields`; `stand`; `requests`, `line`,
//! `sweep`; `ears`.
//!
//! Methods that change something come after all that read, in two rounds: first
//! those that cannot give the caller more than it had, then those that by design
//! can (`sweep::WIDENING`), held against what they can give at most.

mod ears;
mod fields;
mod files;
mod line;
mod marks;
mod plant;
mod requests;
mod stand;
mod sweep;

use std::collections::{BTreeMap, BTreeSet};

use prost::Message as _;
use proto::v1 as pb;

use crate::world::World;
use stand::State;

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_a_case_carries_a_mark_and_who_may_see_it_does() {
    let world = World::with(crate::matrix::agencies()).await;
    let planted = plant::plant(&world, plant::UNION).await;
    let marks = &planted.marks;
    let mut records = Vec::new();
    let mut found = BTreeMap::new();
    for author in plant::AUTHORS {
        let client = world.agency(author).with_purpose("filing");
        let get = pb::GetCaseRequest {
            name: planted.case.clone(),
            ..Default::default()
        };
        let record = client.cases().get_case(get).await.unwrap().into_inner();
        found.insert(author, marks.found(&record.encode_to_vec()));
        records.push(record);
    }
    fields::require_all_marked(&planted, &records);

    // The lead finds what the matrix gives to it, and nothing else.
    let streamed = |at: &usize| planted.streamed == *marks.all[*at].name;
    let mut of_the_lead = stand::of_the_lead(marks);
    of_the_lead.retain(|at| !streamed(at));
    assert_eq!(found[plant::UNION], of_the_lead);
    assert!(of_the_lead.len() > 100, "{}", of_the_lead.len());
    // With what each author finds, and the house's drafts, it is all there is.
    let desk = pb::GetPublicityFileRequest {
        parent: planted.case.clone(),
        agency: format!("agencies/{}", plant::HOUSE),
    };
    let mut media = world.agency(plant::UNION).media();
    let desk = media.get_publicity_file(desk).await.unwrap().into_inner();
    let desk = desk.encode_to_vec();
    let mut all: BTreeSet<usize> = found.into_values().flatten().collect();
    all.extend(marks.found(&desk));
    let missing = (0..marks.all.len()).filter(|at| !all.contains(at) && !streamed(at));
    assert_eq!(missing.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_grant_nobody_learns_anything_from_any_method() {
    sweep::sweep(State::NoGrant).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_triage_no_method_tells_more_than_the_matrix() {
    sweep::sweep(State::Triage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_work_no_method_tells_more_than_the_matrix() {
    sweep::sweep(State::Working).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_work_no_method_tells_more_than_the_matrix() {
    sweep::sweep(State::Residual).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn once_consent_is_withdrawn_no_method_tells_anything() {
    sweep::sweep(State::Withdrawn).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn once_its_time_is_over_no_method_tells_anything() {
    sweep::sweep(State::Expired).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_break_glass_no_method_tells_more_than_the_matrix() {
    sweep::sweep(State::BreakGlass).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn to_a_former_lead_no_method_tells_more_than_what_it_keeps() {
    sweep::sweep(State::FormerLead).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn to_the_receiver_of_a_sub_referral_no_method_tells_more_than_was_passed_on() {
    sweep::sweep(State::SubReceiver).await;
}

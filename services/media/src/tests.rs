//! Journeys through the service as the gateway calls it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod anonymity;
mod journeys;
mod refusals;
mod world;

use proto::Date;
use proto::v1::{self as pb, PublicityFile};
use tonic::Status;

use crate::file::sha256;
use world::{World, ask};

const CASE: &str = "cases/330782-2026-000123";
const HOUSE: &str = "yiwu-news";
const RIVAL: &str = "kaihua-news";
const LEAD: &str = "yiwu-union";

type Answer = Result<PublicityFile, Status>;

fn parent() -> String {
    CASE.to_owned()
}

fn day(year: i32, month: i32, day: i32) -> Option<Date> {
    Some(Date { year, month, day })
}

async fn propose(world: &World, title: &str, under_way_at: &str) -> Answer {
    let request = pb::ProposeCoverageRequest {
        parent: parent(),
        working_title: title.to_owned(),
        angle: "work_safety".into(),
        under_way_at: under_way_at.to_owned(),
        ..Default::default()
    };
    ask!(world, HOUSE, propose_coverage, request)
}

async fn ask_worker(world: &World, asks: &str) -> Answer {
    let request = pb::RequestConsentRequest {
        parent: parent(),
        asks: asks.to_owned(),
        ..Default::default()
    };
    ask!(world, HOUSE, request_consent, request)
}

async fn submit(world: &World, text: &str) -> Answer {
    let request = pb::SubmitDraftRequest {
        parent: parent(),
        text: text.to_owned(),
        ..Default::default()
    };
    ask!(world, HOUSE, submit_draft, request)
}

async fn approve(world: &World, who: &str, draft: u32) -> Answer {
    let agency = format!("agencies/{HOUSE}");
    let request = pb::ApproveDraftRequest {
        parent: parent(),
        agency,
        draft,
        ..Default::default()
    };
    ask!(world, who, approve_draft, request)
}

async fn send_back(world: &World, who: &str, draft: u32) -> Answer {
    let request = pb::ReturnDraftRequest {
        parent: parent(),
        agency: format!("agencies/{HOUSE}"),
        draft,
        reason: "inaccurate".into(),
        ..Default::default()
    };
    ask!(world, who, return_draft, request)
}

async fn publish(world: &World, draft: u32, text: &str) -> Answer {
    let request = pb::PublishRequest {
        parent: parent(),
        draft,
        text_sha256: sha256(text),
        outlet: "某报社".into(),
        url: "https://news.example/17".into(),
        date: day(2026, 5, 1),
        ..Default::default()
    };
    ask!(world, HOUSE, publish, request)
}

async fn retract(world: &World, publication: u32) -> Answer {
    let request = pb::RetractRequest {
        parent: parent(),
        publication,
        reason: "consent_withdrawn".into(),
        ..Default::default()
    };
    ask!(world, HOUSE, retract, request)
}

async fn correct(world: &World, publication: u32, text: &str) -> Answer {
    let request = pb::CorrectPublicationRequest {
        parent: parent(),
        publication,
        text: text.to_owned(),
        ..Default::default()
    };
    ask!(world, HOUSE, correct_publication, request)
}

async fn follow_up(world: &World, kind: pb::FollowUpKind, outcome: &str) -> Answer {
    let request = pb::RecordFollowUpRequest {
        parent: parent(),
        kind: kind.into(),
        outcome: outcome.to_owned(),
        ..Default::default()
    };
    ask!(world, HOUSE, record_follow_up, request)
}

async fn report(world: &World, url: &str) -> Answer {
    let request = pb::RecordReportRequest {
        parent: parent(),
        url: url.to_owned(),
        ..Default::default()
    };
    ask!(world, HOUSE, record_report, request)
}

async fn read(world: &World, who: &str) -> Answer {
    let agency = format!("agencies/{HOUSE}");
    let request = pb::GetPublicityFileRequest {
        parent: parent(),
        agency,
    };
    ask!(world, who, get_publicity_file, request)
}

/// A house whose worker was asked.
async fn asked(world: &World) {
    propose(world, "六年索赔路", "").await.unwrap();
    ask_worker(world, "以化名报道此案").await.unwrap();
}

/// A house with draft 1 approved.
async fn approved(world: &World, text: &str) {
    asked(world).await;
    submit(world, text).await.unwrap();
    approve(world, LEAD, 1).await.unwrap();
}

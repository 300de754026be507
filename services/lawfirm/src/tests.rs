//! Journeys through the service as the gateway calls it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod conflicts;
mod engagements;
mod secrecy;
mod world;

use proto::Date;
use proto::v1 as pb;

use world::{World, ask};

const CASE: &str = "cases/330782-2026-000123";
const REFERRAL: &str = "cases/330782-2026-000123/referrals/r5k2";
const FIRM: &str = "yiwu-firm";
const OTHER: &str = "kaihua-firm";

fn parent() -> String {
    CASE.to_owned()
}

fn day(year: i32, month: i32, day: i32) -> Option<Date> {
    Some(Date { year, month, day })
}

/// A client or adverse party in a firm's register.
async fn register(world: &World, firm: &str, kind: pb::FirmPartyKind, name: &str) {
    let request = pb::RecordPartyRequest {
        kind: kind.into(),
        party_name: name.to_owned(),
        reference: "2026-17".into(),
        ..Default::default()
    };
    ask!(world, firm, record_party, request).unwrap();
}

async fn check(world: &World, firm: &str) -> Result<pb::CounselFile, tonic::Status> {
    let referral = REFERRAL.to_owned();
    let request = pb::CheckConflictRequest {
        parent: parent(),
        referral,
        ..Default::default()
    };
    ask!(world, firm, check_conflict, request)
}

async fn engage(world: &World, firm: &str) -> Result<pb::CounselFile, tonic::Status> {
    let request = pb::EngageRequest {
        parent: parent(),
        fee_arrangement: pb::FeeArrangement::LegalAid.into(),
        date: day(2026, 3, 0),
        ..Default::default()
    };
    ask!(world, firm, engage, request)
}

async fn empower(world: &World, firm: &str, authority: pb::CounselAuthority) -> pb::CounselFile {
    let request = pb::RecordPowerOfAttorneyRequest {
        parent: parent(),
        authority: authority.into(),
        date: day(2026, 3, 2),
        ..Default::default()
    };
    ask!(world, firm, record_power_of_attorney, request).unwrap()
}

/// A firm that acts on the case.
async fn engaged(world: &World, firm: &str) {
    check(world, firm).await.unwrap();
    engage(world, firm).await.unwrap();
}

async fn settle(world: &World) -> Result<pb::CounselFile, tonic::Status> {
    let amount = proto::Money {
        currency_code: "CNY".into(),
        units: 18_500,
        nanos: 0,
    };
    let amount = Some(amount);
    let request = pb::RecordSettlementRequest {
        parent: parent(),
        amount,
        ..Default::default()
    };
    ask!(world, FIRM, record_settlement, request)
}

async fn close(world: &World) -> Result<pb::CounselFile, tonic::Status> {
    let result_code = "settled".to_owned();
    let request = pb::CloseEngagementRequest {
        parent: parent(),
        result_code,
        ..Default::default()
    };
    ask!(world, FIRM, close_engagement, request)
}

async fn note(world: &World, text: &str) -> Result<pb::PrivilegedNote, tonic::Status> {
    let text = text.to_owned();
    let request = pb::WritePrivilegedNoteRequest {
        parent: parent(),
        text,
        ..Default::default()
    };
    ask!(world, FIRM, write_privileged_note, request)
}

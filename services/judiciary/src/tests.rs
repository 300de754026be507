//! Journeys through the service as the gateway calls it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod enforcements;
mod procedures;
mod procuratorates;
mod refusals;
mod suits;
mod world;

use proto::v1 as pb;
use proto::{Date, Money};

use world::{World, ask};

const CASE: &str = "cases/330782-2026-000123";
const COURT: &str = "yiwu-court";
const OTHER: &str = "jinhua-court";
const PROCURATORATE: &str = "yiwu-procuratorate";

fn parent() -> String {
    CASE.to_owned()
}

fn day(year: i32, month: i32, day: i32) -> Option<Date> {
    Some(Date { year, month, day })
}

fn yuan(units: i64) -> Option<Money> {
    Some(Money {
        currency_code: "CNY".into(),
        units,
        nanos: 0,
    })
}

/// A request for a method that needs no more than the case.
macro_rules! plain {
    ($request:ident) => {
        pb::$request {
            parent: parent(),
            ..Default::default()
        }
    };
}
use plain;

/// A civil suit after an award.
fn suit() -> pb::FileSuitRequest {
    pb::FileSuitRequest {
        parent: parent(),
        kind: pb::CourtKind::CivilSuit.into(),
        arbitration_basis: pb::ArbitrationBasis::Award.into(),
        plaintiff: pb::Litigant::Worker.into(),
        ..Default::default()
    }
}

/// The same, under way at this state.
fn suit_at(state: &str) -> pb::FileSuitRequest {
    pb::FileSuitRequest {
        under_way_at: state.into(),
        ..suit()
    }
}

fn judgment(result_code: &str, amount: Option<Money>) -> pb::RenderJudgmentRequest {
    pb::RenderJudgmentRequest {
        parent: parent(),
        result_code: result_code.into(),
        amount,
        reasoning: "employment is proved".into(),
        date: day(2026, 3, 2),
        ..Default::default()
    }
}

async fn file_suit(world: &World, request: pb::FileSuitRequest) -> pb::CourtFile {
    ask!(world, COURT, file_suit, request).unwrap()
}

//! Journeys through the service as the gateway calls it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod journeys;
mod letters;
mod refusals;
mod secrecy;
mod world;

use proto::v1::{self as pb, LetterReply, UnionFile, UnionLetterKind};
use proto::{Date, Money};
use tonic::Status;

use world::{World, ask};

const CASE: &str = "cases/330782-2026-000123";
const UNION: &str = "yiwu-union";
const OTHER: &str = "kaihua-union";

type Answer = Result<UnionFile, Status>;

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

async fn open_by(world: &World, union: &str, under_way_at: &str) -> Answer {
    let request = pb::OpenIntakeRequest {
        parent: parent(),
        channel: pb::ComplaintChannel::Visit.into(),
        statement: "三个月未发工资".into(),
        under_way_at: under_way_at.to_owned(),
        date: day(2026, 4, 0),
        ..Default::default()
    };
    ask!(world, union, open_intake, request)
}

async fn open(world: &World, under_way_at: &str) -> Answer {
    open_by(world, UNION, under_way_at).await
}

async fn assign(world: &World) -> Answer {
    let request = pb::AssignCaseworkerRequest {
        parent: parent(),
        caseworker_name: "陈某".into(),
        ..Default::default()
    };
    ask!(world, UNION, assign_caseworker, request)
}

/// A file that a caseworker handles.
async fn handled(world: &World) {
    open(world, "").await.unwrap();
    assign(world).await.unwrap();
}

async fn mediate(world: &World, worker_consents: bool, employer_consents: bool) -> Answer {
    let request = pb::OpenMediationRequest {
        parent: parent(),
        worker_consents,
        employer_consents,
        ..Default::default()
    };
    ask!(world, UNION, open_mediation, request)
}

async fn session(world: &World, minutes: &str) -> Answer {
    let request = pb::HoldMediationSessionRequest {
        parent: parent(),
        attendees: 4,
        minutes: minutes.to_owned(),
        date: day(2026, 5, 2),
        ..Default::default()
    };
    ask!(world, UNION, hold_mediation_session, request)
}

fn agreement() -> pb::RecordMediationAgreementRequest {
    pb::RecordMediationAgreementRequest {
        parent: parent(),
        terms: "分两期支付工资".into(),
        amount: yuan(3_090),
        perform_by: day(2026, 9, 1),
        signed_by_both: true,
        signed_by_mediator: true,
        sealed: true,
        date: day(2026, 5, 3),
        ..Default::default()
    }
}

async fn agree(world: &World) -> Answer {
    ask!(world, UNION, record_mediation_agreement, agreement())
}

async fn fail(world: &World) -> Answer {
    let request = pb::RecordMediationFailureRequest {
        parent: parent(),
        reason: pb::MediationFailure::EmployerRefused.into(),
        ..Default::default()
    };
    ask!(world, UNION, record_mediation_failure, request)
}

async fn paid(world: &World, amount: Option<Money>, in_full: bool) -> Answer {
    let request = pb::RecordPerformanceRequest {
        parent: parent(),
        amount,
        in_full,
        ..Default::default()
    };
    ask!(world, UNION, record_performance, request)
}

fn letter(kind: UnionLetterKind) -> pb::IssueLetterRequest {
    pb::IssueLetterRequest {
        parent: parent(),
        kind: kind.into(),
        addressee: "义乌某电梯公司".into(),
        subject: "支付拖欠工资".into(),
        reply_due_days: 15,
        date: day(2026, 5, 4),
        ..Default::default()
    }
}

async fn send(world: &World, kind: UnionLetterKind) -> Answer {
    ask!(world, UNION, issue_letter, letter(kind))
}

async fn answer(world: &World, letter: u32, reply: LetterReply) -> Answer {
    let request = pb::RecordLetterReplyRequest {
        parent: parent(),
        letter,
        reply: reply.into(),
        ..Default::default()
    };
    ask!(world, UNION, record_letter_reply, request)
}

async fn represent(world: &World, names: &[&str]) -> Answer {
    let request = pb::RecordRepresentationRequest {
        parent: parent(),
        forum: pb::RepresentationForum::Arbitration.into(),
        representatives: names.iter().map(|name| (*name).to_owned()).collect(),
        ..Default::default()
    };
    ask!(world, UNION, record_representation, request)
}

async fn aid(world: &World, decision: pb::LegalAidDecision, reason: &str) -> Answer {
    let is_granted = decision == pb::LegalAidDecision::Granted;
    let request = pb::RequestLegalAidRequest {
        parent: parent(),
        decision: decision.into(),
        amount: yuan(2_000).filter(|_| is_granted),
        reason: reason.to_owned(),
        ..Default::default()
    };
    ask!(world, UNION, request_legal_aid, request)
}

async fn appeal(world: &World) -> Answer {
    let request = pb::RecordUrgentAppealRequest {
        parent: parent(),
        addressee: "金华市人大常委会".into(),
        subject: "案件久拖不决".into(),
        date: day(2002, 6, 13),
        ..Default::default()
    };
    ask!(world, UNION, record_urgent_appeal, request)
}

async fn investigate(world: &World, investigators: u32, findings: &str) -> Answer {
    let request = pb::RecordInvestigationRequest {
        parent: parent(),
        investigators,
        findings: findings.to_owned(),
        ..Default::default()
    };
    ask!(world, UNION, record_investigation, request)
}

async fn decline(world: &World, reason: &str) -> Answer {
    let request = pb::DeclineCaseRequest {
        parent: parent(),
        reason: reason.to_owned(),
        ..Default::default()
    };
    ask!(world, UNION, decline_case, request)
}

async fn close(world: &World, result: pb::UnionResult) -> Answer {
    let request = pb::CloseFileRequest {
        parent: parent(),
        result: result.into(),
        ..Default::default()
    };
    ask!(world, UNION, close_file, request)
}

async fn reopen(world: &World) -> Answer {
    let request = pb::ReopenFileRequest {
        parent: parent(),
        reason: "not_performed".into(),
        ..Default::default()
    };
    ask!(world, UNION, reopen_file, request)
}

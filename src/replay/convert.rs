//! A published case's values as the contract's: codes, dates, money.

use law::codes::fen::Fen;
use proto::Money;
use proto::v1 as pb;

use super::case_file::{CaseFile, Step};

pub(super) fn registration(file: &CaseFile) -> pb::RegisterCaseRequest {
    let district = file
        .regions
        .iter()
        .filter(|region| region.role.as_deref() == Some("case"))
        .find_map(|region| region.code.clone())
        .filter(|code| {
            law::codes::region::Region::parse(code).is_ok_and(|region| region.is_current_address())
        })
        .unwrap_or_else(|| "330782".to_owned());
    let alias = file
        .workers
        .alias
        .clone()
        .filter(|alias| !alias.trim().is_empty());
    let claims: Vec<pb::Claim> = file
        .claims
        .iter()
        .map(|claim| pb::Claim {
            kind: code(&claim.item),
            amount: claim.amount_rmb.as_ref().and_then(money),
            qualifier: claim
                .amount_qualifier
                .as_deref()
                .map(code)
                .unwrap_or_default(),
            note: cut(claim.note.as_deref().unwrap_or_default(), 4_000),
            ..pb::Claim::default()
        })
        .collect();
    let employer = file.employer.as_ref();
    pb::RegisterCaseRequest {
        district,
        workers: vec![pb::NewWorker {
            name: cut(alias.as_deref().unwrap_or("某劳动者"), 100),
            origin: cut(file.workers.origin_zh.as_deref().unwrap_or_default(), 100),
            ..pb::NewWorker::default()
        }],
        worker_count: file.workers.count.unwrap_or(0),
        employment: Some(pb::Employment {
            employer_kind: employer
                .and_then(|e| e.kind.as_deref())
                .map(code)
                .unwrap_or_default(),
            employer_name: cut(
                employer
                    .and_then(|e| e.alias.as_deref())
                    .unwrap_or_default(),
                200,
            ),
            ..pb::Employment::default()
        }),
        claims: if claims.is_empty() {
            vec![pb::Claim {
                kind: "not_published".to_owned(),
                ..pb::Claim::default()
            }]
        } else {
            claims
        },
        injury: None,
        title_zh: cut(&file.title_zh, 200),
        title_en: cut(&file.title_en, 200),
        request_id: format!("replay-{}", file.id),
    }
}

/// A code of the open lists: what is none in the source is made one.
pub(super) fn code(text: &str) -> String {
    let plain: String = text
        .to_lowercase()
        .chars()
        .map(|c| {
            if c.is_ascii_lowercase() || c.is_ascii_digit() {
                c
            } else {
                '_'
            }
        })
        .take(60)
        .collect();
    let plain = plain.trim_start_matches('_').to_owned();
    if plain.is_empty() {
        "other".to_owned()
    } else {
        plain
    }
}

pub(super) fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

/// The step's date, as precisely as published; one that does not exist is none.
pub(super) fn date(step: &Step) -> Option<proto::Date> {
    let mut parts = step
        .date
        .as_deref()?
        .split('-')
        .map(|part| part.parse::<i32>().ok());
    let year = parts.next().flatten()?;
    let (mut month, mut day) = (parts.next().flatten(), parts.next().flatten());
    match step.date_precision.as_deref() {
        Some("year") => (month, day) = (None, None),
        Some("month") => day = None,
        _ => {}
    }
    let date = proto::Date {
        year,
        month: month.unwrap_or(0),
        day: day.unwrap_or(0),
    };
    host::parse::optional_date("date", Some(&date)).ok()?
}

/// Published yuan as money; a sum that is none (negative, part of a fen) is
/// left out.
pub(super) fn money(yuan: &serde_json::Number) -> Option<Money> {
    let (units, nanos) = Fen::parse(&yuan.to_string()).ok()?.to_money();
    Some(Money {
        currency_code: "CNY".to_owned(),
        units,
        nanos,
    })
}

pub(super) fn sha256(bytes: &[u8]) -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA256, bytes)
        .as_ref()
        .to_vec()
}

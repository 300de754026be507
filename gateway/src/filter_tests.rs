#![allow(clippy::unwrap_used)]
//! The filter on real messages of the contract, under real rules.

use std::sync::LazyLock;

use proptest::prelude::{any, proptest};
use prost::Message as _;
use proto::contract::{Contract, ShapeId};
use proto::v1::{
    AgencyKind, Case, Claim, ConsentFact, Entry, Grant, GrantStage, Injury, Label, Section,
    Summary, UnionFile, WorkerIdentity,
};
use proto::{Date, Money, section};

use crate::filter::{self, Redacted};
use crate::policy::{Permit, PolicyFiles, Rules, Seeker};

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::load().unwrap());
static RULES: LazyLock<Rules> =
    LazyLock::new(|| Rules::compile(&PolicyFiles::built_in(), &CONTRACT).unwrap());

fn shape_of_case() -> ShapeId {
    CONTRACT
        .method("/casenet.v1.CaseService/GetCase")
        .unwrap()
        .response
}

fn seeker(agency: &str, kind: AgencyKind) -> Seeker {
    Seeker {
        agency: agency.to_owned(),
        kind,
        suspended: false,
        system: true,
        purpose: "handling".to_owned(),
        now: "2026-03-01T00:00:00Z".parse().unwrap(),
    }
}

fn label(grants: Vec<Grant>) -> Label {
    Label {
        case: "cases/330782-2026-000001".to_owned(),
        revision: 1,
        lead: "agencies/union".to_owned(),
        grants,
        ..Label::default()
    }
}

fn grant(agency: &str, stage: GrantStage, sections: &[Section]) -> Grant {
    Grant {
        agency: agency.to_owned(),
        stage: stage as i32,
        sections: sections.iter().map(|s| *s as i32).collect(),
        ..Grant::default()
    }
}

fn record() -> Case {
    let entry = |author: &str, section: Section, note: &str| Entry {
        author: author.to_owned(),
        section: section as i32,
        note: note.to_owned(),
        ..Entry::default()
    };
    Case {
        label: Some(label(Vec::new())),
        name: "cases/330782-2026-000001".to_owned(),
        summary: Some(Summary {
            number: "330782-2026-000001".to_owned(),
            lead: "MARK-lead".to_owned(),
            ..Summary::default()
        }),
        identities: vec![WorkerIdentity {
            worker: 1,
            pseudonym: "MARK-pseudonym".to_owned(),
            name: "MARK-name".to_owned(),
            ..WorkerIdentity::default()
        }],
        claims: vec![Claim {
            kind: "unpaid_wages".to_owned(),
            amount_band: "5k-20k".to_owned(),
            amount: Some(Money {
                currency_code: "CNY".to_owned(),
                units: 12_345,
                nanos: 0,
            }),
            ..Claim::default()
        }],
        injury: Some(Injury {
            diagnosis: "MARK-diagnosis".to_owned(),
            ..Injury::default()
        }),
        timeline: vec![
            entry("agencies/union", Section::Unspecified, "MARK-milestone"),
            entry("agencies/union", Section::Injury, "MARK-injury-note"),
            entry("agencies/firm", Section::Privileged, "MARK-strategy"),
        ],
        union_files: vec![UnionFile {
            author: "agencies/union".to_owned(),
            ..UnionFile::default()
        }],
        ..Case::default()
    }
}

fn seen(seeker: &Seeker, label: &Label, record: &Case) -> (Case, Redacted) {
    let permit = Permit::decide(&RULES, seeker, label);
    let cut = filter::redact(
        &CONTRACT,
        shape_of_case(),
        &record.encode_to_vec(),
        &permit,
        vec![],
    )
    .unwrap();
    let again = filter::redact(
        &CONTRACT,
        shape_of_case(),
        &record.encode_to_vec(),
        &permit,
        vec![],
    )
    .unwrap();
    (Case::decode(again.into_bytes().as_slice()).unwrap(), cut)
}

#[test]
fn the_lead_sees_its_case_but_no_strategy_and_no_injury_without_consent() {
    let (case, _) = seen(
        &seeker("agencies/union", AgencyKind::Union),
        &label(vec![]),
        &record(),
    );
    assert!(case.label.is_none());
    assert_eq!(case.identities[0].name, "MARK-name");
    assert_eq!(case.claims[0].amount.as_ref().unwrap().units, 12_345);
    assert!(case.injury.is_none());
    let notes: Vec<_> = case
        .timeline
        .iter()
        .map(|entry| entry.note.as_str())
        .collect();
    // Its own note on the injury it reads; the firm's strategy it does not.
    assert_eq!(notes, ["MARK-milestone", "MARK-injury-note"]);
    let withheld = case.disclosure.unwrap().withheld;
    let injury = withheld
        .iter()
        .find(|w| w.section() == Section::Injury)
        .unwrap();
    assert_eq!(injury.rule, "union.injury");
    assert!(!injury.reason_zh.is_empty() && !injury.law.is_empty());
}

#[test]
fn triage_shows_kinds_and_bands_and_nobody() {
    let sections = [Section::Summary, Section::Claims];
    let label = label(vec![grant("agencies/firm", GrantStage::Triage, &sections)]);
    let (case, _) = seen(
        &seeker("agencies/firm", AgencyKind::LawFirm),
        &label,
        &record(),
    );
    assert_eq!(case.claims[0].amount_band, "5k-20k");
    assert!(case.claims[0].amount.is_none());
    assert_eq!(case.summary.unwrap().lead, "");
    assert!(case.identities.is_empty() && case.union_files.is_empty());
    // Of the timeline only what the firm itself wrote.
    assert_eq!(
        case.timeline
            .iter()
            .map(|e| e.note.as_str())
            .collect::<Vec<_>>(),
        ["MARK-strategy"]
    );
}

#[test]
fn media_see_a_pseudonym_on_consent_and_nothing_without() {
    let sections = [Section::Summary, Section::Identity, Section::Claims];
    let mut label = label(vec![grant(
        "agencies/press",
        GrantStage::Working,
        &sections,
    )]);
    let press = seeker("agencies/press", AgencyKind::Media);
    assert!(!Permit::decide(&RULES, &press, &label).sees_anything());
    label.consents.push(ConsentFact {
        kinds: vec![AgencyKind::Media as i32],
        sections: sections.iter().map(|s| *s as i32).collect(),
        ..ConsentFact::default()
    });
    let (case, _) = seen(&press, &label, &record());
    assert_eq!(case.identities[0].pseudonym, "MARK-pseudonym");
    assert_eq!(case.identities[0].name, "");
}

#[test]
fn nothing_of_an_agency_without_a_grant_leaves() {
    for kind in [
        AgencyKind::Union,
        AgencyKind::Court,
        AgencyKind::Media,
        AgencyKind::Operator,
    ] {
        let stranger = seeker("agencies/stranger", kind);
        assert!(
            !Permit::decide(&RULES, &stranger, &label(vec![])).sees_anything(),
            "{kind:?}"
        );
    }
}

#[test]
fn an_ended_a_future_and_an_unreadable_grant_give_nothing() {
    let at = |text: &str| Some(host::clock::to_timestamp(text.parse().unwrap()));
    let firm = seeker("agencies/firm", AgencyKind::LawFirm);
    let working = grant("agencies/firm", GrantStage::Working, &section::ALL);
    let nonsense = prost_types::Timestamp {
        seconds: i64::MAX,
        nanos: -1,
    };
    for wrong in [
        Grant {
            valid_until: at("2026-03-01T00:00:00Z"),
            ..working.clone()
        },
        Grant {
            valid_from: at("2026-03-01T00:00:01Z"),
            ..working.clone()
        },
        Grant {
            valid_until: Some(nonsense),
            ..working.clone()
        },
        Grant {
            stage: 99,
            ..working.clone()
        },
    ] {
        assert!(!Permit::decide(&RULES, &firm, &label(vec![wrong])).sees_anything());
    }
    assert!(Permit::decide(&RULES, &firm, &label(vec![working])).sees_anything());
}

#[test]
fn dates_and_money_are_values_and_go_whole_or_not_at_all() {
    let mut case = record();
    case.summary = Some(Summary {
        next_deadline: Some(Date {
            year: 2026,
            month: 4,
            day: 1,
        }),
        ..Summary::default()
    });
    let (seen, _) = seen(
        &seeker("agencies/union", AgencyKind::Union),
        &label(vec![]),
        &case,
    );
    assert_eq!(seen.summary.unwrap().next_deadline.unwrap().year, 2026);
}

#[test]
fn the_record_of_a_disclosure_names_what_was_shown() {
    let (_, cut) = seen(
        &seeker("agencies/union", AgencyKind::Union),
        &label(vec![]),
        &record(),
    );
    let shown = &cut.disclosed()[0].shown;
    assert!(shown.full.contains(&Section::Identity) && !shown.full.contains(&Section::Privileged));
}

proptest! {
    /// Whatever bytes a service answers, a stranger gets none of them.
    #[test]
    fn random_bytes_never_leak_to_a_stranger(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let permit = Permit::decide(&RULES, &seeker("agencies/x", AgencyKind::LawFirm), &label(vec![]));
        if let Ok(cut) = filter::redact(&CONTRACT, shape_of_case(), &bytes, &permit, vec![]) {
            // A name that is no UTF-8 stands for itself: it is what was asked for.
            if let Ok(case) = Case::decode(cut.into_bytes().as_slice()) {
                let open = Case {
                    name: case.name.clone(),
                    disclosure: case.disclosure.clone(),
                    ..Case::default()
                };
                assert_eq!(case, open);
            }
        }
    }
}

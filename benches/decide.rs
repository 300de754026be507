//! What a decision costs: of one section and of a whole record (every section,
//! read and readPart, others' and own), the first time and remembered, for every
//! kind of agency. Medians with the middle 80 % of all samples.
//!
//! `cargo bench --bench decide`
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use chrono::DateTime;
use comfy_table::{Table, presets};
use gateway::{Facts, Permit, PolicyFiles, Rules, Seeker};
use proto::contract::Contract;
use proto::section;
use proto::v1::{AgencyKind, ConsentFact, Grant, GrantStage, Label};

const KINDS: [AgencyKind; 7] = [
    AgencyKind::Union,
    AgencyKind::LawFirm,
    AgencyKind::LabourBureau,
    AgencyKind::Court,
    AgencyKind::Procuratorate,
    AgencyKind::Media,
    AgencyKind::University,
];
/// Sets of rules that remember nothing yet; each gives one first record.
const FRESH: usize = 40;
/// Remembered decisions are too short to time one by one.
const BATCH: u32 = 1_000;
const BATCHES: usize = 50;

fn seeker(kind: AgencyKind) -> Seeker {
    Seeker {
        agency: "agencies/reader".to_owned(),
        kind,
        suspended: false,
        system: true,
        purpose: "handling".to_owned(),
        now: DateTime::UNIX_EPOCH,
    }
}

/// A case that the reader works on, with a consent that covers it.
fn label(kind: AgencyKind) -> Label {
    let sections: Vec<i32> = section::ALL.iter().map(|section| *section as i32).collect();
    Label {
        case: "cases/330782-2026-000001".to_owned(),
        lead: "agencies/lead".to_owned(),
        grants: vec![Grant {
            agency: "agencies/reader".to_owned(),
            stage: GrantStage::Working as i32,
            sections: sections.clone(),
            ..Grant::default()
        }],
        consents: vec![ConsentFact {
            kinds: vec![kind as i32],
            sections,
            ..ConsentFact::default()
        }],
        ..Label::default()
    }
}

/// Median, tenth and ninetieth percentile.
fn spread(mut samples: Vec<Duration>) -> [String; 2] {
    samples.sort();
    let at = |percent: usize| micros(samples[(samples.len() - 1) * percent / 100]);
    [at(50), format!("{} – {}", at(10), at(90))]
}

fn micros(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    match micros {
        ..10.0 => format!("{micros:.2} µs"),
        _ => format!("{micros:.0} µs"),
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let began = Instant::now();
    black_box(work());
    began.elapsed()
}

/// The mean of a batch, many times.
fn batched<T>(work: impl Fn() -> T) -> Vec<Duration> {
    let batch = || {
        timed(|| {
            for _ in 0..BATCH {
                black_box(work());
            }
        }) / BATCH
    };
    (0..BATCHES).map(|_| batch()).collect()
}

fn main() {
    let contract = Contract::load().unwrap();
    let files = PolicyFiles::built_in();
    let fresh = || Rules::compile(&files, &contract).unwrap();
    let mut first_section = Vec::new();
    let mut first_record = Vec::new();
    let mut known_section = Vec::new();
    let mut known_record = Vec::new();
    for kind in KINDS {
        let (seeker, label) = (seeker(kind), label(kind));
        for _ in 0..FRESH {
            let rules = fresh();
            first_record.push(timed(|| Permit::decide(&rules, &seeker, &label)));
        }
        let rules = fresh();
        for section in section::ALL {
            let facts = || Facts::of_section(&seeker, &label, section, false);
            for _ in 0..FRESH {
                first_section.push(timed(|| rules.evaluate("read", &facts())));
            }
            rules.decide("read", facts());
            known_section.extend(batched(|| rules.decide("read", facts())));
        }
        Permit::decide(&rules, &seeker, &label);
        known_record.extend(batched(|| Permit::decide(&rules, &seeker, &label)));
    }
    let mut table = Table::new();
    table
        .load_preset(presets::ASCII_MARKDOWN)
        .set_header(["decision", "median", "10 % – 90 %"]);
    for (what, samples) in [
        ("one section, the first time", first_section),
        ("one section, remembered", known_section),
        ("a whole record, the first time", first_record),
        ("a whole record, remembered", known_record),
    ] {
        let [median, middle] = spread(samples);
        table.add_row([what.to_owned(), median, middle]);
    }
    println!("{table}");
}

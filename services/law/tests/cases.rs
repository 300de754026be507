//! The published cases: which limits were kept, missed or cannot be known.
//! The report is a file to be read: `derivations/cases.txt`.

use std::path::Path;

use law::calendar::Calendar;
use law::deadline::Rules;
use law::deadline::journal::{Act, Course, Finding, Unknown, Verdict, When, review};
use serde_json::Value;

use crate::derivations::compare;

fn acts(case: &Value) -> Vec<Act> {
    let text = |step: &Value, field: &str| step[field].as_str().unwrap_or_default().to_owned();
    let steps = case["steps"].as_array().unwrap();
    let read = steps.iter().map(|step| Act {
        when: When::published(
            step["date"].as_str(),
            step["date_precision"].as_str(),
            step["date_basis"].as_str(),
        ),
        act: text(step, "act"),
        agency: text(step, "agency_kind"),
        by: text(step, "initiated_by"),
        outcome: text(step, "outcome"),
    });
    read.collect()
}

fn findings(case: &Value) -> Vec<Finding> {
    let acts = acts(case);
    let claims = case["claims"].as_array().unwrap();
    let claims: Vec<_> = claims.iter().filter_map(|c| c["item"].as_str()).collect();
    let course = Course {
        acts: &acts,
        claims: &claims,
        region: None,
        today: None,
    };
    review(Rules::built_in(), Calendar::built_in(), &course)
}

fn published() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../cases");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    files.sort();
    let read = |path| serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    files.iter().map(read).collect()
}

fn span(when: When) -> String {
    let day = |day: Option<chrono::NaiveDate>| day.map_or("?".to_owned(), |d| d.to_string());
    match (when.earliest, when.latest) {
        (a, b) if a == b => day(a),
        (a, b) => format!("{}..{}", day(a), day(b)),
    }
}

#[test]
fn the_report_on_the_published_cases_is_as_it_was_read() {
    let mut told = String::new();
    let (mut kept, mut missed, mut unknown, mut ended) = (0, 0, 0, 0);
    for case in published() {
        let acts = acts(&case);
        told.push_str(&format!(
            "== {} {}\n",
            case["id"].as_str().unwrap(),
            case["slug"].as_str().unwrap()
        ));
        for finding in findings(&case) {
            match finding.verdict {
                Verdict::Kept => kept += 1,
                Verdict::Missed => missed += 1,
                Verdict::Unknown(_) => unknown += 1,
                Verdict::Ended => ended += 1,
                other => panic!("without a day of today: {other:?}"),
            }
            let step = |at: usize| format!("{} {}", acts[at].act, span(acts[at].when));
            let due = |computed: &Option<law::deadline::Computed>| {
                let due = computed.as_ref().and_then(|c| c.due);
                due.map_or("?".to_owned(), |due| due.to_string())
            };
            told.push_str(&format!(
                "{}: {}\n    {} -> due {}..{}{}\n",
                finding.rule,
                finding.verdict.words().1,
                step(finding.started_by),
                due(&finding.earliest),
                due(&finding.latest),
                finding
                    .met_by
                    .map(|at| format!(" -> {}", step(at)))
                    .unwrap_or_default(),
            ));
        }
        told.push('\n');
    }
    told.push_str(&format!(
        "kept {kept}, missed {missed}, not needed any more {ended}, cannot be known {unknown}\n"
    ));
    compare("cases", &told);
}

#[test]
fn a_case_of_months_and_unknown_days_claims_nothing_it_cannot_know() {
    for case in published() {
        let acts = acts(&case);
        for finding in findings(&case) {
            let Some(at) = finding.met_by else { continue };
            let undated = acts[at].when == When::default();
            let judged = matches!(finding.verdict, Verdict::Kept | Verdict::Missed);
            assert!(!(undated && judged), "{finding:?}");
            if acts[finding.started_by].when == When::default() {
                assert_eq!(finding.verdict, Verdict::Unknown(Unknown::StartUndated));
            }
        }
    }
}

#[test]
fn every_claim_kind_and_result_of_the_published_cases_is_a_code_of_the_lists() {
    for case in published() {
        for claim in case["claims"].as_array().unwrap() {
            let kind = claim["item"].as_str().unwrap();
            assert!(law::codes::ClaimKind::parse(kind).is_ok(), "{kind}");
        }
        let outcomes = case["steps"].as_array().unwrap().iter();
        let results = outcomes.filter_map(|step| step["outcome"].as_str());
        for result in results.chain(case["result"]["status"].as_str()) {
            assert!(law::codes::ResultCode::parse(result).is_ok(), "{result}");
        }
    }
}

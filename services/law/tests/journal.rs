//! From a case's acts: which clocks start, are met, moved, lapse.

use chrono::NaiveDate;
use law::calendar::Calendar;
use law::deadline::Rules;
use law::deadline::journal::{Act, Course, Finding, Unknown, Verdict, When, review};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// `date kind/act[:outcome][@by]`; a date of a month or year is a span.
fn act(told: &str) -> Act {
    let (date, what) = told.split_once(' ').unwrap();
    let (agency, what) = what.split_once('/').unwrap();
    let (what, by) = what.split_once('@').unwrap_or((what, ""));
    let (act, outcome) = what.split_once(':').unwrap_or((what, ""));
    Act {
        when: When::published(Some(date), None, None),
        act: act.to_owned(),
        agency: agency.to_owned(),
        by: by.to_owned(),
        outcome: outcome.to_owned(),
    }
}

fn of(rule: &str, claims: &[&str], today: Option<&str>, acts: &[&str]) -> Vec<Finding> {
    let acts: Vec<_> = acts.iter().map(|told| act(told)).collect();
    let course = Course {
        acts: &acts,
        claims,
        region: None,
        today: today.map(day),
    };
    let mut findings = review(Rules::built_in(), Calendar::built_in(), &course);
    findings.retain(|finding| finding.rule == rule);
    findings
}

fn verdict(rule: &str, today: Option<&str>, acts: &[&str]) -> Verdict {
    let findings = of(rule, &["unpaid_wages", "work_injury_benefits"], today, acts);
    assert_eq!(findings.len(), 1, "{rule} {acts:?}");
    findings[0].verdict
}

#[test]
fn an_application_starts_the_five_working_days_and_an_acceptance_meets_them() {
    let rule = "arbitration-acceptance";
    let filed = "2026-02-12 labour_arbitration/arbitration_application@worker";
    let on = |date: &str| format!("{date} labour_arbitration/arbitration_acceptance");
    assert_eq!(
        verdict(rule, None, &[filed, &on("2026-02-26")]),
        Verdict::Kept
    );
    assert_eq!(
        verdict(rule, None, &[filed, &on("2026-02-27")]),
        Verdict::Missed
    );
    assert_eq!(verdict(rule, Some("2026-02-26"), &[filed]), Verdict::Open);
    assert_eq!(verdict(rule, Some("2026-02-27"), &[filed]), Verdict::Lapsed);
    assert_eq!(
        verdict(rule, None, &[filed]),
        Verdict::Unknown(Unknown::NotRecorded)
    );
    let month = &on("2026-02");
    assert_eq!(
        verdict(rule, None, &[filed, month]),
        Verdict::Unknown(Unknown::TooClose)
    );
}

#[test]
fn a_suit_after_an_award_is_in_time_for_certain_or_not_known() {
    let award = "2026-03-02 labour_arbitration/award";
    let suit = |date: &str| format!("{date} court/suit_filed@worker");
    assert_eq!(
        verdict("award-suit", None, &[award, &suit("2026-03-17")]),
        Verdict::Kept
    );
    // The award is dated, its receipt is not: later is not missed for certain.
    let later = verdict("award-suit", None, &[award, &suit("2026-03-18")]);
    assert_eq!(later, Verdict::Unknown(Unknown::TooClose));
    let undated = verdict("award-suit", None, &[award, &suit("-")]);
    assert_eq!(undated, Verdict::Unknown(Unknown::StepUndated));
    let from_nowhere = verdict(
        "award-suit",
        None,
        &["- labour_arbitration/award", &suit("2026-03-18")],
    );
    assert_eq!(from_nowhere, Verdict::Unknown(Unknown::StartUndated));
}

#[test]
fn a_final_award_is_another_clock_than_another_award() {
    let acts = ["2026-03-02 labour_arbitration/award:final"];
    let run = |rule: &str| of(rule, &[], Some("2026-03-10"), &acts).len();
    assert_eq!(run("final-award-worker-suit"), 1);
    assert_eq!(run("final-award-employer-set-aside"), 1);
}

#[test]
fn wages_in_arrears_run_from_the_end_of_the_employment_and_only_for_wages() {
    let acts = [
        "2023-05-02 none/employment_start",
        "2024-09-30 none/termination",
        "2025-03-10 hrss/labour_inspection_complaint@worker",
        "2026-03-10 labour_arbitration/arbitration_application@worker",
    ];
    let findings = of("arrears-limitation", &["unpaid_wages"], None, &acts);
    assert_eq!(findings[0].verdict, Verdict::Kept);
    // The complaint started the year anew: 2026-03-10.
    let due = findings[0].latest.as_ref().unwrap().due;
    assert_eq!(due, Some(day("2026-03-10")));
    assert!(of("arrears-limitation", &["work_injury_benefits"], None, &acts).is_empty());
    // While it lasts, the year does not run.
    assert!(of("arrears-limitation", &["unpaid_wages"], None, &acts[..1]).is_empty());
}

#[test]
fn a_day_late_without_a_claim_between_is_missed() {
    let acts = [
        "2024-09-30 none/termination",
        "2025-10-09 labour_arbitration/arbitration_application@worker",
    ];
    // 30 September 2025 is a Tuesday that is worked.
    let findings = of("arrears-limitation", &["unpaid_wages"], None, &acts);
    assert_eq!(findings[0].verdict, Verdict::Missed);
    // An undated complaint between may have saved it.
    let with = [acts[0], "- hrss/petition@worker", acts[1]];
    let findings = of("arrears-limitation", &["unpaid_wages"], None, &with);
    assert_eq!(findings[0].verdict, Verdict::Unknown(Unknown::TooClose));
}

#[test]
fn the_employers_month_ends_when_the_worker_applies() {
    let acts = [
        "2026-03-02 none/incident",
        "2026-05-20 hrss/work_injury_application@worker",
    ];
    assert_eq!(
        verdict("injury-application-employer", None, &acts),
        Verdict::Ended
    );
    assert_eq!(
        verdict("injury-application-worker", None, &acts),
        Verdict::Kept
    );
}

#[test]
fn a_suspended_decision_has_no_latest_day() {
    let acts = [
        "2026-03-02 hrss/work_injury_application@worker",
        "2026-03-20 hrss/work_injury_suspended",
        "2026-09-01 hrss/work_injury_recognition",
    ];
    let verdict = verdict("injury-decision", None, &acts);
    assert_eq!(verdict, Verdict::Unknown(Unknown::TooClose));
}

#[test]
fn the_law_of_a_time_that_is_not_at_hand_is_not_guessed_at() {
    let acts = [
        "2003-03-02 none/incident",
        "2003-03-20 hrss/work_injury_application@worker",
    ];
    let verdict = verdict("injury-application-worker", None, &acts);
    assert_eq!(verdict, Verdict::Unknown(Unknown::LawNotAtHand));
}

#[test]
fn a_published_date_is_as_wide_as_its_precision() {
    let span = |date, precision, basis| {
        let when = When::published(date, precision, basis);
        (when.earliest, when.latest)
    };
    let on = |text: &str| Some(day(text));
    assert_eq!(
        span(Some("2024-02"), Some("month"), None),
        (on("2024-02-01"), on("2024-02-29"))
    );
    assert_eq!(
        span(Some("2024"), Some("year"), None),
        (on("2024-01-01"), on("2024-12-31"))
    );
    assert_eq!(
        span(Some("2024-02-29"), Some("day"), None),
        (on("2024-02-29"), on("2024-02-29"))
    );
    assert_eq!(span(Some("2023-02-29"), Some("day"), None), (None, None));
    assert_eq!(
        span(Some("2024-08"), Some("month"), Some("no_later_than")),
        (None, on("2024-08-31"))
    );
    assert_eq!(span(None, None, Some("not_published")), (None, None));
}

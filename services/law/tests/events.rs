//! What happens to a running clock: obstacles, claims, approvals, late steps,
//! corrected facts.

use chrono::NaiveDate;
use law::calendar::Calendar;
use law::deadline::revise::Tracked;
use law::deadline::{Computed, DeadlineError, Event, Facts, Rules, State, calculate};

use crate::derivations::{compare, tell};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn facts(rule: &str, from: &str, events: &[&str]) -> Facts {
    let mut facts = Facts::new(rule, day(from));
    facts.events = events
        .iter()
        .map(|event| event.parse::<Event>().unwrap())
        .collect();
    facts
}

fn computed(rule: &str, from: &str, events: &[&str]) -> Result<Computed, DeadlineError> {
    calculate(
        Rules::built_in(),
        Calendar::built_in(),
        &facts(rule, from, events),
    )
}

fn due(rule: &str, from: &str, events: &[&str]) -> Option<NaiveDate> {
    computed(rule, from, events).unwrap().due
}

#[test]
fn a_claim_starts_the_year_anew_and_a_late_one_does_nothing() {
    let due = |events: &[&str]| due("arbitration-limitation", "2024-03-04", events);
    assert_eq!(due(&[]), Some(day("2025-03-04")));
    assert_eq!(due(&["interrupt=2024-11-29"]), Some(day("2025-12-01"))); // 29 is a Saturday
    assert_eq!(
        due(&["interrupt=2024-11-29", "interrupt=2025-11-28"]),
        Some(day("2026-11-30"))
    );
    assert_eq!(due(&["interrupt=2025-03-05"]), Some(day("2025-03-04")));
    // On the last day it still does.
    assert_eq!(due(&["interrupt=2025-03-04"]), Some(day("2026-03-04")));
    // Proceedings: from their end.
    assert_eq!(
        due(&["interrupt=2024-06-03..2024-12-02"]),
        Some(day("2025-12-02"))
    );
}

#[test]
fn an_obstacle_is_given_back_day_by_day() {
    let due = |events: &[&str]| due("arbitration-limitation", "2024-03-04", events);
    // 1 to 31 May: 31 days after 4 March 2025.
    assert_eq!(
        due(&["suspend=2024-05-01..2024-05-31"]),
        Some(day("2025-04-07"))
    ); // 4 to 6 off
    // Overlapping obstacles count once: 1 May to 15 June, 46 days.
    let twice = [
        "suspend=2024-05-01..2024-05-31",
        "suspend=2024-05-20..2024-06-15",
    ];
    assert_eq!(due(&twice), Some(day("2025-04-21"))); // 19 is a Saturday
    // Before the trigger's next day it takes nothing.
    assert_eq!(
        due(&["suspend=2024-02-01..2024-03-04"]),
        Some(day("2025-03-04"))
    );
    // What a claim starts anew is a whole year again.
    let then = ["suspend=2024-05-01..2024-05-31", "interrupt=2024-07-01"];
    assert_eq!(due(&then), Some(day("2025-07-01")));
    let open = computed(
        "arbitration-limitation",
        "2024-03-04",
        &["suspend=2024-05-01.."],
    )
    .unwrap();
    assert_eq!(
        (open.due, open.state),
        (
            None,
            State::Suspended {
                since: day("2024-05-01")
            }
        )
    );
}

#[test]
fn an_obstacle_over_the_holidays_that_a_period_rolled_over_is_given_back() {
    // Nominal end Thursday 2026-10-01, by the holidays the 8th; hindered from
    // the 6th to the 9th: four days, three of them before the new last day.
    let due = due(
        "injury-decision",
        "2026-08-02",
        &["suspend=2026-10-06..2026-10-09"],
    );
    assert_eq!(due, Some(day("2026-10-12")));
}

#[test]
fn enforcement_is_suspended_only_in_its_last_six_months() {
    let due = |events: &[&str]| due("enforcement-application", "2024-03-04", events);
    assert_eq!(due(&[]), Some(day("2026-03-04")));
    assert_eq!(
        due(&["suspend=2024-05-01..2025-06-30"]),
        Some(day("2026-03-04"))
    );
    assert_eq!(
        due(&["suspend=2024-05-01..2025-12-10"]),
        Some(day("2026-06-10"))
    );
    assert_eq!(due(&["interrupt=2025-06-02"]), Some(day("2027-06-02")));
}

#[test]
fn working_days_lost_are_given_back_as_working_days() {
    // 60 working days from 2026-01-04 end on 2026-04-02; the text knows no
    // suspension, an approval adds 30: Apr 3, 7-10, 13-17, 20-24, 27-30 are 19,
    // May 6-8 22, shifted 9 is 23, 11-15 28, 18, 19.
    assert_eq!(
        due("inspection-period", "2026-01-04", &["extend=2026-03-30"]),
        Some(day("2026-05-19"))
    );
    let error = computed(
        "inspection-period",
        "2026-01-04",
        &["suspend=2026-02-02..2026-02-03"],
    );
    assert!(matches!(error, Err(DeadlineError::NoSuchEvent { .. })));
}

#[test]
fn extensions_go_as_far_as_the_text_allows() {
    assert_eq!(
        due("award-period", "2026-03-02", &[]),
        Some(day("2026-04-16"))
    );
    assert_eq!(
        due("award-period", "2026-03-02", &["extend=2026-04-10"]),
        Some(day("2026-05-06"))
    );
    let twice = computed(
        "award-period",
        "2026-03-02",
        &["extend=2026-04-10", "extend=2026-04-20"],
    );
    assert!(matches!(
        twice,
        Err(DeadlineError::NoMoreExtensions { most: 1, .. })
    ));
    let too_long = computed(
        "award-period",
        "2026-03-02",
        &["extend=2026-04-10..2026-06-30"],
    );
    assert!(matches!(
        too_long,
        Err(DeadlineError::ExtensionTooLong { .. })
    ));
    // Approved after the end: nothing.
    assert_eq!(
        due("award-period", "2026-03-02", &["extend=2026-04-17"]),
        Some(day("2026-04-16"))
    );
    // The president's six months, then until when the higher court says.
    let president = ["extend=2025-06-20"];
    assert_eq!(
        due("first-instance-ordinary", "2025-01-02", &president),
        Some(day("2026-01-04"))
    );
    let open = ["extend=2025-06-20", "extend=2025-12-20"];
    assert_eq!(
        computed("first-instance-ordinary", "2025-01-02", &open),
        Err(DeadlineError::ExtensionNeedsEnd)
    );
    let set = ["extend=2025-06-20", "extend=2025-12-20..2026-03-31"];
    assert_eq!(
        due("first-instance-ordinary", "2025-01-02", &set),
        Some(day("2026-03-31"))
    );
}

#[test]
fn a_step_is_in_time_until_the_last_day_it_rolled_to() {
    let state = |events: &[&str]| computed("award-suit", "2026-09-16", events).unwrap().state;
    let on = |text: &str| day(text);
    assert_eq!(
        state(&["meet=2026-10-08"]),
        State::Met {
            on: on("2026-10-08")
        }
    );
    assert_eq!(
        state(&["meet=2026-10-09"]),
        State::Late {
            on: on("2026-10-09")
        }
    );
    assert_eq!(
        state(&["stop=2026-09-20", "meet=2026-10-09"]),
        State::Stopped {
            on: on("2026-09-20")
        }
    );
    let early = computed("award-suit", "2026-09-16", &["meet=2026-09-15"]);
    assert!(matches!(early, Err(DeadlineError::BeforeTrigger { .. })));
    let today = computed("award-suit", "2026-09-16", &[]).unwrap();
    assert!(today.is_open(on("2026-10-08")) && !today.is_open(on("2026-10-09")));
    assert_eq!(today.days_left(on("2026-10-10")), Some(-2));
}

#[test]
fn a_year_without_a_notice_makes_an_estimate() {
    let next_year = computed("arbitration-acceptance", "2026-12-29", &[]).unwrap();
    assert_eq!(
        (next_year.due, next_year.estimate),
        (Some(day("2027-01-05")), true)
    );
    assert!(
        !computed("arbitration-acceptance", "2026-12-22", &[])
            .unwrap()
            .estimate
    );
    // Only its last day is looked up in a calendar.
    assert!(!computed("award-suit", "2023-12-28", &[]).unwrap().estimate);
}

#[test]
fn corrected_facts_are_computed_again_and_the_old_result_is_kept() {
    let (rules, calendar) = (Rules::built_in(), Calendar::built_in());
    let first = facts("award-suit", "2026-03-02", &[]);
    let mut tracked = Tracked::first(rules, calendar, first).unwrap();
    let served = facts("award-suit", "2026-03-05", &[]);
    assert!(
        tracked
            .correct(rules, calendar, served, "receipt on the 5th")
            .unwrap()
    );
    assert_eq!(tracked.current().computed.due, Some(day("2026-03-20")));
    assert_eq!(tracked.past().len(), 1);
    assert_eq!(tracked.past()[0].computed.due, Some(day("2026-03-17")));
    let wrong = facts("award-suit", "2026-03-05", &["interrupt=2026-03-06"]);
    assert!(tracked.correct(rules, calendar, wrong, "").is_err());
    assert_eq!(tracked.past().len(), 1);
}

#[test]
fn what_is_no_event_is_told_how_to_be_one() {
    for (text, problem) in [
        ("suspend", "write kind=date"),
        ("pause=2026-01-01", "the kind must be"),
        ("suspend=1 May", "dates are written"),
        ("suspend=2026-02-01..2026-01-01", "lies before the first"),
        ("interrupt=2026-02-01..", "only suspend may be open"),
    ] {
        let error = text.parse::<Event>().unwrap_err().to_string();
        assert!(error.contains(problem), "{text}: {error}");
    }
}

#[test]
fn the_working_of_events_is_as_it_was_read() {
    let mut told = String::new();
    for (rule, from, events) in [
        (
            "arbitration-limitation",
            "2024-03-04",
            &[
                "suspend=2024-05-01..2024-05-31",
                "interrupt=2024-11-29",
                "meet=2025-11-28",
            ][..],
        ),
        (
            "arbitration-limitation",
            "2024-03-04",
            &["interrupt=2024-06-03..2024-12-02"],
        ),
        (
            "arbitration-limitation",
            "2024-03-04",
            &["interrupt=2025-03-05"],
        ),
        (
            "arbitration-limitation",
            "2024-03-04",
            &["suspend=2024-05-01.."],
        ),
        (
            "enforcement-application",
            "2024-03-04",
            &["suspend=2024-05-01..2025-12-10"],
        ),
        (
            "enforcement-application",
            "2024-03-04",
            &["suspend=2024-05-01..2025-06-30"],
        ),
        (
            "injury-decision",
            "2026-08-02",
            &["suspend=2026-10-06..2026-10-09"],
        ),
        (
            "first-instance-ordinary",
            "2025-01-02",
            &["extend=2025-06-20", "extend=2025-12-20..2026-03-31"],
        ),
        ("award-suit", "2026-09-16", &["meet=2026-10-09"]),
        (
            "award-suit",
            "2026-09-16",
            &["stop=2026-09-20", "meet=2026-10-08"],
        ),
        ("arbitration-acceptance", "2026-12-29", &[]),
    ] {
        let title = format!("{rule} from {from} {}", events.join(" "));
        told.push_str(&tell(&title, &computed(rule, from, events).unwrap()));
    }
    compare("events", &told);
}

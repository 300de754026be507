//! Every rule at dates derived by hand.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use law::calendar::Calendar;
use law::deadline::{Computed, Facts, Rules, calculate};

/// One line of `dates.txt`.
pub struct Date {
    pub rule: String,
    pub variant: Option<String>,
    pub trigger: NaiveDate,
    pub due: NaiveDate,
    pub why: String,
}

pub fn all() -> Vec<Date> {
    let lines = include_str!("dates.txt").lines();
    let told = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    told.map(|line| {
        let (rule, rest) = line.split_once(' ').unwrap();
        let mut rest = rest.trim_start().splitn(3, "  ");
        let mut day = || rest.next().unwrap().parse().unwrap();
        let (trigger, due) = (day(), day());
        let (rule, variant) = match rule.split_once('/') {
            Some((rule, variant)) => (rule, Some(variant.to_owned())),
            None => (rule, None),
        };
        Date {
            rule: rule.to_owned(),
            variant,
            trigger,
            due,
            why: rest.next().unwrap().to_owned(),
        }
    })
    .collect()
}

pub fn compute(date: &Date) -> Computed {
    let mut facts = Facts::new(&date.rule, date.trigger);
    facts.variant = date.variant.clone();
    calculate(Rules::built_in(), Calendar::built_in(), &facts).unwrap()
}

#[test]
fn each_rule_falls_on_the_dates_derived_by_hand() {
    for date in all() {
        let computed = compute(&date);
        let name = format!("{} from {}: {}", date.rule, date.trigger, date.why);
        assert_eq!(computed.due, Some(date.due), "{name}");
        let common = date.rule == "union-letter-reply";
        assert_eq!(computed.estimate, common, "{name}");
    }
}

#[test]
fn every_rule_and_variant_has_three_dates() {
    let mut count = BTreeMap::new();
    for date in all() {
        *count.entry((date.rule, date.variant)).or_insert(0) += 1;
    }
    for rule in Rules::built_in().iter() {
        let variants = rule.variants.iter().map(|variant| Some(variant.id.clone()));
        for variant in variants.chain([None]) {
            let key = (rule.id.clone(), variant);
            assert!(count.get(&key) >= Some(&3), "{key:?}");
        }
    }
}

#[test]
fn the_last_moment_is_the_end_of_the_last_day_in_shanghai() {
    let date = &all()[0];
    let moment = compute(date).last_moment.unwrap();
    assert_eq!(moment.to_rfc3339(), format!("{}T23:59:59+08:00", date.due));
}

/// The vectors that the domain brief computed from the notices on its own.
#[test]
fn the_vectors_of_the_domain_brief_agree() {
    for (rule, from, event, due) in [
        ("award-suit", "2026-02-02", "", "2026-02-24"),
        (
            "final-award-employer-set-aside",
            "2026-09-02",
            "",
            "2026-10-08",
        ),
        ("award-period", "2026-01-05", "", "2026-02-24"),
        ("award-period", "2026-08-20", "", "2026-10-08"),
        // Sixty days from the trigger, not fifteen from the rolled day.
        (
            "award-period",
            "2026-08-20",
            "extend=2026-09-30",
            "2026-10-19",
        ),
        ("arbitration-acceptance", "2026-09-30", "", "2026-10-13"),
        ("arbitration-defence", "2026-02-10", "", "2026-03-02"),
        ("union-letter-reply", "2026-04-20", "", "2026-05-13"),
        ("inspection-period", "2026-01-12", "", "2026-04-13"),
        (
            "inspection-period",
            "2026-01-12",
            "extend=2026-04-01",
            "2026-05-27",
        ),
        ("arbitration-limitation", "2025-02-28", "", "2026-02-28"),
        ("arbitration-limitation", "2025-10-03", "", "2026-10-08"),
        ("inspection-limitation", "2024-02-29", "", "2026-02-28"),
        ("first-instance-ordinary", "2025-08-31", "", "2026-02-28"),
    ] {
        let from: NaiveDate = from.parse().unwrap();
        let mut facts = Facts::new(rule, from);
        if !event.is_empty() {
            facts.events.push(event.parse().unwrap());
        }
        let computed = calculate(Rules::built_in(), Calendar::built_in(), &facts).unwrap();
        assert_eq!(computed.due, Some(due.parse().unwrap()), "{rule} {from}");
    }
}

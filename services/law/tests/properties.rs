//! What holds of every rule at every date.

use chrono::{Days, NaiveDate};
use law::calendar::Calendar;
use law::deadline::{Computed, DeadlineError, Event, EventKind, Facts, Rules, Unit, calculate};
use proptest::prelude::*;

fn day() -> impl Strategy<Value = NaiveDate> {
    let first = NaiveDate::from_ymd_opt(2022, 1, 1).unwrap();
    (0..2000_u64).prop_map(move |days| first.checked_add_days(Days::new(days)).unwrap())
}

/// Any rule with any of its variants.
fn question() -> impl Strategy<Value = Facts> {
    let all: Vec<(String, Option<String>)> = Rules::built_in()
        .iter()
        .flat_map(|rule| {
            let variants = rule.variants.iter().map(|v| Some(v.id.clone()));
            variants
                .chain([None])
                .map(|variant| (rule.id.clone(), variant))
                .collect::<Vec<_>>()
        })
        .collect();
    (proptest::sample::select(all), day()).prop_map(|((rule, variant), trigger)| {
        let mut facts = Facts::new(&rule, trigger);
        facts.variant = variant;
        // One text on both sides of a change of the law.
        facts.law_of = NaiveDate::from_ymd_opt(2024, 6, 1);
        facts
    })
}

fn compute(facts: &Facts) -> Result<Computed, DeadlineError> {
    calculate(Rules::built_in(), Calendar::built_in(), facts)
}

fn due(facts: &Facts) -> NaiveDate {
    compute(facts).unwrap().due.unwrap()
}

fn is_before(facts: &Facts) -> bool {
    Rules::built_in().get(&facts.rule).unwrap().before
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_last_day_is_on_the_right_side_of_the_trigger(facts in question()) {
        let (due, trigger) = (due(&facts), facts.trigger.day());
        let is_right = if is_before(&facts) { due < trigger } else { trigger < due };
        prop_assert!(is_right);
    }

    #[test]
    fn a_later_trigger_never_gives_an_earlier_last_day(facts in question(), days in 1..400_u64) {
        let mut later = facts.clone();
        later.trigger = facts.trigger.day().checked_add_days(Days::new(days)).unwrap().into();
        prop_assert!(due(&facts) <= due(&later));
    }

    #[test]
    fn no_period_that_rolls_ends_on_a_rest_day(facts in question()) {
        let rule = Rules::built_in().get(&facts.rule).unwrap();
        let is_worked = Calendar::built_in().is_workday(due(&facts));
        prop_assert!(!rule.rolls || is_worked);
        let length = rule.newest().unwrap().length;
        prop_assert!(length.unit != Unit::WorkingDays || is_worked);
    }

    #[test]
    fn obstacles_interruptions_and_approvals_never_shorten(
        facts in question(),
        kind in proptest::sample::select(vec![EventKind::Suspend, EventKind::Interrupt, EventKind::Extend]),
        spans in proptest::collection::vec((0..500_u64, 0..200_u64), 1..4),
    ) {
        let trigger = facts.trigger.day();
        let mut last = due(&facts);
        let mut with = facts;
        for (start, length) in spans {
            let from = trigger.checked_add_days(Days::new(start)).unwrap();
            let to = from.checked_add_days(Days::new(length)).unwrap();
            let event = match kind {
                EventKind::Suspend => Event::during(kind, from, to),
                _ => Event::on(kind, from),
            };
            let tried = with.clone().and(event);
            match compute(&tried) {
                Ok(computed) => {
                    let due = computed.due.unwrap();
                    prop_assert!(due >= last, "{due} {last} {tried:?}");
                    last = due;
                    with = tried;
                }
                Err(
                    DeadlineError::NoSuchEvent { .. }
                    | DeadlineError::NoMoreExtensions { .. }
                    | DeadlineError::ExtensionNeedsEnd,
                ) => return Ok(()),
                Err(other) => prop_assert!(false, "{other}"),
            }
        }
    }

    /// Months are of unequal length, so a period that starts anew after a long
    /// obstacle may end up to three days before the lengthened old one.
    #[test]
    fn a_claim_in_the_midst_of_obstacles_shortens_by_no_more_than_a_month_end(
        trigger in day(),
        obstacles in proptest::collection::vec((0..600_u64, 0..200_u64), 0..4),
        claim in 0..900_u64,
    ) {
        let after = |days| trigger.checked_add_days(Days::new(days)).unwrap();
        let mut facts = Facts::new("arbitration-limitation", trigger);
        facts.law_of = NaiveDate::from_ymd_opt(2024, 6, 1);
        for (start, length) in obstacles {
            let (from, to) = (after(start), after(start + length));
            facts.events.push(Event::during(EventKind::Suspend, from, to));
        }
        let without = due(&facts);
        let with = due(&facts.and(Event::on(EventKind::Interrupt, after(claim))));
        prop_assert!((without - with).num_days() <= 3, "{without} {with}");
    }

    #[test]
    fn the_order_in_which_events_are_told_does_not_matter(
        trigger in day(),
        events in proptest::collection::vec((0..800_u64, 0..60_u64, any::<bool>()), 0..5),
    ) {
        let mut facts = Facts::new("arbitration-limitation", trigger);
        for (start, length, suspend) in events {
            let from = trigger.checked_add_days(Days::new(start)).unwrap();
            let to = from.checked_add_days(Days::new(length)).unwrap();
            let kind = if suspend { EventKind::Suspend } else { EventKind::Interrupt };
            facts.events.push(Event::during(kind, from, to));
        }
        let told = compute(&facts);
        facts.events.reverse();
        prop_assert_eq!(told, compute(&facts));
    }

    #[test]
    fn every_step_of_law_names_its_article(facts in question()) {
        let computed = compute(&facts).unwrap();
        prop_assert!(!computed.derivation[0].sources.is_empty());
        for step in &computed.derivation {
            prop_assert!(!step.zh.is_empty() && !step.en.is_empty());
        }
    }
}

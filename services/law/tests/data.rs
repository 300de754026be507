//! The rules file: complete, validated with line and field, open to additions.

use chrono::NaiveDate;
use law::calendar::Calendar;
use law::codes::Region;
use law::deadline::{DeadlineError, Facts, Rules, Trigger, calculate};

const FILE: &str = include_str!("../data/deadlines.toml");

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn the_table_of_the_design_is_there_in_its_order() {
    let ids: Vec<_> = Rules::built_in()
        .iter()
        .map(|rule| rule.id.as_str())
        .collect();
    let table = "arbitration-limitation arrears-limitation mediation-period \
        arbitration-acceptance arbitration-service arbitration-defence \
        arbitration-defence-service tribunal-notice hearing-notice award-period \
        final-award-worker-suit final-award-employer-set-aside award-suit \
        suit-docketing suit-service suit-defence first-instance-ordinary \
        first-instance-summary first-instance-small-claims appeal-judgment \
        appeal-ruling second-instance judicial-confirmation payment-order-acceptance \
        payment-order-issue payment-order-objection enforcement-application \
        inspection-limitation inspection-acceptance inspection-period \
        inspection-decision injury-application-employer injury-application-worker \
        injury-decision capacity-appraisal capacity-reappraisal legal-aid-decision \
        legal-aid-assignment reconsideration administrative-suit union-letter-reply";
    assert_eq!(ids, table.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn the_rules_whose_text_was_not_at_hand_are_marked() {
    let unconfirmed: Vec<_> = Rules::built_in()
        .iter()
        .filter(|rule| !rule.newest().unwrap().checked())
        .map(|rule| rule.id.as_str())
        .collect();
    // The working days of arbitration stand in the 2017 Rules, 80.
    let working_days = [
        "arbitration-acceptance",
        "arbitration-service",
        "arbitration-defence",
        "arbitration-defence-service",
        "tribunal-notice",
        "hearing-notice",
    ];
    let others = [
        "inspection-acceptance",
        "inspection-decision",
        "union-letter-reply",
    ];
    assert_eq!(unconfirmed, [&working_days[..], &others[..]].concat());
}

/// The first place of `from` in the file becomes `to`.
fn broken(from: &str, to: &str) -> String {
    assert!(FILE.contains(from), "{from}");
    FILE.replacen(from, to, 1)
        .parse::<Rules>()
        .unwrap_err()
        .to_string()
}

fn line_of(text: &str) -> usize {
    1 + FILE[..FILE.find(text).unwrap()].matches('\n').count()
}

#[test]
fn a_wrong_entry_is_refused_with_its_line_and_field() {
    for (from, to, place, problem) in [
        (
            "length = \"45 days\"",
            "length = \"45 weeks\"",
            "rule award-period, length",
            "the unit must be",
        ),
        (
            "length = \"45 days\"",
            "length = \"0 days\"",
            "rule award-period, length",
            "from 1 to",
        ),
        (
            "{ from = \"2008-05-01\", sources = [\"ldmal 14(3)\"] }",
            "{ from = \"1 May\", sources = [\"ldmal 14(3)\"] }",
            "rule mediation-period, texts.from",
            "write a date",
        ),
        (
            "ldmal 14(3)",
            "ldmall 14(3)",
            "rule mediation-period, texts.sources",
            "no law ldmall",
        ),
        (
            "ldmal 14(3)",
            "ldmal14(3)",
            "rule mediation-period, texts.sources",
            "a law's id and an article",
        ),
        (
            "[\"ldmal 14(3)\"]",
            "[]",
            "rule mediation-period, texts.sources",
            "needs a source",
        ),
        (
            "id = \"mediation-period\"",
            "id = \"arrears-limitation\"",
            "rule arrears-limitation, id",
            "stands twice",
        ),
        (
            "id = \"mediation-period\"",
            "id = \"Mediation\"",
            "rule Mediation, id",
            "made of a-z",
        ),
        (
            "before = true\nrolls = false",
            "before = true\nrolls = true",
            "rule hearing-notice, rolls",
            "cannot roll",
        ),
        (
            "variant = \"postponement\"",
            "variant = \"delay\"",
            "rule hearing-notice, texts.variant",
            "no such variant",
        ),
        (
            "act = \"termination\", trigger",
            "act = \"Termination!\", trigger",
            "rule arbitration-limitation, journal.starts",
            "codes of a-z",
        ),
        (
            "binds = \"tribunal\"",
            "binds = \"nobody\"",
            "syntax",
            "unknown variant",
        ),
        (
            "lapse_zh = \"未达成",
            "lapsed_zh = \"未达成",
            "syntax",
            "unknown field `lapsed_zh`",
        ),
        (
            "suspension_sources = [\"injury 20(3)\"]\n",
            "",
            "rule injury-decision, suspension_sources",
            "needs suspension_sources",
        ),
    ] {
        let told = broken(from, to);
        assert!(told.contains(&format!("{place}: ")), "{told}");
        assert!(told.contains(problem), "{told}");
        let first_line = from.lines().count();
        let lines = line_of(from)..=line_of(from) + first_line;
        let line: usize = told[5..told.find(',').unwrap()].parse().unwrap();
        let is_near =
            lines.contains(&line) || problem.starts_with("needs susp") || problem == "stands twice";
        assert!(is_near, "{told}; it stands on {lines:?}");
    }
}

#[test]
fn an_inherited_length_that_is_wrong_is_found_where_it_stands() {
    let told = broken("length = \"60 working days\"", "length = \"sixty\"");
    let line = line_of("length = \"60 working days\"");
    assert!(
        told.starts_with(&format!("line {line}, rule inspection-period, length: ")),
        "{told}"
    );
}

/// Adding a rule touches data only: hours, a local text, another source.
const MORE: &str = r#"
[[law]]
id = "local"
zh = "某省规定"
en = "rules of a province"
checked = false

[[rule]]
id = "urgent-preservation"
zh = "紧急保全裁定"
en = "ruling on an urgent preservation"
trigger_zh = "接受申请"
trigger_en = "the application was taken"
duty_zh = "作出裁定"
duty_en = "rule"
binds = "court"
counting = "civil-procedure"
length = "48 hours"
rolls = false
texts = [{ from = "2024-01-01", sources = ["cpl-2023 103"] }]

[[rule]]
id = "union-letter-reply"
zh = "答复工会监督意见书"
en = "answer to the union's letter of opinion"
trigger_zh = "收到意见书"
trigger_en = "receipt of the letter"
duty_zh = "书面答复"
duty_en = "answer in writing"
binds = "employer"
counting = "civil-code"
length = "15 working days"
rolls = true
texts = [
    { from = "2020-01-01", common = true, sources = ["union-local -"] },
    { from = "2020-01-01", region = "33", length = "10 working days", sources = ["local 1"] },
    { from = "2025-01-01", region = "3307", length = "5 working days", sources = ["local 2"] },
]
"#;

#[test]
fn a_rule_of_hours_is_added_by_data_alone() {
    let rules = Rules::with(MORE).unwrap();
    let moment = day("2026-03-02").and_hms_opt(10, 20, 0).unwrap();
    let facts = Facts::new("urgent-preservation", Trigger::Moment(moment));
    let computed = calculate(&rules, Calendar::built_in(), &facts).unwrap();
    // The hour of the start is not counted: from 11:00, 48 hours.
    assert_eq!(
        computed.last_moment.unwrap().to_rfc3339(),
        "2026-03-04T11:00:00+08:00"
    );
    assert_eq!(rules.iter().count(), 42);
}

#[test]
fn the_closest_local_text_in_force_rules() {
    let rules = Rules::with(MORE).unwrap();
    let due = |from: &str, region: Option<&str>| {
        let mut facts = Facts::new("union-letter-reply", day(from));
        facts.region = region.map(|code| Region::parse(code).unwrap());
        let computed = calculate(&rules, Calendar::built_in(), &facts).unwrap();
        (computed.due.unwrap(), computed.estimate)
    };
    // 2026-03-02 is a Monday; no holiday before April.
    assert_eq!(due("2026-03-02", None), (day("2026-03-23"), true));
    assert_eq!(due("2026-03-02", Some("320200")), (day("2026-03-23"), true));
    assert_eq!(
        due("2026-03-02", Some("330300")),
        (day("2026-03-16"), false)
    );
    assert_eq!(
        due("2026-03-02", Some("330782")),
        (day("2026-03-09"), false)
    );
    // Before the city's text the province's; 2024-03-04 is a Monday.
    assert_eq!(
        due("2024-03-04", Some("330782")),
        (day("2024-03-18"), false)
    );
}

#[test]
fn a_place_with_a_rule_of_its_own_is_no_estimate() {
    let mut facts = Facts::new("union-letter-reply", day("2026-04-20"));
    let compute = |facts: &Facts| calculate(Rules::built_in(), Calendar::built_in(), facts);
    assert!(compute(&facts).unwrap().estimate);
    facts.region = Some(Region::parse("330782").unwrap());
    let computed = compute(&facts).unwrap();
    assert!(!computed.estimate && !computed.checked);
}

#[test]
fn a_case_is_counted_by_the_text_in_force_at_its_time() {
    let text = |rule: &str, on: &str| {
        let facts = Facts::new(rule, day(on));
        let computed = calculate(Rules::built_in(), Calendar::built_in(), &facts).unwrap();
        (
            computed.derivation[0].sources[0].zh(),
            computed.due.unwrap(),
        )
    };
    let cited = |rule: &str, on: &str| text(rule, on).0;
    assert_eq!(
        cited("enforcement-application", "2024-01-01"),
        "《民事诉讼法（2023修正）》第250条"
    );
    assert_eq!(
        cited("enforcement-application", "2023-12-31"),
        "《民事诉讼法（2021修正）》第246条†"
    );
    assert_eq!(
        cited("enforcement-application", "2018-05-05"),
        "《民事诉讼法（2012修正）》第239条†"
    );
    assert_eq!(
        cited("appeal-judgment", "2015-01-05"),
        "《民事诉讼法（2012修正）》第164条第1款†"
    );
    // Sixty days before the Arbitration Law, one year with it.
    assert_eq!(
        text("arbitration-limitation", "2008-04-30"),
        ("《劳动法》第82条".to_owned(), day("2008-06-30"))
    );
    assert_eq!(
        text("arbitration-limitation", "2008-05-01"),
        (
            "《劳动争议调解仲裁法》第27条第1款".to_owned(),
            day("2009-05-01")
        )
    );
    // Three months to sue the administration until 2015, six since.
    assert_eq!(
        text("administrative-suit", "2015-04-30").1,
        day("2015-07-30")
    );
    assert_eq!(
        text("administrative-suit", "2015-05-01").1,
        day("2015-11-02")
    );
    // And another law may be named.
    let mut facts = Facts::new("first-instance-small-claims", day("2021-12-01"));
    let due = |facts: &Facts| {
        calculate(Rules::built_in(), Calendar::built_in(), facts)
            .unwrap()
            .due
    };
    assert_eq!(due(&facts), Some(day("2022-03-01")));
    facts.law_of = Some(day("2022-01-01"));
    assert_eq!(due(&facts), Some(day("2022-02-01")));
}

#[test]
fn a_day_before_the_first_text_is_not_guessed_at() {
    let facts = Facts::new("legal-aid-decision", day("2021-12-31"));
    let error = calculate(Rules::built_in(), Calendar::built_in(), &facts).unwrap_err();
    assert!(
        matches!(&error, DeadlineError::NotInForce { first, .. } if *first == day("2022-01-01"))
    );
    assert!(error.to_string().contains("known from 2022-01-01 on"));
}

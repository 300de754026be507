//! Claims computed by hand.

use chrono::NaiveDate;
use law::codes::{Fen, Region};
use law::money::double_wage::{Unwritten, double_wage};
use law::money::injury::{
    Care, Grade, OwnWage, at_end, care, monthly_allowance, one_off, paid_leave,
};
use law::money::local::{Figures, Kind};
use law::money::overtime::{Overtime, overtime};
use law::money::severance::{Ended, pay_in_lieu, severance};
use law::money::wages::{Month, addition, arrears, is_final_award};
use law::money::{Amount, MoneyError, death};
use proptest::prelude::*;

use crate::derivations::compare;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn yuan(text: &str) -> Fen {
    Fen::parse(text).unwrap()
}

fn month(period: &str, owed: &str, paid: &str) -> Month {
    Month {
        period: period.to_owned(),
        owed: yuan(owed),
        paid: yuan(paid),
    }
}

fn ended(start: &str, end: &str, wage: &str) -> Ended {
    Ended {
        start: day(start),
        end: day(end),
        wage: yuan(wage),
        local_average: Some(yuan("8000")),
        local_minimum: Some(yuan("2000")),
        unlawful: false,
    }
}

fn unwritten(start: &str, signed: Option<&str>, end: Option<&str>) -> Unwritten {
    Unwritten {
        start: day(start),
        signed: signed.map(day),
        end: end.map(day),
        wages: vec![yuan("6000")],
        today: day("2026-12-31"),
    }
}

fn own(wage: &str, local: Option<&str>) -> OwnWage {
    OwnWage {
        average: yuan(wage),
        local_average: local.map(yuan),
    }
}

fn is(amount: Result<Amount, MoneyError>, wanted: &str) {
    assert_eq!(amount.unwrap().fen, yuan(wanted));
}

#[test]
fn arrears_are_what_was_owed_less_what_was_paid() {
    let months = [
        month("2026-01", "6500", "2000"),
        month("2026-02", "6500", "0"),
    ];
    is(arrears(&months, None), "11000");
    is(arrears(&[], None), "0");
    is(
        arrears(&[month("2026-01", "1800", "1800")], Some(yuan("2000"))),
        "200",
    );
    let overpaid = arrears(&[month("2026-01", "1000", "1000.01")], None);
    assert_eq!(
        overpaid,
        Err(MoneyError::Overpaid {
            period: "2026-01".to_owned()
        })
    );
    is(addition(yuan("11000"), 50), "5500");
    assert!(addition(yuan("11000"), 49).is_err());
}

#[test]
fn overtime_is_paid_by_its_kind_of_day() {
    // 4350 a month are 25 an hour: 4350 ÷ 174.
    let hours = |workdays: u32, rest_days: u32, holidays: u32| Overtime {
        workdays: workdays * 60,
        rest_days: rest_days * 60,
        holidays: holidays * 60,
    };
    is(overtime(yuan("4350"), hours(10, 0, 0)), "375");
    is(overtime(yuan("4350"), hours(0, 8, 0)), "400");
    is(overtime(yuan("4350"), hours(0, 0, 8)), "600");
    is(overtime(yuan("4350"), hours(10, 8, 8)), "1375");
    // The vectors of the domain brief: 37.50 an hour.
    is(overtime(yuan("6525"), hours(10, 0, 0)), "562.50");
    is(overtime(yuan("6525"), hours(0, 8, 0)), "600");
    is(overtime(yuan("6525"), hours(0, 0, 8)), "900");
    // 5000 ÷ 174 × 1.5 = 43.1034…
    is(overtime(yuan("5000"), hours(1, 0, 0)), "43.10");
}

#[test]
fn the_second_wage_runs_from_the_second_month_to_the_twelfth() {
    is(double_wage(&unwritten("2024-01-01", None, None)), "66000");
    is(
        double_wage(&unwritten("2024-01-01", Some("2024-01-31"), None)),
        "0",
    );
    is(
        double_wage(&unwritten("2024-01-01", Some("2024-04-01"), None)),
        "12000",
    );
    // 1 to 15 April: 15 of 30 days.
    is(
        double_wage(&unwritten("2024-01-01", Some("2024-04-16"), None)),
        "15000",
    );
    is(
        double_wage(&unwritten("2024-01-01", None, Some("2024-04-15"))),
        "15000",
    );
    // From the end of a month: 31 January, 29 February, 31 March.
    is(
        double_wage(&unwritten("2024-01-31", Some("2024-03-31"), None)),
        "6000",
    );
    let backwards = double_wage(&unwritten("2024-01-31", None, Some("2024-01-30")));
    assert_eq!(backwards, Err(MoneyError::Order));
}

#[test]
fn severance_counts_years_and_halves() {
    let n = |start: &str, end: &str| severance(&ended(start, end, "6000"));
    is(n("2020-01-01", "2022-12-31"), "18000"); // three years
    is(n("2020-01-01", "2023-01-01"), "21000"); // and a day
    is(n("2020-01-01", "2023-06-29"), "21000"); // a day short of six months
    is(n("2020-01-01", "2023-06-30"), "24000"); // six months
    is(n("2024-02-29", "2024-03-01"), "3000");
    let of = |start: &str, end: &str| severance(&ended(start, end, "6525"));
    is(of("2020-01-01", "2023-07-31"), "26100"); // three years, seven months
    is(of("2020-01-01", "2023-02-28"), "22837.50"); // and two months
    is(n("2005-01-01", "2010-12-31"), "18000"); // from 2008 on
    assert_eq!(n("2020-01-02", "2020-01-01"), Err(MoneyError::Order));
}

#[test]
fn a_high_wage_is_capped_at_three_times_the_average_and_twelve_years() {
    // Fifteen years; three times 8000.
    is(
        severance(&ended("2010-01-01", "2024-12-31", "30000")),
        "288000",
    );
    // Not above the cap: no limit of years.
    is(
        severance(&ended("2010-01-01", "2024-12-31", "24000")),
        "360000",
    );
    // Under the minimum wage the minimum.
    is(
        severance(&ended("2023-01-01", "2024-12-31", "1500")),
        "4000",
    );
    let mut unknown = ended("2010-01-01", "2024-12-31", "30000");
    unknown.local_average = None;
    let amount = severance(&unknown).unwrap();
    assert_eq!(amount.fen, yuan("450000"));
    assert!(amount.open[0].1.contains("was not checked"));
}

#[test]
fn an_unlawful_dismissal_costs_twice_from_the_first_day() {
    let mut of = ended("2005-01-01", "2010-12-31", "6000");
    of.unlawful = true;
    is(severance(&of), "72000");
    assert_eq!(pay_in_lieu(yuan("6100")).fen, yuan("6100"));
}

#[test]
fn the_disability_subsidy_is_the_regulations_months() {
    let months = [27, 25, 23, 21, 18, 16, 13, 11, 9, 7];
    for (grade, months) in (1..=10).zip(months) {
        let amount = one_off(Grade::new(grade).unwrap(), own("1000", None)).unwrap();
        assert_eq!(amount.fen.get(), months * 100_000, "degree {grade}");
    }
    assert_eq!(Grade::new(0), Err(MoneyError::Grade));
    assert_eq!(Grade::new(11), Err(MoneyError::Grade));
    let grade = Grade::new(9).unwrap();
    is(one_off(grade, own("4000", Some("8000"))), "43200"); // 60 %: 4800
    is(one_off(grade, own("30000", Some("8000"))), "216000"); // 300 %: 24000
}

#[test]
fn allowances_are_shares_and_never_under_the_minimum_wage() {
    let grade = |grade: u8| Grade::new(grade).unwrap();
    is(
        monthly_allowance(grade(1), own("6000", Some("8000")), None),
        "5400",
    );
    is(
        monthly_allowance(grade(6), own("6000", Some("8000")), None),
        "3600",
    );
    is(
        monthly_allowance(grade(6), own("6000", Some("8000")), Some(yuan("4000"))),
        "4000",
    );
    assert!(monthly_allowance(grade(7), own("6000", None), None).is_err());
    is(care(Care::Complete, yuan("8000")), "4000");
    is(care(Care::Part, yuan("8000")), "2400");
    is(paid_leave(yuan("6000"), 12, false), "72000");
    assert!(paid_leave(yuan("6000"), 13, false).is_err());
    is(paid_leave(yuan("6000"), 24, true), "144000");
}

#[test]
fn the_subsidies_at_the_end_follow_the_province() {
    let yiwu = Region::parse("330782").unwrap();
    let of = |on: &str| Figures::built_in().subsidy(&yiwu, day(on));
    let subsidy = of("2025-06-01").unwrap();
    assert_eq!(of("2020-06-01"), None);
    let average = yuan("8000");
    let grade = |grade: u8| Grade::new(grade).unwrap();
    is(at_end(grade(5), subsidy, average), "240000");
    is(at_end(grade(10), subsidy, average), "16000");
    assert!(at_end(grade(4), subsidy, average).is_err());
    let wuhan = Region::parse("420107").unwrap();
    assert_eq!(Figures::built_in().subsidy(&wuhan, day("2025-06-01")), None);
}

#[test]
fn survivors_share_no_more_than_the_wage() {
    let survivor = |spouse, alone| death::Survivor { spouse, alone };
    is(death::funeral(yuan("8000")), "48000");
    is(death::one_off(yuan("50000")), "1000000");
    is(
        death::pension(
            yuan("6000"),
            &[survivor(true, false), survivor(false, false)],
        ),
        "4200",
    );
    is(
        death::pension(yuan("6000"), &[survivor(true, false); 3]),
        "6000",
    );
    is(
        death::pension(yuan("6000"), &[survivor(false, true)]),
        "2400",
    );
}

#[test]
fn an_award_is_final_where_no_item_exceeds_twelve_minimum_wages() {
    let minimum = yuan("2000");
    assert_eq!(
        is_final_award(&[yuan("24000"), yuan("24000")], minimum),
        Ok(true)
    );
    assert_eq!(is_final_award(&[yuan("24000.01")], minimum), Ok(false));
}

const FIGURES: &str = r#"
[[figure]]
kind = "minimum-wage"
region = "33"
from = "2024-01-01"
yuan = "2000"
source = "made up for this test"

[[figure]]
kind = "minimum-wage"
region = "3307"
from = "2025-01-01"
until = "2026-01-01"
yuan = "2100.50"
source = "made up for this test"
"#;

#[test]
fn local_figures_are_found_by_place_and_day() {
    let figures: Figures = FIGURES.parse().unwrap();
    let yiwu = Region::parse("330782").unwrap();
    let find = |on: &str| {
        let figure = figures.find(Kind::MinimumWage, &yiwu, day(on));
        figure.map(|figure| figure.amount)
    };
    assert_eq!(find("2023-12-31"), None);
    assert_eq!(find("2024-12-31"), Some(yuan("2000")));
    assert_eq!(find("2025-06-01"), Some(yuan("2100.50")));
    assert_eq!(find("2026-01-01"), Some(yuan("2000")));
    assert!(
        figures
            .find(Kind::AverageWage, &yiwu, day("2025-06-01"))
            .is_none()
    );
    for (from, to, told) in [
        (
            "\"2000\"",
            "\"2,000\"",
            "line 6, yuan: an unexpected character at position 2",
        ),
        ("\"33\"", "\"3\"", "line 4, region: "),
        ("2024-01-01", "2024", "line 5, from: "),
        ("made up for this test", " ", "line 7, source: "),
    ] {
        let error = FIGURES
            .replacen(from, to, 1)
            .parse::<Figures>()
            .unwrap_err();
        assert!(error.to_string().starts_with(told), "{error}");
    }
}

#[test]
fn the_formulas_are_as_they_were_read() {
    let mut told = String::new();
    let mut tell = |amount: Result<Amount, MoneyError>| {
        let amount = amount.unwrap();
        told.push_str(&format!("{}\n{}\n", amount.zh, amount.en));
        for input in &amount.inputs {
            told.push_str(&format!("  {} / {}: {}\n", input.zh, input.en, input.value));
        }
        for source in &amount.sources {
            told.push_str(&format!("  {} / {}\n", source.zh(), source.en()));
        }
        for (zh, en) in &amount.open {
            told.push_str(&format!("  ! {zh} / {en}\n"));
        }
        told.push('\n');
    };
    tell(arrears(
        &[
            month("2026-01", "6500", "2000"),
            month("2026-02", "6500", "0"),
        ],
        None,
    ));
    tell(addition(yuan("11000"), 50));
    tell(overtime(
        yuan("4350"),
        Overtime {
            workdays: 630,
            rest_days: 480,
            holidays: 480,
        },
    ));
    tell(double_wage(&unwritten(
        "2024-01-01",
        Some("2024-04-16"),
        None,
    )));
    tell(double_wage(&unwritten("2024-01-01", None, None)));
    tell(severance(&ended("2010-01-01", "2024-12-31", "30000")));
    tell(severance(&ended("2005-01-01", "2010-05-31", "6000")));
    tell(severance(&Ended {
        unlawful: true,
        local_average: None,
        ..ended("2005-01-01", "2010-05-31", "6000")
    }));
    tell(Ok(pay_in_lieu(yuan("6100"))));
    tell(one_off(Grade::new(9).unwrap(), own("4000", Some("8000"))));
    tell(monthly_allowance(
        Grade::new(6).unwrap(),
        own("6000", None),
        Some(yuan("4000")),
    ));
    tell(care(Care::Most, yuan("8000")));
    tell(paid_leave(yuan("6000"), 6, false));
    tell(death::funeral(yuan("8000")));
    tell(death::one_off(yuan("50000")));
    tell(death::pension(
        yuan("6000"),
        &[death::Survivor {
            spouse: true,
            alone: false,
        }; 3],
    ));
    compare("money", &told);
}

proptest! {
    #[test]
    fn a_longer_employment_never_costs_less_and_twice_is_twice(
        days in 0..8000_u64,
        more in 0..400_u64,
        wage in 1..10_000_000_i64,
    ) {
        let start = day("2008-01-01");
        let after = |days| start.checked_add_days(chrono::Days::new(days)).unwrap();
        let of = |end, unlawful| {
            let mut of = ended("2008-01-01", "2008-01-01", "1");
            (of.end, of.wage, of.unlawful) = (end, Fen::new(wage).unwrap(), unlawful);
            severance(&of).unwrap().fen.get()
        };
        let n = of(after(days), false);
        prop_assert!(n <= of(after(days + more), false));
        // Rounded once each: a fen at most.
        prop_assert!((2 * n - of(after(days), true)).abs() <= 1);
    }

    #[test]
    fn no_sum_wraps(wage in (i64::MAX / 40)..i64::MAX) {
        let wage = Fen::new(wage).unwrap();
        let subsidy = one_off(Grade::new(1).unwrap(), OwnWage { average: wage, local_average: None });
        prop_assert!(subsidy.is_err() || subsidy.unwrap().fen >= wage);
    }
}

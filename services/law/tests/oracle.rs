//! The calendar against PyPI's `chinesecalendar`, made by others from the same
//! notices: every day of the years that this build ships.

use std::process::Command;

use chrono::NaiveDate;
use law::calendar::Calendar;

const ASK: &str = "
import datetime, sys, chinese_calendar
for year in map(int, sys.argv[1:]):
    day = datetime.date(year, 1, 1)
    while day.year == year:
        print(day.isoformat(), int(chinese_calendar.is_workday(day)))
        day += datetime.timedelta(days=1)
";

/// Runs where `CASENET_PYTHON` names a Python with the package: `tests/run.sh`
/// and CI set it; without it there is nothing to compare with.
#[test]
fn every_day_of_the_known_years_agrees_with_an_independent_calendar() {
    let Some(python) = std::env::var_os("CASENET_PYTHON") else {
        return;
    };
    let calendar = Calendar::built_in();
    let years: Vec<_> = calendar.years().map(|year| year.to_string()).collect();
    let run = Command::new(python)
        .arg("-c")
        .arg(ASK)
        .args(&years)
        .output();
    let run = run.unwrap();
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let told = String::from_utf8(run.stdout).unwrap();
    let mut days = 0;
    for line in told.lines() {
        let (day, works) = line.split_once(' ').unwrap();
        let day: NaiveDate = day.parse().unwrap();
        assert_eq!(calendar.is_workday(day), works == "1", "{day}");
        days += 1;
    }
    assert_eq!(days, 366 + 365 + 365);
}

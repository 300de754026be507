//! Counting a length from a day, and moving off a rest day; each tells what it
//! did. Pure calendar work: what the law does with it is [`super::engine`].

use chrono::{Datelike as _, Days, Months, NaiveDate, Weekday};

use super::length::{Length, Unit};
use super::outcome::Step;
use super::rules::Counting;
use super::wording::{en, list_en, list_zh, zh};
use crate::calendar::Calendar;

/// A day that was counted to, how, and whether a year on the way is guessed.
pub(super) struct Counted {
    pub(super) day: NaiveDate,
    pub(super) steps: Vec<Step>,
    pub(super) estimate: bool,
}

/// Counts with a calendar, by the articles in force.
#[derive(Clone, Copy)]
pub(super) struct Counter<'a> {
    pub(super) calendar: &'a Calendar,
    pub(super) law: &'a Counting,
}

impl Counter<'_> {
    /// The last day of a period after `start`, which is not counted. `None`
    /// beyond what a date can be. Hours are not counted here.
    pub(super) fn after(self, start: NaiveDate, length: Length) -> Option<Counted> {
        match (length.unit, length.months()) {
            (Unit::Days, _) => {
                let day = start.checked_add_days(Days::new(u64::from(length.count)))?;
                Some(Counted {
                    day,
                    steps: vec![counted_to(day, length)],
                    estimate: false,
                })
            }
            (Unit::WorkingDays, _) => self.working_days(start, length, true),
            (_, Some(months)) => {
                let day = start.checked_add_months(Months::new(months))?;
                Some(self.corresponding(start, day, length))
            }
            _ => None,
        }
    }

    /// The latest day of a period before `start`, which is not counted.
    pub(super) fn before(self, start: NaiveDate, length: Length) -> Option<Counted> {
        match (length.unit, length.months()) {
            (Unit::Days, _) => {
                let day = start.checked_sub_days(Days::new(u64::from(length.count)))?;
                Some(Counted {
                    day,
                    steps: vec![counted_to(day, length)],
                    estimate: false,
                })
            }
            (Unit::WorkingDays, _) => self.working_days(start, length, false),
            (_, Some(months)) => {
                let day = start.checked_sub_months(Months::new(months))?;
                Some(self.corresponding(start, day, length))
            }
            _ => None,
        }
    }

    /// Where a period ends whose last day is `day`: that day if it is worked,
    /// else the first working day after it.
    pub(super) fn roll(self, day: NaiveDate) -> Option<Counted> {
        let to = self.calendar.first_workday_from(day)?;
        let mut steps = Vec::new();
        if to.date != day {
            let rest: Vec<_> = day.iter_days().take_while(|d| *d < to.date).collect();
            let (why_zh, why_en) = self.why_rest(&rest);
            steps.push(Step {
                date: Some(to.date),
                zh: format!(
                    "{}为休息日或者法定休假日（{why_zh}），顺延至其后的第一个工作日{}",
                    list_zh(&rest, day.year()),
                    zh(to.date)
                ),
                en: format!(
                    "{} {} ({why_en}); the period ends on the first working day after, {}",
                    list_en(&rest),
                    if rest.len() == 1 {
                        "is no working day"
                    } else {
                        "are no working days"
                    },
                    en(to.date)
                ),
                sources: vec![self.law.rest_day.clone()],
            });
        } else if is_weekend(day) {
            let notices = self.notices(&[day]);
            steps.push(Step {
                date: Some(day),
                zh: format!("{}为调休上班日（{notices}），不顺延", zh(day)),
                en: format!(
                    "{} is a shifted workday ({notices}): the period ends on it",
                    en(day)
                ),
                sources: Vec::new(),
            });
        }
        if to.estimate {
            steps.push(self.no_notice(day, to.date));
        }
        Some(Counted {
            day: to.date,
            steps,
            estimate: to.estimate,
        })
    }

    /// How many of the days from `first` to `last` count for the unit.
    pub(super) fn days_lost(self, first: NaiveDate, last: NaiveDate, unit: Unit) -> u32 {
        let days = first.iter_days().take_while(|day| *day <= last);
        let lost = days.filter(|day| unit != Unit::WorkingDays || self.calendar.is_workday(*day));
        u32::try_from(lost.count()).unwrap_or(u32::MAX)
    }

    fn working_days(self, start: NaiveDate, length: Length, forward: bool) -> Option<Counted> {
        let to = if forward {
            self.calendar.working_days_after(start, length.count)?
        } else {
            self.calendar.working_days_before(start, length.count)?
        };
        let between: Vec<_> = if forward {
            start
                .iter_days()
                .skip(1)
                .take_while(|d| *d <= to.date)
                .collect()
        } else {
            to.date.iter_days().take_while(|d| *d < start).collect()
        };
        let works = |day: &NaiveDate| self.calendar.is_workday(*day);
        let pick = |keep: &dyn Fn(&NaiveDate) -> bool| -> Vec<NaiveDate> {
            between.iter().copied().filter(|day| keep(day)).collect()
        };
        let holidays = pick(&|day| !works(day) && !is_weekend(*day));
        let shifted = pick(&|day| works(day) && is_weekend(*day));
        let mut step = counted_to(to.date, length);
        let weekends = pick(&|day| !works(day) && is_weekend(*day)).len();
        let year = start.year();
        if weekends > 0 {
            step.zh.push_str(&format!("；不计{weekends}个休息日"));
            let plural = if weekends == 1 { "" } else { "s" };
            step.en
                .push_str(&format!("; {weekends} day{plural} of weekends not counted"));
        }
        if !holidays.is_empty() {
            let notices = self.notices(&holidays);
            step.zh.push_str(&format!(
                "；不计放假的{}（{notices}）",
                list_zh(&holidays, year)
            ));
            step.en.push_str(&format!(
                "; holidays not counted: {} ({notices})",
                list_en(&holidays)
            ));
        }
        if !shifted.is_empty() {
            let notices = self.notices(&shifted);
            step.zh.push_str(&format!(
                "；调休上班的{}计为工作日（{notices}）",
                list_zh(&shifted, year)
            ));
            step.en.push_str(&format!(
                "; counted as shifted workdays: {} ({notices})",
                list_en(&shifted)
            ));
        }
        let mut steps = vec![step];
        if to.estimate {
            steps.push(self.no_notice(start.min(to.date), start.max(to.date)));
        }
        Some(Counted {
            day: to.date,
            steps,
            estimate: to.estimate,
        })
    }

    /// Months and years end on the same number of the day, or where the month
    /// has none on its last (民法典 Art. 202).
    fn corresponding(self, start: NaiveDate, day: NaiveDate, length: Length) -> Counted {
        let mut step = counted_to(day, length);
        if day.day() != start.day() {
            step.zh = format!(
                "{}，到期月没有{}日，月末日{}为最后一日",
                length.zh(),
                start.day(),
                zh(day)
            );
            step.en = format!(
                "{length}: the month has no day {}, so its last day, {}, is the last of the period",
                start.day(),
                en(day)
            );
        }
        step.sources = vec![self.law.month_end.clone()];
        Counted {
            day,
            steps: vec![step],
            estimate: false,
        }
    }

    fn why_rest(self, rest: &[NaiveDate]) -> (String, String) {
        let notices = self.notices(rest);
        if rest.iter().all(|day| is_weekend(*day)) || notices.is_empty() {
            ("周末".to_owned(), "weekend".to_owned())
        } else {
            (notices.clone(), notices)
        }
    }

    /// The notices of the years of some days.
    fn notices(self, days: &[NaiveDate]) -> String {
        let mut notices: Vec<_> = days
            .iter()
            .filter_map(|day| self.calendar.notice(day.year()))
            .collect();
        notices.dedup();
        notices.join("、")
    }

    fn no_notice(self, from: NaiveDate, to: NaiveDate) -> Step {
        let years: Vec<_> = (from.year()..=to.year())
            .filter(|year| !self.calendar.knows(*year))
            .map(|year| year.to_string())
            .collect();
        Step {
            date: None,
            zh: format!(
                "{}年的放假安排未收录，按周一至周五为工作日估算",
                years.join("、")
            ),
            en: format!(
                "the holiday notice of {} is not at hand: Mondays to Fridays were taken as working days, so the date is an estimate",
                years.join(", ")
            ),
            sources: Vec::new(),
        }
    }
}

fn is_weekend(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

fn counted_to(day: NaiveDate, length: Length) -> Step {
    Step {
        date: Some(day),
        zh: format!("计{}，至{}", length.zh(), zh(day)),
        en: format!("counting {length} leads to {}", en(day)),
        sources: Vec::new(),
    }
}

//! From facts to the last day in time, step by step.
//!
//! The nominal end of the period is kept apart from the day it rolls to: an
//! obstacle lengthens the period, and rolling comes last (民法典 Art. 203).

mod error;
mod events;

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike as _};

pub use error::DeadlineError;

use super::count::Counter;
use super::facts::{Event, Facts};
use super::length::Unit;
use super::outcome::{Computed, State, Step, end_of, shanghai};
use super::rules::{Rule, Rules, Text};
use super::wording::{en, moment_en, moment_zh, zh};
use crate::calendar::Calendar;
use crate::citation::Citation;

/// Computes one deadline.
///
/// # Errors
/// [`DeadlineError`] says what does not fit and what to give instead.
pub fn calculate(
    rules: &Rules,
    calendar: &Calendar,
    facts: &Facts,
) -> Result<Computed, DeadlineError> {
    let rule = rules
        .get(&facts.rule)
        .ok_or_else(|| DeadlineError::NoRule(facts.rule.clone()))?;
    let (text, on) = text_in_force(rule, facts)?;
    let law = rule.counting(on).ok_or(DeadlineError::Beyond)?;
    let mut clock = Clock {
        rule,
        text,
        counter: Counter { calendar, law },
        trigger: facts.trigger.day(),
        start: facts.trigger.day(),
        hour: None,
        end: facts.trigger.day(),
        lost_until: None,
        obstacles: Vec::new(),
        extended: 0,
        state: State::Running,
        estimate: text.common,
        steps: Vec::new(),
        closing: Vec::new(),
    };
    clock.cite(facts);
    if text.length.unit == Unit::Hours {
        clock.count_hours(facts.trigger.moment())?;
    } else {
        clock.begin();
    }
    let mut events = facts.events.clone();
    events.sort_by_key(|event| (event.from, event.kind as u8, event.end()));
    for event in events {
        clock.happen(event)?;
    }
    clock.finish()
}

fn text_in_force<'r>(
    rule: &'r Rule,
    facts: &Facts,
) -> Result<(&'r Text, NaiveDate), DeadlineError> {
    let variant = facts.variant.as_deref();
    let has = || {
        let ids: Vec<_> = rule.variants.iter().map(|v| v.id.as_str()).collect();
        if ids.is_empty() {
            "none".to_owned()
        } else {
            ids.join(", ")
        }
    };
    if let Some(variant) = variant
        && !rule.variants.iter().any(|known| known.id == variant)
    {
        return Err(DeadlineError::NoVariant {
            rule: rule.id.clone(),
            variant: variant.to_owned(),
            has: has(),
        });
    }
    let on = facts.law_of.unwrap_or(facts.trigger.day());
    match rule.text(on, facts.region.as_ref(), variant) {
        Some(text) => Ok((text, on)),
        None => Err(DeadlineError::NotInForce {
            rule: rule.id.clone(),
            first: rule.first_day(variant).unwrap_or(NaiveDate::MAX),
            on,
        }),
    }
}

/// A clock while it is computed.
struct Clock<'a> {
    rule: &'a Rule,
    text: &'a Text,
    counter: Counter<'a>,
    /// The first start: nothing lies before it.
    trigger: NaiveDate,
    /// The day that is not counted: the trigger, or the last interruption.
    start: NaiveDate,
    /// Of a period of hours its end.
    hour: Option<NaiveDateTime>,
    /// The nominal last day, before it rolls.
    end: NaiveDate,
    /// The last day already given back for an obstacle.
    lost_until: Option<NaiveDate>,
    /// The obstacles so far: one that outlasts an interruption goes on.
    obstacles: Vec<Event>,
    /// How many lengthenings were used.
    extended: usize,
    state: State,
    estimate: bool,
    steps: Vec<Step>,
    /// How it ended; told after the day that the period rolled to.
    closing: Vec<Step>,
}

impl Clock<'_> {
    fn step(
        &mut self,
        date: Option<NaiveDate>,
        zh: String,
        en: String,
        sources: impl IntoIterator<Item = Citation>,
    ) {
        self.steps.push(Step {
            date,
            zh,
            en,
            sources: sources.into_iter().collect(),
        });
    }

    fn close(&mut self, on: NaiveDate, zh: String, en: String) {
        self.closing.push(Step {
            date: Some(on),
            zh,
            en,
            sources: Vec::new(),
        });
    }

    /// Which text rules, and since when.
    fn cite(&mut self, facts: &Facts) {
        let (rule, text) = (self.rule, self.text);
        let variant = rule
            .variants
            .iter()
            .find(|v| Some(v.id.as_str()) == facts.variant.as_deref());
        let (case_zh, case_en) = match variant {
            Some(v) => (format!("（{}）", v.zh), format!(" ({})", v.en)),
            None => (String::new(), String::new()),
        };
        let (before_zh, before_en) = match rule.before {
            true => ("之前", " before the trigger"),
            false => ("", ""),
        };
        if text.common {
            self.step(
                None,
                format!(
                    "{}{case_zh}：该地区的规定未收录，按各地通行的{}估算",
                    rule.zh,
                    text.length.zh()
                ),
                format!(
                    "{}{case_en}: the local rule of the place is not at hand; the common {} were taken, so the date is an estimate",
                    rule.en, text.length
                ),
                text.sources.clone(),
            );
            return;
        }
        self.step(
            None,
            format!(
                "{}{case_zh}：{before_zh}{}，依自{}起施行的规定",
                rule.zh,
                text.length.zh(),
                text.from.format("%Y年%-m月%-d日")
            ),
            format!(
                "{}{case_en}: {}{before_en}, by the text in force since {}",
                rule.en, text.length, text.from
            ),
            text.sources.clone(),
        );
    }

    fn begin(&mut self) {
        let start = self.start;
        let (rule, law) = (self.rule, self.counter.law);
        let (edge_zh, edge_en) = if rule.before {
            ("往前计算", "counting goes back from it")
        } else {
            ("自次日起算", "counting begins with the next")
        };
        self.step(
            Some(start),
            format!(
                "起算事由：{}，{}；当日不计入，{edge_zh}",
                rule.trigger_zh,
                zh(start)
            ),
            format!(
                "trigger: {}, {}; the day itself is not counted, {edge_en}",
                rule.trigger_en,
                en(start)
            ),
            Some(law.start.clone()),
        );
        // An end beyond the calendar is found when the clock is finished.
        let counted = if rule.before {
            self.counter.before(start, self.text.length)
        } else {
            self.counter.after(start, self.text.length)
        };
        match counted {
            Some(counted) => {
                self.end = counted.day;
                self.estimate |= counted.estimate;
                self.steps.extend(counted.steps);
            }
            None => self.end = NaiveDate::MAX,
        }
    }

    /// Hours: by the Civil Procedure Law the hour of the start is not counted,
    /// by the Civil Code the period starts at the moment (Art. 201).
    fn count_hours(&mut self, moment: NaiveDateTime) -> Result<(), DeadlineError> {
        let skips_hour = self.counter.law.post.is_some();
        let on_the_hour = (moment.minute(), moment.second()) == (0, 0);
        let start = if skips_hour && !on_the_hour {
            let hour = moment.date().and_hms_opt(moment.hour(), 0, 0);
            hour.and_then(|hour| hour.checked_add_signed(TimeDelta::hours(1)))
        } else {
            Some(moment)
        };
        let start = start.ok_or(DeadlineError::Beyond)?;
        let hours = TimeDelta::hours(i64::from(self.text.length.count));
        let end = if self.rule.before {
            start.checked_sub_signed(hours)
        } else {
            start.checked_add_signed(hours)
        };
        let end = end.ok_or(DeadlineError::Beyond)?;
        let rule = self.rule;
        self.step(
            Some(start.date()),
            format!(
                "起算事由：{}，{}；自{}起算",
                rule.trigger_zh,
                moment_zh(moment),
                moment_zh(start)
            ),
            format!(
                "trigger: {}, {}; counting begins at {}",
                rule.trigger_en,
                moment_en(moment),
                moment_en(start)
            ),
            Some(self.counter.law.start.clone()),
        );
        self.step(
            Some(end.date()),
            format!("计{}，至{}", self.text.length.zh(), moment_zh(end)),
            format!("counting {} leads to {}", self.text.length, moment_en(end)),
            None,
        );
        (self.hour, self.end) = (Some(end), end.date());
        Ok(())
    }

    /// Rolls, and says until which moment.
    fn finish(mut self) -> Result<Computed, DeadlineError> {
        let is_suspended = matches!(self.state, State::Suspended { .. });
        let mut due = None;
        let mut last_moment = None;
        if !is_suspended {
            let mut day = self.end;
            if self.rule.rolls {
                let rolled = self.counter.roll(day).ok_or(DeadlineError::Beyond)?;
                self.estimate |= rolled.estimate;
                if let (Some(hour), true) = (self.hour, rolled.day != day) {
                    // A period of hours that ends on a rest day ends with the
                    // first working day after it.
                    let midnight = rolled.day.succ_opt().ok_or(DeadlineError::Beyond)?;
                    self.hour = Some(midnight.and_time(NaiveTime::MIN)).filter(|m| *m > hour);
                }
                day = rolled.day;
                self.steps.extend(rolled.steps);
            }
            last_moment = match self.hour {
                Some(hour) => shanghai(hour),
                None => end_of(day),
            };
            last_moment.ok_or(DeadlineError::Beyond)?;
            due = Some(day);
            self.say_last_moment(day);
        }
        self.steps.append(&mut self.closing);
        let (not_before, not_after) = self.certain(due);
        Ok(Computed {
            rule: self.rule.id.clone(),
            due,
            last_moment,
            state: self.state,
            estimate: self.estimate,
            not_before,
            not_after,
            checked: self.text.checked(),
            derivation: self.steps,
        })
    }

    /// The days between which an estimate certainly lies.
    fn certain(&self, due: Option<NaiveDate>) -> (Option<NaiveDate>, Option<NaiveDate>) {
        let (Some(due), true) = (due, self.estimate) else {
            return (due, due);
        };
        if self.text.common || self.rule.before {
            return (None, None);
        }
        // Were every day worked, a count of working days is a count of days; and
        // no other period ends before its nominal end.
        let first = match self.text.length.unit {
            Unit::WorkingDays => {
                let days = Days::new(u64::from(self.text.length.count));
                self.start.checked_add_days(days)
            }
            _ => Some(self.end),
        };
        // Holidays and the weekends at both ends are two weeks at most, and a
        // year has seven of them.
        let breaks = match self.text.length.unit {
            Unit::WorkingDays => 2 + u64::from(self.text.length.count) / 30,
            _ => 1,
        };
        (first, due.checked_add_days(Days::new(14 * breaks)))
    }

    fn say_last_moment(&mut self, day: NaiveDate) {
        let law = self.counter.law;
        if let Some(hour) = self.hour {
            self.step(
                Some(day),
                format!("期间于{}届满", moment_zh(hour)),
                format!("the period ends at {}", moment_en(hour)),
                None,
            );
            return;
        }
        self.step(
            Some(day),
            format!(
                "截止时间为{}24时；有业务时间的，到停止业务活动时为止",
                zh(day)
            ),
            format!(
                "it ends at 24:00 of {}; where there are business hours, with them",
                en(day)
            ),
            Some(law.midnight.clone()),
        );
        if let Some(post) = &law.post {
            self.step(
                None,
                "期间不包括在途时间，期满前交邮的不算过期".to_owned(),
                "time in the post is not counted: what was posted before the end is in time"
                    .to_owned(),
                Some(post.clone()),
            );
        }
    }
}

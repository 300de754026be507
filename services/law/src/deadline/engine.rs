//! From facts to the last day in time, step by step.
//!
//! The nominal end of the period is kept apart from the day it rolls to: an
//! obstacle lengthens the period, and rolling comes last (民法典 Art. 203).

use chrono::{Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike as _};

use super::citation::Citation;
use super::count::Counter;
use super::facts::{Event, EventKind, Facts};
use super::length::{Length, Unit};
use super::outcome::{Computed, State, Step, end_of, shanghai};
use super::rules::{Extension, Rule, Rules, Suspension, Text};
use super::wording::{en, moment_en, moment_zh, zh};
use crate::calendar::Calendar;

/// Why a deadline cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeadlineError {
    /// No rule of this id.
    #[error("there is no rule {0}: `casenet deadline rules` lists them")]
    NoRule(String),
    /// No such special case.
    #[error("the rule {rule} has no variant {variant}; it has: {has}")]
    NoVariant {
        /// The rule.
        rule: String,
        /// What was asked for.
        variant: String,
        /// The ones there are.
        has: String,
    },
    /// The law of that day knows no such period.
    #[error("the rule {rule} is known from {first} on; on {on} another law ruled")]
    NotInForce {
        /// The rule.
        rule: String,
        /// The first day of its first text.
        first: NaiveDate,
        /// The day asked for.
        on: NaiveDate,
    },
    /// The text of the rule does not know such an event.
    #[error("{kind} does nothing to the rule {rule}: its text ({source_en}) does not know it")]
    NoSuchEvent {
        /// The rule.
        rule: String,
        /// The event.
        kind: EventKind,
        /// The text.
        source_en: String,
    },
    /// More lengthenings than the text allows.
    #[error("the rule {rule} can be extended {most} times at most")]
    NoMoreExtensions {
        /// The rule.
        rule: String,
        /// How often.
        most: usize,
    },
    /// The text sets no length: the authority says until when.
    #[error("the authority sets this extension's end: write extend=APPROVED..NEW-LAST-DAY")]
    ExtensionNeedsEnd,
    /// Longer than the text allows.
    #[error("the extension runs to {most} at most, not to {asked}")]
    ExtensionTooLong {
        /// As far as the text allows.
        most: NaiveDate,
        /// As far as was asked.
        asked: NaiveDate,
    },
    /// An event that lies before the trigger.
    #[error("{kind} on {on} lies before the trigger, {trigger}")]
    BeforeTrigger {
        /// The event.
        kind: EventKind,
        /// Its day.
        on: NaiveDate,
        /// The trigger's day.
        trigger: NaiveDate,
    },
    /// Beyond what a date can be.
    #[error("the date lies beyond the calendar")]
    Beyond,
}

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

    /// The day that the period would roll to as it stands.
    fn rolled(&self) -> Result<NaiveDate, DeadlineError> {
        if !self.rule.rolls {
            return Ok(self.end);
        }
        let rolled = self.counter.roll(self.end).ok_or(DeadlineError::Beyond)?;
        Ok(rolled.day)
    }

    fn happen(&mut self, event: Event) -> Result<(), DeadlineError> {
        let early = !self.rule.before && event.end() < self.trigger;
        if early {
            return Err(DeadlineError::BeforeTrigger {
                kind: event.kind,
                on: event.from,
                trigger: self.trigger,
            });
        }
        if matches!(
            self.state,
            State::Stopped { .. } | State::Met { .. } | State::Late { .. }
        ) {
            self.no_effect(event, "该期间已经终结", "the matter had ended before");
            return Ok(());
        }
        match event.kind {
            EventKind::Suspend => {
                self.suspend(event)?;
                self.obstacles.push(event);
                Ok(())
            }
            EventKind::Interrupt => self.interrupt(event),
            EventKind::Extend => self.extend(event),
            EventKind::Stop => {
                self.state = State::Stopped { on: event.from };
                self.close(
                    event.from,
                    format!("{}事项终结，期间不再继续", zh(event.from)),
                    format!(
                        "{}: the matter ended, the period does not go on",
                        en(event.from)
                    ),
                );
                Ok(())
            }
            EventKind::Meet => self.meet(event.from),
        }
    }

    fn no_effect(&mut self, event: Event, why_zh: &str, why_en: &str) {
        let name = match event.kind {
            EventKind::Suspend => "中止事由",
            EventKind::Interrupt => "中断事由",
            EventKind::Extend => "延长",
            EventKind::Stop => "终结",
            EventKind::Meet => "办理",
        };
        let step = Step {
            date: None,
            zh: format!("{}的{name}不发生效力：{why_zh}", zh(event.from)),
            en: format!(
                "{} on {} has no effect: {why_en}",
                event.kind,
                en(event.from)
            ),
            sources: Vec::new(),
        };
        // After an end it is told after the end.
        if self.closing.is_empty() {
            self.steps.push(step);
        } else {
            self.closing.push(step);
        }
    }

    fn has_lapsed(&mut self, event: Event) -> Result<bool, DeadlineError> {
        let due = self.rolled()?;
        let lapsed = event.from > due;
        if lapsed {
            self.no_effect(
                event,
                &format!("期间已于{}届满", zh(due)),
                &format!("the period had ended on {}", en(due)),
            );
        }
        Ok(lapsed)
    }

    fn unknown(&self, kind: EventKind) -> DeadlineError {
        let sources: Vec<_> = self.text.sources.iter().map(Citation::en).collect();
        DeadlineError::NoSuchEvent {
            rule: self.rule.id.clone(),
            kind,
            source_en: sources.join("; "),
        }
    }

    fn suspend(&mut self, event: Event) -> Result<(), DeadlineError> {
        if self.text.suspension == Suspension::None || self.rule.before {
            return Err(self.unknown(event.kind));
        }
        if self.has_lapsed(event)? {
            return Ok(());
        }
        if event.open {
            self.state = State::Suspended { since: event.from };
            self.step(
                Some(event.from),
                format!("自{}起中止，原因尚未消除", zh(event.from)),
                format!("suspended since {}; the obstacle goes on", en(event.from)),
                self.text.suspension_sources.clone(),
            );
            return Ok(());
        }
        match self.text.suspension {
            Suspension::LastSixMonths => self.six_months_more(event),
            _ => self.give_back(event),
        }
    }

    /// The days of the obstacle that lie in the period are added to it.
    fn give_back(&mut self, event: Event) -> Result<(), DeadlineError> {
        let floor = self.lost_until.unwrap_or(self.start).max(self.start);
        let next = floor.succ_opt().ok_or(DeadlineError::Beyond)?;
        let first = event.from.max(next);
        let last = event.end();
        if last < first {
            self.no_effect(
                event,
                "所涉各日不在期间内",
                "its days are not in the period",
            );
            return Ok(());
        }
        // An obstacle on the rest days that the period rolled over: its last
        // day is the day it rolled to.
        let end = if first > self.end {
            self.rolled()?
        } else {
            self.end
        };
        let unit = self.text.length.unit;
        let lost = self.counter.days_lost(first, last, unit);
        let days = Length {
            count: lost,
            unit: if unit == Unit::WorkingDays {
                Unit::WorkingDays
            } else {
                Unit::Days
            },
        };
        let mut more = Vec::new();
        let new_end = if lost == 0 {
            end
        } else {
            let counted = self.counter.after(end, days).ok_or(DeadlineError::Beyond)?;
            self.estimate |= counted.estimate;
            more = counted.steps.into_iter().skip(1).collect();
            counted.day
        };
        if let Some(hour) = self.hour {
            self.hour = hour.checked_add_days(Days::new(u64::from(lost)));
        }
        self.end = new_end;
        self.lost_until = Some(last);
        self.step(
            Some(new_end),
            format!(
                "{}至{}期间中止{}，期间届满日推至{}",
                zh(first),
                zh(last),
                days.zh(),
                zh(new_end)
            ),
            format!(
                "suspended from {} to {}, {days}: the end moves to {}",
                en(first),
                en(last),
                en(new_end)
            ),
            self.text.suspension_sources.clone(),
        );
        self.steps.extend(more);
        Ok(())
    }

    /// An obstacle in the last six months: six months from its end.
    fn six_months_more(&mut self, event: Event) -> Result<(), DeadlineError> {
        let window = self.end.checked_sub_months(Months::new(6));
        let window = window.ok_or(DeadlineError::Beyond)?;
        if event.end() <= window {
            self.no_effect(
                event,
                "障碍在期间最后六个月之前已经消除",
                "the obstacle had ended before the last six months",
            );
            return Ok(());
        }
        let six_on = event.end().checked_add_months(Months::new(6));
        self.end = six_on.ok_or(DeadlineError::Beyond)?.max(self.end);
        self.step(
            Some(self.end),
            format!(
                "期间的最后六个月（自{}之后）内有障碍，{}消除，自消除之日起满六个月届满，即{}",
                zh(window),
                zh(event.end()),
                zh(self.end)
            ),
            format!(
                "an obstacle in the last six months (after {}) ended on {}: the period ends six months from there, {}",
                en(window),
                en(event.end()),
                en(self.end)
            ),
            self.text.suspension_sources.clone(),
        );
        Ok(())
    }

    fn interrupt(&mut self, event: Event) -> Result<(), DeadlineError> {
        if self.text.interruption_sources.is_empty() || self.rule.before {
            return Err(self.unknown(event.kind));
        }
        if self.has_lapsed(event)? {
            return Ok(());
        }
        self.start = event.end();
        self.lost_until = None;
        self.state = State::Running;
        let (from, start) = (event.from, self.start);
        let (since_zh, since_en) = if event.to.is_some() {
            (
                format!("{}中断，程序于{}终结", zh(from), zh(start)),
                format!(
                    "interrupted on {}, the proceedings ended on {}",
                    en(from),
                    en(start)
                ),
            )
        } else {
            (
                format!("{}中断", zh(from)),
                format!("interrupted on {}", en(from)),
            )
        };
        self.step(
            Some(start),
            format!("{since_zh}；自该日起重新计算{}", self.text.length.zh()),
            format!(
                "{since_en}; the period of {} runs anew from there",
                self.text.length
            ),
            self.text.interruption_sources.clone(),
        );
        let counted = self.counter.after(start, self.text.length);
        let counted = counted.ok_or(DeadlineError::Beyond)?;
        self.end = counted.day;
        self.estimate |= counted.estimate;
        self.steps.extend(counted.steps);
        for obstacle in self.obstacles.clone() {
            if obstacle.open || obstacle.end() > self.start {
                self.suspend(obstacle)?;
            }
        }
        Ok(())
    }

    fn extend(&mut self, event: Event) -> Result<(), DeadlineError> {
        if self.text.extensions.is_empty() || self.rule.before {
            return Err(self.unknown(event.kind));
        }
        let text = self.text;
        let Some(extension) = text.extensions.get(self.extended) else {
            return Err(DeadlineError::NoMoreExtensions {
                rule: self.rule.id.clone(),
                most: text.extensions.len(),
            });
        };
        if self.has_lapsed(event)? {
            return Ok(());
        }
        let new_end = self.extended_to(extension, event)?;
        self.extended += 1;
        self.end = new_end;
        let length = match extension.length {
            Some(length) if event.to.is_none() => (length.zh(), length.to_string()),
            _ => (
                "至指定日期".to_owned(),
                "to the day that was set".to_owned(),
            ),
        };
        self.step(
            Some(new_end),
            format!(
                "{}延长{}（{}），至{}",
                zh(event.from),
                length.0,
                extension.by_zh,
                zh(new_end)
            ),
            format!(
                "extended on {}{} ({}), to {}",
                en(event.from),
                length.1,
                extension.by_en,
                en(new_end)
            ),
            extension.sources.clone(),
        );
        Ok(())
    }

    fn extended_to(
        &mut self,
        extension: &Extension,
        event: Event,
    ) -> Result<NaiveDate, DeadlineError> {
        let most = match extension.length {
            Some(length) => {
                let counted = self.counter.after(self.end, length);
                let counted = counted.ok_or(DeadlineError::Beyond)?;
                self.estimate |= counted.estimate;
                Some(counted.day)
            }
            None => None,
        };
        let asked = match (event.to, most) {
            (Some(asked), Some(most)) if asked > most => {
                return Err(DeadlineError::ExtensionTooLong { most, asked });
            }
            (Some(asked), _) => asked,
            (None, Some(most)) => most,
            (None, None) => return Err(DeadlineError::ExtensionNeedsEnd),
        };
        // Nothing that was approved makes a period shorter.
        Ok(asked.max(self.rolled()?))
    }

    fn meet(&mut self, on: NaiveDate) -> Result<(), DeadlineError> {
        let due = self.rolled()?;
        let suspended = matches!(self.state, State::Suspended { .. });
        let in_time = on <= due || suspended;
        self.state = if in_time {
            State::Met { on }
        } else {
            State::Late { on }
        };
        let duty = (&self.rule.duty_zh, &self.rule.duty_en);
        let said = if in_time {
            ("在期间内", "in time")
        } else {
            ("已逾期", "too late")
        };
        self.close(
            on,
            format!("{}{}:{}", zh(on), duty.0, said.0),
            format!("{}, {}: {}", en(on), duty.1, said.1),
        );
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
        Ok(Computed {
            rule: self.rule.id.clone(),
            due,
            last_moment,
            state: self.state,
            estimate: self.estimate,
            checked: self.text.checked(),
            derivation: self.steps,
        })
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

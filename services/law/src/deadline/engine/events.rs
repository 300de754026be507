//! What happens to a running clock: obstacles, claims, approvals, its end.

use chrono::{Days, Months, NaiveDate};

use super::Clock;
use super::error::DeadlineError;
use crate::citation::Citation;
use crate::deadline::facts::{Event, EventKind};
use crate::deadline::length::{Length, Unit};
use crate::deadline::outcome::{State, Step};
use crate::deadline::rules::{Extension, Suspension};
use crate::deadline::wording::{en, zh};

impl Clock<'_> {
    /// The day that the period would roll to as it stands.
    fn rolled(&self) -> Result<NaiveDate, DeadlineError> {
        if !self.rule.rolls {
            return Ok(self.end);
        }
        let rolled = self.counter.roll(self.end).ok_or(DeadlineError::Beyond)?;
        Ok(rolled.day)
    }

    pub(super) fn happen(&mut self, event: Event) -> Result<(), DeadlineError> {
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
            format!("{}{}：{}", zh(on), duty.0, said.0),
            format!("{}, {}: {}", en(on), duty.1, said.1),
        );
        Ok(())
    }
}

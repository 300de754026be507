//! What is known about a deadline: its trigger and what happened since.

use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::Serialize;

use crate::codes::Region;

/// When the clock was started, in Asia/Shanghai.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Trigger {
    /// On a day.
    Day(NaiveDate),
    /// At a moment: what periods of hours need.
    Moment(NaiveDateTime),
}

impl Trigger {
    /// The day.
    #[must_use]
    pub fn day(self) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::Moment(moment) => moment.date(),
        }
    }

    /// The moment; of a day its beginning.
    #[must_use]
    pub fn moment(self) -> NaiveDateTime {
        match self {
            Self::Day(day) => day.and_time(NaiveTime::MIN),
            Self::Moment(moment) => moment,
        }
    }
}

impl From<NaiveDate> for Trigger {
    fn from(day: NaiveDate) -> Self {
        Self::Day(day)
    }
}

/// What can happen to a running clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// An obstacle, from its first day to its last.
    Suspend,
    /// A claim on the other side, a request for help, an acknowledgement: on a
    /// day, or a proceeding from its beginning to its end.
    Interrupt,
    /// A lengthening was approved: on a day, and until when it runs where the
    /// authority has said so.
    Extend,
    /// The matter has ended: withdrawn, settled, closed.
    Stop,
    /// The step was taken: handed in, or given to the post.
    Meet,
}

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// When, or its first day.
    pub from: NaiveDate,
    /// Its last day; of an approved extension the new last day.
    pub to: Option<NaiveDate>,
    /// It has begun and goes on: only of an obstacle.
    pub open: bool,
}

impl Event {
    /// Something that happened on one day.
    #[must_use]
    pub fn on(kind: EventKind, day: NaiveDate) -> Self {
        Self {
            kind,
            from: day,
            to: None,
            open: false,
        }
    }

    /// Something that lasted from one day to another, both counted.
    #[must_use]
    pub fn during(kind: EventKind, from: NaiveDate, to: NaiveDate) -> Self {
        Self {
            kind,
            from,
            to: Some(to),
            open: false,
        }
    }

    /// The last day known of it.
    #[must_use]
    pub fn end(self) -> NaiveDate {
        self.to.unwrap_or(self.from)
    }
}

/// Why a text is no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Not `kind=date`.
    #[error("write kind=date or kind=date..date, such as suspend=2026-02-01..2026-03-15")]
    Shape,
    /// No kind.
    #[error("the kind must be suspend, interrupt, extend, stop or meet")]
    Kind,
    /// Not a date.
    #[error("dates are written 2026-02-01")]
    Date,
    /// It ends before it begins.
    #[error("the second date lies before the first")]
    Order,
    /// Only an obstacle can go on.
    #[error("only suspend may be open: give the second date")]
    Open,
}

impl FromStr for Event {
    type Err = EventError;

    fn from_str(text: &str) -> Result<Self, EventError> {
        let (kind, dates) = text.split_once('=').ok_or(EventError::Shape)?;
        let kind = match kind {
            "suspend" => EventKind::Suspend,
            "interrupt" => EventKind::Interrupt,
            "extend" => EventKind::Extend,
            "stop" => EventKind::Stop,
            "meet" => EventKind::Meet,
            _ => return Err(EventError::Kind),
        };
        let date = |text: &str| text.parse::<NaiveDate>().map_err(|_| EventError::Date);
        let event = match dates.split_once("..") {
            None => Self::on(kind, date(dates)?),
            Some((from, "")) if kind == EventKind::Suspend => Self {
                open: true,
                ..Self::on(kind, date(from)?)
            },
            Some((_, "")) => return Err(EventError::Open),
            Some((from, to)) => Self::during(kind, date(from)?, date(to)?),
        };
        if event.end() < event.from {
            return Err(EventError::Order);
        }
        Ok(event)
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Suspend => "suspend",
            Self::Interrupt => "interrupt",
            Self::Extend => "extend",
            Self::Stop => "stop",
            Self::Meet => "meet",
        })
    }
}

/// A deadline asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Which rule.
    pub rule: String,
    /// What started it.
    pub trigger: Trigger,
    /// What happened since, in any order.
    pub events: Vec<Event>,
    /// Where, for local texts.
    pub region: Option<Region>,
    /// A special case of the rule.
    pub variant: Option<String>,
    /// By the law of this day; without it, of the trigger's day.
    pub law_of: Option<NaiveDate>,
}

impl Facts {
    /// A rule and its trigger, and nothing else.
    #[must_use]
    pub fn new(rule: &str, trigger: impl Into<Trigger>) -> Self {
        Self {
            rule: rule.to_owned(),
            trigger: trigger.into(),
            events: Vec::new(),
            region: None,
            variant: None,
            law_of: None,
        }
    }

    /// With something that happened.
    #[must_use]
    pub fn and(mut self, event: Event) -> Self {
        self.events.push(event);
        self
    }
}

//! What time does to a referral: alarms, expiry. Worked out from the record
//! alone, so that it comes out the same whenever it is looked at.

use chrono::{DateTime, TimeDelta, Utc};
use host::clock::from_timestamp;
use proto::internal::v1::StoredReferral;
use proto::v1 as pb;
use proto::v1::ReferralState as State;

use super::machine::Event;
use super::terms::Term;

/// Something that time does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// People are told; nothing changes.
    Alarm(Alarm),
    /// Nobody answered.
    Expire,
}

/// What people are told, once each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alarm {
    /// The receiver's system has not acknowledged it.
    Undelivered,
    /// Half of the time for an answer has passed.
    RespondHalf,
    /// Four fifths of it have.
    RespondFourFifths,
    /// All of it has.
    RespondOverdue,
    /// Half of the time for the work has passed.
    FulfilHalf,
    /// Four fifths of it have.
    FulfilFourFifths,
    /// All of it has.
    FulfilOverdue,
}

impl Alarm {
    /// Its name in records and feeds.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Undelivered => "undelivered",
            Self::RespondHalf => "respond-50",
            Self::RespondFourFifths => "respond-80",
            Self::RespondOverdue => "respond-overdue",
            Self::FulfilHalf => "fulfil-50",
            Self::FulfilFourFifths => "fulfil-80",
            Self::FulfilOverdue => "fulfil-overdue",
        }
    }

    /// The kind of the feed event.
    pub(crate) fn event(self) -> &'static str {
        match self {
            Self::Undelivered => "referral.undelivered",
            Self::RespondOverdue | Self::FulfilOverdue => "referral.overdue",
            _ => "referral.reminder",
        }
    }

    /// Whether sender and lead are told as well as the receiver: from here on
    /// it is theirs to act.
    pub(crate) fn escalates(self) -> bool {
        matches!(
            self,
            Self::Undelivered | Self::RespondOverdue | Self::FulfilOverdue
        )
    }
}

/// What comes next, and when.
pub(crate) fn next(record: &StoredReferral, term: Term) -> Option<(DateTime<Utc>, Due)> {
    let referral = record.referral.as_ref()?;
    let coming = coming(referral, term).into_iter();
    coming
        .filter(|(_, due)| match due {
            Due::Alarm(alarm) => !record.alarms.iter().any(|gone| gone == alarm.name()),
            Due::Expire => true,
        })
        .min_by_key(|(at, _)| *at)
}

fn coming(referral: &pb::Referral, term: Term) -> Vec<(DateTime<Utc>, Due)> {
    let by = |stamp: &Option<prost_types::Timestamp>| stamp.as_ref().and_then(from_timestamp);
    let state = referral.state();
    let mut coming = Vec::new();
    if matches!(state, State::Requested | State::Received)
        && let (Some(sent), Some(respond_by)) =
            (when(referral, Event::Send), by(&referral.respond_by))
    {
        if state == State::Requested {
            coming.push((sent + term.undelivered(), Due::Alarm(Alarm::Undelivered)));
        }
        let [half, four_fifths] = shares(sent, respond_by);
        coming.push((half, Due::Alarm(Alarm::RespondHalf)));
        coming.push((four_fifths, Due::Alarm(Alarm::RespondFourFifths)));
        coming.push((respond_by, Due::Alarm(Alarm::RespondOverdue)));
        coming.push((respond_by + term.grace(), Due::Expire));
    }
    if matches!(state, State::Accepted | State::InProgress | State::OnHold)
        && let (Some(accepted), Some(fulfil_by)) =
            (when(referral, Event::Accept), by(&referral.fulfil_by))
    {
        let [half, four_fifths] = shares(accepted, fulfil_by);
        coming.push((half, Due::Alarm(Alarm::FulfilHalf)));
        coming.push((four_fifths, Due::Alarm(Alarm::FulfilFourFifths)));
        coming.push((fulfil_by, Due::Alarm(Alarm::FulfilOverdue)));
    }
    coming
}

/// When an event happened last.
pub(crate) fn when(referral: &pb::Referral, event: Event) -> Option<DateTime<Utc>> {
    let mut steps = referral.transitions.iter().rev();
    let step = steps.find(|step| step.event == event.name())?;
    step.at.as_ref().and_then(from_timestamp)
}

/// Half and four fifths of the way.
fn shares(from: DateTime<Utc>, to: DateTime<Utc>) -> [DateTime<Utc>; 2] {
    let whole = (to - from).max(TimeDelta::zero());
    [from + whole / 2, from + whole * 4 / 5]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Alarm, Due, Term, next};
    use chrono::{DateTime, Utc};
    use host::clock::to_timestamp;
    use proto::internal::v1::StoredReferral;
    use proto::v1 as pb;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn an_unanswered_referral_is_told_of_four_times_and_then_expires() {
        let stamp = |text: &str| Some(to_timestamp(at(text)));
        let sent = pb::Transition {
            event: "send".into(),
            at: stamp("2026-03-01T00:00:00Z"),
            ..Default::default()
        };
        let mut record = StoredReferral {
            referral: Some(pb::Referral {
                state: pb::ReferralState::Requested.into(),
                transitions: vec![sent],
                respond_by: stamp("2026-03-11T00:00:00Z"),
                ..Default::default()
            }),
            ..Default::default()
        };
        let mut told = Vec::new();
        loop {
            match next(&record, Term::default()).unwrap() {
                (when, Due::Alarm(alarm)) => {
                    record.alarms.push(alarm.name().into());
                    told.push((when, alarm));
                }
                (when, Due::Expire) => {
                    assert_eq!(when, at("2026-03-12T00:00:00Z"));
                    break;
                }
            }
        }
        let expected = [
            ("2026-03-02T00:00:00Z", Alarm::Undelivered),
            ("2026-03-06T00:00:00Z", Alarm::RespondHalf),
            ("2026-03-09T00:00:00Z", Alarm::RespondFourFifths),
            ("2026-03-11T00:00:00Z", Alarm::RespondOverdue),
        ];
        assert_eq!(told, expected.map(|(when, alarm)| (at(when), alarm)));
    }
}

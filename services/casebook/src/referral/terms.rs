//! How long things may take, by service: defaults for what a referral leaves
//! open, from configuration.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// The terms of a network: a default, and what differs by service code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Terms {
    /// For services that have none of their own.
    pub default: Term,
    /// By service code ("legal_representation"): what differs from the default.
    pub services: BTreeMap<String, Change>,
}

/// What differs for one service; what is left out is as for all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    /// Days in which an answer is expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub respond_days: Option<NonZeroU16>,
    /// Hours after that until the referral expires by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace_hours: Option<u16>,
    /// Hours after which a referral that no system has acknowledged is an alarm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undelivered_hours: Option<u16>,
    /// Days for which working access lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_days: Option<NonZeroU16>,
    /// Days in which a rejection can be contested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contest_days: Option<NonZeroU16>,
}

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Term {
    /// Days in which an answer is expected.
    pub respond_days: NonZeroU16,
    /// Hours after that until the referral expires by itself.
    pub grace_hours: u16,
    /// Hours after which a referral that no system has acknowledged is an alarm.
    pub undelivered_hours: u16,
    /// Days for which working access lasts.
    pub access_days: NonZeroU16,
    /// Days in which a rejection can be contested.
    pub contest_days: NonZeroU16,
}

impl Default for Term {
    fn default() -> Self {
        Self {
            respond_days: days(5),
            grace_hours: 24,
            undelivered_hours: 24,
            access_days: days(180),
            contest_days: days(10),
        }
    }
}

/// No days at all would be a promise that ends as it is made: not to be had.
const fn days(number: u16) -> NonZeroU16 {
    match NonZeroU16::new(number) {
        Some(days) => days,
        None => NonZeroU16::MIN,
    }
}

impl Terms {
    /// The term of a service.
    pub(crate) fn of(&self, service: &str) -> Term {
        let change = self.services.get(service).copied().unwrap_or_default();
        let all = self.default;
        Term {
            respond_days: change.respond_days.unwrap_or(all.respond_days),
            grace_hours: change.grace_hours.unwrap_or(all.grace_hours),
            undelivered_hours: change.undelivered_hours.unwrap_or(all.undelivered_hours),
            access_days: change.access_days.unwrap_or(all.access_days),
            contest_days: change.contest_days.unwrap_or(all.contest_days),
        }
    }
}

impl Term {
    pub(crate) fn respond(self) -> TimeDelta {
        TimeDelta::days(self.respond_days.get().into())
    }

    pub(crate) fn grace(self) -> TimeDelta {
        TimeDelta::hours(self.grace_hours.into())
    }

    pub(crate) fn undelivered(self) -> TimeDelta {
        TimeDelta::hours(self.undelivered_hours.into())
    }

    pub(crate) fn access(self) -> TimeDelta {
        TimeDelta::days(self.access_days.get().into())
    }

    pub(crate) fn contest(self) -> TimeDelta {
        TimeDelta::days(self.contest_days.get().into())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Terms;

    #[test]
    fn a_service_differs_from_the_default_in_what_it_names_and_no_days_are_refused() {
        let terms: Terms =
            toml::from_str("[default]\naccess_days = 90\n[services.suit]\nrespond_days = 2\n")
                .unwrap();
        let suit = terms.of("suit");
        assert_eq!((suit.respond_days.get(), suit.access_days.get()), (2, 90));
        assert_eq!(terms.of("other").respond_days.get(), 5);
        let none = toml::from_str::<Terms>("[services.suit]\nrespond_days = 0\n");
        assert!(none.unwrap_err().to_string().contains("respond_days"));
    }
}

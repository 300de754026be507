//! How long things may take, by service: defaults for what a referral leaves
//! open, from configuration.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// The terms of a network: a default, and what differs by service code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Terms {
    /// For services that have none of their own.
    pub default: Term,
    /// By service code ("legal_representation").
    pub services: BTreeMap<String, Term>,
}

/// The terms of one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Term {
    /// Days in which an answer is expected.
    pub respond_days: u16,
    /// Hours after that until the referral expires by itself.
    pub grace_hours: u16,
    /// Hours after which a referral that no system has acknowledged is an alarm.
    pub undelivered_hours: u16,
    /// Days for which working access lasts.
    pub access_days: u16,
    /// Days in which a rejection can be contested.
    pub contest_days: u16,
}

impl Default for Term {
    fn default() -> Self {
        Self {
            respond_days: 5,
            grace_hours: 24,
            undelivered_hours: 24,
            access_days: 180,
            contest_days: 10,
        }
    }
}

impl Terms {
    /// The term of a service.
    pub(crate) fn of(&self, service: &str) -> Term {
        self.services.get(service).copied().unwrap_or(self.default)
    }
}

impl Term {
    pub(crate) fn respond(self) -> TimeDelta {
        TimeDelta::days(self.respond_days.into())
    }

    pub(crate) fn grace(self) -> TimeDelta {
        TimeDelta::hours(self.grace_hours.into())
    }

    pub(crate) fn undelivered(self) -> TimeDelta {
        TimeDelta::hours(self.undelivered_hours.into())
    }

    pub(crate) fn access(self) -> TimeDelta {
        TimeDelta::days(self.access_days.into())
    }

    pub(crate) fn contest(self) -> TimeDelta {
        TimeDelta::days(self.contest_days.into())
    }
}

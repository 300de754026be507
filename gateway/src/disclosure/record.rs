//! What a line of the log says: who, for what purpose, which case, which
//! sections, under which rule. Never what was in them.

use chrono::{DateTime, Utc};
use host::clock::to_timestamp;
use proto::v1::{DisclosureRecord, Outcome, Section};

use crate::filter::Disclosed;

/// A line in the making.
#[derive(Debug, Clone)]
pub struct Entry {
    record: DisclosureRecord,
}

impl Entry {
    /// A call of `method` at a moment.
    pub fn new(method: &str, at: DateTime<Utc>) -> Self {
        let record = DisclosureRecord {
            method: method.to_owned(),
            at: Some(to_timestamp(at)),
            ..DisclosureRecord::default()
        };
        Self { record }
    }

    /// By whom, for what.
    pub fn by(&mut self, agency: &str, user: &str, purpose: &str) {
        agency.clone_into(&mut self.record.agency);
        user.clone_into(&mut self.record.user);
        purpose.clone_into(&mut self.record.purpose);
    }

    /// Something was shown, or changed and its result shown.
    pub fn disclosed(&self, changed: bool, disclosed: &Disclosed) -> DisclosureRecord {
        let numbers = |sections: &[Section]| sections.iter().map(|s| *s as i32).collect();
        let outcome = if changed {
            Outcome::Changed
        } else {
            Outcome::Disclosed
        };
        DisclosureRecord {
            case: disclosed.case.clone(),
            outcome: outcome as i32,
            sections: numbers(&disclosed.shown.full),
            sections_in_part: numbers(&disclosed.shown.part),
            rules: disclosed.rules.clone(),
            ..self.record.clone()
        }
    }

    /// It was refused, for a stable reason.
    pub fn refused(&self, case: &str, reason: &str) -> DisclosureRecord {
        DisclosureRecord {
            case: case.to_owned(),
            outcome: Outcome::Refused as i32,
            refusal: reason.to_owned(),
            ..self.record.clone()
        }
    }
}

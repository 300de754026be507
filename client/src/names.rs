//! The agencies' names, for pages: open to everybody in the network, and kept
//! for a minute. No case data.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use proto::v1::{self as pb, AgencyKind};

use crate::line::Line;
use crate::words::Language;

const KEPT: TimeDelta = TimeDelta::minutes(1);

/// When it was read, and what it said.
type Known = (Option<DateTime<Utc>>, BTreeMap<String, pb::Agency>);

/// The directory as it was a moment ago.
pub(crate) struct Names {
    known: Mutex<Known>,
}

impl Names {
    /// Begins with the agencies of the configuration.
    pub(crate) fn new(agencies: Vec<pb::Agency>) -> Self {
        let known = agencies.into_iter().map(|a| (a.name.clone(), a)).collect();
        Self {
            known: Mutex::new((None, known)),
        }
    }

    /// Reads the directory again if it is time. Old names are better than none,
    /// so a directory that does not answer changes nothing.
    pub(crate) async fn refresh(&self, line: &Line, now: DateTime<Utc>) {
        let is_fresh = |at: Option<DateTime<Utc>>| at.is_some_and(|at| now - at < KEPT);
        if is_fresh(self.lock().0) {
            return;
        }
        let mut all = BTreeMap::new();
        let mut page_token = String::new();
        loop {
            let request = pb::ListAgenciesRequest {
                page_size: 200,
                page_token,
            };
            let Ok(answer) = line.directory().list_agencies(request).await else {
                return;
            };
            let answer = answer.into_inner();
            all.extend(answer.agencies.into_iter().map(|a| (a.name.clone(), a)));
            page_token = answer.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        *self.lock() = (Some(now), all);
    }

    /// An agency's name in this language; its id where it is not known.
    pub(crate) fn of(&self, name: &str, language: Language) -> String {
        let known = &self.lock().1;
        known.get(name).map_or_else(
            || name.trim_start_matches("agencies/").to_owned(),
            |a| {
                language
                    .either(&a.display_name_zh, &a.display_name_en)
                    .to_owned()
            },
        )
    }

    /// An agency's kind.
    pub(crate) fn kind(&self, name: &str) -> AgencyKind {
        let known = &self.lock().1;
        known
            .get(name)
            .map_or(AgencyKind::Unspecified, pb::Agency::kind)
    }

    /// All, by kind and name.
    pub(crate) fn all(&self) -> Vec<pb::Agency> {
        let mut all: Vec<_> = self.lock().1.values().cloned().collect();
        all.sort_by_key(|agency| (agency.kind, agency.name.clone()));
        all
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // Replaced as a whole.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

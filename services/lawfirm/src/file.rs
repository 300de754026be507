//! How a file is kept: one for each firm and case, under
//! `file/{case id}/{agency id}`.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use host::milestone;
use host::{Caller, Named as _, Refusal};
use proto::internal::v1::{Effect, Milestone};
use proto::names::{AgencyName, CaseName};
use proto::v1 as pb;
use proto::{Date, Money};
use store::{Draft, View};

use crate::conflict::is_exhausted;
use crate::procedure::{PROCEDURE, State, Step};

/// One firm and one case, and who acts when.
#[derive(Debug, Clone)]
pub(crate) struct Matter {
    /// The case.
    pub(crate) case: CaseName,
    /// The firm.
    pub(crate) firm: AgencyName,
    /// The user who acts; empty: the firm's system.
    pub(crate) user: String,
    /// Now.
    pub(crate) now: DateTime<Utc>,
}

/// What a step shows on the timeline of the case: codes, never content.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shown {
    /// The act's code.
    pub(crate) act: &'static str,
    /// When it was done, if known.
    pub(crate) date: Option<Date>,
    /// Its outcome's code, if it has one.
    pub(crate) outcome: &'static str,
    /// What it changes at the spine.
    pub(crate) effect: Effect,
    /// The referral that the effect is about.
    pub(crate) referral: String,
}

impl Matter {
    /// The caller's own file on a case, whoever else has one.
    pub(crate) fn of(caller: &Caller, case: CaseName, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let firm = firm(caller)?;
        Ok(Self {
            case,
            firm,
            user: caller.user().to_owned(),
            now,
        })
    }

    fn key(&self) -> String {
        format!("{}{}", prefix(&self.case), self.firm.id())
    }

    /// The file, if there is one.
    pub(crate) fn find(&self, view: &View) -> Result<Option<pb::CounselFile>, Refusal> {
        Ok(view.get(&self.key())?)
    }

    /// The file; a new one that nothing stands in if there is none.
    pub(crate) fn load(&self, view: &View) -> Result<pb::CounselFile, Refusal> {
        Ok(self.find(view)?.unwrap_or_else(|| pb::CounselFile {
            author: self.firm.to_string(),
            state: pb::CounselState::Opened.into(),
            opened_at: Some(timestamp(self.now)),
            ..Default::default()
        }))
    }

    /// Keeps the file, with what follows from the rest of it.
    pub(crate) fn put(&self, draft: &mut Draft, file: &mut pb::CounselFile) {
        file.legal_steps = legal_steps(file).into_iter().map(str::to_owned).collect();
        file.quarter_hours = file.acts.iter().map(|act| act.quarter_hours).sum();
        draft.put(&self.key(), file);
    }

    /// Puts a step on the timeline, in the batch that changes the file.
    pub(crate) fn show(&self, draft: &mut Draft, shown: &Shown) {
        let shown = Milestone {
            case: self.case.to_string(),
            agency: self.firm.to_string(),
            user: self.user.clone(),
            act: shown.act.to_owned(),
            date: shown.date,
            outcome: shown.outcome.to_owned(),
            // What was paid is between the firm and its client.
            amount: None::<Money>,
            recorded_at: Some(timestamp(self.now)),
            effect: shown.effect.into(),
            referral: shown.referral.clone(),
        };
        milestone(draft, &shown);
    }
}

/// The agency that calls. The network's own processes have no file.
pub(crate) fn firm(caller: &Caller) -> Result<AgencyName, Refusal> {
    AgencyName::parse(caller.agency()).map_err(|_| Refusal::not_found())
}

/// Where every file on a case is kept.
fn prefix(case: &CaseName) -> String {
    format!("file/{}/", case.id())
}

/// Every firm's file on a case.
pub(crate) fn files(view: &View, case: &CaseName) -> Result<Vec<pb::CounselFile>, Refusal> {
    let rows = view.scan(&prefix(case), None, usize::MAX)?;
    Ok(rows.into_iter().map(|(_, file)| file).collect())
}

/// Where the file stands.
pub(crate) fn state(file: &pb::CounselFile) -> State {
    State::of(file.state())
}

/// The steps that are legal now.
pub(crate) fn legal_steps(file: &pb::CounselFile) -> Vec<&'static str> {
    let mut steps = PROCEDURE.legal(state(file));
    if is_exhausted(file) {
        steps.retain(|step| *step != Step::CheckConflict.name());
    }
    steps
}

/// Takes a step; refuses with the steps that are legal now.
pub(crate) fn advance(file: &mut pb::CounselFile, step: Step) -> Result<(), Refusal> {
    let reached = PROCEDURE.next(state(file), step)?;
    file.set_state(reached.to_wire());
    Ok(())
}

/// Refuses a further entry where the list is full: a file is one record, and
/// records are small.
pub(crate) fn room<T>(entries: &[T], entries_max: usize) -> Result<(), Refusal> {
    if entries.len() < entries_max {
        return Ok(());
    }
    let full = format!("the file holds {entries_max} entries of this kind, the most it can");
    Err(Refusal::precondition(pb::ErrorReason::WrongState, full))
}

/// When something was done: optional, in whole or in part, and not to come.
pub(crate) fn done_on(date: Option<&Date>, today: NaiveDate) -> Result<Option<Date>, Refusal> {
    let date = host::parse::optional_date("date", date)?;
    // Unknown months and days are 0 and so never later than today's.
    let is_to_come = date.is_some_and(|d| {
        (i64::from(d.year), i64::from(d.month), i64::from(d.day))
            > (
                i64::from(today.year()),
                i64::from(today.month()),
                i64::from(today.day()),
            )
    });
    if is_to_come {
        return Err(Refusal::invalid(
            "date",
            "lies in the future; record what has been done",
        ));
    }
    Ok(date)
}

/// The state at which a proceeding came to the network; empty: it begins here.
pub(crate) fn under_way(name: &str) -> Result<Option<State>, Refusal> {
    if name.is_empty() {
        return Ok(None);
    }
    let state = PROCEDURE.state(name).filter(|state| state.is_under_way());
    let state = state.ok_or_else(|| {
        let names = [State::Opened, State::Cleared, State::Engaged].map(|state| state.name());
        Refusal::invalid(
            "under_way_at",
            format!("must be one of {}", names.join(", ")),
        )
    })?;
    Ok(Some(state))
}

/// A moment on the wire.
pub(crate) fn timestamp(at: DateTime<Utc>) -> prost_types::Timestamp {
    host::clock::to_timestamp(at)
}

//! How a file is kept: one for each house and case, under
//! `file/{case id}/{agency id}`; its texts apart, under
//! `draft/{case id}/{agency id}/{number}`, so that the file stays small and a
//! text never goes where only the file was meant to go.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use host::{Caller, Refusal, milestone};
use proto::Date;
use proto::internal::v1::{Effect, Milestone};
use proto::names::{AgencyName, CaseName};
use proto::v1::{self as pb, ErrorReason};
use ring::digest::{SHA256, digest};
use store::{Draft, View};

use crate::procedure::{PROCEDURE, State, Step};

/// One house and one case, and who acts when.
#[derive(Debug, Clone)]
pub(crate) struct Coverage {
    /// The case.
    pub(crate) case: CaseName,
    /// The media house whose file it is.
    pub(crate) house: AgencyName,
    /// Who acts: the house, or the lead.
    pub(crate) actor: AgencyName,
    /// The user who acts; empty: the agency's system.
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
    pub(crate) outcome: String,
    /// What it changes at the spine.
    pub(crate) effect: Effect,
}

impl Coverage {
    /// The caller's own file on a case.
    pub(crate) fn own(
        caller: &Caller,
        case: CaseName,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let actor = agency(caller)?;
        Ok(Self {
            case,
            house: actor.clone(),
            actor,
            user: caller.user().to_owned(),
            now,
        })
    }

    /// A house's file on a case, for the lead's decision.
    pub(crate) fn of(
        house: AgencyName,
        caller: &Caller,
        case: CaseName,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            case,
            house,
            actor: agency(caller)?,
            user: caller.user().to_owned(),
            now,
        })
    }

    fn key(&self) -> String {
        format!("{}{}", files_of(&self.case), self.house.id())
    }

    /// The file, if there is one.
    pub(crate) fn find(&self, view: &View) -> Result<Option<pb::PublicityFile>, Refusal> {
        Ok(view.get(&self.key())?)
    }

    /// The file; a new one that nothing stands in if there is none.
    pub(crate) fn load(&self, view: &View) -> Result<pb::PublicityFile, Refusal> {
        Ok(self.find(view)?.unwrap_or_else(|| pb::PublicityFile {
            author: self.house.to_string(),
            state: pb::CoverageState::Opened.into(),
            opened_at: Some(self.recorded_at()),
            ..Default::default()
        }))
    }

    /// Keeps the file, with what follows from the rest of it.
    pub(crate) fn put(&self, draft: &mut Draft, file: &mut pb::PublicityFile) {
        file.legal_steps = legal_steps(file).into_iter().map(str::to_owned).collect();
        draft.put(&self.key(), file);
    }

    /// Puts a step on the timeline, in the batch that changes the file.
    pub(crate) fn show(&self, draft: &mut Draft, shown: &Shown) {
        let shown = Milestone {
            case: self.case.to_string(),
            agency: self.actor.to_string(),
            user: self.user.clone(),
            act: shown.act.to_owned(),
            date: shown.date,
            outcome: shown.outcome.clone(),
            recorded_at: Some(self.recorded_at()),
            effect: shown.effect.into(),
            ..Default::default()
        };
        milestone(draft, &shown);
    }

    /// Keeps the text of a draft. It is never written twice.
    pub(crate) fn put_text(&self, draft: &mut Draft, number: u32, text: &str) {
        let kept = pb::PublicityDraft {
            number,
            text: text.to_owned(),
            ..Default::default()
        };
        draft.put(&text_key(&self.case, self.house.id(), number), &kept);
    }

    /// The text of a draft; empty if there is no such draft.
    pub(crate) fn text(&self, view: &View, number: u32) -> Result<String, Refusal> {
        text(view, &self.case, self.house.id(), number)
    }

    /// Now, on the wire.
    pub(crate) fn recorded_at(&self) -> prost_types::Timestamp {
        host::clock::to_timestamp(self.now)
    }
}

/// The agency that calls. The network's own processes have no file.
pub(crate) fn agency(caller: &Caller) -> Result<AgencyName, Refusal> {
    AgencyName::parse(caller.agency()).map_err(|_| Refusal::not_found())
}

/// Every house's file on a case, without texts.
pub(crate) fn files(view: &View, case: &CaseName) -> Result<Vec<pb::PublicityFile>, Refusal> {
    let rows = view.scan(&files_of(case), None, usize::MAX)?;
    Ok(rows.into_iter().map(|(_, file)| file).collect())
}

/// The text of a house's draft; empty if there is none.
pub(crate) fn text(
    view: &View,
    case: &CaseName,
    house_id: &str,
    number: u32,
) -> Result<String, Refusal> {
    let kept = view.get::<pb::PublicityDraft>(&text_key(case, house_id, number))?;
    Ok(kept.map(|draft| draft.text).unwrap_or_default())
}

fn files_of(case: &CaseName) -> String {
    format!("file/{}/", case.id())
}

fn text_key(case: &CaseName, house_id: &str, number: u32) -> String {
    format!("draft/{}/{house_id}/{number:08}", case.id())
}

/// SHA-256 of a text in UTF-8.
pub(crate) fn sha256(text: &str) -> Vec<u8> {
    digest(&SHA256, text.as_bytes()).as_ref().to_vec()
}

/// Where the file stands.
pub(crate) fn state(file: &pb::PublicityFile) -> State {
    State::of(file.state())
}

/// The steps that are legal now.
pub(crate) fn legal_steps(file: &pb::PublicityFile) -> Vec<&'static str> {
    PROCEDURE.legal(state(file))
}

/// Takes a step; refuses with the steps that are legal now.
pub(crate) fn advance(file: &mut pb::PublicityFile, step: Step) -> Result<(), Refusal> {
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
    Err(Refusal::precondition(ErrorReason::WrongState, full))
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

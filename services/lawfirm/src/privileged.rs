//! Privileged notes: legal strategy that only its own firm reads (律师法 38).
//!
//! Kept apart from the file, under `note/{case id}/{agency id}/{number}`: the
//! file goes to others, and a note must not be able to go with it.

use host::{Refusal, parse};
use proto::Date;
use proto::names::CaseName;
use proto::v1 as pb;
use store::{Draft, View};

use crate::file::{Matter, advance, done_on, timestamp};
use crate::procedure::Step;

/// Longest note, in characters.
const TEXT_MAX: usize = 20_000;

/// A note to be written.
#[derive(Debug, Clone)]
pub(crate) struct Note {
    text: String,
    date: Option<Date>,
}

impl Note {
    pub(crate) fn parse(
        request: &pb::WritePrivilegedNoteRequest,
        today: chrono::NaiveDate,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            text: parse::text("text", &request.text, TEXT_MAX)?,
            date: done_on(request.date.as_ref(), today)?,
        })
    }
}

/// Writes a note. It changes nothing else, and puts nothing on the timeline.
pub(crate) fn write(
    draft: &mut Draft,
    matter: &Matter,
    note: &Note,
) -> Result<pb::PrivilegedNote, Refusal> {
    // Only to ask whether it is legal; the state stays.
    advance(&mut matter.load(draft)?, Step::WritePrivilegedNote)?;

    let own = format!("{}{}/", prefix(&matter.case), matter.firm.id());
    let last = draft.scan_back::<pb::PrivilegedNote>(&own, None, 1)?;
    let number = last.first().map_or(1, |(_, note)| note.number + 1);
    let written = pb::PrivilegedNote {
        author: matter.firm.to_string(),
        section: pb::Section::Unspecified.into(),
        number,
        text: note.text.clone(),
        user: matter.user.clone(),
        date: note.date,
        written_at: Some(timestamp(matter.now)),
    };
    draft.put(&format!("{own}{number:08}"), &written);
    Ok(written)
}

/// Every note on a case, each with its author: who reads which is not decided
/// here.
pub(crate) fn notes(view: &View, case: &CaseName) -> Result<Vec<pb::PrivilegedNote>, Refusal> {
    let rows = view.scan(&prefix(case), None, usize::MAX)?;
    Ok(rows.into_iter().map(|(_, note)| note).collect())
}

fn prefix(case: &CaseName) -> String {
    format!("note/{}/", case.id())
}

//! The anonymised text, and the lead's decision on it.

use chrono::NaiveDate;
use host::{Refusal, parse};
use prost_types::Timestamp;
use proto::Date;
use proto::names::AgencyName;
use proto::v1::{self as pb, DraftState, ErrorReason};

use crate::file::{Shown, advance, done_on, room, sha256};
use crate::procedure::Step;

/// Longest text, in characters, and most drafts in a file.
const TEXT_CHARS_MAX: usize = 20_000;
const DRAFTS_MAX: usize = 30;

/// A text handed in.
#[derive(Debug, Clone)]
pub(crate) struct Submission {
    pub(crate) text: String,
    date: Option<Date>,
}

/// The lead's decision on a draft.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    pub(crate) draft: u32,
    /// Why it is returned; `None`: it is approved.
    return_reason: Option<String>,
    date: Option<Date>,
}

impl Submission {
    pub(crate) fn parse(
        request: &pb::SubmitDraftRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let text = parse::text("text", &request.text, TEXT_CHARS_MAX)?;
        // What is approved is published to the letter: nothing is dropped here.
        if text.len() != request.text.len() {
            return Err(Refusal::invalid(
                "text",
                "has white space around it; remove that",
            ));
        }
        Ok(Self {
            text,
            date: done_on(request.date.as_ref(), today)?,
        })
    }
}

impl Decision {
    pub(crate) fn approves(
        request: &pb::ApproveDraftRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let date = done_on(request.date.as_ref(), today)?;
        Ok(Self {
            draft: request.draft,
            return_reason: None,
            date,
        })
    }

    pub(crate) fn returns(
        request: &pb::ReturnDraftRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let reason = parse::code("reason", &request.reason)?;
        let date = done_on(request.date.as_ref(), today)?;
        Ok(Self {
            draft: request.draft,
            return_reason: Some(reason),
            date,
        })
    }
}

/// A draft goes before the lead, in place of one that is not published. The
/// number is the new draft's; its text is kept under it.
pub(crate) fn submit(
    file: &mut pb::PublicityFile,
    submission: &Submission,
    now: Timestamp,
) -> Result<(u32, Shown), Refusal> {
    advance(file, Step::SubmitDraft)?;
    room(&file.drafts, DRAFTS_MAX)?;
    supersede(file);
    let number = file.drafts.len() as u32 + 1;
    file.drafts.push(pb::PublicityDraft {
        number,
        state: DraftState::Submitted.into(),
        text_sha256: sha256(&submission.text),
        submitted_at: Some(now),
        ..Default::default()
    });
    let shown = Shown {
        act: "draft_submission",
        date: submission.date,
        ..Shown::default()
    };
    Ok((number, shown))
}

/// INVARIANT (one open draft): no approval of an earlier text survives.
pub(crate) fn supersede(file: &mut pb::PublicityFile) {
    for draft in &mut file.drafts {
        if matches!(draft.state(), DraftState::Submitted | DraftState::Approved) {
            draft.set_state(DraftState::Superseded);
        }
    }
}

/// The lead approves a draft or returns it. An approved one can still be
/// returned, say because the worker has withdrawn the consent.
pub(crate) fn decide(
    file: &mut pb::PublicityFile,
    decision: &Decision,
    lead: &AgencyName,
    now: Timestamp,
) -> Result<Shown, Refusal> {
    let (step, reached, decidable): (_, _, &[DraftState]) = match decision.return_reason {
        None => (
            Step::ApproveDraft,
            DraftState::Approved,
            &[DraftState::Submitted],
        ),
        Some(_) => (
            Step::ReturnDraft,
            DraftState::Returned,
            &[DraftState::Submitted, DraftState::Approved],
        ),
    };
    advance(file, step)?;
    let draft = find(file, decision.draft)?;
    if !decidable.contains(&draft.state()) {
        return Err(not_open(draft));
    }
    draft.set_state(reached);
    draft.decided_by = lead.to_string();
    draft.return_reason = decision.return_reason.clone().unwrap_or_default();
    draft.decided_at = Some(now);

    let (act, outcome) = match &decision.return_reason {
        None => ("draft_approval", String::new()),
        Some(reason) => ("draft_return", reason.clone()),
    };
    Ok(Shown {
        act,
        date: decision.date,
        outcome,
        ..Shown::default()
    })
}

/// The draft of that number.
pub(crate) fn find(
    file: &mut pb::PublicityFile,
    number: u32,
) -> Result<&mut pb::PublicityDraft, Refusal> {
    let draft = file.drafts.iter_mut().find(|draft| draft.number == number);
    draft.ok_or_else(Refusal::not_found)
}

/// The draft's own state does not allow the step.
pub(crate) fn not_open(draft: &pb::PublicityDraft) -> Refusal {
    let (state, allowed): (_, &[&str]) = match draft.state() {
        DraftState::Submitted => ("submitted", &["ApproveDraft", "ReturnDraft", "SubmitDraft"]),
        DraftState::Approved => ("approved", &["Publish", "ReturnDraft", "SubmitDraft"]),
        DraftState::Returned => ("returned", &["SubmitDraft"]),
        DraftState::Published => ("published", &["Publish", "SubmitDraft"]),
        DraftState::Superseded => ("superseded", &["SubmitDraft"]),
        DraftState::Withdrawn => ("withdrawn", &["SubmitDraft"]),
        DraftState::Unspecified => ("unknown", &[]),
    };
    let what = format!("draft {}", draft.number);
    Refusal::wrong_state(
        ErrorReason::WrongState,
        &what,
        state,
        allowed.iter().copied(),
    )
}

//! Publishing what was approved, correcting it, withdrawing it (民法典 1025,
//! 1028).

use chrono::NaiveDate;
use host::{Refusal, parse};
use prost_types::Timestamp;
use proto::Date;
use proto::internal::v1::Effect;
use proto::v1::{self as pb, DraftState, ErrorReason};

use crate::draft::{find, not_open, supersede};
use crate::file::{Shown, advance, done_on, room, sha256, state};
use crate::procedure::{State, Step};

/// Most publications, and most corrections of all of them, in a file.
const PUBLICATIONS_MAX: usize = 30;
const CORRECTIONS_MAX: usize = 20;

/// A publication that took place.
#[derive(Debug, Clone)]
pub(crate) struct Appearance {
    pub(crate) draft: u32,
    text_sha256: Vec<u8>,
    pub(crate) outlet: String,
    pub(crate) url: String,
    date: Option<Date>,
}

/// A correction that was published.
#[derive(Debug, Clone)]
pub(crate) struct Amendment {
    publication: u32,
    pub(crate) text: String,
    date: Option<Date>,
}

/// A publication's withdrawal.
#[derive(Debug, Clone)]
pub(crate) struct Withdrawal {
    publication: u32,
    reason: String,
    date: Option<Date>,
}

impl Appearance {
    pub(crate) fn parse(request: &pb::PublishRequest, today: NaiveDate) -> Result<Self, Refusal> {
        Ok(Self {
            draft: request.draft,
            text_sha256: parse::sha256("text_sha256", &request.text_sha256)?,
            outlet: parse::text("outlet", &request.outlet, 100)?,
            url: address(&request.url)?,
            date: done_on(request.date.as_ref(), today)?,
        })
    }
}

impl Amendment {
    pub(crate) fn parse(
        request: &pb::CorrectPublicationRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            publication: request.publication,
            text: parse::text("text", &request.text, 1_000)?,
            date: done_on(request.date.as_ref(), today)?,
        })
    }
}

impl Withdrawal {
    pub(crate) fn parse(request: &pb::RetractRequest, today: NaiveDate) -> Result<Self, Refusal> {
        Ok(Self {
            publication: request.publication,
            reason: parse::code("reason", &request.reason)?,
            date: done_on(request.date.as_ref(), today)?,
        })
    }
}

/// An address on the web; may be empty.
pub(crate) fn address(url: &str) -> Result<String, Refusal> {
    let url = parse::optional_text("url", url, 500)?;
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let has_gap = url.chars().any(char::is_whitespace);
    if has_gap || !(url.is_empty() || is_web) {
        return Err(Refusal::invalid(
            "url",
            "must begin with https:// or http:// and have no gap",
        ));
    }
    Ok(url)
}

/// An approved text has appeared, word for word. `text` is the text as it was
/// approved.
pub(crate) fn publish(
    file: &mut pb::PublicityFile,
    appearance: &Appearance,
    text: &str,
    now: Timestamp,
) -> Result<Shown, Refusal> {
    advance(file, Step::Publish)?;
    room(&file.publications, PUBLICATIONS_MAX)?;
    let draft = find(file, appearance.draft)?;
    if !matches!(draft.state(), DraftState::Approved | DraftState::Published) {
        return Err(not_open(draft));
    }
    // The lead approved this text: neither what is kept nor what appeared may
    // be another.
    if sha256(text) != draft.text_sha256 {
        return Err(Refusal::internal(
            "the text of a draft is not the one that was handed in",
        ));
    }
    if appearance.text_sha256 != draft.text_sha256 {
        return Err(Refusal::invalid(
            "text_sha256",
            "is not the hash of the approved text; hand the changed text in as a new draft",
        ));
    }
    draft.set_state(DraftState::Published);

    let number = file.publications.len() as u32 + 1;
    file.publications.push(pb::Publication {
        number,
        draft: appearance.draft,
        outlet: appearance.outlet.clone(),
        url: appearance.url.clone(),
        date: appearance.date,
        recorded_at: Some(now),
        ..Default::default()
    });
    let effect = Effect::Published;
    Ok(Shown {
        act: "media_report",
        date: appearance.date,
        effect,
        ..Shown::default()
    })
}

/// A correction has appeared (民法典 1028).
pub(crate) fn correct(
    file: &mut pb::PublicityFile,
    amendment: &Amendment,
    now: Timestamp,
) -> Result<Shown, Refusal> {
    advance(file, Step::CorrectPublication)?;
    let all: Vec<_> = file
        .publications
        .iter()
        .flat_map(|p| &p.corrections)
        .collect();
    room(&all, CORRECTIONS_MAX)?;
    let publication = standing(file, amendment.publication)?;
    publication.corrections.push(pb::Correction {
        text: amendment.text.clone(),
        date: amendment.date,
        recorded_at: Some(now),
    });
    Ok(Shown {
        act: "correction",
        date: amendment.date,
        ..Shown::default()
    })
}

/// A publication was withdrawn. Its text is not published again; with the last
/// one, every approval lapses too.
pub(crate) fn retract(
    file: &mut pb::PublicityFile,
    withdrawal: &Withdrawal,
) -> Result<Shown, Refusal> {
    let before = state(file);
    advance(file, Step::Retract)?;
    let publication = standing(file, withdrawal.publication)?;
    publication.retracted = true;
    publication.retraction_reason.clone_from(&withdrawal.reason);
    let draft = publication.draft;
    find(file, draft)?.set_state(DraftState::Withdrawn);

    let another_stands = file
        .publications
        .iter()
        .any(|publication| !publication.retracted);
    let effect = if another_stands {
        file.set_state(before.to_wire());
        Effect::Unspecified
    } else {
        supersede(file);
        Effect::Retracted
    };
    let outcome = withdrawal.reason.clone();
    Ok(Shown {
        act: "retraction",
        date: withdrawal.date,
        outcome,
        effect,
    })
}

/// The publication of that number, if it was not withdrawn.
fn standing(file: &mut pb::PublicityFile, number: u32) -> Result<&mut pb::Publication, Refusal> {
    let publication = file.publications.iter_mut().find(|p| p.number == number);
    let publication = publication.ok_or_else(Refusal::not_found)?;
    if publication.retracted {
        let what = format!("publication {number}");
        let none: [&str; 0] = [];
        return Err(Refusal::wrong_state(
            ErrorReason::WrongState,
            &what,
            "retracted",
            none,
        ));
    }
    Ok(publication)
}

/// Whether the file has published anything, through the desk or otherwise.
pub(crate) fn has_published(file: &pb::PublicityFile) -> bool {
    !file.publications.is_empty() || !file.reports.is_empty() || state(file) == State::Published
}

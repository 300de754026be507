//! Facts about the press: reports of its own, contacts, effects. No text.

use chrono::NaiveDate;
use host::{Named as _, Refusal, parse};
use prost_types::Timestamp;
use proto::Date;
use proto::v1::{self as pb, ErrorReason, FollowUpKind};

use crate::file::{Shown, advance, done_on, legal_steps, room, state};
use crate::procedure::Step;
use crate::publication::{address, has_published};

/// Most reports, and most follow-ups, in a file.
const REPORTS_MAX: usize = 100;
const FOLLOW_UPS_MAX: usize = 200;

/// A report that the house published by its own reporting.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) url: String,
    date: Option<Date>,
}

/// A contact, or an effect of what was published.
#[derive(Debug, Clone)]
pub(crate) struct FollowUp {
    kind: FollowUpKind,
    outcome: String,
    date: Option<Date>,
}

impl Report {
    pub(crate) fn parse(
        request: &pb::RecordReportRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            url: address(&request.url)?,
            date: done_on(request.date.as_ref(), today)?,
        })
    }
}

impl FollowUp {
    pub(crate) fn parse(
        request: &pb::RecordFollowUpRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let kind = request.kind();
        if kind == FollowUpKind::Unspecified {
            return Err(Refusal::invalid("kind", "must be CONTACT or EFFECT"));
        }
        Ok(Self {
            kind,
            outcome: parse::optional_code("outcome", &request.outcome)?,
            date: done_on(request.date.as_ref(), today)?,
        })
    }
}

/// Enters a report of the house's own. It is not a publication that the lead
/// approved, so it has no effect on the label.
pub(crate) fn record(
    file: &mut pb::PublicityFile,
    report: &Report,
    now: Timestamp,
) -> Result<Shown, Refusal> {
    advance(file, Step::RecordReport)?;
    room(&file.reports, REPORTS_MAX)?;
    file.reports.push(pb::MediaReport {
        date: report.date,
        url: report.url.clone(),
        recorded_at: Some(now),
    });
    Ok(Shown {
        act: "media_report",
        date: report.date,
        ..Shown::default()
    })
}

/// Enters a contact, or an effect of something published.
pub(crate) fn follow_up(
    file: &mut pb::PublicityFile,
    entry: &FollowUp,
    now: Timestamp,
) -> Result<Shown, Refusal> {
    advance(file, Step::RecordFollowUp)?;
    room(&file.follow_ups, FOLLOW_UPS_MAX)?;
    let act = match entry.kind {
        FollowUpKind::Contact | FollowUpKind::Unspecified => "media_contact",
        FollowUpKind::Effect if has_published(file) => "follow_up",
        FollowUpKind::Effect => {
            let what = "nothing is published that could have an effect; the file";
            let now = state(file).name();
            let legal = legal_steps(file);
            return Err(Refusal::wrong_state(
                ErrorReason::WrongState,
                what,
                now,
                legal,
            ));
        }
    };
    file.follow_ups.push(pb::FollowUp {
        kind: entry.kind.into(),
        outcome: entry.outcome.clone(),
        date: entry.date,
        recorded_at: Some(now),
    });
    Ok(Shown {
        act,
        date: entry.date,
        outcome: entry.outcome.clone(),
        ..Shown::default()
    })
}

//! What counsel does for the client, and the time spent on it.

use chrono::NaiveDate;
use host::{Refusal, parse};
use prost_types::Timestamp;
use proto::v1::{self as pb, CounselActKind, CounselActOutcome, ErrorReason};
use proto::{Date, Money};

use crate::counsel::may_settle;
use crate::file::{Shown, advance, done_on, room};
use crate::procedure::Step;

/// Most time in one entry: a thousand hours.
const QUARTER_HOURS_MAX: u32 = 4_000;

/// Most acts, and most settlements, in a file.
const ACTS_MAX: usize = 1_000;
const SETTLEMENTS_MAX: usize = 100;

/// An act of counsel.
#[derive(Debug, Clone)]
pub(crate) struct Act {
    kind: CounselActKind,
    quarter_hours: u32,
    outcome: CounselActOutcome,
    date: Option<Date>,
}

/// A settlement made for the client.
#[derive(Debug, Clone)]
pub(crate) struct Settlement {
    amount: Option<Money>,
    date: Option<Date>,
}

impl Act {
    pub(crate) fn parse(
        request: &pb::RecordCounselActRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let kind = request.kind();
        if kind == CounselActKind::Unspecified {
            return Err(Refusal::invalid(
                "kind",
                "must be CONSULTATION, NEGOTIATION, DRAFTING, FILING, HEARING or REPRESENTATION",
            ));
        }
        let outcome = CounselActOutcome::try_from(request.outcome).map_err(|_| {
            Refusal::invalid("outcome", "must be AGREED, FAILED, CONTINUED or left out")
        })?;
        Ok(Self {
            kind,
            quarter_hours: quarter_hours(request.quarter_hours)?,
            outcome,
            date: done_on(request.date.as_ref(), today)?,
        })
    }

    pub(crate) fn consultation(
        request: &pb::RecordConsultationRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            kind: CounselActKind::Consultation,
            quarter_hours: quarter_hours(request.quarter_hours)?,
            outcome: CounselActOutcome::Unspecified,
            date: done_on(request.date.as_ref(), today)?,
        })
    }

    /// What others see of it. Drafting is work inside the firm; a filing is
    /// recorded by the body that receives it.
    fn shown(&self) -> Option<Shown> {
        let act = match self.kind {
            CounselActKind::Consultation => "consultation",
            CounselActKind::Negotiation => "negotiation",
            CounselActKind::Hearing => "hearing",
            CounselActKind::Representation => "representation",
            CounselActKind::Drafting | CounselActKind::Filing | CounselActKind::Unspecified => {
                return None;
            }
        };
        let outcome = match self.outcome {
            CounselActOutcome::Unspecified => "",
            CounselActOutcome::Agreed => "agreed",
            CounselActOutcome::Failed => "failed",
            CounselActOutcome::Continued => "continued",
        };
        Some(Shown {
            act,
            date: self.date,
            outcome,
            ..Shown::default()
        })
    }
}

impl Settlement {
    pub(crate) fn parse(
        request: &pb::RecordSettlementRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            amount: parse::money("amount", request.amount.as_ref())?,
            date: done_on(request.date.as_ref(), today)?,
        })
    }
}

fn quarter_hours(given: u32) -> Result<u32, Refusal> {
    if given > QUARTER_HOURS_MAX {
        return Err(Refusal::invalid(
            "quarter_hours",
            format!("is over {QUARTER_HOURS_MAX} quarter hours in one entry"),
        ));
    }
    Ok(given)
}

/// Enters an act: `step` is the method that it came by.
pub(crate) fn record(
    file: &mut pb::CounselFile,
    step: Step,
    act: &Act,
    now: Timestamp,
) -> Result<Option<Shown>, Refusal> {
    advance(file, step)?;
    room(&file.acts, ACTS_MAX)?;
    file.acts.push(pb::CounselAct {
        kind: act.kind.into(),
        date: act.date,
        quarter_hours: act.quarter_hours,
        outcome: act.outcome.into(),
        recorded_at: Some(now),
    });
    Ok(act.shown())
}

/// Enters a settlement; the sum stays in the file.
pub(crate) fn settle(
    file: &mut pb::CounselFile,
    settlement: &Settlement,
    now: Timestamp,
) -> Result<Shown, Refusal> {
    advance(file, Step::RecordSettlement)?;
    if !may_settle(file) {
        return Err(Refusal::precondition(
            ErrorReason::WrongState,
            "counsel may settle only under special authority; record the power of attorney first",
        ));
    }
    room(&file.settlements, SETTLEMENTS_MAX)?;
    file.settlements.push(pb::CounselSettlement {
        date: settlement.date,
        amount: settlement.amount.clone(),
        recorded_at: Some(now),
    });
    Ok(Shown {
        act: "settlement",
        date: settlement.date,
        ..Shown::default()
    })
}

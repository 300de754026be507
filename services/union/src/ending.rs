//! Ends of the union's work: declined or closed, and taken up again.

use chrono::NaiveDate;
use host::{Refusal, parse};
use prost_types::Timestamp;
use proto::Date;
use proto::v1::{self as pb, UnionFile, UnionResult};

use crate::day::done_on;
use crate::file::{Shown, advance, chosen};
use crate::intake::INTAKE;
use crate::procedure::Step;

/// The union does not take the case on.
#[derive(Debug, Clone)]
pub(crate) struct Decline {
    reason: String,
    date: Option<Date>,
}

/// The work has ended.
#[derive(Debug, Clone)]
pub(crate) struct Close {
    result: UnionResult,
    date: Option<Date>,
}

/// The work goes on.
#[derive(Debug, Clone)]
pub(crate) struct Reopen {
    reason: String,
    date: Option<Date>,
}

impl Decline {
    pub(crate) fn parse(
        request: &pb::DeclineCaseRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            reason: parse::code("reason", &request.reason)?,
            date: done_on(request.date.as_ref(), today)?,
        })
    }

    /// The reason stays in the file: it is from an open list.
    pub(crate) fn record(&self, file: &mut UnionFile, now: Timestamp) -> Result<Shown, Refusal> {
        advance(file, Step::DeclineCase)?;
        file.endings.push(pb::UnionEnding {
            decline_reason: self.reason.clone(),
            date: self.date,
            recorded_at: Some(now),
            ..Default::default()
        });
        Ok(Shown {
            act: INTAKE,
            date: self.date,
            outcome: "declined",
            ..Shown::default()
        })
    }
}

impl Close {
    pub(crate) fn parse(request: &pb::CloseFileRequest, today: NaiveDate) -> Result<Self, Refusal> {
        let names = "ADVICE_GIVEN, PERFORMED, SETTLED, DECIDED, WITHDRAWN, TRANSFERRED, MERGED, \
                     LAPSED, UNENFORCEABLE";
        Ok(Self {
            result: chosen("result", request.result, names)?,
            date: done_on(request.date.as_ref(), today)?,
        })
    }

    pub(crate) fn record(&self, file: &mut UnionFile, now: Timestamp) -> Result<Shown, Refusal> {
        advance(file, Step::CloseFile)?;
        file.endings.push(pb::UnionEnding {
            result: self.result.into(),
            date: self.date,
            recorded_at: Some(now),
            ..Default::default()
        });
        Ok(Shown {
            act: "closing_visit",
            date: self.date,
            outcome: code(self.result),
            ..Shown::default()
        })
    }
}

/// A result as the timeline shows it.
fn code(result: UnionResult) -> &'static str {
    match result {
        UnionResult::Unspecified => "",
        UnionResult::AdviceGiven => "advice_given",
        UnionResult::Performed => "performed",
        UnionResult::Settled => "settled",
        UnionResult::Decided => "decided",
        UnionResult::Withdrawn => "withdrawn",
        UnionResult::Transferred => "transferred",
        UnionResult::Merged => "merged",
        UnionResult::Lapsed => "lapsed",
        UnionResult::Unenforceable => "unenforceable",
    }
}

impl Reopen {
    pub(crate) fn parse(
        request: &pb::ReopenFileRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            reason: parse::code("reason", &request.reason)?,
            date: done_on(request.date.as_ref(), today)?,
        })
    }

    /// How it had ended stays on file.
    pub(crate) fn record(&self, file: &mut UnionFile) -> Result<Shown, Refusal> {
        advance(file, Step::ReopenFile)?;
        let ended = file.endings.last_mut();
        let ended = ended.ok_or_else(|| Refusal::internal("a file has ended without an ending"))?;
        ended.reopen_reason.clone_from(&self.reason);
        ended.reopened_on = self.date;
        Ok(Shown {
            act: INTAKE,
            date: self.date,
            outcome: "reopened",
            ..Shown::default()
        })
    }
}

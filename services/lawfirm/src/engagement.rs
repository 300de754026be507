//! Taking a case on, giving it up, ending it (律师法 25, 39).

use chrono::NaiveDate;
use host::{Named as _, Refusal, parse};
use proto::Date;
use proto::v1::{self as pb, EngagementStatus, ErrorReason, FeeArrangement};

use crate::file::{Shown, advance, done_on, legal_steps, state};
use crate::procedure::{State, Step};

/// The act that the beginning and the end of an engagement show.
const REPRESENTATION: &str = "representation";

/// On what terms, and since when.
#[derive(Debug, Clone)]
pub(crate) struct Terms {
    fee: FeeArrangement,
    since: Option<Date>,
}

/// Why and when an engagement was declined or ended.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    code: String,
    date: Option<Date>,
}

impl Terms {
    pub(crate) fn parse(request: &pb::EngageRequest, today: NaiveDate) -> Result<Self, Refusal> {
        let fee = request.fee_arrangement();
        if fee == FeeArrangement::Unspecified {
            return Err(Refusal::invalid(
                "fee_arrangement",
                "must be PRO_BONO, LEGAL_AID, CONTINGENCY or FIXED",
            ));
        }
        Ok(Self {
            fee,
            since: done_on(request.date.as_ref(), today)?,
        })
    }
}

impl Ending {
    pub(crate) fn declined(
        request: &pb::DeclineEngagementRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let code = parse::code("reason", &request.reason)?;
        Ok(Self {
            code,
            date: done_on(request.date.as_ref(), today)?,
        })
    }

    pub(crate) fn closed(
        request: &pb::CloseEngagementRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let code = parse::code("result_code", &request.result_code)?;
        Ok(Self {
            code,
            date: done_on(request.date.as_ref(), today)?,
        })
    }
}

/// The firm takes the case on.
pub(crate) fn engage(file: &mut pb::CounselFile, terms: &Terms) -> Result<Shown, Refusal> {
    let at = state(file);
    // Says what is missing, rather than just which steps are legal.
    let missing = match at {
        State::Opened | State::Declined | State::Closed => Some(ErrorReason::ConflictCheckRequired),
        State::Conflicted => Some(ErrorReason::ConflictOfInterest),
        State::Cleared | State::Engaged => None,
    };
    if let Some(reason) = missing {
        return Err(Refusal::wrong_state(
            reason,
            "the file",
            at.name(),
            legal_steps(file),
        ));
    }
    advance(file, Step::Engage)?;

    file.set_engagement(EngagementStatus::Engaged);
    file.set_fee_arrangement(terms.fee);
    file.engaged_since = terms.since;
    // A case may be taken on again; how it ended before stands on the timeline.
    file.ended_on = None;
    file.result_code.clear();
    Ok(Shown {
        act: REPRESENTATION,
        date: terms.since,
        ..Shown::default()
    })
}

/// The firm does not take the case on; or gives it up, if a conflict came to
/// light while it acted. Only the end of an engagement shows.
pub(crate) fn decline(
    file: &mut pb::CounselFile,
    ending: &Ending,
) -> Result<Option<Shown>, Refusal> {
    advance(file, Step::DeclineEngagement)?;
    file.decline_reason.clone_from(&ending.code);
    let acted = file.engagement() == EngagementStatus::Engaged;
    Ok(acted.then(|| end(file, ending.date)))
}

/// The engagement ends with a result.
pub(crate) fn close(file: &mut pb::CounselFile, ending: &Ending) -> Result<Shown, Refusal> {
    advance(file, Step::CloseEngagement)?;
    file.result_code.clone_from(&ending.code);
    Ok(end(file, ending.date))
}

/// INVARIANT (authority dies with the engagement): after this, no lawyer
/// handles the case and no power of attorney empowers anybody, also if the
/// firm takes the case on again.
fn end(file: &mut pb::CounselFile, date: Option<Date>) -> Shown {
    file.set_engagement(EngagementStatus::Ended);
    file.ended_on = date;
    for counsel in &mut file.counsel {
        counsel.ended = true;
    }
    for power in &mut file.powers_of_attorney {
        power.ended = true;
    }
    // The result is the client's to tell: the timeline shows only the end.
    Shown {
        act: REPRESENTATION,
        date,
        outcome: "ended",
        ..Shown::default()
    }
}

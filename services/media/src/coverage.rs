//! Proposing coverage, and asking the worker (个人信息保护法 25). The answer is
//! not given here: consent is the casebook's.

use chrono::NaiveDate;
use host::{Named as _, Refusal, parse};
use prost_types::Timestamp;
use proto::Date;
use proto::v1 as pb;

use crate::file::{Shown, advance, done_on, room, state};
use crate::procedure::{State, Step};

/// Longest question to the worker, in characters, and most of them.
const ASKS_CHARS_MAX: usize = 1_000;
const ASKS_MAX: usize = 20;

/// A proposal to tell of the case.
#[derive(Debug, Clone)]
pub(crate) struct Proposal {
    pub(crate) working_title: String,
    angle: String,
    under_way_at: Option<State>,
    date: Option<Date>,
}

/// What the worker is asked to consent to.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) asks: String,
    date: Option<Date>,
}

impl Proposal {
    pub(crate) fn parse(
        request: &pb::ProposeCoverageRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            working_title: parse::text("working_title", &request.working_title, 100)?,
            angle: parse::code("angle", &request.angle)?,
            under_way_at: under_way(&request.under_way_at)?,
            date: done_on(request.date.as_ref(), today)?,
        })
    }
}

impl Question {
    pub(crate) fn parse(
        request: &pb::RequestConsentRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            asks: parse::text("asks", &request.asks, ASKS_CHARS_MAX)?,
            date: done_on(request.date.as_ref(), today)?,
        })
    }
}

/// The state at which a coverage came to the network; empty: it begins here.
fn under_way(name: &str) -> Result<Option<State>, Refusal> {
    if name.is_empty() {
        return Ok(None);
    }
    let state = State::UNDER_WAY
        .into_iter()
        .find(|state| state.name() == name);
    let state = state.ok_or_else(|| {
        let names = State::UNDER_WAY.map(|state| state.name());
        Refusal::invalid(
            "under_way_at",
            format!("must be one of {}", names.join(", ")),
        )
    })?;
    Ok(Some(state))
}

/// Coverage is proposed; earlier steps of one under way are not invented.
pub(crate) fn propose(file: &mut pb::PublicityFile, proposal: &Proposal) -> Result<Shown, Refusal> {
    let began_at = state(file);
    advance(file, Step::ProposeCoverage)?;
    if let Some(stood_at) = proposal.under_way_at {
        if began_at != State::Opened {
            return Err(Refusal::invalid(
                "under_way_at",
                "is only for a house's first coverage of a case; leave it empty",
            ));
        }
        file.set_state(stood_at.to_wire());
        stood_at.name().clone_into(&mut file.under_way_at);
    }
    file.working_title.clone_from(&proposal.working_title);
    file.angle.clone_from(&proposal.angle);
    Ok(Shown {
        act: "coverage_proposal",
        date: proposal.date,
        ..Shown::default()
    })
}

/// What is asked of the worker is recorded.
pub(crate) fn ask(
    file: &mut pb::PublicityFile,
    question: &Question,
    now: Timestamp,
) -> Result<Shown, Refusal> {
    advance(file, Step::RequestConsent)?;
    room(&file.consent_asks, ASKS_MAX)?;
    file.consent_asks.push(pb::ConsentAsk {
        asks: question.asks.clone(),
        date: question.date,
        recorded_at: Some(now),
    });
    Ok(Shown {
        act: "consent_request",
        date: question.date,
        ..Shown::default()
    })
}

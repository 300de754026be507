//! Taking a case in, looking into it, and not taking it on
//! (工会法 22, 30; 浙江省工会劳动法律监督条例 17, 20).

use chrono::NaiveDate;
use host::{Named as _, Refusal, parse};
use prost_types::Timestamp;
use proto::Date;
use proto::v1::{self as pb, UnionFile};

use crate::day::done_on;
use crate::file::{Shown, advance, chosen_or_unset, next_number};
use crate::mediation;
use crate::procedure::{State, Step};

/// The act that the beginning of the union's work shows.
pub(crate) const INTAKE: &str = "union_intake";

const STATEMENT_CHARS_MAX: usize = 4_000;
const FINDINGS_CHARS_MAX: usize = 4_000;
const NAME_CHARS_MAX: usize = 100;

/// Visits of union supervisors need two people or more (浙江条例 20).
const INVESTIGATORS_MIN: u32 = 2;
const INVESTIGATORS_MAX: u32 = 1_000;

/// The worker's complaint, and where the proceeding stood.
#[derive(Debug, Clone)]
pub(crate) struct Complaint {
    intake: pb::UnionIntake,
    under_way: Option<State>,
}

/// Who handles the case from now on.
#[derive(Debug, Clone)]
pub(crate) struct Assignment {
    name: String,
    date: Option<Date>,
}

/// What the union found out.
#[derive(Debug, Clone)]
pub(crate) struct Findings {
    investigators: u32,
    text: String,
    date: Option<Date>,
}

impl Complaint {
    pub(crate) fn parse(
        request: &pb::OpenIntakeRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let channel: pb::ComplaintChannel = chosen_or_unset("channel", request.channel)?;
        let triage: pb::TriageResult = chosen_or_unset("triage", request.triage)?;
        let statement = parse::optional_text("statement", &request.statement, STATEMENT_CHARS_MAX)?;
        let intake = pb::UnionIntake {
            channel: channel.into(),
            hardship: request.hardship,
            triage: triage.into(),
            statement,
            date: done_on(request.date.as_ref(), today)?,
        };
        Ok(Self {
            intake,
            under_way: under_way(&request.under_way_at)?,
        })
    }

    /// Opens the file; at the state where the proceeding stood, if it was under
    /// way. What went before is not known and stays empty.
    pub(crate) fn open(&self, file: &mut UnionFile, now: Timestamp) -> Result<Shown, Refusal> {
        advance(file, Step::OpenIntake)?;
        file.intake = Some(self.intake.clone());
        if let Some(state) = self.under_way {
            file.under_way_at = state.name().to_owned();
            file.set_state(state.to_wire());
        }
        if self.under_way == Some(State::Mediating) {
            mediation::take_over(file, now);
        }
        Ok(Shown {
            act: INTAKE,
            date: self.intake.date,
            outcome: self.under_way.map_or("", |_| "under_way"),
            ..Shown::default()
        })
    }
}

/// The state at which a proceeding came to the network; empty: it begins here.
fn under_way(name: &str) -> Result<Option<State>, Refusal> {
    if name.is_empty() {
        return Ok(None);
    }
    let state = State::UNDER_WAY.into_iter().find(|s| s.name() == name);
    let state = state.ok_or_else(|| {
        let names = State::UNDER_WAY.map(|state| state.name()).join(", ");
        Refusal::invalid("under_way_at", format!("must be one of {names}, or empty"))
    })?;
    Ok(Some(state))
}

impl Assignment {
    pub(crate) fn parse(
        request: &pb::AssignCaseworkerRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            name: parse::text("caseworker_name", &request.caseworker_name, NAME_CHARS_MAX)?,
            date: done_on(request.date.as_ref(), today)?,
        })
    }

    /// Names the caseworker. Nothing shows: it would be a name.
    pub(crate) fn assign(&self, file: &mut UnionFile, now: Timestamp) -> Result<(), Refusal> {
        advance(file, Step::AssignCaseworker)?;
        file.caseworkers.push(pb::UnionCaseworker {
            number: next_number(&file.caseworkers),
            name: self.name.clone(),
            date: self.date,
            recorded_at: Some(now),
        });
        Ok(())
    }
}

impl Findings {
    pub(crate) fn parse(
        request: &pb::RecordInvestigationRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let investigators = request.investigators;
        let is_known = investigators != 0;
        if is_known && !(INVESTIGATORS_MIN..=INVESTIGATORS_MAX).contains(&investigators) {
            return Err(Refusal::invalid(
                "investigators",
                "must be two or more, at most 1,000; 0 if not known",
            ));
        }
        Ok(Self {
            investigators,
            text: parse::text("findings", &request.findings, FINDINGS_CHARS_MAX)?,
            date: done_on(request.date.as_ref(), today)?,
        })
    }

    pub(crate) fn record(&self, file: &mut UnionFile, now: Timestamp) -> Result<Shown, Refusal> {
        advance(file, Step::RecordInvestigation)?;
        file.investigations.push(pb::UnionInvestigation {
            number: next_number(&file.investigations),
            date: self.date,
            investigators: self.investigators,
            findings: self.text.clone(),
            recorded_at: Some(now),
        });
        Ok(Shown {
            act: "investigation",
            date: self.date,
            ..Shown::default()
        })
    }
}

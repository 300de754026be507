//! Mediation: from both sides' consent to the written agreement, or to nothing
//! (劳动争议调解仲裁法 10–14; 人民调解法 17, 26, 28).
//!
//! What is said in it is confidential, and an offer made in it is no evidence
//! (民诉解释 107): the timeline shows that a session was held, that there is an
//! agreement or none, and no word or sum.

use chrono::NaiveDate;
use host::{Refusal, parse};
use prost_types::Timestamp;
use proto::v1::{self as pb, MediationFailure, UnionFile};
use proto::{Date, Money};

use crate::day::{done_on, is_after};
use crate::file::{Shown, advance, chosen, next_number};
use crate::procedure::Step;

/// The act that a session, and a mediation that failed, show.
const MEDIATION: &str = "mediation";

const MINUTES_CHARS_MAX: usize = 4_000;
const TERMS_CHARS_MAX: usize = 4_000;
const ATTENDEES_MAX: u32 = 1_000;

/// Whether the two sides will be mediated.
#[derive(Debug, Clone)]
pub(crate) struct Consents {
    worker: bool,
    employer: bool,
    date: Option<Date>,
}

/// One session.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    attendees: u32,
    minutes: String,
    date: Option<Date>,
}

/// A written agreement that has taken effect.
#[derive(Debug, Clone)]
pub(crate) struct Agreement {
    terms: String,
    amount: Option<Money>,
    perform_by: Option<Date>,
    date: Option<Date>,
}

/// Why and when a mediation came to nothing.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    reason: MediationFailure,
    date: Option<Date>,
}

/// A mediation that was under way when the case came to the network.
pub(crate) fn take_over(file: &mut UnionFile, now: Timestamp) {
    file.mediations.push(pb::Mediation {
        number: next_number(&file.mediations),
        under_way: true,
        recorded_at: Some(now),
        ..Default::default()
    });
}

/// The mediation that is going on; there is one while the file says so.
fn current(file: &mut UnionFile) -> Result<&mut pb::Mediation, Refusal> {
    let last = file.mediations.last_mut();
    last.ok_or_else(|| Refusal::internal("a file is in mediation and holds none"))
}

impl Consents {
    pub(crate) fn parse(
        request: &pb::OpenMediationRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            worker: request.worker_consents,
            employer: request.employer_consents,
            date: done_on(request.date.as_ref(), today)?,
        })
    }

    /// Begins the mediation; or records that one side will not, which ends it.
    /// Nothing shows: who refused what is part of it.
    pub(crate) fn open(&self, file: &mut UnionFile, now: Timestamp) -> Result<(), Refusal> {
        advance(file, Step::OpenMediation)?;
        file.mediations.push(pb::Mediation {
            number: next_number(&file.mediations),
            worker_consents: self.worker,
            employer_consents: self.employer,
            date: self.date,
            recorded_at: Some(now),
            ..Default::default()
        });
        match self.refusal() {
            None => Ok(()),
            Some(reason) => Failure {
                reason,
                date: self.date,
            }
            .end(file),
        }
    }

    fn refusal(&self) -> Option<MediationFailure> {
        match (self.worker, self.employer) {
            (true, true) => None,
            (false, true) => Some(MediationFailure::WorkerRefused),
            (true, false) => Some(MediationFailure::EmployerRefused),
            (false, false) => Some(MediationFailure::BothRefused),
        }
    }
}

impl Session {
    pub(crate) fn parse(
        request: &pb::HoldMediationSessionRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        if request.attendees > ATTENDEES_MAX {
            return Err(Refusal::invalid("attendees", "must be at most 1,000"));
        }
        Ok(Self {
            attendees: request.attendees,
            minutes: parse::optional_text("minutes", &request.minutes, MINUTES_CHARS_MAX)?,
            date: done_on(request.date.as_ref(), today)?,
        })
    }

    pub(crate) fn hold(&self, file: &mut UnionFile, now: Timestamp) -> Result<Shown, Refusal> {
        advance(file, Step::HoldMediationSession)?;
        current(file)?.sessions.push(pb::MediationSession {
            date: self.date,
            attendees: self.attendees,
            minutes: self.minutes.clone(),
            recorded_at: Some(now),
        });
        Ok(Shown {
            act: MEDIATION,
            date: self.date,
            ..Shown::default()
        })
    }
}

impl Agreement {
    pub(crate) fn parse(
        request: &pb::RecordMediationAgreementRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        require_effect(request)?;
        let date = done_on(request.date.as_ref(), today)?;
        let perform_by = parse::optional_date("perform_by", request.perform_by.as_ref())?;
        if let (Some(agreed), Some(due)) = (&date, &perform_by)
            && is_after(agreed, due)
        {
            let early = "must not lie before the day of the agreement";
            return Err(Refusal::invalid("perform_by", early));
        }
        Ok(Self {
            terms: parse::text("terms", &request.terms, TERMS_CHARS_MAX)?,
            amount: parse::money("amount", request.amount.as_ref())?,
            perform_by,
            date,
        })
    }

    /// The mediation has succeeded. The sum is not shown: the timeline is read
    /// by agencies from which the union's file is closed.
    pub(crate) fn record(&self, file: &mut UnionFile, now: Timestamp) -> Result<Shown, Refusal> {
        advance(file, Step::RecordMediationAgreement)?;
        let number = next_number(&file.agreements);
        let mediation = current(file)?;
        mediation.agreement = number;
        mediation.ended_on = self.date;
        file.agreements.push(pb::MediationAgreement {
            number,
            terms: self.terms.clone(),
            amount: self.amount.clone(),
            perform_by: self.perform_by,
            agreed_on: self.date,
            signed_by_both: true,
            signed_by_mediator: true,
            sealed: true,
            recorded_at: Some(now),
        });
        Ok(Shown {
            act: "mediation_agreement",
            date: self.date,
            ..Shown::default()
        })
    }
}

/// An agreement takes effect when both sides and the mediator have signed and
/// the body's seal is on it (劳动争议调解仲裁法 14). Names all that is missing.
fn require_effect(request: &pb::RecordMediationAgreementRequest) -> Result<(), Refusal> {
    let missing = "must be true: the agreement is not in effect before (劳动争议调解仲裁法 14)";
    let flags = [
        ("signed_by_both", request.signed_by_both),
        ("signed_by_mediator", request.signed_by_mediator),
        ("sealed", request.sealed),
    ];
    let mut unset = flags.iter().filter(|(_, set)| !set).map(|(name, _)| *name);
    match unset.next() {
        None => Ok(()),
        Some(first) => Err(
            unset.fold(Refusal::invalid(first, missing), |refusal, field| {
                refusal.and_invalid(field, missing)
            }),
        ),
    }
}

impl Failure {
    pub(crate) fn parse(
        request: &pb::RecordMediationFailureRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let names = "WORKER_REFUSED, EMPLOYER_REFUSED, BOTH_REFUSED, NO_AGREEMENT, TIME_OVER, \
                     WITHDRAWN";
        Ok(Self {
            reason: chosen("reason", request.reason, names)?,
            date: done_on(request.date.as_ref(), today)?,
        })
    }

    /// That it failed shows, since the way to arbitration is open then
    /// (劳动争议调解仲裁法 14); not why.
    pub(crate) fn record(&self, file: &mut UnionFile) -> Result<Shown, Refusal> {
        self.end(file)?;
        Ok(Shown {
            act: MEDIATION,
            date: self.date,
            outcome: "failed",
            ..Shown::default()
        })
    }

    fn end(&self, file: &mut UnionFile) -> Result<(), Refusal> {
        advance(file, Step::RecordMediationFailure)?;
        let mediation = current(file)?;
        mediation.set_failure(self.reason);
        mediation.ended_on = self.date;
        Ok(())
    }
}

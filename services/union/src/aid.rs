//! Acting for the worker, aid from the union's fund, appeals to others
//! (工会法 30; 民事诉讼法 61, 62).

use chrono::NaiveDate;
use host::{Refusal, parse};
use prost_types::Timestamp;
use proto::v1::{self as pb, LegalAidDecision, RepresentationForum, UnionFile};
use proto::{Date, Money};

use crate::day::done_on;
use crate::file::{Shown, advance, chosen};
use crate::procedure::Step;

/// Most agents that a party may have (民事诉讼法 61).
const REPRESENTATIVES_MAX: usize = 2;

const NAME_CHARS_MAX: usize = 100;
const ADDRESSEE_CHARS_MAX: usize = 200;
const SUBJECT_CHARS_MAX: usize = 1_000;

/// The union acts for the worker.
#[derive(Debug, Clone)]
pub(crate) struct Representation {
    forum: RepresentationForum,
    representatives: Vec<String>,
    special_authority: bool,
    date: Option<Date>,
}

/// A request to the fund, decided.
#[derive(Debug, Clone)]
pub(crate) struct Aid {
    decision: LegalAidDecision,
    amount: Option<Money>,
    reason: String,
    date: Option<Date>,
}

/// A written appeal.
#[derive(Debug, Clone)]
pub(crate) struct Appeal {
    addressee: String,
    subject: String,
    date: Option<Date>,
}

impl Representation {
    pub(crate) fn parse(
        request: &pb::RecordRepresentationRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let names = "NEGOTIATION, ADMINISTRATION, ARBITRATION, COURT, ENFORCEMENT";
        if request.representatives.len() > REPRESENTATIVES_MAX {
            return Err(Refusal::invalid(
                "representatives",
                "must be at most two (民事诉讼法 61)",
            ));
        }
        let representatives = request.representatives.iter().enumerate();
        Ok(Self {
            forum: chosen("forum", request.forum, names)?,
            representatives: representatives
                .map(|(at, name)| {
                    parse::text(&format!("representatives[{at}]"), name, NAME_CHARS_MAX)
                })
                .collect::<Result<_, _>>()?,
            special_authority: request.special_authority,
            date: done_on(request.date.as_ref(), today)?,
        })
    }

    pub(crate) fn record(&self, file: &mut UnionFile, now: Timestamp) -> Result<Shown, Refusal> {
        advance(file, Step::RecordRepresentation)?;
        file.representations.push(pb::UnionRepresentation {
            forum: self.forum.into(),
            representatives: self.representatives.clone(),
            special_authority: self.special_authority,
            date: self.date,
            recorded_at: Some(now),
        });
        Ok(Shown {
            act: "union_representation",
            date: self.date,
            outcome: match self.forum {
                RepresentationForum::Unspecified => "",
                RepresentationForum::Negotiation => "negotiation",
                RepresentationForum::Administration => "administration",
                RepresentationForum::Arbitration => "arbitration",
                RepresentationForum::Court => "court",
                RepresentationForum::Enforcement => "enforcement",
            },
            ..Shown::default()
        })
    }
}

impl Aid {
    pub(crate) fn parse(
        request: &pb::RequestLegalAidRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let decision = chosen("decision", request.decision, "GRANTED, REFUSED")?;
        let amount = parse::money("amount", request.amount.as_ref())?;
        let reason = parse::optional_code("reason", &request.reason)?;
        let is_granted = decision == LegalAidDecision::Granted;
        if !is_granted && amount.is_some() {
            return Err(Refusal::invalid(
                "amount",
                "is for aid that is granted only",
            ));
        }
        if is_granted != reason.is_empty() {
            return Err(Refusal::invalid(
                "reason",
                "must be a code if aid is refused, and empty if it is granted",
            ));
        }
        Ok(Self {
            decision,
            amount,
            reason,
            date: done_on(request.date.as_ref(), today)?,
        })
    }

    /// Records the decision. Aid that is granted shows; what the fund gave is
    /// between the union and the worker.
    pub(crate) fn record(
        &self,
        file: &mut UnionFile,
        now: Timestamp,
    ) -> Result<Option<Shown>, Refusal> {
        advance(file, Step::RequestLegalAid)?;
        file.legal_aid.push(pb::UnionLegalAid {
            decision: self.decision.into(),
            amount: self.amount.clone(),
            reason: self.reason.clone(),
            date: self.date,
            recorded_at: Some(now),
        });
        let is_granted = self.decision == LegalAidDecision::Granted;
        Ok(is_granted.then(|| Shown {
            act: "legal_aid_granted",
            date: self.date,
            ..Shown::default()
        }))
    }
}

impl Appeal {
    pub(crate) fn parse(
        request: &pb::RecordUrgentAppealRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            addressee: parse::text("addressee", &request.addressee, ADDRESSEE_CHARS_MAX)?,
            subject: parse::text("subject", &request.subject, SUBJECT_CHARS_MAX)?,
            date: done_on(request.date.as_ref(), today)?,
        })
    }

    pub(crate) fn record(&self, file: &mut UnionFile, now: Timestamp) -> Result<Shown, Refusal> {
        advance(file, Step::RecordUrgentAppeal)?;
        file.appeals.push(pb::UnionAppeal {
            addressee: self.addressee.clone(),
            subject: self.subject.clone(),
            date: self.date,
            recorded_at: Some(now),
        });
        Ok(Shown {
            act: "union_written_appeal",
            date: self.date,
            ..Shown::default()
        })
    }
}

//! Does the firm act for the other side? (律师法 39)
//!
//! The firm's register and the parties of the case are compared as keyed
//! digests: neither learns more of the other than yes or no.

use chrono::NaiveDate;
use host::{Named as _, Refusal, parse};
use prost_types::Timestamp;
use proto::Date;
use proto::internal::v1::{Effect, PartyDigest, Side};
use proto::names::CaseName;
use proto::v1::{self as pb, EngagementStatus, ErrorReason, FirmPartyKind};

use crate::file::{Shown, advance, done_on, legal_steps, state, under_way};
use crate::procedure::{State, Step};

/// Checks of one firm on one case. Each answers a yes or no about parties that
/// the firm may not know yet; without a limit, a firm could fill its register
/// with guesses and ask until it knows.
const CHECKS_MAX: usize = 5;

/// What is to be checked.
#[derive(Debug, Clone)]
pub(crate) struct Check {
    referral: String,
    under_way_at: Option<State>,
    under_way_name: String,
    date: Option<Date>,
}

impl Check {
    pub(crate) fn parse(
        request: &pb::CheckConflictRequest,
        case: &CaseName,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        if !request.referral.is_empty() {
            let referral = parse::case_child("referral", &request.referral, "referrals")?;
            if referral.case != *case {
                return Err(Refusal::invalid("referral", "belongs to another case"));
            }
        }
        Ok(Self {
            referral: request.referral.clone(),
            under_way_at: under_way(&request.under_way_at)?,
            under_way_name: request.under_way_at.clone(),
            date: done_on(request.date.as_ref(), today)?,
        })
    }
}

/// Whether one of the parties stands in the firm's register on the wrong side:
/// as a client and the case's employer, or as adverse and the case's worker.
/// `stands` says whether a digest is in the register as that kind.
pub(crate) fn is_conflict(
    parties: &[PartyDigest],
    mut stands: impl FnMut(&[u8], FirmPartyKind) -> Result<bool, Refusal>,
) -> Result<bool, Refusal> {
    for party in parties {
        let wrong_side = match party.side() {
            Side::Employer => FirmPartyKind::Client,
            Side::Worker => FirmPartyKind::Adverse,
            Side::Unspecified => continue,
        };
        if stands(&party.digest, wrong_side)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the firm has had all its checks on this case.
pub(crate) fn is_exhausted(file: &pb::CounselFile) -> bool {
    file.conflict_checks.len() >= CHECKS_MAX
}

/// Enters what a check found. A conflict shows nowhere but in the firm's own
/// file; a clear check lets the spine take the firm's acceptance.
///
/// `is_new`: nothing was on file before.
pub(crate) fn conclude(
    file: &mut pb::CounselFile,
    check: &Check,
    is_new: bool,
    conflict: bool,
    now: Timestamp,
) -> Result<Option<Shown>, Refusal> {
    if let Some(stood_at) = check.under_way_at {
        if !is_new {
            return Err(Refusal::invalid(
                "under_way_at",
                "is only for a firm's first step on a case; leave it empty",
            ));
        }
        file.set_state(stood_at.to_wire());
        file.under_way_at.clone_from(&check.under_way_name);
        if stood_at == State::Engaged {
            file.set_engagement(EngagementStatus::Engaged);
        }
    }
    if is_exhausted(file) {
        let what = "this case was checked five times already; the file";
        let at = state(file).name();
        return Err(Refusal::wrong_state(
            ErrorReason::WrongState,
            what,
            at,
            legal_steps(file),
        ));
    }

    advance(file, Step::CheckConflict)?;
    if conflict {
        file.set_state(State::Conflicted.to_wire());
    }
    file.conflict_found = conflict;
    file.decline_reason.clear();
    file.conflict_checks.push(pb::ConflictCheck {
        checked_at: Some(now),
        referral: check.referral.clone(),
        conflict,
    });

    let effect = match check.referral.as_str() {
        "" => Effect::Unspecified,
        _ => Effect::ConflictCleared,
    };
    let referral = check.referral.clone();
    Ok((!conflict).then(|| Shown {
        act: "conflict_check",
        date: check.date,
        effect,
        referral,
        ..Shown::default()
    }))
}

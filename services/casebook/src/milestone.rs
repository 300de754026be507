//! Milestones: what agencies report of their own files. Each is recorded once,
//! however often it is delivered.

use chrono::{DateTime, Utc};
use host::{Refusal, parse};
use proto::internal::v1::{Effect, Milestone, RecordMilestoneRequest, StoredNumber};
use proto::names::CaseChild;
use proto::v1 as pb;
use store::Draft;

use crate::case::Case;
use crate::referral::terms::Terms;
use crate::sharing::open_case;
use crate::{keys, referral};

/// Puts a milestone on the timeline, or says where it stands already. Answers
/// the entry's number.
pub(crate) fn record(
    draft: &mut Draft,
    request: &RecordMilestoneRequest,
    now: DateTime<Utc>,
    terms: &Terms,
) -> Result<u64, Refusal> {
    let role = parse::code("role", &request.role)?;
    let key = format!("milestone/{role}/{:020}", request.number);
    if let Some(known) = draft.get::<StoredNumber>(&key)? {
        return Ok(known.number);
    }
    let milestone = request.milestone.as_ref();
    let milestone = milestone.ok_or_else(|| Refusal::invalid("milestone", "must be given"))?;
    let name = parse::case_name("milestone.case", &milestone.case)?;
    let mut case = open_case(draft, &name, now, terms)?;
    let entry = case.append(entry(milestone)?, now);
    take_effect(draft, &mut case, milestone)?;
    case.save(draft);
    draft.put(
        &key,
        &StoredNumber {
            number: entry.sequence,
        },
    );
    Ok(entry.sequence)
}

fn entry(milestone: &Milestone) -> Result<pb::Entry, Refusal> {
    Ok(pb::Entry {
        author: parse::agency_name("milestone.agency", &milestone.agency)?.to_string(),
        user: milestone.user.clone(),
        act: parse::code("milestone.act", &milestone.act)?,
        date: parse::optional_date("milestone.date", milestone.date.as_ref())?,
        outcome: parse::optional_text("milestone.outcome", &milestone.outcome, 200)?,
        amount: parse::money("milestone.amount", milestone.amount.as_ref())?,
        ..pb::Entry::default()
    })
}

fn take_effect(draft: &mut Draft, case: &mut Case, milestone: &Milestone) -> Result<(), Refusal> {
    match milestone.effect() {
        Effect::Unspecified => {}
        Effect::Filed => {
            if !case.label().filed_with.contains(&milestone.agency) {
                case.label_mut().filed_with.push(milestone.agency.clone());
            }
        }
        Effect::ConflictCleared => clear_conflict(draft, case, milestone)?,
        Effect::Published => case.label_mut().published = true,
        Effect::Retracted => case.label_mut().published = false,
    }
    Ok(())
}

fn clear_conflict(draft: &mut Draft, case: &Case, milestone: &Milestone) -> Result<(), Refusal> {
    let name = CaseChild::parse(&milestone.referral, "referrals")?;
    if name.case != *case.name() {
        return Err(Refusal::not_found());
    }
    let mut record = referral::load(draft, &name)?;
    let is_theirs = record
        .referral
        .as_ref()
        .is_some_and(|referral| referral.to_agency == milestone.agency);
    if !is_theirs {
        return Err(Refusal::not_found());
    }
    record.referral.get_or_insert_default().conflict_cleared = true;
    draft.put(&keys::child(&name), &record);
    Ok(())
}

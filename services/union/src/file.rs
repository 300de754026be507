//! How a file is kept: one for each union and case, under
//! `file/{case id}/{agency id}`.

use chrono::{DateTime, Utc};
use host::{Caller, Named as _, Refusal, milestone};
use prost::Message as _;
use prost_types::Timestamp;
use proto::internal::v1::Milestone;
use proto::names::{AgencyName, CaseName};
use proto::v1::{ErrorReason, UnionFile};
use proto::{Date, Money};
use store::{Draft, View};
use tonic::Code;

use crate::letter;
use crate::procedure::{PROCEDURE, State, Step};

/// A file is one record of the store, which takes 256 KiB. What is left above
/// this is for ending the work, which must always be possible.
const FILE_BYTES_MAX: usize = 224 * 1024;

/// One union and one case, and who acts when.
#[derive(Debug, Clone)]
pub(crate) struct Matter {
    /// The case.
    pub(crate) case: CaseName,
    /// The union.
    union: AgencyName,
    /// The user who acts; empty: the union's system.
    user: String,
    /// Now.
    now: DateTime<Utc>,
}

/// What a step shows on the timeline of the case: codes, never content.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Shown {
    /// The act's code.
    pub(crate) act: &'static str,
    /// When it was done, if known.
    pub(crate) date: Option<Date>,
    /// Its outcome's code from a closed list, if it has one.
    pub(crate) outcome: &'static str,
    /// A sum, where it tells nothing of a mediation.
    pub(crate) amount: Option<Money>,
}

impl Matter {
    /// The caller's own file on a case, whoever else has one. The network's own
    /// processes have no file.
    pub(crate) fn of(caller: &Caller, case: CaseName, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let union = AgencyName::parse(caller.agency()).map_err(|_| Refusal::not_found())?;
        Ok(Self {
            case,
            union,
            user: caller.user().to_owned(),
            now,
        })
    }

    /// Now, on the wire.
    pub(crate) fn recorded_at(&self) -> Timestamp {
        host::clock::to_timestamp(self.now)
    }

    fn key(&self) -> String {
        format!("{}{}", files_of(&self.case), self.union.id())
    }

    /// The file; one that nothing stands in if there is none.
    pub(crate) fn load(&self, view: &View) -> Result<UnionFile, Refusal> {
        Ok(view.get(&self.key())?.unwrap_or_else(|| UnionFile {
            author: self.union.to_string(),
            opened_at: Some(self.recorded_at()),
            ..Default::default()
        }))
    }

    /// Keeps the file. RESOURCE_EXHAUSTED if it would hold more than it can,
    /// unless the step ends the work.
    pub(crate) fn put(&self, draft: &mut Draft, file: &mut UnionFile) -> Result<(), Refusal> {
        file.legal_steps = legal_steps(file).into_iter().map(str::to_owned).collect();
        let has_ended = matches!(state(file), State::Declined | State::Closed);
        if file.encoded_len() > FILE_BYTES_MAX && !has_ended {
            return Err(Refusal::new(
                Code::ResourceExhausted,
                ErrorReason::MessageTooLarge,
                "the union's file is full; keep longer papers as documents of the case, \
                 or close the file",
            ));
        }
        draft.put(&self.key(), file);
        Ok(())
    }

    /// Puts a step on the timeline, in the batch that changes the file.
    pub(crate) fn show(&self, draft: &mut Draft, shown: &Shown) {
        let shown = Milestone {
            case: self.case.to_string(),
            agency: self.union.to_string(),
            user: self.user.clone(),
            act: shown.act.to_owned(),
            date: shown.date,
            outcome: shown.outcome.to_owned(),
            amount: shown.amount.clone(),
            recorded_at: Some(self.recorded_at()),
            ..Default::default()
        };
        milestone(draft, &shown);
    }
}

/// Every union's file on a case.
pub(crate) fn files(view: &View, case: &CaseName) -> Result<Vec<UnionFile>, Refusal> {
    let rows = view.scan(&files_of(case), None, usize::MAX)?;
    Ok(rows.into_iter().map(|(_, file)| file).collect())
}

fn files_of(case: &CaseName) -> String {
    format!("file/{}/", case.id())
}

/// Where the file stands.
pub(crate) fn state(file: &UnionFile) -> State {
    State::of(file.state())
}

/// The steps that are legal now.
pub(crate) fn legal_steps(file: &UnionFile) -> Vec<&'static str> {
    let mut steps = PROCEDURE.legal(state(file));
    if !letter::awaits_reply(file) {
        steps.retain(|step| *step != Step::RecordLetterReply.name());
    }
    steps
}

/// Takes a step; refuses with the steps that are legal now.
pub(crate) fn advance(file: &mut UnionFile, step: Step) -> Result<(), Refusal> {
    file.set_state(reached(file, step)?.to_wire());
    Ok(())
}

/// Where a step would lead, without taking it.
pub(crate) fn reached(file: &UnionFile, step: Step) -> Result<State, Refusal> {
    let at = state(file);
    PROCEDURE
        .next(at, step)
        .map_err(|_| wrong_state("the union's file", at.name(), legal_steps(file)))
}

/// FAILED_PRECONDITION: `what` is `now`; `allowed` are the steps that are legal.
pub(crate) fn wrong_state(what: &str, now: &str, allowed: Vec<&'static str>) -> Refusal {
    Refusal::wrong_state(ErrorReason::WrongState, what, now, allowed)
}

/// The number of the entry that a list gets next, from 1.
pub(crate) fn next_number<T>(entries: &[T]) -> u32 {
    // INVARIANT (a file is small): never more entries than bytes.
    u32::try_from(entries.len()).map_or(u32::MAX, |count| count.saturating_add(1))
}

/// The value of an enum that must be one of the contract's and set. `names`
/// says which there are.
pub(crate) fn chosen<E>(field: &str, value: i32, names: &str) -> Result<E, Refusal>
where
    E: TryFrom<i32> + Default + PartialEq,
{
    let chosen = E::try_from(value).ok().filter(|e| *e != E::default());
    chosen.ok_or_else(|| Refusal::invalid(field, format!("must be one of {names}")))
}

/// The value of an enum that may be left out.
pub(crate) fn chosen_or_unset<E: TryFrom<i32>>(field: &str, value: i32) -> Result<E, Refusal> {
    E::try_from(value)
        .map_err(|_| Refusal::invalid(field, "is no value of the contract; update your stubs"))
}

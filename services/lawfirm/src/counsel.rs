//! Who acts for the client, and how far they may go (民事诉讼法 61, 62).

use chrono::NaiveDate;
use host::{Refusal, parse};
use proto::Date;
use proto::v1::{self as pb, CounselAuthority, ErrorReason};

use crate::file::{advance, done_on, room};
use crate::procedure::Step;

/// A party may entrust one or two persons (民事诉讼法 61).
const COUNSEL_AT_A_TIME: usize = 2;

/// Most lawyers and powers of attorney, each, over the life of a file.
const ENTRIES_MAX: usize = 100;

/// A lawyer to be named.
#[derive(Debug, Clone)]
pub(crate) struct Assignment {
    name: String,
    licence: String,
    replaces: u32,
    date: Option<Date>,
}

/// A power of attorney as signed.
#[derive(Debug, Clone)]
pub(crate) struct Power {
    authority: CounselAuthority,
    signed_on: Date,
}

impl Assignment {
    pub(crate) fn parse(
        request: &pb::AssignCounselRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let licence = request.licence_number.trim();
        let is_licence =
            (8..=20).contains(&licence.len()) && licence.bytes().all(|byte| byte.is_ascii_digit());
        if !licence.is_empty() && !is_licence {
            return Err(Refusal::invalid(
                "licence_number",
                "must have 8 to 20 digits",
            ));
        }
        Ok(Self {
            name: parse::text("lawyer_name", &request.lawyer_name, 100)?,
            licence: licence.to_owned(),
            replaces: request.replaces,
            date: done_on(request.date.as_ref(), today)?,
        })
    }
}

impl Power {
    pub(crate) fn parse(
        request: &pb::RecordPowerOfAttorneyRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let authority = request.authority();
        if authority == CounselAuthority::Unspecified {
            return Err(Refusal::invalid("authority", "must be GENERAL or SPECIAL"));
        }
        let signed_on = done_on(request.date.as_ref(), today)?;
        let signed_on = signed_on.ok_or_else(|| {
            Refusal::invalid(
                "date",
                "must be given, at least the year: an unsigned power is none",
            )
        })?;
        Ok(Self {
            authority,
            signed_on,
        })
    }
}

/// Names a lawyer, in another's place if there are two.
pub(crate) fn assign(file: &mut pb::CounselFile, assignment: &Assignment) -> Result<(), Refusal> {
    advance(file, Step::AssignCounsel)?;
    room(&file.counsel, ENTRIES_MAX)?;

    if assignment.replaces != 0 {
        let leaving = file
            .counsel
            .iter_mut()
            .find(|counsel| counsel.number == assignment.replaces && !counsel.ended);
        let leaving = leaving.ok_or_else(|| {
            Refusal::invalid("replaces", "names no lawyer who handles the case now")
        })?;
        leaving.ended = true;
    }
    let acting: Vec<u32> = file
        .counsel
        .iter()
        .filter(|c| !c.ended)
        .map(|counsel| counsel.number)
        .collect();
    if acting.len() >= COUNSEL_AT_A_TIME {
        return Err(Refusal::precondition(
            ErrorReason::WrongState,
            format!(
                "two lawyers handle the case, the most a party may have; \
                 set `replaces` to the number of one of them: {acting:?}"
            ),
        ));
    }

    let number = file.counsel.len() as u32 + 1;
    file.counsel.push(pb::Counsel {
        number,
        lawyer_name: assignment.name.clone(),
        licence_number: assignment.licence.clone(),
        assigned_on: assignment.date,
        ended: false,
    });
    Ok(())
}

/// Records what the client has empowered counsel to do.
pub(crate) fn empower(file: &mut pb::CounselFile, power: &Power) -> Result<(), Refusal> {
    advance(file, Step::RecordPowerOfAttorney)?;
    room(&file.powers_of_attorney, ENTRIES_MAX)?;
    file.powers_of_attorney.push(pb::PowerOfAttorney {
        authority: power.authority.into(),
        signed_on: Some(power.signed_on),
        ended: false,
    });
    Ok(())
}

/// Whether counsel may settle, admit or waive: the last power that has not
/// ended is special (民事诉讼法 62).
pub(crate) fn may_settle(file: &pb::CounselFile) -> bool {
    let in_force = file.powers_of_attorney.iter().rfind(|power| !power.ended);
    in_force.is_some_and(|power| power.authority() == CounselAuthority::Special)
}

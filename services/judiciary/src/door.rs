//! Parsing at the door, where host's own does not say enough.

use chrono::{Datelike as _, NaiveDate};
use host::{Named, Procedure, Refusal, parse};
use proto::{Date, Money};

/// The longest minutes, reasoning, terms or opinion, in characters.
pub(crate) const TEXT_MAX: usize = 8_000;

/// The longest number or addressee, in characters.
pub(crate) const LINE_MAX: usize = 200;

/// When something was done: optional, in whole or in part, and not to come.
pub(crate) fn done_on(
    field: &str,
    date: Option<&Date>,
    today: NaiveDate,
) -> Result<Option<Date>, Refusal> {
    let date = parse::optional_date(field, date)?;
    // Unknown months and days are 0 and so never later than today's.
    let is_to_come = date.is_some_and(|d| {
        (i64::from(d.year), i64::from(d.month), i64::from(d.day))
            > (
                i64::from(today.year()),
                i64::from(today.month()),
                i64::from(today.day()),
            )
    });
    if is_to_come {
        return Err(Refusal::invalid(
            field,
            "lies in the future; record what has been done",
        ));
    }
    Ok(date)
}

/// An enum's value; one that the contract does not have is refused, not read as
/// "not set".
pub(crate) fn known<E: TryFrom<i32>>(field: &str, value: i32) -> Result<E, Refusal> {
    E::try_from(value).map_err(|_| Refusal::invalid(field, "is not a value of this enum"))
}

/// The same, and it must be set.
pub(crate) fn required<E: TryFrom<i32> + Default + PartialEq>(
    field: &str,
    value: i32,
) -> Result<E, Refusal> {
    let value: E = known(field, value)?;
    if value == E::default() {
        return Err(Refusal::invalid(field, "must be given"));
    }
    Ok(value)
}

/// A sum that must be there and be more than nothing.
pub(crate) fn paid(field: &str, value: Option<&Money>) -> Result<Money, Refusal> {
    let sum = parse::money(field, value)?;
    let sum = sum.filter(|sum| parse::fen(sum) > 0);
    sum.ok_or_else(|| Refusal::invalid(field, "must be given and be more than nothing"))
}

/// Where a new file stands: in the first state; or, where the proceeding was
/// under way when the case came to the network, in the state that `name` says,
/// in which some step must still be legal.
pub(crate) fn stands_at<S, T>(
    procedure: &Procedure<S, T>,
    first: S,
    name: &str,
) -> Result<S, Refusal>
where
    S: Copy + Eq + Named,
    T: Copy + Eq + Named,
{
    if name.is_empty() {
        return Ok(first);
    }
    let state = procedure
        .state(name)
        .filter(|state| !procedure.legal(*state).is_empty());
    state.ok_or_else(|| {
        let mut open: Vec<&str> = procedure.0.iter().map(|(from, _, _)| from.name()).collect();
        open.dedup();
        Refusal::invalid(
            "under_way_at",
            format!("must be one of {}", open.join(", ")),
        )
    })
}

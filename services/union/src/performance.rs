//! What the employer paid, and whether that is all.

use chrono::NaiveDate;
use host::{Refusal, parse};
use prost_types::Timestamp;
use proto::v1::{self as pb, UnionFile};
use proto::{Date, Money};

use crate::day::done_on;
use crate::file::{Shown, reached, state};
use crate::procedure::{State, Step};

/// A payment of the employer.
#[derive(Debug, Clone)]
pub(crate) struct Payment {
    amount: Option<Money>,
    in_full: bool,
    date: Option<Date>,
}

impl Payment {
    pub(crate) fn parse(
        request: &pb::RecordPerformanceRequest,
        today: NaiveDate,
    ) -> Result<Self, Refusal> {
        let amount = parse::money("amount", request.amount.as_ref())?;
        if amount.as_ref().is_some_and(|sum| parse::fen(sum) == 0) {
            return Err(Refusal::invalid(
                "amount",
                "must be more than nothing; leave it out where it is not known",
            ));
        }
        Ok(Self {
            amount,
            in_full: request.in_full,
            date: done_on(request.date.as_ref(), today)?,
        })
    }

    /// Records the payment. The state moves only when all is paid: as the union
    /// says, or as the sums say.
    pub(crate) fn record(&self, file: &mut UnionFile, now: Timestamp) -> Result<Shown, Refusal> {
        let at_end = reached(file, Step::RecordPerformance)?;
        let is_mediated = is_mediated(file);
        let agreement = file
            .agreements
            .last()
            .map_or(0, |agreement| agreement.number);
        file.performances.push(pb::UnionPerformance {
            amount: self.amount.clone(),
            in_full: self.in_full,
            agreement,
            date: self.date,
            recorded_at: Some(now),
        });
        file.performed = total(file.performances.iter());

        let in_full = self.in_full || is_agreed_sum_paid(file);
        if let Some(payment) = file.performances.last_mut() {
            payment.in_full = in_full;
        }
        if in_full {
            file.set_state(at_end.to_wire());
        }
        Ok(Shown {
            act: "payment",
            date: self.date,
            outcome: if in_full { "in_full" } else { "in_part" },
            // What was paid on a mediation agreement tells what it says.
            amount: self.amount.clone().filter(|_| !is_mediated),
        })
    }
}

/// Whether what is paid now is what a mediation came to.
fn is_mediated(file: &UnionFile) -> bool {
    let came_agreed = [State::Agreed, State::Performed]
        .map(host::Named::name)
        .contains(&file.under_way_at.as_str());
    came_agreed || state(file) == State::Agreed || !file.agreements.is_empty()
}

/// Whether the payments on the last agreement reach its sum.
fn is_agreed_sum_paid(file: &UnionFile) -> bool {
    let Some(agreement) = file.agreements.last() else {
        return false;
    };
    let on_it = file
        .performances
        .iter()
        .filter(|payment| payment.agreement == agreement.number);
    match (&agreement.amount, total(on_it)) {
        (Some(agreed), Some(paid)) => parse::fen(&paid) >= parse::fen(agreed),
        _ => false,
    }
}

/// The sum of payments whose sum is known; none if none is.
fn total<'a>(payments: impl Iterator<Item = &'a pb::UnionPerformance>) -> Option<Money> {
    let fen = payments
        .filter_map(|payment| payment.amount.as_ref())
        .map(parse::fen)
        .reduce(i64::saturating_add)?;
    let nanos = i32::try_from(fen % 100).unwrap_or(0) * 10_000_000;
    Some(Money {
        currency_code: "CNY".to_owned(),
        units: fen / 100,
        nanos,
    })
}

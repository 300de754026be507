//! Enforcement (执行, 民事诉讼法 247-268).

use chrono::NaiveDate;
use host::{Named as _, Refusal, parse};
use law::codes::fen::Fen;
use proto::Money;
use proto::v1::{
    self as pb, CourtFile, CourtKind, EnforcedPayment, EnforcementFacts, EnforcementInstrument,
    EnforcementResult, ErrorReason, JudicialDecision,
};

use crate::bench::Among;
use crate::docket::{Docket as _, Opened, Shown, advance, stand};
use crate::door::{LINE_MAX, done_on, paid, required, stands_at};
use crate::procedure::{self, CourtStep, State};
use crate::suit::record;

/// The dockets that are enforcements.
pub(crate) const ENFORCEMENTS: Among<CourtKind> = Among {
    kinds: &[CourtKind::Enforcement],
    openers: &["ApplyEnforcement"],
};

const ENFORCEMENT: &str = "enforcement";

/// A creditor asks for enforcement.
pub(crate) fn apply_enforcement(
    asked: &pb::ApplyEnforcementRequest,
    today: NaiveDate,
) -> Result<impl Fn(&[CourtFile]) -> Opened<CourtFile>, Refusal> {
    let instrument: EnforcementInstrument = required("instrument", asked.instrument)?;
    let kind = CourtKind::Enforcement;
    let (procedure, first) = procedure::court(kind);
    let stands = stands_at(&procedure, first, &asked.under_way_at)?;
    let date = done_on("date", asked.date.as_ref(), today)?;
    let rests_on = parse::optional_text("instrument_docket", &asked.instrument_docket, LINE_MAX)?;
    let mut facts = EnforcementFacts {
        instrument_docket: rests_on.clone(),
        ..Default::default()
    };
    facts.set_instrument(instrument);
    let mut file = CourtFile {
        enforcement: Some(facts),
        filed_on: date,
        amount: parse::money("amount", asked.amount.as_ref())?,
        under_way_at: asked.under_way_at.clone(),
        ..CourtFile::default()
    };
    file.set_kind(kind);
    stand(&mut file, stands);
    let shown = Shown::opening("enforcement_application", date, &asked.under_way_at);
    Ok(move |dockets: &[CourtFile]| {
        if !rests_on.is_empty() {
            let basis = dockets.iter().find(|docket| docket.id() == rests_on);
            require_enforceable(basis.ok_or_else(Refusal::not_found)?)?;
        }
        Ok((file.clone(), shown.clone()))
    })
}

/// Only what is effective is enforced (民事诉讼法 247). A request for a retrial does
/// not stop enforcement (210), nor need the retrial itself, for wages (217).
fn require_enforceable(basis: &CourtFile) -> Result<(), Refusal> {
    let state = State::of(basis.state());
    match state {
        Some(
            State::Effective
            | State::RetrialRequested
            | State::RetrialOrdered
            | State::Mediated
            | State::Confirmed
            | State::PaymentOrderEffective,
        ) => Ok(()),
        _ => {
            let now = state.map_or("", State::name);
            let what = "the docket to be enforced";
            Err(Refusal::wrong_state(
                ErrorReason::WrongState,
                what,
                now,
                basis.legal(),
            ))
        }
    }
}

/// Enforcement begins, or begins anew.
pub(crate) fn open_enforcement(
    asked: &pb::OpenEnforcementRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let date = done_on("date", asked.date.as_ref(), today)?;
    let number = parse::optional_text("court_number", &asked.court_number, LINE_MAX)?;
    Ok(move |file: &mut CourtFile| {
        advance(file, CourtStep::OpenEnforcement)?;
        // A round that begins anew has no result yet, and the number it had.
        file.result_code.clear();
        if !number.is_empty() {
            file.court_number.clone_from(&number);
        }
        Ok(Shown::act(ENFORCEMENT, date))
    })
}

/// Money reached the creditor.
pub(crate) fn record_enforced_payment(
    asked: &pb::RecordEnforcedPaymentRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let date = done_on("date", asked.date.as_ref(), today)?;
    let sum = paid("amount", asked.amount.as_ref())?;
    Ok(move |file: &mut CourtFile| {
        advance(file, CourtStep::RecordEnforcedPayment)?;
        let total = fen_or_nothing(file.paid_total.as_ref()).checked_add(parse::fen(&sum));
        file.paid_total = Some(total.and_then(money).ok_or_else(|| {
            Refusal::invalid("amount", "makes a total that no sum of money can be")
        })?);
        let payments = &mut file.enforcement.get_or_insert_default().payments;
        payments.push(EnforcedPayment {
            date,
            amount: Some(sum.clone()),
        });
        Ok(Shown {
            amount: Some(sum.clone()),
            ..Shown::act("payment", date)
        })
    })
}

/// Enforcement ends, or this round does.
pub(crate) fn close_enforcement(
    asked: &pb::CloseEnforcementRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let result: EnforcementResult = required("result", asked.result)?;
    let date = done_on("date", asked.date.as_ref(), today)?;
    Ok(move |file: &mut CourtFile| {
        let had_begun = advance(file, CourtStep::CloseEnforcement)? == State::Enforcing;
        match result {
            EnforcementResult::RoundTerminated if had_begun => stand(file, State::RoundTerminated),
            EnforcementResult::RoundTerminated => {
                let why = "no round has begun: OpenEnforcement first, or REFUSED";
                return Err(Refusal::invalid("result", why));
            }
            EnforcementResult::Refused if had_begun => {
                let why = "enforcement has begun: PERFORMED, SETTLED or ROUND_TERMINATED";
                return Err(Refusal::invalid("result", why));
            }
            EnforcementResult::Performed => require_paid(file)?,
            _ => {}
        }
        let end = JudicialDecision {
            date,
            result_code: result_code(result).to_owned(),
            amount: file.paid_total.clone(),
            ..JudicialDecision::default()
        };
        Ok(record(file, ENFORCEMENT, &end))
    })
}

fn require_paid(file: &CourtFile) -> Result<(), Refusal> {
    let due = fen_or_nothing(file.amount.as_ref());
    if fen_or_nothing(file.paid_total.as_ref()) < due {
        let why = "the sum to be enforced is not paid in full: record what was paid \
                   (RecordEnforcedPayment), or close with SETTLED or ROUND_TERMINATED";
        return Err(Refusal::precondition(ErrorReason::WrongState, why));
    }
    Ok(())
}

fn result_code(result: EnforcementResult) -> &'static str {
    match result {
        EnforcementResult::Unspecified => "",
        EnforcementResult::Performed => "performed",
        EnforcementResult::RoundTerminated => "round_terminated",
        EnforcementResult::Settled => "settled",
        EnforcementResult::Refused => "refused",
    }
}

fn fen_or_nothing(sum: Option<&Money>) -> i64 {
    sum.map_or(0, parse::fen)
}

fn money(fen: i64) -> Option<Money> {
    let (units, nanos) = Fen::new(fen).ok()?.to_money();
    Some(Money {
        currency_code: "CNY".to_owned(),
        units,
        nanos,
    })
}

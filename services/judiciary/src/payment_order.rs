//! Payment orders (支付令, 民事诉讼法 225-228).

use chrono::NaiveDate;
use host::{Refusal, parse};
use proto::v1::{self as pb, CourtFile, CourtKind, JudicialDecision, PaymentOrderBasis};

use crate::bench::Among;
use crate::docket::{Opened, Shown, advance, stand};
use crate::door::{done_on, required, stands_at};
use crate::procedure::{self, CourtStep};
use crate::suit::record;

/// The dockets that are payment orders.
pub(crate) const PAYMENT_ORDERS: Among<CourtKind> = Among {
    kinds: &[CourtKind::PaymentOrder],
    openers: &["ApplyPaymentOrder"],
};

/// What every decision on a payment order shows as.
const PAYMENT_ORDER: &str = "payment_order";

/// A creditor asks for a payment order.
pub(crate) fn apply_payment_order(
    asked: &pb::ApplyPaymentOrderRequest,
    today: NaiveDate,
) -> Result<impl Fn(&[CourtFile]) -> Opened<CourtFile>, Refusal> {
    let basis: PaymentOrderBasis = required("basis", asked.basis)?;
    let kind = CourtKind::PaymentOrder;
    let (procedure, first) = procedure::court(kind);
    let stands = stands_at(&procedure, first, &asked.under_way_at)?;
    let date = done_on("date", asked.date.as_ref(), today)?;
    let mut file = CourtFile {
        filed_on: date,
        amount: parse::money("amount", asked.amount.as_ref())?,
        under_way_at: asked.under_way_at.clone(),
        ..CourtFile::default()
    };
    file.set_kind(kind);
    file.set_payment_order_basis(basis);
    stand(&mut file, stands);
    let shown = Shown::opening("payment_order_application", date, &asked.under_way_at);
    Ok(move |_: &[CourtFile]| Ok((file.clone(), shown.clone())))
}

/// The order is issued.
pub(crate) fn issue_payment_order(
    asked: &pb::IssuePaymentOrderRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let order = JudicialDecision {
        date: done_on("date", asked.date.as_ref(), today)?,
        result_code: "issued".to_owned(),
        amount: parse::money("amount", asked.amount.as_ref())?,
        ..JudicialDecision::default()
    };
    Ok(move |file: &mut CourtFile| {
        advance(file, CourtStep::IssuePaymentOrder)?;
        Ok(record(file, PAYMENT_ORDER, &order))
    })
}

/// The debtor objects in writing: the procedure ends.
pub(crate) fn record_objection(
    asked: &pb::RecordObjectionRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let ground = parse::code("ground_code", &asked.ground_code)?;
    if ground == "unable_to_pay" {
        let why = "that one cannot pay is no objection (民诉解释 436); the order stands";
        return Err(Refusal::invalid("ground_code", why));
    }
    let objection = JudicialDecision {
        date: done_on("date", asked.date.as_ref(), today)?,
        result_code: "objected".to_owned(),
        reason_code: ground,
        ..JudicialDecision::default()
    };
    Ok(move |file: &mut CourtFile| {
        advance(file, CourtStep::RecordObjection)?;
        Ok(record(file, PAYMENT_ORDER, &objection))
    })
}

/// The request is rejected, or the order cannot be served.
pub(crate) fn refuse_payment_order(
    asked: &pb::RefusePaymentOrderRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let ruling = JudicialDecision {
        date: done_on("date", asked.date.as_ref(), today)?,
        result_code: "refused".to_owned(),
        reason_code: parse::optional_code("reason_code", &asked.reason_code)?,
        ..JudicialDecision::default()
    };
    Ok(move |file: &mut CourtFile| {
        advance(file, CourtStep::RefusePaymentOrder)?;
        Ok(record(file, PAYMENT_ORDER, &ruling))
    })
}

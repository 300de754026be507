//! Judicial confirmation of a mediation agreement (司法确认, 民事诉讼法 205, 206).

use chrono::NaiveDate;
use host::{Refusal, parse};
use proto::v1::{self as pb, ConfirmationFacts, CourtFile, CourtKind, JudicialDecision};

use crate::bench::Among;
use crate::docket::{Opened, Shown, advance, stand};
use crate::door::{TEXT_MAX, done_on, stands_at};
use crate::procedure::{self, CourtStep};
use crate::suit::record;

/// The dockets that are confirmations.
pub(crate) const CONFIRMATIONS: Among<CourtKind> = Among {
    kinds: &[CourtKind::Confirmation],
    openers: &["ApplyConfirmation"],
};

/// Both parties ask for confirmation.
pub(crate) fn apply_confirmation(
    asked: &pb::ApplyConfirmationRequest,
    today: NaiveDate,
) -> Result<impl Fn(&[CourtFile]) -> Opened<CourtFile>, Refusal> {
    if !asked.applied_by_both {
        let joint = "must be true: the parties ask jointly (民事诉讼法 205)";
        return Err(Refusal::invalid("applied_by_both", joint));
    }
    let kind = CourtKind::Confirmation;
    let (procedure, first) = procedure::court(kind);
    let stands = stands_at(&procedure, first, &asked.under_way_at)?;
    let date = done_on("date", asked.date.as_ref(), today)?;
    let mut file = CourtFile {
        confirmation: Some(ConfirmationFacts {
            agreed_on: done_on("agreed_on", asked.agreed_on.as_ref(), today)?,
            mediated_by: parse::optional_code("mediated_by", &asked.mediated_by)?,
        }),
        filed_on: date,
        amount: parse::money("amount", asked.amount.as_ref())?,
        under_way_at: asked.under_way_at.clone(),
        ..CourtFile::default()
    };
    file.set_kind(kind);
    stand(&mut file, stands);
    let shown = Shown::opening(
        "judicial_confirmation_application",
        date,
        &asked.under_way_at,
    );
    Ok(move |_: &[CourtFile]| Ok((file.clone(), shown.clone())))
}

/// The court rules the agreement valid, with effect at once.
pub(crate) fn confirm_agreement(
    asked: &pb::ConfirmAgreementRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let ruling = JudicialDecision {
        date: done_on("date", asked.date.as_ref(), today)?,
        result_code: "confirmed".to_owned(),
        amount: parse::money("amount", asked.amount.as_ref())?,
        text: parse::optional_text("reasoning", &asked.reasoning, TEXT_MAX)?,
        ..JudicialDecision::default()
    };
    Ok(move |file: &mut CourtFile| {
        advance(file, CourtStep::ConfirmAgreement)?;
        file.effective_on = ruling.date;
        Ok(record(file, "judicial_confirmation", &ruling))
    })
}

/// The court rejects the request.
pub(crate) fn reject_confirmation(
    asked: &pb::RejectConfirmationRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let ruling = JudicialDecision {
        date: done_on("date", asked.date.as_ref(), today)?,
        result_code: "rejected".to_owned(),
        reason_code: parse::optional_code("reason_code", &asked.reason_code)?,
        text: parse::optional_text("reasoning", &asked.reasoning, TEXT_MAX)?,
        ..JudicialDecision::default()
    };
    Ok(move |file: &mut CourtFile| {
        advance(file, CourtStep::RejectConfirmation)?;
        Ok(record(file, "judicial_confirmation", &ruling))
    })
}

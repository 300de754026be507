//! Preservation of property (财产保全, 民事诉讼法 103-107).

use chrono::NaiveDate;
use host::{Refusal, parse};
use proto::v1::{self as pb, CourtFile, CourtKind, JudicialDecision, PreservationFacts};

use crate::bench::Among;
use crate::docket::{Opened, Shown, advance, stand};
use crate::door::{done_on, known, stands_at};
use crate::procedure::{self, CourtStep};
use crate::suit::record;

/// The dockets that are preservations.
pub(crate) const PRESERVATIONS: Among<CourtKind> = Among {
    kinds: &[CourtKind::Preservation],
    openers: &["OrderPreservation"],
};

const PRESERVATION: &str = "preservation";

/// Property is preserved.
pub(crate) fn order_preservation(
    asked: &pb::OrderPreservationRequest,
    today: NaiveDate,
) -> Result<impl Fn(&[CourtFile]) -> Opened<CourtFile>, Refusal> {
    let kind = CourtKind::Preservation;
    let (procedure, first) = procedure::court(kind);
    let stands = stands_at(&procedure, first, &asked.under_way_at)?;
    let date = done_on("date", asked.date.as_ref(), today)?;
    let amount = parse::money("amount", asked.amount.as_ref())?;
    let mut facts = PreservationFacts {
        measure_code: parse::optional_code("measure_code", &asked.measure_code)?,
        until: parse::optional_date("until", asked.until.as_ref())?,
        ..PreservationFacts::default()
    };
    facts.set_stage(known("stage", asked.stage)?);
    let mut file = CourtFile {
        preservation: Some(facts),
        filed_on: date,
        amount: amount.clone(),
        under_way_at: asked.under_way_at.clone(),
        ..CourtFile::default()
    };
    file.set_kind(kind);
    stand(&mut file, stands);

    let ruling = JudicialDecision {
        date,
        result_code: "ordered".to_owned(),
        amount,
        ..Default::default()
    };
    let mut shown = record(&mut file, PRESERVATION, &ruling);
    if !asked.under_way_at.is_empty() {
        shown = Shown::opening(PRESERVATION, date, &asked.under_way_at);
    }
    Ok(move |_: &[CourtFile]| Ok((file.clone(), shown.clone())))
}

/// Preservation is lifted.
pub(crate) fn lift_preservation(
    asked: &pb::LiftPreservationRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let ruling = JudicialDecision {
        date: done_on("date", asked.date.as_ref(), today)?,
        result_code: "lifted".to_owned(),
        reason_code: parse::optional_code("reason_code", &asked.reason_code)?,
        ..JudicialDecision::default()
    };
    Ok(move |file: &mut CourtFile| {
        advance(file, CourtStep::LiftPreservation)?;
        Ok(record(file, PRESERVATION, &ruling))
    })
}

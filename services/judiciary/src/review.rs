//! A suit after its first decision: appeal, remand, retrial, effect.

use chrono::NaiveDate;
use host::{Refusal, parse};
use proto::v1::{self as pb, CourtFile, CourtKind, EffectiveGround, JudicialDecision, PartyMotion};

use crate::bench::Among;
use crate::docket::{Shown, advance};
use crate::door::{TEXT_MAX, done_on, known};
use crate::procedure::{CourtStep, State};
use crate::suit::{judgment_act, record};

/// The dockets that become effective by the lapse of a period.
pub(crate) const LAPSING: Among<CourtKind> = Among {
    kinds: &[
        CourtKind::CivilSuit,
        CourtKind::AdministrativeSuit,
        CourtKind::PaymentOrder,
    ],
    openers: &["FileSuit", "ApplyPaymentOrder"],
};

/// A party appeals.
pub(crate) fn file_appeal(
    asked: &pb::FileAppealRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let act = "appeal";
    let appeal = PartyMotion {
        act: act.to_owned(),
        date: done_on("date", asked.date.as_ref(), today)?,
        party: known::<pb::Litigant>("appellant", asked.appellant)?.into(),
    };
    Ok(move |file: &mut CourtFile| {
        advance(file, CourtStep::FileAppeal)?;
        file.suit
            .get_or_insert_default()
            .motions
            .push(appeal.clone());
        Ok(Shown::act(act, appeal.date))
    })
}

/// The court of appeal or retrial sends the suit back to the first instance.
pub(crate) fn remand_suit(
    asked: &pb::RemandSuitRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let ruling = JudicialDecision {
        date: done_on("date", asked.date.as_ref(), today)?,
        result_code: "remanded".to_owned(),
        text: parse::optional_text("reasoning", &asked.reasoning, TEXT_MAX)?,
        ..JudicialDecision::default()
    };
    Ok(move |file: &mut CourtFile| {
        let instance = advance(file, CourtStep::RemandSuit)?;
        let act = judgment_act(file.kind(), instance);
        let shown = record(file, act, &ruling);
        // Nothing is decided any more: what there was is annulled.
        file.result_code.clear();
        file.effective_on = None;
        file.suit.get_or_insert_default().heard_on_appeal = false;
        Ok(shown)
    })
}

/// A party asks for a retrial.
pub(crate) fn apply_retrial(
    asked: &pb::ApplyRetrialRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let act = "retrial_application";
    let request = PartyMotion {
        act: act.to_owned(),
        date: done_on("date", asked.date.as_ref(), today)?,
        party: known::<pb::Litigant>("applicant", asked.applicant)?.into(),
    };
    Ok(move |file: &mut CourtFile| {
        advance(file, CourtStep::ApplyRetrial)?;
        file.suit
            .get_or_insert_default()
            .motions
            .push(request.clone());
        Ok(Shown::act(act, request.date))
    })
}

/// The request for a retrial fails. The result stays what it was.
pub(crate) fn dismiss_retrial(
    asked: &pb::DismissRetrialRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let ruling = JudicialDecision {
        act: "retrial_dismissed".to_owned(),
        date: done_on("date", asked.date.as_ref(), today)?,
        reason_code: parse::optional_code("reason_code", &asked.reason_code)?,
        ..JudicialDecision::default()
    };
    Ok(move |file: &mut CourtFile| {
        advance(file, CourtStep::DismissRetrial)?;
        file.decisions.push(ruling.clone());
        Ok(Shown::act("retrial_dismissed", ruling.date))
    })
}

/// A retrial is ordered. The result stays until the retrial changes it.
pub(crate) fn order_retrial(
    asked: &pb::OrderRetrialRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let cause = known("cause", asked.cause)?;
    let ruling = JudicialDecision {
        act: "retrial_ordered".to_owned(),
        date: done_on("date", asked.date.as_ref(), today)?,
        ..JudicialDecision::default()
    };
    Ok(move |file: &mut CourtFile| {
        advance(file, CourtStep::OrderRetrial)?;
        file.suit.get_or_insert_default().set_retrial_cause(cause);
        file.decisions.push(ruling.clone());
        Ok(Shown::act("retrial_ordered", ruling.date))
    })
}

/// A judgment, refusal or payment order takes effect.
pub(crate) fn mark_effective(
    asked: &pb::MarkEffectiveRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let date = done_on("date", asked.date.as_ref(), today)?;
    let ground: EffectiveGround = known("ground", asked.ground)?;
    let ends_appeal = matches!(
        ground,
        EffectiveGround::AppealWithdrawn | EffectiveGround::DecidedOnAppeal
    );
    Ok(move |file: &mut CourtFile| {
        let was_appealed = advance(file, CourtStep::MarkEffective)? == State::Appealed;
        if was_appealed != ends_appeal {
            return Err(Refusal::invalid(
                "ground",
                "must be APPEAL_WITHDRAWN or DECIDED_ON_APPEAL while an appeal is pending, \
                 and only then",
            ));
        }
        if ground == EffectiveGround::DecidedOnAppeal {
            // What the other court decided stands in its own docket.
            file.result_code.clear();
            file.suit.get_or_insert_default().heard_on_appeal = true;
        }
        file.effective_on = date;
        let is_order = file.kind() == CourtKind::PaymentOrder;
        let act = if is_order {
            "payment_order"
        } else {
            "judgment_effective"
        };
        let outcome = if is_order { "effective" } else { "" };
        Ok(Shown {
            outcome: outcome.to_owned(),
            ..Shown::act(act, date)
        })
    })
}

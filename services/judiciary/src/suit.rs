//! A suit at first instance: how it comes to court, is heard and decided; and
//! hearing, mediation and judgment, which every instance has.

use chrono::NaiveDate;
use host::{Refusal, parse};
use proto::internal::v1::Effect;
use proto::v1::{
    self as pb, ArbitrationBasis, ArbitrationExemption, CourtFile, CourtKind, CourtState,
    ErrorReason, JudicialDecision, PaymentOrderBasis, SuitFacts,
};

use ArbitrationBasis as B;

use crate::bench::Among;
use crate::docket::{Opened, Shown, advance, decide, stand};
use crate::door::{LINE_MAX, TEXT_MAX, done_on, known, required, stands_at};
use crate::procedure::{self, CourtStep, State};

/// The dockets that are suits.
pub(crate) const SUITS: Among<CourtKind> = Among {
    kinds: &[CourtKind::CivilSuit, CourtKind::AdministrativeSuit],
    openers: &["FileSuit"],
};

/// A complaint is received.
pub(crate) fn file_suit(
    asked: &pb::FileSuitRequest,
    today: NaiveDate,
) -> Result<impl Fn(&[CourtFile]) -> Opened<CourtFile>, Refusal> {
    let kind: CourtKind = required("kind", asked.kind)?;
    if !SUITS.kinds.contains(&kind) {
        return Err(Refusal::invalid(
            "kind",
            "must be CIVIL_SUIT or ADMINISTRATIVE_SUIT",
        ));
    }
    let (procedure, first) = procedure::court(kind);
    let stands = stands_at(&procedure, first, &asked.under_way_at)?;
    let date = done_on("date", asked.date.as_ref(), today)?;
    let (basis, exemption) = arbitration_first(asked, kind)?;

    let mut suit = SuitFacts {
        cause_of_action: parse::optional_code("cause_of_action", &asked.cause_of_action)?,
        ..SuitFacts::default()
    };
    suit.set_arbitration_basis(basis);
    suit.set_exemption(exemption);
    suit.set_plaintiff(known("plaintiff", asked.plaintiff)?);
    let mut file = CourtFile {
        suit: Some(suit),
        filed_on: date,
        amount: parse::money("amount", asked.amount.as_ref())?,
        under_way_at: asked.under_way_at.clone(),
        ..CourtFile::default()
    };
    file.set_kind(kind);
    stand(&mut file, stands);

    let act = match kind {
        CourtKind::AdministrativeSuit => "admin_suit_filed",
        _ => "suit_filed",
    };
    let shown = Shown {
        effect: Effect::Filed,
        ..Shown::opening(act, date, &asked.under_way_at)
    };
    Ok(move |dockets: &[CourtFile]| {
        if exemption == ArbitrationExemption::PaymentOrder && rests_on_arrears(dockets) {
            return Err(arbitration_comes_first(
                "a payment order on wages in arrears that ended leads to arbitration (解释一 13)",
            ));
        }
        Ok((file.clone(), shown.clone()))
    })
}

/// How arbitration came before the suit, or why it need not (仲裁前置): a labour
/// dispute is arbitrated first (劳动争议调解仲裁法 5). Where the suit was under way
/// the court has examined that already.
fn arbitration_first(
    asked: &pb::FileSuitRequest,
    kind: CourtKind,
) -> Result<(ArbitrationBasis, ArbitrationExemption), Refusal> {
    let basis = known("arbitration_basis", asked.arbitration_basis)?;
    let exemption = known("exemption", asked.exemption)?;
    let is_exempt = exemption != ArbitrationExemption::Unspecified;
    match (kind, basis) {
        (CourtKind::AdministrativeSuit, B::Unspecified | B::NotRequired) if !is_exempt => {
            Ok((B::NotRequired, exemption))
        }
        (CourtKind::AdministrativeSuit, _) => Err(Refusal::invalid(
            "arbitration_basis",
            "an administrative suit knows no arbitration; leave it and `exemption` unset",
        )),
        (_, B::NotRequired) if is_exempt => Ok((basis, exemption)),
        (_, B::NotRequired) => Err(Refusal::invalid(
            "exemption",
            "must say why arbitration need not come first: IOU, PAYMENT_ORDER, \
             MEDIATION_AGREEMENT, TORT or SERVICE_CONTRACT",
        )),
        _ if is_exempt => Err(Refusal::invalid("exemption", "goes with NOT_REQUIRED only")),
        (_, B::Unspecified) if asked.under_way_at.is_empty() => Err(arbitration_comes_first(
            "give arbitration_basis: AWARD, REFUSAL, SILENCE, or NOT_REQUIRED with its exemption",
        )),
        _ => Ok((basis, exemption)),
    }
}

fn arbitration_comes_first(why: &str) -> Refusal {
    let message = format!("arbitration comes before a civil suit (劳动争议调解仲裁法 5): {why}");
    Refusal::precondition(ErrorReason::WrongState, message).with("rule", "ARBITRATION_FIRST")
}

/// This court ended a payment order on arrears, and none on a mediation
/// agreement: only after the latter may one sue at once (解释一 13).
fn rests_on_arrears(dockets: &[CourtFile]) -> bool {
    let has_ended = |basis: PaymentOrderBasis| {
        dockets.iter().any(|file| {
            file.payment_order_basis() == basis
                && matches!(
                    file.state(),
                    CourtState::PaymentOrderObjected | CourtState::PaymentOrderRefused
                )
        })
    };
    has_ended(PaymentOrderBasis::Arrears) && !has_ended(PaymentOrderBasis::MediationAgreement)
}

/// The suit is docketed (立案).
pub(crate) fn docket_suit(
    asked: &pb::DocketSuitRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let date = done_on("date", asked.date.as_ref(), today)?;
    let procedure = known("procedure", asked.procedure)?;
    let number = parse::optional_text("court_number", &asked.court_number, LINE_MAX)?;
    Ok(move |file: &mut CourtFile| {
        advance(file, CourtStep::DocketSuit)?;
        file.suit.get_or_insert_default().set_procedure(procedure);
        file.court_number.clone_from(&number);
        Ok(Shown::act("suit_docketed", date))
    })
}

/// The suit is not accepted, or dismissed without a judgment.
pub(crate) fn refuse_suit(
    asked: &pb::RefuseSuitRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let refusal = JudicialDecision {
        date: done_on("date", asked.date.as_ref(), today)?,
        reason_code: parse::optional_code("reason_code", &asked.reason_code)?,
        text: parse::optional_text("reasoning", &asked.reasoning, TEXT_MAX)?,
        ..JudicialDecision::default()
    };
    Ok(move |file: &mut CourtFile| {
        let result_code = match advance(file, CourtStep::RefuseSuit)? {
            State::Filed => "not_accepted",
            _ => "dismissed",
        };
        let refusal = JudicialDecision {
            result_code: result_code.to_owned(),
            ..refusal.clone()
        };
        Ok(record(file, "suit_dismissed", &refusal))
    })
}

/// A hearing, in any instance.
pub(crate) fn hold_hearing(
    asked: &pb::HoldHearingRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let hearing = pb::CourtHearing {
        date: done_on("date", asked.date.as_ref(), today)?,
        outcome_code: parse::optional_code("outcome_code", &asked.outcome_code)?,
        minutes: parse::optional_text("minutes", &asked.minutes, TEXT_MAX)?,
    };
    Ok(move |file: &mut CourtFile| {
        advance(file, CourtStep::HoldHearing)?;
        file.suit
            .get_or_insert_default()
            .hearings
            .push(hearing.clone());
        let outcome = hearing.outcome_code.clone();
        Ok(Shown {
            outcome,
            ..Shown::act("hearing", hearing.date)
        })
    })
}

/// The parties agreed before the court: its mediation statement stands like a
/// judgment.
pub(crate) fn record_court_mediation(
    asked: &pb::RecordCourtMediationRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let agreement = JudicialDecision {
        date: done_on("date", asked.date.as_ref(), today)?,
        result_code: "mediated".to_owned(),
        amount: parse::money("amount", asked.amount.as_ref())?,
        text: parse::optional_text("terms", &asked.terms, TEXT_MAX)?,
        ..JudicialDecision::default()
    };
    Ok(move |file: &mut CourtFile| {
        advance(file, CourtStep::RecordCourtMediation)?;
        file.effective_on = agreement.date;
        Ok(record(file, "mediation_agreement", &agreement))
    })
}

/// A judgment, of the instance that the suit is in.
pub(crate) fn render_judgment(
    asked: &pb::RenderJudgmentRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let judgment = JudicialDecision {
        date: done_on("date", asked.date.as_ref(), today)?,
        result_code: parse::optional_code("result_code", &asked.result_code)?,
        amount: parse::money("amount", asked.amount.as_ref())?,
        text: parse::optional_text("reasoning", &asked.reasoning, TEXT_MAX)?,
        ..JudicialDecision::default()
    };
    Ok(move |file: &mut CourtFile| {
        let instance = advance(file, CourtStep::RenderJudgment)?;
        let suit = file.suit.get_or_insert_default();
        let is_second = instance == State::Appealed;
        // A retrial of the second instance ends in a final judgment (218).
        let is_final_retrial = instance == State::RetrialOrdered && suit.heard_on_appeal;
        suit.heard_on_appeal |= is_second;
        if is_final_retrial {
            stand(file, State::Effective);
        }
        // A judgment that is not effective yet takes no effect from an older one.
        file.effective_on = judgment.date.filter(|_| is_second || is_final_retrial);
        let act = judgment_act(file.kind(), instance);
        Ok(record(file, act, &judgment))
    })
}

/// The act's code for a judgment in a suit that stood at `instance`.
pub(crate) fn judgment_act(kind: CourtKind, instance: State) -> &'static str {
    let is_administrative = kind == CourtKind::AdministrativeSuit;
    match instance {
        State::Appealed if is_administrative => "admin_second_instance_judgment",
        State::Appealed => "second_instance_judgment",
        State::RetrialOrdered => "retrial_judgment",
        _ if is_administrative => "admin_first_instance_judgment",
        _ => "first_instance_judgment",
    }
}

/// The parties settled among themselves (和解).
pub(crate) fn record_court_settlement(
    asked: &pb::RecordCourtSettlementRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let settlement = JudicialDecision {
        date: done_on("date", asked.date.as_ref(), today)?,
        result_code: "settled".to_owned(),
        amount: parse::money("amount", asked.amount.as_ref())?,
        text: parse::optional_text("terms", &asked.terms, TEXT_MAX)?,
        ..JudicialDecision::default()
    };
    Ok(move |file: &mut CourtFile| {
        advance(file, CourtStep::RecordCourtSettlement)?;
        Ok(record(file, "settlement", &settlement))
    })
}

/// The suit is withdrawn by leave of the court.
pub(crate) fn withdraw_suit(
    asked: &pb::WithdrawSuitRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut CourtFile) -> Result<Shown, Refusal>, Refusal> {
    let withdrawal = JudicialDecision {
        date: done_on("date", asked.date.as_ref(), today)?,
        result_code: "withdrawn".to_owned(),
        reason_code: parse::optional_code("reason_code", &asked.reason_code)?,
        ..JudicialDecision::default()
    };
    Ok(move |file: &mut CourtFile| {
        advance(file, CourtStep::WithdrawSuit)?;
        Ok(record(file, "suit_withdrawn", &withdrawal))
    })
}

/// Writes a decision into the docket, as its result.
pub(crate) fn record(
    file: &mut CourtFile,
    act: &'static str,
    decision: &JudicialDecision,
) -> Shown {
    decide(&mut file.result_code, &mut file.decisions, act, decision)
}

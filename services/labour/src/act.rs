//! What each step puts into a docket, beside the state that it leads to.

use host::{Refusal, parse};
use law::codes::fen::Fen;
use proto::internal::v1::Effect;
use proto::v1::{self as pb, ArbitrationFile, InjuryFile, InspectionFile, LabourAct};
use proto::{Date, Money};

use crate::docket::Shown;

/// The longest findings, minutes, terms or reasons, in characters.
const TEXT_CHARS: usize = 20_000;
const CLAIMS_MAX: usize = 50;

type Edited = Result<Option<Shown>, Refusal>;

/// The case counts as filed with the bureau from the opening on.
fn filed(act: &'static str) -> Shown {
    Shown {
        effect: Effect::Filed,
        ..Shown::act(act)
    }
}

pub(crate) fn receive_complaint(
    asked: &pb::ReceiveComplaintRequest,
    file: &mut InspectionFile,
) -> Result<Shown, Refusal> {
    file.violation = parse::optional_code("violation", &asked.violation)?;
    Ok(filed("labour_inspection_complaint"))
}

pub(crate) fn refuse_complaint(
    asked: &pb::RefuseComplaintRequest,
    file: &mut InspectionFile,
    act: &mut LabourAct,
) -> Edited {
    act.code = parse::code("reason", &asked.reason)?;
    file.result_code = "refused".to_owned();
    Ok(Some(Shown::with(
        "labour_inspection_complaint",
        "refused",
        None,
    )))
}

/// Two certified officers at least (监察条例 16).
pub(crate) fn visit(
    asked: &pb::RecordInspectionVisitRequest,
    _: &mut InspectionFile,
    act: &mut LabourAct,
) -> Edited {
    if !(2..=50).contains(&asked.officers) {
        return Err(Refusal::invalid(
            "officers",
            "must be at least 2 (劳动保障监察条例 16)",
        ));
    }
    act.officers = asked.officers;
    act.text = parse::optional_text("findings", &asked.findings, TEXT_CHARS)?;
    Ok(Some(Shown::act("investigation")))
}

pub(crate) fn order(
    asked: &pb::IssueCorrectionOrderRequest,
    file: &mut InspectionFile,
    act: &mut LabourAct,
) -> Edited {
    let amount = parse::money("amount", asked.amount.as_ref())?;
    act.perform_by = parse::optional_date("perform_by", asked.perform_by.as_ref())?;
    act.text = parse::optional_text("text", &asked.text, TEXT_CHARS)?;
    act.amount.clone_from(&amount);
    file.amount.clone_from(&amount);
    file.decided_on = act.date;
    file.result_code = "ordered".to_owned();
    Ok(Some(Shown::with("labour_inspection_order", "", amount)))
}

pub(crate) fn comply(
    asked: &pb::RecordComplianceRequest,
    file: &mut InspectionFile,
    act: &mut LabourAct,
) -> Edited {
    let amount = parse::money("amount", asked.amount.as_ref())?;
    act.amount.clone_from(&amount);
    file.result_code = "complied".to_owned();
    if let Some(sum) = &amount {
        file.paid = Some(total(file.paid.as_ref(), sum)?);
    }
    let shown = if amount.is_some() {
        "payment"
    } else {
        "follow_up"
    };
    Ok(Some(Shown::with(shown, "complied", amount)))
}

fn total(paid: Option<&Money>, sum: &Money) -> Result<Money, Refusal> {
    let sum = paid.map_or(0, parse::fen).checked_add(parse::fen(sum));
    let (units, nanos) = sum
        .and_then(|fen| Fen::new(fen).ok())
        .ok_or_else(|| Refusal::invalid("amount", "makes a total that no sum of money can be"))?
        .to_money();
    Ok(Money {
        currency_code: "CNY".to_owned(),
        units,
        nanos,
    })
}

pub(crate) fn penalise(
    asked: &pb::ImposePenaltyRequest,
    file: &mut InspectionFile,
    act: &mut LabourAct,
) -> Edited {
    act.amount = parse::money("amount", asked.amount.as_ref())?;
    file.result_code = "penalised".to_owned();
    Ok(Some(Shown::with(
        "labour_inspection_order",
        "penalised",
        None,
    )))
}

pub(crate) fn transfer(
    _: &pb::TransferToPoliceRequest,
    file: &mut InspectionFile,
    _: &mut LabourAct,
) -> Edited {
    file.result_code = "transferred".to_owned();
    Ok(Some(Shown::act("criminal_referral")))
}

pub(crate) fn close_inspection(
    asked: &pb::CloseInspectionRequest,
    file: &mut InspectionFile,
    _: &mut LabourAct,
) -> Edited {
    file.result_code = parse::code("result", &asked.result)?;
    Ok(Some(Shown::with(
        "inspection_closed",
        &file.result_code,
        None,
    )))
}

pub(crate) fn receive_application(
    asked: &pb::ReceiveArbitrationApplicationRequest,
    file: &mut ArbitrationFile,
) -> Result<Shown, Refusal> {
    if asked.claims.len() > CLAIMS_MAX {
        return Err(Refusal::invalid("claims", "are more than 50"));
    }
    file.claims = asked
        .claims
        .iter()
        .map(|claim| parse::code("claims", claim))
        .collect::<Result<_, _>>()?;
    Ok(filed("arbitration_application"))
}

pub(crate) fn refuse_arbitration(
    asked: &pb::RefuseArbitrationRequest,
    file: &mut ArbitrationFile,
    act: &mut LabourAct,
) -> Edited {
    act.code = parse::code("reason", &asked.reason)?;
    file.result_code = "refused_may_sue".to_owned();
    file.decided_on = act.date;
    Ok(Some(Shown::act("arbitration_non_acceptance")))
}

pub(crate) fn form_tribunal(
    asked: &pb::FormTribunalRequest,
    _: &mut ArbitrationFile,
    act: &mut LabourAct,
) -> Edited {
    if !matches!(asked.arbitrators, 1 | 3) {
        return Err(Refusal::invalid(
            "arbitrators",
            "must be 1 or 3 (劳动争议调解仲裁法 31)",
        ));
    }
    act.officers = asked.arbitrators;
    Ok(None)
}

pub(crate) fn hear(
    asked: &pb::HoldArbitrationHearingRequest,
    _: &mut ArbitrationFile,
    act: &mut LabourAct,
) -> Edited {
    act.text = parse::optional_text("minutes", &asked.minutes, TEXT_CHARS)?;
    Ok(Some(Shown::act("hearing")))
}

pub(crate) fn mediate(
    asked: &pb::RecordArbitrationMediationRequest,
    file: &mut ArbitrationFile,
    act: &mut LabourAct,
) -> Edited {
    let amount = parse::money("amount", asked.amount.as_ref())?;
    act.text = parse::optional_text("terms", &asked.terms, TEXT_CHARS)?;
    act.amount.clone_from(&amount);
    file.amount.clone_from(&amount);
    file.result_code = "mediated".to_owned();
    file.decided_on = act.date;
    Ok(Some(Shown::with(
        "mediation_agreement",
        "arbitration_statement",
        amount,
    )))
}

/// One non-final item makes the whole award non-final (解释一 20).
pub(crate) fn award(
    asked: &pb::IssueAwardRequest,
    file: &mut ArbitrationFile,
    act: &mut LabourAct,
) -> Edited {
    if asked.items.len() > CLAIMS_MAX {
        return Err(Refusal::invalid("items", "are more than 50"));
    }
    let is_final = asked.kind() == pb::AwardKind::Final;
    let mut items = Vec::with_capacity(asked.items.len());
    let mut sum = 0_i64;
    for (at, item) in asked.items.iter().enumerate() {
        let field = |name: &str| format!("items[{at}].{name}");
        let amount = parse::money(&field("amount"), item.amount.as_ref())?;
        sum = sum.saturating_add(amount.as_ref().map_or(0, parse::fen));
        items.push(pb::AwardItem {
            claim: parse::code(&field("claim"), &item.claim)?,
            result: parse::code(&field("result"), &item.result)?,
            amount,
            r#final: item.r#final,
        });
    }
    if is_final && items.iter().any(|item| !item.r#final) {
        return Err(Refusal::invalid(
            "kind",
            "must be NON_FINAL: an award of which any item is not final is not final (解释一 20)",
        ));
    }
    act.text = parse::optional_text("reasoning", &asked.reasoning, TEXT_CHARS)?;
    let has_sum = items.iter().any(|item| item.amount.is_some());
    let nothing = Money {
        currency_code: "CNY".to_owned(),
        units: 0,
        nanos: 0,
    };
    let amount = if has_sum {
        Some(total(Some(&nothing), &from_fen(sum)?)?)
    } else {
        None
    };
    act.amount.clone_from(&amount);
    file.amount.clone_from(&amount);
    file.set_award_kind(asked.kind());
    file.items = items;
    file.decided_on = act.date;
    file.result_code = "awarded".to_owned();
    let outcome = match asked.kind() {
        pb::AwardKind::Final => "final",
        pb::AwardKind::NonFinal => "non_final",
        pb::AwardKind::Unspecified => "",
    };
    Ok(Some(Shown::with("award", outcome, amount)))
}

fn from_fen(fen: i64) -> Result<Money, Refusal> {
    let fen = Fen::new(fen).map_err(|e| Refusal::invalid("items", e.to_string()))?;
    let (units, nanos) = fen.to_money();
    Ok(Money {
        currency_code: "CNY".to_owned(),
        units,
        nanos,
    })
}

pub(crate) fn serve_award(
    asked: &pb::RecordServiceOfAwardRequest,
    file: &mut ArbitrationFile,
    act: &mut LabourAct,
) -> Edited {
    let date: Option<Date> = act.date;
    match asked.recipient() {
        pb::Recipient::Worker => file.served_on_worker = date,
        pb::Recipient::Employer => file.served_on_employer = date,
        pb::Recipient::Unspecified => {
            return Err(Refusal::invalid(
                "recipient",
                "must say which party was served",
            ));
        }
    }
    Ok(None)
}

pub(crate) fn withdraw_arbitration(
    _: &pb::WithdrawArbitrationRequest,
    file: &mut ArbitrationFile,
    _: &mut LabourAct,
) -> Edited {
    file.result_code = "withdrawn".to_owned();
    Ok(Some(Shown::with(
        "arbitration_application",
        "withdrawn",
        None,
    )))
}

pub(crate) fn close_arbitration(
    asked: &pb::CloseArbitrationRequest,
    file: &mut ArbitrationFile,
    act: &mut LabourAct,
) -> Edited {
    act.code = parse::code("result", &asked.result)?;
    file.result_code.clone_from(&act.code);
    Ok(None)
}

pub(crate) fn receive_injury(
    asked: &pb::ReceiveInjuryApplicationRequest,
    file: &mut InjuryFile,
) -> Result<Shown, Refusal> {
    file.set_applicant(asked.applicant());
    Ok(filed("work_injury_application"))
}

pub(crate) fn refuse_injury(
    asked: &pb::RefuseInjuryApplicationRequest,
    file: &mut InjuryFile,
    act: &mut LabourAct,
) -> Edited {
    act.code = parse::code("reason", &asked.reason)?;
    file.result_code = "not_accepted".to_owned();
    file.decided_on = act.date;
    Ok(Some(Shown::act("work_injury_not_accepted")))
}

pub(crate) fn suspend(
    asked: &pb::SuspendInjuryRequest,
    _: &mut InjuryFile,
    act: &mut LabourAct,
) -> Edited {
    act.code = parse::code("reason", &asked.reason)?;
    Ok(Some(Shown::act("work_injury_suspended")))
}

pub(crate) fn decide(
    asked: &pb::DecideInjuryRequest,
    file: &mut InjuryFile,
    act: &mut LabourAct,
) -> Edited {
    act.code = parse::optional_code("ground", &asked.ground)?;
    file.decided_on = act.date;
    // The table leads to recognition; a denial stands elsewhere.
    let (state, result, shown) = if asked.recognised {
        (
            pb::InjuryState::Recognised,
            "recognised",
            "work_injury_recognition",
        )
    } else {
        (pb::InjuryState::Denied, "denied", "work_injury_denied")
    };
    file.set_state(state);
    file.result_code = result.to_owned();
    Ok(Some(Shown::act(shown)))
}

pub(crate) fn annul(
    _: &pb::AnnulInjuryDecisionRequest,
    file: &mut InjuryFile,
    _: &mut LabourAct,
) -> Edited {
    file.result_code = "annulled".to_owned();
    file.decided_on = None;
    Ok(Some(Shown::with(
        "work_injury_application",
        "decision_annulled",
        None,
    )))
}

pub(crate) fn appraisal(
    file: &mut InjuryFile,
    act: &LabourAct,
    grade: u32,
    care_level: u32,
) -> Edited {
    if grade > 10 {
        return Err(Refusal::invalid(
            "grade",
            "must be 1 to 10, or 0 for none (工伤保险条例 22)",
        ));
    }
    if care_level > 3 {
        return Err(Refusal::invalid(
            "care_level",
            "must be 1 to 3, or 0 for none",
        ));
    }
    file.grade = grade;
    file.care_level = care_level;
    file.decided_on = act.date;
    file.result_code = "appraised".to_owned();
    // Which grade is health data: it stays in the file.
    Ok(Some(Shown::act("disability_appraisal")))
}

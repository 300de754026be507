//! The procuratorate: support of a suit, supervision of judgments, the public
//! interest, and the charge of a crime.

use chrono::NaiveDate;
use host::{Refusal, parse};
use proto::v1::{
    self as pb, JudicialDecision, Litigant, ProcuratorateFile, ProcuratorateInvestigation,
    ProcuratorateKind, ProcuratorateSuggestion,
};

use crate::bench::Among;
use crate::docket::{Opened, Shown, decide, proceed};
use crate::door::{LINE_MAX, TEXT_MAX, done_on, known, stands_at};
use crate::procedure::{self, MatterStep};

/// Matters of support.
pub(crate) const SUPPORTS: Among<ProcuratorateKind> = Among {
    kinds: &[ProcuratorateKind::Support],
    openers: &["ReceiveSupportApplication"],
};

/// Matters of supervision.
pub(crate) const SUPERVISIONS: Among<ProcuratorateKind> = Among {
    kinds: &[ProcuratorateKind::Supervision],
    openers: &["ReceiveSupervisionApplication"],
};

/// Charges of a crime.
pub(crate) const CHARGES: Among<ProcuratorateKind> = Among {
    kinds: &[ProcuratorateKind::Criminal],
    openers: &["DecideNonProsecution", "Prosecute"],
};

/// All matters.
pub(crate) const MATTERS: Among<ProcuratorateKind> = Among {
    kinds: &[
        ProcuratorateKind::Support,
        ProcuratorateKind::Supervision,
        ProcuratorateKind::PublicInterest,
        ProcuratorateKind::Criminal,
    ],
    openers: &[
        "ReceiveSupportApplication",
        "OpenPublicInterestCase",
        "ReceiveSupervisionApplication",
        "DecideNonProsecution",
        "Prosecute",
    ],
};

/// A new matter of this kind, in the state it has or had.
fn matter(kind: ProcuratorateKind, under_way_at: &str) -> Result<ProcuratorateFile, Refusal> {
    let (procedure, first) = procedure::procuratorate(kind);
    let stands = stands_at(&procedure, first, under_way_at)?;
    let mut file = ProcuratorateFile {
        under_way_at: under_way_at.to_owned(),
        ..ProcuratorateFile::default()
    };
    file.set_kind(kind);
    file.set_state(stands.to_wire());
    Ok(file)
}

/// The criminal matter that a decision opens where none is open.
pub(crate) fn charge() -> Result<ProcuratorateFile, Refusal> {
    matter(ProcuratorateKind::Criminal, "")
}

/// A worker asks for support.
pub(crate) fn receive_support_application(
    asked: &pb::ReceiveSupportApplicationRequest,
    today: NaiveDate,
) -> Result<impl Fn(&[ProcuratorateFile]) -> Opened<ProcuratorateFile>, Refusal> {
    let date = done_on("date", asked.date.as_ref(), today)?;
    let file = ProcuratorateFile {
        received_on: date,
        applicants: asked.applicants,
        ..matter(ProcuratorateKind::Support, &asked.under_way_at)?
    };
    let shown = Shown::opening(
        "procuratorate_support_application",
        date,
        &asked.under_way_at,
    );
    Ok(move |_: &[ProcuratorateFile]| Ok((file.clone(), shown.clone())))
}

/// A public-interest case is opened.
pub(crate) fn open_public_interest_case(
    asked: &pb::OpenPublicInterestCaseRequest,
    today: NaiveDate,
) -> Result<impl Fn(&[ProcuratorateFile]) -> Opened<ProcuratorateFile>, Refusal> {
    let date = done_on("date", asked.date.as_ref(), today)?;
    let file = ProcuratorateFile {
        received_on: date,
        subject_code: parse::optional_code("subject_code", &asked.subject_code)?,
        ..matter(ProcuratorateKind::PublicInterest, &asked.under_way_at)?
    };
    let shown = Shown::opening("public_interest_case_filed", date, &asked.under_way_at);
    Ok(move |_: &[ProcuratorateFile]| Ok((file.clone(), shown.clone())))
}

/// A party asks for supervision of a judgment.
pub(crate) fn receive_supervision_application(
    asked: &pb::ReceiveSupervisionApplicationRequest,
    today: NaiveDate,
) -> Result<impl Fn(&[ProcuratorateFile]) -> Opened<ProcuratorateFile>, Refusal> {
    let date = done_on("date", asked.date.as_ref(), today)?;
    let mut file = ProcuratorateFile {
        received_on: date,
        ..matter(ProcuratorateKind::Supervision, &asked.under_way_at)?
    };
    file.set_applicant(known::<Litigant>("applicant", asked.applicant)?);
    let shown = Shown::opening(
        "procuratorate_supervision_application",
        date,
        &asked.under_way_at,
    );
    Ok(move |_: &[ProcuratorateFile]| Ok((file.clone(), shown.clone())))
}

/// The procuratorate supports the suit.
pub(crate) fn support_suit(
    asked: &pb::SupportSuitRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut ProcuratorateFile) -> Result<Shown, Refusal>, Refusal> {
    let opinion = JudicialDecision {
        date: done_on("date", asked.date.as_ref(), today)?,
        result_code: "supported".to_owned(),
        text: parse::optional_text("text", &asked.text, TEXT_MAX)?,
        ..JudicialDecision::default()
    };
    Ok(move |file: &mut ProcuratorateFile| {
        proceed(file, MatterStep::SupportSuit)?;
        Ok(record(file, "procuratorate_support", &opinion))
    })
}

/// The procuratorate supports the application for arbitration.
pub(crate) fn support_arbitration(
    asked: &pb::SupportArbitrationRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut ProcuratorateFile) -> Result<Shown, Refusal>, Refusal> {
    let opinion = JudicialDecision {
        date: done_on("date", asked.date.as_ref(), today)?,
        result_code: "supported".to_owned(),
        text: parse::optional_text("text", &asked.text, TEXT_MAX)?,
        ..JudicialDecision::default()
    };
    Ok(move |file: &mut ProcuratorateFile| {
        proceed(file, MatterStep::SupportArbitration)?;
        Ok(record(file, "procuratorate_support_arbitration", &opinion))
    })
}

/// An investigation; what was found stays in the file.
pub(crate) fn record_investigation(
    asked: &pb::RecordProcuratorateInvestigationRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut ProcuratorateFile) -> Result<Shown, Refusal>, Refusal> {
    let investigation = ProcuratorateInvestigation {
        date: done_on("date", asked.date.as_ref(), today)?,
        text: parse::optional_text("text", &asked.text, TEXT_MAX)?,
    };
    Ok(move |file: &mut ProcuratorateFile| {
        proceed(file, MatterStep::RecordProcuratorateInvestigation)?;
        file.investigations.push(investigation.clone());
        Ok(Shown::act("investigation", investigation.date))
    })
}

/// A suggestion; to whom and what stays in the file.
pub(crate) fn issue_suggestion(
    asked: &pb::IssueSuggestionRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut ProcuratorateFile) -> Result<Shown, Refusal>, Refusal> {
    let suggestion = ProcuratorateSuggestion {
        date: done_on("date", asked.date.as_ref(), today)?,
        addressee: parse::optional_text("addressee", &asked.addressee, LINE_MAX)?,
        text: parse::optional_text("text", &asked.text, TEXT_MAX)?,
        reply_by: parse::optional_date("reply_by", asked.reply_by.as_ref())?,
    };
    Ok(move |file: &mut ProcuratorateFile| {
        proceed(file, MatterStep::IssueSuggestion)?;
        file.suggestions.push(suggestion.clone());
        Ok(Shown::act("procuratorate_suggestion", suggestion.date))
    })
}

/// A protest against a judgment.
pub(crate) fn lodge_protest(
    asked: &pb::LodgeProtestRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut ProcuratorateFile) -> Result<Shown, Refusal>, Refusal> {
    let protest = JudicialDecision {
        date: done_on("date", asked.date.as_ref(), today)?,
        result_code: "protested".to_owned(),
        text: parse::optional_text("text", &asked.text, TEXT_MAX)?,
        ..JudicialDecision::default()
    };
    Ok(move |file: &mut ProcuratorateFile| {
        proceed(file, MatterStep::LodgeProtest)?;
        Ok(record(file, "procuratorate_protest", &protest))
    })
}

/// The decision not to prosecute.
pub(crate) fn decide_non_prosecution(
    asked: &pb::DecideNonProsecutionRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut ProcuratorateFile) -> Result<Shown, Refusal>, Refusal> {
    let decision = JudicialDecision {
        date: done_on("date", asked.date.as_ref(), today)?,
        result_code: "not_prosecuted".to_owned(),
        reason_code: parse::optional_code("reason_code", &asked.reason_code)?,
        ..JudicialDecision::default()
    };
    Ok(move |file: &mut ProcuratorateFile| {
        proceed(file, MatterStep::DecideNonProsecution)?;
        Ok(record(file, "non_prosecution", &decision))
    })
}

/// A charge before the court.
pub(crate) fn prosecute(
    asked: &pb::ProsecuteRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut ProcuratorateFile) -> Result<Shown, Refusal>, Refusal> {
    let charge = parse::optional_code("charge_code", &asked.charge_code)?;
    let decision = JudicialDecision {
        date: done_on("date", asked.date.as_ref(), today)?,
        result_code: "prosecuted".to_owned(),
        ..JudicialDecision::default()
    };
    Ok(move |file: &mut ProcuratorateFile| {
        proceed(file, MatterStep::Prosecute)?;
        file.subject_code.clone_from(&charge);
        Ok(record(file, "prosecution", &decision))
    })
}

/// The parties settled.
pub(crate) fn record_settlement(
    asked: &pb::RecordProcuratorateSettlementRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut ProcuratorateFile) -> Result<Shown, Refusal>, Refusal> {
    let settlement = JudicialDecision {
        date: done_on("date", asked.date.as_ref(), today)?,
        result_code: "settled".to_owned(),
        amount: parse::money("amount", asked.amount.as_ref())?,
        text: parse::optional_text("text", &asked.text, TEXT_MAX)?,
        ..JudicialDecision::default()
    };
    Ok(move |file: &mut ProcuratorateFile| {
        proceed(file, MatterStep::RecordProcuratorateSettlement)?;
        Ok(record(file, "settlement", &settlement))
    })
}

/// The matter ends. Without a result of its own the last one stands.
pub(crate) fn close_file(
    asked: &pb::CloseProcuratorateFileRequest,
    today: NaiveDate,
) -> Result<impl Fn(&mut ProcuratorateFile) -> Result<Shown, Refusal>, Refusal> {
    let date = done_on("date", asked.date.as_ref(), today)?;
    let result = parse::optional_code("result_code", &asked.result_code)?;
    Ok(move |file: &mut ProcuratorateFile| {
        proceed(file, MatterStep::CloseProcuratorateFile)?;
        if !result.is_empty() {
            file.result_code.clone_from(&result);
        }
        let outcome = file.result_code.clone();
        Ok(Shown {
            outcome,
            ..Shown::act("procuratorate_file_closed", date)
        })
    })
}

/// Writes a decision into the matter, as its result.
fn record(file: &mut ProcuratorateFile, act: &'static str, decision: &JudicialDecision) -> Shown {
    decide(&mut file.result_code, &mut file.decisions, act, decision)
}

//! One step of a referral. Which steps are legal the gateway says
//! (`allowed_events`); here stands only what each asks of a person.

use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use proto::v1 as pb;

use super::{child_name, go, referral, referral_address, section_choices, ticked_sections};
use crate::form::{self, Field, Form, Kind, Posted};
use crate::line::Line;
use crate::local;
use crate::page;
use crate::trouble::Trouble;
use crate::visit::Visit;

/// What a step asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asks {
    Nothing,
    /// A coded reason.
    Reason(&'static str),
    /// Words for the other side.
    Question,
    Answer,
    Outcome,
    Until,
}

/// Every step that a person can take, with what it asks for.
const STEPS: [(&str, Asks); 20] = [
    ("send", Asks::Nothing),
    ("acknowledge", Asks::Nothing),
    ("accept", Asks::Nothing),
    ("reject", Asks::Reason("reject_reason")),
    ("contest", Asks::Reason("contest_reason")),
    ("start", Asks::Nothing),
    ("ask-information", Asks::Question),
    ("provide-information", Asks::Answer),
    ("await-third-party", Asks::Reason("await_reason")),
    ("hold", Asks::Reason("hold_reason")),
    ("resume", Asks::Nothing),
    ("complete", Asks::Outcome),
    ("fail", Asks::Reason("fail_reason")),
    ("acknowledge-outcome", Asks::Nothing),
    ("withdraw", Asks::Reason("withdraw_reason")),
    ("extend", Asks::Until),
    ("reopen", Asks::Reason("reopen_reason")),
    ("propose-error", Asks::Reason("error_reason")),
    ("mark-error", Asks::Reason("error_reason")),
    ("authority-revoked", Asks::Reason("revoke_reason")),
];

fn asks(event: &str) -> Option<Asks> {
    STEPS
        .iter()
        .find(|(known, _)| *known == event)
        .map(|(_, asks)| *asks)
}

/// A step that people can take here.
pub(crate) fn is_known(event: &str) -> bool {
    asks(event).is_some()
}

/// One press of a button does it.
pub(crate) fn asks_nothing(event: &str) -> bool {
    asks(event) == Some(Asks::Nothing)
}

/// How its button looks: what moves the case on stands out, what ends it warns.
pub(crate) fn class(event: &str) -> &'static str {
    match event {
        "send" | "accept" | "start" | "complete" | "provide-information" | "resume" => "primary",
        "reject" | "withdraw" | "fail" | "propose-error" | "mark-error" | "authority-revoked" => {
            "danger"
        }
        _ => "secondary",
    }
}

/// The page of a step that asks for something.
pub(crate) async fn ask(
    visit: Visit,
    Path((case, id, event)): Path<(String, String, String)>,
) -> Result<Response, Trouble> {
    let referral = referral::read(&visit, &case, &id).await?;
    let form = Form::with(&[("etag", &referral.etag)]);
    show(&visit, &referral.name, &event, &form)
}

fn show(visit: &Visit, name: &str, event: &str, form: &Form) -> Result<Response, Trouble> {
    let asks = asks(event).ok_or(Trouble::NoPage)?;
    let reader = &visit.reader;
    let address = referral_address(name);
    let title = reader.language.code("step", &event.replace('-', "_"));
    let content = html! {
        div.narrow {
            p.crumbs { a href=(address) { (reader.t("referral.title")) } }
            h1 { (title) }
            p.lead { (reader.language.code("step_hint", &event.replace('-', "_"))) }
            (form.summary(reader))
            form.card.stack method="post" hx-boost="true" action={ (address) "/" (event) } {
                (form::key(visit))
                input type="hidden" name="etag" value=(form.get("etag"));
                (fields(visit, form, asks))
                div.buttons {
                    button type="submit" class=(class(event)) { (title) }
                    a.button.secondary href=(address) { (reader.t("form.cancel")) }
                }
            }
        }
    };
    Ok(page::with_form(visit, form, &title, &content))
}

fn fields(visit: &Visit, form: &Form, asks: Asks) -> Markup {
    let reader = &visit.reader;
    match asks {
        Asks::Nothing => html! {},
        Asks::Reason(group) => {
            let reasons: Vec<_> = crate::words::codes(group)
                .into_iter()
                .map(|code| (code.to_owned(), reader.language.code(group, code)))
                .collect();
            Field::new("step.reason", "reason")
                .required()
                .select(reader, form, &reasons)
        }
        Asks::Question => Field::new("step.question", "question")
            .hint("form.no_names")
            .kind(Kind::Long)
            .required()
            .show(reader, form),
        Asks::Answer => html! {
            (Field::new("step.answer", "answer").hint("form.no_names").kind(Kind::Long).required().show(reader, form))
            (Field::new("step.added_scope", "added_scope").hint("step.added_scope_hint").ticks(reader, form, &section_choices(reader)))
        },
        Asks::Outcome => {
            let outcomes: Vec<_> = crate::words::codes("outcome")
                .into_iter()
                .map(|code| (code.to_owned(), reader.language.code("outcome", code)))
                .collect();
            html! {
                (Field::new("step.outcome", "outcome").required().select(reader, form, &outcomes))
                (Field::new("step.outcome_amount", "outcome_amount").hint("form.yuan").show(reader, form))
            }
        }
        Asks::Until => Field::new("step.access_until", "access_until")
            .kind(Kind::Date)
            .required()
            .show(reader, form),
    }
}

/// Takes a step.
pub(crate) async fn take(
    Path((case, id, event)): Path<(String, String, String)>,
    Posted { visit, mut form }: Posted,
) -> Result<Response, Trouble> {
    let name = child_name(&case, "referrals", &id)?;
    let asked = asks(&event).ok_or(Trouble::NoPage)?;
    check(&visit, &mut form, asked);
    if form.is_wrong() {
        return show(&visit, &name, &event, &form);
    }
    match act(&visit.line().await?, &event, &name, &form).await {
        Ok(after) => Ok(go(&referral_address(&after.name))),
        Err(trouble) if asked == Asks::Nothing => Err(trouble),
        Err(trouble) => show(&visit, &name, &event, &form.refuse(trouble)?),
    }
}

/// What only a form can get wrong.
fn check(visit: &Visit, form: &mut Form, asks: Asks) {
    let is_typed = |text: &str| !text.is_empty();
    if asks == Asks::Outcome
        && is_typed(form.get("outcome_amount"))
        && local::parse_money(form.get("outcome_amount")).is_none()
    {
        form.note("outcome_amount", visit.t("form.not_a_sum"));
    }
    if asks == Asks::Until && local::end_of_day(form.get("access_until")).is_none() {
        form.note("access_until", visit.t("form.not_a_date"));
    }
}

async fn act(line: &Line, event: &str, name: &str, form: &Form) -> Result<pb::Referral, Trouble> {
    let mut referrals = line.referrals();
    let (name, etag, request_id) = (name.to_owned(), form.get("etag").to_owned(), String::new());
    let reason = form.get("reason").to_owned();
    let answer = match event {
        "send" => {
            referrals
                .send_referral(pb::SendReferralRequest {
                    name,
                    etag,
                    request_id,
                })
                .await
        }
        "acknowledge" => {
            referrals
                .acknowledge_referral(pb::AcknowledgeReferralRequest {
                    name,
                    etag,
                    request_id,
                })
                .await
        }
        "accept" => {
            referrals
                .accept_referral(pb::AcceptReferralRequest {
                    name,
                    etag,
                    request_id,
                })
                .await
        }
        "reject" => {
            referrals
                .reject_referral(pb::RejectReferralRequest {
                    name,
                    reason,
                    etag,
                    request_id,
                })
                .await
        }
        "contest" => {
            referrals
                .contest_referral(pb::ContestReferralRequest {
                    name,
                    reason,
                    etag,
                    request_id,
                })
                .await
        }
        "start" => {
            referrals
                .start_referral(pb::StartReferralRequest {
                    name,
                    etag,
                    request_id,
                })
                .await
        }
        "ask-information" => {
            let question = form.get("question").to_owned();
            referrals
                .ask_information(pb::AskInformationRequest {
                    name,
                    question,
                    etag,
                    request_id,
                })
                .await
        }
        "provide-information" => {
            let answer = form.get("answer").to_owned();
            let added_scope = ticked_sections(form, "added_scope");
            referrals
                .provide_information(pb::ProvideInformationRequest {
                    name,
                    answer,
                    added_scope,
                    etag,
                    request_id,
                })
                .await
        }
        "await-third-party" => {
            referrals
                .await_third_party(pb::AwaitThirdPartyRequest {
                    name,
                    reason,
                    etag,
                    request_id,
                })
                .await
        }
        "hold" => {
            referrals
                .hold_referral(pb::HoldReferralRequest {
                    name,
                    reason,
                    etag,
                    request_id,
                })
                .await
        }
        "resume" => {
            referrals
                .resume_referral(pb::ResumeReferralRequest {
                    name,
                    etag,
                    request_id,
                })
                .await
        }
        "complete" => {
            let outcome = form.get("outcome").to_owned();
            let outcome_amount = local::parse_money(form.get("outcome_amount"));
            referrals
                .complete_referral(pb::CompleteReferralRequest {
                    name,
                    outcome,
                    outcome_amount,
                    etag,
                    request_id,
                })
                .await
        }
        "fail" => {
            referrals
                .fail_referral(pb::FailReferralRequest {
                    name,
                    reason,
                    etag,
                    request_id,
                })
                .await
        }
        "acknowledge-outcome" => {
            referrals
                .acknowledge_outcome(pb::AcknowledgeOutcomeRequest {
                    name,
                    etag,
                    request_id,
                })
                .await
        }
        "withdraw" => {
            referrals
                .withdraw_referral(pb::WithdrawReferralRequest {
                    name,
                    reason,
                    etag,
                    request_id,
                })
                .await
        }
        "extend" => {
            let access_until = local::end_of_day(form.get("access_until"));
            referrals
                .extend_referral(pb::ExtendReferralRequest {
                    name,
                    access_until,
                    etag,
                    request_id,
                })
                .await
        }
        "reopen" => {
            referrals
                .reopen_referral(pb::ReopenReferralRequest {
                    name,
                    reason,
                    etag,
                    request_id,
                })
                .await
        }
        "propose-error" | "mark-error" => {
            referrals
                .mark_referral_error(pb::MarkReferralErrorRequest {
                    name,
                    reason,
                    etag,
                    request_id,
                })
                .await
        }
        "authority-revoked" => {
            referrals
                .revoke_referral(pb::RevokeReferralRequest {
                    name,
                    reason,
                    etag,
                    request_id,
                })
                .await
        }
        _ => return Err(Trouble::NoPage),
    };
    Ok(answer?.into_inner())
}

/// A law firm clears conflicts before it accepts (律师法 39).
pub(crate) async fn check_conflict(
    Path((case, id)): Path<(String, String)>,
    Posted { visit, .. }: Posted,
) -> Result<Response, Trouble> {
    let referral = child_name(&case, "referrals", &id)?;
    let request = pb::CheckConflictRequest {
        parent: super::case_name(&case)?,
        referral: referral.clone(),
        ..Default::default()
    };
    visit
        .line()
        .await?
        .lawfirm()
        .check_conflict(request)
        .await?;
    Ok(go(&referral_address(&referral)))
}

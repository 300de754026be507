//! Emergencies: opening a case at once, and answering for it.

use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use proto::v1::{self as pb, Verdict};

use super::{
    child_name, go, last, number, section_choices, sections_in_words, ticked_sections, timeline,
};
use crate::form::{self, Field, Form, Kind, Posted};
use crate::page;
use crate::trouble::Trouble;
use crate::visit::{Reader, Visit};

/// Openings that concern the caller, the next to be reviewed first.
pub(crate) async fn list(visit: Visit) -> Result<Response, Trouble> {
    let request = pb::ListBreakGlassRequest {
        page_size: 100,
        ..Default::default()
    };
    let all = visit
        .line()
        .await?
        .break_glass()
        .list_break_glass(request)
        .await?
        .into_inner()
        .break_glass;
    let title = visit.t("emergency.title");
    let open = html! { a.button.danger href="/emergency/open" { (visit.t("emergency.open")) } };
    let content = html! {
        (page::heading(title, &open))
        p.lead { (visit.t("emergency.lead")) }
        @if all.is_empty() { (page::nothing(visit.t("emergency.none"))) }
        @for one in &all { (show(&visit, one)) }
    };
    Ok(page::ok(&visit, title, &content))
}

fn show(visit: &Visit, one: &pb::BreakGlass) -> Markup {
    let reader = &visit.reader;
    let is_own = one.agency == visit.agency();
    let runs = one
        .valid_until
        .as_ref()
        .and_then(host::clock::from_timestamp)
        .is_some_and(|end| end > reader.now());
    let address = format!("/emergency/{}/{}", number(&one.name), last(&one.name));
    html! {
        section.card {
            h2 { a href={ "/cases/" (number(&one.name)) } { (number(&one.name)) } " " (verdict(reader, one))
                @if runs { " " span.tag.warn { (reader.t("emergency.runs")) } } }
            dl.facts {
                div { dt { (reader.t("emergency.by")) } dd { (reader.agency(&one.agency)) " " (last(&one.user)) } }
                div { dt { (reader.t("emergency.reason")) } dd { (reader.language.code("emergency_reason", &one.reason)) } }
                div { dt { (reader.t("emergency.opened_at")) } dd { (timeline::minute(reader, one.opened_at.as_ref())) " – " (timeline::minute(reader, one.valid_until.as_ref())) } }
                div { dt { (reader.t("emergency.review_by")) } dd { (timeline::minute(reader, one.review_by.as_ref())) } }
                div.wide { dt { (reader.t("emergency.explanation")) } dd { (one.explanation) } }
                div.wide { dt { (reader.t("emergency.sections")) } dd { (sections_in_words(reader, &one.sections)) } }
                @if !one.review_note.is_empty() { div.wide { dt { (reader.t("emergency.note")) } dd { (one.review_note) " — " (reader.agency(&one.reviewed_by)) } } }
            }
            @if runs { (form::button(visit, &format!("{address}/close"), reader.t("emergency.close"), "secondary", &[])) }
            @if !is_own && one.verdict() == Verdict::Unspecified { (review_form(visit, &address)) }
        }
    }
}

fn verdict(reader: &Reader, one: &pb::BreakGlass) -> Markup {
    match one.verdict() {
        Verdict::Unspecified => html! { span.tag.warn { (reader.t("emergency.unreviewed")) } },
        Verdict::Justified => html! { span.tag.good { (reader.t("emergency.justified")) } },
        Verdict::Unjustified => html! { span.tag.bad { (reader.t("emergency.unjustified")) } },
    }
}

fn review_form(visit: &Visit, address: &str) -> Markup {
    let id = format!("note-{}", last(address));
    html! {
        form.stack.review method="post" hx-boost="true" action={ (address) "/review" } {
            (form::key(visit))
            div.field {
                label for=(id) { (visit.t("emergency.note")) }
                p.hint { (visit.t("form.no_names")) }
                textarea id=(id) name="note" rows="2" required {}
            }
            div.buttons {
                button.primary type="submit" name="verdict" value="justified" { (visit.t("emergency.justified")) }
                button.danger type="submit" name="verdict" value="unjustified" { (visit.t("emergency.unjustified")) }
            }
        }
    }
}

/// The form to open a case.
pub(crate) async fn ask(visit: Visit) -> Result<Response, Trouble> {
    Ok(with(
        &visit,
        &Form::with(&[("minutes", "60"), ("sections", "summary")]),
    ))
}

fn with(visit: &Visit, form: &Form) -> Response {
    let reader = &visit.reader;
    let coded = |group: &str| -> Vec<(String, String)> {
        let codes = crate::words::codes(group).into_iter();
        codes
            .map(|code| (code.to_owned(), reader.language.code(group, code)))
            .collect()
    };
    let minutes: Vec<_> = ["30", "60", "120", "180"]
        .map(|minutes| {
            (
                minutes.to_owned(),
                reader
                    .language
                    .with("emergency.for_minutes", &[("minutes", minutes)]),
            )
        })
        .into();
    let title = visit.t("emergency.open");
    let content = html! {
        div.narrow {
            h1 { (title) }
            div.notice.warn { p { (visit.t("emergency.warning")) } }
            (form.summary(reader))
            form.card.stack method="post" hx-boost="true" action="/emergency/open" {
                (form::key(visit))
                (Field::new("emergency.case", "case").hint("emergency.case_hint").required().show(reader, form))
                (Field::new("emergency.reason", "reason").required().select(reader, form, &coded("emergency_reason")))
                (Field::new("emergency.explanation", "explanation").hint("emergency.explanation_hint").kind(Kind::Long).required().show(reader, form))
                (Field::new("emergency.sections", "sections").hint("emergency.sections_hint").ticks(reader, form, &section_choices(reader)))
                (Field::new("emergency.minutes", "minutes").required().select(reader, form, &minutes))
                div.buttons {
                    button.danger type="submit" { (title) }
                    a.button.secondary href="/emergency" { (visit.t("form.cancel")) }
                }
            }
        }
    };
    page::with_form(visit, form, title, &content)
}

/// Opens it.
pub(crate) async fn open(Posted { visit, mut form }: Posted) -> Result<Response, Trouble> {
    let Ok(parent) = super::case_name(form.get("case")) else {
        form.note("case", visit.t("emergency.no_number"));
        return Ok(with(&visit, &form));
    };
    let case = number(&parent).to_owned();
    let request = pb::OpenBreakGlassRequest {
        parent,
        reason: form.get("reason").to_owned(),
        explanation: form.get("explanation").to_owned(),
        sections: ticked_sections(&form, "sections"),
        minutes: form.get("minutes").parse().unwrap_or_default(),
        request_id: String::new(),
    };
    match visit
        .line()
        .await?
        .break_glass()
        .open_break_glass(request)
        .await
    {
        Ok(_) => Ok(go(&format!("/cases/{case}"))),
        Err(status) => Ok(with(&visit, &form.refuse(status.into())?)),
    }
}

/// Ends it early.
pub(crate) async fn close(
    Path((case, grant)): Path<(String, String)>,
    Posted { visit, .. }: Posted,
) -> Result<Response, Trouble> {
    let request = pb::CloseBreakGlassRequest {
        name: child_name(&case, "breakGlassGrants", &grant)?,
        request_id: String::new(),
    };
    visit
        .line()
        .await?
        .break_glass()
        .close_break_glass(request)
        .await?;
    Ok(go("/emergency"))
}

/// Says whether it was justified.
pub(crate) async fn review(
    Path((case, grant)): Path<(String, String)>,
    Posted { visit, form }: Posted,
) -> Result<Response, Trouble> {
    let verdict = match form.get("verdict") {
        "justified" => Verdict::Justified,
        "unjustified" => Verdict::Unjustified,
        _ => return Err(Trouble::NoPage),
    };
    let request = pb::ReviewBreakGlassRequest {
        name: child_name(&case, "breakGlassGrants", &grant)?,
        verdict: verdict as i32,
        note: form.get("note").to_owned(),
        request_id: String::new(),
    };
    visit
        .line()
        .await?
        .break_glass()
        .review_break_glass(request)
        .await?;
    Ok(go("/emergency"))
}

//! A note or act on a case's timeline. Entries are never changed.

use axum::extract::Path;
use axum::response::Response;
use maud::html;
use proto::section;
use proto::v1::{self as pb, Section};

use super::{case_name, cases, go};
use crate::form::{self, Field, Form, Kind, Posted};
use crate::local;
use crate::page;
use crate::trouble::Trouble;
use crate::visit::Visit;

/// The form.
pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Trouble> {
    with(&visit, &id, &Form::with(&[("act", "note")])).await
}

async fn with(visit: &Visit, id: &str, form: &Form) -> Result<Response, Trouble> {
    let case = cases::summary_of(&visit.line().await?, &case_name(id)?).await?;
    let reader = &visit.reader;
    let acts: Vec<_> = crate::words::codes("act")
        .into_iter()
        .filter(|code| {
            !code.starts_with("referral_")
                && !code.starts_with("case_")
                && !code.starts_with("consent_")
        })
        .map(|code| (code.to_owned(), reader.language.code("act", code)))
        .collect();
    let title = visit.t("case.note");
    let content = html! {
        (cases::identity(visit, &case, "note"))
        div.narrow.left {
            h2 { (title) }
            p.lead { (visit.t("note.lead")) }
            (form.summary(reader))
            form.card.stack method="post" hx-boost="true" action={ "/cases/" (id) "/note" } {
                (form::key(visit))
                (Field::new("note.act", "act").required().select(reader, form, &acts))
                (Field::new("note.date", "date").kind(Kind::Date).show(reader, form))
                (Field::new("note.amount", "amount").hint("form.yuan").show(reader, form))
                (Field::new("note.section", "section").hint("note.section_hint").select(reader, form, &super::section_choices(reader)))
                (Field::new("note.note", "note").kind(Kind::Long).show(reader, form))
                div.buttons { button.primary type="submit" { (visit.t("note.append")) } }
            }
        }
    };
    Ok(page::with_form(visit, form, title, &content))
}

/// Appends it.
pub(crate) async fn append(
    Path(id): Path<String>,
    Posted { visit, mut form }: Posted,
) -> Result<Response, Trouble> {
    let name = case_name(&id)?;
    let (date, amount) = (form.get("date").to_owned(), form.get("amount").to_owned());
    if !date.is_empty() && local::parse_date(&date).is_none() {
        form.note("date", visit.t("form.not_a_date"));
    }
    if !amount.is_empty() && local::parse_money(&amount).is_none() {
        form.note("amount", visit.t("form.not_a_sum"));
    }
    if form.is_wrong() {
        return with(&visit, &id, &form).await;
    }
    let request = pb::AppendNoteRequest {
        parent: name,
        entry: Some(pb::Entry {
            act: form.get("act").to_owned(),
            date: local::parse_date(&date),
            amount: local::parse_money(&amount),
            section: section::parse(form.get("section")).unwrap_or(Section::Unspecified) as i32,
            note: form.get("note").to_owned(),
            ..Default::default()
        }),
        request_id: String::new(),
    };
    match visit.line().await?.cases().append_note(request).await {
        Ok(_) => Ok(go(&format!("/cases/{id}"))),
        Err(status) => with(&visit, &id, &form.refuse(status.into())?).await,
    }
}

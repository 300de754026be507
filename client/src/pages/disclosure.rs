//! Who looked at a case.

use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use proto::v1::{self as pb, Outcome};

use super::cases::At;
use super::{case_name, cases, last, sections_in_words, timeline};
use crate::page;
use crate::trouble::Trouble;
use crate::visit::{Reader, Visit};

/// The records of the case, newest first.
pub(crate) async fn list(
    visit: Visit,
    Path(id): Path<String>,
    Query(at): Query<At>,
) -> Result<Response, Trouble> {
    let name = case_name(&id)?;
    let line = visit.line().await?;
    let case = cases::summary_of(&line, &name).await?;
    let request = pb::ListDisclosuresRequest {
        parent: name,
        page_size: 50,
        page_token: at.page,
    };
    let answer = line
        .disclosures()
        .list_disclosures(request)
        .await?
        .into_inner();
    let head = line
        .disclosures()
        .get_checkpoint(pb::GetCheckpointRequest {})
        .await?
        .into_inner();
    let reader = &visit.reader;
    let title = visit.t("case.looked");
    let address = format!("/cases/{id}/looked");
    let content = html! {
        (cases::identity(&visit, &case, "looked"))
        p.lead { (reader.language.with("looked.lead", &[("size", &head.size.to_string())])) }
        table.list {
            thead { tr {
                th scope="col" { (reader.t("looked.when")) }
                th scope="col" { (reader.t("looked.who")) }
                th scope="col" { (reader.t("looked.what")) }
                th scope="col" { (reader.t("looked.saw")) }
            } }
            tbody { @for record in &answer.records { (row(reader, record)) } }
        }
        (page::next_page(reader, &address, &answer.next_page_token))
    };
    Ok(page::ok(&visit, title, &content))
}

fn row(reader: &Reader, record: &pb::DisclosureRecord) -> Markup {
    let method = last(&record.method);
    html! {
        tr {
            td data-label=(reader.t("looked.when")) { (timeline::minute(reader, record.at.as_ref())) br; span.meta { "№ " (record.index) } }
            td data-label=(reader.t("looked.who")) { (reader.agency(&record.agency))
                @if !record.user.is_empty() { br; span.meta { (last(&record.user)) } } }
            td data-label=(reader.t("looked.what")) { (reader.language.code("method", method)) " "
                @match record.outcome() {
                    Outcome::Refused => span.tag.bad { (reader.t("looked.refused")) },
                    Outcome::Changed => span.tag.good { (reader.t("looked.changed")) },
                    _ => {},
                }
                @if !record.refusal.is_empty() { br; span.meta { (reader.t(&format!("reason.{}", record.refusal))) } } }
            td data-label=(reader.t("looked.saw")) { (sections_in_words(reader, &record.sections))
                @if !record.sections_in_part.is_empty() { br; span.meta { (reader.t("case.in_part")) ": " (sections_in_words(reader, &record.sections_in_part)) } } }
        }
    }
}

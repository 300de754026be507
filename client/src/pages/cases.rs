//! The cases that one may see, and one of them.

use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use proto::v1 as pb;
use serde::Deserialize;

use super::{case_name, number, record, timeline};
use crate::live;
use crate::local;
use crate::page;
use crate::trouble::Trouble;
use crate::visit::{Reader, Visit};

/// From the last page of a list.
#[derive(Deserialize)]
pub(crate) struct At {
    #[serde(default)]
    pub(crate) page: String,
}

/// Summaries, newest first.
pub(crate) async fn list(visit: Visit, Query(at): Query<At>) -> Result<Response, Trouble> {
    let request = pb::ListCasesRequest {
        page_size: 50,
        page_token: at.page,
    };
    let answer = visit
        .line()
        .await?
        .cases()
        .list_cases(request)
        .await?
        .into_inner();
    let reader = &visit.reader;
    let title = visit.t("cases.title");
    let register = html! { a.button.primary href="/cases/new" { (visit.t("cases.register")) } };
    let content = html! {
        (page::heading(title, &register))
        @if answer.cases.is_empty() { (page::nothing(visit.t("cases.none"))) }
        (table(reader, &answer.cases))
        (page::next_page(reader, "/cases", &answer.next_page_token))
    };
    Ok(page::ok(&visit, title, &content))
}

/// Cases as a table; on a narrow screen each row is a card.
pub(crate) fn table(reader: &Reader, cases: &[pb::Case]) -> Markup {
    html! {
        @if !cases.is_empty() {
            table.list {
                thead { tr {
                    th scope="col" { (reader.t("cases.case")) }
                    th scope="col" { (reader.t("field.dispute_kind")) }
                    th scope="col" { (reader.t("field.amount_band")) }
                    th scope="col" { (reader.t("field.lead")) }
                    th scope="col" { (reader.t("field.stage")) }
                } }
                tbody { @for case in cases { (row(reader, case)) } }
            }
        }
    }
}

fn row(reader: &Reader, case: &pb::Case) -> Markup {
    let summary = case.summary.clone().unwrap_or_default();
    html! {
        tr {
            td {
                a.case href={ "/cases/" (number(&case.name)) } {
                    (title_of(reader, &summary))
                    span.number { (number(&case.name)) }
                }
            }
            td data-label=(reader.t("field.dispute_kind")) { (reader.language.code("claim", &summary.dispute_kind)) }
            td.sum data-label=(reader.t("field.amount_band")) { (local::band(reader.language, &summary.amount_band)) }
            td data-label=(reader.t("field.lead")) { (reader.agency(&summary.lead)) }
            td data-label=(reader.t("field.stage")) { (stage(reader, &summary)) }
        }
    }
}

/// A case's title; its kind where none may be seen.
pub(crate) fn title_of(reader: &Reader, summary: &pb::Summary) -> String {
    let title = reader.language.either(&summary.title_zh, &summary.title_en);
    if title.is_empty() {
        reader.language.code("claim", &summary.dispute_kind)
    } else {
        title.to_owned()
    }
}

/// Open or closed, as a tag.
pub(crate) fn stage(reader: &Reader, summary: &pb::Summary) -> Markup {
    match summary.stage() {
        pb::CaseStage::Open => html! { span.tag.good { (reader.t("value.open")) } },
        pb::CaseStage::Closed => html! { span.tag { (reader.t("value.closed")) } },
        pb::CaseStage::Unspecified => html! {},
    }
}

/// One case.
pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Trouble> {
    let request = pb::GetCaseRequest {
        name: case_name(&id)?,
        ..Default::default()
    };
    let line = visit.line().await?;
    let mark = live::mark(&line).await?;
    let case = line.cases().get_case(request).await?.into_inner();
    let reader = &visit.reader;
    let summary = case.summary.clone().unwrap_or_default();
    let title = title_of(reader, &summary);
    let address = format!("/cases/{id}");
    let content = html! {
            (identity(&visit, &case, "record"))
            div.two {
                div.main {
                    @if let Some(disclosure) = &case.disclosure {
                        (unavailable(reader, disclosure))
                    }
                    (record::sections(reader, &case, Some(&id)))
                }
                div.side { (timeline::show(reader, &case)) }
            }
    };
    let content = live::region("case", &address, mark, Some(&id), &content);
    Ok(page::ok(&visit, &title, &content))
}

/// Parts of the record that could not be fetched now.
pub(crate) fn unavailable(reader: &Reader, disclosure: &pb::Disclosure) -> Markup {
    html! {
        @if !disclosure.unavailable.is_empty() {
            div.notice.warn role="status" {
                p { (reader.t("case.unavailable")) " " @for role in &disclosure.unavailable { (reader.language.code("role", role)) " " } }
            }
        }
    }
}

/// The bar on top of every page of a case: what it is, and its pages.
pub(crate) fn identity(visit: &Visit, case: &pb::Case, here: &str) -> Markup {
    let reader = &visit.reader;
    let summary = case.summary.clone().unwrap_or_default();
    let id = number(&case.name);
    let is_lead = summary.lead == visit.agency();
    html! {
        div.identity {
            div {
                p.number { (id) " " (stage(reader, &summary)) @if case.collective { " " span.tag { (reader.t("case.collective")) } } }
                h1 { (title_of(reader, &summary)) }
            }
            dl {
                div { dt { (reader.t("field.lead")) } dd { (reader.agency(&summary.lead)) } }
                div { dt { (reader.t("field.dispute_kind")) } dd { (reader.language.code("claim", &summary.dispute_kind)) } }
                @if !summary.amount_band.is_empty() {
                    div { dt { (reader.t("field.amount_band")) } dd { (local::band(reader.language, &summary.amount_band)) } }
                }
                @if summary.workers > 0 { div { dt { (reader.t("field.workers")) } dd { (summary.workers) } } }
                @if let Some(deadline) = &summary.next_deadline {
                    div { dt { (reader.t("field.next_deadline")) } dd { (local::date(reader.language, deadline)) } }
                }
                @if summary.registered_at.is_some() {
                    div { dt { (reader.t("field.registered_at")) } dd { (local::day_of(reader.language, summary.registered_at.as_ref())) } }
                }
            }
        }
        nav.tabs aria-label=(reader.t("case.pages")) {
            (tab(reader, id, "", "record", here, "case.record"))
            (tab(reader, id, "/sharing", "sharing", here, "case.sharing"))
            @if is_lead {
                (tab(reader, id, "/looked", "looked", here, "case.looked"))
                (tab(reader, id, "/as", "as", here, "case.see_as"))
            }
            (tab(reader, id, "/why", "why", here, "case.why"))
            (tab(reader, id, "/note", "note", here, "case.note"))
        }
    }
}

fn tab(reader: &Reader, id: &str, path: &str, name: &str, here: &str, words: &str) -> Markup {
    html! { a href={ "/cases/" (id) (path) } aria-current=[(name == here).then_some("page")] { (reader.t(words)) } }
}

/// A case's summary only, for the bar on its other pages.
pub(crate) async fn summary_of(line: &crate::line::Line, name: &str) -> Result<pb::Case, Trouble> {
    let request = pb::GetCaseRequest {
        name: name.to_owned(),
        sections: vec![pb::Section::Summary as i32],
        ..Default::default()
    };
    Ok(line.cases().get_case(request).await?.into_inner())
}

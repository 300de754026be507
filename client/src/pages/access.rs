//! Why somebody sees what, and the record as another agency would get it.

use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use proto::v1::{self as pb, AccessLevel};
use serde::Deserialize;

use super::{agency_choices, case_name, cases, record, sections_in_words, timeline};
use crate::facts;
use crate::page;
use crate::trouble::Trouble;
use crate::visit::{Reader, Visit};

/// As which agency.
#[derive(Deserialize)]
pub(crate) struct As {
    #[serde(default)]
    agency: String,
}

/// A choice of agency that asks again at once.
fn choose(visit: &Visit, address: &str, chosen: &str) -> Markup {
    let mut agencies = agency_choices(&visit.reader, "");
    agencies.retain(|(name, _)| name != "agencies/operator");
    html! {
        form.card.choose method="get" action=(address) {
            label for="agency" { (visit.t("access.agency")) }
            select id="agency" name="agency" {
                @for (name, words) in &agencies { option value=(name) selected[name == chosen] { (words) } }
            }
            button.secondary type="submit" { (visit.t("access.show")) }
        }
    }
}

/// Every section: how much, by which rule, on which facts.
pub(crate) async fn why(
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query<As>,
) -> Result<Response, Trouble> {
    let name = case_name(&id)?;
    let line = visit.line().await?;
    let case = cases::summary_of(&line, &name).await?;
    let is_lead = case
        .summary
        .as_ref()
        .is_some_and(|summary| summary.lead == visit.agency());
    let agency = if asked.agency.is_empty() {
        visit.agency().to_owned()
    } else {
        asked.agency
    };
    let request = pb::ExplainAccessRequest {
        parent: name,
        agency: agency.clone(),
        purpose: String::new(),
    };
    let told = line.access().explain_access(request).await?.into_inner();
    let title = visit.t("case.why");
    let content = html! {
        (cases::identity(&visit, &case, "why"))
        @if is_lead { (choose(&visit, &format!("/cases/{id}/why"), &agency)) }
        h2 { (visit.reader.language.with("access.why_of", &[("agency", &visit.reader.agency(&told.agency))])) }
        div.decisions { @for section in &told.sections { (decision(&visit.reader, section)) } }
        p.meta { (visit.t("access.rules")) " " code { (told.rules_sha256.get(..12).unwrap_or_default()) } }
    };
    Ok(page::ok(&visit, title, &content))
}

fn decision(reader: &Reader, section: &pb::SectionAccess) -> Markup {
    let others = section.others.clone().unwrap_or_default();
    html! {
        section.card.decision {
            h3 { (facts::section(reader, section.of)) " " (level(reader, others.level())) }
            p { (reader.language.either(&others.reason_zh, &others.reason_en)) }
            p.law { (others.law) }
            p.meta { (reader.t("access.rule")) " " code { (others.rule) }
                @if !others.part_rule.is_empty() { " · " code { (others.part_rule) } } }
            @if !section.facts.is_empty() {
                p.meta { (reader.t("access.facts")) " "
                    @for fact in &section.facts {
                        span.fact.decisive[fact.decisive] { (reader.language.code("fact", &fact.name))
                            @if fact.until.is_some() { " (" (reader.t("access.until")) " " (timeline::when(reader, fact.until.as_ref())) ")" } }
                        " "
                    } }
            }
            @if !section.missing.is_empty() {
                p.meta { (reader.t("access.missing")) " "
                    @for fact in &section.missing { span.fact.absent { (reader.language.code("fact", fact)) } " " } }
            }
        }
    }
}

fn level(reader: &Reader, level: AccessLevel) -> Markup {
    match level {
        AccessLevel::Full => html! { span.tag.good { (reader.t("access.full")) } },
        AccessLevel::Part => html! { span.tag.part { (reader.t("case.in_part")) } },
        AccessLevel::Withheld | AccessLevel::Unspecified => {
            html! { span.tag.closed { (reader.t("case.withheld")) } }
        }
    }
}

/// The record as another agency would get it now. Recorded as a disclosure.
pub(crate) async fn see_as(
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query<As>,
) -> Result<Response, Trouble> {
    let name = case_name(&id)?;
    let line = visit.line().await?;
    let case = cases::summary_of(&line, &name).await?;
    let preview = if asked.agency.is_empty() {
        None
    } else {
        let request = pb::PreviewDisclosureRequest {
            name,
            agency: asked.agency.clone(),
            purpose: String::new(),
        };
        Some(
            line.access()
                .preview_disclosure(request)
                .await?
                .into_inner(),
        )
    };
    let title = visit.t("case.see_as");
    let content = html! {
        (cases::identity(&visit, &case, "as"))
        p.lead { (visit.t("access.as_lead")) }
        (choose(&visit, &format!("/cases/{id}/as"), &asked.agency))
        @if let Some(preview) = preview { (previewed(&visit, &asked.agency, &preview)) }
    };
    Ok(page::ok(&visit, title, &content))
}

fn previewed(visit: &Visit, agency: &str, preview: &pb::PreviewDisclosureResponse) -> Markup {
    let reader = &visit.reader;
    let name = reader.agency(agency);
    html! {
        div.as-other {
            h2 { (reader.language.with("access.as_of", &[("agency", &name)])) }
            @if !preview.refusal.is_empty() {
                div.notice { p { (reader.language.with("access.as_nothing", &[("agency", &name)])) } }
            }
            @if !preview.left_out.is_empty() {
                div.notice.warn { p { (reader.t("access.left_out")) " " (sections_in_words(reader, &preview.left_out)) } }
            }
            @if let Some(record) = &preview.record {
                div.two {
                    div.main { (record::sections(reader, record, None)) }
                    div.side { (timeline::show(reader, record)) }
                }
            }
        }
    }
}

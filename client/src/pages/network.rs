//! The network itself: its agencies, the rules in force, one's webhooks.

use axum::response::Response;
use maud::{Markup, html};
use proto::v1::{self as pb, RulesProof, WebhookState};

use super::{consent, last, timeline};
use crate::page;
use crate::trouble::Trouble;
use crate::visit::{Reader, Visit};

/// Who takes part.
pub(crate) async fn directory(visit: Visit) -> Result<Response, Trouble> {
    visit.line().await?;
    let reader = &visit.reader;
    let title = visit.t("nav.directory");
    let content = html! {
        (page::heading(title, &html! {}))
        table.list {
            thead { tr {
                th scope="col" { (reader.t("directory.agency")) }
                th scope="col" { (reader.t("directory.kind")) }
                th scope="col" { (reader.t("field.district")) }
                th scope="col" { (reader.t("directory.services")) }
            } }
            tbody { @for agency in reader.state.names.all() { (agency_row(reader, &agency)) } }
        }
    };
    Ok(page::ok(&visit, title, &content))
}

fn agency_row(reader: &Reader, agency: &pb::Agency) -> Markup {
    let services: Vec<_> = agency
        .services
        .iter()
        .map(|code| reader.language.code("service", code))
        .collect();
    html! {
        tr {
            td { strong { (reader.language.either(&agency.display_name_zh, &agency.display_name_en)) }
                @if agency.suspended { " " span.tag.bad { (reader.t("directory.suspended")) } }
                br; span.number { (last(&agency.name)) } }
            td data-label=(reader.t("directory.kind")) { (consent::kind_words(reader, agency.kind())) }
            td data-label=(reader.t("field.district")) { (agency.district) }
            td data-label=(reader.t("directory.services")) { (services.join(reader.t("list.comma"))) }
        }
    }
}

/// The rules in force: every policy with its reason, law and text.
pub(crate) async fn rules(visit: Visit) -> Result<Response, Trouble> {
    let rules = visit
        .line()
        .await?
        .rules()
        .get_rules(pb::GetRulesRequest {})
        .await?
        .into_inner();
    let reader = &visit.reader;
    let title = visit.t("nav.rules");
    let proof = match rules.proof() {
        RulesProof::BuiltIn => reader.t("rules.built_in"),
        RulesProof::Proven => reader.t("rules.proven"),
        RulesProof::Unproven | RulesProof::Unspecified => reader.t("rules.unproven"),
    };
    let content = html! {
        (page::heading(title, &html! {}))
        p.lead { (reader.t("rules.lead")) }
        section.card {
            dl.facts {
                div { dt { (reader.t("rules.proof")) } dd { (proof) } }
                div { dt { (reader.t("rules.since")) } dd { (timeline::minute(reader, rules.since.as_ref())) } }
                div { dt { "SHA-256" } dd { code { (rules.sha256.get(..16).unwrap_or_default()) "…" } } }
            }
            @if !rules.invariants.is_empty() {
                details { summary { (reader.t("rules.invariants")) } ul { @for one in &rules.invariants { li { (one) } } } }
            }
        }
        @for policy in &rules.policies {
            details.card.policy {
                summary { code { (policy.id) } " "
                    @if policy.forbids { span.tag.bad { (reader.t("rules.forbids")) } } @else { span.tag.good { (reader.t("rules.permits")) } }
                    " " (reader.language.either(&policy.reason_zh, &policy.reason_en)) }
                p.law { (policy.law) }
                pre tabindex="0" { (policy.text) }
            }
        }
    };
    Ok(page::ok(&visit, title, &content))
}

/// Where the agency's feed is posted to.
pub(crate) async fn webhooks(visit: Visit) -> Result<Response, Trouble> {
    let request = pb::ListWebhooksRequest {
        parent: visit.agency().to_owned(),
    };
    let all = visit
        .line()
        .await?
        .webhooks()
        .list_webhooks(request)
        .await?
        .into_inner()
        .webhooks;
    let reader = &visit.reader;
    let title = visit.t("nav.webhooks");
    let content = html! {
        (page::heading(title, &html! {}))
        p.lead { (reader.t("webhook.lead")) }
        @if all.is_empty() { (page::nothing(reader.t("webhook.none"))) }
        @for hook in &all { (webhook(reader, hook)) }
    };
    Ok(page::ok(&visit, title, &content))
}

fn webhook(reader: &Reader, hook: &pb::Webhook) -> Markup {
    let state = match hook.state() {
        WebhookState::Enabled => html! { span.tag.good { (reader.t("webhook.enabled")) } },
        WebhookState::Paused => html! { span.tag.warn { (reader.t("webhook.paused")) } },
        WebhookState::Disabled | WebhookState::Unspecified => {
            html! { span.tag.bad { (reader.t("webhook.disabled")) } }
        }
    };
    html! {
        section.card {
            h2 { (last(&hook.name)) " " (state) }
            dl.facts {
                div.wide { dt { (reader.t("webhook.url")) } dd { code { (hook.url) } } }
                div { dt { (reader.t("webhook.cursor")) } dd { (hook.cursor) } }
                div { dt { (reader.t("webhook.dead_letters")) } dd { (hook.dead_letters) } }
                @if hook.last_delivered_at.is_some() { div { dt { (reader.t("webhook.last")) } dd { (timeline::minute(reader, hook.last_delivered_at.as_ref())) } } }
                @if let Some(failure) = &hook.last_failure { div { dt { (reader.t("webhook.failure")) } dd { (failure.code) " " (timeline::minute(reader, failure.at.as_ref())) } } }
            }
        }
    }
}

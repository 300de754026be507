//! Agreements between agencies: proposed, accepted, ended.

use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use proto::v1::{self as pb, AgreementState};

use super::{
    agency_choices, go, last, section_choices, sections_in_words, ticked_sections, timeline,
};
use crate::form::{self, Field, Form, Kind, Posted};
use crate::local;
use crate::page;
use crate::trouble::Trouble;
use crate::visit::{Reader, Visit};

/// One's agreements, newest first.
pub(crate) async fn list(visit: Visit) -> Result<Response, Trouble> {
    let all = visit
        .line()
        .await?
        .agreements()
        .list_agreements(pb::ListAgreementsRequest {})
        .await?
        .into_inner()
        .agreements;
    let title = visit.t("nav.agreements");
    let new = html! { a.button.primary href="/agreements/new" { (visit.t("agreement.propose")) } };
    let content = html! {
        (page::heading(title, &new))
        p.lead { (visit.t("agreement.lead")) }
        @if all.is_empty() { (page::nothing(visit.t("agreement.none"))) }
        @for one in &all { (show(&visit, one)) }
    };
    Ok(page::ok(&visit, title, &content))
}

fn show(visit: &Visit, one: &pb::Agreement) -> Markup {
    let reader = &visit.reader;
    let is_ours = one.proposer == visit.agency();
    let other = if is_ours { &one.partner } else { &one.proposer };
    let address = format!("/agreements/{}", last(&one.name));
    html! {
        section.card {
            h2 { (reader.agency(other)) " " (state(reader, one.state())) }
            dl.facts {
                div.wide { dt { (reader.t("agreement.sections")) } dd { (sections_in_words(reader, &one.sections)) } }
                div { dt { (reader.t("agreement.access_days")) } dd { @if one.access_days == 0 { (reader.t("agreement.no_limit")) } @else { (one.access_days) } } }
                div { dt { (reader.t("agreement.onward")) } dd { @if one.onward { (reader.t("value.yes")) } @else { (reader.t("value.no")) } } }
                div { dt { (reader.t("agreement.proposed")) } dd { (timeline::when(reader, one.proposed_at.as_ref())) " · " (reader.agency(&one.proposer)) } }
                @if one.valid_until.is_some() { div { dt { (reader.t("consent.until")) } dd { (timeline::when(reader, one.valid_until.as_ref())) } } }
            }
            div.buttons {
                @if one.state() == AgreementState::Proposed && !is_ours { (form::button(visit, &format!("{address}/accept"), reader.t("agreement.accept"), "primary", &[])) }
                @if matches!(one.state(), AgreementState::Proposed | AgreementState::InForce) { (form::button(visit, &format!("{address}/terminate"), reader.t("agreement.terminate"), "danger", &[])) }
            }
        }
    }
}

fn state(reader: &Reader, state: AgreementState) -> Markup {
    match state {
        AgreementState::Proposed => html! { span.tag.warn { (reader.t("agreement.is_proposed")) } },
        AgreementState::InForce => html! { span.tag.good { (reader.t("agreement.in_force")) } },
        AgreementState::Terminated => html! { span.tag { (reader.t("agreement.terminated")) } },
        AgreementState::Superseded => html! { span.tag { (reader.t("agreement.superseded")) } },
        AgreementState::Unspecified => html! {},
    }
}

/// The form.
pub(crate) async fn ask(visit: Visit) -> Result<Response, Trouble> {
    Ok(with(&visit, &Form::default()))
}

fn with(visit: &Visit, form: &Form) -> Response {
    let reader = &visit.reader;
    let title = visit.t("agreement.propose");
    let content = html! {
        div.narrow {
            h1 { (title) }
            p.lead { (visit.t("agreement.lead")) }
            (form.summary(reader))
            form.card.stack method="post" hx-boost="true" action="/agreements/new" {
                (form::key(visit))
                (Field::new("agreement.partner", "partner").required().select(reader, form, &agency_choices(reader, visit.agency())))
                (Field::new("agreement.sections", "sections").ticks(reader, form, &section_choices(reader)))
                (Field::new("agreement.access_days", "access_days").hint("agreement.access_days_hint").show(reader, form))
                (Field::new("agreement.onward", "onward").ticks(reader, form, &[("yes".to_owned(), visit.t("agreement.onward_yes").to_owned())]))
                (Field::new("consent.until", "valid_until").kind(Kind::Date).show(reader, form))
                div.buttons {
                    button.primary type="submit" { (title) }
                    a.button.secondary href="/agreements" { (visit.t("form.cancel")) }
                }
            }
        }
    };
    page::with_form(visit, form, title, &content)
}

/// Proposes it.
pub(crate) async fn propose(Posted { visit, mut form }: Posted) -> Result<Response, Trouble> {
    let days = form.get("access_days").to_owned();
    let access_days = if days.is_empty() {
        Some(0)
    } else {
        days.parse().ok()
    };
    if access_days.is_none() {
        form.note("access_days", visit.t("form.not_a_number"));
    }
    if form.is_wrong() {
        return Ok(with(&visit, &form));
    }
    let request = pb::ProposeAgreementRequest {
        agreement: Some(pb::Agreement {
            partner: form.get("partner").to_owned(),
            sections: ticked_sections(&form, "sections"),
            access_days: access_days.unwrap_or_default(),
            onward: form.is_ticked("onward", "yes"),
            valid_until: local::end_of_day(form.get("valid_until")),
            ..Default::default()
        }),
        request_id: String::new(),
    };
    match visit
        .line()
        .await?
        .agreements()
        .propose_agreement(request)
        .await
    {
        Ok(_) => Ok(go("/agreements")),
        Err(status) => Ok(with(&visit, &form.refuse(status.into())?)),
    }
}

/// The other side accepts.
pub(crate) async fn accept(
    Path(id): Path<String>,
    Posted { visit, .. }: Posted,
) -> Result<Response, Trouble> {
    let request = pb::AcceptAgreementRequest {
        name: format!("agreements/{id}"),
        request_id: String::new(),
    };
    visit
        .line()
        .await?
        .agreements()
        .accept_agreement(request)
        .await?;
    Ok(go("/agreements"))
}

/// Either side ends it.
pub(crate) async fn terminate(
    Path(id): Path<String>,
    Posted { visit, .. }: Posted,
) -> Result<Response, Trouble> {
    let request = pb::TerminateAgreementRequest {
        name: format!("agreements/{id}"),
        request_id: String::new(),
    };
    visit
        .line()
        .await?
        .agreements()
        .terminate_agreement(request)
        .await?;
    Ok(go("/agreements"))
}

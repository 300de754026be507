//! Who shares a case: its referrals, the worker's consents, and what the worker
//! has been told.

use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use proto::v1 as pb;

use super::{case_name, cases, consent, last, notice, referral, sections_in_words, timeline};
use crate::form;
use crate::live;
use crate::page;
use crate::trouble::Trouble;
use crate::visit::Visit;

/// The page.
pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Trouble> {
    let name = case_name(&id)?;
    let line = visit.line().await?;
    let mark = live::mark(&line).await?;
    let case = cases::summary_of(&line, &name).await?;
    let is_lead = case
        .summary
        .as_ref()
        .is_some_and(|summary| summary.lead == visit.agency());
    let referrals = pb::ListReferralsRequest {
        parent: name.clone(),
        page_size: 100,
        ..Default::default()
    };
    let consents = pb::ListConsentsRequest {
        parent: name.clone(),
    };
    let (mut of_referrals, mut of_consents) = (line.referrals(), line.consents());
    let (referrals, consents) = tokio::join!(
        of_referrals.list_referrals(referrals),
        of_consents.list_consents(consents)
    );
    let referrals = referrals?.into_inner().referrals;
    let consents = consents?.into_inner().consents;
    let notices = if is_lead {
        let all = pb::ListNoticesRequest {
            parent: name.clone(),
            undelivered_only: false,
        };
        line.notices().list_notices(all).await?.into_inner().notices
    } else {
        Vec::new()
    };
    let address = format!("/cases/{id}/sharing");
    let content = html! {
            (cases::identity(&visit, &case, "sharing"))
            div.two {
                div.main {
                    section.card {
                        div.heading { h2 { (visit.t("sharing.referrals")) }
                            div.beside { a.button.primary href={ "/cases/" (id) "/refer" } { (visit.t("refer.title")) } } }
                        @if referrals.is_empty() { (page::nothing(visit.t("referral.none"))) }
                        (referral::rows(&visit.reader, &referrals, false))
                    }
                    section.card {
                        div.heading { h2 { (visit.t("sharing.consents")) }
                            div.beside { a.button.secondary href={ "/cases/" (id) "/consent" } { (visit.t("consent.title")) } } }
                        @if consents.is_empty() { (page::nothing(visit.t("consent.none"))) }
                        @for consent in &consents { (one_consent(&visit, &id, consent)) }
                    }
                }
                @if is_lead {
                    div.side {
                        section.card {
                            h2 { (visit.t("sharing.notices")) }
                            p.hint { (visit.t("notice.lead")) }
                            @if notices.is_empty() { (page::nothing(visit.t("notice.none"))) }
                            @for notice in &notices { (notice::show(&visit, &id, notice)) }
                        }
                    }
                }
            }
    };
    let content = live::region("sharing", &address, mark, Some(&id), &content);
    Ok(page::ok(&visit, visit.t("case.sharing"), &content))
}

fn one_consent(visit: &Visit, id: &str, consent: &pb::Consent) -> Markup {
    let reader = &visit.reader;
    let mut recipients: Vec<_> = consent
        .recipient_kinds()
        .map(|kind| consent::kind_words(reader, kind))
        .collect();
    recipients.extend(consent.recipients.iter().map(|name| reader.agency(name)));
    html! {
        div.consent {
            p { strong { (reader.language.code("purpose", &consent.purpose)) } " "
                @if consent.withdrawn_at.is_some() { span.tag.bad { (reader.t("consent.withdrawn")) } }
                @else { span.tag.good { (reader.t("consent.stands")) } } }
            p.meta { (reader.t("consent.to")) " " (recipients.join(reader.t("list.comma"))) }
            p.meta { (sections_in_words(reader, &consent.sections)) }
            p.meta { (timeline::when(reader, consent.granted_at.as_ref()))
                @if consent.valid_until.is_some() { " – " (timeline::when(reader, consent.valid_until.as_ref())) }
                @if consent.withdrawn_at.is_some() { " · " (reader.t("consent.withdrawn")) " " (timeline::minute(reader, consent.withdrawn_at.as_ref())) } }
            @if consent.withdrawn_at.is_none() {
                details.confirm {
                    summary { (reader.t("consent.withdraw")) }
                    p { (reader.t("consent.withdraw_hint")) }
                    (form::button(visit, &format!("/cases/{id}/consents/{}/withdraw", last(&consent.name)), reader.t("consent.withdraw_now"), "danger", &[]))
                }
            }
        }
    }
}

//! Referrals received and sent, and one of them with every step that is legal
//! now for the reader, and only those.

use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};
use proto::v1::{self as pb, AgencyKind, ReferralBox, ReferralState};

use super::cases::At;
use super::{child_name, number, referral_address, sections_in_words, step, timeline};
use crate::form;
use crate::live;
use crate::local;
use crate::page;
use crate::trouble::Trouble;
use crate::visit::{Reader, Visit};

/// What others ask of us.
pub(crate) async fn inbox(visit: Visit, Query(at): Query<At>) -> Result<Response, Trouble> {
    list(visit, at, ReferralBox::Inbox).await
}

/// What we ask of others.
pub(crate) async fn outbox(visit: Visit, Query(at): Query<At>) -> Result<Response, Trouble> {
    list(visit, at, ReferralBox::Outbox).await
}

async fn list(visit: Visit, at: At, which: ReferralBox) -> Result<Response, Trouble> {
    let request = pb::ListReferralsRequest {
        r#box: which as i32,
        page_size: 50,
        page_token: at.page,
        ..Default::default()
    };
    let line = visit.line().await?;
    let mark = live::mark(&line).await?;
    let answer = line.referrals().list_referrals(request).await?.into_inner();
    let is_inbox = which == ReferralBox::Inbox;
    let (title, address) = if is_inbox {
        (visit.t("referral.inbox"), "/referrals/inbox")
    } else {
        (visit.t("referral.outbox"), "/referrals/outbox")
    };
    let content = html! {
            (page::heading(title, &html! {}))
            @if answer.referrals.is_empty() { (page::nothing(visit.t("referral.none"))) }
            @if !answer.referrals.is_empty() {
            section.card { (rows(&visit.reader, &answer.referrals, is_inbox)) }
        }
            (page::next_page(&visit.reader, address, &answer.next_page_token))
    };
    let content = live::region("referrals", address, mark, None, &content);
    Ok(page::ok(&visit, title, &content))
}

/// Referrals as rows that lead to their pages.
pub(crate) fn rows(reader: &Reader, referrals: &[pb::Referral], is_inbox: bool) -> Markup {
    html! {
        @if !referrals.is_empty() {
            ul.rows {
                @for referral in referrals {
                    li {
                        a.row href=(referral_address(&referral.name)) {
                            span.row-main {
                                strong { (reader.language.code("kind", kind_code(referral)))
                                    " · " (reader.language.code("service", &referral.service_code)) }
                                span.meta {
                                    @if is_inbox { (reader.t("referral.from")) " " (reader.agency(&referral.from_agency)) }
                                    @else { (reader.t("referral.to")) " " (reader.agency(&referral.to_agency)) }
                                    " · " (number(&referral.name))
                                }
                            }
                            span.row-side { (state(reader, referral)) (due(reader, referral)) }
                        }
                    }
                }
            }
        }
    }
}

fn kind_code(referral: &pb::Referral) -> &'static str {
    match referral.kind() {
        pb::ReferralKind::Consult => "consult",
        pb::ReferralKind::Assist => "assist",
        pb::ReferralKind::Handover => "handover",
        pb::ReferralKind::Inform => "inform",
        pb::ReferralKind::Unspecified => "referral",
    }
}

/// Where it stands, as a tag.
pub(crate) fn state(reader: &Reader, referral: &pb::Referral) -> Markup {
    let code = referral
        .state()
        .as_str_name()
        .trim_start_matches("REFERRAL_STATE_")
        .to_lowercase();
    let class = match referral.state() {
        ReferralState::Requested | ReferralState::Received => "tag warn",
        ReferralState::Accepted | ReferralState::InProgress | ReferralState::Completed => {
            "tag good"
        }
        ReferralState::Rejected | ReferralState::Failed | ReferralState::Expired => "tag bad",
        _ => "tag",
    };
    html! { span class=(class) { (reader.language.code("state", &code)) } }
}

/// What is due next on it, and how soon.
fn due(reader: &Reader, referral: &pb::Referral) -> Markup {
    let at = match referral.state() {
        ReferralState::Requested | ReferralState::Received => referral.respond_by.as_ref(),
        ReferralState::Accepted | ReferralState::InProgress | ReferralState::OnHold => {
            referral.fulfil_by.as_ref()
        }
        _ => None,
    };
    let days = at.and_then(|at| local::days_until(reader.now(), at));
    html! {
        @if let Some(days) = days {
            span.due.late[days < 0].soon[(0..=2).contains(&days)] {
                @if days < 0 { (reader.language.with("due.late", &[("days", &(-days).to_string())])) }
                @else if days == 0 { (reader.t("due.today")) }
                @else { (reader.language.with("due.in", &[("days", &days.to_string())])) }
            }
        }
    }
}

/// One referral.
pub(crate) async fn show(
    visit: Visit,
    Path((case, id)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    let mark = live::mark(&visit.line().await?).await?;
    let referral = read(&visit, &case, &id).await?;
    let title = visit.t("referral.title");
    let address = referral_address(&referral.name);
    let content = live::region("referral", &address, mark, None, &view(&visit, &referral));
    Ok(page::ok(&visit, title, &content))
}

/// Reads a referral by the parts of its address.
pub(crate) async fn read(visit: &Visit, case: &str, id: &str) -> Result<pb::Referral, Trouble> {
    let name = child_name(case, "referrals", id)?;
    let request = pb::GetReferralRequest { name };
    Ok(visit
        .line()
        .await?
        .referrals()
        .get_referral(request)
        .await?
        .into_inner())
}

fn view(visit: &Visit, referral: &pb::Referral) -> Markup {
    let reader = &visit.reader;
    let case = number(&referral.name);
    html! {
        p.crumbs { a href={ "/cases/" (case) } { (case) } " › " a href={ "/cases/" (case) "/sharing" } { (reader.t("case.sharing")) } }
        (page::heading(&format!("{} · {}", reader.language.code("kind", kind_code(referral)), reader.language.code("service", &referral.service_code)), &state(reader, referral)))
        div.two {
            div.main {
                (steps(visit, referral))
                section.card {
                    h2 { (reader.t("referral.header")) }
                    dl.facts {
                        (fact(reader, "referral.from", &html! { (reader.agency(&referral.from_agency)) }))
                        (fact(reader, "referral.to", &html! { (reader.agency(&referral.to_agency)) }))
                        (fact(reader, "referral.purpose", &html! { (referral.purpose) }))
                        (fact(reader, "referral.scope", &html! { (sections_in_words(reader, &referral.scope)) }))
                        (fact(reader, "referral.basis", &basis(reader, referral)))
                        (fact(reader, "referral.contribute", &html! { @if referral.contribute { (reader.t("value.yes")) } @else { (reader.t("value.no")) } }))
                        (when(reader, "referral.respond_by", referral.respond_by.as_ref()))
                        (when(reader, "referral.fulfil_by", referral.fulfil_by.as_ref()))
                        (when(reader, "referral.access_until", referral.access_until.as_ref()))
                        @if !referral.outcome.is_empty() { (fact(reader, "referral.outcome", &html! { (reader.language.code("value", &referral.outcome)) })) }
                        @if let Some(sum) = &referral.outcome_amount { (fact(reader, "referral.outcome_amount", &html! { (local::money(sum)) })) }
                        @if !referral.part_of.is_empty() { (fact(reader, "referral.part_of", &link(reader, &referral.part_of))) }
                        @if !referral.replaces.is_empty() { (fact(reader, "referral.replaces", &link(reader, &referral.replaces))) }
                        @if !referral.replaced_by.is_empty() { (fact(reader, "referral.replaced_by", &link(reader, &referral.replaced_by))) }
                    }
                }
                @if !referral.inquiries.is_empty() {
                    section.card {
                        h2 { (reader.t("referral.inquiries")) }
                        @for inquiry in &referral.inquiries {
                            div.inquiry {
                                p { strong { (inquiry.question) } }
                                p.meta { (timeline::minute(reader, inquiry.asked_at.as_ref())) }
                                @if inquiry.answered_at.is_some() { p { (inquiry.answer) } p.meta { (timeline::minute(reader, inquiry.answered_at.as_ref())) } }
                                @else { p.meta { (reader.t("referral.unanswered")) } }
                            }
                        }
                    }
                }
            }
            div.side {
                section.card {
                    h2 { (reader.t("referral.course")) }
                    ol.timeline {
                        @for one in referral.transitions.iter().rev() {
                            li {
                                p.when { (timeline::minute(reader, one.at.as_ref())) }
                                p.act { (reader.language.code("event", &one.event.replace('-', "_"))) }
                                p.meta { (reader.agency(&one.agency))
                                    @if !one.reason.is_empty() { " · " (reader.language.code("value", &one.reason)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The steps that are legal now for the reader.
fn steps(visit: &Visit, referral: &pb::Referral) -> Markup {
    let address = referral_address(&referral.name);
    let known: Vec<_> = referral
        .allowed_events
        .iter()
        .filter(|event| step::is_known(event))
        .collect();
    let needs_check = visit.kind() == AgencyKind::LawFirm
        && !referral.conflict_cleared
        && known.iter().any(|event| *event == "accept");
    html! {
        section.card.steps {
            h2 { (visit.t("referral.steps")) }
            @if known.is_empty() { p.hint { (visit.t("referral.no_steps")) } }
            @if needs_check {
                p { (visit.t("referral.conflict_hint")) }
                (form::button(visit, &format!("{address}/conflict-check"), visit.t("referral.conflict_check"), "primary", &[]))
            } @else if visit.kind() == AgencyKind::LawFirm && referral.conflict_cleared {
                p.hint { (visit.t("referral.conflict_cleared")) }
            }
            div.buttons {
                @for event in known {
                    @let words = visit.reader.language.code("step", &event.replace('-', "_"));
                    @let class = step::class(event);
                    @if step::asks_nothing(event) {
                        (form::button(visit, &format!("{address}/{event}"), &words, class, &[("etag", &referral.etag)]))
                    } @else {
                        a.button class=(class) href={ (address) "/" (event) } { (words) }
                    }
                }
            }
        }
    }
}

fn fact(reader: &Reader, words: &str, value: &Markup) -> Markup {
    html! { div { dt { (reader.t(words)) } dd { (value) } } }
}

fn when(reader: &Reader, words: &str, at: Option<&prost_types::Timestamp>) -> Markup {
    html! { @if at.is_some() { (fact(reader, words, &timeline::minute(reader, at))) } }
}

fn link(reader: &Reader, name: &str) -> Markup {
    html! { a href=(referral_address(name)) { (reader.t("referral.title")) } }
}

fn basis(reader: &Reader, referral: &pb::Referral) -> Markup {
    html! {
        @if referral.consent.is_empty() { (reader.language.code("basis", &referral.legal_basis.replace('-', "_"))) }
        @else { (reader.t("referral.on_consent")) }
    }
}

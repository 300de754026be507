//! The pages, one file each. A handler reads: line, ask, page; or: posted, ask,
//! and either on to the next page or back to the form with what is wrong.

mod access;
mod agreement;
mod cases;
mod consent;
mod disclosure;
mod emergency;
mod intake;
mod network;
mod note;
mod notice;
mod record;
mod refer;
mod referral;
mod sharing;
pub(crate) mod sign_in;
mod step;
mod timeline;
mod work;

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use proto::names::{CaseChild, CaseName};
use proto::section;
use proto::v1::Section;

use crate::State;
use crate::trouble::Trouble;
use crate::visit::Reader;

/// Every page but the door.
pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/work", get(work::show))
        .route("/cases", get(cases::list))
        .route("/cases/new", get(intake::show).post(intake::register))
        .route("/cases/{case}", get(cases::show))
        .route("/cases/{case}/sharing", get(sharing::show))
        .route("/cases/{case}/note", get(note::show).post(note::append))
        .route("/cases/{case}/refer", get(refer::show).post(refer::create))
        .route(
            "/cases/{case}/consent",
            get(consent::show).post(consent::grant),
        )
        .route(
            "/cases/{case}/consents/{consent}/withdraw",
            post(consent::withdraw),
        )
        .route("/cases/{case}/notices/{notice}/told", post(notice::told))
        .route("/cases/{case}/looked", get(disclosure::list))
        .route("/cases/{case}/as", get(access::see_as))
        .route("/cases/{case}/why", get(access::why))
        .route("/referrals/inbox", get(referral::inbox))
        .route("/referrals/outbox", get(referral::outbox))
        .route("/referrals/{case}/{referral}", get(referral::show))
        .route(
            "/referrals/{case}/{referral}/conflict-check",
            post(step::check_conflict),
        )
        .route(
            "/referrals/{case}/{referral}/{event}",
            get(step::ask).post(step::take),
        )
        .route("/emergency", get(emergency::list))
        .route("/emergency/open", get(emergency::ask).post(emergency::open))
        .route("/emergency/{case}/{grant}/close", post(emergency::close))
        .route("/emergency/{case}/{grant}/review", post(emergency::review))
        .route("/agreements", get(agreement::list))
        .route(
            "/agreements/new",
            get(agreement::ask).post(agreement::propose),
        )
        .route("/agreements/{agreement}/accept", post(agreement::accept))
        .route(
            "/agreements/{agreement}/terminate",
            post(agreement::terminate),
        )
        .route("/directory", get(network::directory))
        .route("/rules", get(network::rules))
        .route("/webhooks", get(network::webhooks))
}

/// `cases/{case}` from a path.
pub(crate) fn case_name(id: &str) -> Result<String, Trouble> {
    let name = CaseName::parse(&format!("cases/{id}"));
    name.map(|name| name.to_string())
        .map_err(|_| Trouble::NoPage)
}

/// `cases/{case}/{collection}/{id}` from a path.
fn child_name(case: &str, collection: &'static str, id: &str) -> Result<String, Trouble> {
    let name = CaseChild::parse(&format!("cases/{case}/{collection}/{id}"), collection);
    name.map(|name| name.to_string())
        .map_err(|_| Trouble::NoPage)
}

/// The number of a case, without `cases/`.
fn number(case: &str) -> &str {
    let rest = case.strip_prefix("cases/").unwrap_or(case);
    rest.split('/').next().unwrap_or_default()
}

/// The last part of a resource's name.
fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or_default()
}

/// Where a referral's page is.
pub(crate) fn referral_address(name: &str) -> String {
    format!("/referrals/{}/{}", number(name), last(name))
}

/// On to another page after something was done.
fn go(address: &str) -> Response {
    Redirect::to(address).into_response()
}

/// The sections that people can be given, with their names.
fn section_choices(reader: &Reader) -> Vec<(String, String)> {
    let all = section::ALL
        .into_iter()
        .filter(|section| *section != Section::Sharing);
    all.map(|section| {
        let name = section::name(section);
        (name.to_owned(), reader.language.code("section", name))
    })
    .collect()
}

/// Sections that were ticked.
fn ticked_sections(form: &crate::form::Form, name: &str) -> Vec<i32> {
    let parsed = form.all(name).filter_map(section::parse);
    parsed.map(|section| section as i32).collect()
}

/// Sections in words.
fn sections_in_words(reader: &Reader, sections: &[i32]) -> String {
    let names: Vec<_> = sections
        .iter()
        .map(|s| crate::facts::section(reader, *s))
        .collect();
    names.join(reader.t("list.comma"))
}

/// Agencies to choose from, without one's own.
fn agency_choices(reader: &Reader, own: &str) -> Vec<(String, String)> {
    let all = reader.state.names.all();
    let others = all
        .iter()
        .filter(|agency| agency.name != own && !agency.suspended);
    others
        .map(|agency| (agency.name.clone(), reader.agency(&agency.name)))
        .collect()
}

//! Registering a case: everything that is wrong is said at once, at its field.

use axum::response::Response;
use maud::{Markup, html};
use proto::v1 as pb;

use super::{go, number};
use crate::form::{self, Field, Form, Kind, Posted};
use crate::local;
use crate::page;
use crate::trouble::Trouble;
use crate::visit::{Reader, Visit};

/// Claims that the form has room for.
const CLAIMS: usize = 3;

/// The form. It begins in the agency's own district.
pub(crate) async fn show(visit: Visit) -> Result<Response, Trouble> {
    let all = visit.reader.state.names.all();
    let own = all.iter().find(|agency| agency.name == visit.agency());
    let district = own
        .map(|agency| agency.district.clone())
        .unwrap_or_default();
    Ok(with(&visit, &Form::with(&[("district", &district)])))
}

fn with(visit: &Visit, form: &Form) -> Response {
    let reader = &visit.reader;
    let title = visit.t("cases.register");
    let content = html! {
        div.narrow {
            h1 { (title) }
            p.lead { (visit.t("intake.lead")) }
            (form.summary(reader))
            form.stack method="post" hx-boost="true" action="/cases/new" {
                (form::key(visit))
                section.card.stack {
                    h2 { (visit.t("intake.worker")) }
                    (Field::new("intake.name", "workers[0].name").required().show(reader, form))
                    (Field::new("intake.identity_number", "workers[0].identity_number").hint("intake.identity_number_hint").show(reader, form))
                    (Field::new("field.mobile", "workers[0].mobile").show(reader, form))
                    (Field::new("field.origin", "workers[0].origin").show(reader, form))
                    (Field::new("field.service_address", "workers[0].service_address").hint("intake.service_address_hint").show(reader, form))
                    (Field::new("field.home_address", "workers[0].home_address").show(reader, form))
                    (Field::new("intake.worker_count", "worker_count").hint("intake.worker_count_hint").show(reader, form))
                }
                section.card.stack {
                    h2 { (visit.t("section.employment")) }
                    (Field::new("field.employer_name", "employment.employer_name").show(reader, form))
                    (Field::new("field.employer_kind", "employment.employer_kind").select(reader, form, &coded(reader, "employer")))
                    (Field::new("field.credit_code", "employment.credit_code").hint("intake.credit_code_hint").show(reader, form))
                    (Field::new("field.post", "employment.post").show(reader, form))
                    (Field::new("field.started", "employment.started").kind(Kind::Date).show(reader, form))
                    (Field::new("field.ended", "employment.ended").hint("intake.ended_hint").kind(Kind::Date).show(reader, form))
                    (Field::new("field.written_contract", "written_contract").ticks(reader, form, &[("yes".to_owned(), visit.t("intake.has_contract").to_owned())]))
                }
                section.card.stack {
                    h2 { (visit.t("section.claims")) }
                    @for at in 0..CLAIMS { (claim(reader, form, at)) }
                }
                section.card.stack {
                    h2 { (visit.t("section.summary")) }
                    (Field::new("field.district", "district").hint("intake.district_hint").required().show(reader, form))
                    (Field::new("field.title_zh", "title_zh").hint("intake.title_hint").show(reader, form))
                    (Field::new("field.title_en", "title_en").show(reader, form))
                }
                div.buttons {
                    button.primary type="submit" { (title) }
                    a.button.secondary href="/work" { (visit.t("form.cancel")) }
                }
            }
        }
    };
    page::with_form(visit, form, title, &content)
}

fn coded(reader: &Reader, group: &str) -> Vec<(String, String)> {
    let codes = crate::words::codes(group).into_iter();
    codes
        .map(|code| (code.to_owned(), reader.language.code(group, code)))
        .collect()
}

fn claim(reader: &Reader, form: &Form, at: usize) -> Markup {
    let kind = format!("claims[{at}].kind");
    let amount = format!("claims[{at}].amount");
    html! {
        div.pair {
            @if at == 0 { (Field::new("field.claim", &kind).required().select(reader, form, &coded(reader, "claim"))) }
            @else { (Field::new("field.claim", &kind).select(reader, form, &coded(reader, "claim"))) }
            (Field::new("intake.amount", &amount).show(reader, form))
        }
    }
}

/// Registers the case; one's agency leads it.
pub(crate) async fn register(Posted { visit, mut form }: Posted) -> Result<Response, Trouble> {
    let request = request(&visit, &mut form);
    if form.is_wrong() {
        return Ok(with(&visit, &form));
    }
    match visit.line().await?.cases().register_case(request).await {
        Ok(case) => Ok(go(&format!("/cases/{}", number(&case.into_inner().name)))),
        Err(status) => Ok(with(&visit, &form.refuse(status.into())?)),
    }
}

fn request(visit: &Visit, form: &mut Form) -> pb::RegisterCaseRequest {
    let started = date(visit, form, "employment.started");
    let ended = date(visit, form, "employment.ended");
    let claims = claims(visit, form);
    let count = form.get("worker_count").to_owned();
    let worker_count = count.parse().unwrap_or_default();
    if !count.is_empty() && worker_count == 0 {
        form.note("worker_count", visit.t("form.not_a_number"));
    }
    let text = |name: &str| form.get(name).to_owned();
    pb::RegisterCaseRequest {
        district: text("district"),
        workers: vec![pb::NewWorker {
            name: text("workers[0].name"),
            identity_number: text("workers[0].identity_number").to_uppercase(),
            origin: text("workers[0].origin"),
            mobile: text("workers[0].mobile").replace(' ', ""),
            service_address: text("workers[0].service_address"),
            home_address: text("workers[0].home_address"),
            ..Default::default()
        }],
        worker_count,
        employment: Some(pb::Employment {
            employer_kind: text("employment.employer_kind"),
            employer_name: text("employment.employer_name"),
            credit_code: text("employment.credit_code").to_uppercase(),
            post: text("employment.post"),
            started,
            ended,
            written_contract: form.is_ticked("written_contract", "yes"),
            ..Default::default()
        }),
        claims,
        title_zh: text("title_zh"),
        title_en: text("title_en"),
        ..Default::default()
    }
}

fn date(visit: &Visit, form: &mut Form, field: &str) -> Option<proto::Date> {
    let text = form.get(field).to_owned();
    let date = local::parse_date(&text);
    if !text.is_empty() && date.is_none() {
        form.note(field, visit.t("form.not_a_date"));
    }
    date
}

fn claims(visit: &Visit, form: &mut Form) -> Vec<pb::Claim> {
    let mut claims = Vec::new();
    for at in 0..CLAIMS {
        let kind = form.get(&format!("claims[{at}].kind")).to_owned();
        let field = format!("claims[{at}].amount");
        let sum = form.get(&field).to_owned();
        let amount = local::parse_money(&sum);
        if !sum.is_empty() && amount.is_none() {
            form.note(&field, visit.t("form.not_a_sum"));
        }
        if !kind.is_empty() {
            claims.push(pb::Claim {
                kind,
                amount,
                ..Default::default()
            });
        }
    }
    claims
}

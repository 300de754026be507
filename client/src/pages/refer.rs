//! Referring a case to another agency: a draft first, sent on its own page.

use axum::extract::Path;
use axum::response::Response;
use maud::html;
use proto::v1 as pb;

use super::{
    agency_choices, case_name, cases, go, referral_address, section_choices, ticked_sections,
};
use crate::form::{self, Field, Form, Kind, Posted};
use crate::line::Line;
use crate::local;
use crate::page;
use crate::trouble::Trouble;
use crate::visit::Visit;

/// The form.
pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Trouble> {
    let form = Form::with(&[
        ("kind", "assist"),
        ("priority", "routine"),
        ("contribute", "yes"),
    ]);
    with(&visit, &id, &form).await
}

async fn with(visit: &Visit, id: &str, form: &Form) -> Result<Response, Trouble> {
    let name = case_name(id)?;
    let line = visit.line().await?;
    let case = cases::summary_of(&line, &name).await?;
    let bases = bases(visit, &line, &name).await?;
    let reader = &visit.reader;
    let coded = |group: &str| -> Vec<(String, String)> {
        let codes = crate::words::codes(group).into_iter();
        codes
            .map(|code| (code.to_owned(), reader.language.code(group, code)))
            .collect()
    };
    let kinds: Vec<_> = ["consult", "assist", "handover", "inform"]
        .map(|code| (code.to_owned(), reader.language.code("kind", code)))
        .into();
    let title = visit.t("refer.title");
    let content = html! {
        (cases::identity(visit, &case, "sharing"))
        div.narrow.left {
            h2 { (title) }
            p.lead { (visit.t("refer.lead")) }
            (form.summary(reader))
            form.card.stack method="post" hx-boost="true" action={ "/cases/" (id) "/refer" } {
                (form::key(visit))
                (Field::new("referral.to", "to_agency").required().select(reader, form, &agency_choices(reader, visit.agency())))
                (Field::new("refer.kind", "kind").hint("refer.kind_hint").required().select(reader, form, &kinds))
                (Field::new("refer.service", "service_code").required().select(reader, form, &coded("service")))
                (Field::new("referral.purpose", "purpose").hint("form.no_names").kind(Kind::Long).required().show(reader, form))
                (Field::new("referral.basis", "basis").hint("refer.basis_hint").required().select(reader, form, &bases))
                (Field::new("referral.scope", "scope").hint("refer.scope_hint").ticks(reader, form, &section_choices(reader)))
                (Field::new("referral.contribute", "contribute").ticks(reader, form, &[("yes".to_owned(), visit.t("refer.may_contribute").to_owned())]))
                (Field::new("refer.priority", "priority").select(reader, form, &coded("priority")))
                (Field::new("referral.access_until", "access_until").hint("refer.access_hint").kind(Kind::Date).show(reader, form))
                (Field::new("refer.duplicate_reason", "duplicate_reason").hint("refer.duplicate_hint").show(reader, form))
                div.buttons {
                    button.primary type="submit" { (visit.t("refer.draft")) }
                    a.button.secondary href={ "/cases/" (id) "/sharing" } { (visit.t("form.cancel")) }
                }
            }
        }
    };
    Ok(page::with_form(visit, form, title, &content))
}

/// What a referral can rest on: consents in force, or a duty under the law.
async fn bases(visit: &Visit, line: &Line, case: &str) -> Result<Vec<(String, String)>, Trouble> {
    let request = pb::ListConsentsRequest {
        parent: case.to_owned(),
    };
    let consents = line
        .consents()
        .list_consents(request)
        .await?
        .into_inner()
        .consents;
    let reader = &visit.reader;
    let standing = consents
        .into_iter()
        .filter(|consent| consent.withdrawn_at.is_none());
    let mut bases: Vec<_> = standing
        .map(|consent| {
            let purpose = reader.language.code("purpose", &consent.purpose);
            let day = local::day_of(reader.language, consent.granted_at.as_ref());
            let words = reader
                .language
                .with("refer.on_consent", &[("purpose", &purpose), ("day", &day)]);
            (consent.name, words)
        })
        .collect();
    for code in crate::words::codes("basis") {
        bases.push((code.replace('_', "-"), reader.language.code("basis", code)));
    }
    Ok(bases)
}

/// Drafts the referral.
pub(crate) async fn create(
    Path(id): Path<String>,
    Posted { visit, mut form }: Posted,
) -> Result<Response, Trouble> {
    let name = case_name(&id)?;
    let until = form.get("access_until").to_owned();
    if !until.is_empty() && local::end_of_day(&until).is_none() {
        form.note("access_until", visit.t("form.not_a_date"));
    }
    if form.is_wrong() {
        return with(&visit, &id, &form).await;
    }
    let request = pb::CreateReferralRequest {
        parent: name,
        referral: Some(header(&form)),
        duplicate_reason: form.get("duplicate_reason").to_owned(),
        request_id: String::new(),
    };
    match visit
        .line()
        .await?
        .referrals()
        .create_referral(request)
        .await
    {
        Ok(drafted) => Ok(go(&referral_address(&drafted.into_inner().name))),
        Err(status) => with(&visit, &id, &form.refuse(status.into())?).await,
    }
}

fn header(form: &Form) -> pb::Referral {
    let basis = form.get("basis");
    let (consent, legal_basis) = if basis.starts_with("cases/") {
        (basis, "")
    } else {
        ("", basis)
    };
    let kind = format!("REFERRAL_KIND_{}", form.get("kind").to_uppercase());
    let priority = format!("PRIORITY_{}", form.get("priority").to_uppercase());
    pb::Referral {
        kind: pb::ReferralKind::from_str_name(&kind).unwrap_or_default() as i32,
        to_agency: form.get("to_agency").to_owned(),
        service_code: form.get("service_code").to_owned(),
        purpose: form.get("purpose").to_owned(),
        consent: consent.to_owned(),
        legal_basis: legal_basis.to_owned(),
        scope: ticked_sections(form, "scope"),
        contribute: form.is_ticked("contribute", "yes"),
        priority: pb::Priority::from_str_name(&priority).unwrap_or_default() as i32,
        access_until: local::end_of_day(form.get("access_until")),
        ..Default::default()
    }
}

//! The worker's consent: recorded with its evidence, withdrawn at once.

use axum::extract::Path;
use axum::response::Response;
use base64::Engine as _;
use maud::html;
use proto::v1::{self as pb, AgencyKind};

use super::{agency_choices, case_name, cases, child_name, go, section_choices, ticked_sections};
use crate::form::{self, Field, Form, Kind, Posted};
use crate::local;
use crate::page;
use crate::trouble::Trouble;
use crate::visit::{Reader, Visit};

/// Kinds of agency that a consent can name.
const KINDS: [AgencyKind; 7] = [
    AgencyKind::Union,
    AgencyKind::LawFirm,
    AgencyKind::LabourBureau,
    AgencyKind::Court,
    AgencyKind::Procuratorate,
    AgencyKind::Media,
    AgencyKind::University,
];

/// A kind of agency in words.
pub(crate) fn kind_words(reader: &Reader, kind: AgencyKind) -> String {
    reader.language.code("value", &kind_code(kind))
}

fn kind_code(kind: AgencyKind) -> String {
    kind.as_str_name()
        .trim_start_matches("AGENCY_KIND_")
        .to_lowercase()
}

/// The form.
pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Trouble> {
    with(&visit, &id, &Form::default()).await
}

async fn with(visit: &Visit, id: &str, form: &Form) -> Result<Response, Trouble> {
    let case = cases::summary_of(&visit.line().await?, &case_name(id)?).await?;
    let reader = &visit.reader;
    let purposes: Vec<_> = crate::words::codes("purpose")
        .into_iter()
        .map(|code| (code.to_owned(), reader.language.code("purpose", code)))
        .collect();
    let kinds: Vec<_> = KINDS
        .iter()
        .map(|kind| (kind_code(*kind), kind_words(reader, *kind)))
        .collect();
    let title = visit.t("consent.title");
    let content = html! {
        (cases::identity(visit, &case, "sharing"))
        div.narrow.left {
            h2 { (title) }
            p.lead { (visit.t("consent.lead")) }
            (form.summary(reader))
            form.card.stack method="post" hx-boost="true" action={ "/cases/" (id) "/consent" } {
                (form::key(visit))
                (Field::new("consent.purpose", "purpose").required().select(reader, form, &purposes))
                (Field::new("consent.kinds", "recipient_kinds").hint("consent.kinds_hint").ticks(reader, form, &kinds))
                (Field::new("consent.recipients", "recipients").ticks(reader, form, &agency_choices(reader, visit.agency())))
                (Field::new("consent.sections", "sections").hint("consent.sections_hint").ticks(reader, form, &section_choices(reader)))
                (Field::new("consent.until", "valid_until").hint("consent.until_hint").kind(Kind::Date).show(reader, form))
                (Field::new("consent.evidence", "evidence_sha256").hint("consent.evidence_hint").required().show(reader, form))
                div.buttons {
                    button.primary type="submit" { (visit.t("consent.record")) }
                    a.button.secondary href={ "/cases/" (id) "/sharing" } { (visit.t("form.cancel")) }
                }
            }
        }
    };
    Ok(page::with_form(visit, form, title, &content))
}

/// Records a consent.
pub(crate) async fn grant(
    Path(id): Path<String>,
    Posted { visit, mut form }: Posted,
) -> Result<Response, Trouble> {
    let name = case_name(&id)?;
    let evidence = sha256(form.get("evidence_sha256"));
    if evidence.is_none() {
        form.note("evidence_sha256", visit.t("consent.not_a_hash"));
    }
    let until = form.get("valid_until").to_owned();
    let valid_until = local::end_of_day(&until);
    if !until.is_empty() && valid_until.is_none() {
        form.note("valid_until", visit.t("form.not_a_date"));
    }
    if form.is_wrong() {
        return with(&visit, &id, &form).await;
    }
    let ticked: Vec<_> = form.all("recipient_kinds").map(str::to_owned).collect();
    let kinds = KINDS
        .into_iter()
        .filter(|kind| ticked.contains(&kind_code(*kind)));
    let request = pb::GrantConsentRequest {
        parent: name,
        consent: Some(pb::Consent {
            purpose: form.get("purpose").to_owned(),
            recipient_kinds: kinds.map(|kind| kind as i32).collect(),
            recipients: form.all("recipients").map(str::to_owned).collect(),
            sections: ticked_sections(&form, "sections"),
            valid_until,
            evidence_sha256: evidence.unwrap_or_default(),
            ..Default::default()
        }),
        request_id: String::new(),
    };
    match visit.line().await?.consents().grant_consent(request).await {
        Ok(_) => Ok(go(&format!("/cases/{id}/sharing"))),
        Err(status) => with(&visit, &id, &form.refuse(status.into())?).await,
    }
}

/// 32 bytes as people copy them: 64 hexadecimal digits, or base64.
fn sha256(text: &str) -> Option<Vec<u8>> {
    let hex: Option<Vec<u8>> = (text.len() == 64 && text.is_ascii())
        .then(|| {
            let pair = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
            (0..64).step_by(2).map(pair).collect()
        })
        .flatten();
    let bytes = hex.or_else(|| base64::engine::general_purpose::STANDARD.decode(text).ok());
    bytes.filter(|bytes| bytes.len() == 32)
}

/// Withdraws a consent: every grant that rests on it ends at once.
pub(crate) async fn withdraw(
    Path((case, id)): Path<(String, String)>,
    Posted { visit, .. }: Posted,
) -> Result<Response, Trouble> {
    let request = pb::WithdrawConsentRequest {
        name: child_name(&case, "consents", &id)?,
        request_id: String::new(),
    };
    visit
        .line()
        .await?
        .consents()
        .withdraw_consent(request)
        .await?;
    Ok(go(&format!("/cases/{case}/sharing")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_hash_is_read_as_people_copy_it() {
        assert_eq!(sha256(&"ab".repeat(32)).unwrap(), vec![0xab; 32]);
        for wrong in ["", "ab", &"zz".repeat(32), &"文".repeat(32)] {
            assert_eq!(sha256(wrong), None);
        }
    }
}

//! What the worker is to be told, in plain words (个人信息保护法 Art. 17, 23).

use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use proto::v1 as pb;

use super::{child_name, go, last, timeline};
use crate::form::{self, Posted};
use crate::trouble::Trouble;
use crate::visit::Visit;

/// Ways of telling somebody.
const WAYS: [&str; 3] = ["in_person", "sms", "letter"];

/// One notice, with the ways to say that it was handed over.
pub(crate) fn show(visit: &Visit, id: &str, notice: &pb::Notice) -> Markup {
    let reader = &visit.reader;
    let told = format!("/cases/{id}/notices/{}/told", last(&notice.name));
    html! {
        div.consent {
            p { (reader.language.either(&notice.text_zh, &notice.text_en)) }
            p.meta { (timeline::minute(reader, notice.at.as_ref())) " · "
                @if notice.delivered_at.is_some() {
                    (reader.t("notice.told")) " " (timeline::when(reader, notice.delivered_at.as_ref())) " · "
                    (reader.language.code("way", &notice.delivered_by))
                } @else { strong { (reader.t("notice.not_told")) } } }
            @if notice.delivered_at.is_none() {
                div.buttons.small {
                    span.meta { (reader.t("notice.was_told")) }
                    @for way in WAYS { (form::button(visit, &told, &reader.language.code("way", way), "secondary", &[("way", way)])) }
                }
            }
        }
    }
}

/// Records that the worker has been told.
pub(crate) async fn told(
    Path((case, id)): Path<(String, String)>,
    Posted { visit, form }: Posted,
) -> Result<Response, Trouble> {
    let request = pb::RecordNoticeDeliveryRequest {
        name: child_name(&case, "notices", &id)?,
        delivered_by: form.get("way").to_owned(),
        request_id: String::new(),
    };
    visit
        .line()
        .await?
        .notices()
        .record_notice_delivery(request)
        .await?;
    Ok(go(&format!("/cases/{case}/sharing")))
}

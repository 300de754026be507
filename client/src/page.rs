//! The frame around every page: who one is, where one can go.

use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use maud::{DOCTYPE, Markup, html};

use crate::assets;
use crate::form;
use crate::visit::{Reader, Visit};
use crate::words::Language;

/// htmx without eval, without a style of its own, for this site only; every
/// answer is shown, the refusals too.
const HTMX_CONFIG: &str = r#"{"includeIndicatorStyles":false,"allowEval":false,"selfRequestsOnly":true,"historyCacheSize":0,"responseHandling":[{"code":".*","swap":true}]}"#;

/// Where one can go: address and words.
const PLACES: [(&str, &str); 5] = [
    ("/work", "nav.work"),
    ("/cases", "nav.cases"),
    ("/referrals/inbox", "nav.inbox"),
    ("/referrals/outbox", "nav.outbox"),
    ("/emergency", "nav.emergency"),
];
const MORE_PLACES: [(&str, &str); 4] = [
    ("/agreements", "nav.agreements"),
    ("/directory", "nav.directory"),
    ("/rules", "nav.rules"),
    ("/webhooks", "nav.webhooks"),
];

/// A page as an answer.
pub(crate) fn respond(status: StatusCode, page: Markup) -> Response {
    (status, Html(page.into_string())).into_response()
}

/// A signed-in person's page.
pub(crate) fn ok(visit: &Visit, title: &str, content: &Markup) -> Response {
    respond(StatusCode::OK, whole(&visit.reader, title, content))
}

/// A form that has to be corrected, or one that is shown for the first time.
pub(crate) fn with_form(
    visit: &Visit,
    form: &form::Form,
    title: &str,
    content: &Markup,
) -> Response {
    let status = if form.is_wrong() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    respond(status, whole(&visit.reader, title, content))
}

/// The whole page.
pub(crate) fn whole(reader: &Reader, title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(reader.language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="htmx-config" content=(HTMX_CONFIG);
                meta name="color-scheme" content="light";
                title { (title) " · " (reader.t("app.name")) }
                link rel="stylesheet" href=(assets::STYLE.path());
                script src=(assets::HTMX.path()) defer {}
                script src=(assets::SSE.path()) defer {}
                script src=(assets::SCRIPT.path()) defer {}
                link rel="icon" href=(assets::MARK.path()) type="image/svg+xml";
            }
            body {
                a.skip href="#content" { (reader.t("app.skip")) }
                (top(reader))
                div.notice.bad.offline id="offline" role="status" hidden { p { (reader.t("app.offline")) } }
                main id="content" tabindex="-1" { (content) }
                footer { div.foot { p { (reader.t("app.foot")) } } }
            }
        }
    }
}

fn top(reader: &Reader) -> Markup {
    html! {
        header.top {
            div.bar {
                a.brand href="/work" {
                    span.mark aria-hidden="true" { "案" }
                    span { (reader.t("app.name")) }
                }
                div.who {
                    @if let Some(session) = &reader.session {
                        span.agency { (reader.agency(session.agency())) }
                        span.user { (session.user.rsplit('/').next().unwrap_or_default()) }
                    }
                    (language_switch(reader))
                    @if let Some(session) = &reader.session {
                        form.inline method="post" action="/sign-out" {
                            input type="hidden" name=(form::KEY) value=(session.form_key);
                            button.quiet type="submit" { (reader.t("nav.sign_out")) }
                        }
                    }
                }
            }
            @if reader.session.is_some() {
                nav.places aria-label=(reader.t("nav.label")) {
                    @for (address, words) in PLACES { (place(reader, address, words)) }
                    details.more open[MORE_PLACES.iter().any(|(address, _)| reader.path.starts_with(address))] {
                        summary { (reader.t("nav.more")) }
                        div { @for (address, words) in MORE_PLACES { (place(reader, address, words)) } }
                    }
                }
            }
        }
    }
}

fn place(reader: &Reader, address: &str, words: &str) -> Markup {
    let is_here = reader.path == address || reader.path.starts_with(&format!("{address}/"));
    html! { a href=(address) aria-current=[is_here.then_some("page")] { (reader.t(words)) } }
}

fn language_switch(reader: &Reader) -> Markup {
    let (other, words) = match reader.language {
        Language::Chinese => (Language::English, "English"),
        Language::English => (Language::Chinese, "中文"),
    };
    html! {
        form.inline method="post" action="/language" {
            input type="hidden" name="to" value=(other.tag());
            input type="hidden" name="back" value=(reader.path);
            button.quiet type="submit" lang=(other.tag()) { (words) }
        }
    }
}

/// A title with what can be done beside it.
pub(crate) fn heading(title: &str, beside: &Markup) -> Markup {
    html! { div.heading { h1 { (title) } div.beside { (beside) } } }
}

/// What stands where a list is empty.
pub(crate) fn nothing(words: &str) -> Markup {
    html! { p.nothing { (words) } }
}

/// The rest of a list, if there is more.
pub(crate) fn next_page(reader: &Reader, address: &str, token: &str) -> Markup {
    html! {
        @if !token.is_empty() {
            p { a.button.secondary href={ (address) "?page=" (token) } { (reader.t("list.more")) } }
        }
    }
}

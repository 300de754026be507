//! What can go wrong on the way to a page: it becomes a page that says what
//! happened and what to do.

use axum::response::{IntoResponse, Redirect, Response};
use host::Refused;
use http::StatusCode;
use maud::{Markup, html};
use tonic::{Code, Status};

use crate::page;
use crate::visit::Reader;

/// Why there is no such page now.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// Nobody is signed in, or the session is locked.
    SignIn {
        /// Where to go afterwards.
        next: String,
    },
    /// The gateway refused.
    Refused(Box<Refused>),
    /// A form that this session did not hand out.
    Forged,
    /// Not a page of ours, or an address that names nothing.
    NoPage,
}

impl From<Status> for Trouble {
    fn from(status: Status) -> Self {
        Self::Refused(Box::new(Refused::read(&status)))
    }
}

impl From<host::Refusal> for Trouble {
    fn from(refusal: host::Refusal) -> Self {
        Status::from(refusal).into()
    }
}

impl Trouble {
    /// The gateway no longer knows the session.
    fn is_signed_out(&self) -> bool {
        matches!(self, Self::Refused(refused) if refused.code == Code::Unauthenticated)
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::SignIn { .. } => StatusCode::SEE_OTHER,
            Self::Forged => StatusCode::FORBIDDEN,
            Self::NoPage => StatusCode::NOT_FOUND,
            Self::Refused(refused) => match refused.code {
                Code::NotFound => StatusCode::NOT_FOUND,
                Code::InvalidArgument => StatusCode::UNPROCESSABLE_ENTITY,
                Code::PermissionDenied => StatusCode::FORBIDDEN,
                Code::Unauthenticated => StatusCode::UNAUTHORIZED,
                Code::FailedPrecondition | Code::Aborted | Code::AlreadyExists => {
                    StatusCode::CONFLICT
                }
                Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
                Code::Unavailable | Code::DeadlineExceeded => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            },
        }
    }

    /// The page that says so.
    pub(crate) fn page(&self, reader: &Reader) -> Response {
        if let Self::SignIn { next } = self {
            return Redirect::to(&sign_in_address(next)).into_response();
        }
        if self.is_signed_out() {
            if let Some(session) = &reader.session {
                reader.state.sessions.forget(session);
            }
            return Redirect::to("/sign-in").into_response();
        }
        let (title, body) = match self {
            Self::Forged => (
                reader.t("trouble.forged_title"),
                html! { p { (reader.t("trouble.forged")) } },
            ),
            Self::NoPage => (
                reader.t("trouble.no_page_title"),
                html! { p { (reader.t("trouble.no_page")) } },
            ),
            Self::Refused(refused) => (reader.t("trouble.title"), what_and_why(reader, refused)),
            Self::SignIn { .. } => (reader.t("trouble.title"), html! {}),
        };
        let content = html! {
            div.narrow {
                h1 { (title) }
                div.notice.bad role="alert" { (body) }
                p { a.button.secondary href="/work" { (reader.t("trouble.back")) } }
            }
        };
        page::respond(self.status(), page::whole(reader, title, &content))
    }
}

impl IntoResponse for Trouble {
    /// The outer layer makes a page of it (`door::dress`): only it knows the
    /// reader.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The sign-in page that leads on to `next`.
fn sign_in_address(next: &str) -> String {
    if next.is_empty() {
        "/sign-in".to_owned()
    } else {
        format!("/sign-in?next={next}")
    }
}

/// What happened and what to do, with the law where a rule decided.
pub(crate) fn what_and_why(reader: &Reader, refused: &Refused) -> Markup {
    let key = format!("reason.{}", refused.reason);
    let known = reader.t(&key);
    let about = |name: &str| refused.metadata.get(name).filter(|text| !text.is_empty());
    let rule_reason = match reader.language {
        crate::words::Language::Chinese => about("reason_zh"),
        crate::words::Language::English => about("reason_en"),
    };
    html! {
        @if known == key { p { (refused.message) } } @else { p { strong { (known) } } }
        @if let Some(reason) = rule_reason { p { (reason) } }
        @if let Some(law) = about("law") { p.law { (law) } }
        @if refused.reason == "WRONG_STATE" || refused.reason == "INTERNAL" || refused.reason == "SCOPE_TOO_WIDE"
            || refused.reason == "RULES_REFUSED" || refused.reason == "TOO_LATE" {
            p.detail lang="en" { (refused.message) }
        }
        @if let Some(wait) = refused.retry_after {
            p { (reader.language.with("trouble.wait", &[("seconds", &(wait.as_secs() + 1).to_string())])) }
        }
    }
}

//! Signing in and out, and the language.

use axum::extract::{Query, State as FromState};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use http::header::SET_COOKIE;
use maud::{Markup, html};
use proto::v1 as pb;
use serde::Deserialize;
use std::sync::Arc;

use crate::State;
use crate::cookie;
use crate::door::own_path;
use crate::form::{AtTheDoor, Field, Form, KEY, Kind, Posted};
use crate::line::Line;
use crate::page;
use crate::trouble::Trouble;
use crate::visit::{Reader, Visit};

/// Where to go afterwards.
#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
}

/// `/` leads to the day's work.
pub(crate) async fn home() -> Redirect {
    Redirect::to("/work")
}

/// The sign-in page.
pub(crate) async fn show(
    FromState(state): FromState<Arc<State>>,
    Query(next): Query<Next>,
    reader: Reader,
) -> Result<Response, Trouble> {
    if reader.session.is_some() {
        return Ok(Redirect::to("/work").into_response());
    }
    // A locked screen knows whose it was.
    let (agency, user) = reader.locked.as_ref().map_or(("", ""), |session| {
        let agency = session.agency().trim_start_matches("agencies/");
        (agency, session.user.rsplit('/').next().unwrap_or_default())
    });
    let next = own_path(&next.next);
    let form = Form::with(&[("next", next), ("agency", agency), ("user", user)]);
    with_door_key(&state, &reader, StatusCode::OK, &form)
}

/// The page with a fresh key, in form and cookie.
fn with_door_key(
    state: &State,
    reader: &Reader,
    status: StatusCode,
    form: &Form,
) -> Result<Response, Trouble> {
    let key = state.sessions.secret()?;
    let content = sign_in_form(reader, form, &key);
    let title = reader.t("sign_in.title");
    let mut response = page::respond(status, page::whole(reader, title, &content));
    if let Some(value) = cookie::set(cookie::DOOR, &key) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    Ok(response)
}

fn sign_in_form(reader: &Reader, form: &Form, key: &str) -> Markup {
    let agencies: Vec<(String, String)> = reader
        .state
        .names
        .all()
        .iter()
        .map(|agency| {
            let name = reader.agency(&agency.name);
            (agency.name.trim_start_matches("agencies/").to_owned(), name)
        })
        .collect();
    html! {
        div.narrow {
            h1 { (reader.t("sign_in.title")) }
            @if reader.locked.is_some() { div.notice.warn role="status" { p { (reader.t("sign_in.locked")) } } }
            @else { p.lead { (reader.t("sign_in.lead")) } }
            (form.summary(reader))
            form.card.stack method="post" action="/sign-in" {
                input type="hidden" name=(KEY) value=(key);
                input type="hidden" name="next" value=(form.get("next"));
                (Field::new("sign_in.agency", "agency").required().select(reader, form, &agencies))
                (Field::new("sign_in.user", "user").hint("sign_in.user_hint").required().show(reader, form))
                (Field::new("sign_in.password", "password").kind(Kind::Password).required().show(reader, form))
                button.primary type="submit" { (reader.t("sign_in.enter")) }
            }
            p.hint { (reader.t("sign_in.idle")) }
        }
    }
}

/// Signs in. The gateway checks the password and slows guessing down.
pub(crate) async fn enter(
    FromState(state): FromState<Arc<State>>,
    headers: http::HeaderMap,
    AtTheDoor { reader, form }: AtTheDoor,
) -> Result<Response, Trouble> {
    let request = pb::SignInRequest {
        user: user_name(form.get("agency"), form.get("user")),
        password: form.get("password").to_owned(),
    };
    let line = Line::anonymous(state.gateway.clone());
    let signed_in = match line.identity().sign_in(request).await {
        Ok(answer) => answer.into_inner(),
        Err(status) => {
            let form = form.refuse_whole(status);
            return with_door_key(&state, &reader, StatusCode::UNAUTHORIZED, &form);
        }
    };
    // Whatever session this browser had is over.
    if let Some(old) = cookie::read(&headers, cookie::SESSION) {
        state.sessions.end(old);
    }
    let secret = state.sessions.open(&signed_in)?;
    let next = match own_path(form.get("next")) {
        "" | "/" => "/work",
        next => next,
    };
    let mut response = Redirect::to(next).into_response();
    for value in [
        cookie::set(cookie::SESSION, &secret),
        cookie::forget(cookie::DOOR),
    ] {
        response
            .headers_mut()
            .extend(value.map(|value| (SET_COOKIE, value)));
    }
    Ok(response)
}

/// An account's name from what was typed: its id, or the whole name.
fn user_name(agency: &str, user: &str) -> String {
    if user.starts_with("agencies/") {
        user.to_owned()
    } else {
        format!("agencies/{agency}/users/{user}")
    }
}

/// Signs out: here and at the gateway.
pub(crate) async fn leave(
    FromState(state): FromState<Arc<State>>,
    headers: http::HeaderMap,
    Posted { visit, .. }: Posted,
) -> Result<Response, Trouble> {
    if let Some(secret) = cookie::read(&headers, cookie::SESSION) {
        state.sessions.end(secret);
    }
    end_at_the_gateway(&visit).await;
    let mut response = Redirect::to("/sign-in").into_response();
    let value = cookie::forget(cookie::SESSION);
    response
        .headers_mut()
        .extend(value.map(|value| (SET_COOKIE, value)));
    Ok(response)
}

/// A gateway that cannot be reached keeps the token for minutes at most; the
/// session here is gone either way.
async fn end_at_the_gateway(visit: &Visit) {
    if let Ok(line) = visit.line().await
        && let Err(status) = line.identity().sign_out(pb::SignOutRequest {}).await
    {
        tracing::warn!(code = ?status.code(), "a session could not be ended at the gateway");
    }
}

/// What the language switch says.
#[derive(Deserialize)]
pub(crate) struct Switch {
    to: String,
    #[serde(default)]
    back: String,
}

/// Another language. Changes nothing but what the pages say, so it needs no key.
pub(crate) async fn language(axum::Form(switch): axum::Form<Switch>) -> Response {
    let back = match own_path(&switch.back) {
        "" => "/work",
        back => back,
    };
    let mut response = Redirect::to(back).into_response();
    let tag = if switch.to == "en" { "en" } else { "zh-CN" };
    let value = cookie::set(cookie::LANGUAGE, tag);
    response
        .headers_mut()
        .extend(value.map(|value| (SET_COOKIE, value)));
    response
}

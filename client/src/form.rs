//! Forms: what was typed is read here, checked to come from our own page, and
//! given back with what is wrong about it, so that nothing typed is lost.

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use host::Refused;
use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use maud::{Markup, html};

use crate::State;
use crate::cookie;
use crate::trouble::{Trouble, what_and_why};
use crate::visit::{Reader, Visit};

/// The field that every form carries.
pub(crate) const KEY: &str = "form_key";

/// What was typed, and what the gateway said is wrong about it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    values: Vec<(String, String)>,
    /// What the gateway said of the whole.
    pub(crate) refused: Option<Box<Refused>>,
    wrong: Vec<(String, String)>,
}

impl Form {
    /// A form that begins with these values.
    pub(crate) fn with(values: &[(&str, &str)]) -> Self {
        let values = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self {
            values: values.collect(),
            ..Self::default()
        }
    }

    /// What was typed into a field, without white space around it.
    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.values.iter().find(|(found, _)| found == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// Everything that was ticked under one name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let found = self.values.iter().filter(move |(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A box was ticked.
    pub(crate) fn is_ticked(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|ticked| ticked == value)
    }

    /// Notes what is wrong with a field, in the reader's words.
    pub(crate) fn note(&mut self, field: &str, what: &str) {
        self.wrong.push((field.to_owned(), what.to_owned()));
    }

    /// Something was noted.
    pub(crate) fn is_wrong(&self) -> bool {
        !self.wrong.is_empty() || self.refused.is_some()
    }

    /// Takes over a refusal: wrong fields to their fields, the rest on top.
    /// Trouble that no typing can mend is handed on.
    pub(crate) fn refuse(mut self, trouble: Trouble) -> Result<Self, Trouble> {
        match trouble {
            Trouble::Refused(refused) if refused.code != tonic::Code::Unauthenticated => {
                self.wrong.clone_from(&refused.violations);
                self.refused = Some(refused);
                Ok(self)
            }
            other => Err(other),
        }
    }

    /// A refusal that is of no single field.
    pub(crate) fn refuse_whole(self, status: tonic::Status) -> Self {
        let refused = Some(Box::new(Refused::read(&status)));
        Self { refused, ..self }
    }

    fn wrong_with<'a>(&'a self, reader: &'a Reader, field: &str) -> Option<String> {
        let found = self
            .wrong
            .iter()
            .find(|(wrong, _)| same_field(wrong, field));
        found.map(|(_, what)| say(reader, what))
    }

    /// What is wrong, at the top of the form, each with a link to its field.
    pub(crate) fn summary(&self, reader: &Reader) -> Markup {
        if !self.is_wrong() {
            return html! {};
        }
        html! {
            div.notice.bad role="alert" tabindex="-1" {
                @if self.wrong.is_empty() {
                    @if let Some(refused) = &self.refused { (what_and_why(reader, refused)) }
                } @else {
                    p { strong { (reader.t("form.wrong")) } }
                    ul {
                        @for (field, what) in &self.wrong {
                            li { a href={ "#f-" (plain(field)) } { (say(reader, what)) } }
                        }
                    }
                }
            }
        }
    }
}

/// A gateway's field is `consent.purpose`, the form's is `purpose`, or the other
/// way round; the last parts must agree.
fn same_field(wrong: &str, field: &str) -> bool {
    plain(wrong) == plain(field)
}

/// `workers[0].identity_number` as an id in a page.
fn plain(field: &str) -> String {
    let field = field.strip_prefix("consent.").unwrap_or(field);
    let field = field.strip_prefix("referral.").unwrap_or(field);
    let field = field.strip_prefix("agreement.").unwrap_or(field);
    let field = field.strip_prefix("entry.").unwrap_or(field);
    field.replace(['[', ']', '.'], "-")
}

/// What a service says of a field, in the reader's language where it is known.
fn say(reader: &Reader, what: &str) -> String {
    let key = format!(
        "wrong.{}",
        what.to_lowercase()
            .replace([' ', ',', ';', '.', '(', ')', '/', ':'], "_")
    );
    let known = reader.t(&key);
    if known == key {
        what.to_owned()
    } else {
        known.to_owned()
    }
}

/// A form that was posted from a page of this site, by this session.
pub(crate) struct Posted {
    pub(crate) visit: Visit,
    pub(crate) form: Form,
}

impl FromRequest<Arc<State>> for Posted {
    type Rejection = Trouble;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<Self, Trouble> {
        let (mut parts, body) = request.into_parts();
        let is_own = is_from_here(&parts.headers, &parts.uri);
        let visit = <Visit as axum::extract::FromRequestParts<Arc<State>>>::from_request_parts(
            &mut parts, state,
        )
        .await?;
        let form = read(Request::from_parts(parts, body), state).await?;
        if !is_own || !same(form.get(KEY), &visit.session.form_key) {
            return Err(Trouble::Forged);
        }
        Ok(Self { visit, form })
    }
}

/// A form posted by somebody who is not signed in: it carries what the page
/// that showed it put into a cookie.
pub(crate) struct AtTheDoor {
    pub(crate) reader: Reader,
    pub(crate) form: Form,
}

impl FromRequest<Arc<State>> for AtTheDoor {
    type Rejection = Trouble;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<Self, Trouble> {
        let (parts, body) = request.into_parts();
        let reader = Reader::of(&parts, state);
        let is_own = is_from_here(&parts.headers, &parts.uri);
        let planted = cookie::read(&parts.headers, cookie::DOOR)
            .unwrap_or_default()
            .to_owned();
        let form = read(Request::from_parts(parts, body), state).await?;
        if !is_own || planted.is_empty() || !same(form.get(KEY), &planted) {
            return Err(Trouble::Forged);
        }
        Ok(Self { reader, form })
    }
}

async fn read(request: Request, state: &Arc<State>) -> Result<Form, Trouble> {
    let form = axum::Form::<Vec<(String, String)>>::from_request(request, state).await;
    let axum::Form(values) = form.map_err(|_| Trouble::NoPage)?;
    Ok(Form {
        values,
        ..Form::default()
    })
}

/// The browser says that the form stood on a page of this site. Browsers too
/// old to say so are held by the key alone.
fn is_from_here(headers: &HeaderMap, uri: &http::Uri) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    let Some(origin) = headers.get(ORIGIN).and_then(|value| value.to_str().ok()) else {
        return true;
    };
    let here = headers
        .get(HOST)
        .and_then(|value| value.to_str().ok())
        .or_else(|| uri.authority().map(http::uri::Authority::as_str));
    origin.strip_prefix("https://") == here
}

/// Equal, in a time that does not tell how far.
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len()
        && one
            .bytes()
            .zip(other.bytes())
            .fold(0, |differ, (a, b)| differ | (a ^ b))
            == 0
}

/// How a field is filled in.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Line,
    Password,
    Date,
    Long,
}

/// One field of a form: its label, what helps to fill it in, what is wrong.
pub(crate) struct Field<'a> {
    label: &'a str,
    name: &'a str,
    kind: Kind,
    hint: &'a str,
    required: bool,
}

impl<'a> Field<'a> {
    /// A line of text; `label` is a key of the words.
    pub(crate) fn new(label: &'a str, name: &'a str) -> Self {
        Self {
            label,
            name,
            kind: Kind::Line,
            hint: "",
            required: false,
        }
    }

    pub(crate) fn kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// A key of the words that explains more.
    pub(crate) fn hint(self, hint: &'a str) -> Self {
        Self { hint, ..self }
    }

    pub(crate) fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    fn around(&self, reader: &Reader, form: &Form, inner: &Markup) -> Markup {
        let id = format!("f-{}", plain(self.name));
        let wrong = form.wrong_with(reader, self.name);
        html! {
            div.field.wrong[wrong.is_some()] {
                label for=(id) {
                    (reader.t(self.label))
                    @if !self.required { span.optional { (reader.t("form.optional")) } }
                }
                @if !self.hint.is_empty() { p.hint id={ (id) "-hint" } { (reader.t(self.hint)) } }
                @if let Some(wrong) = wrong { p.error id={ (id) "-error" } { (wrong) } }
                (inner)
            }
        }
    }

    fn described(&self, reader: &Reader, form: &Form) -> Option<String> {
        let id = format!("f-{}", plain(self.name));
        let mut by = Vec::new();
        if !self.hint.is_empty() {
            by.push(format!("{id}-hint"));
        }
        if form.wrong_with(reader, self.name).is_some() {
            by.push(format!("{id}-error"));
        }
        (!by.is_empty()).then(|| by.join(" "))
    }

    /// The field with what was typed.
    pub(crate) fn show(self, reader: &Reader, form: &Form) -> Markup {
        let id = format!("f-{}", plain(self.name));
        let described = self.described(reader, form);
        let value = form.get(self.name);
        let inner = match self.kind {
            Kind::Long => html! {
                textarea id=(id) name=(self.name) rows="4" required[self.required] aria-describedby=[described] { (value) }
            },
            Kind::Password => html! {
                input id=(id) name=(self.name) type="password" autocomplete="current-password" required[self.required] aria-describedby=[described];
            },
            Kind::Line | Kind::Date => html! {
                input id=(id) name=(self.name) type=(if matches!(self.kind, Kind::Date) { "date" } else { "text" })
                    value=(value) autocomplete="off" required[self.required] aria-describedby=[described];
            },
        };
        self.around(reader, form, &inner)
    }

    /// A choice of one: `(value, words)`.
    pub(crate) fn select(
        self,
        reader: &Reader,
        form: &Form,
        choices: &[(String, String)],
    ) -> Markup {
        let id = format!("f-{}", plain(self.name));
        let described = self.described(reader, form);
        let chosen = form.get(self.name);
        let inner = html! {
            select id=(id) name=(self.name) required[self.required] aria-describedby=[described] {
                option value="" { (reader.t("form.choose")) }
                @for (value, words) in choices {
                    option value=(value) selected[value == chosen] { (words) }
                }
            }
        };
        self.around(reader, form, &inner)
    }

    /// Any number of choices.
    pub(crate) fn ticks(
        self,
        reader: &Reader,
        form: &Form,
        choices: &[(String, String)],
    ) -> Markup {
        let id = format!("f-{}", plain(self.name));
        let wrong = form.wrong_with(reader, self.name);
        html! {
            fieldset.field.wrong[wrong.is_some()] id=(id) {
                legend { (reader.t(self.label)) }
                @if !self.hint.is_empty() { p.hint { (reader.t(self.hint)) } }
                @if let Some(wrong) = wrong { p.error { (wrong) } }
                div.ticks {
                    @for (value, words) in choices {
                        label.tick {
                            input type="checkbox" name=(self.name) value=(value) checked[form.is_ticked(self.name, value)];
                            span { (words) }
                        }
                    }
                }
            }
        }
    }
}

/// The hidden field that every form of a session carries.
pub(crate) fn key(visit: &Visit) -> Markup {
    html! { input type="hidden" name=(KEY) value=(visit.session.form_key); }
}

/// A button that does one thing.
pub(crate) fn button(
    visit: &Visit,
    action: &str,
    words: &str,
    class: &str,
    hidden: &[(&str, &str)],
) -> Markup {
    html! {
        form.inline method="post" action=(action) {
            (key(visit))
            @for (name, value) in hidden { input type="hidden" name=(name) value=(value); }
            button class=(class) type="submit" { (words) }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| (name.parse().unwrap(), value.parse().unwrap());
        pairs
            .iter()
            .map(pair)
            .collect::<Vec<(http::HeaderName, http::HeaderValue)>>()
            .into_iter()
            .collect()
    }

    #[test]
    fn another_sites_form_is_told_from_ours() {
        let here = "/work".parse().unwrap();
        let ours = |pairs: &[(&str, &str)]| is_from_here(&headers(pairs), &here);
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(!ours(&[("sec-fetch-site", "cross-site")]));
        assert!(!ours(&[("sec-fetch-site", "same-site")]));
        assert!(ours(&[("origin", "https://a:1"), ("host", "a:1")]));
        assert!(!ours(&[("origin", "https://b:1"), ("host", "a:1")]));
        assert!(!ours(&[("origin", "null"), ("host", "a:1")]));
    }

    #[test]
    fn keys_are_equal_or_not() {
        assert!(same("abc", "abc"));
        assert!(!same("abc", "abd") && !same("abc", "ab") && !same("", "a"));
    }
}

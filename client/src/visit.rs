//! One request of one person: who, in which language, and their line to the
//! gateway. A handler that asks for a [`Visit`] is reached by nobody else.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use chrono::{DateTime, Utc};
use http::request::Parts;
use proto::v1::AgencyKind;

use crate::State;
use crate::cookie;
use crate::line::Line;
use crate::session::{Found, Session};
use crate::trouble::Trouble;
use crate::words::Language;

/// Who is reading, as far as is known: for any page.
#[derive(Clone)]
pub(crate) struct Reader {
    pub(crate) language: Language,
    /// Signed in, and not locked.
    pub(crate) session: Option<Arc<Session>>,
    /// Signed in once, and untouched for so long that the password is due.
    pub(crate) locked: Option<Arc<Session>>,
    /// The path asked for.
    pub(crate) path: String,
    pub(crate) state: Arc<State>,
}

/// A signed-in person's request.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) reader: Reader,
    pub(crate) session: Arc<Session>,
}

impl Reader {
    /// Reads the cookies. Pages that keep themselves fresh do not keep a
    /// session alive.
    pub(crate) fn of(parts: &Parts, state: &Arc<State>) -> Self {
        let path = parts.uri.path().to_owned();
        let by_htmx = parts.headers.contains_key("hx-request");
        let asked_for = ["hx-boosted", "hx-history-restore-request"]
            .iter()
            .any(|name| parts.headers.contains_key(*name));
        let is_person = !path.starts_with("/live") && (!by_htmx || asked_for);
        let secret = cookie::read(&parts.headers, cookie::SESSION).unwrap_or_default();
        let found = state.sessions.find(secret, is_person);
        let language = cookie::read(&parts.headers, cookie::LANGUAGE).unwrap_or_default();
        let (session, locked) = match found {
            Found::Open(session) => (Some(session), None),
            Found::Locked(session) => (None, Some(session)),
            Found::Nobody => (None, None),
        };
        Self {
            language: Language::of(language),
            session,
            locked,
            path,
            state: Arc::clone(state),
        }
    }

    /// The words for a key.
    pub(crate) fn t<'a>(&self, key: &'a str) -> &'a str {
        self.language.t(key)
    }

    /// The present moment.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.state.clock.now()
    }

    /// An agency's name for people; its id where the directory does not know it.
    pub(crate) fn agency(&self, name: &str) -> String {
        self.state.names.of(name, self.language)
    }
}

impl Visit {
    /// Calls to the gateway as this person.
    pub(crate) async fn line(&self) -> Result<Line, Trouble> {
        let state = &self.reader.state;
        let line = self.session.line(&state.gateway, self.reader.now()).await?;
        state.names.refresh(&line, self.reader.now()).await;
        Ok(line)
    }

    /// The person's agency, `agencies/{agency}`.
    pub(crate) fn agency(&self) -> &str {
        self.session.agency()
    }

    /// The agency's kind, as the directory has it.
    pub(crate) fn kind(&self) -> AgencyKind {
        self.reader.state.names.kind(self.agency())
    }

    /// The words for a key.
    pub(crate) fn t<'a>(&self, key: &'a str) -> &'a str {
        self.reader.language.t(key)
    }
}

impl FromRequestParts<Arc<State>> for Reader {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &Arc<State>,
    ) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts, state))
    }
}

impl FromRequestParts<Arc<State>> for Visit {
    type Rejection = Trouble;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &Arc<State>,
    ) -> Result<Self, Self::Rejection> {
        let reader = Reader::of(parts, state);
        match reader.session.clone() {
            Some(session) => Ok(Self { reader, session }),
            None => Err(Trouble::SignIn {
                next: crate::door::after_sign_in(&parts.uri, &parts.method),
            }),
        }
    }
}

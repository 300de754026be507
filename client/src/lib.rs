//! The thin client: what a caseworker opens in the morning.
//!
//! Pages made here, on the server; a client of the gateway like any other, with
//! a certificate of its own and the token of the person who is signed in. It
//! decides nothing and keeps no case data.
//!
//! Reading order: [`session`] (who is signed in), [`visit`] (one request of one
//! person), [`door`] (what holds for every answer), [`form`] (what is typed),
//! [`trouble`] (what goes wrong), [`facts`] and [`local`] (values as people read
//! them), [`words`] (the languages), then `pages`, one file a page, and
//! [`live`] (what moves by itself).

mod assets;
mod cookie;
mod door;
mod facts;
mod form;
mod line;
mod live;
mod local;
mod names;
mod page;
mod pages;
mod session;
mod trouble;
mod visit;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use host::{Drain, SharedClock, SharedIds, Upstream};
use proto::v1 as pb;
use tonic::service::Routes;

/// Largest form, bytes: an intake with many words in it.
const FORM_BYTES: usize = 256 * 1024;

/// What the web client is given.
pub struct Opening {
    /// The gateway, called with the web client's own certificate.
    pub gateway: Upstream,
    /// The time.
    pub clock: SharedClock,
    /// Secrets of sessions.
    pub ids: SharedIds,
    /// Agencies to offer at sign-in, before the directory can be read.
    pub agencies: Vec<pb::Agency>,
    /// Ends the pages' open streams when the process goes down.
    pub drain: Drain,
}

/// What every request shares.
pub(crate) struct State {
    pub(crate) gateway: Upstream,
    pub(crate) clock: SharedClock,
    pub(crate) sessions: session::Sessions,
    pub(crate) names: names::Names,
    pub(crate) drain: Drain,
}

/// The pages, ready for [`host::serve`].
pub fn open(opening: Opening) -> Routes {
    let state = Arc::new(State {
        gateway: opening.gateway,
        sessions: session::Sessions::new(opening.clock.clone(), opening.ids),
        clock: opening.clock,
        drain: opening.drain,
        names: names::Names::new(opening.agencies),
    });
    Routes::from(router(state))
}

fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/", get(pages::sign_in::home))
        .route("/assets/{file}", get(assets::serve))
        .route(
            "/sign-in",
            get(pages::sign_in::show).post(pages::sign_in::enter),
        )
        .route("/sign-out", post(pages::sign_in::leave))
        .route("/language", post(pages::sign_in::language))
        .merge(pages::routes())
        .merge(live::routes())
        .fallback(async || trouble::Trouble::NoPage)
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(from_fn_with_state(Arc::clone(&state), door::dress))
        .with_state(state)
}

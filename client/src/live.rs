//! What moves by itself: the browser is told *that* something happened, never
//! what, and asks for the page again, which is decided and recorded like any
//! other reading.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt as _, stream};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http_body::Frame;
use http_body_util::StreamBody;
use maud::{Markup, html};
use proto::v1 as pb;
use serde::Deserialize;

use crate::State;
use crate::line::Line;
use crate::trouble::Trouble;
use crate::visit::Visit;

/// A sign of life for proxies and browsers in between.
const QUIET: Duration = Duration::from_secs(25);
/// Things that happen at once make one event.
const TOGETHER: Duration = Duration::from_millis(150);

/// What a browser is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// Something happened: ask again.
    News,
    /// The stream ended: access may have ended. Ask again.
    Over,
}

pub(crate) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/live", get(agency))
        .route("/live/{case}", get(case))
}

/// From where on: the mark of the page that asks. A browser that connects
/// again gives the same one, and is told at once what it missed.
#[derive(Deserialize)]
struct After {
    #[serde(default)]
    after: u64,
}

/// Where the agency's feed ends now. Taken before a page is read, so that what
/// happens while it is read is told to it afterwards.
pub(crate) async fn mark(line: &Line) -> Result<u64, Trouble> {
    let beyond = pb::ListFeedRequest {
        cursor: u64::MAX >> 1,
        page_size: 1,
    };
    Ok(line.feeds().list_feed(beyond).await?.into_inner().head)
}

/// A part of a page that is asked for again when something happens. `case`: its
/// number, for a page that goes when the access does. The element stays and its
/// content is replaced, so that the connection outlives every reload and no
/// event falls between two.
pub(crate) fn region(
    id: &str,
    address: &str,
    mark: u64,
    case: Option<&str>,
    content: &Markup,
) -> Markup {
    let stream = case.map_or("/live".to_owned(), |case| format!("/live/{case}"));
    html! {
        div id=(id) hx-get=(address) hx-select={ "#" (id) " > *, .narrow" } hx-swap="innerHTML"
            hx-sync="this:queue last" hx-ext="sse" sse-connect={ (stream) "?after=" (mark) }
            hx-trigger="sse:news, sse:over" { (content) }
    }
}

/// Everything that concerns the person's agency.
async fn agency(visit: Visit, Query(After { after }): Query<After>) -> Result<Response, Trouble> {
    let news = feed(&visit, after, None).await?;
    Ok(answer(&visit, news))
}

/// What concerns one case: its timeline, and the feed's events about it.
async fn case(
    visit: Visit,
    Path(id): Path<String>,
    Query(After { after }): Query<After>,
) -> Result<Response, Trouble> {
    let name = crate::pages::case_name(&id)?;
    let line = visit.line().await?;
    let known = pb::GetCaseRequest {
        name: name.clone(),
        sections: vec![pb::Section::Summary as i32],
        ..Default::default()
    };
    let known = line.cases().get_case(known).await?.into_inner();
    let watch = pb::WatchCaseRequest {
        name: name.clone(),
        after: known.summary.map_or(0, |summary| summary.entries),
    };
    let entries = line.cases().watch_case(watch).await?.into_inner();
    let entries = entries
        .take_while(|message| futures::future::ready(message.is_ok()))
        .map(|_| Told::News)
        .chain(stream::once(async { Told::Over }));
    let both = stream::select(entries, feed(&visit, after, Some(name)).await?);
    Ok(answer(&visit, both.boxed()))
}

/// The agency's feed from a mark on; only what is about `case`, if one is given.
async fn feed(
    visit: &Visit,
    after: u64,
    case: Option<String>,
) -> Result<BoxStream<'static, Told>, Trouble> {
    let line = visit.line().await?;
    let watch = pb::WatchFeedRequest { cursor: after };
    let events = line.feeds().watch_feed(watch).await?.into_inner();
    let news = events
        .take_while(|event| futures::future::ready(event.is_ok()))
        .filter_map(move |event| {
            let is_ours =
                event.is_ok_and(|event| case.as_ref().is_none_or(|case| event.case == *case));
            futures::future::ready(is_ours.then_some(Told::News))
        })
        .chain(stream::once(async { Told::Over }));
    Ok(news.boxed())
}

/// The events as a browser reads them, until the process goes down.
fn answer(visit: &Visit, told: BoxStream<'static, Told>) -> Response {
    let together = tokio_stream::StreamExt::chunks_timeout(told, 64, TOGETHER);
    let lines = together.map(|told| {
        if told.contains(&Told::Over) {
            "event: over\ndata: .\n\n"
        } else {
            "event: news\ndata: .\n\n"
        }
    });
    let first = stream::once(async { ": here\nretry: 5000\n\n" });
    let quiet = tokio::time::interval(QUIET);
    let lines = tokio_stream::StreamExt::timeout_repeating(first.chain(lines), quiet);
    let frames = lines
        .map(|line| line.unwrap_or(": quiet\n\n"))
        .map(|line| Ok::<_, Infallible>(Frame::data(Bytes::from_static(line.as_bytes()))))
        .take_until(visit.reader.state.drain.signalled());
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-store"),
    ];
    let body = axum::body::Body::new(StreamBody::new(frames));
    (headers, body).into_response()
}

//! What is to be posted now.

use chrono::{DateTime, Utc};
use host::Refusal;
use host::clock::from_timestamp;
use proto::names::WebhookName;
use proto::v1::{self as pb, WebhookState};
use store::View;

use super::hook::{self, Hook};
use crate::directory;

/// Events that are looked at at once.
const PAGE_LEN: usize = 64;

/// What a webhook has to do.
#[derive(Debug, PartialEq)]
pub(super) enum Next {
    /// Nothing, until something is committed.
    Nothing,
    /// Nothing before this moment.
    At(DateTime<Utc>),
    /// Post this dead letter again.
    Letter(Box<pb::DeadLetter>),
    /// Post this event.
    Event(Box<pb::FeedEvent>),
    /// Move over events that are not wanted, up to this place in the feed.
    PassOver(u64),
}

/// What the webhook has to do now.
pub(super) fn next(
    view: &View,
    name: &WebhookName,
    hook: &Hook,
    now: DateTime<Utc>,
) -> Result<Next, Refusal> {
    let agency = name.agency().as_str();
    // An agency that has left the directory gets nothing either.
    let standing = directory::standing(view, agency)?;
    let is_admitted = standing.is_some_and(|standing| !standing.suspended);
    if !is_admitted || hook.shown.state() != WebhookState::Enabled {
        return Ok(Next::Nothing);
    }
    for cursor in &hook.kept.redeliver {
        if let Some(letter) = view.get::<pb::DeadLetter>(&hook::letter(name, *cursor))? {
            return Ok(Next::Letter(Box::new(letter)));
        }
    }
    if hook.shown.cursor >= store::feed::head(view, agency)? {
        return Ok(Next::Nothing);
    }
    let at = hook.shown.next_attempt_at.as_ref().and_then(from_timestamp);
    if let Some(at) = at.filter(|at| now < *at) {
        return Ok(Next::At(at));
    }
    let page = store::feed::read_from::<pb::FeedEvent>(view, agency, hook.shown.cursor, PAGE_LEN)?;
    let last = page.last().map(|(cursor, _)| *cursor);
    let wanted = page.into_iter().find(|(_, event)| hook.wants(&event.kind));
    Ok(match (wanted, last) {
        (Some((_, event)), _) => Next::Event(Box::new(event)),
        (None, Some(last)) => Next::PassOver(last),
        (None, None) => Next::Nothing,
    })
}

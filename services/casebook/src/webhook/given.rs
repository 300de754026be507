//! What an agency gives, parsed at the door.

use host::{Caller, Refusal, parse};
use proto::names::{AgencyName, WebhookName};
use proto::v1::WebhookState;

/// Kinds that one webhook names, and characters of each.
const KINDS_MAX: usize = 50;
const KIND_CHARS: usize = 60;

/// The caller's own agency. That of another is not told from one that is not.
pub(super) fn own_agency(caller: &Caller, parent: &str) -> Result<AgencyName, Refusal> {
    let agency = parse::agency_name("parent", parent)?;
    if agency.as_str() != caller.agency() {
        return Err(Refusal::not_found());
    }
    Ok(agency)
}

/// The name of a webhook of the caller's own.
pub(super) fn own(caller: &Caller, field: &str, name: &str) -> Result<WebhookName, Refusal> {
    let name = WebhookName::parse(name).map_err(|error| {
        Refusal::invalid(field, format!("must be of the form {}", error.expected))
    })?;
    if name.agency().as_str() != caller.agency() {
        return Err(Refusal::not_found());
    }
    Ok(name)
}

/// An update has to say what it updates.
pub(super) fn wrong_mask() -> Refusal {
    Refusal::invalid(
        "update_mask",
        "must name one or more of url, kinds and state",
    )
}

/// A state that an agency can choose.
pub(super) fn state(field: &str, number: i32) -> Result<WebhookState, Refusal> {
    match WebhookState::try_from(number) {
        Ok(state @ (WebhookState::Enabled | WebhookState::Paused)) => Ok(state),
        _ => Err(Refusal::invalid(field, "must be ENABLED or PAUSED")),
    }
}

/// Kinds of event: words of a-z, 0-9 and hyphen, joined by points; `*` may
/// stand in place of the last.
pub(super) fn kinds(field: &str, given: &[String]) -> Result<Vec<String>, Refusal> {
    if given.len() > KINDS_MAX {
        return Err(Refusal::invalid(field, "are more than 50"));
    }
    let is_word = |word: &str| {
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        !word.is_empty() && word.bytes().all(is_plain)
    };
    for kind in given {
        let words = kind.strip_suffix(".*").unwrap_or(kind);
        if kind.len() > KIND_CHARS || !words.split('.').all(is_word) {
            let form = "must each be like \"referral.requested\" or \"referral.*\"";
            return Err(Refusal::invalid(field, form));
        }
        if words == "webhook" || words.starts_with("webhook.") {
            let why = "what tells of webhooks is never posted; read it in the feed";
            return Err(Refusal::invalid(field, why));
        }
    }
    Ok(given.to_vec())
}

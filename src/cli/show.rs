//! Answers for people: tables for lists, a page for a case.

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

use super::why;

/// Headings, and where in a row their values stand.
type Columns = &'static [(&'static str, &'static str)];

/// Lists: the method, the answer's field, and the columns.
const LISTS: [(&str, &str, Columns); 8] = [
    (
        "CaseService/ListCases",
        "cases",
        &[
            ("case", "/name"),
            ("kind", "/summary/disputeKind"),
            ("sum", "/summary/amountBand"),
            ("stage", "/summary/stage"),
            ("lead", "/summary/lead"),
            ("title", "/summary/titleZh"),
        ],
    ),
    (
        "ReferralService/ListReferrals",
        "referrals",
        &[
            ("referral", "/name"),
            ("kind", "/kind"),
            ("from", "/fromAgency"),
            ("to", "/toAgency"),
            ("state", "/state"),
            ("you may now", "/allowedEvents"),
        ],
    ),
    (
        "ConsentService/ListConsents",
        "consents",
        &[
            ("consent", "/name"),
            ("for", "/purpose"),
            ("recipients", "/recipients"),
            ("sections", "/sections"),
            ("withdrawn", "/withdrawnAt"),
        ],
    ),
    (
        "FeedService/ListFeed",
        "events",
        &[
            ("cursor", "/cursor"),
            ("what", "/kind"),
            ("about", "/resource"),
            ("when", "/at"),
            ("reason", "/reason"),
        ],
    ),
    (
        "WebhookService/ListWebhooks",
        "webhooks",
        &[
            ("webhook", "/name"),
            ("to", "/url"),
            ("kinds", "/kinds"),
            ("state", "/state"),
            ("cursor", "/cursor"),
            ("failed", "/attempts"),
            ("next attempt", "/nextAttemptAt"),
            ("dead letters", "/deadLetters"),
        ],
    ),
    (
        "WebhookService/ListDeadLetters",
        "deadLetters",
        &[
            ("cursor", "/event/cursor"),
            ("what", "/event/kind"),
            ("about", "/event/resource"),
            ("given up", "/givenUpAt"),
            ("attempts", "/attempts"),
            ("failure", "/lastFailure/code"),
            ("status", "/lastFailure/httpStatus"),
            ("again", "/redelivering"),
        ],
    ),
    (
        "DirectoryService/ListAgencies",
        "agencies",
        &[
            ("agency", "/name"),
            ("kind", "/kind"),
            ("name", "/displayNameZh"),
            ("suspended", "/suspended"),
            ("services", "/services"),
        ],
    ),
    (
        "DisclosureService/ListDisclosures",
        "records",
        &[
            ("no.", "/index"),
            ("when", "/at"),
            ("agency", "/agency"),
            ("user", "/user"),
            ("for", "/purpose"),
            ("outcome", "/outcome"),
            ("in full", "/sections"),
            ("in part", "/sectionsInPart"),
            ("refused", "/refusal"),
        ],
    ),
];

/// An answer as people read it.
pub(crate) fn answer(method: &str, answer: &Value) -> String {
    if method == "CaseService/GetCase" || method == "CaseService/RegisterCase" {
        return case(answer);
    }
    match method {
        "AccessService/ExplainAccess" => return why::explanation(answer),
        "AccessService/PreviewDisclosure" => return preview(answer),
        "RulesService/GetRules" | "RulesService/ReloadRules" => return why::rules(answer),
        _ => {}
    }
    match LISTS.iter().find(|(known, _, _)| *known == method) {
        Some((_, field, columns)) => list(answer.get(field), columns),
        None => facts(answer),
    }
}

/// One event of a stream on one line.
pub(crate) fn line(event: &Value) -> String {
    let Some(fields) = event.as_object() else {
        return String::new();
    };
    let parts: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", plain(value)))
        .collect();
    format!("{}\n", parts.join("  "))
}

pub(super) fn table() -> Table {
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table
}

fn list(rows: Option<&Value>, columns: &[(&str, &str)]) -> String {
    let rows = rows
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    if rows.is_empty() {
        return "nothing\n".to_owned();
    }
    let mut table = table();
    table.set_header(columns.iter().map(|(heading, _)| *heading));
    for row in rows {
        let cell = |(_, path): &(&str, &str)| row.pointer(path).map(plain).unwrap_or_default();
        table.add_row(columns.iter().map(cell));
    }
    format!("{table}\n")
}

/// Every field that is set, one a row.
fn facts(answer: &Value) -> String {
    let Some(fields) = answer.as_object().filter(|fields| !fields.is_empty()) else {
        return "done\n".to_owned();
    };
    let mut table = table();
    for (name, value) in fields {
        table.add_row([name.clone(), plain(value)]);
    }
    format!("{table}\n")
}

/// A case: what it is, its sections, its course, and what is withheld.
fn case(case: &Value) -> String {
    let text = |path: &str| case.pointer(path).map(plain).unwrap_or_default();
    let mut page = format!(
        "{}  {}\n{}  {}  {}  lead {}\n",
        text("/summary/number"),
        text("/summary/titleZh"),
        text("/summary/stage"),
        text("/summary/disputeKind"),
        text("/summary/amountBand"),
        text("/summary/lead"),
    );
    let apart = ["name", "etag", "summary", "timeline", "disclosure"];
    let mut sections = table();
    for (name, value) in case.as_object().into_iter().flatten() {
        if !apart.contains(&name.as_str()) {
            sections.add_row([name.clone(), plain(value)]);
        }
    }
    page.push_str(&format!("{sections}\n"));
    let columns = [
        ("no.", "/sequence"),
        ("date", "/date"),
        ("by", "/author"),
        ("act", "/act"),
        ("outcome", "/outcome"),
        ("sum", "/amount"),
        ("note", "/note"),
    ];
    if case.get("timeline").is_some() {
        page.push_str(&list(case.get("timeline"), &columns));
    }
    for withheld in case
        .pointer("/disclosure/withheld")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let text = |name: &str| withheld.get(name).map(plain).unwrap_or_default();
        let how = if withheld.get("inPart").is_some() {
            "◐"
        } else {
            "○"
        };
        page.push_str(&format!(
            "{how} {}: {} / {} ({})\n",
            text("section"),
            text("reasonZh"),
            text("reasonEn"),
            text("law")
        ));
    }
    page
}

/// The record as another agency gets it, and whether that is all of it.
fn preview(answer: &Value) -> String {
    if let Some(refusal) = answer.get("refusal") {
        return format!("it gets nothing: {}\n", plain(refusal));
    }
    let record = answer.get("record").map(case).unwrap_or_default();
    let note = match answer.get("leftOut") {
        None => "this is all that it gets\n".to_owned(),
        Some(sections) => format!(
            "it may see more than you, and what you may not see is left out, of: {}\n",
            plain(sections)
        ),
    };
    format!("{record}{note}")
}

/// A value without JSON's marks; dates and money as people write them.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => short(text),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => match (fields.get("year"), fields.get("currencyCode")) {
            (Some(year), _) => date(year, fields.get("month"), fields.get("day")),
            (_, Some(_)) => money(value),
            _ => fields
                .iter()
                .map(|(name, value)| format!("{name}: {}", plain(value)))
                .collect::<Vec<_>>()
                .join("; "),
        },
        other => other.to_string(),
    }
}

/// Enum values and names without what every one of them begins with.
fn short(text: &str) -> String {
    const PREFIXES: [&str; 11] = [
        "ACCESS_LEVEL_",
        "RULES_PROOF_",
        "SECTION_",
        "REFERRAL_KIND_",
        "REFERRAL_STATE_",
        "CASE_STAGE_",
        "AGENCY_KIND_",
        "OUTCOME_",
        "WEBHOOK_STATE_",
        "agencies/",
        "cases/",
    ];
    let cut = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix));
    match cut {
        Some(rest) if text.starts_with(char::is_uppercase) => rest.to_lowercase().replace('_', "-"),
        // A resource under a case keeps its whole name: it is what one types.
        Some(rest) if !rest.contains('/') => rest.to_owned(),
        _ => text.to_owned(),
    }
}

fn date(year: &Value, month: Option<&Value>, day: Option<&Value>) -> String {
    let part = |part: Option<&Value>| part.and_then(Value::as_i64).filter(|part| *part > 0);
    match (part(month), part(day)) {
        (Some(month), Some(day)) => format!("{year}-{month:02}-{day:02}"),
        (Some(month), None) => format!("{year}-{month:02}"),
        _ => year.to_string(),
    }
}

fn money(value: &Value) -> String {
    let units = value.get("units").and_then(Value::as_i64).unwrap_or(0);
    let fen = value.get("nanos").and_then(Value::as_i64).unwrap_or(0) / 10_000_000;
    let fen = units.saturating_mul(100).saturating_add(fen);
    law::codes::fen::Fen::new(fen)
        .map(|fen| format!("¥{fen}"))
        .unwrap_or_default()
}

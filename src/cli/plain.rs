//! One value as people write it.

use chrono::{DateTime, FixedOffset};
use serde_json::Value;

/// China Standard Time.
const CHINA_SECONDS: i32 = 8 * 3600;

/// A value without JSON's marks; dates and money as people write them.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => instant(text).unwrap_or_else(|| short(text)),
        Value::Bool(true) => "yes".to_owned(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => match (fields.get("year"), fields.get("currencyCode")) {
            (Some(year), _) => date(year, fields.get("month"), fields.get("day")),
            (_, Some(_)) => money(value),
            _ => fields
                .iter()
                .map(|(name, value)| format!("{}: {}", words(name), plain(value)))
                .collect::<Vec<_>>()
                .join("; "),
        },
        other => other.to_string(),
    }
}

/// Enum values and names without what every one of them begins with.
fn short(text: &str) -> String {
    const PREFIXES: [&str; 17] = [
        "ACCESS_LEVEL_",
        "RULES_PROOF_",
        "SECTION_",
        "REFERRAL_KIND_",
        "REFERRAL_STATE_",
        "CASE_STAGE_",
        "AGENCY_KIND_",
        "AGREEMENT_STATE_",
        "PRIORITY_",
        "RESIDUAL_CHOICE_",
        "SEX_",
        "VERDICT_",
        "WAITING_",
        "OUTCOME_",
        "WEBHOOK_STATE_",
        "agencies/",
        "agreements/",
    ];
    if let Some(rest) = text.strip_prefix("cases/") {
        return under_a_case(rest).unwrap_or_else(|| text.to_owned());
    }
    let cut = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix));
    match cut {
        Some(rest) if text.starts_with(char::is_uppercase) => rest.to_lowercase().replace('_', "-"),
        Some(rest) if !rest.contains('/') => rest.to_owned(),
        _ => text.to_owned(),
    }
}

/// A case's number, or CASE/ID: what one types.
fn under_a_case(rest: &str) -> Option<String> {
    const TYPED: [&str; 4] = ["referrals", "consents", "notices", "breakGlassGrants"];
    let Some((case, child)) = rest.split_once('/') else {
        return Some(rest.to_owned());
    };
    let (collection, id) = child.split_once('/')?;
    TYPED.contains(&collection).then(|| format!("{case}/{id}"))
}

/// An instant as the clocks on the walls of the agencies show it.
pub(super) fn instant(text: &str) -> Option<String> {
    let at = DateTime::parse_from_rfc3339(text).ok()?;
    let china = FixedOffset::east_opt(CHINA_SECONDS)?;
    Some(
        at.with_timezone(&china)
            .format("%Y-%m-%d %H:%M")
            .to_string(),
    )
}

/// "accessUntil" as "access until".
pub(super) fn words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
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

#[cfg(test)]
mod tests {
    use super::{plain, words};
    use serde_json::json;

    #[test]
    fn values_read_as_people_write_them() {
        for (value, read) in [
            (json!("cases/330782-2026-000001"), "330782-2026-000001"),
            (
                json!("cases/330782-2026-000001/referrals/0d3k9"),
                "330782-2026-000001/0d3k9",
            ),
            (
                json!("cases/330782-2026-000001/grants/g2"),
                "cases/330782-2026-000001/grants/g2",
            ),
            (json!("2026-05-04T17:00:00.250Z"), "2026-05-05 01:00"),
            (json!({"year": 2026, "month": 5, "day": 4}), "2026-05-04"),
            (json!("REFERRAL_STATE_IN_PROGRESS"), "in-progress"),
            (
                json!(["SECTION_SUMMARY", "SECTION_CLAIMS"]),
                "summary, claims",
            ),
        ] {
            assert_eq!(plain(&value), read);
        }
        assert_eq!(words("accessUntil"), "access until");
    }
}

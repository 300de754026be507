//! What people type, as the contract has it: names without their prefixes,
//! sections, days, sums.

use std::fs;
use std::path::Path;

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use clap::Args;
use host::clock::{Clock, SystemClock, shanghai_day_start};
use law::codes::fen::Fen;
use proto::v1::Section;
use serde_json::{Value, json};

use super::Failure;

/// `cases/330782-2026-000001` or just the number.
pub(super) fn case_name(text: &str) -> String {
    prefixed("cases/", text)
}

/// `agencies/yiwu-union` or just the id.
pub(super) fn agency_name(text: &str) -> String {
    prefixed("agencies/", text)
}

/// `agreements/0d3k9` or just the id.
pub(super) fn agreement_name(text: &str) -> String {
    prefixed("agreements/", text)
}

fn prefixed(prefix: &str, text: &str) -> String {
    match text.starts_with(prefix) {
        true => text.to_owned(),
        false => format!("{prefix}{text}"),
    }
}

/// `cases/330782-2026-000001/referrals/0d3k9`, or `330782-2026-000001/0d3k9` as
/// tables show it.
pub(super) fn child_name(collection: &str, text: &str) -> String {
    match text.trim_start_matches("cases/").split_once('/') {
        Some((case, id)) if !id.contains('/') => format!("cases/{case}/{collection}/{id}"),
        _ => text.to_owned(),
    }
}

/// A section by its name ("identity-number").
pub(super) fn section(text: &str) -> Result<Section, String> {
    proto::section::parse(text).ok_or_else(|| {
        let names: Vec<&str> = proto::section::ALL
            .into_iter()
            .map(proto::section::name)
            .collect();
        format!("no such section; there are {}", names.join(", "))
    })
}

/// Sections as the contract's JSON has them.
pub(super) fn sections(sections: &[Section]) -> Value {
    sections
        .iter()
        .map(|section| section.as_str_name())
        .collect()
}

/// A value of an enum of the contract from its short name.
pub(super) fn value(prefix: &str, name: &str) -> String {
    format!("{prefix}{}", name.to_uppercase().replace('-', "_"))
}

/// Until when: a day (to its end in China), days from now ("30d"), or an
/// instant (RFC 3339). Answers RFC 3339.
pub(super) fn until(text: &str) -> Result<String, String> {
    let at = until_from(text, SystemClock.now()).ok_or(
        "write a day (2026-09-30: to its end in China), days from now (30d), or an instant \
         (2026-09-30T17:00:00+08:00)",
    )?;
    Ok(at.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

fn until_from(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if let Some(days) = text.strip_suffix('d') {
        let days = TimeDelta::try_days(days.parse::<u16>().ok()?.into())?;
        return now.checked_add_signed(days);
    }
    match text.parse::<NaiveDate>() {
        Ok(day) => day.succ_opt().map(shanghai_day_start),
        Err(_) => text.parse().ok(),
    }
}

/// A sum in yuan ("12345.60"), as google.type.Money.
pub(super) fn money(text: &str) -> Result<Value, String> {
    let (units, nanos) = Fen::parse(text)
        .map_err(|error| format!("{error}; write yuan, as in 12345.60"))?
        .to_money();
    Ok(json!({"currencyCode": "CNY", "units": units, "nanos": nanos}))
}

/// A request in a file.
pub(super) fn read_json(file: &Path) -> Result<Value, Failure> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()).into())
}

/// Which page of a list.
#[derive(Debug, Args)]
pub(super) struct Page {
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u16,
    /// Go on where the last page ended: its "more" line has the value.
    #[arg(
        long,
        value_name = "TOKEN",
        default_value = "",
        hide_default_value = true
    )]
    page: String,
}

impl Page {
    /// The request with the page that was asked for.
    pub(super) fn of(&self, mut request: Value) -> Value {
        request["pageSize"] = json!(self.limit);
        request["pageToken"] = json!(self.page);
        request
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{case_name, child_name, money, section, until_from};
    use chrono::{DateTime, Utc};

    #[test]
    fn what_a_table_shows_can_be_typed() {
        let full = "cases/330782-2026-000001/referrals/0d3k9";
        assert_eq!(child_name("referrals", "330782-2026-000001/0d3k9"), full);
        assert_eq!(child_name("referrals", full), full);
        assert_eq!(child_name("referrals", "0d3k9"), "0d3k9");
        assert_eq!(case_name("330782-2026-000001"), "cases/330782-2026-000001");
    }

    #[test]
    fn a_day_lasts_to_its_end_in_china() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let now = at("2026-05-04T08:00:00Z");
        let until = |text| until_from(text, now);
        assert_eq!(until("2026-09-30"), Some(at("2026-09-30T16:00:00Z")));
        assert_eq!(until("30d"), Some(at("2026-06-03T08:00:00Z")));
        assert_eq!(
            until("2026-09-30T17:00:00+08:00"),
            Some(at("2026-09-30T09:00:00Z"))
        );
        assert_eq!(until("tomorrow"), None);
    }

    #[test]
    fn a_wrong_section_names_those_there_are() {
        assert!(section("salary").unwrap_err().contains("identity-number"));
        assert!(money("12,000").unwrap_err().contains("12345.60"));
    }
}

//! Rules and their reasons, for people: an explanation of access as a table
//! (in colours on a terminal), and the set of rules in force.

use comfy_table::{Cell, Color};
use serde_json::Value;

use super::plain::{instant, plain};
use super::show::table;

/// What an agency may see of every section, and why.
pub(super) fn explanation(answer: &Value) -> String {
    let text = |name: &str| answer.get(name).map(plain).unwrap_or_default();
    let suspended = if answer.get("suspended").is_some() {
        ", suspended"
    } else {
        ""
    };
    let mut page = format!(
        "{} to {} ({}{suspended}), for {}\n",
        text("case"),
        text("agency"),
        text("kind"),
        text("purpose"),
    );
    let mut table = table();
    table.set_header(["", "section", "rule", "why", "on", "would show more with"]);
    for section in items(answer, "sections") {
        let others = section.get("others").unwrap_or(&Value::Null);
        let text = |name: &str| others.get(name).map(plain).unwrap_or_default();
        let (mark, color) = match text("level").as_str() {
            "full" => ("●", Color::Green),
            "part" => ("◐", Color::Yellow),
            _ => ("○", Color::Red),
        };
        let rule = match text("partRule").as_str() {
            "" => text("rule"),
            part => format!("{part}, but {}", text("rule")),
        };
        let why = format!(
            "{}\n{}\n{}",
            text("reasonZh"),
            text("reasonEn"),
            text("law")
        );
        table.add_row([
            Cell::new(mark).fg(color),
            Cell::new(section.get("of").map(plain).unwrap_or_default()),
            Cell::new(rule),
            Cell::new(why),
            Cell::new(facts(section)),
            Cell::new(section.get("missing").map(plain).unwrap_or_default()),
        ]);
    }
    page.push_str(&format!("{table}\n"));
    page.push_str("● all  ◐ in part  ○ nothing, of what others wrote\n");
    page
}

/// The facts that decided, with what makes them so; where none did alone, all
/// that hold.
fn facts(section: &Value) -> String {
    let is_decisive = |fact: &&Value| fact.get("decisive").is_some();
    let decided = items(section, "facts").any(|fact| is_decisive(&fact));
    let told = items(section, "facts").filter(|fact| !decided || is_decisive(fact));
    let lines = told.map(|fact| {
        let text = |name: &str| fact.get(name).and_then(Value::as_str).unwrap_or_default();
        let by = match text("source") {
            "" => String::new(),
            source => format!(" by {}", source.rsplit('/').next().unwrap_or(source)),
        };
        let until = match text("until") {
            "" => String::new(),
            until => format!(" until {}", instant(until).unwrap_or_default()),
        };
        format!("{}{by}{until}", text("name"))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A set of rules: what is known of it, and every policy.
pub(super) fn rules(answer: &Value) -> String {
    let text = |name: &str| answer.get(name).map(plain).unwrap_or_default();
    let mut page = format!(
        "{} since {}\nsha256 {}\n",
        text("proof"),
        text("since"),
        text("sha256")
    );
    let mut table = table();
    table.set_header(["", "policy", "why", "law"]);
    for policy in items(answer, "policies") {
        let text = |name: &str| policy.get(name).map(plain).unwrap_or_default();
        let (effect, color) = if policy.get("forbids").is_some() {
            ("forbids", Color::Red)
        } else {
            ("permits", Color::Green)
        };
        table.add_row([
            Cell::new(effect).fg(color),
            Cell::new(text("id")),
            Cell::new(format!("{}\n{}", text("reasonZh"), text("reasonEn"))),
            Cell::new(text("law")),
        ]);
    }
    page.push_str(&format!("{table}\n"));
    page
}

fn items<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    let list = value.get(name).and_then(Value::as_array);
    list.into_iter().flatten()
}

//! Answers for people: tables for lists, a page for a case.

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

use super::lists::{Columns, INQUIRIES, LISTS, NOT_REFERRED, PAGES, TIMELINE, TRANSITIONS};
use super::plain::{plain, words};
use super::why;

/// An answer as people read it.
pub(crate) fn answer(method: &str, answer: &Value) -> String {
    match method {
        "CaseService/GetCase"
        | "CaseService/RegisterCase"
        | "MatterService/CreateMatter"
        | "MatterService/LinkCase"
        | "MatterService/UnlinkCase" => return case(answer),
        "NoticeService/ListNotices" => {
            let all = answer.get("notices").and_then(Value::as_array);
            return notices(all.map(Vec::as_slice).unwrap_or_default());
        }
        "NoticeService/RecordNoticeDelivery" => return notices(std::slice::from_ref(answer)),
        "AccessService/ExplainAccess" => return why::explanation(answer),
        "AccessService/PreviewDisclosure" => return preview(answer),
        "RulesService/GetRules" | "RulesService/ReloadRules" => return why::rules(answer),
        _ => {}
    }
    if let Some((_, field, columns)) = LISTS.iter().find(|(known, _, _)| *known == method) {
        let mut page = list(answer.get(field), columns);
        if answer.get("notReferred").is_some() {
            page.push_str(&list(answer.get("notReferred"), NOT_REFERRED));
        }
        if let Some(token) = answer.get("nextPageToken").and_then(Value::as_str) {
            page.push_str(&format!("more: --page {token}\n"));
        }
        return page;
    }
    match PAGES
        .iter()
        .find(|(service, _)| method.starts_with(service))
    {
        Some((_, rows)) => one(answer, rows),
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

fn list(rows: Option<&Value>, columns: Columns) -> String {
    let rows = rows
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    if rows.is_empty() {
        return "nothing\n".to_owned();
    }
    // A column in which nothing stands only takes room.
    let columns: Vec<(&str, &str)> = columns
        .iter()
        .filter(|(_, path)| rows.iter().any(|row| row.pointer(path).is_some()))
        .copied()
        .collect();
    let mut table = table();
    table.set_header(columns.iter().map(|(heading, _)| *heading));
    for row in rows {
        let cell = |(_, path): &(&str, &str)| row.pointer(path).map(plain).unwrap_or_default();
        table.add_row(columns.iter().map(cell));
    }
    if is_too_narrow(&table) {
        table = stacked(rows, &columns);
    }
    format!("{table}\n")
}

/// A name that is broken over lines cannot be copied.
fn is_too_narrow(table: &Table) -> bool {
    let widths = table.column_max_content_widths();
    let borders = 3 * widths.len() + 1;
    let whole = widths
        .iter()
        .map(|width| usize::from(*width))
        .sum::<usize>()
        + borders;
    let Some(room) = table.width().map(usize::from).filter(|room| *room < whole) else {
        return false;
    };
    let cells = table.row_iter().flat_map(|row| row.cell_iter());
    let longest = cells
        .filter_map(|cell| {
            cell.content()
                .split(' ')
                .map(|word| word.chars().count())
                .max()
        })
        .max();
    longest.is_some_and(|name| name > room / 4)
}

/// The same in one column: each name on a line of its own.
fn stacked(rows: &[Value], columns: &[(&str, &str)]) -> Table {
    let mut table = table();
    table.load_preset(presets::UTF8_FULL);
    for row in rows {
        let told = columns.iter().filter_map(|(heading, path)| {
            let value = row.pointer(path).map(plain)?;
            Some((*heading, value)).filter(|(_, value)| !value.is_empty())
        });
        let mut told = told.collect::<Vec<_>>().into_iter();
        let name = told.next().map(|(_, name)| name).unwrap_or_default();
        let rest: Vec<String> = told
            .map(|(heading, value)| format!("{heading} {value}"))
            .collect();
        table.add_row([format!("{name}\n{}", rest.join("; "))]);
    }
    table
}

/// Every field that is set, one a row.
fn facts(answer: &Value) -> String {
    let Some(fields) = answer.as_object().filter(|fields| !fields.is_empty()) else {
        return "done\n".to_owned();
    };
    let mut table = table();
    for (name, value) in fields {
        table.add_row([words(name), plain(value)]);
    }
    format!("{table}\n")
}

/// One resource, then its course and what was asked, where it has them.
fn one(answer: &Value, rows: Columns) -> String {
    let mut table = table();
    for (heading, path) in rows {
        if let Some(value) = answer.pointer(path) {
            table.add_row([(*heading).to_owned(), plain(value)]);
        }
    }
    let mut page = format!("{table}\n");
    for (field, columns) in [("transitions", TRANSITIONS), ("inquiries", INQUIRIES)] {
        if answer.get(field).is_some() {
            page.push_str(&list(answer.get(field), columns));
        }
    }
    page
}

/// What the worker is told, in words to be read out.
fn notices(notices: &[Value]) -> String {
    if notices.is_empty() {
        return "nothing\n".to_owned();
    }
    let mut table = table();
    table.load_preset(presets::UTF8_FULL);
    for notice in notices {
        let text = |name: &str| notice.get(name).map(plain).unwrap_or_default();
        let told = match text("deliveredAt").as_str() {
            "" => "not told yet".to_owned(),
            at => format!("told {at}, {}", text("deliveredBy")),
        };
        table.add_row([format!(
            "{}  {}  {told}\n{}\n{}",
            text("name"),
            text("at"),
            text("textZh"),
            text("textEn")
        )]);
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
            sections.add_row([words(name), plain(value)]);
        }
    }
    page.push_str(&format!("{sections}\n"));
    if case.get("timeline").is_some() {
        page.push_str(&list(case.get("timeline"), TIMELINE));
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

#[cfg(test)]
mod tests {
    use super::{is_too_narrow, list, stacked, table};
    use crate::cli::lists::Columns;
    use serde_json::json;

    const COLUMNS: Columns = &[("referral", "/name"), ("to", "/toAgency")];

    #[test]
    fn a_name_is_never_broken_over_lines() {
        let name = "330782-2026-000001/46ech38szssj5kb9h10k5h0991";
        let rows = json!([{"name": format!("cases/{}", name.replace('/', "/referrals/")),
            "toAgency": "agencies/yiwu-labour"}]);
        let mut narrow = table();
        narrow.set_width(50).add_row([name, "yiwu-labour"]);
        assert!(is_too_narrow(&narrow));
        assert!(!is_too_narrow(narrow.set_width(80)));
        let mut page = stacked(
            rows.as_array().map(Vec::as_slice).unwrap_or_default(),
            COLUMNS,
        );
        page.set_width(50);
        assert!(page.lines().any(|line| line.contains(name)));
        assert!(page.lines().any(|line| line.contains("to yiwu-labour")));
        assert_eq!(list(None, COLUMNS), "nothing\n");
    }
}

//! The generated part of `docs/referrals.md`: the picture, the table, and the
//! Chinese names.

use std::path::PathBuf;

use proto::v1::ReferralState as State;

use crate::referral::machine::{Access, Actor, Event, OPEN, Row, TABLE, When, state_name};

const BEGIN: &str = "<!-- generated from services/casebook/src/referral/machine.rs -->\n";
const END: &str = "<!-- end of what is generated -->\n";

/// Compares the page with the table, or writes it.
pub(super) fn compare() {
    let path = path("referrals.md");
    let text = read("referrals.md");
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let page = format!("{before}{BEGIN}{}{END}{after}", generated());
    if std::env::var_os("CASENET_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    assert!(
        page == read("referrals.md"),
        "docs/referrals.md is not what the table says; write it: \
         CASENET_WRITE_DOCS=1 cargo test -p casebook table"
    );
}

/// A page of the documentation.
pub(super) fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap()
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name)
}

fn generated() -> String {
    let mut page = String::from("\n");
    page.push_str(&picture());
    page.push_str(&table());
    page.push_str(&names());
    page
}

/// From every open state, or from every state: told in words, not drawn.
fn is_from_everywhere(row: &Row) -> bool {
    OPEN.iter().all(|state| row.from.contains(state))
}

fn picture() -> String {
    let mut picture = String::from("```mermaid\nstateDiagram-v2\n    [*] --> draft\n");
    // A hyphen is no name in the diagram's language.
    let id = |state: State| state_name(state).replace('-', "_");
    let drawn: Vec<&Row> = TABLE
        .iter()
        .filter(|row| !is_from_everywhere(row))
        .collect();
    let mut states: Vec<State> = Vec::new();
    let mut arrows: Vec<((State, State), Vec<&str>)> = Vec::new();
    for row in drawn {
        let Some(to) = row.to else { continue };
        for from in row.from {
            for state in [*from, to] {
                if !states.contains(&state) {
                    states.push(state);
                }
            }
            match arrows.iter_mut().find(|(ends, _)| *ends == (*from, to)) {
                Some((_, events)) => events.push(row.event.name()),
                None => arrows.push(((*from, to), vec![row.event.name()])),
            }
        }
    }
    for state in states
        .iter()
        .filter(|state| id(**state) != state_name(**state))
    {
        picture.push_str(&format!(
            "    state \"{}\" as {}\n",
            state_name(*state),
            id(*state)
        ));
    }
    for ((from, to), events) in arrows {
        picture.push_str(&format!(
            "    {} --> {} : {}\n",
            id(from),
            id(to),
            events.join(", ")
        ));
    }
    for end in states.iter().filter(|state| !OPEN.contains(state)) {
        picture.push_str(&format!("    {} --> [*]\n", id(*end)));
    }
    picture.push_str("```\n\nNot drawn, because they leave from everywhere: ");
    let everywhere = TABLE.iter().filter(|row| is_from_everywhere(row));
    let told: Vec<String> = everywhere
        .filter_map(|row| Some((row, row.to?)))
        .map(|(row, to)| {
            let whence = if row.from.len() == OPEN.len() {
                "any open state"
            } else {
                "any state"
            };
            format!("`{}` from {whence} to {}", row.event.name(), state_name(to))
        })
        .collect();
    picture.push_str(&format!("{}.\n\n", told.join("; ")));
    picture
}

fn table() -> String {
    let mut table = String::from(
        "| event | from | to | who | if | the receiver's access |\n|---|---|---|---|---|---|\n",
    );
    for row in TABLE {
        let from = match row.from.len() {
            6 if is_from_everywhere(row) => "any open state".to_owned(),
            11 => "any".to_owned(),
            _ => list(row.from, state_name),
        };
        table.push_str(&format!(
            "| {} | {from} | {} | {} | {} | {} |\n",
            row.event.name(),
            row.to.map_or("stays", state_name),
            list(row.by, actor),
            when(row.when),
            access(row.access),
        ));
    }
    table.push('\n');
    table
}

fn list<T: Copy>(items: &[T], name: impl Fn(T) -> &'static str) -> String {
    let names: Vec<&str> = items.iter().map(|item| name(*item)).collect();
    names.join(", ")
}

fn actor(actor: Actor) -> &'static str {
    match actor {
        Actor::Sender => "sender",
        Actor::Receiver => "receiver",
        Actor::Lead => "lead",
        Actor::Worker => "worker, through any agency on the case",
        Actor::Clock => "time",
        Actor::Consequence => "follows from another step",
    }
}

fn when(when: When) -> &'static str {
    match when {
        When::Always => "",
        When::NotHandedOver => "not an accepted handover",
        When::Waiting => "it waits for something",
        When::Asked => "it waits for the sender's answer",
        When::Contestable => "not contested before, within the window",
        When::Reopenable => "within 30 days of its end",
        When::Proposed => "another person has proposed it; not an accepted handover",
    }
}

fn access(access: Access) -> &'static str {
    match access {
        Access::Same => "as it is",
        Access::Triage => "triage begins: what the case is about, no name",
        Access::Working => "working access begins, to the scope",
        Access::Widened => "working access names what was added",
        Access::Longer => "working access lasts longer, or begins again",
        Access::None => "all of it ends",
        Access::Residual => "working access becomes residual: status and outcome",
    }
}

fn names() -> String {
    let mut table = String::from("| state | 状态 |\n|---|---|\n");
    for number in 1..=12 {
        let state = State::try_from(number).unwrap();
        table.push_str(&format!(
            "| {} | {} |\n",
            state_name(state),
            state_zh(state)
        ));
    }
    table.push_str("\n| event | 事项 |\n|---|---|\n");
    let mut seen: Vec<Event> = Vec::new();
    for row in TABLE {
        if !seen.contains(&row.event) {
            seen.push(row.event);
            table.push_str(&format!(
                "| {} | {} |\n",
                row.event.name(),
                event_zh(row.event)
            ));
        }
    }
    table.push('\n');
    table
}

fn state_zh(state: State) -> &'static str {
    match state {
        State::Unspecified => "",
        State::Draft => "草稿",
        State::Requested => "已发出",
        State::Received => "已收到",
        State::Accepted => "已接受",
        State::InProgress => "办理中",
        State::OnHold => "暂停",
        State::Completed => "已办结",
        State::Failed => "未办成",
        State::Rejected => "已拒绝",
        State::Cancelled => "已取消",
        State::Expired => "逾期未答复",
        State::EnteredInError => "误录",
    }
}

fn event_zh(event: Event) -> &'static str {
    match event {
        Event::Send => "发出",
        Event::Acknowledge => "确认收到",
        Event::Accept => "接受",
        Event::Reject => "拒绝",
        Event::Contest => "对拒绝提出异议，另行转介",
        Event::Start => "开始办理",
        Event::AskInformation => "要求补充情况",
        Event::ProvideInformation => "补充情况，必要时扩大范围",
        Event::AwaitThirdParty => "等待第三方",
        Event::Hold => "暂停",
        Event::Resume => "恢复办理",
        Event::Complete => "办结",
        Event::Fail => "未能办成",
        Event::AcknowledgeOutcome => "知悉结果",
        Event::Withdraw => "撤回转介",
        Event::Extend => "延长查阅期限",
        Event::Reopen => "重新办理",
        Event::ProposeError => "提出系误录",
        Event::MarkError => "另一人确认误录",
        Event::Revoke => "依据终止",
        Event::ConsentWithdrawn => "劳动者撤回同意",
        Event::NotSelected => "他机构已先接受",
        Event::ParentEnded => "所依附的转介已终止",
        Event::Expire => "逾期",
        Event::AccessEnded => "查阅期限届满",
    }
}

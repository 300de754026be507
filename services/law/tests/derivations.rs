//! The working of every date, as files to be read: `derivations/RULE.txt`.
//! `CASENET_WRITE_SNAPSHOTS=1 cargo test -p law` writes them anew.

use std::collections::BTreeMap;
use std::path::Path;

use law::deadline::{Computed, Rules, Step};

use crate::dates;

/// A deadline and its working in both languages.
pub fn tell(title: &str, computed: &Computed) -> String {
    let mut told = format!("== {title}\n");
    match (computed.due, computed.last_moment) {
        (Some(due), Some(moment)) => told.push_str(&format!("due {due}, last moment {moment}\n")),
        _ => told.push_str("due: not known\n"),
    }
    told.push_str(&format!("{:?}", computed.state));
    if computed.estimate {
        told.push_str(", an estimate");
    }
    if !computed.checked {
        told.push_str(", unconfirmed");
    }
    told.push('\n');
    for line in [Step::line_zh as fn(&Step) -> String, Step::line_en] {
        for (step, n) in computed.derivation.iter().zip(1..) {
            told.push_str(&format!("{n}. {}\n", line(step)));
        }
    }
    told.push('\n');
    told
}

/// Compares with the file of a name, or writes it when told to.
pub fn compare(name: &str, told: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/derivations");
    let file = folder.join(format!("{name}.txt"));
    if std::env::var_os("CASENET_WRITE_SNAPSHOTS").is_some() {
        std::fs::write(&file, told).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    for (n, (kept, told)) in kept.lines().zip(told.lines()).enumerate() {
        assert_eq!(told, kept, "{name}.txt, line {}", n + 1);
    }
    assert_eq!(told.len(), kept.len(), "{name}.txt ends elsewhere");
}

#[test]
fn every_derivation_is_as_it_was_read_in_both_languages() {
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    for date in dates::all() {
        let variant = date.variant.as_deref().unwrap_or("");
        let title = format!("{} {variant} from {}", date.rule, date.trigger);
        let computed = dates::compute(&date);
        told.entry(date.rule.clone())
            .or_default()
            .push_str(&tell(&title, &computed));
    }
    assert_eq!(told.len(), Rules::built_in().iter().count());
    for (rule, told) in told {
        compare(&rule, &told);
    }
}

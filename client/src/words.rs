//! What the pages say, in the reader's language. The words stand in
//! `i18n/*.toml`; a test sees to it that none is missing in either.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    /// 简体中文, the first.
    #[default]
    Chinese,
    /// English.
    English,
}

type Table = BTreeMap<String, String>;

/// The pages' own words, the contract's codes, the record's fields and values.
static CHINESE: LazyLock<Table> = LazyLock::new(|| {
    read(&[
        include_str!("../i18n/zh-CN.toml"),
        include_str!("../i18n/zh-CN.codes.toml"),
        include_str!("../i18n/zh-CN.record.toml"),
    ])
});
static ENGLISH: LazyLock<Table> = LazyLock::new(|| {
    read(&[
        include_str!("../i18n/en.toml"),
        include_str!("../i18n/en.codes.toml"),
        include_str!("../i18n/en.record.toml"),
    ])
});

/// The files as one flat table: `[stage] open = …` becomes `stage.open`.
fn read(files: &[&str]) -> Table {
    fn flatten(prefix: &str, table: &toml::Table, into: &mut Table) {
        for (name, value) in table {
            let key = if prefix.is_empty() {
                name.clone()
            } else {
                format!("{prefix}.{name}")
            };
            match value {
                toml::Value::Table(table) => flatten(&key, table, into),
                toml::Value::String(text) => {
                    into.insert(key, text.clone());
                }
                _ => {}
            }
        }
    }
    let mut flat = Table::new();
    // A file that cannot be read fails the tests, not a caseworker's page.
    for table in files
        .iter()
        .filter_map(|text| text.parse::<toml::Table>().ok())
    {
        flatten("", &table, &mut flat);
    }
    flat
}

impl Language {
    /// As HTML names it.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// The language of that tag; the first one if there is none.
    pub(crate) fn of(tag: &str) -> Self {
        if tag == "en" {
            Self::English
        } else {
            Self::Chinese
        }
    }

    fn table(self) -> &'static Table {
        match self {
            Self::Chinese => &CHINESE,
            Self::English => &ENGLISH,
        }
    }

    /// The words for a key; the key itself where there are none.
    pub(crate) fn t(self, key: &str) -> &str {
        self.table().get(key).map_or(key, String::as_str)
    }

    /// The same, with `{name}` replaced.
    pub(crate) fn with(self, key: &str, values: &[(&str, &str)]) -> String {
        let mut text = self.t(key).to_owned();
        for (name, value) in values {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }

    /// The words for a code of an open list (`unpaid_wages`); the code in plain
    /// letters where the list has grown.
    pub(crate) fn code(self, group: &str, code: &str) -> String {
        let key = |group: &str| format!("{group}.{}", code.replace('.', "_"));
        let found = self.table().get(&key(group));
        match found.or_else(|| self.table().get(&key("value"))) {
            Some(words) => words.clone(),
            None => code.replace(['_', '-'], " "),
        }
    }

    /// Whichever of two texts of the network is in this language; the other if
    /// that one is empty.
    pub(crate) fn either<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Chinese if !zh.is_empty() => zh,
            Self::English if en.is_empty() => zh,
            _ => en,
        }
    }
}

/// Every code of a group that both languages know, in the files' order.
pub(crate) fn codes(group: &str) -> Vec<&'static str> {
    let prefix = format!("{group}.");
    CHINESE
        .keys()
        .filter_map(|key| key.strip_prefix(&prefix))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    #[test]
    fn no_key_is_missing_in_either_language() {
        assert!(CHINESE.len() > 300, "the Chinese file cannot be read");
        let chinese: BTreeSet<_> = CHINESE.keys().collect();
        let english: BTreeSet<_> = ENGLISH.keys().collect();
        let apart: Vec<_> = chinese.symmetric_difference(&english).collect();
        assert!(apart.is_empty(), "{apart:?}");
    }

    #[test]
    fn no_words_are_empty_and_placeholders_agree() {
        let holes = |text: &str| -> BTreeSet<String> {
            let parts = text.split('{').skip(1);
            parts
                .filter_map(|part| part.split_once('}'))
                .map(|(name, _)| name.to_owned())
                .collect()
        };
        for (key, zh) in CHINESE.iter() {
            let en = &ENGLISH[key];
            assert!(!zh.trim().is_empty() && !en.trim().is_empty(), "{key}");
            assert_eq!(holes(zh), holes(en), "{key}");
        }
    }

    #[test]
    fn every_key_that_the_pages_name_is_there() {
        let mut missing = Vec::new();
        let mut named = 0;
        for (file, text) in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
            for call in [".t(\"", ".with(\"", "Field::new(\"", "words: \""] {
                for rest in text.split(call).skip(1) {
                    let key = rest.split('"').next().unwrap();
                    named += 1;
                    if key.contains('.') && !CHINESE.contains_key(key) {
                        missing.push(format!("{file}: {key}"));
                    }
                }
            }
        }
        assert!(named > 100, "the search is broken");
        assert!(missing.is_empty(), "{missing:#?}");
    }

    #[test]
    fn every_reason_of_a_refusal_is_explained() {
        for number in 1..200 {
            if let Ok(reason) = proto::v1::ErrorReason::try_from(number) {
                let name = reason.as_str_name().trim_start_matches("ERROR_REASON_");
                assert!(CHINESE.contains_key(&format!("reason.{name}")), "{name}");
            }
        }
    }

    #[test]
    fn every_method_that_concerns_a_case_has_words() {
        let contract = prost_reflect::DescriptorPool::decode(proto::DESCRIPTOR_SET).unwrap();
        let apart = |name: &str| {
            [
                "Agreement",
                "Agenc",
                "Webhook",
                "Feed",
                "Session",
                "Rules",
                "Proof",
                "Checkpoint",
            ]
            .iter()
            .chain(&[
                "SignIn",
                "SignOut",
                "WhoAmI",
                "User",
                "DeadLetters",
                "ListParties",
            ])
            .any(|word| name.contains(word))
        };
        let of_v1 = contract
            .services()
            .filter(|s| s.package_name() == "casenet.v1");
        for method in of_v1.flat_map(|s| s.methods().collect::<Vec<_>>()) {
            let key = format!("method.{}", method.name());
            assert!(apart(method.name()) || CHINESE.contains_key(&key), "{key}");
        }
    }

    #[test]
    fn every_section_has_a_name() {
        for section in proto::section::ALL {
            let key = format!("section.{}", proto::section::name(section));
            assert!(CHINESE.contains_key(&key), "{key}");
        }
    }

    fn sources(folder: &Path) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(sources(&path));
            } else if !path.ends_with("words.rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.display().to_string(), text));
            }
        }
        found
    }
}

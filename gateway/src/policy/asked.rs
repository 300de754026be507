//! A question in a rule's own words: what Cedar is asked, by name. Facts are
//! turned into it; a counterexample, whose words may be nobody's, is one as well.

use std::collections::HashMap;

use cedar_policy::RestrictedExpression;
use serde::Serialize;
use serde::ser::SerializeMap as _;

use super::facts::Facts;

/// Names of the yes-or-no facts, in the schema's order.
pub const FLAGS: [&str; 16] = [
    "system",
    "lead",
    "author",
    "triage",
    "working",
    "granted",
    "contribute",
    "breakGlass",
    "masked",
    "consent",
    "filed",
    "sealed",
    "sealer",
    "published",
    "sender",
    "receiver",
];

/// One question to the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// "read", "readPart" or an action of the contract.
    pub action: String,
    /// The agency's kind ("law_firm").
    pub kind: String,
    /// The agency is suspended.
    pub suspended: bool,
    /// The section that is sought ("identity-number"), else "unspecified".
    pub section: String,
    /// "filing" or "handling".
    pub purpose: String,
    /// The facts, in the order of [`FLAGS`].
    pub flags: [bool; FLAGS.len()],
}

impl Default for Asked {
    /// To read nothing, for nobody.
    fn default() -> Self {
        Self {
            action: "read".to_owned(),
            kind: "other".to_owned(),
            suspended: false,
            section: "unspecified".to_owned(),
            purpose: "handling".to_owned(),
            flags: [false; FLAGS.len()],
        }
    }
}

impl Asked {
    /// The question that an action on these facts is.
    pub fn new(action: &str, facts: &Facts) -> Self {
        Self {
            action: action.to_owned(),
            kind: facts.kind_name().to_owned(),
            suspended: facts.suspended,
            section: facts.section_name().to_owned(),
            purpose: if facts.filing { "filing" } else { "handling" }.to_owned(),
            flags: { *facts }.flags().map(|flag| *flag),
        }
    }

    /// Every yes-or-no fact with its name.
    pub fn facts(&self) -> impl Iterator<Item = (&'static str, bool)> {
        FLAGS.into_iter().zip(self.flags)
    }

    /// The principal's attributes.
    pub(super) fn attributes(&self) -> HashMap<String, RestrictedExpression> {
        HashMap::from([
            text("kind", &self.kind),
            (
                "suspended".to_owned(),
                RestrictedExpression::new_bool(self.suspended),
            ),
        ])
    }

    /// The request's context.
    pub(super) fn context(&self) -> Vec<(String, RestrictedExpression)> {
        let flag =
            |(name, value): (&str, bool)| (name.to_owned(), RestrictedExpression::new_bool(value));
        let mut pairs = vec![
            text("section", &self.section),
            text("purpose", &self.purpose),
        ];
        pairs.extend(self.facts().map(flag));
        pairs
    }
}

fn text(name: &str, value: &str) -> (String, RestrictedExpression) {
    let value = RestrictedExpression::new_string(value.to_owned());
    (name.to_owned(), value)
}

impl Serialize for Asked {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("action", &self.action)?;
        map.serialize_entry("kind", &self.kind)?;
        map.serialize_entry("suspended", &self.suspended)?;
        map.serialize_entry("section", &self.section)?;
        map.serialize_entry("purpose", &self.purpose)?;
        for (name, value) in self.facts() {
            map.serialize_entry(name, &value)?;
        }
        map.end()
    }
}

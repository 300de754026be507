//! A breach: the request that breaks an invariant, in as few facts as it needs,
//! told in words and put to the real rules again.

use std::str::FromStr;

use cedar_policy::{EvalResult, Policy, PolicyId, PolicySet, RequestEnv};
use cedar_policy_symcc::Env;
use serde::Serialize;

use super::ProveError;
use crate::policy::asked::{Asked, FLAGS};
use crate::policy::decide::Rules;
use proto::section;
use proto::v1::Section;

/// Kinds of agency as rules name them.
const KINDS: [&str; 9] = [
    "media",
    "union",
    "law_firm",
    "labour_bureau",
    "court",
    "procuratorate",
    "university",
    "operator",
    "other",
];

/// A request that an invariant forbids and the rules allow.
#[derive(Debug, Clone, Serialize)]
pub struct Breach {
    /// "media would read identity in part: granted, no consent".
    pub words: String,
    /// The request itself.
    pub request: Asked,
    /// What the real rules say to it.
    pub replay: Replay,
}

/// What the real rules say to a counterexample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Replay {
    /// Allowed, by these policies.
    Allowed(Vec<String>),
    /// Refused, because a policy could not be evaluated.
    Failed(String),
    /// Refused: the proof and the rules do not agree.
    Refused,
}

impl Breach {
    /// Puts the request to the rules, and tells it by these facts.
    pub(super) fn replayed(request: Asked, telling: &[String], rules: &Rules) -> Self {
        let replay = match rules.weigh(&request) {
            Ok(weighed) if weighed.allowed => Replay::Allowed(weighed.deciding),
            Ok(_) => Replay::Refused,
            Err(detail) => Replay::Failed(detail),
        };
        Self {
            words: words(&request, telling),
            request,
            replay,
        }
    }
}

impl std::fmt::Display for Replay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Allowed(by) => write!(f, "allowed by {}", by.join(", ")),
            Self::Failed(detail) => write!(f, "refused, a policy fails: {detail}"),
            Self::Refused => f.write_str("refused: the proof and the rules do not agree"),
        }
    }
}

impl std::fmt::Display for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "action={} kind={} suspended={} section={} purpose={}",
            self.action, self.kind, self.suspended, self.section, self.purpose
        )?;
        self.facts()
            .try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

fn words(asked: &Asked, telling: &[String]) -> String {
    let does = match asked.action.as_str() {
        "read" => format!("read {} in full", asked.section),
        "readPart" => format!("read {} in part", asked.section),
        action => format!("do {action}"),
    };
    let mut facts: Vec<String> = Vec::new();
    if asked.suspended {
        facts.push("suspended".to_owned());
    }
    if asked.purpose != "handling" {
        facts.push(format!("purpose {}", asked.purpose));
    }
    let holds = asked.facts().filter(|(_, value)| *value);
    facts.extend(holds.map(|(name, _)| name.to_owned()));
    let lacks = asked
        .facts()
        .filter(|(name, value)| !value && telling.iter().any(|told| told == name));
    facts.extend(lacks.map(|(name, _)| format!("no {name}")));
    if facts.is_empty() {
        facts.push("whatever the facts".to_owned());
    }
    let kind = match asked.kind.as_str() {
        "" => "an agency of no kind",
        kind => kind,
    };
    format!("{kind} would {does}: {}", facts.join(", "))
}

/// The request that the solver found.
pub(super) fn asked(found: &Env) -> Result<Asked, ProveError> {
    let missing = |what: &str| ProveError::Solver(format!("its counterexample has no {what}"));
    let request = &found.request;
    let action = request.action().ok_or_else(|| missing("action"))?;
    let asker = request
        .principal()
        .and_then(|principal| found.entities.get(principal))
        .ok_or_else(|| missing("agency"))?;
    let context = request.context().ok_or_else(|| missing("facts"))?;
    let attribute = |name: &str| asker.attr(name).and_then(Result::ok);
    let text = |value: Option<EvalResult>, name: &str| match value {
        Some(EvalResult::String(text)) => Ok(text),
        _ => Err(missing(name)),
    };
    let flag = |value: Option<EvalResult>, name: &str| match value {
        Some(EvalResult::Bool(value)) => Ok(value),
        _ => Err(missing(name)),
    };
    let mut flags = [false; FLAGS.len()];
    for (name, value) in FLAGS.into_iter().zip(&mut flags) {
        *value = flag(context.get(name), name)?;
    }
    Ok(Asked {
        action: action.id().unescaped().to_owned(),
        kind: text(attribute("kind"), "kind")?,
        suspended: flag(attribute("suspended"), "suspended")?,
        section: text(context.get("section"), "section")?,
        purpose: text(context.get("purpose"), "purpose")?,
        flags,
    })
}

/// What makes a breach plain, each a forbid that is added where a breach is
/// left: words that exist, facts that go together, then no fact without need.
pub(super) fn restrictions(env: &RequestEnv) -> Vec<String> {
    let action = env.action().id().unescaped();
    let is_read = ["read", "readPart"].contains(&action);
    let sections: Vec<&str> = if is_read {
        section::ALL.into_iter().map(section::name).collect()
    } else {
        vec![section::name(Section::Unspecified)]
    };
    let only = |condition: String| format!("unless {{ {condition} }}");
    let never = |condition: &str| format!("when {{ {condition} }}");
    let mut restrictions = vec![
        only(format!("{}.contains(principal.kind)", list(&KINDS))),
        only(format!("{}.contains(context.section)", list(&sections))),
        only("context.purpose == \"handling\" || context.purpose == \"filing\"".to_owned()),
        never("(context.working || context.breakGlass) && !context.granted"),
        never("context.contribute && !context.working"),
        never("context.masked && !context.granted"),
        never("context.sealer && !context.sealed"),
    ];
    if !is_read {
        restrictions.push(never("context.author || context.consent"));
    }
    restrictions.push(never("principal.suspended"));
    restrictions.push(only("context.purpose == \"handling\"".to_owned()));
    // The commonest facts last, so that they are what is left.
    const RAREST_FIRST: [&str; FLAGS.len()] = [
        "system",
        "published",
        "sealer",
        "sealed",
        "breakGlass",
        "masked",
        "filed",
        "sender",
        "receiver",
        "author",
        "triage",
        "lead",
        "contribute",
        "consent",
        "working",
        "granted",
    ];
    restrictions.extend(RAREST_FIRST.map(|fact| never(&format!("context.{fact}"))));
    restrictions
}

/// The policies with one more forbid.
pub(super) fn with(policies: &PolicySet, restriction: &str) -> Result<PolicySet, ProveError> {
    let unprovable = |error: &dyn std::fmt::Display| ProveError::Unprovable(error.to_string());
    let text = format!("forbid (principal, action, resource) {restriction};");
    let policy = Policy::from_str(&text).map_err(|error| unprovable(&error))?;
    let id = PolicyId::new(format!("restriction {}", policies.num_of_policies()));
    let mut narrower = policies.clone();
    narrower
        .add(policy.new_id(id))
        .map_err(|error| unprovable(&error))?;
    Ok(narrower)
}

fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
    format!("[{}]", quoted.join(", "))
}

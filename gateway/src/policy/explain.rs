//! Why: the decision on every section of a case, the facts that it was decided
//! on and where they come from, and what would make it another.

use proto::section;
use proto::v1::{
    AccessDecision, AccessFact, AccessLevel, Grant, GrantStage, Label, Section, SectionAccess,
};

use super::asked::FLAGS;
use super::decide::Rules;
use super::facts::{self, Facts, Seeker};
use super::permit::{Judgement, Level, judge};

/// Facts that people can bring about, and that are named where they are missing.
const ATTAINABLE: [&str; 5] = ["triage", "granted", "consent", "filed", "published"];

/// Every section of a case, for one who seeks it.
pub fn explain(rules: &Rules, seeker: &Seeker, label: &Label) -> Vec<SectionAccess> {
    let one = |section| {
        let facts = Facts::of_section(seeker, label, section, false);
        let others = judge(rules, facts);
        let own = judge(rules, Facts::of_section(seeker, label, section, true));
        SectionAccess {
            of: section as i32,
            facts: holding(rules, seeker, label, facts, others.level),
            missing: missing(rules, facts, others.level),
            others: Some(decision(&others)),
            own: Some(decision(&own)),
        }
    };
    section::ALL.into_iter().map(one).collect()
}

/// The facts that hold, each with what makes it so.
fn holding(
    rules: &Rules,
    seeker: &Seeker,
    label: &Label,
    facts: Facts,
    level: Level,
) -> Vec<AccessFact> {
    let mut held = Vec::new();
    let fact = |name: &str, decisive| AccessFact {
        name: name.to_owned(),
        source: String::new(),
        until: None,
        decisive,
    };
    if facts.suspended {
        let admitted = Facts {
            suspended: false,
            ..facts
        };
        held.push(fact("suspended", judge(rules, admitted).level != level));
    }
    for (at, name) in FLAGS.into_iter().enumerate() {
        let mut without = facts;
        let flag = &mut without.flags()[at];
        if !std::mem::replace(*flag, false) {
            continue;
        }
        let stated = fact(name, judge(rules, without).level != level);
        let mut sources = sources(seeker, label, facts.section, name);
        if sources.is_empty() {
            held.push(stated);
            continue;
        }
        for (source, until) in sources.drain(..) {
            held.push(AccessFact {
                source,
                until,
                ..stated.clone()
            });
        }
    }
    if facts.filing {
        let handling = Facts {
            filing: false,
            ..facts
        };
        held.push(fact("filing", judge(rules, handling).level != level));
    }
    held
}

/// The facts that do not hold and would alone show more.
fn missing(rules: &Rules, facts: Facts, level: Level) -> Vec<String> {
    let mut missing = Vec::new();
    for (at, name) in FLAGS.into_iter().enumerate() {
        let mut with = facts;
        let held = std::mem::replace(with.flags()[at], true);
        if ATTAINABLE.contains(&name) && !held && judge(rules, with).level > level {
            missing.push(name.to_owned());
        }
    }
    let filing = Facts {
        filing: true,
        ..facts
    };
    if !facts.filing && judge(rules, filing).level > level {
        missing.push("filing".to_owned());
    }
    missing
}

/// The grants and consents that a fact rests on; none: the case itself.
fn sources(
    seeker: &Seeker,
    label: &Label,
    section: Section,
    fact: &str,
) -> Vec<(String, Option<prost_types::Timestamp>)> {
    if fact == "consent" {
        return facts::consents(seeker, label, section)
            .map(|consent| (consent.consent.clone(), consent.valid_until))
            .collect();
    }
    let counts = |grant: &&Grant| match (fact, grant.stage()) {
        ("triage", GrantStage::Triage)
        | ("working", GrantStage::Working)
        | ("granted", GrantStage::Working | GrantStage::Residual | GrantStage::BreakGlass)
        | ("breakGlass", GrantStage::BreakGlass) => true,
        ("contribute", GrantStage::Working) => grant.contribute,
        ("masked", _) => grant.masked,
        _ => false,
    };
    facts::grants(seeker, label)
        .filter(|grant| facts::names(&grant.sections, section))
        .filter(counts)
        .map(|grant| (grant.name.clone(), grant.valid_until))
        .collect()
}

fn decision(judged: &Judgement) -> AccessDecision {
    let level = match judged.level {
        Level::Withheld => AccessLevel::Withheld,
        Level::Part => AccessLevel::Part,
        Level::Full => AccessLevel::Full,
    };
    let part_rule = judged.part.as_ref().map(|part| part.rule.clone());
    AccessDecision {
        level: level as i32,
        rule: judged.because.rule.clone(),
        part_rule: part_rule.unwrap_or_default(),
        reason_zh: judged.because.reason_zh.clone(),
        reason_en: judged.because.reason_en.clone(),
        law: judged.because.law.clone(),
    }
}

//! The decisions for a whole answer: how much of each section may leave.

use std::sync::Arc;

use proto::section;
use proto::v1::{Label, Section, Withheld};

use super::decide::{Decision, Rules};
use super::facts::{Facts, Seeker};

/// How much of a section may leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Nothing.
    Withheld,
    /// The fields marked as its part.
    Part,
    /// All of it.
    Full,
}

/// Earned by deciding; demanded by redaction. Says how much of each section
/// the caller may see of one case at one moment.
#[derive(Debug, Clone)]
pub struct Permit {
    agency: String,
    case: String,
    revision: u64,
    sections: Vec<Verdict>,
}

/// The decision on one section.
#[derive(Debug, Clone)]
struct Verdict {
    section: Section,
    level: Level,
    own: Level,
    /// The rule that set the level.
    because: Arc<Decision>,
}

impl Permit {
    /// Decides on every section of a case.
    pub fn decide(rules: &Rules, seeker: &Seeker, label: &Label) -> Self {
        let sections = section::ALL
            .into_iter()
            .map(|section| {
                let judged =
                    |author| judge(rules, Facts::of_section(seeker, label, section, author));
                let others = judged(false);
                Verdict {
                    section,
                    level: others.level,
                    own: judged(true).level,
                    because: others.because,
                }
            })
            .collect();
        Self {
            agency: seeker.agency.clone(),
            case: label.case.clone(),
            revision: label.revision,
            sections,
        }
    }

    /// The permit for an answer about no case: nothing but what is open.
    pub fn open(seeker: &Seeker) -> Self {
        Self {
            agency: seeker.agency.clone(),
            case: String::new(),
            revision: 0,
            sections: Vec::new(),
        }
    }

    /// The permit for what is told about a case and holds nothing of it.
    pub fn telling_of(seeker: &Seeker, label: &Label) -> Self {
        Self {
            case: label.case.clone(),
            revision: label.revision,
            ..Self::open(seeker)
        }
    }

    /// Keeps only these sections; an empty list keeps all.
    #[must_use]
    pub fn narrowed(mut self, wanted: &[Section]) -> Self {
        if !wanted.is_empty() {
            self.sections
                .retain(|verdict| wanted.contains(&verdict.section));
        }
        self
    }

    /// How much of a section may leave. `author`: the agency whose
    /// contribution it is, where it is one.
    pub fn level(&self, section: Section, author: Option<&[u8]>) -> Level {
        if section == Section::Open {
            return Level::Full;
        }
        let is_own = author.is_some_and(|author| self.is_of(author));
        self.sections
            .iter()
            .find(|verdict| verdict.section == section)
            .map_or(Level::Withheld, |v| if is_own { v.own } else { v.level })
    }

    /// Whether the caller is the agency of that name.
    pub fn is_of(&self, agency: &[u8]) -> bool {
        agency == self.agency.as_bytes() && !agency.is_empty()
    }

    /// Whether the caller may know that the case exists.
    pub fn sees_anything(&self) -> bool {
        self.sections
            .iter()
            .any(|verdict| verdict.level > Level::Withheld)
    }

    /// The sections of which this permit lets more out than another one: of
    /// what others wrote, or of what its own agency did, which to the other
    /// agency is somebody else's.
    pub fn beyond(&self, other: &Self) -> Vec<Section> {
        let is_beyond = |verdict: &&Verdict| {
            verdict.level.max(verdict.own) > other.level(verdict.section, None)
        };
        let beyond = self.sections.iter().filter(is_beyond);
        beyond.map(|verdict| verdict.section).collect()
    }

    /// What is withheld, and why, of the sections that an answer can hold.
    pub fn withheld(&self, can_hold: impl Fn(Section) -> bool) -> Vec<Withheld> {
        self.sections
            .iter()
            .filter(|verdict| verdict.level < Level::Full && can_hold(verdict.section))
            .map(|verdict| Withheld {
                section: verdict.section as i32,
                in_part: verdict.level == Level::Part,
                rule: verdict.because.rule.clone(),
                reason_zh: verdict.because.reason_zh.clone(),
                reason_en: verdict.because.reason_en.clone(),
                law: verdict.because.law.clone(),
            })
            .collect()
    }

    /// The rules behind the levels of these sections, each once.
    pub fn rules(&self, of: impl Fn(Section) -> bool) -> Vec<String> {
        let mut rules: Vec<String> = self
            .sections
            .iter()
            .filter(|verdict| of(verdict.section))
            .map(|verdict| verdict.because.rule.clone())
            .collect();
        rules.sort();
        rules.dedup();
        rules
    }

    /// `cases/{case}`; empty where the answer is about no case.
    pub fn case(&self) -> &str {
        &self.case
    }

    /// The label's revision that it was decided on.
    pub fn revision(&self) -> u64 {
        self.revision
    }
}

/// How much of a section these facts let out, and what decided.
#[derive(Debug, Clone)]
pub(super) struct Judgement {
    /// How much.
    pub(super) level: Level,
    /// The permit where all may leave, else the rule that withholds the rest.
    pub(super) because: Arc<Decision>,
    /// What lets the part out, where it is only a part.
    pub(super) part: Option<Arc<Decision>>,
}

/// Judges the reading of one section.
pub(super) fn judge(rules: &Rules, facts: Facts) -> Judgement {
    let because = rules.decide("read", facts);
    if because.allowed {
        return Judgement {
            level: Level::Full,
            because,
            part: None,
        };
    }
    let part = Some(rules.decide("readPart", facts)).filter(|part| part.allowed);
    Judgement {
        level: part.as_ref().map_or(Level::Withheld, |_| Level::Part),
        because,
        part,
    }
}

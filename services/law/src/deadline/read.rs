//! Rules from data: read, validated, with errors that name line and field.

use std::collections::BTreeMap;
use std::ops::Range;
use std::str::FromStr;
use std::sync::LazyLock;

use chrono::NaiveDate;
use serde::Deserialize;
use toml::Spanned;

use super::pattern::{Journal, Pattern, Standing, Start};
use super::rules::{Binds, Counting, Extension, Rule, Rules, Suspension, Text, Variant};
use crate::citation::Citation;

/// Rules that cannot be read: where, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, {place}: {problem}")]
pub struct RulesError {
    /// The line of the file, from 1.
    pub line: usize,
    /// The entry and its field ("rule award-period, length").
    pub place: String,
    /// What is wrong, and what to write.
    pub problem: String,
}

static BUILT_IN: LazyLock<Rules> = LazyLock::new(|| {
    // INVARIANT (the built-in data parse): a test reads them.
    include_str!("../../data/deadlines.toml")
        .parse()
        .unwrap_or_default()
});

impl Rules {
    /// The rules that this build ships.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// The built-in rules and those of another file in the same form, which
    /// may cite the built-in laws and countings. A rule of the same id takes
    /// the place of the built-in one.
    ///
    /// # Errors
    /// [`RulesError`] says where, by the lines of the other file.
    pub fn with(more: &str) -> Result<Self, RulesError> {
        let base = File::parse(include_str!("../../data/deadlines.toml"))?;
        let more = File::parse(more)?;
        let laws: Vec<_> = base.law.into_iter().chain(more.law).collect();
        let countings: Vec<_> = base.counting.into_iter().chain(more.counting).collect();
        let mut rules = Self::built_in().rules.clone();
        let reader = Reader::new(more.text, &laws, &countings)?;
        for rule in reader.rules(&more.rule)? {
            match rules.iter_mut().find(|old| old.id == rule.id) {
                Some(old) => *old = rule,
                None => rules.push(rule),
            }
        }
        Ok(Self { rules })
    }
}

impl FromStr for Rules {
    type Err = RulesError;

    fn from_str(text: &str) -> Result<Self, RulesError> {
        let file = File::parse(text)?;
        let rules = Reader::new(text, &file.law, &file.counting)?.rules(&file.rule)?;
        Ok(Self { rules })
    }
}

// What the file says, before it is understood.

struct File<'t> {
    text: &'t str,
    law: Vec<RawLaw>,
    counting: Vec<RawCounting>,
    rule: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    law: Vec<RawLaw>,
    #[serde(default)]
    counting: Vec<RawCounting>,
    #[serde(default)]
    rule: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLaw {
    id: String,
    zh: String,
    en: String,
    checked: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCounting {
    id: String,
    texts: Vec<RawCountingText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCountingText {
    from: Spanned<String>,
    start: Spanned<String>,
    rest_day: Spanned<String>,
    month_end: Spanned<String>,
    midnight: Spanned<String>,
    post: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRule {
    id: Spanned<String>,
    zh: String,
    en: String,
    trigger_zh: String,
    trigger_en: String,
    duty_zh: String,
    duty_en: String,
    #[serde(default)]
    lapse_zh: String,
    #[serde(default)]
    lapse_en: String,
    binds: Binds,
    counting: Spanned<String>,
    length: Spanned<String>,
    #[serde(default)]
    before: bool,
    rolls: Spanned<bool>,
    suspension: Option<Suspension>,
    suspension_sources: Option<Vec<Spanned<String>>>,
    interruption_sources: Option<Vec<Spanned<String>>>,
    extensions: Option<Vec<RawExtension>>,
    texts: Spanned<Vec<RawText>>,
    #[serde(default)]
    variants: Vec<RawVariant>,
    #[serde(default)]
    journal: RawJournal,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVariant {
    id: String,
    zh: String,
    en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawText {
    from: Spanned<String>,
    until: Option<Spanned<String>>,
    region: Option<Spanned<String>>,
    variant: Option<Spanned<String>>,
    length: Option<Spanned<String>>,
    sources: Spanned<Vec<Spanned<String>>>,
    #[serde(default)]
    common: bool,
    suspension: Option<Suspension>,
    suspension_sources: Option<Vec<Spanned<String>>>,
    interruption_sources: Option<Vec<Spanned<String>>>,
    extensions: Option<Vec<RawExtension>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExtension {
    length: Option<Spanned<String>>,
    by_zh: String,
    by_en: String,
    sources: Vec<Spanned<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawJournal {
    #[serde(default)]
    claims: Vec<String>,
    #[serde(default)]
    starts: Vec<RawStart>,
    #[serde(default)]
    meets: Vec<Spanned<String>>,
    #[serde(default)]
    stops: Vec<Spanned<String>>,
    #[serde(default)]
    interrupts: Vec<Spanned<String>>,
    #[serde(default)]
    suspends: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStart {
    act: Spanned<String>,
    trigger: Standing,
}

impl<'t> File<'t> {
    fn parse(text: &'t str) -> Result<Self, RulesError> {
        let raw: RawFile = toml::from_str(text).map_err(|error| RulesError {
            line: line(text, error.span().unwrap_or_default()),
            place: "syntax".to_owned(),
            // One line: a field that is missing, unknown or of another kind.
            problem: error.message().replace('\n', " "),
        })?;
        Ok(Self {
            text,
            law: raw.law,
            counting: raw.counting,
            rule: raw.rule,
        })
    }
}

fn line(text: &str, span: Range<usize>) -> usize {
    1 + text
        .bytes()
        .take(span.start)
        .filter(|b| *b == b'\n')
        .count()
}

/// Understands what a file says; errors point into `text`.
struct Reader<'t> {
    text: &'t str,
    laws: BTreeMap<&'t str, &'t RawLaw>,
    countings: BTreeMap<&'t str, Vec<Counting>>,
}

impl<'t> Reader<'t> {
    fn new(
        text: &'t str,
        laws: &'t [RawLaw],
        countings: &'t [RawCounting],
    ) -> Result<Self, RulesError> {
        let laws = laws.iter().map(|law| (law.id.as_str(), law)).collect();
        let mut reader = Self {
            text,
            laws,
            countings: BTreeMap::new(),
        };
        for counting in countings {
            let mut texts = Vec::new();
            for raw in &counting.texts {
                let at = |field: &str| format!("counting {}, {field}", counting.id);
                texts.push(Counting {
                    from: reader.date(&raw.from, at("from"))?,
                    start: reader.citation(&raw.start, at("start"))?,
                    rest_day: reader.citation(&raw.rest_day, at("rest_day"))?,
                    month_end: reader.citation(&raw.month_end, at("month_end"))?,
                    midnight: reader.citation(&raw.midnight, at("midnight"))?,
                    post: match &raw.post {
                        Some(post) => Some(reader.citation(post, at("post"))?),
                        None => None,
                    },
                });
            }
            texts.sort_by_key(|text| std::cmp::Reverse(text.from));
            reader.countings.insert(&counting.id, texts);
        }
        Ok(reader)
    }

    fn rules(&self, raws: &[RawRule]) -> Result<Vec<Rule>, RulesError> {
        let mut rules: Vec<Rule> = Vec::new();
        for raw in raws {
            let rule = self.rule(raw)?;
            if rules.iter().any(|other| other.id == rule.id) {
                let place = format!("rule {}, id", rule.id);
                return Err(self.wrong(raw.id.span(), place, "the id stands twice"));
            }
            rules.push(rule);
        }
        Ok(rules)
    }

    fn rule(&self, raw: &RawRule) -> Result<Rule, RulesError> {
        let id = raw.id.get_ref();
        let at = |field: &str| format!("rule {id}, {field}");
        let is_id = |c: char| c.is_ascii_lowercase() || c == '-';
        if id.is_empty() || !id.chars().all(is_id) {
            let problem = "an id is made of a-z and -";
            return Err(self.wrong(raw.id.span(), at("id"), problem));
        }
        let Some(counting) = self.countings.get(raw.counting.get_ref().as_str()) else {
            let problem = "no such counting in the file";
            return Err(self.wrong(raw.counting.span(), at("counting"), problem));
        };
        if raw.before && *raw.rolls.get_ref() {
            let problem = "a period before its trigger cannot roll: write false";
            return Err(self.wrong(raw.rolls.span(), at("rolls"), problem));
        }
        Ok(Rule {
            id: id.clone(),
            zh: raw.zh.clone(),
            en: raw.en.clone(),
            trigger_zh: raw.trigger_zh.clone(),
            trigger_en: raw.trigger_en.clone(),
            duty_zh: raw.duty_zh.clone(),
            duty_en: raw.duty_en.clone(),
            lapse_zh: raw.lapse_zh.clone(),
            lapse_en: raw.lapse_en.clone(),
            binds: raw.binds,
            before: raw.before,
            rolls: *raw.rolls.get_ref(),
            counting: counting.clone(),
            variants: raw
                .variants
                .iter()
                .map(|variant| Variant {
                    id: variant.id.clone(),
                    zh: variant.zh.clone(),
                    en: variant.en.clone(),
                })
                .collect(),
            texts: self.texts(raw)?,
            journal: self.journal(raw)?,
        })
    }

    /// The texts of a rule, newest first, each ending where the next begins.
    fn texts(&self, raw: &RawRule) -> Result<Vec<Text>, RulesError> {
        let at = |field: &str| format!("rule {}, {field}", raw.id.get_ref());
        let mut texts: Vec<Text> = Vec::new();
        for said in raw.texts.get_ref() {
            let text = self.one_text(raw, said)?;
            let is_twin = |other: &Text| {
                (other.from, &other.region, &other.variant)
                    == (text.from, &text.region, &text.variant)
            };
            if texts.iter().any(is_twin) {
                let problem = "two texts begin on this day";
                return Err(self.wrong(said.from.span(), at("texts.from"), problem));
            }
            texts.push(text);
        }
        if texts.is_empty() {
            let problem = "a rule needs at least one text";
            return Err(self.wrong(raw.texts.span(), at("texts"), problem));
        }
        texts.sort_by_key(|text| std::cmp::Reverse(text.from));
        for older in 1..texts.len() {
            let (newer, rest) = texts.split_at_mut(older);
            let Some(text) = rest.first_mut() else { break };
            let next = newer
                .iter()
                .rev()
                .find(|newer| (&newer.region, &newer.variant) == (&text.region, &text.variant));
            text.until = text.until.or(next.map(|next| next.from));
        }
        Ok(texts)
    }

    fn one_text(&self, raw: &RawRule, said: &RawText) -> Result<Text, RulesError> {
        let at = |field: &str| format!("rule {}, {field}", raw.id.get_ref());
        let from = self.date(&said.from, at("texts.from"))?;
        let until = match &said.until {
            Some(until) => Some(self.date(until, at("texts.until"))?),
            None => None,
        };
        if let (Some(raw_until), Some(until)) = (&said.until, until)
            && until <= from
        {
            let problem = "a text ends after it begins";
            return Err(self.wrong(raw_until.span(), at("texts.until"), problem));
        }
        let region = match &said.region {
            Some(region) => {
                let code = region.get_ref();
                let whole = format!("{code:0<6}");
                let is_part = matches!(code.len(), 2 | 4 | 6);
                if !is_part || crate::codes::Region::parse(&whole).is_err() {
                    let problem = "a region is 2, 4 or 6 digits of GB/T 2260";
                    return Err(self.wrong(region.span(), at("texts.region"), problem));
                }
                code.clone()
            }
            None => String::new(),
        };
        if let Some(variant) = &said.variant
            && !raw.variants.iter().any(|v| v.id == *variant.get_ref())
        {
            let problem = "the rule has no such variant: name it under variants";
            return Err(self.wrong(variant.span(), at("texts.variant"), problem));
        }
        let suspension = said.suspension.or(raw.suspension);
        let (interruption, suspended) = (
            said.interruption_sources
                .as_ref()
                .or(raw.interruption_sources.as_ref()),
            said.suspension_sources
                .as_ref()
                .or(raw.suspension_sources.as_ref()),
        );
        let suspension = suspension.unwrap_or(Suspension::None);
        let suspension_sources = match suspension {
            Suspension::None => Vec::new(),
            _ => self.citations(suspended, at("suspension_sources"))?,
        };
        if suspension != Suspension::None && suspension_sources.is_empty() {
            let problem = "a suspension needs suspension_sources";
            return Err(self.wrong(said.from.span(), at("suspension_sources"), problem));
        }
        if said.sources.get_ref().is_empty() {
            let problem = "a text needs a source";
            return Err(self.wrong(said.sources.span(), at("texts.sources"), problem));
        }
        let extensions = said.extensions.as_ref().or(raw.extensions.as_ref());
        let mut read = Vec::new();
        for extension in extensions.into_iter().flatten() {
            read.push(Extension {
                length: match &extension.length {
                    Some(length) => Some(self.parse(length, at("extensions.length"))?),
                    None => None,
                },
                by_zh: extension.by_zh.clone(),
                by_en: extension.by_en.clone(),
                sources: self.citations(Some(&extension.sources), at("extensions.sources"))?,
            });
        }
        Ok(Text {
            from,
            until,
            region,
            variant: said.variant.as_ref().map(|v| v.get_ref().clone()),
            length: self.parse(said.length.as_ref().unwrap_or(&raw.length), at("length"))?,
            sources: self.citations(Some(said.sources.get_ref()), at("texts.sources"))?,
            common: said.common,
            suspension,
            suspension_sources,
            interruption_sources: self.citations(interruption, at("interruption_sources"))?,
            extensions: read,
        })
    }

    fn journal(&self, raw: &RawRule) -> Result<Journal, RulesError> {
        let at = |field: &str| format!("rule {}, journal.{field}", raw.id.get_ref());
        let patterns = |raws: &[Spanned<String>], field: &str| {
            raws.iter()
                .map(|raw| self.parse::<Pattern>(raw, at(field)))
                .collect::<Result<Vec<_>, _>>()
        };
        let mut starts = Vec::new();
        for start in &raw.journal.starts {
            starts.push(Start {
                pattern: self.parse(&start.act, at("starts"))?,
                standing: start.trigger,
            });
        }
        Ok(Journal {
            claims: raw.journal.claims.clone(),
            starts,
            meets: patterns(&raw.journal.meets, "meets")?,
            stops: patterns(&raw.journal.stops, "stops")?,
            interrupts: patterns(&raw.journal.interrupts, "interrupts")?,
            suspends: patterns(&raw.journal.suspends, "suspends")?,
        })
    }

    fn citations(
        &self,
        raws: Option<&Vec<Spanned<String>>>,
        place: String,
    ) -> Result<Vec<Citation>, RulesError> {
        raws.into_iter()
            .flatten()
            .map(|raw| self.citation(raw, place.clone()))
            .collect()
    }

    /// "ldmal 27(3)": a law's id and an article, or - where it is not known.
    fn citation(&self, raw: &Spanned<String>, place: String) -> Result<Citation, RulesError> {
        let Some((law, article)) = raw.get_ref().split_once(' ') else {
            let problem = "write a law's id and an article, such as \"ldmal 27(3)\"";
            return Err(self.wrong(raw.span(), place, problem));
        };
        let Some(law) = self.laws.get(law) else {
            let problem = format!("no law {law} in the file");
            return Err(self.wrong(raw.span(), place, &problem));
        };
        Ok(Citation {
            law_zh: law.zh.clone(),
            law_en: law.en.clone(),
            article: article.trim_start_matches('-').to_owned(),
            checked: law.checked,
        })
    }

    fn date(&self, raw: &Spanned<String>, place: String) -> Result<NaiveDate, RulesError> {
        let parsed = raw.get_ref().parse();
        parsed.map_err(|_| self.wrong(raw.span(), place, "write a date as \"2024-01-01\""))
    }

    fn parse<T>(&self, raw: &Spanned<String>, place: String) -> Result<T, RulesError>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        let parsed = raw.get_ref().parse();
        parsed.map_err(|error: T::Err| self.wrong(raw.span(), place, &error.to_string()))
    }

    fn wrong(&self, span: Range<usize>, place: String, problem: &str) -> RulesError {
        RulesError {
            line: line(self.text, span),
            place,
            problem: problem.to_owned(),
        }
    }
}

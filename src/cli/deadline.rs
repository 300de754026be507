//! `casenet deadline`: one statutory deadline with its working, or the rules.
//! Needs no network: the law is in the program.

use std::path::PathBuf;

use chrono::{NaiveDate, NaiveDateTime};
use clap::{Subcommand, ValueEnum};
use comfy_table::{ContentArrangement, Table, presets};
use law::codes::Region;
use law::deadline::journal::{Act, Course, When, review};
use law::deadline::{Computed, Event, Facts, Rules, State, Step, Trigger, calculate};
use serde_json::{Value, json};

use super::{Failure, calendar, say};
use crate::replay::case_file::{CaseFile, Step as CaseStep};

/// In which language.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// What to do with deadlines.
#[derive(Debug, Subcommand)]
pub(crate) enum Deadline {
    /// The last day in time, and how it is come by, article by article.
    #[command(
        after_help = "Events: suspend=FROM..TO (or suspend=FROM.. while it goes on), interrupt=DATE[..END-OF-PROCEEDINGS], extend=APPROVED[..NEW-LAST-DAY], stop=DATE, meet=DATE.\nExample: casenet deadline calculate --rule arbitration-limitation --from 2025-02-28 --event interrupt=2025-11-03"
    )]
    Calculate {
        /// The rule's id: `casenet deadline rules` lists them.
        #[arg(long)]
        rule: String,
        /// What started it: a day, or for periods of hours a moment of
        /// Asia/Shanghai (2026-03-02T15:30).
        #[arg(long, value_name = "DATE", value_parser = trigger)]
        from: Trigger,
        /// GB/T 2260, for local texts.
        #[arg(long, value_name = "CODE", value_parser = Region::parse)]
        region: Option<Region>,
        /// A special case of the rule.
        #[arg(long)]
        variant: Option<String>,
        /// What happened since; may be given again.
        #[arg(long = "event", value_name = "KIND=DATE[..DATE]")]
        events: Vec<Event>,
        /// By the law of this day; without it, of the day that started it.
        #[arg(long, value_name = "DATE")]
        law_of: Option<NaiveDate>,
        /// The working in this language only.
        #[arg(long)]
        lang: Option<Language>,
        /// One JSON object on standard output.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        sources: Sources,
    },
    /// The clocks of case files: kept, missed, or not to be known.
    #[command(after_help = "Example: casenet deadline report cases/*.json")]
    Report {
        /// Case files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// One JSON object on standard output.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        sources: Sources,
    },
    /// Every rule: its period, whom it binds, where it stands.
    Rules {
        /// One JSON object on standard output.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        sources: Sources,
    },
}

/// Where rules and working days come from, beside what is built in.
#[derive(Debug, clap::Args)]
pub(crate) struct Sources {
    /// More rules, or others in place of built-in ones (TOML).
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// The network's folder: its imported calendar is used.
    #[arg(long, env = "CASENET_DATA", default_value = "casenet-data")]
    data: PathBuf,
}

impl Sources {
    fn rules(&self) -> Result<Rules, Failure> {
        let Some(file) = &self.rules else {
            return Ok(Rules::built_in().clone());
        };
        let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
        let text = std::fs::read_to_string(file).map_err(|error| wrong(&error))?;
        Ok(Rules::with(&text).map_err(|error| wrong(&error))?)
    }
}

impl Deadline {
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Calculate {
                rule,
                from,
                region,
                variant,
                events,
                law_of,
                lang,
                json,
                sources,
            } => {
                let facts = Facts {
                    rule,
                    trigger: from,
                    events,
                    region,
                    variant,
                    law_of,
                };
                let known = calendar::known(&sources.data)?;
                let computed = calculate(&sources.rules()?, &known, &facts)?;
                say(&if json {
                    format!("{:#}\n", told(&computed))
                } else {
                    page(&computed, lang)
                })
            }
            Self::Report {
                files,
                json,
                sources,
            } => report(&files, json, &sources),
            Self::Rules { json, sources } => list(&sources.rules()?, json),
        }
    }
}

fn trigger(text: &str) -> Result<Trigger, String> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(Trigger::Day(day));
    }
    ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .map(Trigger::Moment)
        .ok_or_else(|| "write 2026-03-02, or 2026-03-02T15:30".to_owned())
}

/// The answer as JSON: each step in both languages, with and without sources.
fn told(computed: &Computed) -> Value {
    let mut told = json!(computed);
    let steps: Vec<_> = computed.derivation.iter().map(step).collect();
    told["derivation"] = Value::Array(steps);
    told
}

fn step(step: &Step) -> Value {
    let mut told = json!(step);
    told["line_zh"] = step.line_zh().into();
    told["line_en"] = step.line_en().into();
    told
}

fn page(computed: &Computed, language: Option<Language>) -> String {
    let mut page = format!("rule         {}\n", computed.rule);
    match (computed.due, computed.last_moment) {
        (Some(due), Some(moment)) => {
            page.push_str(&format!(
                "due          {due}\nlast moment  {}\n",
                moment.to_rfc3339()
            ));
        }
        _ => page.push_str("due          not known while it is suspended\n"),
    }
    page.push_str(&match computed.state {
        State::Running => String::new(),
        State::Suspended { since } => format!("state        suspended since {since}\n"),
        State::Stopped { on } => format!("state        ended on {on}\n"),
        State::Met { on } => format!("state        met on {on}\n"),
        State::Late { on } => format!("state        done too late, on {on}\n"),
    });
    if computed.estimate {
        page.push_str("estimate     yes: see the working\n");
    }
    if !computed.checked {
        page.push_str("unconfirmed  † marks what has not been checked against its text\n");
    }
    let lines = |line: fn(&Step) -> String| {
        let numbered = computed.derivation.iter().zip(1..);
        numbered
            .map(|(step, n)| format!("  {n}. {}\n", line(step)))
            .collect::<String>()
    };
    if !matches!(language, Some(Language::En)) {
        page.push_str(&format!("\n计算过程\n{}", lines(Step::line_zh)));
    }
    if !matches!(language, Some(Language::Zh)) {
        page.push_str(&format!("\nworking\n{}", lines(Step::line_en)));
    }
    page
}

/// Each case's clocks, as far as the published dates tell.
fn report(files: &[PathBuf], json: bool, sources: &Sources) -> Result<(), Failure> {
    let (rules, known) = (sources.rules()?, calendar::known(&sources.data)?);
    let mut told = Vec::new();
    let mut page = String::new();
    for path in files {
        let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
        let file = CaseFile::parse(&text).map_err(|error| wrong(&error))?;
        let acts: Vec<_> = file.steps.iter().map(act).collect();
        let claims: Vec<_> = file.claims.iter().map(|c| c.item.as_str()).collect();
        let course = Course {
            acts: &acts,
            claims: &claims,
            region: region(&file),
            today: None,
        };
        let findings = review(&rules, &known, &course);
        page.push_str(&format!("{} {}\n", file.id, file.title_en));
        for finding in &findings {
            let due = finding.earliest.as_ref().and_then(|c| c.due);
            let due = due.map_or_else(|| "-".to_owned(), |due| due.to_string());
            page.push_str(&format!(
                "  {:31} due {due:10}  {}\n",
                finding.rule,
                finding.verdict.words().1
            ));
        }
        told.push(json!({"case": file.id, "clocks": findings}));
    }
    say(&if json {
        format!("{:#}\n", json!({"cases": told}))
    } else {
        page
    })
}

fn act(step: &CaseStep) -> Act {
    let code = |code: &Option<String>| code.clone().unwrap_or_default();
    Act {
        when: When::published(
            step.date.as_deref(),
            step.date_precision.as_deref(),
            step.date_basis.as_deref(),
        ),
        act: step.act.clone(),
        agency: code(&step.agency_kind),
        by: code(&step.initiated_by),
        outcome: code(&step.outcome),
    }
}

fn region(file: &CaseFile) -> Option<Region> {
    let of_case =
        |region: &&crate::replay::case_file::Region| region.role.as_deref() == Some("case");
    let region = file.regions.iter().find(of_case)?;
    Region::parse(region.code.as_deref()?).ok()
}

fn list(rules: &Rules, json: bool) -> Result<(), Failure> {
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(["id", "name", "period", "binds", "source", "checked"]);
    let mut told = Vec::new();
    for rule in rules.iter() {
        let Some(text) = rule.newest() else { continue };
        let sources: Vec<_> = text.sources.iter().map(|source| source.zh()).collect();
        let binds = json!(rule.binds);
        let before = if rule.before { " before" } else { "" };
        let common = if text.common { "commonly " } else { "" };
        let period = format!("{common}{}{before}", text.length);
        if json {
            told.push(json!({
                "id": rule.id, "zh": rule.zh, "en": rule.en, "period": period,
                "trigger_zh": rule.trigger_zh, "trigger_en": rule.trigger_en,
                "binds": binds, "lapse_zh": rule.lapse_zh, "lapse_en": rule.lapse_en,
                "since": text.from, "sources": text.sources, "checked": text.checked(),
                "variants": rule.variants,
            }));
        } else {
            table.add_row([
                rule.id.clone(),
                format!("{}\n{}", rule.zh, rule.en),
                period,
                binds.as_str().unwrap_or_default().to_owned(),
                sources.join("\n"),
                if text.checked() { "yes" } else { "no †" }.to_owned(),
            ]);
        }
    }
    if json {
        return say(&format!("{:#}\n", json!({"rules": told})));
    }
    say(&format!(
        "{table}\n† the text was not at hand: confirm the rule before relying on it\n"
    ))
}

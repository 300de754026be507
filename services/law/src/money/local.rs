//! Figures that places publish: minimum wages, average wages, incomes. Data,
//! each with its region, validity and source; none is shipped that nobody read.

use std::str::FromStr;

use chrono::NaiveDate;
use serde::Deserialize;
use toml::Spanned;

use crate::codes::{Fen, Region};

/// What a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Monthly minimum wage (最低工资标准).
    MinimumWage,
    /// Average monthly wage of the year before (上年度职工月平均工资).
    AverageWage,
    /// National disposable income per head of townspeople of the year before.
    UrbanIncome,
}

/// A figure, from a day to a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// What it is.
    pub kind: Kind,
    /// Divisions whose code begins so; empty: the whole country.
    pub region: String,
    /// In force from this day.
    pub from: NaiveDate,
    /// Not in force from this day on.
    pub until: Option<NaiveDate>,
    /// How much.
    pub amount: Fen,
    /// Who published it where.
    pub source: String,
}

/// All figures at hand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures(Vec<Figure>);

/// Figures that cannot be read: the line, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, {field}: {problem}")]
pub struct FiguresError {
    /// The line, from 1.
    pub line: usize,
    /// The field.
    pub field: &'static str,
    /// What is wrong.
    pub problem: String,
}

impl Figures {
    /// The figure in force on a day at a place: the closest region's newest.
    #[must_use]
    pub fn find(&self, kind: Kind, region: &Region, on: NaiveDate) -> Option<&Figure> {
        let code = region.to_string();
        self.0
            .iter()
            .filter(|figure| figure.kind == kind && code.starts_with(&figure.region))
            .filter(|figure| figure.from <= on && figure.until.is_none_or(|end| on < end))
            .max_by_key(|figure| (figure.region.len(), figure.from))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    figure: Vec<RawFigure>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFigure {
    kind: Kind,
    region: Spanned<String>,
    from: Spanned<String>,
    until: Option<Spanned<String>>,
    yuan: Spanned<String>,
    source: Spanned<String>,
}

impl FromStr for Figures {
    type Err = FiguresError;

    fn from_str(text: &str) -> Result<Self, FiguresError> {
        let line = |at: usize| 1 + text.bytes().take(at).filter(|b| *b == b'\n').count();
        let raw: RawFile = toml::from_str(text).map_err(|error| FiguresError {
            line: line(error.span().unwrap_or_default().start),
            field: "syntax",
            problem: error.message().replace('\n', " "),
        })?;
        let wrong = |raw: &Spanned<String>, field, problem: &str| FiguresError {
            line: line(raw.span().start),
            field,
            problem: problem.to_owned(),
        };
        let date = |raw: &Spanned<String>, field| {
            let parsed = raw.get_ref().parse::<NaiveDate>();
            parsed.map_err(|_| wrong(raw, field, "write a date as \"2024-01-01\""))
        };
        let mut figures = Vec::new();
        for said in &raw.figure {
            let region = said.region.get_ref();
            let whole = format!("{region:0<6}");
            let is_part = matches!(region.len(), 0 | 2 | 4 | 6);
            if !is_part || (!region.is_empty() && Region::parse(&whole).is_err()) {
                let problem = "a region is 2, 4 or 6 digits of GB/T 2260, or empty";
                return Err(wrong(&said.region, "region", problem));
            }
            if said.source.get_ref().trim().is_empty() {
                return Err(wrong(&said.source, "source", "say who published it where"));
            }
            let amount = Fen::parse(said.yuan.get_ref());
            figures.push(Figure {
                kind: said.kind,
                region: region.clone(),
                from: date(&said.from, "from")?,
                until: match &said.until {
                    Some(until) => Some(date(until, "until")?),
                    None => None,
                },
                amount: amount.map_err(|error| wrong(&said.yuan, "yuan", &error.to_string()))?,
                source: said.source.get_ref().clone(),
            });
        }
        Ok(Self(figures))
    }
}

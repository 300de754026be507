//! Figures that places publish: minimum wages, average wages, incomes. Data,
//! each with its region, validity and source; none is shipped that nobody read.

use std::str::FromStr;
use std::sync::LazyLock;

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

/// What a province pays at the end of the employment of an injured worker, of
/// degrees 5 to 10: months of the provincial average wage, once as the medical
/// subsidy and once as the re-employment subsidy (工伤保险条例 Art. 36, 37).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subsidy {
    /// Divisions whose code begins so.
    pub region: String,
    /// In force from this day.
    pub from: NaiveDate,
    /// Not in force from this day on.
    pub until: Option<NaiveDate>,
    /// Months by degree, 5 to 10.
    pub months: [u32; 6],
    /// Which rule.
    pub source: String,
}

/// All figures at hand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    figures: Vec<Figure>,
    subsidies: Vec<Subsidy>,
}

static BUILT_IN: LazyLock<Figures> = LazyLock::new(|| {
    // INVARIANT (the built-in data parse): a test reads them.
    include_str!("../../data/local.toml")
        .parse()
        .unwrap_or_default()
});

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
    /// The figures that this build ships.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// What a province pays at the end of the employment.
    #[must_use]
    pub fn subsidy(&self, region: &Region, on: NaiveDate) -> Option<&Subsidy> {
        let code = region.to_string();
        self.subsidies
            .iter()
            .filter(|subsidy| code.starts_with(&subsidy.region))
            .filter(|s| s.from <= on && s.until.is_none_or(|end| on < end))
            .max_by_key(|s| (s.region.len(), s.from))
    }

    /// The figure in force on a day at a place: the closest region's newest.
    #[must_use]
    pub fn find(&self, kind: Kind, region: &Region, on: NaiveDate) -> Option<&Figure> {
        let code = region.to_string();
        self.figures
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
    #[serde(default)]
    subsidy: Vec<RawSubsidy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSubsidy {
    region: Spanned<String>,
    from: Spanned<String>,
    until: Option<Spanned<String>>,
    months: [u32; 6],
    source: Spanned<String>,
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
        let place = |raw: &Spanned<String>| {
            let region = raw.get_ref();
            let whole = format!("{region:0<6}");
            let is_part = matches!(region.len(), 0 | 2 | 4 | 6);
            if !is_part || (!region.is_empty() && Region::parse(&whole).is_err()) {
                let problem = "a region is 2, 4 or 6 digits of GB/T 2260, or empty";
                return Err(wrong(raw, "region", problem));
            }
            Ok(region.clone())
        };
        let cited = |raw: &Spanned<String>| match raw.get_ref().trim() {
            "" => Err(wrong(raw, "source", "say who published it where")),
            source => Ok(source.to_owned()),
        };
        let end = |raw: &Option<Spanned<String>>| match raw {
            Some(until) => date(until, "until").map(Some),
            None => Ok(None),
        };
        let mut read = Self::default();
        for said in &raw.figure {
            let amount = Fen::parse(said.yuan.get_ref());
            read.figures.push(Figure {
                kind: said.kind,
                region: place(&said.region)?,
                from: date(&said.from, "from")?,
                until: end(&said.until)?,
                amount: amount.map_err(|error| wrong(&said.yuan, "yuan", &error.to_string()))?,
                source: cited(&said.source)?,
            });
        }
        for said in &raw.subsidy {
            read.subsidies.push(Subsidy {
                region: place(&said.region)?,
                from: date(&said.from, "from")?,
                until: end(&said.until)?,
                months: said.months,
                source: cited(&said.source)?,
            });
        }
        Ok(read)
    }
}

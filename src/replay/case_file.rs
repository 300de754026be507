//! A published case as its file has it. Strict about structure, lenient about
//! codes: an act or kind of agency that this program has never heard of stays
//! what it is.

use serde::Deserialize;
use serde_json::Number;

/// One published case.
#[derive(Debug, Clone, Deserialize)]
pub struct CaseFile {
    /// Its id in the collection.
    pub id: String,
    /// Its short name.
    #[serde(default)]
    pub slug: String,
    /// Title in Chinese.
    #[serde(default)]
    pub title_zh: String,
    /// Title in English.
    #[serde(default)]
    pub title_en: String,
    /// Regions and what they are to the case.
    #[serde(default)]
    pub regions: Vec<Region>,
    /// The workers.
    #[serde(default)]
    pub workers: Workers,
    /// The employer.
    #[serde(default)]
    pub employer: Option<Employer>,
    /// What was claimed.
    #[serde(default)]
    pub claims: Vec<Claim>,
    /// The course, in order.
    pub steps: Vec<Step>,
}

/// A region.
#[derive(Debug, Clone, Deserialize)]
pub struct Region {
    /// GB/T 2260, if stated.
    #[serde(default)]
    pub code: Option<String>,
    /// What it is to the case ("case", "home_of_worker", …).
    #[serde(default)]
    pub role: Option<String>,
}

/// The workers as published.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Workers {
    /// How many, if published.
    #[serde(default)]
    pub count: Option<u32>,
    /// The published alias.
    #[serde(default)]
    pub alias: Option<String>,
    /// Where they come from.
    #[serde(default)]
    pub origin_zh: Option<String>,
}

/// The employer as published.
#[derive(Debug, Clone, Deserialize)]
pub struct Employer {
    /// The published alias.
    #[serde(default)]
    pub alias: Option<String>,
    /// Its kind.
    #[serde(default)]
    pub kind: Option<String>,
}

/// A claim.
#[derive(Debug, Clone, Deserialize)]
pub struct Claim {
    /// Its code.
    pub item: String,
    /// Yuan, if published.
    #[serde(default)]
    pub amount_rmb: Option<Number>,
    /// How exact the sum is.
    #[serde(default)]
    pub amount_qualifier: Option<String>,
    /// Anything else.
    #[serde(default)]
    pub note: Option<String>,
}

/// A step of the course.
#[derive(Debug, Clone, Deserialize)]
pub struct Step {
    /// Its number.
    pub seq: u32,
    /// When, as precisely as published.
    #[serde(default)]
    pub date: Option<String>,
    /// "day", "month", "year".
    #[serde(default)]
    pub date_precision: Option<String>,
    /// "published", "inferred", "no_later_than", "not_published".
    #[serde(default)]
    pub date_basis: Option<String>,
    /// Who began it ("worker"), if published.
    #[serde(default)]
    pub initiated_by: Option<String>,
    /// Who acted, by kind.
    #[serde(default)]
    pub agency_kind: Option<String>,
    /// Who acted, by name.
    #[serde(default)]
    pub agency_name: Option<String>,
    /// What was done.
    pub act: String,
    /// With which outcome.
    #[serde(default)]
    pub outcome: Option<String>,
    /// Yuan, if published.
    #[serde(default)]
    pub amount_rmb: Option<Number>,
    /// Anything else.
    #[serde(default)]
    pub note: Option<String>,
}

impl CaseFile {
    /// Reads a case file; the error names the field and its place.
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

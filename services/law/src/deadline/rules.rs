//! The rules as the engine uses them: clocks, and the texts that ruled them.
//! [`super::read`] makes them from data; nothing else does.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::length::Length;
use super::pattern::Journal;
use crate::citation::Citation;
use crate::codes::Region;

/// Whom a clock binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Binds {
    /// The worker, or who acts for the worker.
    Worker,
    /// The employer.
    Employer,
    /// Whichever side wants the step.
    Either,
    /// Both sides together.
    Both,
    /// The party whom the decision is about.
    Party,
    /// The body that mediates.
    MediationBody,
    /// The arbitration commission.
    Commission,
    /// The arbitral tribunal.
    Tribunal,
    /// The respondent in arbitration.
    Respondent,
    /// The defendant in a suit.
    Defendant,
    /// The court.
    Court,
    /// The creditor of a title.
    Creditor,
    /// The debtor of a payment order.
    Debtor,
    /// Labour inspection.
    Inspection,
    /// The bureau that decides on work injuries.
    Bureau,
    /// The committee that appraises working capacity.
    Committee,
    /// The legal-aid body.
    LegalAid,
}

/// What an obstacle does to a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Suspension {
    /// Nothing: the text knows no suspension.
    None,
    /// The days lost are added (劳动争议调解仲裁法 Art. 27(3)).
    Remainder,
    /// An obstacle in the last six months gives six months from its end
    /// (民法典 Art. 194).
    LastSixMonths,
}

/// A lengthening that the text allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// By how much at most; none where the authority says until when.
    pub length: Option<Length>,
    /// Why and by whose approval, in Chinese.
    pub by_zh: String,
    /// Why and by whose approval, in English.
    pub by_en: String,
    /// Where it stands.
    pub sources: Vec<Citation>,
}

/// What the law said about a clock, from one day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// In force from this day.
    pub from: NaiveDate,
    /// Not in force from this day on; none while it rules.
    pub until: Option<NaiveDate>,
    /// Only in divisions whose code begins so; empty: everywhere.
    pub region: String,
    /// Only in this variant of the rule.
    pub variant: Option<String>,
    /// How long.
    pub length: Length,
    /// Where it stands.
    pub sources: Vec<Citation>,
    /// What local rules commonly say, not a law: an estimate.
    pub common: bool,
    /// What an obstacle does.
    pub suspension: Suspension,
    /// Where that stands.
    pub suspension_sources: Vec<Citation>,
    /// Where it stands that a claim or an acknowledgement starts the clock
    /// anew; empty: nothing does.
    pub interruption_sources: Vec<Citation>,
    /// The lengthenings, in the order in which they may be given.
    pub extensions: Vec<Extension>,
}

/// A special case of a rule, with a length of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variant {
    /// Its id in the rule.
    pub id: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// One statutory clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its id ("award-period").
    pub id: String,
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// What starts it, in Chinese.
    pub trigger_zh: String,
    /// What starts it, in English.
    pub trigger_en: String,
    /// What is to be done in it, in Chinese.
    pub duty_zh: String,
    /// What is to be done in it, in English.
    pub duty_en: String,
    /// What its lapse means, in Chinese; empty where the law names nothing.
    pub lapse_zh: String,
    /// What its lapse means, in English.
    pub lapse_en: String,
    /// Whom it binds.
    pub binds: Binds,
    /// The period lies before the trigger.
    pub before: bool,
    /// A last day that is a rest day moves to the next working day.
    pub rolls: bool,
    /// How it is counted.
    pub counting: Vec<Counting>,
    /// Its special cases.
    pub variants: Vec<Variant>,
    /// The texts, newest first.
    pub texts: Vec<Text>,
    /// Which acts of a case move it.
    pub journal: Journal,
}

/// The articles that the steps of counting rest on, from one day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counting {
    /// In force from this day.
    pub from: NaiveDate,
    /// The start is not counted.
    pub start: Citation,
    /// A period that ends on a rest day.
    pub rest_day: Citation,
    /// Months that lack the day.
    pub month_end: Citation,
    /// The last day ends at 24:00.
    pub midnight: Citation,
    /// Time in the post is not counted. `None`: the law of this clock does
    /// not say.
    pub post: Option<Citation>,
}

impl Rule {
    /// The text that ruled on a day: the closest local one, else the general.
    #[must_use]
    pub fn text(
        &self,
        on: NaiveDate,
        region: Option<&Region>,
        variant: Option<&str>,
    ) -> Option<&Text> {
        let code = region.map(ToString::to_string).unwrap_or_default();
        self.texts
            .iter()
            .filter(|text| text.variant.as_deref() == variant)
            .filter(|text| text.from <= on && text.until.is_none_or(|until| on < until))
            .filter(|text| code.starts_with(&text.region))
            .max_by_key(|text| text.region.len())
    }

    /// The first day that any text of the variant rules.
    #[must_use]
    pub fn first_day(&self, variant: Option<&str>) -> Option<NaiveDate> {
        let texts = self.texts.iter();
        texts
            .filter(|text| text.variant.as_deref() == variant)
            .map(|text| text.from)
            .min()
    }

    /// Today's general text: the newest without region and variant.
    #[must_use]
    pub fn newest(&self) -> Option<&Text> {
        self.texts
            .iter()
            .find(|text| text.region.is_empty() && text.variant.is_none())
    }

    /// How it was counted on a day; before the first text, as that says.
    #[must_use]
    pub fn counting(&self, on: NaiveDate) -> Option<&Counting> {
        let in_force = self.counting.iter().find(|counting| counting.from <= on);
        in_force.or(self.counting.last())
    }
}

impl Text {
    /// Every place it rests on was read.
    #[must_use]
    pub fn checked(&self) -> bool {
        self.sources.iter().all(|source| source.checked)
    }
}

/// All the rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    pub(super) rules: Vec<Rule>,
}

impl Rules {
    /// Each rule, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// The rule of an id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }
}

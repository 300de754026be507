//! Why a deadline cannot be computed, and what to give instead.

use chrono::NaiveDate;

use crate::deadline::facts::EventKind;

/// Why a deadline cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeadlineError {
    /// No rule of this id.
    #[error("there is no rule {0}: `casenet deadline rules` lists them")]
    NoRule(String),
    /// No such special case.
    #[error("the rule {rule} has no variant {variant}; it has: {has}")]
    NoVariant {
        /// The rule.
        rule: String,
        /// What was asked for.
        variant: String,
        /// The ones there are.
        has: String,
    },
    /// The law of that day knows no such period.
    #[error("the rule {rule} is known from {first} on; on {on} another law ruled")]
    NotInForce {
        /// The rule.
        rule: String,
        /// The first day of its first text.
        first: NaiveDate,
        /// The day asked for.
        on: NaiveDate,
    },
    /// The text of the rule does not know such an event.
    #[error("{kind} does nothing to the rule {rule}: its text ({source_en}) does not know it")]
    NoSuchEvent {
        /// The rule.
        rule: String,
        /// The event.
        kind: EventKind,
        /// The text.
        source_en: String,
    },
    /// More lengthenings than the text allows.
    #[error("the rule {rule} can be extended {most} times at most")]
    NoMoreExtensions {
        /// The rule.
        rule: String,
        /// How often.
        most: usize,
    },
    /// The text sets no length: the authority says until when.
    #[error("the authority sets this extension's end: write extend=APPROVED..NEW-LAST-DAY")]
    ExtensionNeedsEnd,
    /// Longer than the text allows.
    #[error("the extension runs to {most} at most, not to {asked}")]
    ExtensionTooLong {
        /// As far as the text allows.
        most: NaiveDate,
        /// As far as was asked.
        asked: NaiveDate,
    },
    /// An event that lies before the trigger.
    #[error("{kind} on {on} lies before the trigger, {trigger}")]
    BeforeTrigger {
        /// The event.
        kind: EventKind,
        /// Its day.
        on: NaiveDate,
        /// The trigger's day.
        trigger: NaiveDate,
    },
    /// Beyond what a date can be.
    #[error("the date lies beyond the calendar")]
    Beyond,
}

//! What is owed: calculators of claims, each with its statute, its formula in
//! both languages and its inputs, so that a person can check it by hand.
//!
//! Amounts are whole fen. A result is rounded once, half a fen up; nothing is
//! rounded on the way. What the law leaves to a place (average and minimum
//! wages, provincial subsidies) is an input or [`local`] data, never assumed.
//!
//! Reading order: [`amount`], then any of [`wages`], [`overtime`],
//! [`double_wage`], [`severance`], [`injury`], [`death`]; [`local`].

pub mod amount;
pub mod death;
pub mod double_wage;
pub mod injury;
pub mod local;
pub mod overtime;
pub mod severance;
pub mod wages;

pub use amount::{Amount, Input, MoneyError};

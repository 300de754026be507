//! The law as pure functions: codes and their check digits, working days.

pub mod calendar;
pub mod codes;

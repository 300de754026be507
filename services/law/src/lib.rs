//! The law as pure functions: codes and their check digits, working days,
//! statutory clocks, money.

pub mod calendar;
pub mod citation;
pub mod codes;
pub mod deadline;
pub mod money;

//! The law as pure functions: codes and their check digits

pub mod codes;

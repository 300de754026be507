//! The thin client: what a caseworker opens in the morning

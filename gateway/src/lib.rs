//! The one gate: identity, policy, filter, disclosure log

//! The contract `casenet.v1`: its messages, the names of its resources, and
//! the tables that its annotations compile to.
//!
//! Reading order: `names` (what things are called), `section` (what rules speak
//! about), `contract` (every method with its action, resource and answer),
//! `http` (where a method is found by agencies without gRPC), `wire` (walking a message without decoding it).
//!
//! **Invariant.** This crate knows no store, no policy and no runtime.

/// Sees to it that every field that can leave has a section.
#[allow(dead_code)]
mod coverage;
/// Sees to it that every route can be answered.
#[allow(dead_code)]
mod http_rules;

pub mod contract;
pub mod http;
pub mod names;
pub mod section;
pub mod wire;

#[allow(missing_docs, clippy::all, clippy::wildcard_imports)]
mod generated {
    pub mod google {
        pub mod r#type {
            include!(concat!(env!("OUT_DIR"), "/google.r#type.rs"));
        }
    }
    pub mod casenet {
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/casenet.v1.rs"));
        }
        pub mod internal {
            pub mod v1 {
                include!(concat!(env!("OUT_DIR"), "/casenet.internal.v1.rs"));
            }
        }
    }
}

/// The open contract, as generated.
pub use generated::casenet::v1;
/// What the network's own processes say to each other, as generated.
pub mod internal {
    pub use super::generated::casenet::internal::v1;
}
/// `google.type.Money` and `google.type.Date`.
pub mod money_and_date {
    pub use super::generated::google::r#type::{Date, Money};
}
pub use money_and_date::{Date, Money};

/// The compiled contract: a serialised `FileDescriptorSet` with its options
/// and comments, for reflection and for the gateway's tables.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/contract.bin"));

//! The API over HTTP/JSON, by a client that knows HTTP/1.1 and TLS and nothing of
//! gRPC.

mod document;
pub mod http1;
mod journey;
mod refusals;
mod same;
mod schemathesis;
mod stream;

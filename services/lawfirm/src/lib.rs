//! The law firm's file on a case: conflict check, engagement, acts of counsel,
//! privileged notes; and the firm's own register of parties.
//!
//! Reading order: [`procedure`] (which step is legal when), [`register`] and
//! [`conflict`] (律师法 39), [`engagement`], [`counsel`] and [`act`] (what the
//! firm does), [`privileged`] (律师法 38), [`file`](mod@file) (how it is kept),
//! [`service`] and [`part`] (how it is asked for).
//!
//! Architecture invariant: this crate never knows other agencies, the gateway,
//! Cedar, or who may see what. Who the parties of a case are it never learns:
//! it compares keyed digests.

mod act;
mod conflict;
mod counsel;
mod engagement;
mod file;
mod part;
mod privileged;
mod procedure;
mod register;
mod service;

#[cfg(test)]
mod tests;

use host::Desk;
use proto::internal::v1::part_service_server::PartServiceServer;
use proto::v1::law_firm_service_server::LawFirmServiceServer;
use tonic::service::Routes;

/// The role's services, ready to be called: `LawFirmService` and `PartService`.
pub fn open(desk: Desk) -> Routes {
    Routes::new(LawFirmServiceServer::new(service::LawFirm::new(
        desk.clone(),
    )))
    .add_service(PartServiceServer::new(part::Part::new(desk)))
}

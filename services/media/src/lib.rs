//! The publicity desk: proposal, consent, anonymised draft, the lead's
//! approval, publication, and what comes after.
//!
//! Reading order: [`procedure`] (which step is legal when), [`anonymous`] (no
//! text that identifies anybody), [`coverage`], [`draft`], [`publication`],
//! [`report`] (the steps), [`file`](mod@file) (how it is kept), [`reading`]
//! (whole, and as the record has it), [`service`].
//!
//! Architecture invariant: this crate never knows other agencies, the gateway,
//! Cedar, or who may see what. Identifiers of a case it never learns: it asks
//! the spine where a text contains one. Consent is the casebook's.

mod anonymous;
mod coverage;
mod draft;
mod file;
mod procedure;
mod publication;
mod reading;
mod report;
mod service;

#[cfg(test)]
mod tests;

use host::Desk;
use proto::internal::v1::part_service_server::PartServiceServer;
use proto::v1::media_service_server::MediaServiceServer;
use tonic::service::Routes;

/// The role's services, ready to be called: `MediaService` and `PartService`.
pub fn open(desk: Desk) -> Routes {
    Routes::new(MediaServiceServer::new(service::Media::new(desk.clone())))
        .add_service(PartServiceServer::new(reading::Part::new(desk)))
}

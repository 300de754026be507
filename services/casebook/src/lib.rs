//! The spine of every case: parties, claims, referrals and the grants that they
//! make, consents, timeline, feeds, and the directory of agencies.
//!
//! Reading order: `case` (the aggregate that every change goes through),
//! `case::register`, `case::service`; `referral::machine` (THE table), then
//! `referral::service`; `consent`; `milestone` (what agencies report),
//! `identifiers` (what a text gives away), `spine` (what the network's own
//! processes ask), `directory`, `feed`, `webhook` (the feed, posted).
//!
//! Architecture invariant: knows no agency's file, no gateway, no rule about
//! who may *see*. Nothing but a transition makes or ends a grant.

mod case;
mod consent;
mod directory;
mod feed;
mod identifiers;
mod keys;
mod milestone;
mod page;
mod part;
mod referral;
mod spine;
mod webhook;

#[cfg(test)]
mod tests;

use host::Desk;
use proto::internal::v1::part_service_server::PartServiceServer;
use proto::internal::v1::spine_service_server::SpineServiceServer;
use proto::v1::case_service_server::CaseServiceServer;
use proto::v1::consent_service_server::ConsentServiceServer;
use proto::v1::directory_service_server::DirectoryServiceServer;
use proto::v1::feed_service_server::FeedServiceServer;
use proto::v1::referral_service_server::ReferralServiceServer;
use tonic::service::Routes;

pub use directory::enlist;
pub use webhook::{TrustError, WebhookSettings, Webhooks, webhooks};

/// The role's services, ready to be called.
pub fn open(desk: Desk) -> Routes {
    Routes::new(CaseServiceServer::new(case::service::Cases::new(
        desk.clone(),
    )))
    .add_service(ReferralServiceServer::new(
        referral::service::Referrals::new(desk.clone()),
    ))
    .add_service(ConsentServiceServer::new(consent::Consents::new(
        desk.clone(),
    )))
    .add_service(DirectoryServiceServer::new(directory::Directory::new(
        desk.clone(),
    )))
    .add_service(FeedServiceServer::new(feed::Feeds::new(desk.clone())))
    .add_service(PartServiceServer::new(part::Part::new(desk.clone())))
    .add_service(SpineServiceServer::new(spine::Spine::new(desk)))
}

//! The spine of every case: parties, claims, referrals and the grants that they
//! make, consents, timeline, feeds, and the directory of agencies.
//!
//! Reading order: `case` (the aggregate that every change goes through),
//! `case::register`, `case::service`; `referral::machine` (THE table), `sharing`
//! (what its steps do, and what time does), then `referral::service`; `consent`,
//! `break_glass`, `agreement`, `notices`, `matter` (collective disputes),
//! `document`;
//! `milestone` (what agencies report), `identifiers` (what a text gives away),
//! `spine` (what the network's own processes ask), `directory`, `feed`, `webhook`
//! (the feed, posted).
//!
//! Architecture invariant: knows no agency's file, no gateway, no rule about
//! who may *see*. Nothing but a transition makes or ends a grant.

mod agreement;
mod break_glass;
mod case;
mod consent;
mod directory;
mod document;
mod feed;
mod identifiers;
mod keys;
mod matter;
mod milestone;
mod notices;
mod page;
mod part;
mod referral;
mod sharing;
mod spine;
mod webhook;

#[cfg(test)]
mod tests;

use host::{Desk, Drain};
use proto::internal::v1::part_service_server::PartServiceServer;
use proto::internal::v1::spine_service_server::SpineServiceServer;
use proto::v1::agreement_service_server::AgreementServiceServer;
use proto::v1::break_glass_service_server::BreakGlassServiceServer;
use proto::v1::case_service_server::CaseServiceServer;
use proto::v1::consent_service_server::ConsentServiceServer;
use proto::v1::directory_service_server::DirectoryServiceServer;
use proto::v1::document_service_server::DocumentServiceServer;
use proto::v1::feed_service_server::FeedServiceServer;
use proto::v1::matter_service_server::MatterServiceServer;
use proto::v1::notice_service_server::NoticeServiceServer;
use proto::v1::referral_service_server::ReferralServiceServer;
use tokio::task::JoinHandle;
use tonic::service::Routes;

pub use directory::enlist;
pub use referral::terms::{Change, Term, Terms};
pub use webhook::{TrustError, WebhookSettings, Webhooks, webhooks};

/// Keeps time for the role's cases until the drain begins: what is due happens.
/// Must be called inside a tokio runtime; await the task before the folder is
/// opened again.
pub fn keep_time(desk: Desk, terms: Terms, drain: &Drain) -> JoinHandle<()> {
    let drained = drain.signalled();
    tokio::spawn(async move {
        tokio::select! {
            () = sharing::keep_time(desk, terms) => {}
            () = drained => {}
        }
    })
}

/// The role's services, ready to be called.
pub fn open(desk: Desk, terms: Terms) -> Routes {
    let d = || desk.clone();
    let t = || terms.clone();
    Routes::new(CaseServiceServer::new(case::service::Cases::new(d(), t())))
        .add_service(ReferralServiceServer::new(
            referral::service::Referrals::new(d(), t()),
        ))
        .add_service(ConsentServiceServer::new(consent::Consents::new(d(), t())))
        .add_service(BreakGlassServiceServer::new(
            break_glass::BreakGlasses::new(d(), t()),
        ))
        .add_service(NoticeServiceServer::new(notices::Notices::new(d(), t())))
        .add_service(DocumentServiceServer::new(document::Documents::new(
            d(),
            t(),
        )))
        .add_service(MatterServiceServer::new(matter::Matters::new(d(), t())))
        .add_service(AgreementServiceServer::new(agreement::Agreements::new(d())))
        .add_service(DirectoryServiceServer::new(directory::Directory::new(d())))
        .add_service(FeedServiceServer::new(feed::Feeds::new(d())))
        .add_service(PartServiceServer::new(part::Part::new(d())))
        .add_service(SpineServiceServer::new(spine::Spine::new(d(), t())))
}

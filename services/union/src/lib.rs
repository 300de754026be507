//! The trade union's file on a case: intake, mediation, letters (一函两书),
//! representation and aid.
//!
//! Reading order: [`procedure`] (which step is legal when), [`intake`] (taking
//! a case in, or not), [`mediation`] and [`performance`] (劳动争议调解仲裁法 10–16),
//! [`letter`], [`aid`], [`ending`], [`file`](mod@file) (how it is kept),
//! [`service`] and [`part`] (how it is asked for).
//!
//! Architecture invariant: this crate never knows other agencies, the gateway,
//! Cedar, or who may see what. What is said in mediation goes into the file and
//! nowhere else: no milestone carries a word or a sum of it.

mod aid;
mod day;
mod ending;
mod file;
mod intake;
mod letter;
mod mediation;
mod part;
mod performance;
mod procedure;
mod service;

#[cfg(test)]
mod tests;

use host::Desk;
use proto::internal::v1::part_service_server::PartServiceServer;
use proto::v1::union_service_server::UnionServiceServer;
use tonic::service::Routes;

/// The role's services, ready to be called: `UnionService` and `PartService`.
pub fn open(desk: Desk) -> Routes {
    let union = service::Union::new(desk.clone());
    Routes::new(UnionServiceServer::new(union))
        .add_service(PartServiceServer::new(part::Part::new(desk)))
}

//! The court's and the procuratorate's files on a case: suit, confirmation,
//! payment order, enforcement, preservation; support, supervision, protest.
//!
//! Reading order: [`procedure`] (which step is legal when), [`suit`] and
//! [`review`] (a suit through its instances), [`confirmation`],
//! [`payment_order`], [`enforcement`], [`preservation`], [`procuratorate`],
//! [`asked`] and [`door`] (how requests are read), [`docket`] and [`bench`] (how
//! files are kept and changed), [`service`] and [`part`] (how they are asked
//! for).
//!
//! Each of the domain files reads the same way: a function for each method
//! parses the request at the door and answers the step, a pure function that
//! changes the file and says what the timeline shows.
//!
//! Architecture invariant: this crate never knows other agencies, the gateway,
//! Cedar, or who may see what.

mod asked;
mod bench;
mod confirmation;
mod docket;
mod door;
mod enforcement;
mod part;
mod payment_order;
mod preservation;
mod procedure;
mod procuratorate;
mod review;
mod service;
mod suit;

#[cfg(test)]
mod tests;

use host::Desk;
use proto::internal::v1::part_service_server::PartServiceServer;
use proto::v1::judiciary_service_server::JudiciaryServiceServer;
use tonic::service::Routes;

/// The role's services, ready to be called: `JudiciaryService` and
/// `PartService`.
pub fn open(desk: Desk) -> Routes {
    let judiciary = service::Judiciary::new(desk.clone());
    Routes::new(JudiciaryServiceServer::new(judiciary))
        .add_service(PartServiceServer::new(part::Part::new(desk)))
}

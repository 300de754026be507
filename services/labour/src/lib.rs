//! The labour bureau's files on a case: inspection, arbitration, work injury.
//!
//! Reading order: `procedure` (which step is legal when), `act` (what each step
//! puts into the file), `docket` (how a docket is opened, changed and kept),
//! `service` and `part` (how it is asked for).
//!
//! Architecture invariant: this crate never knows other agencies, the gateway,
//! Cedar, or who may see what. Minutes, findings and reasons stay in the file.

mod act;
mod asked;
mod docket;
mod part;
mod procedure;
mod service;

#[cfg(test)]
mod tests;

use host::Desk;
use proto::internal::v1::part_service_server::PartServiceServer;
use proto::v1::labour_bureau_service_server::LabourBureauServiceServer;
use tonic::service::Routes;

/// The role's services, ready to be called.
pub fn open(desk: Desk) -> Routes {
    Routes::new(LabourBureauServiceServer::new(service::Labour::new(
        desk.clone(),
    )))
    .add_service(PartServiceServer::new(part::Part::new(desk)))
}

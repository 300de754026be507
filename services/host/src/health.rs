//! Whether a service answers, for those who steer traffic: the standard gRPC
//! health protocol (grpc.health.v1), with a status for each service.

use tonic::service::Routes;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::{HealthReporter, HealthService};

/// The name under which the protocol asks for the process as a whole.
const WHOLE_PROCESS: &str = "";

/// Sets what the health service answers. Clones set the same.
#[derive(Clone, Debug)]
pub struct Health {
    reporter: HealthReporter,
    services: Vec<&'static str>,
}

impl Health {
    /// Says whether one service (`casenet.v1.CaseService`) answers.
    pub async fn set(&self, service: &str, answers: bool) {
        let status = if answers {
            ServingStatus::Serving
        } else {
            ServingStatus::NotServing
        };
        self.reporter.set_service_status(service, status).await;
    }

    /// Says that nothing here answers any more; call it before the drain begins,
    /// so that traffic moves away first.
    pub async fn leave(&self) {
        for service in &self.services {
            self.set(service, false).await;
        }
        self.set(WHOLE_PROCESS, false).await;
    }
}

/// Adds the health service to `routes`; it says that `services` answer.
pub async fn routes_with_health(routes: Routes, services: &[&'static str]) -> (Routes, Health) {
    let health = Health {
        reporter: HealthReporter::new(),
        services: services.to_vec(),
    };
    for service in services {
        health.set(service, true).await;
    }
    let service = HealthService::from_health_reporter(health.reporter.clone());
    (routes.add_service(HealthServer::new(service)), health)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::upstream::Upstream;
    use tonic_health::pb::HealthCheckRequest;
    use tonic_health::pb::health_check_response::ServingStatus as Wire;
    use tonic_health::pb::health_client::HealthClient;

    #[tokio::test]
    async fn each_service_has_its_own_status_and_all_leave_together() {
        let names = ["casenet.v1.CaseService", "casenet.v1.FeedService"];
        let (routes, health) = routes_with_health(Routes::default(), &names).await;
        let status = async |service: &str| {
            let service = service.to_owned();
            let mut client = HealthClient::new(Upstream::Local(routes.clone()));
            let answer = client.check(HealthCheckRequest { service }).await;
            answer.unwrap().into_inner().status()
        };

        health.set(names[0], false).await;
        assert_eq!(status(names[0]).await, Wire::NotServing);
        assert_eq!(status(names[1]).await, Wire::Serving);
        assert_eq!(status(WHOLE_PROCESS).await, Wire::Serving);

        health.leave().await;
        assert_eq!(status(names[1]).await, Wire::NotServing);
        assert_eq!(status(WHOLE_PROCESS).await, Wire::NotServing);
    }
}

//! Every role on its own, with mutual TLS between them, in one process: a
//! service stops and comes back, and only its part goes and returns.
//! `processes` kills real children; here the stop is an orderly one.

use std::collections::BTreeMap;
use std::sync::Arc;

use casenet::client::Client;
use casenet::config::{Config, Role};
use casenet::network::Running;
use casenet::{city, init};
use host::SystemClock;
use host::tls::ClientIdentity;
use proto::v1::{self as pb, Section};
use tonic::{Code, Request};

use crate::bad_input::forged_envelope;
use crate::world::{now, on_duty, refused, registration};

struct Apart {
    running: BTreeMap<Role, Running>,
    config: Config,
    _folder: tempfile::TempDir,
}

impl Apart {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = init::make(folder.path(), city::yiwu(), 0, now()).unwrap();
        // Ports that are free now; the kernel does not give them out again soon.
        let sockets = Role::ALL.map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
        for (role, socket) in Role::ALL.into_iter().zip(&sockets) {
            let address = socket.local_addr().unwrap().to_string();
            config.listen.insert(role, address);
        }
        drop(sockets);
        let mut apart = Self {
            running: BTreeMap::new(),
            config,
            _folder: folder,
        };
        for role in Role::ALL {
            apart.open(role).await;
        }
        apart
    }

    async fn open(&mut self, role: Role) {
        let clock = Arc::new(SystemClock);
        let started = Running::start(&self.config, &[role], clock).await;
        self.running.insert(role, started.unwrap());
    }

    async fn stop(&mut self, role: Role) {
        self.running.remove(&role).unwrap().stop().await;
    }

    fn call(&self, role: Role, files: host::tls::PemFiles) -> Client {
        Client::new(self.config.address(role), &ClientIdentity::new(files)).unwrap()
    }

    fn agency(&self, id: &str) -> Client {
        self.call(Role::Gateway, self.config.agency_files(id))
    }

    /// A case of the union's, accepted by the labour bureau with a complaint.
    async fn shared_case(&self) -> String {
        let union = self.agency("yiwu-union");
        let case = union.cases().register_case(registration("测试工友")).await;
        let case = case.unwrap().into_inner().name;
        let scope = [Section::Summary, Section::Identity, Section::Timeline];
        let create = pb::CreateReferralRequest {
            parent: case.clone(),
            referral: Some(on_duty("yiwu-labour", &scope)),
            ..Default::default()
        };
        let draft = union.referrals().create_referral(create).await.unwrap();
        let name = draft.into_inner().name;
        let send = pb::SendReferralRequest {
            name: name.clone(),
            ..Default::default()
        };
        union.referrals().send_referral(send).await.unwrap();
        let bureau = self.agency("yiwu-labour");
        let accept = pb::AcceptReferralRequest {
            name,
            ..Default::default()
        };
        bureau.referrals().accept_referral(accept).await.unwrap();
        let complaint = pb::ReceiveComplaintRequest {
            parent: case.clone(),
            ..Default::default()
        };
        bureau.labour().receive_complaint(complaint).await.unwrap();
        case
    }

    async fn read(&self, case: &str) -> Result<pb::Case, tonic::Status> {
        let get = pb::GetCaseRequest {
            name: case.into(),
            ..Default::default()
        };
        let union = self.agency("yiwu-union");
        Ok(union.cases().get_case(get).await?.into_inner())
    }
}

fn unavailable(case: &pb::Case) -> &[String] {
    &case.disclosure.as_ref().unwrap().unavailable
}

#[tokio::test(flavor = "multi_thread")]
async fn the_part_of_a_stopped_service_goes_and_comes_back_with_it() {
    let mut apart = Apart::start().await;
    let case = apart.shared_case().await;
    let whole = apart.read(&case).await.unwrap();
    assert!(unavailable(&whole).is_empty());
    assert_eq!(whole.inspection_files.len(), 1);

    apart.stop(Role::Labour).await;
    let rest = apart.read(&case).await.unwrap();
    assert_eq!(unavailable(&rest), ["labour"]);
    assert!(rest.inspection_files.is_empty());
    assert_eq!(rest.identities[0].name, "测试工友");

    apart.open(Role::Labour).await;
    let back = apart.read(&case).await.unwrap();
    assert!(unavailable(&back).is_empty());
    assert_eq!(back.inspection_files, whole.inspection_files);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_spine_nothing_is_answered_and_nothing_is_lost() {
    let mut apart = Apart::start().await;
    let case = apart.shared_case().await;
    apart.stop(Role::Casebook).await;
    let status = apart.read(&case).await.unwrap_err();
    refused(&status, Code::Unavailable, "UNAVAILABLE");
    apart.open(Role::Casebook).await;
    assert_eq!(apart.read(&case).await.unwrap().name, case);
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_a_roles_certificate_nor_a_forged_envelope_opens_a_service() {
    let apart = Apart::start().await;
    for role in [Role::Gateway, Role::Labour] {
        let direct = apart.call(Role::Casebook, apart.config.role_files(role));
        let bare = Request::new(registration("测试工友"));
        let mut forged = Request::new(registration("测试工友"));
        for (name, value) in forged_envelope("/casenet.v1.CaseService/RegisterCase") {
            forged.metadata_mut().as_mut().insert(name, value);
        }
        for request in [bare, forged] {
            let status = direct.cases().register_case(request).await.unwrap_err();
            refused(&status, Code::Unauthenticated, "NOT_FROM_GATEWAY");
        }
    }
    let list = pb::ListCasesRequest::default();
    let page = apart.agency("yiwu-union").cases().list_cases(list).await;
    assert!(page.unwrap().into_inner().cases.is_empty());
}

//! The network as seven processes with mutual TLS between them, and a client
//! stack that nobody here wrote.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use casenet::client::Client;
use casenet::config::{Config, Role};
use casenet::{city, init};
use host::tls::ClientIdentity;
use proto::v1::{self as pb, Section};

use crate::world::{World, now, on_duty, registration};

/// Seven children, each told its port by the configuration; all end with it.
struct Seven {
    children: BTreeMap<Role, Child>,
    config: Config,
    _folder: tempfile::TempDir,
}

impl Seven {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Ports that are free now; the kernel does not give them out again soon.
        let sockets: Vec<_> = (0..Role::ALL.len())
            .map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap())
            .collect();
        let mut config = init::make(folder.path(), city::yiwu(), 0, now()).unwrap();
        for (role, socket) in Role::ALL.into_iter().zip(&sockets) {
            config
                .listen
                .insert(role, socket.local_addr().unwrap().to_string());
        }
        let file = folder.path().join(casenet::config::FILE);
        std::fs::write(file, toml::to_string(&config).unwrap()).unwrap();
        drop(sockets);
        let children = Role::ALL
            .map(|role| (role, serve(folder.path(), role)))
            .into();
        Self {
            children,
            config,
            _folder: folder,
        }
    }

    fn agency(&self, id: &str) -> Client {
        let identity = ClientIdentity::new(self.config.agency_files(id));
        Client::new(self.config.address(Role::Gateway), &identity).unwrap()
    }

    fn kill(&mut self, role: Role) {
        let child = self.children.get_mut(&role).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

impl Drop for Seven {
    fn drop(&mut self) {
        for child in self.children.values_mut() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Starts one role and waits until it says that it listens.
fn serve(folder: &Path, role: Role) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_casenet"))
        .args(["serve", "--role", role.name(), "--data"])
        .arg(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    assert!(
        line.starts_with(role.name()),
        "{} said {line:?}",
        role.name()
    );
    child
}

#[tokio::test(flavor = "multi_thread")]
async fn seven_processes_work_one_case_and_a_dead_service_takes_only_its_part() {
    let mut seven = Seven::start();
    let union = seven.agency("yiwu-union");
    let case = union
        .cases()
        .register_case(registration("测试工友"))
        .await
        .unwrap();
    let case = case.into_inner().name;
    union
        .call(
            "UnionService/OpenIntake",
            &format!(r#"{{"parent":"{case}"}}"#),
        )
        .await
        .unwrap();

    let scope = [Section::Summary, Section::Identity, Section::Timeline];
    let request = pb::CreateReferralRequest {
        parent: case.clone(),
        referral: Some(on_duty("yiwu-labour", &scope)),
        ..Default::default()
    };
    let name = union
        .referrals()
        .create_referral(request)
        .await
        .unwrap()
        .into_inner()
        .name;
    let send = pb::SendReferralRequest {
        name: name.clone(),
        ..Default::default()
    };
    union.referrals().send_referral(send).await.unwrap();
    let bureau = seven.agency("yiwu-labour");
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

    let get = || pb::GetCaseRequest {
        name: case.clone(),
        ..Default::default()
    };
    let whole = union.cases().get_case(get()).await.unwrap().into_inner();
    assert_eq!(whole.inspection_files.len(), 1);
    assert!(
        whole
            .timeline
            .iter()
            .any(|entry| entry.act == "labour_inspection_complaint")
    );
    assert!(whole.disclosure.unwrap().unavailable.is_empty());

    seven.kill(Role::Labour);
    let rest = union.cases().get_case(get()).await.unwrap().into_inner();
    assert_eq!(rest.disclosure.unwrap().unavailable, ["labour"]);
    assert_eq!(
        (rest.union_files.len(), rest.inspection_files.len()),
        (1, 0)
    );
    assert_eq!(rest.identities[0].name, "测试工友");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_answers_nobody_but_the_gateway() {
    let seven = Seven::start();
    let identity = ClientIdentity::new(seven.config.agency_files("yiwu-union"));
    let direct = Client::new(seven.config.address(Role::Casebook), &identity).unwrap();
    let status = direct
        .cases()
        .list_cases(pb::ListCasesRequest::default())
        .await
        .unwrap_err();
    crate::world::refused(&status, tonic::Code::Unauthenticated, "NOT_FROM_GATEWAY");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_python_client_registers_refers_accepts_and_reads() {
    let Some(python) = std::env::var_os("CASENET_PYTHON") else {
        // tests/run.sh makes the environment and sets it; CI always has it.
        assert!(
            std::env::var_os("CI").is_none(),
            "CASENET_PYTHON is not set in CI"
        );
        eprintln!("NOT RUN: set CASENET_PYTHON to a Python with grpcio-tools (tests/run.sh does)");
        return;
    };
    let world = World::together().await;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let port = world.gateway.rsplit(':').next().unwrap();
    let mut command = tokio::process::Command::new(python);
    command
        .arg(root.join("tests/other_languages/client.py"))
        .args(["--gateway", &format!("localhost:{port}")])
        .arg("--ca")
        .arg(world.folder().join("certs/ca.pem"))
        .arg("--certificates")
        .arg(world.folder().join("certs/agencies"))
        .arg("--proto")
        .arg(root.join("proto"));
    let output = command.output().await.unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{wrong}");
    let answer: serde_json::Value = serde_json::from_str(told.trim()).unwrap();
    assert!(answer["receipt"].as_u64().unwrap() > 0);
}

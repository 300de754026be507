//! What the gate costs: an authorised, filtered, recorded GetCase and a durable
//! AppendNote, beside a bare tonic echo with an answer of the same size, over
//! the same mTLS listener, in turn, in one run. Prints rates and ratios.
//!
//! `cargo bench --bench gate`
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use casenet::city;
use casenet::client::Client;
use casenet::config::Role;
use casenet::network::Running;
use host::tls::{ClientIdentity, ReloadingConfig, ServerIdentity};
use host::{Limits, SystemClock};
use proto::v1 as pb;
use proto::v1::identity_service_server::{IdentityService, IdentityServiceServer};
use tonic::service::Routes;
use tonic::{Request, Response, Status};

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);
const IN_FLIGHT: usize = 64;
const CONNECTIONS: usize = 4;

/// Answers as many bytes as a GetCase does, and does nothing else.
struct Echo(usize);

#[tonic::async_trait]
impl IdentityService for Echo {
    async fn who_am_i(
        &self,
        _: Request<pb::WhoAmIRequest>,
    ) -> Result<Response<pb::WhoAmIResponse>, Status> {
        let user = "x".repeat(self.0);
        Ok(Response::new(pb::WhoAmIResponse {
            user,
            ..Default::default()
        }))
    }
    async fn sign_in(
        &self,
        _: Request<pb::SignInRequest>,
    ) -> Result<Response<pb::Session>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn refresh_session(
        &self,
        _: Request<pb::RefreshSessionRequest>,
    ) -> Result<Response<pb::Session>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn sign_out(
        &self,
        _: Request<pb::SignOutRequest>,
    ) -> Result<Response<pb::SignOutResponse>, Status> {
        Err(Status::unimplemented(""))
    }
    async fn create_user(
        &self,
        _: Request<pb::CreateUserRequest>,
    ) -> Result<Response<pb::User>, Status> {
        Err(Status::unimplemented(""))
    }
}

/// Calls per second with `IN_FLIGHT` callers over `CONNECTIONS` connections.
async fn rate<F>(clients: &[Client], call: impl Fn(Client, u64) -> F + Send + Sync + 'static) -> f64
where
    F: Future<Output = ()> + Send,
{
    let call = Arc::new(call);
    let count = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let tasks: Vec<_> = (0..IN_FLIGHT)
        .map(|at| {
            let (client, call, count) = (
                clients[at % clients.len()].clone(),
                Arc::clone(&call),
                Arc::clone(&count),
            );
            tokio::spawn(async move {
                while begun.elapsed() < ROUND {
                    let number = count.fetch_add(1, Ordering::Relaxed);
                    call(client.clone(), number).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    count.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
}

fn spread(name: &str, mut values: Vec<f64>, unit: &str) {
    values.sort_by(f64::total_cmp);
    let (low, middle, high) = (
        values[0],
        values[values.len() / 2],
        values[values.len() - 1],
    );
    println!(
        "{name:38} {middle:10.2} {unit}   (min {low:.2}, max {high:.2}, {} rounds)",
        values.len()
    );
}

fn main() {
    // The loader stays on the same cores: the ratio is what counts.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(bench());
}

async fn bench() {
    let folder = tempfile::tempdir().unwrap();
    let now = host::Clock::now(&SystemClock);
    let mut config = casenet::init::make(folder.path(), city::yiwu(), 0, now).unwrap();
    config.limits.calls_per_second = 10_000_000;
    config.limits.calls_at_once = 10_000_000;
    let network = Running::start(&config, &Role::ALL, Arc::new(SystemClock))
        .await
        .unwrap();
    let address = network.gateway().unwrap().to_string();
    let identity = ClientIdentity::new(config.agency_files("yiwu-union"));
    let clients: Vec<_> = (0..CONNECTIONS)
        .map(|_| Client::new(&address, &identity).unwrap())
        .collect();

    let mut names = Vec::new();
    for number in 0..64 {
        let request = pb::RegisterCaseRequest {
            district: "330782".into(),
            workers: vec![pb::NewWorker {
                name: format!("测试工友{number}"),
                ..Default::default()
            }],
            claims: vec![pb::Claim {
                kind: "unpaid_wages".into(),
                ..Default::default()
            }],
            ..Default::default()
        };
        let case = clients[0]
            .cases()
            .register_case(request)
            .await
            .unwrap()
            .into_inner();
        names.push(case.name);
    }
    let get = pb::GetCaseRequest {
        name: names[0].clone(),
        ..Default::default()
    };
    let case = clients[0].cases().get_case(get).await.unwrap().into_inner();
    let bytes = prost::Message::encoded_len(&case);

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let echo_address = listener.local_addr().unwrap().to_string();
    let tls = ReloadingConfig::load(ServerIdentity::gateway(config.role_files(Role::Gateway)));
    let routes = Routes::new(IdentityServiceServer::new(Echo(bytes)));
    tokio::spawn(host::serve(
        listener,
        Arc::new(tls.unwrap()),
        routes,
        Limits::agencies(),
        std::future::pending::<()>(),
    ));
    let echo: Vec<_> = (0..CONNECTIONS)
        .map(|_| Client::new(&echo_address, &identity).unwrap())
        .collect();

    println!(
        "answer {bytes} bytes, {IN_FLIGHT} in flight over {CONNECTIONS} mTLS connections, load and server on the same cores\n"
    );
    let (mut bare, mut read, mut write, mut read_ratio, mut write_ratio) =
        (vec![], vec![], vec![], vec![], vec![]);
    let names = Arc::new(names);
    for _ in 0..ROUNDS {
        let echoed = rate(&echo, |client, _| async move {
            client
                .identity()
                .who_am_i(pb::WhoAmIRequest {})
                .await
                .unwrap();
        })
        .await;
        let cases = Arc::clone(&names);
        let got = rate(&clients, move |client, number| {
            let name = cases[number as usize % cases.len()].clone();
            async move {
                let get = pb::GetCaseRequest {
                    name,
                    ..Default::default()
                };
                client.cases().get_case(get).await.unwrap();
            }
        })
        .await;
        // Notes go to cases of their own, so that the read cases stay as they are.
        let mut fresh = Vec::new();
        for _ in 0..64 {
            let request = pb::RegisterCaseRequest {
                district: "330782".into(),
                worker_count: 1,
                claims: vec![pb::Claim {
                    kind: "unpaid_wages".into(),
                    ..Default::default()
                }],
                ..Default::default()
            };
            fresh.push(
                clients[0]
                    .cases()
                    .register_case(request)
                    .await
                    .unwrap()
                    .into_inner()
                    .name,
            );
        }
        let noted = rate(&clients, move |client, number| {
            let parent = fresh[number as usize % fresh.len()].clone();
            async move {
                let entry = pb::Entry {
                    note: "n".repeat(1024),
                    ..Default::default()
                };
                let request = pb::AppendNoteRequest {
                    parent,
                    entry: Some(entry),
                    request_id: String::new(),
                };
                client.cases().append_note(request).await.unwrap();
            }
        })
        .await;
        read_ratio.push(got / echoed);
        write_ratio.push(noted / echoed);
        bare.push(echoed);
        read.push(got);
        write.push(noted);
    }
    spread("bare tonic echo", bare, "calls/s");
    spread("GetCase, authorised and recorded", read, "calls/s");
    spread("AppendNote 1 KiB, durable and recorded", write, "calls/s");
    spread("GetCase / echo", read_ratio, "");
    spread("AppendNote / echo", write_ratio, "");
    network.stop().await;
}

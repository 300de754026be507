//! The door, from outside: who comes in, who does not, and what is known of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod network;

use std::time::Duration;

use host::{ClientIdentity, Limits, Refused, ServerIdentity, Upstream};
use network::{Door, Network, echo, envelopes};
use proto::internal::v1::Envelope;
use proto::internal::v1::part_service_client::PartServiceClient;
use proto::v1::{Case, GetCaseRequest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::metadata::MetadataMap;
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

const GATEWAY: &str = "spiffe://casenet.test/roles/gateway";

/// One call of GetPart with a sealed envelope of the union's.
async fn ask(upstream: &Upstream) -> Result<Case, Status> {
    let envelope = Envelope {
        agency: "agencies/union".to_owned(),
        ..Default::default()
    };
    let path = "/casenet.internal.v1.PartService/GetPart";
    let mut headers = http::HeaderMap::new();
    headers.extend(envelopes().seal(&envelope, path)?);
    let mut request = Request::new(GetCaseRequest::default());
    *request.metadata_mut() = MetadataMap::from_headers(headers);

    let mut client = PartServiceClient::new(upstream.clone());
    Ok(client.get_part(request).await?.into_inner())
}

fn remote(door: &Door, files: host::tls::PemFiles) -> Upstream {
    Upstream::remote(&door.address(), &ClientIdentity::new(files)).unwrap()
}

#[tokio::test]
async fn near_and_far_the_same_call_gets_the_same_answer() {
    let network = Network::new();
    let service = ServerIdentity::service(network.member("service", &[]));
    let door = Door::open(service, Limits::agencies()).await;

    let far = remote(&door, network.member("gateway", &[GATEWAY]));
    let answer = ask(&far).await.unwrap();
    assert_eq!(answer.etag, "agencies/union");
    assert_eq!(answer.name, GATEWAY);

    let near = Upstream::Local(echo());
    assert_eq!(ask(&near).await.unwrap().etag, "agencies/union");
    drop(far);
    door.close().await;
}

#[tokio::test]
async fn without_a_sealed_envelope_nobody_is_answered_near_or_far() {
    let network = Network::new();
    let service = ServerIdentity::service(network.member("service", &[]));
    let door = Door::open(service, Limits::agencies()).await;
    let far = remote(&door, network.member("gateway", &[GATEWAY]));

    for upstream in [far, Upstream::Local(echo())] {
        let mut client = PartServiceClient::new(upstream);
        let status = client
            .get_part(GetCaseRequest::default())
            .await
            .unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated);
        assert_eq!(Refused::read(&status).reason, "NOT_FROM_GATEWAY");
    }
}

#[tokio::test]
async fn a_stranger_to_the_networks_authority_does_not_get_in() {
    let (network, elsewhere) = (Network::new(), Network::new());
    let service = ServerIdentity::service(network.member("service", &[]));
    let door = Door::open(service, Limits::agencies()).await;
    let mut ours = network.member("gateway", &[GATEWAY]);
    let mut stranger = elsewhere.member("gateway", &[GATEWAY]);
    std::mem::swap(&mut ours.authority, &mut stranger.authority);

    // `stranger` trusts us and is certified elsewhere; `ours` the other way round.
    for files in [stranger, ours] {
        let status = ask(&remote(&door, files)).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable);
        // Trying again does not mend a certificate.
        let refused = Refused::read(&status);
        assert_eq!(refused.reason, "CERTIFICATE_UNKNOWN");
        assert!(refused.retry_after.is_none());
    }
}

#[tokio::test]
async fn a_service_demands_a_certificate_and_the_gateway_only_checks_the_one_it_is_shown() {
    let (network, elsewhere) = (Network::new(), Network::new());
    let files = network.member("service", &[]);

    let service = ServerIdentity::service(files.clone());
    let door = Door::open(service, Limits::agencies()).await;
    let anonymous = network::anonymous(&files, &rustls::version::TLS13);
    assert!(greeting(&door, anonymous.clone()).await.is_err());

    let gateway = ServerIdentity::gateway(files.clone());
    let door = Door::open(gateway, Limits::public()).await;
    assert!(greeting(&door, anonymous).await.is_ok());

    let mut stranger = elsewhere.member("stranger", &[]);
    stranger.authority = files.authority;
    assert!(ask(&remote(&door, stranger)).await.is_err());
}

#[tokio::test]
async fn tls_1_2_is_refused_unless_configured() {
    let network = Network::new();
    let mut gateway = ServerIdentity::gateway(network.member("gateway", &[]));
    let old = network::anonymous(&gateway.files, &rustls::version::TLS12);
    let door = Door::open(gateway.clone(), Limits::public()).await;
    assert!(greeting(&door, old.clone()).await.is_err());

    gateway.tls12 = true;
    let door = Door::open(gateway, Limits::public()).await;
    assert!(greeting(&door, old).await.is_ok());
}

#[tokio::test]
async fn a_certificate_with_two_names_identifies_nobody() {
    let network = Network::new();
    let service = ServerIdentity::service(network.member("service", &[]));
    let door = Door::open(service, Limits::agencies()).await;
    let two = network.member("two", &[GATEWAY, "spiffe://casenet.test/agencies/union"]);
    assert_eq!(ask(&remote(&door, two)).await.unwrap().name, "");
}

#[tokio::test]
async fn a_revoked_certificate_is_out_with_the_next_reload() {
    let network = Network::new();
    let mut files = network.member("service", &[]);
    network.revoke(&[], &mut files);
    let service = ServerIdentity::service(files.clone());
    let door = Door::open(service, Limits::agencies()).await;
    let stolen = network.member("stolen", &[GATEWAY]);
    assert!(ask(&remote(&door, stolen.clone())).await.is_ok());

    network.revoke(&["stolen"], &mut files);
    door.config.reload().unwrap();
    assert!(ask(&remote(&door, stolen)).await.is_err());
    let good = network.member("good", &[GATEWAY]);
    assert!(ask(&remote(&door, good)).await.is_ok());
}

#[tokio::test]
async fn a_peer_that_says_nothing_is_hung_up_on_before_and_after_its_handshake() {
    let network = Network::new();
    let gateway = ServerIdentity::gateway(network.member("gateway", &[]));
    let anonymous = network::anonymous(&gateway.files, &rustls::version::TLS13);
    let limits = Limits {
        handshake_within: Duration::from_millis(100),
        ..Limits::public()
    };
    let door = Door::open(gateway, limits).await;

    let mut silent = TcpStream::connect(door.addr).await.unwrap();
    assert_eq!(silent.read(&mut [0; 1]).await.unwrap_or(0), 0);
    let mut shy = network::connect(&door, anonymous).await.unwrap();
    assert_eq!(shy.read(&mut [0; 1]).await.unwrap_or(0), 0);
}

#[tokio::test]
async fn one_address_has_only_its_share_of_connections() {
    let network = Network::new();
    let gateway = ServerIdentity::gateway(network.member("gateway", &[]));
    let limits = Limits {
        connections_per_address: 1,
        ..Limits::public()
    };
    let door = Door::open(gateway, limits).await;
    let first = TcpStream::connect(door.addr).await.unwrap();
    let mut second = TcpStream::connect(door.addr).await.unwrap();
    // Hung up on at once, not after the handshake's time.
    let mut byte = [0; 1];
    let hung_up = tokio::time::timeout(Duration::from_secs(2), second.read(&mut byte)).await;
    assert_eq!(hung_up.unwrap().unwrap_or(0), 0);
    drop(first);
}

#[tokio::test]
async fn a_closed_door_takes_no_more_calls_and_the_caller_is_told_to_come_back() {
    let network = Network::new();
    let service = ServerIdentity::service(network.member("service", &[]));
    let door = Door::open(service, Limits::agencies()).await;
    let far = remote(&door, network.member("gateway", &[GATEWAY]));
    ask(&far).await.unwrap();

    let addr = door.addr;
    door.close().await;
    assert!(TcpStream::connect(addr).await.is_err());
    let status = ask(&far).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
}

#[tokio::test]
async fn a_call_that_never_ends_does_not_hold_the_door_open() {
    let network = Network::new();
    let service = ServerIdentity::service(network.member("service", &[]));
    let limits = Limits {
        drain_within: Duration::from_millis(50),
        ..Limits::agencies()
    };
    let door = Door::open(service, limits).await;
    let far = remote(&door, network.member("gateway", &[GATEWAY]));
    let mut health = HealthClient::new(far);
    let watch = health.watch(HealthCheckRequest::default());
    let mut statuses = watch.await.unwrap().into_inner();
    assert!(statuses.message().await.unwrap().is_some());

    tokio::time::timeout(Duration::from_secs(5), door.close())
        .await
        .unwrap();
}

/// Speaks the first words of HTTP/2 and waits for the server's.
async fn greeting(
    door: &Door,
    config: std::sync::Arc<rustls::ClientConfig>,
) -> std::io::Result<()> {
    let mut tls = network::connect(door, config).await?;
    tls.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .await?;
    tls.read_exact(&mut [0; 9]).await?;
    Ok(())
}

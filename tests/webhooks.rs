//! Webhooks over the whole network: what happens at the gateway arrives at an
//! agency's own receiver, and nothing of the case with it.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;

use casenet::city::Agency;
use proto::v1::{self as pb, AgencyKind, ReferralKind, Section};
use tokio::io::AsyncWriteExt as _;
use tonic::Code;

use crate::matrix::{LEAD, MARKERS, full_case};
use crate::receiver::{Received, Receiver};
use crate::world::{World, on_consent, refused};

struct Hooked {
    world: World,
    receiver: Receiver,
    _folder: tempfile::TempDir,
}

impl Hooked {
    async fn with(agencies: Vec<Agency>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let receiver = Receiver::start(folder.path()).await;
        let settings = casebook::WebhookSettings {
            allow_private: true,
            ca: Some(receiver.ca.clone()),
        };
        let world = World::configured(agencies, |config| config.webhooks = settings).await;
        Self {
            world,
            receiver,
            _folder: folder,
        }
    }

    async fn city() -> Self {
        Self::with(casenet::city::yiwu()).await
    }

    /// Adds the agency's webhook `main` and answers its secret.
    async fn hook(&self, agency: &str) -> String {
        let request = creation(agency, &self.receiver);
        let mut webhooks = self.world.agency(agency).webhooks();
        let created = webhooks.create_webhook(request).await.unwrap();
        created.into_inner().secret
    }

    /// Everything that is posted to these agencies, up to the ends of their
    /// feeds as they are now.
    async fn all_of(&mut self, agencies: &[&str]) -> Vec<Received> {
        let mut waiting = BTreeMap::new();
        for agency in agencies {
            let list = pb::ListFeedRequest::default();
            let feed = self.world.agency(agency).feeds().list_feed(list).await;
            let source = format!("/agencies/{agency}/feed");
            waiting.insert(source, feed.unwrap().into_inner().head);
        }
        let mut all = Vec::new();
        while !waiting.is_empty() {
            let received = self.receiver.next().await;
            let source = received.event()["source"].as_str().unwrap().to_owned();
            if waiting.get(&source) == Some(&received.cursor()) {
                waiting.remove(&source);
            }
            all.push(received);
        }
        all
    }
}

fn creation(agency: &str, receiver: &Receiver) -> pb::CreateWebhookRequest {
    pb::CreateWebhookRequest {
        parent: format!("agencies/{agency}"),
        webhook_id: "main".into(),
        webhook: Some(pb::Webhook {
            url: receiver.url(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_full_case_is_in_any_byte_that_is_posted() {
    let mut hooked = Hooked::with(crate::matrix::agencies()).await;
    let with_hook = [
        LEAD,
        "chengxin-law",
        "yiwu-daily",
        "yiwu-labour",
        "yiwu-court",
    ];
    for agency in with_hook {
        hooked.hook(agency).await;
    }
    let case = full_case(&hooked.world).await;
    let listed = pb::ListConsentsRequest {
        parent: case.clone(),
    };
    let lead = hooked.world.agency(LEAD);
    let consents = lead.consents().list_consents(listed).await.unwrap();
    for consent in consents.into_inner().consents {
        let withdraw = pb::WithdrawConsentRequest {
            name: consent.name,
            ..Default::default()
        };
        lead.consents().withdraw_consent(withdraw).await.unwrap();
    }
    let received = hooked.all_of(&with_hook).await;
    assert!(received.len() > 20, "only {}", received.len());
    for one in &received {
        let all = format!("{:?} {}", one.headers, String::from_utf8_lossy(&one.body));
        for marker in MARKERS {
            assert!(!all.contains(marker), "{marker} was posted: {all}");
        }
        let event = one.event();
        let data: BTreeSet<_> = event["data"].as_object().unwrap().keys().collect();
        assert!(
            data.into_iter()
                .eq(["case", "cursor", "reason", "resource"])
        );
        assert_eq!(event["data"]["case"], case);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_end_of_a_grant_nothing_more_of_the_case_is_posted() {
    let mut hooked = Hooked::city().await;
    let world = &hooked.world;
    let case = world.register(LEAD).await.name;
    let firm = [AgencyKind::LawFirm];
    let consent = world
        .consent(LEAD, &case, &firm, &[Section::Identity])
        .await
        .name;
    hooked.hook("hongyi-law").await;
    let scope = [Section::Summary, Section::Identity, Section::Timeline];
    let referral = on_consent(ReferralKind::Assist, "hongyi-law", &scope, &consent);
    world.share(LEAD, &case, referral).await;
    let note = |text: &str| pb::AppendNoteRequest {
        parent: case.clone(),
        entry: Some(pb::Entry {
            note: text.into(),
            ..Default::default()
        }),
        request_id: String::new(),
    };
    let lead = world.agency(LEAD);
    lead.cases().append_note(note("before")).await.unwrap();
    let withdraw = pb::WithdrawConsentRequest {
        name: consent,
        ..Default::default()
    };
    lead.consents().withdraw_consent(withdraw).await.unwrap();
    lead.cases().append_note(note("after")).await.unwrap();
    // Something later, of another case, so that what should not come would
    // have come by now.
    let other = world.register(LEAD).await.name;
    let consent = world
        .consent(LEAD, &other, &firm, &[Section::Identity])
        .await
        .name;
    let referral = on_consent(ReferralKind::Assist, "hongyi-law", &scope, &consent);
    let referral = world.draft(LEAD, &other, referral).await.unwrap();
    world.send(LEAD, &referral.name).await.unwrap();

    let mut of_case = Vec::new();
    loop {
        let received = hooked.receiver.next().await;
        if received.event()["data"]["case"] == other {
            break;
        }
        of_case.push(received);
    }
    let kinds: Vec<String> = of_case
        .iter()
        .map(|received| received.event()["type"].as_str().unwrap().to_owned())
        .collect();
    // The grant to look at the referral made way for the one to work on it.
    assert_eq!(
        kinds,
        [
            "casenet.grant.began.v1",
            "casenet.referral.requested.v1",
            "casenet.grant.ended.v1",
            "casenet.grant.began.v1",
            "casenet.entry.appended.v1",
            "casenet.grant.ended.v1",
            "casenet.referral.cancelled.v1",
        ]
    );
    let ended = of_case[5].event();
    assert_eq!(ended["data"]["reason"], "consent-withdrawn");
    let cursors: Vec<u64> = of_case.iter().map(Received::cursor).collect();
    assert!(
        cursors
            .iter()
            .zip(1..)
            .all(|(cursor, place)| *cursor == place)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_before_a_restart_is_posted_after_it() {
    let mut hooked = Hooked::city().await;
    let secret = hooked.hook("yiwu-labour").await;
    hooked
        .receiver
        .otherwise(crate::receiver::Reply::Status(503));
    let case = hooked.world.register(LEAD).await.name;
    let referral = crate::world::on_duty("yiwu-labour", &[Section::Summary]);
    let referral = hooked.world.draft(LEAD, &case, referral).await.unwrap();
    hooked.world.send(LEAD, &referral.name).await.unwrap();
    let first = hooked.receiver.next().await;
    assert_eq!(first.id(), "yiwu-labour:1");
    hooked.world.restart().await;
    hooked
        .receiver
        .otherwise(crate::receiver::Reply::Status(200));
    hooked.world.clock.advance(chrono::TimeDelta::seconds(10));
    let again = loop {
        let received = hooked.receiver.next().await;
        if received.header("webhook-timestamp") != first.header("webhook-timestamp") {
            break received;
        }
    };
    assert_eq!((again.id(), &again.body), (first.id(), &first.body));
    assert_eq!(again.signatures_by(&secret), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_agencys_own_system_keeps_its_webhooks() {
    let hooked = Hooked::city().await;
    let token = crate::bad_input::sign_in(&hooked.world, LEAD, "desk").await;
    let person = hooked.world.person().with_token(&token);
    let request = || creation(LEAD, &hooked.receiver);
    let status = person
        .webhooks()
        .create_webhook(request())
        .await
        .unwrap_err();
    refused(&status, Code::PermissionDenied, "NOT_ALLOWED");
    let court = hooked.world.agency("yiwu-court");
    let status = court
        .webhooks()
        .create_webhook(request())
        .await
        .unwrap_err();
    refused(&status, Code::NotFound, "NOT_FOUND");
    hooked.hook(LEAD).await;
    let get = pb::GetWebhookRequest {
        name: format!("agencies/{LEAD}/webhooks/main"),
    };
    let status = court.webhooks().get_webhook(get).await.unwrap_err();
    refused(&status, Code::NotFound, "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_sets_pings_and_lists_webhooks() {
    let mut hooked = Hooked::city().await;
    let url = hooked.receiver.url();
    let secret = hooked.world.folder().join("hook.secret");
    let set = [
        "set",
        "desk",
        "--url",
        &url,
        "--kinds",
        "referral.*",
        "--secret-out",
    ];
    let told = casenet(&hooked, &[&set[..], &[secret.to_str().unwrap()]].concat()).await;
    assert!(told.contains(&url) && !told.contains("whsec_"), "{told}");
    let secret = std::fs::read_to_string(secret).unwrap();
    casenet(&hooked, &["ping", "desk"]).await;
    assert_eq!(hooked.receiver.next().await.signatures_by(&secret), (1, 1));
    casenet(&hooked, &["set", "desk", "--pause"]).await;
    let told = casenet(&hooked, &["list"]).await;
    assert!(
        told.contains("paused") && told.contains("referral.*"),
        "{told}"
    );
    let rotated = casenet(&hooked, &["rotate", "desk", "--json"]).await;
    let rotated: serde_json::Value = serde_json::from_str(&rotated).unwrap();
    assert!(rotated["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!(
        casenet(&hooked, &["dead-letters", "desk"]).await,
        "nothing\n"
    );
    casenet(&hooked, &["redeliver", "desk"]).await;
    casenet(&hooked, &["delete", "desk"]).await;
    assert_eq!(casenet(&hooked, &["list"]).await, "nothing\n");
}

async fn casenet(hooked: &Hooked, arguments: &[&str]) -> String {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_casenet"));
    command
        .arg("webhook")
        .args(arguments)
        .env("CASENET_DATA", hooked.world.folder())
        .env("CASENET_GATEWAY", &hooked.world.gateway);
    let output = command.output().await.unwrap();
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {wrong}");
    String::from_utf8(output.stdout).unwrap()
}

/// The first block of Python in the integrators' guide.
fn example() -> String {
    let guide = include_str!("../docs/integrate.md");
    let (_, rest) = guide.split_once("```python\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

/// Whether the guide's example takes a request with this body for genuine.
async fn example_takes(secret: &str, received: &Received, body: &[u8], now: i64) -> bool {
    let headers: serde_json::Map<_, _> = ["webhook-id", "webhook-timestamp", "webhook-signature"]
        .into_iter()
        .map(|name| (name.to_owned(), received.header(name).into()))
        .collect();
    let headers = serde_json::Value::Object(headers);
    let call = "\nimport json, sys\nsecret, headers, now = sys.argv[1:]\n\
        body = sys.stdin.buffer.read()\n\
        sys.exit(0 if verify(secret, json.loads(headers), body, now=int(now)) else 1)\n";
    let mut python = tokio::process::Command::new("python3")
        .args(["-c", &(example() + call), secret, &headers.to_string()])
        .arg(now.to_string())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(body).await.unwrap();
    match python.wait().await.unwrap().code() {
        Some(0) => true,
        Some(1) => false,
        other => panic!("the example broke: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guides_example_takes_a_delivery_and_no_forgery() {
    let python = std::process::Command::new("python3")
        .arg("--version")
        .output();
    if python.is_err() {
        // tests/run.sh installs it; CI always has it.
        assert!(
            std::env::var_os("CI").is_none(),
            "there is no python3 in CI"
        );
        eprintln!("NOT RUN: install python3 (tests/run.sh does)");
        return;
    }
    let mut hooked = Hooked::city().await;
    let secret = hooked.hook(LEAD).await;
    let ping = pb::PingWebhookRequest {
        name: format!("agencies/{LEAD}/webhooks/main"),
    };
    let union = hooked.world.agency(LEAD);
    assert!(
        union
            .webhooks()
            .ping_webhook(ping)
            .await
            .unwrap()
            .into_inner()
            .delivered
    );
    let received = hooked.receiver.next().await;
    let now: i64 = received.header("webhook-timestamp").parse().unwrap();
    assert!(example_takes(&secret, &received, &received.body, now).await);
    let mut changed = received.body.to_vec();
    changed[20] ^= 1;
    assert!(!example_takes(&secret, &received, &changed, now).await);
    assert!(!example_takes(&secret, &received, &received.body, now + 301).await);
    let other = hooked.hook("yiwu-court").await;
    assert!(!example_takes(&other, &received, &received.body, now).await);
}

//! What the process says besides its answers: its log, and what it posts.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Mutex, Once};

use proto::v1 as pb;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::receiver::Receiver;
use crate::world::World;

/// Everything that our crates have logged since the first listener came.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static LISTENING: Once = Once::new();

/// Our crates; what libraries log of themselves is not ours to answer for.
const OURS: &str = "off,casebook=trace,casenet=trace,gateway=trace,host=trace,judiciary=trace,\
    labour=trace,law=trace,lawfirm=trace,media=trace,proto=trace,store=trace,tlog=trace,union=trace";

/// A part of the process's log, from the moment that it was begun.
pub struct Log(usize);

struct Keep;

impl Write for Keep {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Listens to the whole process: other tests log here too, which only adds.
    pub fn listen() -> Self {
        LISTENING.call_once(|| {
            let lines = tracing_subscriber::fmt()
                .with_env_filter(OURS)
                .with_span_events(FmtSpan::NEW)
                .with_ansi(false)
                .with_writer(|| Keep)
                .finish();
            tracing::subscriber::set_global_default(lines).unwrap();
        });
        Self(LOG.lock().unwrap().len())
    }

    pub fn said(&self) -> Vec<u8> {
        LOG.lock().unwrap()[self.0..].to_vec()
    }
}

/// Adds a webhook `main` of the agency's, and `probe` that leads nowhere.
/// Answers their secrets.
pub async fn hook(world: &World, receiver: &Receiver, agency: &str) -> Vec<String> {
    let mut secrets = Vec::new();
    for (id, url) in [("main", receiver.url()), ("probe", nowhere())] {
        let request = pb::CreateWebhookRequest {
            parent: format!("agencies/{agency}"),
            webhook_id: id.into(),
            webhook: Some(pb::Webhook {
                url,
                state: match id {
                    "main" => pb::WebhookState::Enabled,
                    _ => pb::WebhookState::Paused,
                } as i32,
                ..Default::default()
            }),
            ..Default::default()
        };
        let mut webhooks = world.agency(agency).webhooks();
        let created = webhooks.create_webhook(request).await.unwrap();
        secrets.push(created.into_inner().secret);
    }
    secrets
}

fn nowhere() -> String {
    "https://localhost:1/nowhere".into()
}

/// Everything that is posted to these agencies, up to the ends of their feeds
/// as they are now.
pub async fn posted(world: &World, receiver: &mut Receiver, agencies: &[String]) -> Vec<Vec<u8>> {
    let mut waiting = BTreeMap::new();
    for agency in agencies {
        let list = pb::ListFeedRequest::default();
        let feed = world.agency(agency).feeds().list_feed(list).await.unwrap();
        let head = feed.into_inner().head;
        if head > 0 {
            waiting.insert(format!("/agencies/{agency}/feed"), head);
        }
    }
    let mut posted = Vec::new();
    while !waiting.is_empty() {
        let received = receiver.next().await;
        let source = received.event()["source"].as_str().unwrap().to_owned();
        if waiting.get(&source) == Some(&received.cursor()) {
            waiting.remove(&source);
        }
        posted.push([format!("{:?}", received.headers).as_bytes(), &received.body].concat());
    }
    posted
}

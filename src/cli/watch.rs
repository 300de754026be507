//! Streams, one event a line, until they end.

use proto::v1 as pb;
use tokio_stream::StreamExt as _;

use super::connect::Connect;
use super::given::case_name;
use super::{Failure, say, show};
use crate::client;

/// The timeline of a case.
pub(super) async fn case(connect: &Connect, case: &str) -> Result<(), Failure> {
    let request = pb::WatchCaseRequest {
        name: case_name(case),
        after: 0,
    };
    let mut stream = connect
        .client()?
        .cases()
        .watch_case(request)
        .await?
        .into_inner();
    while let Some(message) = stream.next().await {
        if let Some(entry) = message?.entry {
            event(connect, "Entry", &entry)?;
        }
    }
    Ok(())
}

/// The agency's feed after a cursor.
pub(super) async fn feed(connect: &Connect, cursor: u64) -> Result<(), Failure> {
    let request = pb::WatchFeedRequest { cursor };
    let mut stream = connect
        .client()?
        .feeds()
        .watch_feed(request)
        .await?
        .into_inner();
    while let Some(message) = stream.next().await {
        event(connect, "FeedEvent", &message?)?;
    }
    Ok(())
}

fn event<M: prost::Message>(connect: &Connect, name: &str, event: &M) -> Result<(), Failure> {
    let json = client::json(name, event).unwrap_or_default();
    say(&if connect.json {
        format!("{json}\n")
    } else {
        show::line(&json)
    })
}

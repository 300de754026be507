//! Feeds: what an agency has to know, in order, without a gap.

use host::{Desk, Refusal};
use proto::internal::v1::StoredNumber;
use proto::v1 as pb;
use proto::v1::feed_service_server::FeedService;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use crate::page;

/// Events that are read at once.
const PAGE_LEN: usize = 256;
/// Events that may wait for a slow reader.
const WAITING_MAX: usize = 16;

/// The FeedService.
pub(crate) struct Feeds {
    desk: Desk,
}

impl Feeds {
    pub(crate) fn new(desk: Desk) -> Self {
        Self { desk }
    }

    fn after(&self, agency: &str, cursor: u64) -> Result<Vec<pb::FeedEvent>, Refusal> {
        let view = self.desk.store().read();
        let events = store::feed::read_from::<pb::FeedEvent>(&view, agency, cursor, PAGE_LEN)?;
        Ok(events.into_iter().map(|(_, event)| event).collect())
    }
}

#[tonic::async_trait]
impl FeedService for Feeds {
    type WatchFeedStream = ReceiverStream<Result<pb::FeedEvent, Status>>;

    async fn watch_feed(
        &self,
        request: Request<pb::WatchFeedRequest>,
    ) -> Result<Response<Self::WatchFeedStream>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let (out, events) = mpsc::channel(WAITING_MAX);
        let feeds = Self::new(self.desk.clone());
        let agency = caller.agency().to_owned();
        tokio::spawn(async move { feeds.watch(&agency, request.cursor, out).await });
        Ok(Response::new(ReceiverStream::new(events)))
    }

    async fn list_feed(
        &self,
        request: Request<pb::ListFeedRequest>,
    ) -> Result<Response<pb::ListFeedResponse>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let limit = page::size(request.page_size, 100, 1000)?;
        let view = self.desk.store().read();
        let acknowledged = acknowledged(&view, caller.agency())?;
        let cursor = if request.cursor == 0 {
            acknowledged
        } else {
            request.cursor
        };
        let events = store::feed::read_from::<pb::FeedEvent>(&view, caller.agency(), cursor, limit)
            .map_err(Refusal::from)?;
        let head = store::feed::head(&view, caller.agency()).map_err(Refusal::from)?;
        let events = events.into_iter().map(|(_, event)| event).collect();
        Ok(Response::new(pb::ListFeedResponse {
            events,
            head,
            acknowledged,
        }))
    }

    async fn acknowledge_feed(
        &self,
        request: Request<pb::AcknowledgeFeedRequest>,
    ) -> Result<Response<pb::AcknowledgeFeedResponse>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let agency = caller.agency();
        let key = cursor_key(agency);
        let acknowledged = self.desk.store().change_quietly(&key, |draft| {
            if request.cursor > store::feed::head(draft, agency)? {
                return Err(Refusal::invalid("cursor", "is beyond the newest event"));
            }
            let number = acknowledged(draft, agency)?.max(request.cursor);
            draft.put(&key, &StoredNumber { number });
            Ok(number)
        });
        let acknowledged = acknowledged.await?;
        Ok(Response::new(pb::AcknowledgeFeedResponse { acknowledged }))
    }
}

impl Feeds {
    async fn watch(
        &self,
        agency: &str,
        mut cursor: u64,
        out: mpsc::Sender<Result<pb::FeedEvent, Status>>,
    ) {
        let mut commits = self.desk.store().subscribe();
        loop {
            commits.mark_unchanged();
            let events = match self.after(agency, cursor) {
                Ok(events) => events,
                Err(refusal) => {
                    let _ = out.send(Err(refusal.into())).await;
                    return;
                }
            };
            let was_empty = events.is_empty();
            for event in events {
                cursor = event.cursor;
                if out.send(Ok(event)).await.is_err() {
                    return;
                }
            }
            if was_empty {
                let changed = tokio::select! {
                    changed = commits.changed() => changed,
                    () = out.closed() => return,
                };
                if changed.is_err() {
                    return;
                }
            }
        }
    }
}

fn cursor_key(agency: &str) -> String {
    format!("cursor/{}", agency.trim_start_matches("agencies/"))
}

fn acknowledged(view: &store::View, agency: &str) -> Result<u64, Refusal> {
    Ok(view
        .get::<StoredNumber>(&cursor_key(agency))?
        .unwrap_or_default()
        .number)
}

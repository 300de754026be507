//! Watching a case: what is there, then what comes. A change of the label alone
//! is sent as well, without an entry, so that the gateway notices the moment
//! at which the case is no longer shared.

use host::{Desk, Refusal};
use proto::names::CaseName;
use proto::v1 as pb;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::Case;
use crate::part;

/// Messages that may wait for a slow reader.
const WAITING_MAX: usize = 16;

/// The stream's type.
pub(crate) type Stream = ReceiverStream<Result<pb::WatchCaseResponse, Status>>;

/// Opens a stream of the entries after a number. NOT_FOUND if there is no such
/// case.
pub(crate) fn open(desk: Desk, name: CaseName, asker: &str, after: u64) -> Result<Stream, Refusal> {
    Case::load(&desk.store().read(), &name, desk.now())?;
    let (out, messages) = mpsc::channel(WAITING_MAX);
    let watch = Watch {
        desk,
        name,
        asker: asker.to_owned(),
        after,
        label: None,
    };
    tokio::spawn(watch.run(out));
    Ok(ReceiverStream::new(messages))
}

struct Watch {
    desk: Desk,
    name: CaseName,
    asker: String,
    after: u64,
    label: Option<pb::Label>,
}

impl Watch {
    async fn run(mut self, out: mpsc::Sender<Result<pb::WatchCaseResponse, Status>>) {
        let mut commits = self.desk.store().subscribe();
        loop {
            commits.mark_unchanged();
            let news = match self.news() {
                Ok(news) => news,
                Err(refusal) => {
                    let _ = out.send(Err(refusal.into())).await;
                    return;
                }
            };
            for message in news {
                if out.send(Ok(message)).await.is_err() {
                    return;
                }
            }
            let changed = tokio::select! {
                changed = commits.changed() => changed,
                () = out.closed() => return,
            };
            if changed.is_err() {
                return;
            }
        }
    }

    fn news(&mut self) -> Result<Vec<pb::WatchCaseResponse>, Refusal> {
        let view = self.desk.store().read();
        let case = Case::load(&view, &self.name, self.desk.now())?;
        // Compared below without its place, which each message has its own of.
        let label = pb::Label {
            position: 0,
            ..case.label_for(&view, &self.asker, "", Vec::new())?
        };
        let entries = part::entries(&view, &self.name, self.after, None)?;
        if entries.is_empty() && self.label.as_ref() == Some(&label) {
            return Ok(Vec::new());
        }
        self.after = entries.last().map_or(self.after, |entry| entry.sequence);
        let last = self.after;
        let with = |entry: Option<pb::Entry>| pb::WatchCaseResponse {
            label: Some(pb::Label {
                position: entry.as_ref().map_or(last, |entry| entry.sequence),
                ..label.clone()
            }),
            entry,
        };
        let news = if entries.is_empty() {
            vec![with(None)]
        } else {
            entries.into_iter().map(|entry| with(Some(entry))).collect()
        };
        self.label = Some(label);
        Ok(news)
    }
}

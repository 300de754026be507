//! Reading a document: piece by piece, each with the label of its own moment,
//! so that the gateway decides on each.

use host::{Caller, Desk, Refusal, parse};
use proto::names::CaseChild;
use proto::v1 as pb;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::{CHUNK_BYTES, load, unreadable};
use crate::case::Case;
use crate::keys;

/// Pieces that may wait for a slow reader.
const WAITING_MAX: usize = 2;

/// The stream's type.
pub(crate) type Stream = ReceiverStream<Result<pb::DocumentPiece, Status>>;

/// Opens a stream of a range. NOT_FOUND if there is no such document, or its
/// content is not here.
pub(crate) fn open(
    desk: &Desk,
    caller: &Caller,
    request: &pb::ReadDocumentRequest,
) -> Result<Stream, Refusal> {
    let name = parse::case_child("name", &request.name, "documents")?;
    let document = load(&desk.store().read(), &name)?;
    let evidence = document.evidence.unwrap_or_default();
    if !document.finished {
        return Err(Refusal::not_found());
    }
    let end = match request.length {
        0 => evidence.size,
        length => evidence.size.min(request.offset.saturating_add(length)),
    };
    if request.offset >= evidence.size {
        return Err(Refusal::invalid(
            "offset",
            "is beyond the end of the document",
        ));
    }
    let (out, pieces) = mpsc::channel(WAITING_MAX);
    let reading = Reading {
        desk: desk.clone(),
        name,
        asker: caller.agency().to_owned(),
        evidence,
    };
    let range = request.offset..end;
    tokio::spawn(async move {
        let mut at = range.start;
        while at < range.end {
            let piece = reading.piece(at, range.end).map_err(Status::from);
            let (len, is_error) = piece.as_ref().map_or((0, true), |(_, len)| (*len, false));
            if out.send(piece.map(|(piece, _)| piece)).await.is_err() || is_error {
                return;
            }
            at += len;
        }
    });
    Ok(ReceiverStream::new(pieces))
}

struct Reading {
    desk: Desk,
    name: CaseChild,
    asker: String,
    evidence: pb::Evidence,
}

impl Reading {
    /// What there is from `at` to the end of its piece or of the range, and how
    /// many bytes that is.
    fn piece(&self, at: u64, end: u64) -> Result<(pb::DocumentPiece, u64), Refusal> {
        let view = self.desk.store().read();
        let case = Case::load(&view, &self.name.case, self.desk.now())?;
        let label = case.label_for(&view, &self.asker, "", Vec::new())?;
        let place = keys::piece(&self.name, at / CHUNK_BYTES);
        let sealed = view.get_raw(&place)?.unwrap_or_default();
        let data = self.desk.unlock(&place, &sealed).ok_or_else(unreadable)?;
        let from = (at % CHUNK_BYTES) as usize;
        let to = data.len().min(from + (end - at) as usize);
        let data = data.get(from..to).ok_or_else(unreadable)?.to_vec();
        let len = data.len() as u64;
        if len == 0 {
            return Err(unreadable());
        }
        let content = pb::DocumentContent {
            author: self.evidence.author.clone(),
            section: self.evidence.section,
            offset: at,
            size: self.evidence.size,
            content_type: self.evidence.content_type.clone(),
            data,
        };
        let (content, filed_content) = if self.evidence.filed {
            (None, Some(content))
        } else {
            (Some(content), None)
        };
        let piece = pb::DocumentPiece {
            label: Some(label),
            content,
            filed_content,
        };
        Ok((piece, len))
    }
}

//! Documents: uploaded in pieces, kept sealed, checked as a whole, read in
//! pieces.
//!
//! Reading order: this file (uploading), `read` (downloading), `kind` (what it
//! is).

mod kind;
mod read;

use chrono::{DateTime, TimeDelta, Utc};
use host::clock::{from_timestamp, to_timestamp};
use host::{Caller, Desk, Refusal, parse};
use proto::internal::v1::StoredDocument;
use proto::names::{CaseChild, CaseName};
use proto::v1 as pb;
use proto::v1::ErrorReason;
use proto::v1::document_service_server::DocumentService;
use ring::digest;
use store::{Draft, View};
use tonic::{Request, Response, Status};

use crate::case::{Case, entry};
use crate::keys;
use crate::referral::terms::Terms;
use crate::sharing::open_case;

/// Bytes of a piece: with what locking adds, under the store's limit of a value.
pub(crate) const CHUNK_BYTES: u64 = 128 * 1024;
/// Bytes of a document.
const SIZE_MAX: u64 = 50 * 1024 * 1024;
/// Uploads of a case that may be under way at once.
const UPLOADS_MAX: usize = 50;
/// An upload that was left for so long is dropped when the next begins.
const LEFT_AFTER: TimeDelta = TimeDelta::days(7);

/// The DocumentService.
pub(crate) struct Documents {
    desk: Desk,
    terms: Terms,
}

impl Documents {
    pub(crate) fn new(desk: Desk, terms: Terms) -> Self {
        Self { desk, terms }
    }
}

#[tonic::async_trait]
impl DocumentService for Documents {
    type ReadDocumentStream = read::Stream;

    async fn start_upload(
        &self,
        request: Request<pb::StartUploadRequest>,
    ) -> Result<Response<pb::Upload>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let case = parse::case_name("parent", &request.parent)?;
        let now = self.desk.now();
        if !(1..=SIZE_MAX).contains(&request.size) {
            return Err(Refusal::invalid("size", "must be 1 to 52,428,800 bytes (50 MiB)").into());
        }
        let name = CaseChild {
            case,
            collection: "documents",
            id: self.desk.new_id()?,
        };
        let evidence = pb::Evidence {
            size: request.size,
            ..entry::evidence(request.evidence.as_ref(), &caller, name.to_string(), now)?
        };
        let intent =
            self.desk
                .intent(&caller, name.case.as_str(), &request.request_id, &request)?;
        let started = self.desk.store().change(&intent, |draft| {
            let case = open_case(draft, &name.case, now, &self.terms)?;
            case.require_label(caller.label_revision())?;
            case.require_open()?;
            require_room(draft, &name.case, now)?;
            let document = StoredDocument {
                evidence: Some(evidence.clone()),
                started_at: Some(to_timestamp(now)),
                ..StoredDocument::default()
            };
            draft.put(&keys::child(&name), &document);
            to_wire(draft, &case, &document, &caller)
        });
        Ok(Response::new(started.await?))
    }

    async fn upload_chunk(
        &self,
        request: Request<pb::UploadChunkRequest>,
    ) -> Result<Response<pb::Upload>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = parse::case_child("name", &request.name, "documents")?;
        let now = self.desk.now();
        let place = keys::piece(&name, request.offset / CHUNK_BYTES);
        // Locked outside the step, which may run again: sealing is not free.
        let sealed = self.desk.lock(&place, &request.data)?;
        let taken = self
            .desk
            .store()
            .change_quietly(name.case.as_str(), |draft| {
                let case = Case::load(draft, &name.case, now)?;
                case.require_label(caller.label_revision())?;
                let mut document = upload(draft, &name, &caller)?;
                let is_repeated = request.offset < document.received;
                require_piece(&document, request.offset, request.data.len() as u64)?;
                if is_repeated {
                    self.require_same(draft, &place, &request.data)?;
                } else {
                    draft.put_raw(&place, sealed.clone().into());
                    document.received += request.data.len() as u64;
                    draft.put(&keys::child(&name), &document);
                }
                to_wire(draft, &case, &document, &caller)
            });
        Ok(Response::new(taken.await?))
    }

    async fn get_upload(
        &self,
        request: Request<pb::GetUploadRequest>,
    ) -> Result<Response<pb::Upload>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = parse::case_child("name", &request.name, "documents")?;
        let view = self.desk.store().read();
        let case = Case::load(&view, &name.case, self.desk.now())?;
        let document = upload(&view, &name, &caller)?;
        Ok(Response::new(to_wire(&view, &case, &document, &caller)?))
    }

    async fn finish_upload(
        &self,
        request: Request<pb::FinishUploadRequest>,
    ) -> Result<Response<pb::Evidence>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = parse::case_child("name", &request.name, "documents")?;
        let now = self.desk.now();
        let intent =
            self.desk
                .intent(&caller, name.case.as_str(), &request.request_id, &request)?;
        let finished = self.desk.store().change(&intent, |draft| {
            let mut case = open_case(draft, &name.case, now, &self.terms)?;
            case.require_label(caller.label_revision())?;
            case.require_open()?;
            let mut document = upload(draft, &name, &caller)?;
            let mut evidence = document.evidence.clone().unwrap_or_default();
            evidence.content_type = self.checked(draft, &name, &document)?;
            evidence.added_at = Some(to_timestamp(now));
            document.evidence = Some(evidence.clone());
            document.finished = true;
            draft.put(&keys::child(&name), &document);
            case.add_evidence(evidence.clone(), &caller, now)?;
            case.save(draft);
            Ok::<_, Refusal>(evidence)
        });
        Ok(Response::new(finished.await?))
    }

    async fn read_document(
        &self,
        request: Request<pb::ReadDocumentRequest>,
    ) -> Result<Response<Self::ReadDocumentStream>, Status> {
        let (caller, request) = self.desk.open(request)?;
        Ok(Response::new(read::open(&self.desk, &caller, &request)?))
    }
}

impl Documents {
    /// The same piece may come twice, another one not.
    fn require_same(&self, view: &View, place: &str, data: &[u8]) -> Result<(), Refusal> {
        let kept = view.get_raw(place)?.unwrap_or_default();
        match self.desk.unlock(place, &kept) {
            Some(kept) if kept == data => Ok(()),
            Some(_) => Err(Refusal::invalid(
                "data",
                "differs from the piece that came before for this place; start anew",
            )),
            None => Err(unreadable()),
        }
    }

    /// The whole, piece by piece, against what was announced. Answers its kind.
    fn checked(
        &self,
        view: &View,
        name: &CaseChild,
        document: &StoredDocument,
    ) -> Result<String, Refusal> {
        let announced = document.evidence.clone().unwrap_or_default();
        if document.received != announced.size {
            return Err(go_on(document));
        }
        let mut hash = digest::Context::new(&digest::SHA256);
        let mut head = Vec::new();
        for number in 0..announced.size.div_ceil(CHUNK_BYTES) {
            let place = keys::piece(name, number);
            let sealed = view.get_raw(&place)?.unwrap_or_default();
            let data = self.desk.unlock(&place, &sealed).ok_or_else(unreadable)?;
            hash.update(&data);
            if head.len() < kind::HEAD_BYTES {
                head.extend(data.iter().take(kind::HEAD_BYTES - head.len()));
            }
        }
        if hash.finish().as_ref() != announced.sha256 {
            return Err(Refusal::invalid(
                "sha256",
                "is not that of the bytes that arrived; start anew",
            ));
        }
        kind::sniff(&head)
    }
}

/// The upload of that name, to the agency that makes it; to others, and once it
/// is finished, there is none.
fn upload(view: &View, name: &CaseChild, caller: &Caller) -> Result<StoredDocument, Refusal> {
    let document = load(view, name)?;
    let author = document
        .evidence
        .as_ref()
        .map(|evidence| evidence.author.as_str());
    if document.finished || author != Some(caller.agency()) {
        return Err(Refusal::not_found());
    }
    Ok(document)
}

/// The document of that name. NOT_FOUND if its case has none such.
pub(crate) fn load(view: &View, name: &CaseChild) -> Result<StoredDocument, Refusal> {
    let document = view.get::<StoredDocument>(&keys::child(name))?;
    document.ok_or_else(Refusal::not_found)
}

/// A piece begins where the last one ended, or was there before, and is whole.
fn require_piece(document: &StoredDocument, offset: u64, bytes: u64) -> Result<(), Refusal> {
    let size = document
        .evidence
        .as_ref()
        .map_or(0, |evidence| evidence.size);
    if offset > document.received || !offset.is_multiple_of(CHUNK_BYTES) || offset >= size {
        return Err(go_on(document));
    }
    let expected = CHUNK_BYTES.min(size - offset);
    if bytes != expected {
        return Err(Refusal::invalid(
            "data",
            format!("must be {expected} bytes at this place"),
        ));
    }
    Ok(())
}

fn go_on(document: &StoredDocument) -> Refusal {
    let size = document
        .evidence
        .as_ref()
        .map_or(0, |evidence| evidence.size);
    let received = document.received;
    Refusal::precondition(
        ErrorReason::WrongState,
        format!("{received} of {size} bytes are here; go on at {received} (UploadChunk)"),
    )
    .with("received", received.to_string())
}

fn unreadable() -> Refusal {
    Refusal::internal("a piece of a document cannot be opened with this network's key")
}

/// Room for one more upload, after those that were left have been dropped.
fn require_room(draft: &mut Draft, case: &CaseName, now: DateTime<Utc>) -> Result<(), Refusal> {
    let prefix = keys::children(case, "documents");
    let documents = draft.scan::<StoredDocument>(&prefix, None, 1_000)?;
    let mut under_way = 0;
    for (key, document) in documents
        .into_iter()
        .filter(|(_, document)| !document.finished)
    {
        let started = document.started_at.as_ref().and_then(from_timestamp);
        if started.is_some_and(|started| now - started < LEFT_AFTER) {
            under_way += 1;
            continue;
        }
        let name = document
            .evidence
            .map(|evidence| evidence.name)
            .unwrap_or_default();
        let name = CaseChild::parse(&name, "documents")?;
        for number in 0..document.received.div_ceil(CHUNK_BYTES) {
            draft.delete(&keys::piece(&name, number));
        }
        draft.delete(&key);
    }
    if under_way >= UPLOADS_MAX {
        return Err(Refusal::invalid(
            "parent",
            "has 50 uploads under way; finish one first",
        ));
    }
    Ok(())
}

fn to_wire(
    view: &View,
    case: &Case,
    document: &StoredDocument,
    caller: &Caller,
) -> Result<pb::Upload, Refusal> {
    let evidence = document.evidence.clone().unwrap_or_default();
    Ok(pb::Upload {
        label: Some(case.label_for(view, caller.agency(), "", Vec::new())?),
        name: evidence.name,
        received: document.received,
        size: evidence.size,
        chunk_bytes: CHUNK_BYTES as u32,
    })
}

//! The spine's part of the record: label first, timeline last.

use chrono::{DateTime, Utc};
use host::clock::from_timestamp;
use host::{Desk, Refusal, parse};
use proto::internal::v1::part_service_server::PartService;
use proto::names::CaseName;
use proto::v1 as pb;
use store::View;
use tonic::{Request, Response, Status};

use crate::case::Case;
use crate::keys;

/// Entries that are read at once.
const PAGE_LEN: usize = 512;

/// Answers the spine's part.
pub(crate) struct Part {
    desk: Desk,
}

impl Part {
    pub(crate) fn new(desk: Desk) -> Self {
        Self { desk }
    }
}

#[tonic::async_trait]
impl PartService for Part {
    async fn get_part(
        &self,
        request: Request<pb::GetCaseRequest>,
    ) -> Result<Response<pb::Case>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let part = read(&self.desk, &request, caller.agency())?;
        Ok(Response::new(part))
    }
}

/// The spine's part as `asker` asks for it. The timeline is as it was known at
/// `as_of`; the facts and the label are always those of now.
pub(crate) fn read(
    desk: &Desk,
    request: &pb::GetCaseRequest,
    asker: &str,
) -> Result<pb::Case, Refusal> {
    let name = parse::case_name("name", &request.name)?;
    let as_of = request
        .as_of
        .as_ref()
        .map(|at| {
            from_timestamp(at).ok_or_else(|| Refusal::invalid("as_of", "is no moment in time"))
        })
        .transpose()?;
    let view = desk.store().read();
    let case = Case::load(&view, &name, desk.now())?;
    let label = case.label_for(&view, asker, "", Vec::new())?;
    let timeline = entries(&view, &name, 0, as_of)?;
    Ok(pb::Case {
        timeline,
        ..case.to_wire(label)
    })
}

/// The entries after a number, as they were known at a moment.
pub(crate) fn entries(
    view: &View,
    case: &CaseName,
    after: u64,
    as_of: Option<DateTime<Utc>>,
) -> Result<Vec<pb::Entry>, Refusal> {
    let prefix = keys::entries(case);
    let mut place = (after > 0).then(|| keys::entry(case, after));
    let mut found = Vec::new();
    loop {
        let page = view.scan::<pb::Entry>(&prefix, place.as_deref(), PAGE_LEN)?;
        let is_last = page.len() < PAGE_LEN;
        place = page.last().map(|(key, _)| key.clone());
        for (_, entry) in page {
            let recorded = entry.recorded_at.as_ref().and_then(from_timestamp);
            if as_of.is_none_or(|as_of| recorded.is_some_and(|at| at <= as_of)) {
                found.push(entry);
            }
        }
        if is_last {
            return Ok(found);
        }
    }
}

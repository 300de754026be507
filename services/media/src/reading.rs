//! A file read with its texts: whole, for the house and the lead; and as the
//! record has it, where a text that nobody approved has no place.

use host::{Desk, Refusal, parse};
use proto::internal::v1::part_service_server::PartService;
use proto::names::{AgencyName, CaseName};
use proto::v1::{self as pb, DraftState};
use store::View;
use tonic::{Request, Response, Status};

use crate::file::{Coverage, files, text};

/// The whole file, with the text of every draft. NOT_FOUND if there is none.
pub(crate) fn whole(view: &View, coverage: &Coverage) -> Result<pb::PublicityFile, Refusal> {
    let mut file = coverage.find(view)?.ok_or_else(Refusal::not_found)?;
    for draft in &mut file.drafts {
        draft.text = coverage.text(view, draft.number)?;
    }
    Ok(file)
}

/// The file as the record has it: texts that are approved or published, and
/// were not withdrawn.
fn as_recorded(
    view: &View,
    case: &CaseName,
    mut file: pb::PublicityFile,
) -> Result<pb::PublicityFile, Refusal> {
    let house = AgencyName::parse(&file.author).map_err(Refusal::internal)?;
    for draft in &mut file.drafts {
        if draft.state() == DraftState::Approved {
            draft.text = text(view, case, house.id(), draft.number)?;
        }
    }
    for publication in file.publications.iter_mut().filter(|p| !p.retracted) {
        publication.text = text(view, case, house.id(), publication.draft)?;
    }
    Ok(file)
}

/// Answers the media's part of the record.
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
    /// Every house's file on the case; who may see which is decided on the way
    /// out. No file is an empty part.
    async fn get_part(
        &self,
        request: Request<pb::GetCaseRequest>,
    ) -> Result<Response<pb::Case>, Status> {
        let (_, request) = self.desk.open(request)?;
        let case = parse::case_name("name", &request.name)?;
        let view = self.desk.store().read();
        let publicity_files = files(&view, &case)?
            .into_iter()
            .map(|file| as_recorded(&view, &case, file))
            .collect::<Result<_, Refusal>>()?;
        Ok(Response::new(pb::Case {
            publicity_files,
            ..Default::default()
        }))
    }
}

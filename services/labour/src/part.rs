//! What labour bureaus have on a case, for the record.

use host::{Desk, parse};
use proto::internal::v1::part_service_server::PartService;
use proto::v1 as pb;
use tonic::{Request, Response, Status};

use crate::docket::{files, folder};

/// Answers the labour bureaus' part of the record.
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
    /// Every bureau's dockets on the case; who may see what of them is decided
    /// on the way out. No docket is an empty part.
    async fn get_part(
        &self,
        request: Request<pb::GetCaseRequest>,
    ) -> Result<Response<pb::Case>, Status> {
        let (_, request) = self.desk.open(request)?;
        let case = parse::case_name("name", &request.name)?;
        let view = self.desk.store().read();
        Ok(Response::new(pb::Case {
            inspection_files: files(&view, &folder::<pb::InspectionFile>(&case))?,
            arbitration_files: files(&view, &folder::<pb::ArbitrationFile>(&case))?,
            injury_files: files(&view, &folder::<pb::InjuryFile>(&case))?,
            ..Default::default()
        }))
    }
}

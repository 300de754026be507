//! What the unions have on a case, for the record.

use host::{Desk, parse};
use proto::internal::v1::part_service_server::PartService;
use proto::v1 as pb;
use tonic::{Request, Response, Status};

use crate::file;

/// Answers the unions' part of the record.
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
    /// Every union's file on the case; who may see what of it is decided on the
    /// way out. No file is an empty part.
    async fn get_part(
        &self,
        request: Request<pb::GetCaseRequest>,
    ) -> Result<Response<pb::Case>, Status> {
        let (_, request) = self.desk.open(request)?;
        let case = parse::case_name("name", &request.name)?;
        let union_files = file::files(&self.desk.store().read(), &case)?;
        Ok(Response::new(pb::Case {
            union_files,
            ..Default::default()
        }))
    }
}

//! What courts and procuratorates have on a case, for the record.

use host::{Desk, parse};
use proto::internal::v1::part_service_server::PartService;
use proto::v1 as pb;
use tonic::{Request, Response, Status};

use crate::bench::{files, folder};

/// Answers the judiciary's part of the record.
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
    /// Every court's and procuratorate's files on the case; who may see which
    /// is decided on the way out. No file is an empty part.
    async fn get_part(
        &self,
        request: Request<pb::GetCaseRequest>,
    ) -> Result<Response<pb::Case>, Status> {
        let (_, request) = self.desk.open(request)?;
        let case = parse::case_name("name", &request.name)?;
        let view = self.desk.store().read();
        let part = pb::Case {
            court_files: files(&view, &folder::<pb::CourtFile>(&case))?,
            procuratorate_files: files(&view, &folder::<pb::ProcuratorateFile>(&case))?,
            ..Default::default()
        };
        Ok(Response::new(part))
    }
}

//! NoticeService: what the worker is to be told, and whether it was done.

use host::clock::to_timestamp;
use host::{Desk, Refusal, parse};
use proto::internal::v1::StoredNotice;
use proto::names::CaseChild;
use proto::v1 as pb;
use proto::v1::notice_service_server::NoticeService;
use store::View;
use tonic::{Request, Response, Status};

use crate::case::Case;
use crate::keys;
use crate::referral::terms::Terms;
use crate::sharing::open_case;

/// Notices that are listed, newest first.
const LISTED_MAX: usize = 1_000;

/// The NoticeService.
pub(crate) struct Notices {
    desk: Desk,
    terms: Terms,
}

impl Notices {
    pub(crate) fn new(desk: Desk, terms: Terms) -> Self {
        Self { desk, terms }
    }
}

#[tonic::async_trait]
impl NoticeService for Notices {
    async fn list_notices(
        &self,
        request: Request<pb::ListNoticesRequest>,
    ) -> Result<Response<pb::ListNoticesResponse>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = parse::case_name("parent", &request.parent)?;
        let view = self.desk.store().read();
        let case = Case::load(&view, &name, self.desk.now())?;
        let prefix = keys::children(&name, "notices");
        let rows = view
            .scan_back::<StoredNotice>(&prefix, None, LISTED_MAX)
            .map_err(Refusal::from)?;
        let label = case.label_for(&view, caller.agency(), "", Vec::new())?;
        let notices = rows.into_iter().filter_map(|(_, row)| row.notice);
        let notices = notices
            .filter(|notice| !request.undelivered_only || notice.delivered_at.is_none())
            .map(|notice| pb::Notice {
                label: Some(label.clone()),
                ..notice
            })
            .collect();
        Ok(Response::new(pb::ListNoticesResponse { notices }))
    }

    async fn record_notice_delivery(
        &self,
        request: Request<pb::RecordNoticeDeliveryRequest>,
    ) -> Result<Response<pb::Notice>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = parse::case_child("name", &request.name, "notices")?;
        let by = parse::code("delivered_by", &request.delivered_by)?;
        let now = self.desk.now();
        let intent =
            self.desk
                .intent(&caller, name.case.as_str(), &request.request_id, &request)?;
        let recorded = self.desk.store().change(&intent, |draft| {
            let mut case = open_case(draft, &name.case, now, &self.terms)?;
            case.require_label(caller.label_revision())?;
            let notice = load(draft, &name)?;
            if notice.delivered_at.is_some() {
                return Err(Refusal::over("the notice", "delivered"));
            }
            let notice = pb::Notice {
                delivered_at: Some(to_timestamp(now)),
                delivered_by: by.clone(),
                ..notice
            };
            draft.put(
                &keys::child(&name),
                &StoredNotice {
                    notice: Some(notice.clone()),
                },
            );
            case.save(draft);
            let label = case.label_for(draft, caller.agency(), "", Vec::new())?;
            Ok(pb::Notice {
                label: Some(label),
                ..notice
            })
        });
        Ok(Response::new(recorded.await?))
    }
}

/// The notice of that name. NOT_FOUND if there is none.
pub(crate) fn load(view: &View, name: &CaseChild) -> Result<pb::Notice, Refusal> {
    let record = view.get::<StoredNotice>(&keys::child(name))?;
    record
        .and_then(|record| record.notice)
        .ok_or_else(Refusal::not_found)
}

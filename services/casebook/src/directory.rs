//! The directory of agencies.

use chrono::{DateTime, Utc};
use host::clock::to_timestamp;
use host::{Desk, Refusal, parse};
use proto::names::AgencyName;
use proto::v1 as pb;
use proto::v1::directory_service_server::DirectoryService;
use proto::v1::{AgencyKind, ErrorReason};
use store::{Store, View};
use tonic::{Request, Response, Status};

use crate::{keys, page};

const NAME_CHARS: usize = 100;
const SERVICES_MAX: usize = 50;
/// Agencies that a network has at most.
const AGENCIES_MAX: usize = 10_000;

/// What an agency is to the network now; none if the directory has no such
/// agency (the network's own roles are not in it).
pub(crate) fn standing(view: &View, agency: &str) -> Result<Option<pb::Standing>, Refusal> {
    let entry = view.get::<pb::Agency>(&keys::agency(agency))?;
    Ok(entry.map(|entry| pb::Standing {
        agency: entry.name.clone(),
        kind: entry.kind,
        suspended: entry.suspended,
    }))
}

/// The agencies that oversee the network: its operators.
pub(crate) fn supervisors(view: &View) -> Result<Vec<String>, Refusal> {
    let operators = all(view)?.into_iter();
    let operators = operators.filter(|agency| agency.kind() == AgencyKind::Operator);
    Ok(operators.map(|agency| agency.name).collect())
}

/// The agencies that offer a service and are not suspended, by name.
pub(crate) fn offering(view: &View, service: &str) -> Result<Vec<String>, Refusal> {
    let offers = |agency: &pb::Agency| {
        !agency.suspended && agency.services.iter().any(|offered| offered == service)
    };
    let agencies = all(view)?.into_iter().filter(offers);
    Ok(agencies.map(|agency| agency.name).collect())
}

/// What people call an agency, in Chinese and in English.
pub(crate) fn display_names(view: &View, agency: &str) -> Result<(String, String), Refusal> {
    let entry = view.get::<pb::Agency>(&keys::agency(agency))?;
    let entry = entry.unwrap_or_default();
    let or_name = |name: String| {
        if name.is_empty() {
            agency.to_owned()
        } else {
            name
        }
    };
    let en = if entry.display_name_en.is_empty() {
        entry.display_name_zh.clone()
    } else {
        entry.display_name_en
    };
    Ok((or_name(entry.display_name_zh), or_name(en)))
}

fn all(view: &View) -> Result<Vec<pb::Agency>, Refusal> {
    let rows = view.scan::<pb::Agency>(keys::ALL_AGENCIES, None, AGENCIES_MAX)?;
    Ok(rows.into_iter().map(|(_, agency)| agency).collect())
}

/// Enters the agencies of a network's configuration. Those that are there
/// already are left as they are.
pub async fn enlist(
    store: &Store,
    agencies: Vec<pb::Agency>,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let checked: Vec<pb::Agency> = agencies
        .iter()
        .map(|agency| checked(agency, now))
        .collect::<Result<_, _>>()?;
    store
        .change_quietly("directory", |draft| {
            for agency in &checked {
                let key = keys::agency(&agency.name);
                if draft.get_raw(&key)?.is_none() {
                    draft.put(&key, agency);
                }
            }
            Ok(())
        })
        .await
}

fn checked(given: &pb::Agency, now: DateTime<Utc>) -> Result<pb::Agency, Refusal> {
    parse::agency_name("agency.name", &given.name)?;
    if given.kind() == AgencyKind::Unspecified {
        return Err(Refusal::invalid(
            "agency.kind",
            "must be one of the kinds of agency",
        ));
    }
    if given.services.len() > SERVICES_MAX {
        return Err(Refusal::invalid("agency.services", "are more than 50"));
    }
    for service in &given.services {
        parse::code("agency.services", service)?;
    }
    Ok(pb::Agency {
        display_name_zh: parse::text("agency.display_name_zh", &given.display_name_zh, NAME_CHARS)?,
        display_name_en: parse::optional_text(
            "agency.display_name_en",
            &given.display_name_en,
            NAME_CHARS,
        )?,
        suspended: false,
        registered_at: Some(to_timestamp(now)),
        ..given.clone()
    })
}

/// The DirectoryService.
pub(crate) struct Directory {
    desk: Desk,
}

impl Directory {
    pub(crate) fn new(desk: Desk) -> Self {
        Self { desk }
    }
}

#[tonic::async_trait]
impl DirectoryService for Directory {
    async fn list_agencies(
        &self,
        request: Request<pb::ListAgenciesRequest>,
    ) -> Result<Response<pb::ListAgenciesResponse>, Status> {
        let (_, request) = self.desk.open(request)?;
        let limit = page::size(request.page_size, 50, 200)?;
        let after = page::place(&request.page_token, keys::ALL_AGENCIES, 1)?;
        let view = self.desk.store().read();
        let rows = view
            .scan::<pb::Agency>(keys::ALL_AGENCIES, after.as_deref(), limit)
            .map_err(Refusal::from)?;
        let last = rows.last().map(|(key, _)| key.as_str());
        let next_page_token = page::next(last, keys::ALL_AGENCIES, rows.len() < limit);
        let agencies = rows.into_iter().map(|(_, agency)| agency).collect();
        Ok(Response::new(pb::ListAgenciesResponse {
            agencies,
            next_page_token,
        }))
    }

    async fn get_agency(
        &self,
        request: Request<pb::GetAgencyRequest>,
    ) -> Result<Response<pb::Agency>, Status> {
        let (_, request) = self.desk.open(request)?;
        let name = parse::agency_name("name", &request.name)?;
        let view = self.desk.store().read();
        let agency = view
            .get::<pb::Agency>(&keys::agency(name.as_str()))
            .map_err(Refusal::from)?;
        Ok(Response::new(agency.ok_or_else(Refusal::not_found)?))
    }

    async fn register_agency(
        &self,
        request: Request<pb::RegisterAgencyRequest>,
    ) -> Result<Response<pb::Agency>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = AgencyName::from_id(&request.agency_id).map_err(|_| {
            Refusal::invalid(
                "agency_id",
                "must be 2 to 40 of a-z, 0-9 and hyphen, a letter first",
            )
        })?;
        let given = request.agency.clone().unwrap_or_default();
        let agency = checked(
            &pb::Agency {
                name: name.to_string(),
                ..given
            },
            self.desk.now(),
        )?;
        let intent = self
            .desk
            .intent(&caller, "directory", &request.request_id, &request)?;
        let registered = self.desk.store().change(&intent, |draft| {
            let key = keys::agency(name.as_str());
            if draft.get_raw(&key)?.is_some() {
                return Err(Refusal::already_exists(
                    ErrorReason::AlreadyExists,
                    "an agency of that id exists; choose another",
                ));
            }
            draft.put(&key, &agency);
            Ok(agency.clone())
        });
        Ok(Response::new(registered.await?))
    }

    async fn suspend_agency(
        &self,
        request: Request<pb::SuspendAgencyRequest>,
    ) -> Result<Response<pb::Agency>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = parse::agency_name("name", &request.name)?;
        parse::text("reason", &request.reason, NAME_CHARS)?;
        let intent = self
            .desk
            .intent(&caller, "directory", &request.request_id, &request)?;
        let changed = self.desk.store().change(&intent, |draft| {
            let key = keys::agency(name.as_str());
            let agency = draft
                .get::<pb::Agency>(&key)?
                .ok_or_else(Refusal::not_found)?;
            let agency = pb::Agency {
                suspended: !request.lift,
                ..agency
            };
            draft.put(&key, &agency);
            Ok::<_, Refusal>(agency)
        });
        Ok(Response::new(changed.await?))
    }
}

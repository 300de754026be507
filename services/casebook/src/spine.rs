//! What the network's own processes ask of the spine.

use host::{Desk, PartyField, Refusal, parse};
use proto::internal::v1 as internal;
use proto::internal::v1::spine_service_server::SpineService;
use proto::internal::v1::{PartyDigest, Side};
use proto::names::CaseName;
use proto::v1 as pb;
use tonic::{Request, Response, Status};

use crate::case::Case;
use crate::referral::terms::Terms;
use crate::sharing::Sharing;
use crate::{break_glass, consent, directory, document, identifiers, milestone, notices, referral};

/// Longest text that is looked through, in characters.
const TEXT_CHARS: usize = 40_000;

/// The SpineService.
pub(crate) struct Spine {
    desk: Desk,
    terms: Terms,
}

impl Spine {
    pub(crate) fn new(desk: Desk, terms: Terms) -> Self {
        Self { desk, terms }
    }

    /// Only the network's own roles learn of parties and report milestones.
    fn open_for_role<T>(&self, request: Request<T>) -> Result<T, Refusal> {
        let (caller, request) = self.desk.open(request)?;
        if caller.role().is_none() {
            return Err(Refusal::not_found());
        }
        Ok(request)
    }
}

#[tonic::async_trait]
impl SpineService for Spine {
    async fn get_label(
        &self,
        request: Request<internal::GetLabelRequest>,
    ) -> Result<Response<pb::Label>, Status> {
        let (caller, request) = self.desk.open(request)?;
        let name = CaseName::containing(&request.name).map_err(Refusal::from)?;
        let view = self.desk.store().read();
        let case = Case::load(&view, &name, self.desk.now())?;
        if request.name == name.as_str() {
            return Ok(Response::new(case.label_for(
                &view,
                caller.agency(),
                "",
                Vec::new(),
            )?));
        }
        let child = proto::names::CaseChild::parse_any(&request.name).map_err(Refusal::from)?;
        let asker = caller.agency();
        let sharing = || Sharing::load(&view, &name, self.desk.now(), &self.terms);
        let label = match child.collection {
            "referrals" => referral::to_wire(&view, &sharing()?, &request.name, asker)?
                .label
                .unwrap_or_default(),
            "consents" => consent::label(&view, &case, &child, asker)?,
            "breakGlassGrants" => break_glass::label(&view, &sharing()?, &request.name, asker)?,
            "documents" => {
                document::load(&view, &child)?;
                case.label_for(&view, asker, "", Vec::new())?
            }
            "notices" => {
                notices::load(&view, &child)?;
                case.label_for(&view, asker, "", Vec::new())?
            }
            _ => return Err(Refusal::not_found().into()),
        };
        Ok(Response::new(label))
    }

    async fn get_standing(
        &self,
        request: Request<internal::GetStandingRequest>,
    ) -> Result<Response<pb::Standing>, Status> {
        let (_, request) = self.desk.open(request)?;
        let name = parse::agency_name("agency", &request.agency)?;
        let standing = directory::standing(&self.desk.store().read(), name.as_str())?;
        Ok(Response::new(standing.ok_or_else(Refusal::not_found)?))
    }

    async fn record_milestone(
        &self,
        request: Request<internal::RecordMilestoneRequest>,
    ) -> Result<Response<internal::RecordMilestoneResponse>, Status> {
        let request = self.open_for_role(request)?;
        let now = self.desk.now();
        let case = request
            .milestone
            .as_ref()
            .map(|m| m.case.clone())
            .unwrap_or_default();
        let sequence = self
            .desk
            .store()
            .change_quietly(&case, |draft| {
                milestone::record(draft, &request, now, &self.terms)
            })
            .await?;
        Ok(Response::new(internal::RecordMilestoneResponse {
            sequence,
        }))
    }

    async fn get_party_digests(
        &self,
        request: Request<internal::GetPartyDigestsRequest>,
    ) -> Result<Response<internal::GetPartyDigestsResponse>, Status> {
        let request = self.open_for_role(request)?;
        let name = parse::case_name("case", &request.case)?;
        let case = Case::load(&self.desk.store().read(), &name, self.desk.now())?;
        let digests = digests(&self.desk, case.facts());
        Ok(Response::new(internal::GetPartyDigestsResponse { digests }))
    }

    async fn find_identifiers(
        &self,
        request: Request<internal::FindIdentifiersRequest>,
    ) -> Result<Response<internal::FindIdentifiersResponse>, Status> {
        let request = self.open_for_role(request)?;
        let name = parse::case_name("case", &request.case)?;
        if request.text.chars().count() > TEXT_CHARS {
            return Err(Refusal::invalid("text", "is over 40,000 characters").into());
        }
        let case = Case::load(&self.desk.store().read(), &name, self.desk.now())?;
        let findings = identifiers::find(case.facts(), &request.text);
        Ok(Response::new(internal::FindIdentifiersResponse {
            findings,
        }))
    }
}

fn digests(desk: &Desk, facts: &pb::Case) -> Vec<PartyDigest> {
    let mut digests = Vec::new();
    let mut add = |side: Side, field: PartyField, text: &str| {
        if !text.is_empty() {
            let digest = desk.party_digest(field, text).to_vec();
            digests.push(PartyDigest {
                side: side as i32,
                digest: digest.into(),
            });
        }
    };
    for person in &facts.identities {
        add(Side::Worker, PartyField::Name, &person.name);
    }
    for id in &facts.identity_numbers {
        add(Side::Worker, PartyField::IdentityNumber, &id.number);
    }
    for contact in &facts.contacts {
        add(Side::Worker, PartyField::Mobile, &contact.mobile);
    }
    if let Some(employment) = &facts.employment {
        add(Side::Employer, PartyField::Name, &employment.employer_name);
        add(
            Side::Employer,
            PartyField::CreditCode,
            &employment.credit_code,
        );
    }
    digests
}

//! Sharing a case as the contract wants it: consent or statutory duty, a
//! referral sent and taken up, a conflict check where the law asks for one.

use proto::v1::{self as pb, AgencyKind, ReferralKind, Section};

use super::convert::sha256;
use super::play::{Play, PlayError, failed};
use crate::client::Client;

impl Play<'_> {
    /// The lead refers the case to an agency, and the agency takes it up.
    pub(super) async fn share(
        &self,
        agency: &'static str,
        kind: AgencyKind,
    ) -> Result<(), PlayError> {
        let (lead, theirs) = (self.cast.of(self.lead)?, self.cast.of(agency)?);
        let id = |step: &str| format!("replay-{}-{agency}-{step}", self.file.id);
        let scope = scope(kind);
        let on_duty = matches!(
            kind,
            AgencyKind::LabourBureau | AgencyKind::Court | AgencyKind::Procuratorate
        );
        let consent = if on_duty {
            String::new()
        } else {
            let form = format!("synthetic consent form of {} for {agency}", self.file.id);
            let consent = pb::Consent {
                purpose: if kind == AgencyKind::Media {
                    "publicity"
                } else {
                    "representation"
                }
                .to_owned(),
                recipients: vec![format!("agencies/{agency}")],
                sections: scope.clone(),
                evidence_sha256: sha256(form.as_bytes()),
                ..pb::Consent::default()
            };
            let request = pb::GrantConsentRequest {
                parent: self.case.clone(),
                consent: Some(consent),
                request_id: id("consent"),
            };
            let granted = lead.consents().grant_consent(request).await;
            granted
                .map_err(failed("recording a consent"))?
                .into_inner()
                .name
        };
        let inform = matches!(kind, AgencyKind::Media | AgencyKind::University);
        let referral = pb::Referral {
            kind: if inform {
                ReferralKind::Inform
            } else {
                ReferralKind::Assist
            } as i32,
            to_agency: format!("agencies/{agency}"),
            service_code: "published_course".to_owned(),
            purpose: "the agency's part in the published course".to_owned(),
            legal_basis: if on_duty { "PIPL-13-3" } else { "" }.to_owned(),
            consent,
            scope,
            contribute: true,
            ..pb::Referral::default()
        };
        let request = pb::CreateReferralRequest {
            parent: self.case.clone(),
            referral: Some(referral),
            duplicate_reason: String::new(),
            request_id: id("create"),
        };
        let created = lead.referrals().create_referral(request).await;
        let name = created
            .map_err(failed("drafting a referral"))?
            .into_inner()
            .name;
        let (etag, request_id) = (String::new(), id("send"));
        let send = pb::SendReferralRequest {
            name: name.clone(),
            etag: etag.clone(),
            request_id,
        };
        lead.referrals()
            .send_referral(send)
            .await
            .map_err(failed("sending it"))?;
        let request_id = id("acknowledge");
        let acknowledge = pb::AcknowledgeReferralRequest {
            name: name.clone(),
            etag: etag.clone(),
            request_id,
        };
        theirs
            .referrals()
            .acknowledge_referral(acknowledge)
            .await
            .map_err(failed("receiving it"))?;
        if kind == AgencyKind::LawFirm {
            self.engage(theirs, &name, &id("conflict"), &id("engage"))
                .await?;
        }
        let request_id = id("accept");
        let accept = pb::AcceptReferralRequest {
            name: name.clone(),
            etag: etag.clone(),
            request_id,
        };
        theirs
            .referrals()
            .accept_referral(accept)
            .await
            .map_err(failed("accepting it"))?;
        let start = pb::StartReferralRequest {
            name,
            etag,
            request_id: id("start"),
        };
        theirs
            .referrals()
            .start_referral(start)
            .await
            .map_err(failed("starting it"))?;
        Ok(())
    }

    /// 律师法 39: a conflict check before anything else.
    pub(super) async fn engage(
        &self,
        firm: &Client,
        referral: &str,
        check_id: &str,
        engage_id: &str,
    ) -> Result<(), PlayError> {
        let check = pb::CheckConflictRequest {
            parent: self.case.clone(),
            referral: referral.to_owned(),
            request_id: check_id.to_owned(),
            ..Default::default()
        };
        firm.lawfirm()
            .check_conflict(check)
            .await
            .map_err(failed("checking for conflicts"))?;
        let engage = pb::EngageRequest {
            parent: self.case.clone(),
            fee_arrangement: pb::FeeArrangement::LegalAid as i32,
            request_id: engage_id.to_owned(),
            ..Default::default()
        };
        firm.lawfirm()
            .engage(engage)
            .await
            .map_err(failed("engaging the firm"))?;
        Ok(())
    }
}

/// What a kind of agency is referred: the sections that its part needs.
fn scope(kind: AgencyKind) -> Vec<i32> {
    let sections: &[Section] = match kind {
        AgencyKind::Media => &[
            Section::Summary,
            Section::Identity,
            Section::Employment,
            Section::Claims,
            Section::CourtFile,
            Section::ArbitrationFile,
            Section::Publicity,
            Section::Statistics,
        ],
        AgencyKind::LawFirm | AgencyKind::Union => &[
            Section::Summary,
            Section::Identity,
            Section::IdentityNumber,
            Section::Contact,
            Section::Employment,
            Section::Claims,
            Section::Injury,
            Section::Evidence,
            Section::Timeline,
            Section::ArbitrationFile,
            Section::CourtFile,
            Section::InspectionFile,
            Section::Publicity,
            Section::Statistics,
        ],
        _ => &[
            Section::Summary,
            Section::Identity,
            Section::IdentityNumber,
            Section::Contact,
            Section::Employment,
            Section::Claims,
            Section::Injury,
            Section::Evidence,
            Section::Timeline,
            Section::UnionFile,
            Section::InspectionFile,
            Section::ArbitrationFile,
            Section::CourtFile,
            Section::Publicity,
            Section::Statistics,
        ],
    };
    sections.iter().map(|section| *section as i32).collect()
}

//! `LabourBureauService`: each method opens the request and takes one step on
//! the bureau's own docket; what the step puts into it is in `act`.

use host::{Desk, Refusal};
use proto::v1::labour_bureau_service_server::LabourBureauService;
use proto::v1::{self as pb, ArbitrationFile, InjuryFile, InspectionFile};
use tonic::{Request, Response, Status};

use crate::act;
use crate::asked::Asked;
use crate::docket::{Counter, Shown};

/// Answers `LabourBureauService`.
pub(crate) struct Labour {
    desk: Desk,
}

impl Labour {
    pub(crate) fn new(desk: Desk) -> Self {
        Self { desk }
    }

    /// The bureau that asks, at the case it asks about.
    fn counter<R: Asked>(&self, request: Request<R>) -> Result<(Counter<'_>, R), Refusal> {
        let (caller, asked) = self.desk.open(request)?;
        let counter = Counter::new(&self.desk, caller, asked.parent())?;
        Ok((counter, asked))
    }
}

#[tonic::async_trait]
impl LabourBureauService for Labour {
    async fn receive_complaint(
        &self,
        request: Request<pb::ReceiveComplaintRequest>,
    ) -> Result<Response<InspectionFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter.open(&asked, act::receive_complaint).await?,
        ))
    }

    async fn accept_complaint(
        &self,
        request: Request<pb::AcceptComplaintRequest>,
    ) -> Result<Response<InspectionFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        let step = counter.step(&asked, "AcceptComplaint", |_, _: &mut InspectionFile, _| {
            Ok(None)
        });
        Ok(Response::new(step.await?))
    }

    async fn refuse_complaint(
        &self,
        request: Request<pb::RefuseComplaintRequest>,
    ) -> Result<Response<InspectionFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter
                .step(&asked, "RefuseComplaint", act::refuse_complaint)
                .await?,
        ))
    }

    async fn record_inspection_visit(
        &self,
        request: Request<pb::RecordInspectionVisitRequest>,
    ) -> Result<Response<InspectionFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter
                .step(&asked, "RecordInspectionVisit", act::visit)
                .await?,
        ))
    }

    async fn issue_correction_order(
        &self,
        request: Request<pb::IssueCorrectionOrderRequest>,
    ) -> Result<Response<InspectionFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter
                .step(&asked, "IssueCorrectionOrder", act::order)
                .await?,
        ))
    }

    async fn record_compliance(
        &self,
        request: Request<pb::RecordComplianceRequest>,
    ) -> Result<Response<InspectionFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter
                .step(&asked, "RecordCompliance", act::comply)
                .await?,
        ))
    }

    async fn impose_penalty(
        &self,
        request: Request<pb::ImposePenaltyRequest>,
    ) -> Result<Response<InspectionFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter.step(&asked, "ImposePenalty", act::penalise).await?,
        ))
    }

    async fn transfer_to_police(
        &self,
        request: Request<pb::TransferToPoliceRequest>,
    ) -> Result<Response<InspectionFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter
                .step(&asked, "TransferToPolice", act::transfer)
                .await?,
        ))
    }

    async fn close_inspection(
        &self,
        request: Request<pb::CloseInspectionRequest>,
    ) -> Result<Response<InspectionFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter
                .step(&asked, "CloseInspection", act::close_inspection)
                .await?,
        ))
    }

    async fn receive_arbitration_application(
        &self,
        request: Request<pb::ReceiveArbitrationApplicationRequest>,
    ) -> Result<Response<ArbitrationFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter.open(&asked, act::receive_application).await?,
        ))
    }

    async fn accept_arbitration(
        &self,
        request: Request<pb::AcceptArbitrationRequest>,
    ) -> Result<Response<ArbitrationFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        let step = counter.step(
            &asked,
            "AcceptArbitration",
            |_, _: &mut ArbitrationFile, _| Ok(Some(Shown::act("arbitration_acceptance"))),
        );
        Ok(Response::new(step.await?))
    }

    async fn refuse_arbitration(
        &self,
        request: Request<pb::RefuseArbitrationRequest>,
    ) -> Result<Response<ArbitrationFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter
                .step(&asked, "RefuseArbitration", act::refuse_arbitration)
                .await?,
        ))
    }

    async fn serve_respondent(
        &self,
        request: Request<pb::ServeRespondentRequest>,
    ) -> Result<Response<ArbitrationFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        let step = counter.step(
            &asked,
            "ServeRespondent",
            |_, _: &mut ArbitrationFile, _| Ok(None),
        );
        Ok(Response::new(step.await?))
    }

    async fn form_tribunal(
        &self,
        request: Request<pb::FormTribunalRequest>,
    ) -> Result<Response<ArbitrationFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter
                .step(&asked, "FormTribunal", act::form_tribunal)
                .await?,
        ))
    }

    async fn hold_arbitration_hearing(
        &self,
        request: Request<pb::HoldArbitrationHearingRequest>,
    ) -> Result<Response<ArbitrationFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter
                .step(&asked, "HoldArbitrationHearing", act::hear)
                .await?,
        ))
    }

    async fn record_arbitration_mediation(
        &self,
        request: Request<pb::RecordArbitrationMediationRequest>,
    ) -> Result<Response<ArbitrationFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter
                .step(&asked, "RecordArbitrationMediation", act::mediate)
                .await?,
        ))
    }

    async fn issue_award(
        &self,
        request: Request<pb::IssueAwardRequest>,
    ) -> Result<Response<ArbitrationFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter.step(&asked, "IssueAward", act::award).await?,
        ))
    }

    async fn record_service_of_award(
        &self,
        request: Request<pb::RecordServiceOfAwardRequest>,
    ) -> Result<Response<ArbitrationFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter
                .step(&asked, "RecordServiceOfAward", act::serve_award)
                .await?,
        ))
    }

    async fn withdraw_arbitration(
        &self,
        request: Request<pb::WithdrawArbitrationRequest>,
    ) -> Result<Response<ArbitrationFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter
                .step(&asked, "WithdrawArbitration", act::withdraw_arbitration)
                .await?,
        ))
    }

    async fn close_arbitration(
        &self,
        request: Request<pb::CloseArbitrationRequest>,
    ) -> Result<Response<ArbitrationFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter
                .step(&asked, "CloseArbitration", act::close_arbitration)
                .await?,
        ))
    }

    async fn receive_injury_application(
        &self,
        request: Request<pb::ReceiveInjuryApplicationRequest>,
    ) -> Result<Response<InjuryFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter.open(&asked, act::receive_injury).await?,
        ))
    }

    async fn refuse_injury_application(
        &self,
        request: Request<pb::RefuseInjuryApplicationRequest>,
    ) -> Result<Response<InjuryFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter
                .step(&asked, "RefuseInjuryApplication", act::refuse_injury)
                .await?,
        ))
    }

    async fn suspend_injury(
        &self,
        request: Request<pb::SuspendInjuryRequest>,
    ) -> Result<Response<InjuryFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter.step(&asked, "SuspendInjury", act::suspend).await?,
        ))
    }

    async fn resume_injury(
        &self,
        request: Request<pb::ResumeInjuryRequest>,
    ) -> Result<Response<InjuryFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        let step = counter.step(&asked, "ResumeInjury", |_, _: &mut InjuryFile, _| Ok(None));
        Ok(Response::new(step.await?))
    }

    async fn decide_injury(
        &self,
        request: Request<pb::DecideInjuryRequest>,
    ) -> Result<Response<InjuryFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter.step(&asked, "DecideInjury", act::decide).await?,
        ))
    }

    async fn annul_injury_decision(
        &self,
        request: Request<pb::AnnulInjuryDecisionRequest>,
    ) -> Result<Response<InjuryFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        Ok(Response::new(
            counter
                .step(&asked, "AnnulInjuryDecision", act::annul)
                .await?,
        ))
    }

    async fn apply_capacity_appraisal(
        &self,
        request: Request<pb::ApplyCapacityAppraisalRequest>,
    ) -> Result<Response<InjuryFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        let step = counter.step(
            &asked,
            "ApplyCapacityAppraisal",
            |_, _: &mut InjuryFile, _| Ok(Some(Shown::act("disability_appraisal_application"))),
        );
        Ok(Response::new(step.await?))
    }

    async fn record_capacity_appraisal(
        &self,
        request: Request<pb::RecordCapacityAppraisalRequest>,
    ) -> Result<Response<InjuryFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        let step = counter.step(
            &asked,
            "RecordCapacityAppraisal",
            |asked: &pb::RecordCapacityAppraisalRequest, file, act| {
                act::appraisal(file, act, asked.grade, asked.care_level)
            },
        );
        Ok(Response::new(step.await?))
    }

    async fn record_reappraisal(
        &self,
        request: Request<pb::RecordReappraisalRequest>,
    ) -> Result<Response<InjuryFile>, Status> {
        let (counter, asked) = self.counter(request)?;
        let step = counter.step(
            &asked,
            "RecordReappraisal",
            |asked: &pb::RecordReappraisalRequest, file, act| {
                act::appraisal(file, act, asked.grade, asked.care_level)
            },
        );
        Ok(Response::new(step.await?))
    }
}

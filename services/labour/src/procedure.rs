//! Which step is legal when: three tables.
//!
//! Sources: 劳动保障监察条例 (inspection), 劳动争议调解仲裁法 (arbitration),
//! 工伤保险条例 (work injury).

use host::{Named, Procedure};
use proto::v1::{ArbitrationState as A, InjuryState as J, InspectionState as I};

/// A step, called as its method is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step(pub(crate) &'static str);

impl Named for Step {
    fn name(self) -> &'static str {
        self.0
    }
}

/// A state of one of the three procedures, wrapped to be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct At<S>(pub(crate) S);

macro_rules! names {
    ($state:ident: $($value:ident $text:literal,)*) => {
        impl Named for At<$state> {
            fn name(self) -> &'static str {
                match self.0 {
                    $state::Unspecified => "unknown",
                    $($state::$value => $text,)*
                }
            }
        }
    };
}

names! { I:
    Received "received", Refused "refused", Accepted "accepted", Investigating "investigating",
    Ordered "ordered", Penalised "penalised", Complied "complied", Transferred "transferred",
    Closed "closed",
}

names! { A:
    Received "received", Refused "refused", Accepted "accepted", Served "served",
    Constituted "constituted", Heard "heard", Mediated "mediated", Awarded "awarded",
    Withdrawn "withdrawn", Closed "closed",
}

names! { J:
    Received "received", Refused "refused", Suspended "suspended", Recognised "recognised",
    Denied "denied", AppraisalRequested "appraisal_requested", Appraised "appraised",
    Reappraised "reappraised",
}

macro_rules! table {
    ($($from:expr, $step:literal => $to:expr;)*) => {
        Procedure(&[$((At($from), Step($step), At($to)),)*])
    };
}

/// Inspection (监察条例 9-21, 30).
pub(crate) const INSPECTION: Procedure<At<I>, Step> = table! {
    I::Received, "AcceptComplaint" => I::Accepted;
    I::Received, "RefuseComplaint" => I::Refused;
    I::Accepted, "RecordInspectionVisit" => I::Investigating;
    I::Accepted, "IssueCorrectionOrder" => I::Ordered;
    I::Accepted, "CloseInspection" => I::Closed;
    I::Accepted, "RefuseComplaint" => I::Refused;
    I::Investigating, "RecordInspectionVisit" => I::Investigating;
    I::Investigating, "IssueCorrectionOrder" => I::Ordered;
    I::Investigating, "ImposePenalty" => I::Penalised;
    I::Investigating, "TransferToPolice" => I::Transferred;
    I::Investigating, "CloseInspection" => I::Closed;
    I::Ordered, "RecordCompliance" => I::Complied;
    I::Ordered, "ImposePenalty" => I::Penalised;
    I::Ordered, "TransferToPolice" => I::Transferred;
    I::Ordered, "RecordInspectionVisit" => I::Ordered;
    I::Ordered, "CloseInspection" => I::Closed;
    I::Penalised, "RecordCompliance" => I::Complied;
    I::Penalised, "TransferToPolice" => I::Transferred;
    I::Penalised, "CloseInspection" => I::Closed;
    I::Complied, "RecordCompliance" => I::Complied;
    I::Complied, "CloseInspection" => I::Closed;
    I::Transferred, "CloseInspection" => I::Closed;
};

/// Arbitration (调解仲裁法 28-51).
pub(crate) const ARBITRATION: Procedure<At<A>, Step> = table! {
    A::Received, "AcceptArbitration" => A::Accepted;
    A::Received, "RefuseArbitration" => A::Refused;
    A::Received, "WithdrawArbitration" => A::Withdrawn;
    A::Accepted, "ServeRespondent" => A::Served;
    A::Accepted, "FormTribunal" => A::Constituted;
    A::Accepted, "WithdrawArbitration" => A::Withdrawn;
    A::Served, "FormTribunal" => A::Constituted;
    A::Served, "WithdrawArbitration" => A::Withdrawn;
    A::Constituted, "HoldArbitrationHearing" => A::Heard;
    A::Constituted, "RecordArbitrationMediation" => A::Mediated;
    A::Constituted, "WithdrawArbitration" => A::Withdrawn;
    A::Heard, "HoldArbitrationHearing" => A::Heard;
    A::Heard, "RecordArbitrationMediation" => A::Mediated;
    A::Heard, "IssueAward" => A::Awarded;
    A::Heard, "WithdrawArbitration" => A::Withdrawn;
    A::Awarded, "RecordServiceOfAward" => A::Awarded;
    A::Awarded, "CloseArbitration" => A::Closed;
    A::Mediated, "CloseArbitration" => A::Closed;
};

/// Work injury (工伤保险条例 17-29).
pub(crate) const INJURY: Procedure<At<J>, Step> = table! {
    J::Received, "RefuseInjuryApplication" => J::Refused;
    J::Received, "SuspendInjury" => J::Suspended;
    J::Received, "DecideInjury" => J::Recognised;
    J::Suspended, "ResumeInjury" => J::Received;
    J::Recognised, "AnnulInjuryDecision" => J::Received;
    J::Recognised, "ApplyCapacityAppraisal" => J::AppraisalRequested;
    J::Denied, "AnnulInjuryDecision" => J::Received;
    J::Refused, "AnnulInjuryDecision" => J::Received;
    J::AppraisalRequested, "RecordCapacityAppraisal" => J::Appraised;
    J::Appraised, "RecordReappraisal" => J::Reappraised;
    J::Appraised, "ApplyCapacityAppraisal" => J::AppraisalRequested;
};

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{A, ARBITRATION, At, I, INSPECTION, Step};

    #[test]
    fn no_award_without_a_hearing_and_none_after_a_mediation() {
        for state in [
            A::Received,
            A::Accepted,
            A::Served,
            A::Constituted,
            A::Mediated,
        ] {
            let refusal = ARBITRATION.next(At(state), Step("IssueAward")).unwrap_err();
            assert!(!refusal.allowed.contains(&"IssueAward".to_owned()));
        }
        assert_eq!(
            ARBITRATION.next(At(A::Heard), Step("IssueAward")).unwrap(),
            At(A::Awarded)
        );
    }

    #[test]
    fn a_refused_complaint_goes_no_further() {
        assert!(INSPECTION.legal(At(I::Refused)).is_empty());
        assert_eq!(INSPECTION.state("ordered"), Some(At(I::Ordered)));
    }
}

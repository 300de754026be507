use proto::v1::{self as pb, ErrorReason, ProcuratorateState};

use super::world::{World, ask, refused};
use super::{PROCURATORATE, day, parent, plain, yuan};

#[tokio::test]
async fn support_leads_from_the_application_over_arbitration_to_the_suit() {
    let world = World::new();
    let application = pb::ReceiveSupportApplicationRequest {
        applicants: 12,
        date: day(2024, 2, 0),
        ..plain!(ReceiveSupportApplicationRequest)
    };
    let opened = ask!(
        world,
        PROCURATORATE,
        receive_support_application,
        application
    )
    .unwrap();
    assert_eq!(
        (opened.docket.as_str(), opened.applicants),
        ("support-1", 12)
    );
    let found = pb::RecordProcuratorateInvestigationRequest {
        text: "wage lists found".into(),
        ..plain!(RecordProcuratorateInvestigationRequest)
    };
    ask!(
        world,
        PROCURATORATE,
        record_procuratorate_investigation,
        found
    )
    .unwrap();
    ask!(
        world,
        PROCURATORATE,
        support_arbitration,
        plain!(SupportArbitrationRequest)
    )
    .unwrap();
    let supported = ask!(
        world,
        PROCURATORATE,
        support_suit,
        plain!(SupportSuitRequest)
    )
    .unwrap();
    assert_eq!(
        (supported.state(), supported.decisions.len()),
        (ProcuratorateState::Supported, 2)
    );
    let settlement = pb::RecordProcuratorateSettlementRequest {
        amount: yuan(1_590_000),
        ..plain!(RecordProcuratorateSettlementRequest)
    };
    ask!(
        world,
        PROCURATORATE,
        record_procuratorate_settlement,
        settlement
    )
    .unwrap();
    let closed = ask!(
        world,
        PROCURATORATE,
        close_procuratorate_file,
        plain!(CloseProcuratorateFileRequest)
    );
    assert_eq!(closed.unwrap().result_code, "settled");
    let expected = [
        "procuratorate_support_application",
        "investigation",
        "procuratorate_support_arbitration:supported",
        "procuratorate_support:supported",
        "settlement:settled",
        "procuratorate_file_closed:settled",
    ];
    assert_eq!(world.timeline(), expected);
}

#[tokio::test]
async fn a_protest_belongs_to_supervision_only() {
    let world = World::new();
    let nothing = ask!(
        world,
        PROCURATORATE,
        lodge_protest,
        plain!(LodgeProtestRequest)
    )
    .unwrap_err();
    assert_eq!(refused(&nothing).1, ["ReceiveSupervisionApplication"]);
    ask!(
        world,
        PROCURATORATE,
        open_public_interest_case,
        plain!(OpenPublicInterestCaseRequest)
    )
    .unwrap();
    let other = pb::LodgeProtestRequest {
        docket: "public-interest-1".into(),
        ..plain!(LodgeProtestRequest)
    };
    let status = ask!(world, PROCURATORATE, lodge_protest, other).unwrap_err();
    assert_eq!(refused(&status).0, ErrorReason::WrongState);

    let supervision = plain!(ReceiveSupervisionApplicationRequest);
    ask!(
        world,
        PROCURATORATE,
        receive_supervision_application,
        supervision
    )
    .unwrap();
    let protested = ask!(
        world,
        PROCURATORATE,
        lodge_protest,
        plain!(LodgeProtestRequest)
    )
    .unwrap();
    assert_eq!(protested.state(), ProcuratorateState::Protested);
    // The newest matter of any kind is meant where the step fits all.
    let suggested = ask!(
        world,
        PROCURATORATE,
        issue_suggestion,
        plain!(IssueSuggestionRequest)
    )
    .unwrap();
    assert_eq!(
        (suggested.docket.as_str(), suggested.suggestions.len()),
        ("supervision-2", 1)
    );
}

#[tokio::test]
async fn the_decision_on_a_charge_opens_its_matter_and_may_be_reversed() {
    let world = World::new();
    let paid = pb::DecideNonProsecutionRequest {
        reason_code: "paid_in_full".into(),
        ..plain!(DecideNonProsecutionRequest)
    };
    let spared = ask!(world, PROCURATORATE, decide_non_prosecution, paid).unwrap();
    assert_eq!(
        (spared.docket.as_str(), spared.state()),
        ("criminal-1", ProcuratorateState::NotProsecuted)
    );
    let charged = ask!(world, PROCURATORATE, prosecute, plain!(ProsecuteRequest)).unwrap();
    assert_eq!(
        (charged.docket.as_str(), charged.state()),
        ("criminal-1", ProcuratorateState::Prosecuted)
    );
    let again = ask!(world, PROCURATORATE, prosecute, plain!(ProsecuteRequest)).unwrap_err();
    assert_eq!(refused(&again).0, ErrorReason::WrongState);
    let close = plain!(CloseProcuratorateFileRequest);
    ask!(world, PROCURATORATE, close_procuratorate_file, close).unwrap();
    let next = ask!(world, PROCURATORATE, prosecute, plain!(ProsecuteRequest)).unwrap();
    assert_eq!(
        next.docket, "criminal-2",
        "the closed matter is not opened again"
    );
    assert_eq!(
        world.timeline()[..2],
        ["non_prosecution:not_prosecuted", "prosecution:prosecuted"]
    );
    assert_eq!(world.part(&parent()).await.procuratorate_files.len(), 2);
}

#[tokio::test]
async fn a_matter_under_way_stands_where_it_stood() {
    let world = World::new();
    let opened = pb::ReceiveSupportApplicationRequest {
        under_way_at: "supported".into(),
        ..plain!(ReceiveSupportApplicationRequest)
    };
    let opened = ask!(world, PROCURATORATE, receive_support_application, opened).unwrap();
    assert_eq!(
        (opened.state(), opened.decisions.len()),
        (ProcuratorateState::Supported, 0)
    );
    for wrong in ["closed", "protested"] {
        let request = pb::ReceiveSupportApplicationRequest {
            under_way_at: wrong.into(),
            ..plain!(ReceiveSupportApplicationRequest)
        };
        let status = ask!(world, PROCURATORATE, receive_support_application, request).unwrap_err();
        assert_eq!(refused(&status).0, ErrorReason::InvalidArgument, "{wrong}");
    }
}

//! What is refused, and that it leaves nothing behind.

use proto::v1::{self as pb, ErrorReason, LetterReply, UnionLetterKind, UnionResult};
use tonic::{Code, Status};

use super::world::{World, ask, refused};
use super::{
    Answer, CASE, UNION, agree, agreement, aid, answer, appeal, assign, close, day, decline, fail,
    handled, investigate, mediate, open, paid, parent, reopen, represent, send, session, yuan,
};

/// Every step but the opening one, called with what is otherwise right.
async fn take(world: &World, step: &str) -> Answer {
    match step {
        "AssignCaseworker" => assign(world).await,
        "RecordInvestigation" => investigate(world, 2, "查实").await,
        "DeclineCase" => decline(world, "out_of_scope").await,
        "OpenMediation" => mediate(world, true, true).await,
        "HoldMediationSession" => session(world, "").await,
        "RecordMediationAgreement" => agree(world).await,
        "RecordMediationFailure" => fail(world).await,
        "RecordPerformance" => paid(world, yuan(1), false).await,
        "IssueLetter" => send(world, UnionLetterKind::Reminder).await,
        "RecordLetterReply" => answer(world, 1, LetterReply::Partial).await,
        "RecordRepresentation" => represent(world, &[]).await,
        "RequestLegalAid" => aid(world, pb::LegalAidDecision::Granted, "").await,
        "RecordUrgentAppeal" => appeal(world).await,
        "CloseFile" => close(world, UnionResult::Withdrawn).await,
        "ReopenFile" => reopen(world).await,
        _ => panic!("no step {step}"),
    }
}

const STEPS: [&str; 15] = [
    "AssignCaseworker",
    "RecordInvestigation",
    "DeclineCase",
    "OpenMediation",
    "HoldMediationSession",
    "RecordMediationAgreement",
    "RecordMediationFailure",
    "RecordPerformance",
    "IssueLetter",
    "RecordLetterReply",
    "RecordRepresentation",
    "RequestLegalAid",
    "RecordUrgentAppeal",
    "CloseFile",
    "ReopenFile",
];

/// Brings a new file to a state.
async fn bring_to(world: &World, state: &str) {
    match state {
        "" => {}
        "declined" => {
            open(world, "").await.unwrap();
            decline(world, "out_of_scope").await.unwrap();
        }
        "closed" => {
            open(world, "").await.unwrap();
            close(world, UnionResult::AdviceGiven).await.unwrap();
        }
        under_way => {
            open(world, under_way).await.unwrap();
        }
    }
}

#[tokio::test]
async fn each_illegal_step_is_refused_with_those_that_are_legal() {
    for state in [
        "",
        "intake",
        "handling",
        "mediating",
        "agreed",
        "performed",
        "declined",
        "closed",
    ] {
        let world = World::new();
        bring_to(&world, state).await;
        let before = world.part(CASE).await;
        let legal = match before.union_files.first() {
            Some(file) => file.legal_steps.clone(),
            None => vec!["OpenIntake".to_owned()],
        };
        let told = world.timeline();
        let mut refusals = 0;
        for step in STEPS
            .iter()
            .filter(|step| !legal.iter().any(|l| l == *step))
        {
            let status = take(&world, step).await.unwrap_err();
            // A letter that is not there is a wrong number, where answers are legal.
            if *step == "RecordLetterReply" && status.code() == Code::InvalidArgument {
                continue;
            }
            assert_eq!(status.code(), Code::FailedPrecondition, "{state} {step}");
            assert_eq!(refused(&status), (ErrorReason::WrongState, legal.clone()));
            refusals += 1;
        }
        assert!(refusals > 3, "{state}");
        assert_eq!(world.part(CASE).await, before, "{state}");
        assert_eq!(world.timeline(), told, "{state}");
    }
}

#[tokio::test]
async fn each_step_named_as_legal_is() {
    for state in [
        "intake",
        "handling",
        "mediating",
        "agreed",
        "performed",
        "declined",
        "closed",
    ] {
        let world = World::new();
        bring_to(&world, state).await;
        let legal = world.part(CASE).await.union_files[0].legal_steps.clone();
        for step in legal {
            let world = World::new();
            bring_to(&world, state).await;
            take(&world, &step).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_second_intake_is_refused() {
    let world = World::new();
    handled(&world).await;
    let again = open(&world, "").await.unwrap_err();
    let (reason, legal) = refused(&again);
    assert_eq!(reason, ErrorReason::WrongState);
    assert!(legal.iter().any(|step| step == "OpenMediation"));
}

#[tokio::test]
async fn an_agreement_takes_effect_only_with_all_signatures_and_the_seal() {
    let world = World::new();
    handled(&world).await;
    mediate(&world, true, true).await.unwrap();
    let mut unsigned = agreement();
    unsigned.signed_by_both = false;
    unsigned.sealed = false;
    let status = ask!(world, UNION, record_mediation_agreement, unsigned).unwrap_err();
    let fields: Vec<_> = host::Refused::read(&status)
        .violations
        .into_iter()
        .map(|(field, _)| field)
        .collect();
    assert_eq!(fields, ["signed_by_both", "sealed"]);

    let mut early = agreement();
    early.perform_by = day(2026, 5, 2);
    let mut empty = agreement();
    empty.terms = "\u{200b}".into();
    let mut dollars = agreement();
    dollars.amount.as_mut().unwrap().currency_code = "USD".into();
    for (wrong, field) in [(early, "perform_by"), (empty, "terms"), (dollars, "amount")] {
        let status = ask!(world, UNION, record_mediation_agreement, wrong).unwrap_err();
        assert_invalid(&status, field);
    }
    assert!(world.part(CASE).await.union_files[0].agreements.is_empty());
    agree(&world).await.unwrap();
}

#[tokio::test]
async fn bad_input_is_refused_by_its_field_and_nothing_is_stored() {
    let world = World::new();
    handled(&world).await;
    let before = world.part(CASE).await;

    let lonely = investigate(&world, 1, "查实").await.unwrap_err();
    assert_invalid(&lonely, "investigators");
    let silent = investigate(&world, 2, "").await.unwrap_err();
    assert_invalid(&silent, "findings");
    let crowd = represent(&world, &["甲", "乙", "丙"]).await.unwrap_err();
    assert_invalid(&crowd, "representatives");
    let nameless = represent(&world, &["甲", " "]).await.unwrap_err();
    assert_invalid(&nameless, "representatives[1]");
    let worthless = paid(&world, yuan(0), false).await.unwrap_err();
    assert_invalid(&worthless, "amount");
    let wordy = decline(&world, "Already with arbitration")
        .await
        .unwrap_err();
    assert_invalid(&wordy, "reason");
    let no_result = close(&world, UnionResult::Unspecified).await.unwrap_err();
    assert_invalid(&no_result, "result");
    let no_reason = aid(&world, pb::LegalAidDecision::Refused, "")
        .await
        .unwrap_err();
    assert_invalid(&no_reason, "reason");
    let two_minds = aid(&world, pb::LegalAidDecision::Granted, "poor")
        .await
        .unwrap_err();
    assert_invalid(&two_minds, "reason");
    let tomorrow = pb::RecordUrgentAppealRequest {
        parent: parent(),
        addressee: "某法院".into(),
        subject: "久拖不决".into(),
        date: day(2026, 5, 5),
        ..Default::default()
    };
    let tomorrow = ask!(world, UNION, record_urgent_appeal, tomorrow).unwrap_err();
    assert_invalid(&tomorrow, "date");
    let nowhere = pb::CloseFileRequest {
        parent: "cases/../1".into(),
        ..Default::default()
    };
    let nowhere = ask!(world, UNION, close_file, nowhere).unwrap_err();
    assert_invalid(&nowhere, "parent");

    assert_eq!(world.part(CASE).await, before);
    assert_eq!(world.timeline(), ["union_intake"]);
}

#[tokio::test]
async fn nothing_comes_to_the_network_at_its_end_or_at_no_state() {
    let world = World::new();
    for state in ["closed", "declined", "not_opened", "Agreed", "x"] {
        let status = open(&world, state).await.unwrap_err();
        assert_invalid(&status, "under_way_at");
    }
    assert!(world.part(CASE).await.union_files.is_empty());
    assert!(world.timeline().is_empty());
}

#[tokio::test]
async fn the_networks_own_processes_have_no_file() {
    let world = World::new();
    let request = pb::OpenIntakeRequest {
        parent: parent(),
        ..Default::default()
    };
    let status = ask!(world, "roles/casebook", open_intake, request).unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
}

#[tokio::test]
async fn a_full_file_takes_nothing_more_but_the_work_can_be_ended() {
    let world = World::new();
    open(&world, "").await.unwrap();
    for size in [12_000, 1_500, 200] {
        let full = loop {
            match investigate(&world, 2, &"甲".repeat(size / 3)).await {
                Ok(file) => assert!(file.investigations.len() < 60),
                Err(status) => break status,
            }
        };
        assert_eq!(full.code(), Code::ResourceExhausted);
    }
    // To the brim: the longest entry that still fits.
    for size in (1..200).rev() {
        if investigate(&world, 2, &"x".repeat(size)).await.is_ok() {
            break;
        }
    }
    let request = pb::DeclineCaseRequest {
        parent: parent(),
        reason: "x".repeat(60),
        date: day(2026, 5, 4),
        ..Default::default()
    };
    ask!(world, UNION, decline_case, request).unwrap();
}

fn assert_invalid(status: &Status, field: &str) {
    assert_eq!(status.code(), Code::InvalidArgument, "{field}: {status:?}");
    assert!(status.message().starts_with(field), "{}", status.message());
}

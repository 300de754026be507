//! Break-glass: at once, for a short time, and under review.

use chrono::TimeDelta;
use proto::v1::{self as pb, AgencyKind, ReferralKind, Section, Verdict};
use tonic::Code;

use crate::world::{World, on_consent, refused};

const LEAD: &str = "yiwu-union";
const OPENER: &str = "kaihua-union";

fn opening(case: &str) -> pb::OpenBreakGlassRequest {
    pb::OpenBreakGlassRequest {
        parent: case.into(),
        reason: "danger_to_life".into(),
        explanation: "the worker has called for help and nobody answers".into(),
        sections: [Section::Summary, Section::Identity, Section::Contact]
            .map(|section| section as i32)
            .to_vec(),
        minutes: 120,
        request_id: "emergency-1".into(),
    }
}

async fn feed(world: &World, agency: &str) -> Vec<String> {
    let list = pb::ListFeedRequest {
        page_size: 1000,
        ..Default::default()
    };
    let feed = world.agency(agency).feeds().list_feed(list).await.unwrap();
    let events = feed.into_inner().events.into_iter();
    events.map(|event| event.kind).collect()
}

#[tokio::test]
async fn an_agency_opens_a_case_in_an_emergency_and_answers_for_it() {
    let world = World::together().await;
    let case = world.register(LEAD).await.name;
    let opener = world.agency(OPENER);
    let unknown = world.get(OPENER, &case).await.unwrap_err();
    refused(&unknown, Code::NotFound, "NOT_FOUND");

    let opened = opener.break_glass().open_break_glass(opening(&case)).await;
    let opened = opened.unwrap().into_inner();
    let seen = world.get(OPENER, &case).await.unwrap();
    assert!(!seen.identities.is_empty() && !seen.contacts.is_empty());
    assert!(seen.claims.is_empty(), "only what was opened");
    // Lead and supervisor know at once.
    for told in [LEAD, "operator"] {
        let kinds = feed(&world, told).await;
        assert!(
            kinds.iter().any(|kind| kind == "breakGlass.opened"),
            "{told}: {kinds:?}"
        );
    }

    // It gives no right to pass anything on, nor to add.
    let offer = on_consent(ReferralKind::Assist, "hongyi-law", &[Section::Summary], "");
    let offer = pb::Referral {
        legal_basis: "PIPL-13-3".into(),
        ..offer
    };
    let referred = world.draft(OPENER, &case, offer).await.unwrap_err();
    refused(&referred, Code::PermissionDenied, "NOT_ALLOWED");
    let note = pb::AppendNoteRequest {
        parent: case.clone(),
        entry: Some(pb::Entry {
            note: "x".into(),
            ..Default::default()
        }),
        request_id: String::new(),
    };
    let noted = opener.cases().append_note(note).await.unwrap_err();
    refused(&noted, Code::PermissionDenied, "NOT_ALLOWED");

    // The supervisor sees what was done and why, but nothing of the case.
    let operator = world.agency("operator");
    let list = pb::ListBreakGlassRequest {
        unreviewed_only: true,
        ..Default::default()
    };
    let queue = operator.break_glass().list_break_glass(list.clone()).await;
    let queue = queue.unwrap().into_inner().break_glass;
    assert_eq!(queue.len(), 1);
    assert_eq!(queue[0].explanation, opening(&case).explanation);
    assert!(world.get("operator", &case).await.is_err());

    let review = |verdict: Verdict| pb::ReviewBreakGlassRequest {
        name: opened.name.clone(),
        verdict: verdict.into(),
        note: "the call was recorded".into(),
        request_id: String::new(),
    };
    let itself = opener
        .break_glass()
        .review_break_glass(review(Verdict::Justified))
        .await;
    refused(&itself.unwrap_err(), Code::PermissionDenied, "NOT_ALLOWED");
    let unjustified = operator
        .break_glass()
        .review_break_glass(review(Verdict::Unjustified))
        .await;
    unjustified.unwrap();
    // What was not justified ends now.
    let gone = world.get(OPENER, &case).await.unwrap_err();
    refused(&gone, Code::NotFound, "NOT_FOUND");
    let queue = operator.break_glass().list_break_glass(list).await.unwrap();
    assert!(queue.into_inner().break_glass.is_empty());
}

#[tokio::test]
async fn it_ends_by_itself_and_a_review_that_does_not_come_is_an_alarm() {
    let world = World::together().await;
    let case = world.register(LEAD).await.name;
    let opener = world.agency(OPENER);
    opener
        .break_glass()
        .open_break_glass(opening(&case))
        .await
        .unwrap();
    world.clock.advance(TimeDelta::minutes(120));
    let gone = world.get(OPENER, &case).await.unwrap_err();
    refused(&gone, Code::NotFound, "NOT_FOUND");
    world.clock.advance(TimeDelta::days(20));
    // Whoever writes next finds done what time did.
    world
        .consent(LEAD, &case, &[AgencyKind::Union], &[Section::Claims])
        .await;
    for told in [LEAD, "operator"] {
        let kinds = feed(&world, told).await;
        assert!(
            kinds.iter().any(|kind| kind == "breakGlass.overdue"),
            "{told}: {kinds:?}"
        );
    }
}

#[tokio::test]
async fn media_and_strangers_to_procedure_cannot_break_glass() {
    let world = World::together().await;
    let case = world.register(LEAD).await.name;
    for agency in ["yiwu-daily", "zhe-university"] {
        let opened = world
            .agency(agency)
            .break_glass()
            .open_break_glass(opening(&case))
            .await;
        refused(&opened.unwrap_err(), Code::NotFound, "NOT_FOUND");
    }
    let long = pb::OpenBreakGlassRequest {
        minutes: 181,
        ..opening(&case)
    };
    let opened = world
        .agency(OPENER)
        .break_glass()
        .open_break_glass(long)
        .await;
    refused(
        &opened.unwrap_err(),
        Code::InvalidArgument,
        "INVALID_ARGUMENT",
    );
    let lead = world
        .agency(LEAD)
        .break_glass()
        .open_break_glass(opening(&case))
        .await;
    refused(&lead.unwrap_err(), Code::FailedPrecondition, "WRONG_STATE");
}

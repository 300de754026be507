//! What is not legal, not right, or not one's own.

use proto::v1::{self as pb, DraftState, ErrorReason, FollowUpKind};
use tonic::Code;

use super::world::{World, ask, refused};
use super::{
    CASE, HOUSE, LEAD, RIVAL, approve, approved, asked, correct, day, follow_up, parent, publish,
    report, retract, send_back, submit,
};

#[tokio::test]
async fn no_house_approves_or_returns_a_draft() {
    let world = World::new();
    asked(&world).await;
    submit(&world, "正文").await.unwrap();
    for who in [HOUSE, RIVAL] {
        for answer in [
            approve(&world, who, 1).await,
            send_back(&world, who, 1).await,
        ] {
            let status = answer.unwrap_err();
            assert_eq!(status.code(), Code::PermissionDenied);
            assert_eq!(refused(&status).0, ErrorReason::NotAllowed);
        }
    }
    let file = world.part(CASE).await.publicity_files.remove(0);
    assert_eq!(file.drafts[0].state(), DraftState::Submitted);
}

#[tokio::test]
async fn only_the_approved_text_is_published_to_the_letter() {
    let world = World::new();
    asked(&world).await;
    submit(&world, "正文").await.unwrap();
    assert_eq!(
        publish(&world, 1, "正文").await.unwrap_err().code(),
        Code::FailedPrecondition
    );
    approve(&world, LEAD, 1).await.unwrap();
    let changed = publish(&world, 1, "正文。").await.unwrap_err();
    assert_eq!(changed.code(), Code::InvalidArgument);
    assert_eq!(host::Refused::read(&changed).violations[0].0, "text_sha256");
    assert_eq!(
        publish(&world, 2, "正文").await.unwrap_err().code(),
        Code::NotFound
    );
    assert!(
        world.part(CASE).await.publicity_files[0]
            .publications
            .is_empty()
    );
    publish(&world, 1, "正文").await.unwrap();
}

#[tokio::test]
async fn each_step_before_its_time_is_refused_with_those_that_are_legal_and_keeps_nothing() {
    let world = World::new();
    let early = [
        submit(&world, "正文").await,
        approve(&world, LEAD, 1).await,
        send_back(&world, LEAD, 1).await,
        publish(&world, 1, "正文").await,
        correct(&world, 1, "更正").await,
        retract(&world, 1).await,
        follow_up(&world, FollowUpKind::Effect, "paid").await,
    ];
    for answer in early {
        let status = answer.unwrap_err();
        assert_eq!(status.code(), Code::FailedPrecondition);
        let legal = ["ProposeCoverage", "RecordFollowUp", "RecordReport"].map(str::to_owned);
        assert_eq!(refused(&status), (ErrorReason::WrongState, legal.to_vec()));
    }
    assert!(
        world
            .stored()
            .iter()
            .all(|(key, _)| !key.starts_with("file/"))
    );
    assert!(world.timeline().is_empty());
}

#[tokio::test]
async fn bad_input_is_refused_by_field_and_nothing_is_kept() {
    let world = World::new();
    approved(&world, "正文").await;
    let before = world.stored();

    let future = pb::RecordReportRequest {
        parent: parent(),
        date: day(2027, 0, 0),
        ..Default::default()
    };
    let nowhere = pb::RecordReportRequest {
        parent: "cases/x".into(),
        ..Default::default()
    };
    let hash = pb::PublishRequest {
        parent: parent(),
        draft: 1,
        text_sha256: vec![1; 31],
        outlet: "某报社".into(),
        ..Default::default()
    };
    let nobody = pb::ApproveDraftRequest {
        parent: parent(),
        draft: 1,
        ..Default::default()
    };
    let refusals = [
        (
            "date",
            ask!(world, HOUSE, record_report, future).unwrap_err(),
        ),
        (
            "parent",
            ask!(world, HOUSE, record_report, nowhere).unwrap_err(),
        ),
        (
            "url",
            report(&world, "javascript:alert(1)").await.unwrap_err(),
        ),
        ("url", report(&world, "https://a b").await.unwrap_err()),
        (
            "text",
            submit(&world, &"字".repeat(20_001)).await.unwrap_err(),
        ),
        ("text", submit(&world, " 正文").await.unwrap_err()),
        ("text", submit(&world, "").await.unwrap_err()),
        (
            "text_sha256",
            ask!(world, HOUSE, publish, hash).unwrap_err(),
        ),
        (
            "agency",
            ask!(world, LEAD, approve_draft, nobody).unwrap_err(),
        ),
        (
            "kind",
            follow_up(&world, FollowUpKind::Unspecified, "")
                .await
                .unwrap_err(),
        ),
        (
            "outcome",
            follow_up(&world, FollowUpKind::Contact, "Paid!")
                .await
                .unwrap_err(),
        ),
    ];
    for (field, status) in refusals {
        assert_eq!(status.code(), Code::InvalidArgument, "{field}");
        assert_eq!(host::Refused::read(&status).violations[0].0, field);
    }
    assert_eq!(world.stored(), before);
}

#[tokio::test]
async fn a_repeated_request_has_one_effect_and_its_id_is_not_used_twice() {
    let world = World::new();
    asked(&world).await;
    let request = pb::SubmitDraftRequest {
        parent: parent(),
        text: "正文".into(),
        request_id: "once".into(),
        ..Default::default()
    };
    let first = ask!(world, HOUSE, submit_draft, request.clone()).unwrap();
    let timeline = world.timeline();
    let second = ask!(world, HOUSE, submit_draft, request.clone()).unwrap();
    assert_eq!((first, world.timeline()), (second.clone(), timeline));
    assert_eq!(second.drafts.len(), 1);

    let other = pb::SubmitDraftRequest {
        text: "另文".into(),
        ..request
    };
    let status = ask!(world, HOUSE, submit_draft, other).unwrap_err();
    assert_eq!(refused(&status).0, ErrorReason::RequestIdReused);
}

#[tokio::test]
async fn no_house_touches_anothers_file() {
    let world = World::new();
    approved(&world, "正文").await;
    let before = world.part(CASE).await;
    let request = pb::PublishRequest {
        parent: parent(),
        draft: 1,
        text_sha256: crate::file::sha256("正文"),
        outlet: "某报社".into(),
        ..Default::default()
    };
    let status = ask!(world, RIVAL, publish, request).unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert_eq!(world.part(CASE).await, before);

    let request = pb::RecordReportRequest {
        parent: parent(),
        ..Default::default()
    };
    ask!(world, RIVAL, record_report, request).unwrap();
    let files = world.part(CASE).await.publicity_files;
    let authors: Vec<_> = files.iter().map(|file| file.author.as_str()).collect();
    assert_eq!(authors, ["agencies/kaihua-news", "agencies/yiwu-news"]);
    assert_eq!(
        world.part("cases/330782-2026-000124").await,
        pb::Case::default()
    );
}

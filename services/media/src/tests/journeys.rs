//! From proposal to publication and after.

use proto::internal::v1::Effect;
use proto::v1::{self as pb, CoverageState, DraftState, FollowUpKind};
use tonic::Code;

use super::world::{World, ask, refused};
use super::{
    CASE, HOUSE, LEAD, RIVAL, approve, approved, ask_worker, asked, correct, day, follow_up,
    parent, propose, publish, read, report, retract, send_back, submit,
};

const TEXT: &str = "一名电梯安装工受伤后,用了六年才得到赔偿。";
const BETTER: &str = "一名电梯安装工从井道坠落,用了六年才得到赔偿。";

fn last(file: &pb::PublicityFile) -> DraftState {
    file.drafts.last().unwrap().state()
}

#[tokio::test]
async fn a_house_proposes_asks_drafts_is_sent_back_is_approved_publishes_and_follows_up() {
    let world = World::new();
    asked(&world).await;
    assert_eq!(
        submit(&world, TEXT).await.unwrap().state(),
        CoverageState::InReview
    );
    let returned = send_back(&world, LEAD, 1).await.unwrap();
    assert_eq!(returned.drafts[0].return_reason, "inaccurate");
    assert_eq!(returned.drafts[0].decided_by, format!("agencies/{LEAD}"));
    submit(&world, BETTER).await.unwrap();
    assert_eq!(
        approve(&world, LEAD, 2).await.unwrap().state(),
        CoverageState::Approved
    );
    let file = publish(&world, 2, BETTER).await.unwrap();
    assert_eq!(
        (file.state(), last(&file)),
        (CoverageState::Published, DraftState::Published)
    );
    assert_eq!(file.publications[0].date, day(2026, 5, 1));
    correct(&world, 1, "伤者当时四十岁").await.unwrap();
    follow_up(&world, FollowUpKind::Effect, "paid")
        .await
        .unwrap();

    let plain = Effect::Unspecified;
    let expected = [
        ("coverage_proposal", "", plain),
        ("consent_request", "", plain),
        ("draft_submission", "", plain),
        ("draft_return", "inaccurate", plain),
        ("draft_submission", "", plain),
        ("draft_approval", "", plain),
        ("media_report", "", Effect::Published),
        ("correction", "", plain),
        ("follow_up", "paid", plain),
    ]
    .map(|(act, outcome, effect)| (act.to_owned(), outcome.to_owned(), effect));
    assert_eq!(world.timeline(), expected);
    // The lead's decisions are the lead's acts.
    let milestones = world.spine.milestones.lock().unwrap();
    let by: Vec<_> = milestones
        .iter()
        .map(|m| m.agency.rsplit('/').next().unwrap())
        .collect();
    assert_eq!(
        by,
        [HOUSE, HOUSE, HOUSE, LEAD, HOUSE, LEAD, HOUSE, HOUSE, HOUSE]
    );
}

#[tokio::test]
async fn the_record_has_published_and_approved_texts_and_no_others() {
    let world = World::new();
    asked(&world).await;
    submit(&world, TEXT).await.unwrap();
    let part = world.part(CASE).await;
    assert_eq!(part.publicity_files[0].drafts[0].text, "");
    assert_eq!(read(&world, HOUSE).await.unwrap().drafts[0].text, TEXT);
    assert_eq!(read(&world, LEAD).await.unwrap().drafts[0].text, TEXT);
    assert_eq!(
        read(&world, RIVAL).await.unwrap_err().code(),
        Code::NotFound
    );

    submit(&world, BETTER).await.unwrap();
    approve(&world, LEAD, 2).await.unwrap();
    let texts = |file: &pb::PublicityFile| -> Vec<String> {
        file.drafts.iter().map(|draft| draft.text.clone()).collect()
    };
    assert_eq!(
        texts(&world.part(CASE).await.publicity_files[0]),
        ["", BETTER]
    );
    publish(&world, 2, BETTER).await.unwrap();
    let file = world.part(CASE).await.publicity_files.remove(0);
    assert_eq!(
        (texts(&file), file.publications[0].text.as_str()),
        (vec![String::new(); 2], BETTER)
    );
    retract(&world, 1).await.unwrap();
    let file = world.part(CASE).await.publicity_files.remove(0);
    assert_eq!(
        (texts(&file), file.publications[0].text.as_str()),
        (vec![String::new(); 2], "")
    );
}

#[tokio::test]
async fn a_later_draft_ends_an_earlier_approval() {
    let world = World::new();
    approved(&world, TEXT).await;
    let file = submit(&world, BETTER).await.unwrap();
    assert_eq!(file.drafts[0].state(), DraftState::Superseded);
    assert_eq!(
        publish(&world, 1, TEXT).await.unwrap_err().code(),
        Code::FailedPrecondition
    );
    approve(&world, LEAD, 2).await.unwrap();
    let old = publish(&world, 1, TEXT).await.unwrap_err();
    assert_eq!(
        (old.code(), refused(&old).1),
        (Code::FailedPrecondition, vec!["SubmitDraft".into()])
    );
    publish(&world, 2, BETTER).await.unwrap();
}

#[tokio::test]
async fn an_approved_draft_can_be_sent_back_until_it_is_published() {
    let world = World::new();
    approved(&world, TEXT).await;
    assert_eq!(
        send_back(&world, LEAD, 1).await.unwrap().state(),
        CoverageState::Returned
    );
    assert_eq!(
        publish(&world, 1, TEXT).await.unwrap_err().code(),
        Code::FailedPrecondition
    );
    submit(&world, TEXT).await.unwrap();
    approve(&world, LEAD, 2).await.unwrap();
    publish(&world, 2, TEXT).await.unwrap();
    assert_eq!(
        send_back(&world, LEAD, 2).await.unwrap_err().code(),
        Code::FailedPrecondition
    );
}

#[tokio::test]
async fn the_case_counts_as_published_until_the_last_publication_is_withdrawn() {
    let world = World::new();
    approved(&world, TEXT).await;
    publish(&world, 1, TEXT).await.unwrap();
    submit(&world, BETTER).await.unwrap();
    approve(&world, LEAD, 2).await.unwrap();
    publish(&world, 2, BETTER).await.unwrap();
    submit(&world, "第三稿").await.unwrap();

    assert_eq!(
        retract(&world, 1).await.unwrap().state(),
        CoverageState::Published
    );
    let one_left = world.timeline().pop().unwrap();
    assert_eq!(one_left.2, Effect::Unspecified);
    for again in [retract(&world, 1).await, correct(&world, 1, "更正").await] {
        assert_eq!(again.unwrap_err().code(), Code::FailedPrecondition);
    }
    // Not by another outlet either.
    assert_eq!(
        publish(&world, 1, TEXT).await.unwrap_err().code(),
        Code::FailedPrecondition
    );

    let file = retract(&world, 2).await.unwrap();
    assert_eq!(file.state(), CoverageState::Retracted);
    let expected = (
        "retraction".into(),
        "consent_withdrawn".into(),
        Effect::Retracted,
    );
    assert_eq!(world.timeline().pop().unwrap(), expected);
    assert_eq!(last(&file), DraftState::Superseded);
    assert_eq!(
        approve(&world, LEAD, 3).await.unwrap_err().code(),
        Code::FailedPrecondition
    );

    // From here everything begins anew.
    propose(&world, "再说一次", "").await.unwrap();
    assert_eq!(
        submit(&world, TEXT).await.unwrap_err().code(),
        Code::FailedPrecondition
    );
    ask_worker(&world, "以化名再次报道").await.unwrap();
    submit(&world, TEXT).await.unwrap();
    assert_eq!(
        publish(&world, 2, BETTER).await.unwrap_err().code(),
        Code::FailedPrecondition
    );
}

#[tokio::test]
async fn a_houses_own_report_is_a_fact_with_date_and_link_and_no_approval() {
    let world = World::new();
    let request = pb::RecordReportRequest {
        parent: parent(),
        date: day(2014, 7, 8),
        ..Default::default()
    };
    let effect = follow_up(&world, FollowUpKind::Effect, "paid")
        .await
        .unwrap_err();
    assert_eq!(effect.code(), Code::FailedPrecondition);
    follow_up(&world, FollowUpKind::Contact, "").await.unwrap();
    let file = ask!(world, HOUSE, record_report, request).unwrap();
    assert_eq!(
        (file.state(), file.reports[0].date),
        (CoverageState::Opened, day(2014, 7, 8))
    );
    report(&world, "https://news.example/2014").await.unwrap();
    follow_up(&world, FollowUpKind::Effect, "paid")
        .await
        .unwrap();
    let acts: Vec<_> = world
        .timeline()
        .into_iter()
        .map(|(act, _, effect)| (act, effect))
        .collect();
    let plain = Effect::Unspecified;
    let expected = ["media_contact", "media_report", "media_report", "follow_up"];
    assert_eq!(acts, expected.map(|act| (act.to_owned(), plain)));
}

#[tokio::test]
async fn coverage_under_way_goes_on_from_there_and_nothing_is_invented() {
    let world = World::new();
    for state in ["opened", "retracted", "nonsense"] {
        let status = propose(&world, "六年索赔路", state).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{state}");
    }
    let file = propose(&world, "六年索赔路", "consent_requested")
        .await
        .unwrap();
    assert_eq!(
        (file.state(), file.consent_asks.len()),
        (CoverageState::ConsentRequested, 0)
    );
    assert_eq!(file.under_way_at, "consent_requested");
    submit(&world, TEXT).await.unwrap();
    let again = propose(&world, "六年索赔路", "approved").await.unwrap_err();
    assert_eq!(again.code(), Code::FailedPrecondition);
}

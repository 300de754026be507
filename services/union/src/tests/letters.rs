//! 一函两书: which letter may follow which.

use proto::v1::{ErrorReason, LetterReply, UnionLetterKind};
use tonic::Code;

use super::world::{World, ask, refused};
use super::{UNION, answer, day, handled, letter, send};

const RECOMMENDATION: UnionLetterKind = UnionLetterKind::Recommendation;

async fn assert_too_early(world: &World, legal: &str) {
    let early = send(world, RECOMMENDATION).await.unwrap_err();
    assert_eq!(early.code(), Code::FailedPrecondition);
    let steps = vec![legal.to_owned()];
    assert_eq!(refused(&early), (ErrorReason::WrongState, steps));
}

#[tokio::test]
async fn a_recommendation_needs_an_opinion_letter_that_time_ran_out_on() {
    let world = World::new();
    handled(&world).await;
    assert_too_early(&world, "IssueLetter").await;
    send(&world, UnionLetterKind::Reminder).await.unwrap();
    assert_too_early(&world, "IssueLetter").await;
    let file = send(&world, UnionLetterKind::Opinion).await.unwrap();
    assert_eq!(file.letters[1].number, 2);
    assert_eq!(file.letters[1].reply_due_on, day(2026, 5, 19));
    assert_too_early(&world, "RecordLetterReply").await;

    world.days_pass(15);
    // The last day is the employer's.
    assert_too_early(&world, "RecordLetterReply").await;
    world.days_pass(1);
    let file = send(&world, RECOMMENDATION).await.unwrap();
    assert_eq!(file.letters[2].follows, 2);
    let letters = [
        "union_intake",
        "union_letter:reminder",
        "union_letter:opinion",
        "union_letter:recommendation",
    ];
    assert_eq!(world.timeline(), letters);
}

#[tokio::test]
async fn an_answer_that_does_not_satisfy_opens_the_way_and_one_that_does_closes_it() {
    for (reply, opens) in [
        (LetterReply::Partial, true),
        (LetterReply::Rejected, true),
        (LetterReply::Accepted, false),
    ] {
        let world = World::new();
        handled(&world).await;
        send(&world, UnionLetterKind::Opinion).await.unwrap();
        answer(&world, 1, reply).await.unwrap();
        world.days_pass(100);
        let sent = send(&world, RECOMMENDATION).await;
        assert_eq!(sent.is_ok(), opens, "{reply:?}");
    }
}

#[tokio::test]
async fn a_better_answer_counts_and_after_it_none_is_taken() {
    let world = World::new();
    handled(&world).await;
    let file = send(&world, UnionLetterKind::Opinion).await.unwrap();
    assert!(
        file.legal_steps
            .iter()
            .any(|step| step == "RecordLetterReply")
    );
    answer(&world, 1, LetterReply::Rejected).await.unwrap();
    let file = answer(&world, 1, LetterReply::Accepted).await.unwrap();
    assert_eq!(file.letters[0].replies.len(), 2);
    assert!(
        !file
            .legal_steps
            .iter()
            .any(|step| step == "RecordLetterReply")
    );

    assert_too_early(&world, "IssueLetter").await;
    let again = answer(&world, 1, LetterReply::Rejected).await.unwrap_err();
    assert_eq!(again.code(), Code::FailedPrecondition);
    assert_eq!(world.timeline().len(), 2, "answers stay in the file");
}

#[tokio::test]
async fn a_letter_of_a_day_not_known_is_not_overdue_before_its_latest() {
    let world = World::new();
    handled(&world).await;
    let mut opinion = letter(UnionLetterKind::Opinion);
    opinion.date = day(2026, 4, 0);
    let file = ask!(world, UNION, issue_letter, opinion).unwrap();
    assert_eq!(file.letters[0].reply_due_on, day(2026, 5, 15));
    assert_too_early(&world, "RecordLetterReply").await;
}

#[tokio::test]
async fn a_wrong_letter_is_refused_by_its_field() {
    let world = World::new();
    handled(&world).await;
    send(&world, UnionLetterKind::Opinion).await.unwrap();
    let before = send(&world, UnionLetterKind::Reminder).await.unwrap();

    let good = letter(UnionLetterKind::Opinion);
    let mut no_term = good.clone();
    no_term.reply_due_days = 0;
    let mut long_term = good.clone();
    long_term.reply_due_days = 366;
    let mut no_kind = good.clone();
    no_kind.kind = 0;
    let mut unknown_kind = good.clone();
    unknown_kind.kind = 9;
    let mut to_nobody = good.clone();
    to_nobody.addressee = " ".into();
    let mut follows_nothing = good.clone();
    follows_nothing.follows = 1;
    // Letter 2 is a reminder.
    let mut follows_reminder = letter(RECOMMENDATION);
    follows_reminder.follows = 2;
    for (wrong, field) in [
        (no_term, "reply_due_days"),
        (long_term, "reply_due_days"),
        (no_kind, "kind"),
        (unknown_kind, "kind"),
        (to_nobody, "addressee"),
        (follows_nothing, "follows"),
        (follows_reminder, "follows"),
    ] {
        let status = ask!(world, UNION, issue_letter, wrong).unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{field}");
        assert!(status.message().starts_with(field), "{}", status.message());
    }
    let nobodys = answer(&world, 7, LetterReply::Accepted).await.unwrap_err();
    assert_eq!(nobodys.code(), Code::InvalidArgument);
    let part = world.part(super::CASE).await;
    assert_eq!(part.union_files, [before]);
}

//! Callers who are not, or no longer, who they say.

use chrono::TimeDelta;
use proto::v1 as pb;
use tonic::{Code, Request};

use super::{cases_of, forged_envelope, sign_in};
use crate::world::{World, on_duty, refused, registration};

#[tokio::test]
async fn a_token_that_has_expired_or_was_signed_out_registers_nothing() {
    let world = World::together().await;
    let token = sign_in(&world, "yiwu-union", "desk").await;
    let person = world.person().with_token(&token);
    let sign_out = pb::SignOutRequest {};
    let register = || registration("测试工友");
    world.clock.advance(TimeDelta::minutes(16));
    let expired = person.cases().register_case(register()).await.unwrap_err();
    refused(&expired, Code::Unauthenticated, "TOKEN_EXPIRED");

    let token = sign_in(&world, "yiwu-union", "second").await;
    let person = world.person().with_token(&token);
    person.identity().sign_out(sign_out).await.unwrap();
    let ended = person.cases().register_case(register()).await.unwrap_err();
    refused(&ended, Code::Unauthenticated, "TOKEN_INVALID");
    assert!(cases_of(&world, "yiwu-union").await.is_empty());
}

#[tokio::test]
async fn tokens_that_nobody_issued_are_refused() {
    let world = World::together().await;
    let list = || pb::ListCasesRequest::default();
    for token in [
        "x",
        "AAAA",
        &"A".repeat(43),
        &"A".repeat(4_000),
        "../session",
    ] {
        let person = world.person().with_token(token);
        let status = person.cases().list_cases(list()).await.unwrap_err();
        refused(&status, Code::Unauthenticated, "TOKEN_INVALID");
    }
}

#[tokio::test]
async fn a_borrowed_token_registers_nothing_for_either_agency() {
    let world = World::together().await;
    let token = sign_in(&world, "yiwu-union", "desk").await;
    let borrowed = world.agency("yiwu-labour").with_token(&token);
    let request = registration("测试工友");
    let status = borrowed.cases().register_case(request).await.unwrap_err();
    refused(&status, Code::Unauthenticated, "TOKEN_BINDING");
    assert!(cases_of(&world, "yiwu-union").await.is_empty());
    assert!(cases_of(&world, "yiwu-labour").await.is_empty());
}

#[tokio::test]
async fn the_people_of_a_suspended_agency_are_out_with_it() {
    let world = World::together().await;
    let token = sign_in(&world, "yiwu-union", "desk").await;
    let person = world.person().with_token(&token);
    let suspend = |lift| pb::SuspendAgencyRequest {
        name: "agencies/yiwu-union".into(),
        lift,
        reason: "test".into(),
        request_id: String::new(),
    };
    let operator = world.agency("operator");
    operator
        .directory()
        .suspend_agency(suspend(false))
        .await
        .unwrap();
    let register = || registration("测试工友");
    let by_token = person.cases().register_case(register()).await.unwrap_err();
    refused(&by_token, Code::PermissionDenied, "AGENCY_SUSPENDED");
    let union = world.agency("yiwu-union");
    let by_system = union.cases().register_case(register()).await.unwrap_err();
    refused(&by_system, Code::PermissionDenied, "AGENCY_SUSPENDED");
    operator
        .directory()
        .suspend_agency(suspend(true))
        .await
        .unwrap();
    assert!(cases_of(&world, "yiwu-union").await.is_empty());
}

#[tokio::test]
async fn nobody_works_a_referral_under_another_cases_name() {
    let world = World::together().await;
    let one = world.register("yiwu-union").await.name;
    let other = world.register("yiwu-union").await.name;
    let scope = [pb::Section::Summary, pb::Section::Identity];
    let draft = world.draft("yiwu-union", &one, on_duty("yiwu-court", &scope));
    let real = draft.await.unwrap().name;
    let sent = world.send("yiwu-union", &real).await.unwrap();
    let forged = real.replace(&one, &other);

    let accepted = world.accept("yiwu-court", &forged).await.unwrap_err();
    refused(&accepted, Code::NotFound, "NOT_FOUND");
    let withdraw = pb::WithdrawReferralRequest {
        name: forged,
        reason: "mistake".into(),
        ..Default::default()
    };
    let union = world.agency("yiwu-union");
    let withdrawn = union.referrals().withdraw_referral(withdraw).await;
    refused(&withdrawn.unwrap_err(), Code::NotFound, "NOT_FOUND");
    // Neither case moved.
    let court = world.get("yiwu-court", &other).await.unwrap_err();
    refused(&court, Code::NotFound, "NOT_FOUND");
    let get = pb::GetReferralRequest { name: real };
    let still = union.referrals().get_referral(get).await.unwrap();
    assert_eq!(still.into_inner(), sent);
}

#[tokio::test]
async fn a_case_registered_under_a_forged_envelope_is_its_real_senders() {
    let world = World::together().await;
    let mut request = Request::new(registration("测试工友"));
    for (name, value) in forged_envelope("/casenet.v1.CaseService/RegisterCase") {
        request.metadata_mut().as_mut().insert(name, value);
    }
    let bureau = world.agency("yiwu-labour");
    let case = bureau.cases().register_case(request).await.unwrap();
    let case = case.into_inner().name;
    assert_eq!(cases_of(&world, "yiwu-labour").await, [case]);
    assert!(cases_of(&world, "yiwu-union").await.is_empty());
}

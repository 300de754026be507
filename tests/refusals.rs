//! Bad input gets a clear, typed error, and nothing is stored.

use casenet::city;
use casenet::client::Client;
use chrono::TimeDelta;
use host::tls::{ClientIdentity, PemFiles};
use host::{Refused, Upstream};
use prost::Message as _;
use proto::Money;
use proto::v1 as pb;
use tonic::{Code, Request, Status};

use crate::raw::raw;
use crate::world::{World, on_duty, refused, registration};

/// How many cases an agency has.
async fn cases(world: &World) -> usize {
    let list = pb::ListCasesRequest {
        page_size: 200,
        ..Default::default()
    };
    let page = world
        .agency("yiwu-union")
        .cases()
        .list_cases(list)
        .await
        .unwrap();
    page.into_inner().cases.len()
}

async fn register(world: &World, request: pb::RegisterCaseRequest) -> Result<pb::Case, Status> {
    Ok(world
        .agency("yiwu-union")
        .cases()
        .register_case(request)
        .await?
        .into_inner())
}

/// A registration that is refused for this field, and stores nothing.
async fn refuses(field: &str, change: impl FnOnce(&mut pb::RegisterCaseRequest)) {
    let world = World::together().await;
    let mut request = registration("测试工友");
    change(&mut request);
    let status = register(&world, request).await.unwrap_err();
    refused(&status, Code::InvalidArgument, "INVALID_ARGUMENT");
    let told = Refused::read(&status);
    assert!(
        told.violations.iter().any(|(named, _)| named == field),
        "{:?}",
        told.violations
    );
    assert_eq!(cases(&world).await, 0);
}

#[tokio::test]
async fn a_resident_id_with_a_wrong_check_digit() {
    refuses("workers[0].identity_number", |request| {
        request.workers[0].identity_number = "330782187001010018".into();
    })
    .await;
}

#[tokio::test]
async fn a_credit_code_with_a_wrong_check_digit() {
    refuses("employment.credit_code", |request| {
        request.employment.as_mut().unwrap().credit_code = "91330782MA00TEQT67".into();
    })
    .await;
}

#[tokio::test]
async fn a_date_that_does_not_exist() {
    refuses("employment.started", |request| {
        let date = proto::Date {
            year: 2026,
            month: 2,
            day: 30,
        };
        request.employment.as_mut().unwrap().started = Some(date);
    })
    .await;
}

#[tokio::test]
async fn money_below_nothing() {
    refuses("claims[0].amount", |request| {
        let debt = Money {
            currency_code: "CNY".into(),
            units: -1,
            nanos: 0,
        };
        request.claims[0].amount = Some(debt);
    })
    .await;
}

#[tokio::test]
async fn a_name_of_ten_kibibytes() {
    refuses("workers[0].name", |request| {
        request.workers[0].name = "x".repeat(10_240)
    })
    .await;
}

#[tokio::test]
async fn a_name_with_invisible_characters() {
    refuses("workers[0].name", |request| {
        request.workers[0].name = "虞\u{202e}某".into()
    })
    .await;
}

#[tokio::test]
async fn every_wrong_field_is_named_at_once() {
    let world = World::together().await;
    let mut request = registration("");
    request.district = "999999".into();
    request.workers[0].mobile = "12345678901".into();
    let told = Refused::read(&register(&world, request).await.unwrap_err());
    let mut fields: Vec<_> = told
        .violations
        .iter()
        .map(|(field, _)| field.as_str())
        .collect();
    fields.sort_unstable();
    assert_eq!(fields, ["district", "workers[0].mobile", "workers[0].name"]);
}

#[tokio::test]
async fn an_unknown_field_is_refused_not_dropped() {
    let world = World::together().await;
    let mut bytes = registration("测试工友").encode_to_vec();
    proto::wire::put_bytes(&mut bytes, 9_999, b"hidden");
    let status = raw(&world, "/casenet.v1.CaseService/RegisterCase", bytes)
        .await
        .unwrap_err();
    refused(&status, Code::InvalidArgument, "UNKNOWN_FIELD");
    assert!(status.message().contains("9999"));
    assert_eq!(cases(&world).await, 0);
}

#[tokio::test]
async fn bytes_that_are_no_message_and_a_method_that_is_none() {
    let world = World::together().await;
    let broken = raw(
        &world,
        "/casenet.v1.CaseService/RegisterCase",
        vec![0x0a, 0xff],
    )
    .await;
    refused(
        &broken.unwrap_err(),
        Code::InvalidArgument,
        "MALFORMED_MESSAGE",
    );
    let missing = raw(&world, "/casenet.v1.CaseService/DropEverything", vec![]).await;
    refused(&missing.unwrap_err(), Code::Unimplemented, "UNIMPLEMENTED");
    let internal = raw(&world, "/casenet.internal.v1.SpineService/GetLabel", vec![]).await;
    refused(&internal.unwrap_err(), Code::Unimplemented, "UNIMPLEMENTED");
}

#[tokio::test]
async fn a_message_over_the_limit() {
    let world = World::together().await;
    let bytes = vec![0; 300 * 1024];
    let status = raw(&world, "/casenet.v1.CaseService/RegisterCase", bytes)
        .await
        .unwrap_err();
    refused(&status, Code::ResourceExhausted, "MESSAGE_TOO_LARGE");
}

#[tokio::test]
async fn another_cases_referral_does_not_exist_under_this_one() {
    let world = World::together().await;
    let one = world.register("yiwu-union").await.name;
    let other = world.register("yiwu-union").await.name;
    let draft = world.draft(
        "yiwu-union",
        &one,
        on_duty("yiwu-court", &[pb::Section::Summary]),
    );
    let name = draft.await.unwrap().name.replace(&one, &other);
    refused(
        &world.send("yiwu-union", &name).await.unwrap_err(),
        Code::NotFound,
        "NOT_FOUND",
    );
    let get = pb::GetReferralRequest { name };
    let read = world
        .agency("yiwu-union")
        .referrals()
        .get_referral(get)
        .await
        .unwrap_err();
    refused(&read, Code::NotFound, "NOT_FOUND");
}

#[tokio::test]
async fn names_with_tricks_in_them() {
    let world = World::together().await;
    for name in [
        "",
        "cases/../x",
        "cases/330782-2026-000001/../..",
        "agencies/yiwu-union",
    ] {
        let status = world.get("yiwu-union", name).await.unwrap_err();
        refused(&status, Code::InvalidArgument, "INVALID_ARGUMENT");
    }
}

#[tokio::test]
async fn no_certificate_and_no_token() {
    let world = World::together().await;
    let list = pb::ListCasesRequest::default();
    let status = world.person().cases().list_cases(list).await.unwrap_err();
    refused(&status, Code::Unauthenticated, "CREDENTIALS_REQUIRED");
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused_at_the_handshake() {
    let world = World::together().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let other =
        casenet::init::make(elsewhere.path(), city::yiwu(), 0, crate::world::now()).unwrap();
    let theirs = other.agency_files("yiwu-union");
    let ours = world.config.agency_files("yiwu-union");
    let files = PemFiles::new(theirs.certificate, theirs.key, ours.authority);
    let client = Client::new(&world.gateway, &ClientIdentity::new(files)).unwrap();
    let status = client
        .cases()
        .list_cases(pb::ListCasesRequest::default())
        .await
        .unwrap_err();
    refused(&status, Code::Unavailable, "CERTIFICATE_UNKNOWN");
    assert_eq!(cases(&world).await, 0);
}

#[tokio::test]
async fn a_request_id_that_is_none() {
    let world = World::together().await;
    for request_id in ["a b".into(), "\u{202e}".into(), "x".repeat(65)] {
        let request = pb::RegisterCaseRequest {
            request_id,
            ..registration("测试工友")
        };
        let status = register(&world, request).await.unwrap_err();
        refused(&status, Code::InvalidArgument, "INVALID_ARGUMENT");
    }
    assert_eq!(cases(&world).await, 0);
}

#[tokio::test]
async fn tokens_expire_end_and_belong_to_their_agency() {
    let world = World::together().await;
    let token = sign_in(&world, "yiwu-union", "desk").await;
    let person = world.person().with_token(&token);
    let who = person
        .identity()
        .who_am_i(pb::WhoAmIRequest {})
        .await
        .unwrap()
        .into_inner();
    assert_eq!(who.user, "agencies/yiwu-union/users/desk");

    let borrowed = world.agency("yiwu-court").with_token(&token);
    let status = borrowed
        .identity()
        .who_am_i(pb::WhoAmIRequest {})
        .await
        .unwrap_err();
    refused(&status, Code::Unauthenticated, "TOKEN_BINDING");

    let renewed = person
        .identity()
        .refresh_session(pb::RefreshSessionRequest {})
        .await
        .unwrap();
    let renewed = renewed.into_inner().token;
    let old = person
        .identity()
        .who_am_i(pb::WhoAmIRequest {})
        .await
        .unwrap_err();
    refused(&old, Code::Unauthenticated, "TOKEN_INVALID");

    let person = world.person().with_token(&renewed);
    world.clock.advance(TimeDelta::minutes(16));
    let status = person
        .identity()
        .who_am_i(pb::WhoAmIRequest {})
        .await
        .unwrap_err();
    refused(&status, Code::Unauthenticated, "TOKEN_EXPIRED");

    let again = sign_in_only(&world, "yiwu-union", "desk").await.unwrap();
    let person = world.person().with_token(&again);
    person
        .identity()
        .sign_out(pb::SignOutRequest {})
        .await
        .unwrap();
    let status = person
        .identity()
        .who_am_i(pb::WhoAmIRequest {})
        .await
        .unwrap_err();
    refused(&status, Code::Unauthenticated, "TOKEN_INVALID");
}

#[tokio::test]
async fn wrong_passwords_make_the_account_wait_and_tell_nothing() {
    let world = World::together().await;
    sign_in(&world, "yiwu-union", "desk").await;
    let wrong = |user: &str| pb::SignInRequest {
        user: user.into(),
        password: "wrong".into(),
    };
    let known = "agencies/yiwu-union/users/desk";
    let nobody = "agencies/yiwu-union/users/nobody";
    let first = world
        .person()
        .identity()
        .sign_in(wrong(known))
        .await
        .unwrap_err();
    let unknown = world
        .person()
        .identity()
        .sign_in(wrong(nobody))
        .await
        .unwrap_err();
    assert_eq!(
        (first.code(), first.message()),
        (unknown.code(), unknown.message())
    );
    for _ in 0..4 {
        let status = world
            .person()
            .identity()
            .sign_in(wrong(known))
            .await
            .unwrap_err();
        refused(&status, Code::Unauthenticated, "SIGN_IN_FAILED");
    }
    let status = world
        .person()
        .identity()
        .sign_in(wrong(known))
        .await
        .unwrap_err();
    refused(&status, Code::ResourceExhausted, "RATE_LIMITED");
    assert!(Refused::read(&status).retry_after.is_some());
}

#[tokio::test]
async fn a_suspended_agency_is_allowed_nothing_from_its_next_request_on() {
    let world = World::together().await;
    let case = world.register("yiwu-union").await.name;
    let suspend = |lift| pb::SuspendAgencyRequest {
        name: "agencies/yiwu-union".into(),
        lift,
        reason: "test".into(),
        request_id: String::new(),
    };
    // Only the operator may.
    let status = world
        .agency("yiwu-court")
        .directory()
        .suspend_agency(suspend(false))
        .await;
    refused(&status.unwrap_err(), Code::PermissionDenied, "NOT_ALLOWED");
    world
        .agency("operator")
        .directory()
        .suspend_agency(suspend(false))
        .await
        .unwrap();
    let status = world.get("yiwu-union", &case).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "AGENCY_SUSPENDED");
    world
        .agency("operator")
        .directory()
        .suspend_agency(suspend(true))
        .await
        .unwrap();
    assert!(world.get("yiwu-union", &case).await.is_ok());
}

#[tokio::test]
async fn a_repeated_request_has_one_effect_and_a_reused_id_is_refused() {
    let world = World::together().await;
    let request = pb::RegisterCaseRequest {
        request_id: "once".into(),
        ..registration("甲乙")
    };
    let first = register(&world, request.clone()).await.unwrap();
    let again = register(&world, request.clone()).await.unwrap();
    assert_eq!(first.name, again.name);
    assert_eq!(cases(&world).await, 1);
    let other = pb::RegisterCaseRequest {
        title_zh: "另一件".into(),
        ..request
    };
    let status = register(&world, other).await.unwrap_err();
    refused(&status, Code::AlreadyExists, "REQUEST_ID_REUSED");
}

#[tokio::test]
async fn a_stale_etag_is_told_the_present_one() {
    let world = World::together().await;
    let case = world.register("yiwu-union").await;
    let close = pb::CloseCaseRequest {
        name: case.name,
        result_code: "settled".into(),
        etag: "v0".into(),
        request_id: String::new(),
    };
    let status = world
        .agency("yiwu-union")
        .cases()
        .close_case(close)
        .await
        .unwrap_err();
    refused(&status, Code::Aborted, "ETAG_STALE");
    assert_eq!(Refused::read(&status).metadata["etag"], case.etag);
}

#[tokio::test]
async fn envelopes_that_a_caller_sends_along_count_for_nothing() {
    let world = World::together().await;
    let case = world.register("yiwu-union").await.name;
    let mut request = Request::new(pb::GetCaseRequest {
        name: case,
        ..Default::default()
    });
    for header in [
        "casenet-envelope",
        "casenet-envelope-mac",
        "casenet-session",
        "x-agency",
    ] {
        request
            .metadata_mut()
            .insert(header, "YWdlbmNpZXMveWl3dS11bmlvbg==".parse().unwrap());
    }
    let status = world
        .agency("yiwu-court")
        .cases()
        .get_case(request)
        .await
        .unwrap_err();
    refused(&status, Code::NotFound, "NOT_FOUND");
}

#[tokio::test]
async fn every_refusal_and_every_look_stands_in_the_log() {
    let world = World::together().await;
    let case = world.register("yiwu-union").await.name;
    world.get("yiwu-court", &case).await.unwrap_err();
    world.get("yiwu-union", &case).await.unwrap();
    let list = pb::ListDisclosuresRequest {
        parent: case.clone(),
        ..Default::default()
    };
    let log = world
        .agency("yiwu-union")
        .disclosures()
        .list_disclosures(list)
        .await
        .unwrap();
    let lines: Vec<_> = log
        .into_inner()
        .records
        .into_iter()
        .map(|record| (record.agency.clone(), record.outcome(), record.refusal))
        .collect();
    let union = || "agencies/yiwu-union".to_owned();
    assert_eq!(
        lines,
        [
            (union(), pb::Outcome::Disclosed, String::new()),
            (
                "agencies/yiwu-court".to_owned(),
                pb::Outcome::Refused,
                "NOT_FOUND".to_owned()
            ),
            (union(), pb::Outcome::Changed, String::new()),
        ]
    );
    // Who looked is the lead's to know.
    let list = pb::ListDisclosuresRequest {
        parent: case,
        ..Default::default()
    };
    let status = world
        .agency("yiwu-court")
        .disclosures()
        .list_disclosures(list)
        .await
        .unwrap_err();
    refused(&status, Code::NotFound, "NOT_FOUND");
}

#[tokio::test]
async fn grpc_web_is_answered_with_its_trailers_and_other_kinds_are_not_spoken() {
    let world = World::together().await;
    let identity = ClientIdentity::new(world.config.agency_files("yiwu-union"));
    let upstream = Upstream::remote(&world.gateway, &identity).unwrap();
    let post = |kind: &str| {
        let uri = format!(
            "https://{}/casenet.v1.IdentityService/WhoAmI",
            world.gateway
        );
        let empty = http_body_util::Full::new(prost::bytes::Bytes::from_static(&[0; 5]));
        http::Request::post(uri)
            .header("content-type", kind)
            .body(tonic::body::Body::new(empty))
            .unwrap()
    };
    let answer = upstream
        .call(post("application/grpc-web+proto"))
        .await
        .unwrap();
    let body = http_body_util::BodyExt::collect(answer.into_body())
        .await
        .unwrap()
        .to_bytes();
    let text = String::from_utf8_lossy(&body);
    assert!(
        text.contains("agencies/yiwu-union") && text.contains("grpc-status:0"),
        "{text:?}"
    );
    assert!(text.contains("casenet-receipt:"), "{text:?}");
    for kind in ["text/plain", "application/json"] {
        let answer = upstream.call(post(kind)).await.unwrap();
        assert_eq!(answer.status(), http::StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
}

const PASSWORD: &str = "correct horse battery";

async fn sign_in(world: &World, agency: &str, user: &str) -> String {
    let request = pb::CreateUserRequest {
        user_id: user.into(),
        display_name: "值班".into(),
        password: PASSWORD.into(),
    };
    world
        .agency(agency)
        .identity()
        .create_user(request)
        .await
        .unwrap();
    sign_in_only(world, agency, user).await.unwrap()
}

async fn sign_in_only(world: &World, agency: &str, user: &str) -> Result<String, Status> {
    let request = pb::SignInRequest {
        user: format!("agencies/{agency}/users/{user}"),
        password: PASSWORD.into(),
    };
    Ok(world
        .person()
        .identity()
        .sign_in(request)
        .await?
        .into_inner()
        .token)
}

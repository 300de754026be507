//! Every kind of refusal, as HTTP and the contract both have it.

use std::sync::Arc;

use casenet::config::Role;
use casenet::network::Running;
use casenet::{city, init};
use http::Method;
use serde_json::{Value, json};

use super::http1::Caller;
use super::journey::{on_duty, path, registration};
use crate::world::{World, now};

fn fields(problem: &Value) -> Vec<&str> {
    let violations = problem["violations"].as_array().unwrap();
    violations
        .iter()
        .map(|wrong| wrong["field"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn wrong_fields_are_named_all_at_once_and_never_quoted() {
    let world = World::together().await;
    let union = world.over_http("yiwu-union");
    let wrong = json!({
        "district": 330782,
        "workers": [{"nom": "x", "sex": "MALE", "birthYear": -1}],
        "张三": true,
        "claims": [{"amount": {"units": 5}}],
        "titleZh": null,
    });
    let answer = union.post("/v1/cases", &wrong).await;
    assert!(!String::from_utf8_lossy(&answer.bytes).contains("张三"));
    let problem = answer.refused(400, "UNKNOWN_FIELD");
    let mut named = fields(&problem);
    named.sort_unstable();
    let expected = [
        "?",
        "claims[0].amount.units",
        "district",
        "titleZh",
        "workers[0].birthYear",
        "workers[0].nom",
        "workers[0].sex",
    ];
    assert_eq!(named, expected);

    // What only a service can know comes in the same form.
    let mut wrong = registration();
    wrong["workers"][0]["identityNumber"] = json!("330782187006150071");
    let problem = union
        .post("/v1/cases", &wrong)
        .await
        .refused(400, "INVALID_ARGUMENT");
    assert_eq!(fields(&problem), ["workers[0].identityNumber"]);
    // A name in the path that is none is wrong, not missing.
    let problem = union
        .get("/v1/cases/none")
        .await
        .refused(400, "INVALID_ARGUMENT");
    assert_eq!(fields(&problem), ["name"]);
}

#[tokio::test]
async fn parameters_that_the_document_does_not_name_are_refused() {
    let world = World::together().await;
    let union = world.over_http("yiwu-union");
    for (query, field) in [
        ("limit=5", "limit"),
        ("pageSize=five", "pageSize"),
        ("pageSize=1&pageSize=2", "pageSize"),
        ("pageSize=-1", "pageSize"),
        ("pageToken=%ff", "query"),
        ("%E5%BC%A0=1", "?"),
    ] {
        let problem = union.get(&format!("/v1/cases?{query}")).await.problem(400);
        assert_eq!(fields(&problem), [field], "{query}");
    }
    let posted = union
        .post("/v1/cases?district=330782", &registration())
        .await;
    assert_eq!(fields(&posted.refused(400, "UNKNOWN_FIELD")), ["query"]);
    let body = union
        .call(Method::GET, "/v1/cases", Some("{}".into()))
        .await;
    assert_eq!(fields(&body.refused(400, "INVALID_ARGUMENT")), ["body"]);
}

#[tokio::test]
async fn the_facts_that_rules_read_are_taken_from_nobody() {
    let world = World::together().await;
    let union = world.over_http("yiwu-union");
    let case = path(&union.post("/v1/cases", &registration()).await.ok()["name"]);
    let mut offer = on_duty("yiwu-labour");
    offer["referral"]["label"] = json!({"lead": "agencies/yiwu-labour"});
    let problem = union.post(&format!("{case}/referrals"), &offer).await;
    assert_eq!(
        fields(&problem.refused(400, "UNKNOWN_FIELD")),
        ["referral.label"]
    );
    let mut twice = on_duty("yiwu-labour");
    twice["parent"] = json!("cases/330782-2026-000009");
    let problem = union.post(&format!("{case}/referrals"), &twice).await;
    assert_eq!(fields(&problem.refused(400, "UNKNOWN_FIELD")), ["parent"]);
    let mut twice = on_duty("yiwu-labour");
    twice["referral"]["to_agency"] = json!("agencies/yiwu-court");
    let problem = union.post(&format!("{case}/referrals"), &twice).await;
    assert_eq!(
        fields(&problem.refused(400, "INVALID_ARGUMENT")),
        ["referral.toAgency"]
    );
}

#[tokio::test]
async fn json_that_breaks_is_told_where_and_not_what() {
    let world = World::together().await;
    let union = world.over_http("yiwu-union");
    let broken = "{\"district\": \"330782\",\n  \"workers\": [李四]}".to_owned();
    let answer = union.call(Method::POST, "/v1/cases", Some(broken)).await;
    assert!(!String::from_utf8_lossy(&answer.bytes).contains("李四"));
    let problem = answer.refused(400, "MALFORMED_MESSAGE");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("line 2, column 1"), "{detail}");
    for body in ["[]", "1", "null", "\"x\""] {
        let answer = union
            .call(Method::POST, "/v1/cases", Some(body.into()))
            .await;
        assert_eq!(fields(&answer.refused(400, "INVALID_ARGUMENT")), ["body"]);
    }
}

#[tokio::test]
async fn who_is_nobody_is_told_how_to_be_somebody() {
    let world = World::together().await;
    let nobody = world.over_http("yiwu-union").without_certificate();
    let answer = nobody.get("/v1/cases").await;
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    answer.refused(401, "CREDENTIALS_REQUIRED");
    // Who asks is asked before what: nothing of a stranger's is read.
    let broken = nobody
        .call(Method::POST, "/v1/cases", Some("{".into()))
        .await;
    broken.refused(401, "CREDENTIALS_REQUIRED");
    let forged = nobody
        .with("authorization", "Bearer forged")
        .get("/v1/cases")
        .await;
    forged.refused(401, "TOKEN_INVALID");
}

#[tokio::test]
async fn the_rules_say_which_of_them_refuses_and_hidden_is_like_missing() {
    let world = World::together().await;
    let (union, bureau) = (
        world.over_http("yiwu-union"),
        world.over_http("yiwu-labour"),
    );
    let case = path(&union.post("/v1/cases", &registration()).await.ok()["name"]);
    let hidden = bureau.get(&case).await;
    let missing = bureau.get("/v1/cases/330782-2026-999999").await;
    assert_eq!(hidden.bytes, missing.bytes);
    hidden.refused(404, "NOT_FOUND");

    let referral = union
        .post(&format!("{case}/referrals"), &on_duty("yiwu-labour"))
        .await
        .ok();
    let referral = path(&referral["name"]);
    union
        .post(&format!("{referral}:send"), &json!({}))
        .await
        .ok();
    let foreign = union.post(&format!("{referral}:accept"), &json!({})).await;
    let problem = foreign.problem(403);
    assert!(problem["metadata"]["reason_zh"].is_string(), "{problem}");

    let early = bureau
        .post(
            &format!("{referral}:complete"),
            &json!({"outcome": "settled"}),
        )
        .await;
    let problem = early.refused(409, "WRONG_STATE");
    let allowed: Vec<_> = problem["allowed"].as_array().unwrap().iter().collect();
    assert!(allowed.contains(&&json!("accept")), "{problem}");
    assert_eq!(problem["metadata"]["state"], "requested");
}

#[tokio::test]
async fn a_key_makes_a_repeated_change_one_change() {
    let world = World::together().await;
    let union = world.over_http("yiwu-union");
    let keyed = union.clone().with("idempotency-key", "\"8e03978e\"");
    let first = keyed.post("/v1/cases", &registration()).await.ok();
    let again = keyed.post("/v1/cases", &registration()).await.ok();
    assert_eq!(first["name"], again["name"]);
    // The same in the body, without the header, is the same request.
    let mut in_body = registration();
    in_body["requestId"] = json!("8e03978e");
    let same = union.post("/v1/cases", &in_body).await.ok();
    assert_eq!(first["name"], same["name"]);
    keyed.post("/v1/cases", &in_body).await.ok();

    in_body["requestId"] = json!("other");
    let problem = keyed
        .post("/v1/cases", &in_body)
        .await
        .refused(400, "INVALID_ARGUMENT");
    assert_eq!(fields(&problem), ["idempotency-key"]);
    let mut other = registration();
    other["titleEn"] = json!("Another case");
    keyed
        .post("/v1/cases", &other)
        .await
        .refused(409, "REQUEST_ID_REUSED");
    let long = union.clone().with("idempotency-key", &"k".repeat(65));
    let problem = long
        .post("/v1/cases", &registration())
        .await
        .refused(400, "INVALID_ARGUMENT");
    assert_eq!(fields(&problem), ["requestId"]);
    // A read is repeated anyway; a change that knows no key promises nothing.
    keyed.get("/v1/cases").await.ok();
    let problem = keyed
        .post("/v1/feed:acknowledge", &json!({"cursor": "0"}))
        .await;
    assert_eq!(
        fields(&problem.refused(400, "UNKNOWN_FIELD")),
        ["idempotency-key"]
    );
}

#[tokio::test]
async fn a_stale_etag_fails_the_precondition() {
    let world = World::together().await;
    let union = world.over_http("yiwu-union");
    let registered = union.post("/v1/cases", &registration()).await;
    let etag = registered.header("etag").to_owned();
    let case = path(&registered.ok()["name"]);
    let note = json!({"entry": {"note": "a change"}});
    union.post(&format!("{case}/entries"), &note).await.ok();
    let close = format!("{case}:close");
    let result = json!({"resultCode": "settled"});
    let stale = union.clone().with("if-match", &etag);
    stale.post(&close, &result).await.refused(412, "ETAG_STALE");
    let weak = union.clone().with("if-match", "W/\"v1\"");
    let problem = weak
        .post(&close, &result)
        .await
        .refused(400, "INVALID_ARGUMENT");
    assert_eq!(fields(&problem), ["if-match"]);
    let read = union.get(&case).await;
    let present = union.clone().with("if-match", read.header("etag"));
    present.post(&close, &result).await.ok();
    let any = union.clone().with("if-match", "*");
    any.post(&format!("{case}:reopen"), &json!({"reason": "new_facts"}))
        .await
        .ok();
}

#[tokio::test]
async fn http_says_itself_what_is_wrong_with_http() {
    let world = World::together().await;
    let union = world.over_http("yiwu-union");
    let answer = union.call(Method::DELETE, "/v1/cases", None).await;
    assert_eq!(answer.header("allow"), "POST, GET, HEAD, OPTIONS");
    let problem = answer.problem(405);
    assert_eq!(problem["type"], "about:blank");
    let options = union.call(Method::OPTIONS, "/v1/feed:watch", None).await;
    assert_eq!(options.status, http::StatusCode::NO_CONTENT);
    assert_eq!(options.header("allow"), "GET, OPTIONS");
    for nowhere in [
        "/",
        "/v1",
        "/v1/",
        "/v1/cases/a/b/c",
        "/v1/cases/a%2Fb",
        "/v2/cases",
    ] {
        union.get(nowhere).await.problem(404);
    }
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
    ] {
        let typed = union.clone().with("content-type", kind);
        let answer = typed.post("/v1/cases", &registration()).await;
        // The body was not read: the connection cannot go on behind it.
        assert_eq!(answer.header("connection"), "close");
        answer.problem(415);
    }
    let typed = union
        .clone()
        .with("content-type", "application/json; charset=utf-8");
    typed.post("/v1/cases", &registration()).await.ok();
    let method = "/casenet.v1.IdentityService/WhoAmI";
    union.post(method, &json!({})).await.problem(415);
    let large = json!({"district": "3".repeat(300 * 1024)});
    union
        .post("/v1/cases", &large)
        .await
        .refused(413, "MESSAGE_TOO_LARGE");

    let head = union.call(Method::HEAD, "/v1/cases", None).await;
    assert_eq!(head.status, http::StatusCode::OK);
    assert!(head.bytes.is_empty() && !head.header("casenet-receipt").is_empty());
}

#[tokio::test]
async fn a_caller_that_asks_too_often_is_told_when_to_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = init::make(folder.path(), city::yiwu(), 0, now()).unwrap();
    config.limits.calls_at_once = 2;
    config.limits.calls_per_second = 1;
    let clock = host::SetClock::at(now());
    let running = Running::start(&config, &Role::ALL, Arc::new(clock))
        .await
        .unwrap();
    let gateway = running.gateway().unwrap().to_string();
    let union = Caller::new(&gateway, &config, "yiwu-union");
    union.get("/v1/whoami").await.ok();
    union.get("/v1/whoami").await.ok();
    let answer = union.get("/v1/whoami").await;
    assert_eq!(answer.header("retry-after"), "1");
    let problem = answer.refused(429, "RATE_LIMITED");
    assert_eq!(problem["retryAfter"], 1.0);
}

#[tokio::test]
async fn a_part_of_the_network_that_does_not_answer_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = init::make(folder.path(), city::yiwu(), 0, now()).unwrap();
    // A port that is nobody's: taken, and given back.
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = socket.local_addr().unwrap().to_string();
    drop(socket);
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Gateway) {
        config.listen.insert(role, nobody.clone());
    }
    let clock = host::SetClock::at(now());
    let running = Running::start(&config, &[Role::Gateway], Arc::new(clock))
        .await
        .unwrap();
    let gateway = running.gateway().unwrap().to_string();
    let union = Caller::new(&gateway, &config, "yiwu-union");
    let answer = union.get("/v1/cases").await;
    assert_eq!(answer.header("retry-after"), "1");
    answer.refused(503, "UNAVAILABLE");
}

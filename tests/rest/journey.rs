//! A case crosses agencies by HTTP alone.

use serde_json::{Value, json};

use crate::world::World;

/// A registration as an agency's system would write it.
pub fn registration() -> Value {
    json!({
        "district": "330782",
        "workers": [{"name": "测试工友甲", "identityNumber": "33078218700615007X"}],
        "employment": {"employerName": "义乌测试电梯有限公司", "employerKind": "services"},
        "claims": [{
            "kind": "unpaid_wages",
            "amount": {"currencyCode": "CNY", "units": "12345", "nanos": 0},
        }],
        "titleZh": "测试案件",
        "titleEn": "Test case",
    })
}

/// A referral on a statutory duty.
pub fn on_duty(to: &str) -> Value {
    json!({"referral": {
        "kind": "REFERRAL_KIND_ASSIST",
        "toAgency": format!("agencies/{to}"),
        "serviceCode": "arbitration",
        "purpose": "work on it",
        "legalBasis": "PIPL-13-3",
        "scope": ["SECTION_SUMMARY", "SECTION_IDENTITY", "SECTION_CLAIMS", "SECTION_TIMELINE"],
        "contribute": true,
    }})
}

/// A consent of the worker that agencies of this kind receive.
pub fn consent(kind: &str) -> Value {
    json!({"consent": {
        "purpose": "representation",
        "recipientKinds": [kind],
        "sections": ["SECTION_SUMMARY", "SECTION_IDENTITY", "SECTION_CLAIMS"],
        "evidenceSha256": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
        "validUntil": "2100-01-01T00:00:00Z",
    }})
}

/// A referral on that consent.
fn on_consent(to: &str, consent: &Value) -> Value {
    let mut offer = on_duty(to);
    offer["referral"]["legalBasis"] = json!("");
    offer["referral"]["consent"] = consent.clone();
    offer["referral"]["scope"] = json!(["SECTION_SUMMARY", "SECTION_IDENTITY", "SECTION_CLAIMS"]);
    offer
}

/// The path of a resource by its name.
pub fn path(name: &Value) -> String {
    format!("/v1/{}", name.as_str().unwrap())
}

#[tokio::test]
async fn two_agencies_work_a_case_from_registration_to_completion() {
    let world = World::together().await;
    let (union, bureau) = (
        world.over_http("yiwu-union"),
        world.over_http("yiwu-labour"),
    );
    let who = bureau.get("/v1/whoami").await.ok();
    assert_eq!(
        who,
        json!({"agency": "agencies/yiwu-labour", "kind": "AGENCY_KIND_LABOUR_BUREAU"})
    );

    let registered = union.post("/v1/cases", &registration()).await;
    assert!(registered.header("casenet-receipt").parse::<u64>().is_ok());
    let registered = registered.ok();
    let case = path(&registered["name"]);
    bureau.get(&case).await.refused(404, "NOT_FOUND");

    let consent = consent("AGENCY_KIND_LABOUR_BUREAU");
    let consent = union.post(&format!("{case}/consents"), &consent).await.ok();
    let offer = on_consent("yiwu-labour", &consent["name"]);
    let drafted = union.post(&format!("{case}/referrals"), &offer).await;
    let etag = drafted.header("etag").to_owned();
    let drafted = drafted.ok();
    assert_eq!(etag, format!("\"{}\"", drafted["etag"].as_str().unwrap()));
    let referral = path(&drafted["name"]);

    // A step that needs nothing but the name needs no body.
    let sent = union
        .clone()
        .with("if-match", &etag)
        .call(http::Method::POST, &format!("{referral}:send"), None)
        .await
        .ok();
    assert_eq!(sent["state"], "REFERRAL_STATE_REQUESTED");

    let triage = bureau.get(&case).await.ok();
    assert_eq!(triage["claims"][0]["amountBand"], "5k-20k");
    assert!(triage.get("identities").is_none(), "{triage}");
    for (step, state) in [
        ("acknowledge", "REFERRAL_STATE_RECEIVED"),
        ("accept", "REFERRAL_STATE_ACCEPTED"),
        ("start", "REFERRAL_STATE_IN_PROGRESS"),
    ] {
        let answer = bureau
            .post(&format!("{referral}:{step}"), &json!({}))
            .await
            .ok();
        assert_eq!(answer["state"], state);
    }
    let working = bureau.get(&case).await.ok();
    assert_eq!(working["identities"][0]["name"], "测试工友甲");
    assert_eq!(working["claims"][0]["amount"]["units"], "12345");

    let note = json!({"entry": {"note": "听取意见", "date": {"year": 2026, "month": 3, "day": 1}}});
    let entry = bureau.post(&format!("{case}/entries"), &note).await.ok();
    assert_eq!(entry["author"], "agencies/yiwu-labour");
    let outcome =
        json!({"outcome": "settled", "outcomeAmount": {"currencyCode": "CNY", "units": "9000"}});
    bureau
        .post(&format!("{referral}:complete"), &outcome)
        .await
        .ok();

    let list = union
        .get("/v1/referrals?box=REFERRAL_BOX_OUTBOX&openOnly=false")
        .await
        .ok();
    assert_eq!(list["referrals"][0]["outcome"], "settled");
    let looks = union
        .get(&format!("{case}/disclosures?pageSize=100"))
        .await
        .ok();
    let looked = looks["records"].as_array().unwrap();
    assert!(looked.iter().any(|record| {
        record["agency"] == "agencies/yiwu-labour"
            && record["method"] == "/casenet.v1.CaseService/GetCase"
            && record["refusal"] == "NOT_FOUND"
    }));
}

#[tokio::test]
async fn a_law_firm_checks_for_conflicts_and_takes_over_the_feed() {
    let world = World::together().await;
    let (union, firm) = (world.over_http("yiwu-union"), world.over_http("hongyi-law"));
    let case = path(&union.post("/v1/cases", &registration()).await.ok()["name"]);
    let consent = consent("AGENCY_KIND_LAW_FIRM");
    let consent = union.post(&format!("{case}/consents"), &consent).await.ok();
    let offer = on_consent("hongyi-law", &consent["name"]);
    let referral = union.post(&format!("{case}/referrals"), &offer).await.ok();
    let referral_path = path(&referral["name"]);
    union
        .post(&format!("{referral_path}:send"), &json!({}))
        .await
        .ok();

    let early = firm
        .post(&format!("{referral_path}:accept"), &json!({}))
        .await;
    early.refused(409, "CONFLICT_CHECK_REQUIRED");
    let check = json!({"referral": referral["name"]});
    firm.post(&format!("{case}/conflictChecks"), &check)
        .await
        .ok();
    firm.post(&format!("{referral_path}:accept"), &json!({}))
        .await
        .ok();

    let first = firm.get("/v1/feed?pageSize=1").await.ok();
    assert_eq!(first["events"].as_array().unwrap().len(), 1);
    assert_eq!(first["events"][0]["cursor"], "1");
    let head = first["head"].as_str().unwrap();
    let rest = firm.get("/v1/feed?cursor=1&pageSize=1000").await.ok();
    assert_eq!(rest["events"][0]["cursor"], "2");
    let acknowledged = firm
        .post("/v1/feed:acknowledge", &json!({"cursor": head}))
        .await
        .ok();
    assert_eq!(acknowledged["acknowledged"], head);
    let nothing = firm.get("/v1/feed").await.ok();
    assert!(nothing.get("events").is_none(), "{nothing}");
}

#[tokio::test]
async fn a_caseworker_signs_in_and_calls_with_a_token() {
    let world = World::together().await;
    let user = proto::v1::CreateUserRequest {
        user_id: "desk".into(),
        display_name: "值班".into(),
        password: "correct horse battery".into(),
    };
    let agency = world.agency("yiwu-union");
    agency.identity().create_user(user).await.unwrap();
    let union = world.over_http("yiwu-union");
    let session =
        json!({"user": "agencies/yiwu-union/users/desk", "password": "correct horse battery"});
    let session = union.post("/v1/session:signIn", &session).await.ok();
    let bearer = format!("Bearer {}", session["token"].as_str().unwrap());
    let desk = union.clone().with("authorization", &bearer);
    let who = desk.get("/v1/whoami").await.ok();
    assert_eq!(who["user"], "agencies/yiwu-union/users/desk");
    desk.post("/v1/session:signOut", &json!({})).await.ok();
    let ended = desk.get("/v1/whoami").await;
    assert!(ended.header("www-authenticate").starts_with("Bearer"));
    ended.refused(401, "TOKEN_INVALID");
}

//! What a browser must not be made to do, tried and refused.

use chrono::TimeDelta;
use proto::v1 as pb;

use super::site::{PASSWORD, Site, form_key, text};
use crate::world::registration;

const HOSTILE: &str = "<script>alert(1)</script>\"><img src=x onerror=alert(2)>";

#[tokio::test]
async fn every_answer_forbids_inline_script_frames_and_caching() {
    let site = Site::open().await;
    let mut visitor = site.signed_in("yiwu-union").await;
    for path in [
        "/work",
        "/cases",
        "/nothing",
        "/cases/330782-2026-999999",
        "/sign-in",
    ] {
        let answer = visitor.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"));
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        let page = text(&answer);
        assert!(
            !page.contains(" style=") && !page.contains("<style"),
            "{path}"
        );
        assert!(
            !page.contains(" onclick=") && !page.contains("javascript:"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn cookies_are_for_this_host_over_tls_and_out_of_reach_of_scripts() {
    let site = Site::open().await;
    let mut visitor = site.visitor();
    let answer = visitor.sign_in("yiwu-union", PASSWORD).await;
    let set: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    assert!(!set.is_empty());
    for cookie in set {
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.starts_with("__Host-"), "{cookie}");
        for attribute in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
}

#[tokio::test]
async fn nothing_is_shown_to_one_who_is_not_signed_in() {
    let site = Site::open().await;
    let case = site.world.register("yiwu-union").await.name;
    let mut visitor = site.visitor();
    for path in [
        "/work",
        &format!("/{case}"),
        "/referrals/inbox",
        "/rules",
        "/live",
    ] {
        let answer = visitor.get(path).await;
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.header("location").starts_with("/sign-in"), "{path}");
    }
}

#[tokio::test]
async fn a_form_of_another_site_or_another_session_changes_nothing() {
    let site = Site::open().await;
    let mut mine = site.signed_in("yiwu-union").await;
    let mut other = site.signed_in("yiwu-union").await;
    let case = site.world.register("yiwu-union").await.name;
    let note = format!("/{case}/note");
    let key = form_key(&text(&mine.get(&note).await));
    let foreign = form_key(&text(&other.get(&note).await));
    let fields = |key| [("form_key", key), ("act", "note"), ("note", "x")];

    let crossing = mine.post_from(&note, &fields(&key), "cross-site").await;
    assert_eq!(crossing.status, 403);
    assert_eq!(mine.post(&note, &fields(&foreign)).await.status, 403);
    assert_eq!(mine.post(&note, &fields("")).await.status, 403);
    let before = site
        .world
        .get("yiwu-union", &case)
        .await
        .unwrap()
        .timeline
        .len();
    assert_eq!(mine.post(&note, &fields(&key)).await.status, 303);
    let after = site
        .world
        .get("yiwu-union", &case)
        .await
        .unwrap()
        .timeline
        .len();
    assert_eq!(after, before + 1);
}

#[tokio::test]
async fn signing_in_takes_the_key_of_ones_own_sign_in_page() {
    let site = Site::open().await;
    let mut planted = site.visitor();
    let key = form_key(&text(&planted.get("/sign-in").await));
    let mut victim = site.visitor();
    let fields = [
        ("form_key", key.as_str()),
        ("agency", "yiwu-union"),
        ("user", "desk"),
        ("password", PASSWORD),
    ];
    assert_eq!(victim.post("/sign-in", &fields).await.status, 403);
}

#[tokio::test]
async fn a_session_planted_before_sign_in_is_not_the_one_that_opens() {
    let site = Site::open().await;
    let mut visitor = site.visitor();
    visitor
        .cookies
        .insert("__Host-casenet".into(), "planted".into());
    visitor.sign_in("yiwu-union", PASSWORD).await;
    assert_ne!(visitor.cookies["__Host-casenet"], "planted");
    let mut attacker = site.visitor();
    attacker
        .cookies
        .insert("__Host-casenet".into(), "planted".into());
    assert_eq!(attacker.get("/work").await.status, 303);
}

#[tokio::test]
async fn after_signing_out_the_cookie_opens_nothing() {
    let site = Site::open().await;
    let mut visitor = site.signed_in("yiwu-union").await;
    let kept = visitor.clone();
    let answer = visitor.submit("/work", "/sign-out", &[]).await;
    assert_eq!(answer.header("location"), "/sign-in");
    assert_eq!(kept.clone().get("/work").await.status, 303);
}

#[tokio::test]
async fn nobody_is_led_to_another_site_after_signing_in() {
    let site = Site::open().await;
    for next in [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "/work?x",
    ] {
        let mut visitor = site.visitor();
        let key = form_key(&text(&visitor.get("/sign-in").await));
        let fields = [
            ("form_key", key.as_str()),
            ("next", next),
            ("agency", "yiwu-union"),
            ("user", "desk"),
            ("password", PASSWORD),
        ];
        let answer = visitor.post("/sign-in", &fields).await;
        assert_eq!(answer.header("location"), "/work", "{next}");
        let switched = visitor
            .post("/language", &[("to", "en"), ("back", next)])
            .await;
        assert_eq!(switched.header("location"), "/work", "{next}");
    }
}

#[tokio::test]
async fn what_somebody_wrote_is_shown_and_never_run() {
    let site = Site::open().await;
    let mut request = registration("测试工友甲");
    request.title_zh = HOSTILE.into();
    request.workers[0].name = HOSTILE.into();
    let union = site.world.agency("yiwu-union");
    let case = union
        .cases()
        .register_case(request)
        .await
        .unwrap()
        .into_inner()
        .name;
    let mut visitor = site.signed_in("yiwu-union").await;
    let fields = [("act", "note"), ("note", HOSTILE)];
    let note = format!("/{case}/note");
    assert_eq!(visitor.submit(&note, &note, &fields).await.status, 303);
    for path in [
        "/work",
        "/cases",
        &format!("/{case}"),
        &format!("/{case}/sharing"),
    ] {
        let page = text(&visitor.get(path).await);
        assert!(
            !page.contains("<script>alert") && !page.contains("<img src=x"),
            "{path}"
        );
    }
    assert!(text(&visitor.get(&format!("/{case}")).await).contains("&lt;script&gt;alert(1)"));
    // A form that comes back says it again, as text.
    let fields = [
        ("form_key_", ""),
        ("district", HOSTILE),
        ("workers[0].name", HOSTILE),
    ];
    let again = visitor.submit("/cases/new", "/cases/new", &fields).await;
    assert_eq!(again.status, 422);
    assert!(!text(&again).contains("<script>alert"));
    assert!(text(&again).contains("&lt;script&gt;alert(1)"));
}

#[tokio::test]
async fn paths_lead_nowhere_but_to_pages() {
    let site = Site::open().await;
    let mut visitor = site.signed_in("yiwu-union").await;
    for path in [
        "/assets/../Cargo.toml",
        "/assets/..%2f..%2fetc%2fpasswd",
        "/assets/casenet.css",
        "/cases/..%2fx",
        "/cases/%3Cscript%3E",
        "/cases/1/sharing",
        "/referrals/x/y",
        "/referrals/330782-2026-000001/x/no-such-step",
        "/live/..",
        "//evil.example/",
    ] {
        let answer = visitor.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!text(&answer).contains("<script>"), "{path}");
    }
}

#[tokio::test]
async fn hidden_and_missing_cases_are_the_same_page() {
    let site = Site::open().await;
    let case = site.world.register("yiwu-union").await.name;
    let mut visitor = site.signed_in("yiwu-daily").await;
    let hidden = visitor.get(&format!("/{case}")).await;
    let missing = visitor.get("/cases/330782-2026-999999").await;
    assert_eq!(
        (hidden.status.as_u16(), missing.status.as_u16()),
        (404, 404)
    );
    let same = |page: String, id: &str| page.replace(id, "");
    let hidden = same(text(&hidden), &case);
    assert_eq!(hidden, same(text(&missing), "cases/330782-2026-999999"));
}

#[tokio::test]
async fn an_idle_screen_locks_and_the_password_opens_it_again() {
    let site = Site::open().await;
    let mut visitor = site.signed_in("yiwu-union").await;
    site.world.clock.advance(TimeDelta::minutes(16));
    let answer = visitor.get("/cases").await;
    assert_eq!(answer.header("location"), "/sign-in?next=/cases");
    let page = text(&visitor.get("/sign-in?next=/cases").await);
    assert!(page.contains("已锁定") && page.contains("value=\"desk\""));
    let answer = visitor.sign_in("yiwu-union", PASSWORD).await;
    assert_eq!(answer.status, 303);
    assert_eq!(visitor.get("/cases").await.status, 200);
}

#[tokio::test]
async fn a_session_outlives_its_first_token_and_ends_with_its_account() {
    let site = Site::open().await;
    let mut visitor = site.signed_in("yiwu-union").await;
    // Tokens live a quarter of an hour; work goes on for eight hours.
    for _ in 0..5 {
        site.world.clock.advance(TimeDelta::minutes(9));
        assert_eq!(visitor.get("/cases").await.status, 200);
    }
    site.world.clock.advance(TimeDelta::hours(8));
    assert_eq!(visitor.get("/cases").await.status, 303);
}

#[tokio::test]
async fn a_session_that_the_gateway_has_ended_is_over_here_too() {
    let site = Site::open().await;
    let mut visitor = site.signed_in("yiwu-union").await;
    // Not idle for the pages, but the token has run out meanwhile.
    for _ in 0..2 {
        site.world.clock.advance(TimeDelta::minutes(8));
        visitor.get("/sign-in").await;
    }
    assert_eq!(visitor.get("/cases").await.header("location"), "/sign-in");
    assert_eq!(visitor.get("/sign-in").await.status, 200);
}

#[tokio::test]
async fn guessing_passwords_is_slowed_down() {
    let site = Site::open().await;
    let mut visitor = site.visitor();
    let mut last = 0;
    for _ in 0..12 {
        last = visitor
            .sign_in("yiwu-union", "not the password")
            .await
            .status
            .as_u16();
        assert_eq!(last, 401);
    }
    // The right one is not tried either while the account is held.
    let held = visitor.sign_in("yiwu-union", PASSWORD).await;
    assert_eq!((last, held.status.as_u16()), (401, 401));
    assert!(text(&held).contains("尝试过多"));
}

#[tokio::test]
async fn every_step_that_the_page_offers_is_one_that_is_legal_now() {
    let site = Site::open().await;
    let world = &site.world;
    let case = world.register("yiwu-union").await.name;
    let offer = crate::world::on_duty("yiwu-labour", &[pb::Section::Summary]);
    let drafted = world.draft("yiwu-union", &case, offer).await.unwrap();
    world.send("yiwu-union", &drafted.name).await.unwrap();
    for agency in ["yiwu-union", "yiwu-labour"] {
        let get = pb::GetReferralRequest {
            name: drafted.name.clone(),
        };
        let referral = world
            .agency(agency)
            .referrals()
            .get_referral(get)
            .await
            .unwrap()
            .into_inner();
        let address = drafted
            .name
            .replace("cases/", "/referrals/")
            .replacen("/referrals/", "/", 2);
        let address = format!("/referrals{address}");
        let page = text(&site.signed_in(agency).await.get(&address).await);
        for event in [
            "accept",
            "reject",
            "acknowledge",
            "withdraw",
            "extend",
            "start",
            "complete",
            "send",
        ] {
            let offered = page.contains(&format!("\"{address}/{event}\""));
            let legal = referral
                .allowed_events
                .iter()
                .any(|allowed| allowed == event);
            assert_eq!(offered, legal, "{agency}: {event}");
        }
    }
}

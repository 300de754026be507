//! Journeys through the spine as the gateway calls it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use chrono::TimeDelta;
use host::Refused;
use proto::internal::v1 as internal;
use proto::internal::v1::spine_service_client::SpineServiceClient;
use proto::v1::{self as pb, Section};
use tokio_stream::StreamExt as _;
use tonic::Status;

const UNION: &str = "agencies/union";
const SIBLING: &str = "agencies/sibling";
const THIRD: &str = "agencies/third";
const COURT: &str = "agencies/court";
const OPERATOR: &str = "agencies/operator";

/// Calls a method as an agency: `ask!(world, agency, Case.get_case, request)`.
macro_rules! ask {
    ($world:expr, $agency:expr, $service:ident.$method:ident, $request:expr) => {
        ask!($world, $agency, $service.$method, $request, 0)
    };
    ($world:expr, $agency:expr, $service:ident.$method:ident, $request:expr, $revision:expr) => {{
        let camel: String = stringify!($method)
            .split('_')
            .map(|word| word[..1].to_uppercase() + &word[1..])
            .collect();
        let path = format!("/casenet.v1.{}Service/{camel}", stringify!($service));
        let request = $world.seal($agency, &path, $revision, $request);
        client!($world, $service)
            .$method(request)
            .await
            .map(tonic::Response::into_inner)
    }};
}

macro_rules! client {
    ($world:expr, Case) => {
        proto::v1::case_service_client::CaseServiceClient::new($world.here.clone())
    };
    ($world:expr, Referral) => {
        proto::v1::referral_service_client::ReferralServiceClient::new($world.here.clone())
    };
    ($world:expr, Consent) => {
        proto::v1::consent_service_client::ConsentServiceClient::new($world.here.clone())
    };
    ($world:expr, Feed) => {
        proto::v1::feed_service_client::FeedServiceClient::new($world.here.clone())
    };
    ($world:expr, Agreement) => {
        proto::v1::agreement_service_client::AgreementServiceClient::new($world.here.clone())
    };
    ($world:expr, BreakGlass) => {
        proto::v1::break_glass_service_client::BreakGlassServiceClient::new($world.here.clone())
    };
    ($world:expr, Notice) => {
        proto::v1::notice_service_client::NoticeServiceClient::new($world.here.clone())
    };
    ($world:expr, Matter) => {
        proto::v1::matter_service_client::MatterServiceClient::new($world.here.clone())
    };
}
mod histories;
mod world;

use self::world::World;

fn registration() -> pb::RegisterCaseRequest {
    pb::RegisterCaseRequest {
        district: "330782".into(),
        workers: vec![pb::NewWorker {
            name: "测试工友".into(),
            ..Default::default()
        }],
        claims: vec![pb::Claim {
            kind: "unpaid_wages".into(),
            ..Default::default()
        }],
        ..Default::default()
    }
}

fn note(case: &str, text: &str) -> pb::AppendNoteRequest {
    pb::AppendNoteRequest {
        parent: case.into(),
        entry: Some(pb::Entry {
            note: text.into(),
            ..Default::default()
        }),
        request_id: String::new(),
    }
}

fn reason(status: &Status) -> String {
    Refused::read(status).reason
}

#[tokio::test]
async fn dockets_are_counted_without_a_gap_and_read_like_dockets() {
    let world = World::new().await;
    assert_eq!(world.register(UNION).await.name, "cases/330782-2026-000001");
    let wrong = pb::RegisterCaseRequest::default();
    assert!(ask!(world, UNION, Case.register_case, wrong).is_err());
    assert_eq!(world.register(COURT).await.name, "cases/330782-2026-000002");
}

#[tokio::test]
async fn the_timeline_is_read_as_it_was_known_then() {
    let world = World::new().await;
    let case = world.register(UNION).await.name;
    let then = host::clock::to_timestamp(host::Clock::now(&world.clock));
    world.clock.advance(TimeDelta::hours(1));
    let entry = ask!(world, UNION, Case.append_note, note(&case, "later")).unwrap();
    assert_eq!(entry.sequence, 2);
    let get = |as_of| pb::GetCaseRequest {
        name: case.clone(),
        as_of,
        ..Default::default()
    };
    let now = ask!(world, UNION, Case.get_case, get(None)).unwrap();
    let before = ask!(world, UNION, Case.get_case, get(Some(then))).unwrap();
    assert_eq!((now.timeline.len(), before.timeline.len()), (2, 1));
}

#[tokio::test]
async fn a_list_holds_ones_own_cases_newest_first_page_by_page() {
    let world = World::new().await;
    for _ in 0..5 {
        world.register(UNION).await;
    }
    world.register(COURT).await;
    let mut seen = Vec::new();
    let mut token = String::new();
    loop {
        let list = pb::ListCasesRequest {
            page_size: 2,
            page_token: token,
        };
        let page = ask!(world, UNION, Case.list_cases, list).unwrap();
        seen.extend(page.cases.into_iter().map(|case| case.name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    let numbers = [5, 4, 3, 2, 1].map(|n| format!("cases/330782-2026-{n:06}"));
    assert_eq!(seen, numbers);
    let forged = pb::ListCasesRequest {
        page_token: "../../directory/".into(),
        ..Default::default()
    };
    assert!(ask!(world, UNION, Case.list_cases, forged).is_err());
}

#[tokio::test]
async fn a_write_decided_on_an_old_label_is_refused() {
    let world = World::new().await;
    let case = world.register(UNION).await.name;
    let revision = world.label(UNION, &case).await.unwrap().revision;
    world.consent(&case).await;
    let stale = ask!(world, UNION, Case.append_note, note(&case, "x"), revision).unwrap_err();
    assert_eq!(reason(&stale), "LABEL_STALE");
    let fresh = world.label(UNION, &case).await.unwrap().revision;
    assert!(ask!(world, UNION, Case.append_note, note(&case, "x"), fresh).is_ok());
}

#[tokio::test]
async fn a_case_is_not_closed_over_an_open_referral_and_takes_no_notes_once_closed() {
    let world = World::new().await;
    let case = world.register(UNION).await.name;
    let draft = world.draft(&case, pb::ReferralKind::Assist).await.name;
    let close = || pb::CloseCaseRequest {
        name: case.clone(),
        result_code: "settled".into(),
        ..Default::default()
    };
    let open = ask!(world, UNION, Case.close_case, close()).unwrap_err();
    assert!(open.message().contains(&draft));
    let withdraw = pb::WithdrawReferralRequest {
        name: draft,
        reason: "not_needed".into(),
        ..Default::default()
    };
    ask!(world, UNION, Referral.withdraw_referral, withdraw).unwrap();
    ask!(world, UNION, Case.close_case, close()).unwrap();
    let closed = ask!(world, UNION, Case.append_note, note(&case, "x")).unwrap_err();
    assert_eq!(reason(&closed), "CASE_CLOSED");
    let reopen = pb::ReopenCaseRequest {
        name: case.clone(),
        reason: "new_facts".into(),
        ..Default::default()
    };
    ask!(world, UNION, Case.reopen_case, reopen).unwrap();
    assert!(ask!(world, UNION, Case.append_note, note(&case, "x")).is_ok());
}

#[tokio::test]
async fn a_scope_beyond_what_the_sender_reads_or_the_consent_covers_is_refused() {
    let world = World::new().await;
    let case = world.register(UNION).await.name;
    let consent = world.consent(&case).await.name;
    let create = |scope: Section| pb::CreateReferralRequest {
        parent: case.clone(),
        referral: Some(pb::Referral {
            kind: pb::ReferralKind::Assist.into(),
            to_agency: SIBLING.into(),
            service_code: "help".into(),
            purpose: "help".into(),
            consent: consent.clone(),
            scope: vec![scope.into()],
            ..Default::default()
        }),
        ..Default::default()
    };
    for scope in [Section::Privileged, Section::Injury] {
        let status = ask!(world, UNION, Referral.create_referral, create(scope)).unwrap_err();
        assert_eq!(reason(&status), "SCOPE_TOO_WIDE", "{scope:?}");
    }
    let stranger = ask!(
        world,
        COURT,
        Referral.create_referral,
        create(Section::Identity)
    );
    assert_eq!(reason(&stranger.unwrap_err()), "SCOPE_TOO_WIDE");
}

#[tokio::test]
async fn grants_end_by_time_without_a_write() {
    let world = World::new().await;
    let case = world.register(UNION).await.name;
    let consent = world.consent(&case).await.name;
    let soon = host::Clock::now(&world.clock) + TimeDelta::hours(1);
    let create = pb::CreateReferralRequest {
        parent: case.clone(),
        referral: Some(pb::Referral {
            kind: pb::ReferralKind::Assist.into(),
            to_agency: SIBLING.into(),
            service_code: "help".into(),
            purpose: "help".into(),
            consent,
            scope: vec![Section::Identity.into()],
            access_until: Some(host::clock::to_timestamp(soon)),
            ..Default::default()
        }),
        ..Default::default()
    };
    let name = ask!(world, UNION, Referral.create_referral, create)
        .unwrap()
        .name;
    act(&world, &name, Act::Send).await.unwrap();
    act(&world, &name, Act::Accept).await.unwrap();
    assert_eq!(world.label(UNION, &case).await.unwrap().grants.len(), 1);
    world.clock.advance(TimeDelta::hours(1));
    assert!(world.label(UNION, &case).await.unwrap().grants.is_empty());
    let list = pb::ListCasesRequest::default();
    assert!(
        ask!(world, SIBLING, Case.list_cases, list)
            .unwrap()
            .cases
            .is_empty()
    );
}

#[tokio::test]
async fn no_grant_outlives_the_consent_that_it_rests_on() {
    let world = World::new().await;
    let case = world.register(UNION).await.name;
    let soon = host::Clock::now(&world.clock) + TimeDelta::hours(1);
    let grant = pb::GrantConsentRequest {
        parent: case.clone(),
        consent: Some(pb::Consent {
            valid_until: Some(host::clock::to_timestamp(soon)),
            ..world.consent(&case).await
        }),
        request_id: String::new(),
    };
    let consent = ask!(world, UNION, Consent.grant_consent, grant)
        .unwrap()
        .name;
    let create = world.offer(&case, pb::ReferralKind::Assist, &consent);
    let name = ask!(world, UNION, Referral.create_referral, create)
        .unwrap()
        .name;
    act(&world, &name, Act::Send).await.unwrap();
    act(&world, &name, Act::Accept).await.unwrap();
    world.clock.advance(TimeDelta::hours(1));
    let label = world.label(UNION, &case).await.unwrap();
    assert!(label.grants.is_empty(), "{:?}", label.grants);
}

#[tokio::test]
async fn a_second_handover_cannot_take_the_lead_from_the_first() {
    let world = World::new().await;
    let case = world.register(UNION).await.name;
    let first = world.draft(&case, pb::ReferralKind::Handover).await.name;
    let second = world.draft(&case, pb::ReferralKind::Handover).await.name;
    act(&world, &first, Act::Send).await.unwrap();
    act(&world, &second, Act::Send).await.unwrap();
    act(&world, &first, Act::Accept).await.unwrap();
    let late = act(&world, &second, Act::Accept).await.unwrap_err();
    assert_eq!(reason(&late), "BASIS_ENDED");
    let back = act(&world, &first, Act::Withdraw).await.unwrap_err();
    assert_eq!(reason(&back), "WRONG_STATE");
    // What the former lead keeps outlasts the referral's end.
    act(&world, &first, Act::Complete).await.unwrap();
    let label = world.label(SIBLING, &case).await.unwrap();
    assert_eq!(label.lead, SIBLING);
    assert!(label.grants.iter().any(|grant| grant.agency == UNION));
}

#[tokio::test]
async fn a_milestone_delivered_twice_stands_once() {
    let world = World::new().await;
    let case = world.register(UNION).await.name;
    let path = "/casenet.internal.v1.SpineService/RecordMilestone";
    let request = || {
        let milestone = internal::Milestone {
            case: case.clone(),
            agency: COURT.into(),
            act: "suit_filed".into(),
            effect: internal::Effect::Filed.into(),
            ..Default::default()
        };
        let request = internal::RecordMilestoneRequest {
            role: "judiciary".into(),
            number: 1,
            milestone: Some(milestone),
        };
        world.seal("roles/judiciary", path, 0, request)
    };
    let mut spine = SpineServiceClient::new(world.here.clone());
    let first = spine
        .record_milestone(request())
        .await
        .unwrap()
        .into_inner();
    let second = spine
        .record_milestone(request())
        .await
        .unwrap()
        .into_inner();
    assert_eq!((first.sequence, second.sequence), (2, 2));
    assert_eq!(world.label(COURT, &case).await.unwrap().filed_with, [COURT]);
    // Only the network's own roles report.
    let forged = world.seal(COURT, path, 0, request().into_inner());
    assert!(spine.record_milestone(forged).await.is_err());
}

#[tokio::test]
async fn a_watched_case_tells_of_each_new_entry_and_of_a_changed_label() {
    let world = World::new().await;
    let case = world.register(UNION).await.name;
    let watch = pb::WatchCaseRequest {
        name: case.clone(),
        after: 1,
    };
    let mut stream = ask!(world, UNION, Case.watch_case, watch).unwrap();
    assert!(
        stream.next().await.unwrap().unwrap().entry.is_none(),
        "the label at first"
    );
    ask!(world, UNION, Case.append_note, note(&case, "new")).unwrap();
    let news = stream.next().await.unwrap().unwrap();
    assert_eq!(news.entry.unwrap().note, "new");
    let before = news.label.unwrap().revision;
    world.consent(&case).await;
    assert!(
        stream
            .next()
            .await
            .unwrap()
            .unwrap()
            .label
            .unwrap()
            .revision
            > before
    );
}

#[tokio::test]
async fn an_acknowledged_feed_never_moves_back_nor_past_its_end() {
    let world = World::new().await;
    let case = world.register(UNION).await.name;
    let name = world.draft(&case, pb::ReferralKind::Assist).await.name;
    act(&world, &name, Act::Send).await.unwrap();
    act(&world, &name, Act::Accept).await.unwrap();
    let head = world.feed(SIBLING).await.len() as u64;
    assert!(head >= 3);
    let ack = |cursor| pb::AcknowledgeFeedRequest { cursor };
    let done = ask!(world, SIBLING, Feed.acknowledge_feed, ack(head)).unwrap();
    assert_eq!(done.acknowledged, head);
    let back = ask!(world, SIBLING, Feed.acknowledge_feed, ack(1)).unwrap();
    assert_eq!(back.acknowledged, head);
    assert!(ask!(world, SIBLING, Feed.acknowledge_feed, ack(head + 1)).is_err());
}

/// What happens to a referral from the union to its sibling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Send,
    Accept,
    Complete,
    Withdraw,
}

async fn act(world: &World, name: &str, act: Act) -> Result<pb::Referral, Status> {
    let name = name.to_owned();
    macro_rules! step {
        ($agency:expr, $method:ident, $request:ident { $($field:ident: $value:expr),* }) => {
            ask!(world, $agency, Referral.$method, pb::$request {
                name, $($field: $value,)* ..Default::default()
            })
        };
    }
    match act {
        Act::Send => step!(UNION, send_referral, SendReferralRequest {}),
        Act::Accept => step!(SIBLING, accept_referral, AcceptReferralRequest {}),
        Act::Complete => {
            let outcome = "done".into();
            step!(
                SIBLING,
                complete_referral,
                CompleteReferralRequest { outcome: outcome }
            )
        }
        Act::Withdraw => {
            let reason = "changed".into();
            step!(
                UNION,
                withdraw_referral,
                WithdrawReferralRequest { reason: reason }
            )
        }
    }
}

#[tokio::test]
async fn a_sealed_case_is_opened_by_nobody_and_not_told_of() {
    let world = World::new().await;
    let case = world.register(UNION).await.name;
    let open = |case: &str| pb::OpenBreakGlassRequest {
        parent: case.into(),
        reason: "danger_to_life".into(),
        explanation: "somebody is in danger".into(),
        sections: vec![Section::Identity.into()],
        ..Default::default()
    };
    let key = crate::keys::head(&proto::names::CaseName::parse(&case).unwrap());
    let sealing = world.store().change_quietly("", |draft| {
        let mut head = draft
            .get::<proto::internal::v1::StoredCase>(&key)?
            .unwrap_or_default();
        head.label.get_or_insert_default().sealed = true;
        draft.put(&key, &head);
        Ok::<_, host::Refusal>(())
    });
    sealing.await.unwrap();
    let path = "/casenet.v1.BreakGlassService/OpenBreakGlass";
    let mut refusals = Vec::new();
    for name in [case.as_str(), "cases/330782-2026-999999"] {
        let request = world.seal_for(SIBLING, 0, path, open(name));
        let opened = client!(world, BreakGlass).open_break_glass(request).await;
        refusals.push(opened.unwrap_err());
    }
    assert_eq!(reason(&refusals[0]), "NOT_FOUND");
    assert_eq!(refusals[0].message(), refusals[1].message());
    assert_eq!(refusals[0].details(), refusals[1].details());
}

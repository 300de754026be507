//! What time does: reminders, alarms, expiry, the end of access, also across a
//! stop.

use chrono::TimeDelta;
use proto::v1::{self as pb, AgencyKind, ReferralKind, ReferralState, Section};
use tokio_stream::StreamExt as _;
use tonic::Code;

use crate::world::{World, on_consent, on_duty, refused};

const LEAD: &str = "yiwu-union";
const RECEIVER: &str = "yiwu-labour";
const SCOPE: [Section; 2] = [Section::Summary, Section::Claims];

/// Waits until the agency has been told this.
async fn told(world: &World, agency: &str, (kind, reason): (&str, &str)) {
    let watch = pb::WatchFeedRequest { cursor: 0 };
    let stream = world.agency(agency).feeds().watch_feed(watch).await;
    let mut stream = stream.unwrap().into_inner();
    loop {
        let event = stream.next().await.unwrap().unwrap();
        if event.kind == kind && event.reason == reason {
            return;
        }
    }
}

async fn referral(world: &World, name: &str) -> pb::Referral {
    let get = pb::GetReferralRequest { name: name.into() };
    let referral = world.agency(LEAD).referrals().get_referral(get).await;
    referral.unwrap().into_inner()
}

#[tokio::test]
async fn an_unanswered_referral_reminds_alarms_and_expires() {
    let world = World::together().await;
    let case = world.register(LEAD).await.name;
    let draft = world.draft(LEAD, &case, on_duty(RECEIVER, &SCOPE)).await;
    let name = draft.unwrap().name;
    world.send(LEAD, &name).await.unwrap();
    let steps = [
        (24, LEAD, ("referral.undelivered", "undelivered")),
        (36, RECEIVER, ("referral.reminder", "respond-50")),
        (36, RECEIVER, ("referral.reminder", "respond-80")),
        (24, LEAD, ("referral.overdue", "respond-overdue")),
    ];
    for (hours, agency, event) in steps {
        world.clock.advance(TimeDelta::hours(hours));
        told(&world, agency, event).await;
        assert!(world.get(RECEIVER, &case).await.is_ok());
    }
    world.clock.advance(TimeDelta::hours(24));
    told(&world, LEAD, ("referral.expired", "not-answered")).await;
    assert_eq!(
        referral(&world, &name).await.state(),
        ReferralState::Expired
    );
    let gone = world.get(RECEIVER, &case).await.unwrap_err();
    refused(&gone, Code::NotFound, "NOT_FOUND");
    let late = world.accept(RECEIVER, &name).await.unwrap_err();
    refused(&late, Code::FailedPrecondition, "WRONG_STATE");
}

#[tokio::test]
async fn what_fell_due_while_everything_was_stopped_happened_at_its_own_moment() {
    let mut world = World::together().await;
    let case = world.register(LEAD).await.name;
    let draft = world.draft(LEAD, &case, on_duty(RECEIVER, &SCOPE)).await;
    let name = draft.unwrap().name;
    let sent = world.send(LEAD, &name).await.unwrap();
    let respond_by = sent.respond_by.unwrap();
    world.clock.advance(TimeDelta::days(90));
    world.restart().await;
    told(&world, LEAD, ("referral.expired", "not-answered")).await;
    let expired = referral(&world, &name).await;
    let last = expired.transitions.last().unwrap();
    assert_eq!(last.event, "expire");
    assert_eq!(last.at.unwrap().seconds, respond_by.seconds + 24 * 3600);
    // Once, however often it is looked at.
    world.restart().await;
    let again = referral(&world, &name).await;
    assert_eq!(again.transitions.len(), expired.transitions.len());
}

#[tokio::test]
async fn access_ends_by_time_what_was_promised_stays_and_the_sender_extends() {
    let world = World::together().await;
    let case = world.register(LEAD).await.name;
    let until = world.clock_now() + TimeDelta::days(3);
    let offer = pb::Referral {
        access_until: Some(host::clock::to_timestamp(until)),
        ..on_duty(RECEIVER, &SCOPE)
    };
    let shared = world.share(LEAD, &case, offer).await;
    let watch = pb::WatchCaseRequest {
        name: case.clone(),
        after: 0,
    };
    let receiver = world.agency(RECEIVER);
    let stream = receiver.cases().watch_case(watch).await.unwrap();
    let mut stream = stream.into_inner();
    world.clock.advance(TimeDelta::days(3));
    let ended = loop {
        match stream.next().await {
            Some(Ok(_)) => {}
            Some(Err(status)) => break status,
            None => panic!("the stream ended without saying why"),
        }
    };
    refused(&ended, Code::PermissionDenied, "ACCESS_ENDED");
    let gone = world.get(RECEIVER, &case).await.unwrap_err();
    refused(&gone, Code::NotFound, "NOT_FOUND");
    assert_eq!(
        referral(&world, &shared.name).await.state(),
        ReferralState::Accepted
    );
    let extend = pb::ExtendReferralRequest {
        name: shared.name,
        access_until: Some(host::clock::to_timestamp(until + TimeDelta::days(30))),
        ..Default::default()
    };
    let lead = world.agency(LEAD);
    lead.referrals().extend_referral(extend).await.unwrap();
    assert!(world.get(RECEIVER, &case).await.is_ok());
}

#[tokio::test]
async fn a_consent_that_expires_ends_access_at_that_moment() {
    let world = World::together().await;
    let case = world.register(LEAD).await.name;
    let consent = pb::Consent {
        purpose: "representation".into(),
        recipient_kinds: vec![AgencyKind::Union.into()],
        sections: vec![Section::Claims.into()],
        valid_until: Some(host::clock::to_timestamp(
            world.clock_now() + TimeDelta::days(2),
        )),
        evidence_sha256: vec![7; 32],
        ..Default::default()
    };
    let request = pb::GrantConsentRequest {
        parent: case.clone(),
        consent: Some(consent),
        request_id: String::new(),
    };
    let lead = world.agency(LEAD);
    let consent = lead.consents().grant_consent(request).await.unwrap();
    let consent = consent.into_inner().name;
    let offer = on_consent(ReferralKind::Assist, "kaihua-union", &SCOPE, &consent);
    world.share(LEAD, &case, offer).await;
    world
        .clock
        .advance(TimeDelta::days(2) - TimeDelta::milliseconds(1));
    assert!(world.get("kaihua-union", &case).await.is_ok());
    world.clock.advance(TimeDelta::milliseconds(1));
    let gone = world.get("kaihua-union", &case).await.unwrap_err();
    refused(&gone, Code::NotFound, "NOT_FOUND");
    let again = on_consent(ReferralKind::Assist, "kaihua-union", &SCOPE, &consent);
    let again = pb::Referral {
        service_code: "another".into(),
        ..again
    };
    let refusal = world.draft(LEAD, &case, again).await.unwrap_err();
    refused(&refusal, Code::FailedPrecondition, "BASIS_ENDED");
}

#[tokio::test]
async fn a_service_has_its_own_terms_from_the_configuration() {
    let world = World::configured(casenet::city::yiwu(), |config| {
        let terms = r#"
            [default]
            access_days = 90
            [services.test_service]
            respond_days = 2
            contest_days = 7
        "#;
        config.referrals = toml::from_str(terms).unwrap();
    })
    .await;
    let case = world.register(LEAD).await.name;
    let now = world.clock_now().timestamp();
    let days = |stamp: Option<prost_types::Timestamp>| (stamp.unwrap().seconds - now) / 86_400;
    let shared = world.share(LEAD, &case, on_duty(RECEIVER, &SCOPE)).await;
    assert_eq!(days(shared.respond_by), 2);
    assert_eq!(days(shared.access_until), 90, "as for all");
    let other = pb::Referral {
        service_code: "another".into(),
        ..on_duty(RECEIVER, &SCOPE)
    };
    let other = world.share(LEAD, &case, other).await;
    assert_eq!((days(other.respond_by), days(other.access_until)), (5, 90));
}

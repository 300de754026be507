//! A withdrawn consent ends access at once: at the next request, in open
//! streams, for those who had it from others, and under load.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use host::Refused;
use proto::v1::{self as pb, AgencyKind, ReferralKind, Section};
use tokio_stream::StreamExt as _;
use tonic::Code;

use crate::world::{World, on_consent, refused};

const LEAD: &str = "yiwu-union";
const SECOND: &str = "kaihua-union";
const FIRM: &str = "hongyi-law";
const SCOPE: [Section; 4] = [
    Section::Summary,
    Section::Identity,
    Section::Claims,
    Section::Timeline,
];

async fn withdraw(world: &World, through: &str, consent: &str) -> pb::Consent {
    let request = pb::WithdrawConsentRequest {
        name: consent.into(),
        request_id: String::new(),
    };
    let withdrawn = world
        .agency(through)
        .consents()
        .withdraw_consent(request)
        .await;
    withdrawn.unwrap().into_inner()
}

#[tokio::test]
async fn withdrawal_cuts_every_open_stream_with_the_last_cursor_and_the_cause() {
    let world = World::together().await;
    let case = world.register(LEAD).await.name;
    let kinds = [AgencyKind::Union, AgencyKind::LawFirm];
    let consent = world.consent(LEAD, &case, &kinds, &SCOPE).await.name;
    let offer = on_consent(ReferralKind::Assist, SECOND, &SCOPE, &consent);
    world.share(LEAD, &case, offer).await;
    // The second union asks a firm in turn: a sub-referral.
    let onward = on_consent(ReferralKind::Assist, FIRM, &SCOPE[..3], &consent);
    let child = world.share(SECOND, &case, onward).await;
    assert!(!child.part_of.is_empty());

    let note = pb::AppendNoteRequest {
        parent: case.clone(),
        entry: Some(pb::Entry {
            note: "we have spoken to the employer".into(),
            ..Default::default()
        }),
        request_id: String::new(),
    };
    let second = world.agency(SECOND);
    second.cases().append_note(note).await.unwrap();

    let mut streams = Vec::new();
    for reader in [SECOND, FIRM] {
        let watch = pb::WatchCaseRequest {
            name: case.clone(),
            after: 0,
        };
        let stream = world.agency(reader).cases().watch_case(watch).await;
        streams.push((reader, stream.unwrap().into_inner()));
    }
    // The second union has read all there is; the firm sees no timeline.
    let entries = world.get(LEAD, &case).await.unwrap().timeline.len() as u64;
    let (_, second) = &mut streams[0];
    let mut seen = 0;
    while seen < entries {
        let message = second.next().await.unwrap().unwrap();
        seen = message.entry.unwrap().sequence;
    }

    withdraw(&world, LEAD, &consent).await;
    let told = Instant::now();
    for (reader, mut stream) in streams {
        let ended = loop {
            match stream.next().await {
                Some(Ok(_)) => {}
                Some(Err(status)) => break status,
                None => panic!("{reader}: ended without saying why"),
            }
        };
        refused(&ended, Code::PermissionDenied, "ACCESS_ENDED");
        let refused = Refused::read(&ended);
        assert_eq!(refused.metadata["cause"], "consent-withdrawn", "{reader}");
        if reader == SECOND {
            assert_eq!(refused.metadata["cursor"], entries.to_string());
        }
    }
    eprintln!(
        "both streams had ended {:?} after the answer",
        told.elapsed()
    );
    for reader in [SECOND, FIRM] {
        let gone = world.get(reader, &case).await.unwrap_err();
        refused(&gone, Code::NotFound, "NOT_FOUND");
    }
    let get = pb::GetReferralRequest { name: child.name };
    let child = world.agency(LEAD).referrals().get_referral(get).await;
    assert_eq!(
        child.unwrap().into_inner().state(),
        pb::ReferralState::Cancelled
    );
    // What was lawfully done stays with the lead.
    let kept = world.get(LEAD, &case).await.unwrap().timeline;
    let is_theirs = |entry: &pb::Entry| entry.note == "we have spoken to the employer";
    assert!(kept.iter().any(is_theirs), "contributions survive");
}

/// With 200 readers at once: whoever begins to read after the withdrawal has
/// been answered reads nothing.
#[tokio::test(flavor = "multi_thread")]
async fn no_read_succeeds_after_the_withdrawal_has_been_answered() {
    let world = Arc::new(
        World::configured(casenet::city::yiwu(), |config| {
            config.limits.calls_per_second = 1_000_000;
            config.limits.calls_at_once = 1_000_000;
        })
        .await,
    );
    let case = world.register(LEAD).await.name;
    let consent = world
        .consent(LEAD, &case, &[AgencyKind::Union], &SCOPE)
        .await
        .name;
    let offer = on_consent(ReferralKind::Assist, SECOND, &SCOPE, &consent);
    world.share(LEAD, &case, offer).await;

    let answered = Arc::new(AtomicBool::new(false));
    let [before, after, late] = [(); 3].map(|()| Arc::new(AtomicUsize::new(0)));
    let line = world.agency(SECOND);
    let readers: Vec<_> = (0..200)
        .map(|_| {
            let (line, case, answered) = (line.clone(), case.clone(), Arc::clone(&answered));
            let counts = [&before, &after, &late].map(Arc::clone);
            tokio::spawn(async move {
                loop {
                    let began_after = answered.load(Ordering::SeqCst);
                    let request = pb::GetCaseRequest {
                        name: case.clone(),
                        ..Default::default()
                    };
                    let read = line.cases().get_case(request).await;
                    let came_after = answered.load(Ordering::SeqCst);
                    match read {
                        Ok(_) if began_after => counts[1].fetch_add(1, Ordering::SeqCst),
                        Ok(_) if came_after => counts[2].fetch_add(1, Ordering::SeqCst),
                        Ok(_) => counts[0].fetch_add(1, Ordering::SeqCst),
                        Err(status) => {
                            refused(&status, Code::NotFound, "NOT_FOUND");
                            if began_after {
                                return;
                            }
                            0
                        }
                    };
                }
            })
        })
        .collect();
    while before.load(Ordering::SeqCst) < 1_000 {
        tokio::task::yield_now().await;
    }
    withdraw(&world, LEAD, &consent).await;
    answered.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await.unwrap();
    }
    let [before, after, late] = [before, after, late].map(|n| n.load(Ordering::SeqCst));
    assert_eq!(after, 0, "reads that began after the answer");
    eprintln!(
        "{before} reads before the withdrawal was answered; 0 of those that began after it; \
         {late} had been let out before it and arrived after it"
    );
}

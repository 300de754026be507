//! Rules change while the network runs: at once, whole, proven, or not at all.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use gateway::{Proven, RuleBook, RuleSource, RulesRefused};
use host::Refused;
use proto::v1 as pb;
use proto::v1::{RulesProof, Section};
use tokio_stream::StreamExt as _;
use tonic::{Code, Status};

use crate::proof::{copy_to, replace};
use crate::world::{World, now, on_duty, refused};

const LEAD: &str = "yiwu-union";
const COURT: &str = "yiwu-court";

/// What a court reads, as `judiciary.cedar` lists it, and a shorter list.
const LISTED: &str = "\"contact\", \"employment\", \"claims\", \"injury\",
     \"evidence\", \"timeline\", \"union-file\", \"inspection-file\"";
const SHORTER: &str = "\"contact\", \"injury\",
     \"evidence\", \"timeline\", \"union-file\", \"inspection-file\"";

/// A network with its policies in a folder, and a case that the court works on.
async fn governed() -> (World, PathBuf, String) {
    let mut world = World::together().await;
    let folder = world.folder().join("policies");
    fs::create_dir(&folder).unwrap();
    copy_to(&folder);
    world.config.policies = Some("policies".into());
    // Proofs of several tests share two cores.
    world.config.limits.call_seconds = 120;
    world.config.limits.calls_per_second = 1_000_000;
    world.config.limits.calls_at_once = 1_000_000;
    world.restart().await;
    let case = world.register(LEAD).await.name;
    let scope = [
        Section::Summary,
        Section::Claims,
        Section::Employment,
        Section::Timeline,
    ];
    world.share(LEAD, &case, on_duty(COURT, &scope)).await;
    (world, folder, case)
}

async fn reload(world: &World, by: &str, validate_only: bool) -> Result<pb::RuleSet, Status> {
    let request = pb::ReloadRulesRequest { validate_only };
    let set = world.agency(by).rules().reload_rules(request).await?;
    Ok(set.into_inner())
}

async fn in_force(world: &World) -> pb::RuleSet {
    let mut rules = world.agency(COURT).rules();
    let answer = rules.get_rules(pb::GetRulesRequest {}).await;
    answer.unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stricter_set_cuts_the_next_read_and_every_open_stream() {
    let (world, folder, case) = governed().await;
    assert_eq!(in_force(&world).await.proof(), RulesProof::Proven);
    assert!(world.get(COURT, &case).await.is_ok());
    let watch = pb::WatchCaseRequest {
        name: case.clone(),
        after: 0,
    };
    let court = world.agency(COURT);
    let mut stream = court.cases().watch_case(watch).await.unwrap().into_inner();
    stream.next().await.unwrap().unwrap();

    let granted = "(context.lead || context.granted)";
    replace(&folder, "judiciary.cedar", granted, "context.lead");
    let before = in_force(&world).await;
    let tried = reload(&world, "operator", true).await.unwrap();
    assert_eq!(in_force(&world).await, before, "a trial changes nothing");
    let after = reload(&world, "operator", false).await.unwrap();
    assert_eq!(after.sha256, tried.sha256);
    assert_ne!(after.sha256, before.sha256);
    assert!(after.invariants.contains(&"sealed-is-sealed".to_owned()));

    let status = world.get(COURT, &case).await.unwrap_err();
    refused(&status, Code::NotFound, "NOT_FOUND");
    let note = pb::AppendNoteRequest {
        parent: case,
        entry: Some(pb::Entry {
            note: "MARK-after".into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    world.agency(LEAD).cases().append_note(note).await.unwrap();
    let ended = loop {
        match stream.next().await {
            Some(Ok(message)) => assert!(!format!("{message:?}").contains("MARK-after")),
            Some(Err(status)) => break status,
            None => panic!("the stream ended without saying why"),
        }
    };
    refused(&ended, Code::PermissionDenied, "ACCESS_ENDED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_that_may_not_rule_is_refused_and_the_old_one_stays() {
    let (world, folder, case) = governed().await;
    let before = in_force(&world).await;
    let suspended = "when { principal.suspended };";
    let broken = "when { principal.suspended && !context.lead };";
    replace(&folder, "base.cedar", suspended, broken);
    let status = reload(&world, "operator", false).await.unwrap_err();
    refused(&status, Code::FailedPrecondition, "RULES_REFUSED");
    let told = Refused::read(&status);
    assert!(
        told.message.contains("suspended-is-out"),
        "{}",
        told.message
    );
    assert!(
        told.message.contains("replayed: allowed by"),
        "{}",
        told.message
    );
    assert_eq!(told.metadata["invariant"], "suspended-is-out");
    assert!(told.metadata["counterexample"].contains("suspended=true"));
    assert_eq!(in_force(&world).await, before);

    // Not Cedar at all.
    replace(&folder, "base.cedar", broken, "when { principal.suspended");
    let status = reload(&world, "operator", false).await.unwrap_err();
    refused(&status, Code::FailedPrecondition, "RULES_REFUSED");
    assert!(
        status.message().contains("base.cedar:"),
        "{}",
        status.message()
    );
    assert_eq!(in_force(&world).await, before);
    assert!(world.get(COURT, &case).await.is_ok());

    let status = reload(&world, LEAD, false).await.unwrap_err();
    refused(&status, Code::PermissionDenied, "NOT_ALLOWED");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_read_during_a_swap_is_decided_on_one_set() {
    let (world, folder, case) = governed().await;
    let world = Arc::new(world);
    let done = Arc::new(AtomicBool::new(false));
    let counts = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    let readers: Vec<_> = (0..8)
        .map(|_| {
            let (world, case) = (Arc::clone(&world), case.clone());
            let (done, counts) = (Arc::clone(&done), Arc::clone(&counts));
            tokio::spawn(async move {
                let cases = world.agency(COURT);
                while !done.load(Ordering::SeqCst) {
                    let request = pb::GetCaseRequest {
                        name: case.clone(),
                        ..Default::default()
                    };
                    let read = cases.cases().get_case(request).await.unwrap().into_inner();
                    let shows = [!read.claims.is_empty(), read.employment.is_some()];
                    assert_eq!(shows[0], shows[1], "decided on two sets");
                    let withheld = read.disclosure.unwrap().withheld;
                    let names_claims = withheld.iter().any(|w| w.section() == Section::Claims);
                    assert_ne!(names_claims, shows[0], "reasons of another set");
                    counts[usize::from(shows[0])].fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    for (from, to) in [(LISTED, SHORTER), (SHORTER, LISTED), (LISTED, SHORTER)] {
        replace(&folder, "judiciary.cedar", from, to);
        reload(&world, "operator", false).await.unwrap();
    }
    // After the answer to a reload nothing is decided on the old set.
    let read = world.get(COURT, &case).await.unwrap();
    assert!(read.claims.is_empty() && read.employment.is_none());
    done.store(true, Ordering::SeqCst);
    for reader in readers {
        reader.await.unwrap();
    }
    assert!(counts.iter().all(|count| count.load(Ordering::SeqCst) > 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_set_is_not_reloaded_and_says_so() {
    let world = World::together().await;
    assert_eq!(in_force(&world).await.proof(), RulesProof::BuiltIn);
    let status = reload(&world, "operator", false).await.unwrap_err();
    refused(&status, Code::FailedPrecondition, "RULES_REFUSED");
    assert!(status.message().contains("`policies` in casenet.toml"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_rules_only_proven_unless_the_operator_says_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    copy_to(folder.path());
    let source = RuleSource {
        folder: Some(folder.path().to_owned()),
        solver: Some("/nowhere/cvc5".into()),
        ..Default::default()
    };
    let refused = RuleBook::open(source.clone(), now()).await.unwrap_err();
    assert!(matches!(refused, RulesRefused::Unproven(_)), "{refused}");
    let told = refused.to_string();
    assert!(told.contains("apt-get install cvc5") && told.contains("prove_policies = false"));

    let unproven = RuleSource {
        unproven: true,
        ..source
    };
    let book = RuleBook::open(unproven, now()).await.unwrap();
    assert_eq!(book.current().proven, Proven::No);

    let source = RuleSource {
        folder: Some(folder.path().to_owned()),
        ..Default::default()
    };
    let book = RuleBook::open(source.clone(), now()).await.unwrap();
    assert!(matches!(book.current().proven, Proven::Here(_)));
    replace(
        folder.path(),
        "base.cedar",
        "!context.sealer };",
        "context.breakGlass };",
    );
    let refused = RuleBook::open(source, now()).await.unwrap_err();
    assert!(matches!(refused, RulesRefused::Broken(_)), "{refused}");
}

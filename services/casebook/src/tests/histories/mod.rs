//! Random histories of a case: the service and the model go the same way, step
//! by step, through clock jumps, restarts, repeated requests and two agencies at
//! once; what must hold in every state is looked at after each.
//!
//! `CASENET_HISTORIES=5000 cargo test -p casebook histories` goes so many others.

mod act;
mod hold;
mod model;

use std::cell::RefCell;
use std::collections::BTreeSet;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use self::act::{Act, acts};
use self::hold::Both;
use crate::referral::machine::{Row, TABLE};

/// The same 200 each time, or as many others as one asks for.
fn runner() -> TestRunner {
    let asked = std::env::var("CASENET_HISTORIES").ok();
    let asked: Option<u32> = asked.and_then(|number| number.parse().ok());
    let config = Config {
        cases: asked.unwrap_or(200),
        max_shrink_iters: 400,
        failure_persistence: None,
        ..Config::default()
    };
    match asked {
        Some(_) => TestRunner::new(config),
        None => {
            let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
            TestRunner::new_with_rng(config, rng)
        }
    }
}

#[test]
fn the_service_does_what_the_model_says_and_every_row_of_the_table_is_gone() {
    let gone: RefCell<BTreeSet<(String, i32, i32)>> = RefCell::default();
    let history = proptest::collection::vec(acts(), 10..50);
    let outcome = runner().run(&history, |history| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut both = Both::new().await;
            both.go(Act::consent_to_all()).await;
            for act in history {
                both.go(act).await;
                both.agree().await;
            }
            both.feeds_have_no_gap().await;
            let transitions = both.transitions().await;
            gone.borrow_mut().extend(transitions);
        });
        Ok(())
    });
    outcome.unwrap();
    let gone = gone.into_inner();
    let is_gone = |row: &&Row| {
        row.from.iter().any(|from| {
            let to = row.to.unwrap_or(*from) as i32;
            gone.contains(&(row.event.name().to_owned(), *from as i32, to))
        })
    };
    let never: Vec<&Row> = TABLE.iter().filter(|row| !is_gone(row)).collect();
    assert!(never.is_empty(), "never gone: {never:#?}");
}

/// The same history, fired in time and late after a stop, is the same history.
#[tokio::test]
async fn what_time_does_is_the_same_however_late_it_is_noticed() {
    let acts = |jump: fn(i64) -> Vec<Act>| {
        let mut history = vec![
            Act::consent_to(1),
            Act::draft(0, 1),
            Act::event(0, "send"),
            Act::event(0, "accept"),
            Act::consent_to(2),
            Act::draft(0, 2),
            Act::event(1, "send"),
        ];
        history.extend(jump(24 * 200));
        history
    };
    let late = acts(|hours| vec![Act::Stop { hours }]);
    let in_time = acts(|hours| (0..hours / 6).map(|_| Act::Advance { hours: 6 }).collect());
    let mut told = Vec::new();
    for history in [late, in_time] {
        let mut both = Both::new().await;
        for act in history {
            both.go(act).await;
            both.agree().await;
        }
        told.push(both.record().await);
    }
    assert!(told[0].len() > 10, "{told:?}");
    assert_eq!(told[0], told[1]);
}

//! What every engine must do, told through the store. Each engine runs the
//! whole suite: `engine_conforms!(its_name, open)`, where `open` opens the
//! engine in a folder.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod draft;

use std::path::Path;
use std::sync::Arc;

use self::draft::a_draft_reads_what_it_has_written;
use crate::engine::{Engine, SledEngine};
use crate::{Draft, Intent, Store, StoreError, VALUE_BYTES_MAX};

type Open = fn(&Path) -> Arc<dyn Engine>;

macro_rules! engine_conforms {
    ($name:ident, $open:expr, [$($case:ident),+ $(,)?]) => {
        mod $name {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $case() {
                    let dir = tempfile::tempdir().unwrap();
                    super::$case($open, dir.path()).await;
                }
            )+
        }
    };
}

engine_conforms!(
    sled,
    |dir| std::sync::Arc::new(super::open_sled(dir)),
    [
        a_refused_step_leaves_nothing,
        a_view_shows_one_moment,
        a_repeated_intent_gets_the_first_answer,
        a_reused_id_is_refused,
        an_intent_sent_many_times_at_once_happens_once,
        a_counter_in_turns_is_exact,
        a_counter_without_turns_is_exact,
        a_step_runs_again_only_if_what_it_read_was_changed,
        appended_numbers_have_no_gap_across_reopening,
        a_large_batch_is_kept_whole,
        a_value_over_the_limit_is_refused,
        a_draft_reads_what_it_has_written,
        a_closed_store_takes_no_change,
    ]
);

fn open_sled(dir: &Path) -> SledEngine {
    SledEngine::open(dir, 16 << 20).unwrap()
}

fn open(engine: Open, dir: &Path) -> Store {
    Store::over(engine(dir)).unwrap()
}

fn intent(id: &str, request: &str) -> Intent {
    Intent::new("union", id, "case/1", &request.to_owned(), 0)
}

fn increment(draft: &mut Draft) -> Result<u64, StoreError> {
    let next = draft.get::<u64>("count")?.unwrap_or(0) + 1;
    draft.put("count", &next);
    Ok(next)
}

async fn put(store: &Store, key: &str, value: u64) {
    let kept = store.change_quietly(key, |draft| {
        draft.put(key, &value);
        Ok::<_, StoreError>(())
    });
    kept.await.unwrap();
}

async fn a_refused_step_leaves_nothing(engine: Open, dir: &Path) {
    let store = open(engine, dir);
    let first = intent("1", "r");
    let refused = store.change(&first, |draft| {
        draft.put("a", &1_u64);
        draft.append("s", &1_u64);
        Err::<u64, _>(StoreError::Conflict)
    });
    assert_eq!(refused.await, Err(StoreError::Conflict));
    assert_eq!(store.read().get::<u64>("a").unwrap(), None);
    assert_eq!(store.read().head("s").unwrap(), 0);
    // A refusal is no answer: the same intent may succeed later.
    assert_eq!(store.change(&intent("1", "r"), increment).await, Ok(1));
}

async fn a_view_shows_one_moment(engine: Open, dir: &Path) {
    let store = open(engine, dir);
    let before = store.read();
    let writer = tokio::spawn({
        let store = store.clone();
        async move {
            for n in 1..=300_u64 {
                let both = store.change_quietly("pair", |draft| {
                    draft.put("pair/a", &n);
                    draft.put("pair/b", &n);
                    if n.is_multiple_of(2) {
                        draft.put("even", &n)
                    } else {
                        draft.delete("even")
                    }
                    Ok::<_, StoreError>(())
                });
                both.await.unwrap();
            }
        }
    });
    while !writer.is_finished() {
        let view = store.read();
        let a = view.get::<u64>("pair/a").unwrap().unwrap_or(0);
        tokio::task::yield_now().await;
        let b = view.get::<u64>("pair/b").unwrap().unwrap_or(0);
        assert_eq!(a, b);
        let scanned = view.scan::<u64>("pair/", None, 9).unwrap();
        assert!(scanned.iter().all(|(_, n)| *n == a), "{scanned:?} at {a}");
        let even = view.get::<u64>("even").unwrap();
        assert_eq!(even, (a > 0 && a.is_multiple_of(2)).then_some(a));
    }
    writer.await.unwrap();
    assert_eq!(before.get::<u64>("pair/a").unwrap(), None);
    assert!(
        before
            .scan_raw("", None, usize::MAX)
            .unwrap()
            .iter()
            .all(|(k, _)| !k.contains("pair"))
    );
    assert_eq!(store.read().get::<u64>("pair/b").unwrap(), Some(300));
}

async fn a_repeated_intent_gets_the_first_answer(engine: Open, dir: &Path) {
    let store = open(engine, dir);
    assert_eq!(store.change(&intent("1", "r"), increment).await, Ok(1));
    assert_eq!(store.change(&intent("2", "r"), increment).await, Ok(2));
    let first = intent("1", "r");
    let again = store.change(&first, |_| panic!("the step ran again"));
    assert_eq!(again.await, Ok::<u64, StoreError>(1));
    store.close().await;
    drop(store);
    let store = open(engine, dir);
    assert_eq!(store.change(&intent("1", "r"), increment).await, Ok(1));
    // Without an id nothing is repeatable.
    assert_eq!(store.change(&intent("", "r"), increment).await, Ok(3));
    assert_eq!(store.change(&intent("", "r"), increment).await, Ok(4));
}

async fn a_reused_id_is_refused(engine: Open, dir: &Path) {
    let store = open(engine, dir);
    assert_eq!(store.change(&intent("1", "r"), increment).await, Ok(1));
    let other = store.change(&intent("1", "another"), increment).await;
    assert_eq!(other, Err(StoreError::RequestIdReused));
    let stranger = Intent::new("lawfirm", "1", "case/1", &"another".to_owned(), 0);
    assert_eq!(store.change(&stranger, increment).await, Ok(2));
}

async fn an_intent_sent_many_times_at_once_happens_once(engine: Open, dir: &Path) {
    let store = open(engine, dir);
    let tasks: Vec<_> = (0..16)
        .map(|n| {
            let store = store.clone();
            // Each under a subject of its own, so that no turn protects them.
            let intent = Intent::new("union", "1", &n.to_string(), &"r".to_owned(), 0);
            tokio::spawn(async move { store.change(&intent, increment).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), Ok(1));
    }
    assert_eq!(store.read().get::<u64>("count").unwrap(), Some(1));
}

async fn a_counter_in_turns_is_exact(engine: Open, dir: &Path) {
    count(&open(engine, dir), |_| "count".to_owned()).await;
}

async fn a_counter_without_turns_is_exact(engine: Open, dir: &Path) {
    count(&open(engine, dir), |task| task.to_string()).await;
}

async fn count(store: &Store, subject: fn(u64) -> String) {
    let tasks: Vec<_> = (0..64)
        .map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..50 {
                    store
                        .change_quietly(&subject(task), increment)
                        .await
                        .unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(store.read().get::<u64>("count").unwrap(), Some(64 * 50));
}

async fn a_step_runs_again_only_if_what_it_read_was_changed(engine: Open, dir: &Path) {
    let store = open(engine, dir);
    put(&store, "case/1", 1).await;
    put(&store, "case/5", 5).await;
    let runs =
        |meanwhile, read: fn(&Draft) -> Result<(), StoreError>| runs_while(&store, meanwhile, read);
    assert_eq!(
        runs("case/1", |view| view.get::<u64>("case/1").map(drop)).await,
        2,
        "a key"
    );
    assert_eq!(
        runs("case/7", |view| view.get::<u64>("case/7").map(drop)).await,
        2,
        "absence"
    );
    assert_eq!(
        runs("case/2", |view| view
            .scan::<u64>("case/", None, 9)
            .map(drop))
        .await,
        2
    );
    assert_eq!(
        runs("case/3", |view| view
            .scan_back::<u64>("case/", None, 9)
            .map(drop))
        .await,
        2
    );
    assert_eq!(
        runs("case/4", |view| view.get::<u64>("case/1").map(drop)).await,
        1,
        "unread"
    );
    assert_eq!(
        runs("case/9", |view| view
            .scan::<u64>("case/", None, 2)
            .map(drop))
        .await,
        1
    );
    assert_eq!(
        runs("case/0", |view| view
            .scan_back::<u64>("case/", None, 2)
            .map(drop))
        .await,
        1
    );
    assert_eq!(
        runs("note/1", |view| view
            .scan::<u64>("case/", None, 9)
            .map(drop))
        .await,
        1
    );
}

/// How often a step that reads runs if `meanwhile` is written during its first run.
async fn runs_while(
    store: &Store,
    meanwhile: &str,
    read: fn(&Draft) -> Result<(), StoreError>,
) -> u64 {
    let mut runs = 0;
    let changed = store.change_quietly("reader", |draft| {
        read(draft)?;
        runs += 1;
        if runs == 1 {
            let other = put(store, meanwhile, 8);
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(other));
        }
        draft.put("result", &runs);
        Ok::<_, StoreError>(())
    });
    changed.await.unwrap();
    runs
}

async fn appended_numbers_have_no_gap_across_reopening(engine: Open, dir: &Path) {
    for round in 1..=3_u64 {
        let store = open(engine, dir);
        let tasks: Vec<_> = (0..20)
            .map(|task: u64| {
                let store = store.clone();
                tokio::spawn(async move {
                    let subject = task.to_string();
                    let appended = store.change_quietly(&subject, |draft| {
                        draft.append("other", &task);
                        draft.append_stamped("log", |number| number);
                        draft.append_stamped("log", |number| number);
                        // Every third is refused and must leave no gap.
                        if task.is_multiple_of(3) {
                            Err(StoreError::Conflict)
                        } else {
                            Ok(())
                        }
                    });
                    appended.await.is_ok()
                })
            })
            .collect();
        for (task, appended) in tasks.into_iter().enumerate() {
            assert_eq!(appended.await.unwrap(), !task.is_multiple_of(3));
        }
        let view = store.read();
        let log = view.read_stream::<u64>("log", 0, usize::MAX).unwrap();
        let expected: Vec<_> = (1..=round * 26).map(|number| (number, number)).collect();
        assert_eq!(log, expected);
        assert_eq!(view.head("log").unwrap(), round * 26);
        assert_eq!(view.read_stream::<u64>("log", 24, 1).unwrap(), [(25, 25)]);
    }
}

async fn a_large_batch_is_kept_whole(engine: Open, dir: &Path) {
    let store = open(engine, dir);
    let large = store.change_quietly("", |draft| {
        for n in 0..20_000_u64 {
            draft.put_raw(&format!("row/{n:05}"), n.to_string().repeat(20).into());
        }
        Ok::<_, StoreError>(())
    });
    large.await.unwrap();
    drop(store);
    let rows = open(engine, dir)
        .read()
        .scan_raw("row/", None, usize::MAX)
        .unwrap();
    assert_eq!(rows.len(), 20_000);
    assert!(
        rows.iter()
            .enumerate()
            .all(|(n, (_, value))| *value == n.to_string().repeat(20))
    );
}

async fn a_value_over_the_limit_is_refused(engine: Open, dir: &Path) {
    let store = open(engine, dir);
    let keep = async |key: &str, bytes: usize| {
        let kept = store.change_quietly("", |draft| {
            draft.put("beside", &1_u64);
            draft.put_raw(key, vec![7; bytes].into());
            Ok::<_, StoreError>(())
        });
        kept.await
    };
    let refused = keep("k", VALUE_BYTES_MAX + 1).await;
    assert!(
        matches!(refused, Err(StoreError::TooLarge { bytes: 262_145, .. })),
        "{refused:?}"
    );
    assert!(matches!(
        keep(&"k".repeat(1025), 1).await,
        Err(StoreError::TooLarge { .. })
    ));
    assert_eq!(store.read().get::<u64>("beside").unwrap(), None);
    keep("k", VALUE_BYTES_MAX).await.unwrap();
    assert_eq!(
        store.read().get_raw("k").unwrap().unwrap().len(),
        VALUE_BYTES_MAX
    );
}

async fn a_closed_store_takes_no_change(engine: Open, dir: &Path) {
    let store = open(engine, dir);
    let mut commits = store.subscribe();
    assert_eq!(store.change_quietly("", increment).await, Ok(1));
    store.close().await;
    store.close().await;
    let refused = store.change_quietly("", increment).await;
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "{refused:?}"
    );
    assert_eq!(*commits.borrow_and_update(), 1);
    assert!(commits.changed().await.is_err());
}

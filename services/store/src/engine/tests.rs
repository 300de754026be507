//! What sled's engine promises beyond the conformance suite: the way to the
//! disk, and folders that must be refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs::OpenOptions;
use std::io::Error;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use super::{Fsync, SledEngine, VALUE_BYTES_MAX};
use crate::{Draft, Intent, OpenError, Store, StoreError};

const CACHE_BYTES: u64 = 16 << 20;

/// Counts the syncs; those from `fails_at` to before `heals_at` fail.
struct Counting {
    syncs: Arc<AtomicUsize>,
    fails_at: usize,
    heals_at: usize,
}

impl Fsync for Counting {
    fn fsync(&self) -> Result<(), Error> {
        let sync = self.syncs.fetch_add(1, Ordering::SeqCst) + 1;
        let fails = (self.fails_at..self.heals_at).contains(&sync);
        if fails {
            Err(Error::other("the disk is gone"))
        } else {
            Ok(())
        }
    }
}

/// Tells when a sync has begun, and ends it when told.
struct Held {
    began: mpsc::Sender<()>,
    end: Mutex<mpsc::Receiver<()>>,
}

impl Fsync for Held {
    fn fsync(&self) -> Result<(), Error> {
        self.began.send(()).unwrap();
        self.end.lock().unwrap().recv().map_err(Error::other)
    }
}

fn open_with(dir: &Path, files: impl Fsync + 'static) -> Store {
    let engine = SledEngine::open(dir, CACHE_BYTES)
        .unwrap()
        .with_fsync(Box::new(files));
    Store::over(Arc::new(engine)).unwrap()
}

fn intent(id: &str) -> Intent {
    Intent::new("union", id, "case/1", &String::new(), 0)
}

fn increment(draft: &mut Draft) -> Result<u64, StoreError> {
    let next = draft.get::<u64>("count")?.unwrap_or(0) + 1;
    draft.put("count", &next);
    draft.append("log", &next);
    Ok(next)
}

async fn write(dir: &Path, count: u64) {
    let store = Store::open(dir).unwrap();
    for n in 1..=count {
        assert_eq!(store.change_quietly("", increment).await, Ok(n));
    }
    store.close().await;
}

#[tokio::test]
async fn each_acknowledged_change_was_synced_before() {
    let dir = tempfile::tempdir().unwrap();
    let syncs = Arc::new(AtomicUsize::new(0));
    let files = Counting {
        syncs: Arc::clone(&syncs),
        fails_at: 99,
        heals_at: 99,
    };
    let store = open_with(dir.path(), files);
    for n in 1..=5 {
        store.change_quietly("", increment).await.unwrap();
        assert_eq!(syncs.load(Ordering::SeqCst), n);
    }
}

#[tokio::test]
async fn a_failed_sync_acknowledges_nothing_and_stops_all_writing() {
    let dir = tempfile::tempdir().unwrap();
    let syncs = Arc::new(AtomicUsize::new(0));
    let files = Counting {
        syncs: Arc::clone(&syncs),
        fails_at: 2,
        heals_at: 3,
    };
    let store = open_with(dir.path(), files);
    let refused = |answer| matches!(answer, Err(StoreError::Unavailable(_)));

    assert_eq!(store.change(&intent("1"), increment).await, Ok(1));
    assert!(refused(store.change(&intent("2"), increment).await));
    // What is not durable is not shown, and not the ground of an answer.
    assert_eq!(store.read().get::<u64>("count").unwrap(), Some(1));
    assert!(refused(store.change(&intent("2"), increment).await));
    assert!(refused(store.change_quietly("other", increment).await));
    let reads_only = store.change_quietly("", |draft| Ok(draft.get("count")?.unwrap_or(0)));
    assert!(refused(reads_only.await));
    // The disk has healed, but nobody asks it before a restart.
    assert_eq!(syncs.load(Ordering::SeqCst), 2);

    drop(store);
    let store = Store::open(dir.path()).unwrap();
    // Unknown until now whether the second took effect; repeating is safe.
    assert_eq!(store.change(&intent("2"), increment).await, Ok(2));
    assert_eq!(store.read().get::<u64>("count").unwrap(), Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_shown_or_answered_before_its_sync_has_ended() {
    let dir = tempfile::tempdir().unwrap();
    let (began, has_begun) = mpsc::channel();
    let (let_end, end) = mpsc::channel();
    let store = open_with(
        dir.path(),
        Held {
            began,
            end: Mutex::new(end),
        },
    );
    let change = |intent: Intent| {
        let store = store.clone();
        tokio::spawn(async move { store.change(&intent, increment).await })
    };

    let first = change(intent("1"));
    has_begun.recv().unwrap();
    let repeated = change(intent("1"));
    let second = change(intent("2"));
    assert_eq!(store.read().get::<u64>("count").unwrap(), None);
    assert_eq!(*store.subscribe().borrow(), 0);
    assert!(!first.is_finished() && !repeated.is_finished());

    let_end.send(()).unwrap();
    assert_eq!(first.await.unwrap(), Ok(1));
    assert_eq!(repeated.await.unwrap(), Ok(1));
    // The second went on from the first before that was durable.
    has_begun.recv().unwrap();
    assert_eq!(store.read().get::<u64>("count").unwrap(), Some(1));
    assert!(!second.is_finished());
    let_end.send(()).unwrap();
    assert_eq!(second.await.unwrap(), Ok(2));
}

#[tokio::test]
async fn a_store_is_opened_once_and_again_when_it_is_left() {
    let dir = tempfile::tempdir().unwrap();
    for n in 1..=10 {
        let store = Store::open(dir.path()).unwrap();
        assert!(matches!(Store::open(dir.path()), Err(OpenError::InUse(_))));
        assert_eq!(store.change_quietly("", increment).await, Ok(n));
    }
}

#[tokio::test]
async fn a_folder_is_for_its_owner_alone() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("state/casebook");
    write(&folder, 1).await;
    for private in [folder.clone(), folder.join("data")] {
        let mode = std::fs::metadata(private).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}

#[tokio::test]
async fn a_newer_format_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), 1).await;
    std::fs::write(dir.path().join("data/format"), "casenet store 2\n").unwrap();
    let refused = Store::open(dir.path());
    assert!(
        matches!(
            refused,
            Err(OpenError::Newer {
                found: 2,
                known: 1,
                ..
            })
        ),
        "{refused:?}"
    );
    std::fs::write(dir.path().join("data/format"), "casenet store 1\n").unwrap();
    assert_eq!(
        Store::open(dir.path()).unwrap().read().head("log").unwrap(),
        1
    );
}

#[tokio::test]
async fn missing_files_are_damage_and_not_a_new_store() {
    for missing in ["format", "db"] {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), 1).await;
        let file = dir.path().join("data").join(missing);
        let kept = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        let refused = Store::open(dir.path());
        assert!(
            matches!(refused, Err(OpenError::Corrupt { .. })),
            "{missing}: {refused:?}"
        );
        // Nothing was lost by trying.
        std::fs::write(&file, kept).unwrap();
        assert_eq!(
            Store::open(dir.path()).unwrap().read().head("log").unwrap(),
            1
        );
    }
}

#[tokio::test]
async fn a_store_whose_making_was_cut_off_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("data/blobs")).unwrap();
    std::fs::write(dir.path().join("data/conf"), "segment_si").unwrap();
    std::fs::write(dir.path().join("data/db"), "").unwrap();
    write(dir.path(), 1).await;
}

#[tokio::test]
async fn a_half_written_snapshot_is_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), 3).await;
    std::fs::write(
        dir.path().join("data/snap.FFFFFFFFFFFFFFFF.generating"),
        "half",
    )
    .unwrap();
    assert_eq!(
        Store::open(dir.path()).unwrap().read().head("log").unwrap(),
        3
    );
}

#[tokio::test]
async fn a_changed_byte_is_noticed_wherever_it_is() {
    let whole = tempfile::tempdir().unwrap();
    write(whole.path(), 40).await;
    let db = std::fs::read(whole.path().join("data/db")).unwrap();
    let used = db.iter().rposition(|byte| *byte != 0).unwrap();
    let places = (0..12).map(|n| used * (2 * n + 1) / 24);
    for place in places {
        let dir = tempfile::tempdir().unwrap();
        copy(whole.path(), dir.path());
        let file = OpenOptions::new()
            .write(true)
            .open(dir.path().join("data/db"))
            .unwrap();
        file.write_all_at(&[!db[place]], place as u64).unwrap();
        // The byte may be unused, or in a record that was written again later.
        match Store::open(dir.path()) {
            Err(OpenError::Corrupt { .. }) => {}
            Err(other) => panic!("{place}: {other}"),
            Ok(store) => {
                let log = store.read().read_stream::<u64>("log", 0, 99);
                let expected: Vec<_> = (1..=40).map(|n| (n, n)).collect();
                assert_eq!(log, Ok(expected), "byte {place} of {used}");
            }
        }
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test]
async fn largest_values_survive_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let value = |n: u8| vec![n; VALUE_BYTES_MAX];
    let store = Store::open(dir.path()).unwrap();
    for n in 0..40 {
        let kept = store.change_quietly("", |draft| {
            draft.put_raw(&format!("page/{n:02}"), value(n).into());
            Ok::<_, StoreError>(())
        });
        kept.await.unwrap();
    }
    drop(store);
    let store = Store::open(dir.path()).unwrap();
    for n in 0..40 {
        assert_eq!(
            store
                .read()
                .get_raw(&format!("page/{n:02}"))
                .unwrap()
                .unwrap(),
            value(n)
        );
    }
}

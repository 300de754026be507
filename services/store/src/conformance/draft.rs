//! A draft against a model: an ordered map with the same writes.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::{Strategy, any, prop};

use super::{Open, open};
use crate::{Draft, Store, StoreError};

pub(super) async fn a_draft_reads_what_it_has_written(engine: Open, dir: &Path) {
    let store = open(engine, dir);
    let key = || (0..12_u8).prop_map(|n| format!("{n:02}"));
    let writes = || prop::collection::vec((key(), prop::option::of(any::<u64>())), 0..12);
    let cuts = (prop::option::of(key()), 0..14_usize);
    let mut runner = proptest::test_runner::TestRunner::new(proptest::test_runner::Config {
        cases: 200,
        failure_persistence: None,
        ..Default::default()
    });
    let round = std::sync::atomic::AtomicUsize::new(0);
    let run = runner.run(
        &(writes(), writes(), cuts),
        |(kept, drafted, (cut, limit))| {
            let round = round.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let prefix = format!("{round}/");
            let done = check_draft(&store, &prefix, &kept, &drafted, cut.as_deref(), limit);
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(done));
            Ok(())
        },
    );
    run.unwrap();
}

async fn check_draft(
    store: &Store,
    prefix: &str,
    kept: &[(String, Option<u64>)],
    drafted: &[(String, Option<u64>)],
    cut: Option<&str>,
    limit: usize,
) {
    let write = |draft: &mut Draft, writes: &[(String, Option<u64>)]| {
        for (key, value) in writes {
            let key = format!("{prefix}{key}");
            match value {
                Some(value) => draft.put(&key, value),
                None => draft.delete(&key),
            }
        }
        Ok::<_, StoreError>(())
    };
    store
        .change_quietly("", |draft| write(draft, kept))
        .await
        .unwrap();

    let mut model = BTreeMap::new();
    for (key, value) in kept.iter().chain(drafted) {
        model.insert(format!("{prefix}{key}"), *value);
    }
    let rows = || {
        model
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), (*value)?)))
    };
    let cut = cut.map(|key| format!("{prefix}{key}"));
    let after = |key: &String| cut.as_ref().is_none_or(|cut| key > cut);
    let before = |key: &String| cut.as_ref().is_none_or(|cut| key < cut);
    let forward: Vec<_> = rows().filter(|(key, _)| after(key)).take(limit).collect();
    let mut backward: Vec<_> = rows().filter(|(key, _)| before(key)).collect();
    backward.reverse();
    backward.truncate(limit);

    let checked = store.change_quietly("", |draft| {
        write(draft, drafted)?;
        assert_eq!(draft.scan::<u64>(prefix, cut.as_deref(), limit)?, forward);
        assert_eq!(
            draft.scan_back::<u64>(prefix, cut.as_deref(), limit)?,
            backward
        );
        for (key, value) in &model {
            assert_eq!(draft.get::<u64>(key)?, *value);
        }
        Ok::<_, StoreError>(())
    });
    checked.await.unwrap();
    let all = store.read().scan::<u64>(prefix, None, usize::MAX).unwrap();
    assert_eq!(all, rows().collect::<Vec<_>>());
}

//! The crash loop: a child acknowledges numbered changes and is killed at
//! random; none that it acknowledged may be missing, none half there.
//!
//! This file runs itself as the child. `CASENET_KILL_ROUNDS` sets the rounds.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout
)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use store::{Store, StoreError};

const FOLDER: &str = "CASENET_KILL_FOLDER";
const WRITERS: u64 = 8;

#[test]
fn a_killed_writer_loses_nothing_that_it_acknowledged() {
    let rounds: u64 = std::env::var("CASENET_KILL_ROUNDS").map_or(20, |text| text.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeMap::new();
    for round in 0..rounds {
        // From the first commits after opening to some hundreds later.
        let acks = round * 7919 % 400 + 1;
        kill_after(acks, dir.path(), &mut acknowledged);
        check(dir.path(), &acknowledged, round);
    }
}

/// Lets a child write until it has acknowledged so many, and kills it.
fn kill_after(acks: u64, dir: &Path, acknowledged: &mut BTreeMap<u64, u64>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_writer", "--ignored", "--nocapture"])
        .env(FOLDER, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    let mut count = 0;
    while count < acks {
        line.clear();
        assert!(
            output.read_line(&mut line).unwrap() > 0,
            "the writer ended by itself"
        );
        count += u64::from(note(&line, acknowledged));
    }
    child.kill().unwrap();
    child.wait().unwrap();

    // What it said before it died counts too; a line without its end does not.
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    rest.split_inclusive('\n')
        .filter(|line| line.ends_with('\n'))
        .for_each(|line| {
            note(line, acknowledged);
        });
}

/// Reads `ack {writer} {number}`; the test runner's own words may come before it.
fn note(line: &str, acknowledged: &mut BTreeMap<u64, u64>) -> bool {
    let Some((_, ack)) = line.split_once("ack ") else {
        return false;
    };
    let (writer, number) = ack.trim_end().split_once(' ').unwrap();
    acknowledged.insert(writer.parse().unwrap(), number.parse().unwrap());
    true
}

fn check(dir: &Path, acknowledged: &BTreeMap<u64, u64>, round: u64) {
    let store = Store::open(dir).unwrap();
    let view = store.read();
    let mut written = 0;
    for writer in 0..WRITERS {
        let first = view
            .get::<u64>(&format!("first/{writer}"))
            .unwrap()
            .unwrap_or(0);
        let second = view
            .get::<u64>(&format!("second/{writer}"))
            .unwrap()
            .unwrap_or(0);
        assert_eq!(
            first, second,
            "round {round}: half of a change of writer {writer}"
        );
        let acked = acknowledged.get(&writer).copied().unwrap_or(0);
        assert!(
            first >= acked,
            "round {round}: writer {writer} lost {acked}, has {first}"
        );
        written += first;
    }

    let log = view.read_stream::<String>("log", 0, usize::MAX).unwrap();
    assert_eq!(log.len() as u64, written, "round {round}");
    assert_eq!(view.head("log").unwrap(), written, "round {round}");
    let mut last = BTreeMap::new();
    for (position, (number, entry)) in log.iter().enumerate() {
        assert_eq!(*number, position as u64 + 1, "round {round}: a gap");
        let mut words = entry.split(' ').map(|word| word.parse::<u64>());
        let (stamp, writer) = (
            words.next().unwrap().unwrap(),
            words.next().unwrap().unwrap(),
        );
        let previous = last
            .insert(writer, words.next().unwrap().unwrap())
            .unwrap_or(0);
        assert_eq!(
            (stamp, last[&writer]),
            (*number, previous + 1),
            "round {round}"
        );
    }
}

/// The child: never ends by itself.
#[test]
#[ignore = "started by the test above"]
fn the_writer() {
    let Some(dir) = std::env::var_os(FOLDER) else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = Store::open(Path::new(&dir)).unwrap();
    let writers = (0..WRITERS).map(|writer| runtime.spawn(write(store.clone(), writer)));
    let writers: Vec<_> = writers.collect();
    for writer in writers {
        runtime.block_on(writer).unwrap();
    }
}

async fn write(store: Store, writer: u64) {
    let subject = writer.to_string();
    loop {
        let changed = store.change_quietly(&subject, |draft| {
            let next = draft.get::<u64>(&format!("first/{writer}"))?.unwrap_or(0) + 1;
            draft.put(&format!("first/{writer}"), &next);
            draft.append_stamped("log", move |number| format!("{number} {writer} {next}"));
            // Some changes are large, so that one spans many of sled's records.
            for part in 0..next * 31 % 12 {
                let size = usize::try_from(next * 997 % 9000).unwrap_or(0);
                draft.put_raw(&format!("part/{writer}/{part}"), vec![7; size].into());
            }
            draft.put(&format!("second/{writer}"), &next);
            Ok::<_, StoreError>(next)
        });
        let number = changed.await.unwrap();
        println!("ack {writer} {number}");
    }
}

//! The house stays as ARCHITECTURE.md draws it: dependencies point down the
//! floors, files stay one idea long, every reason is explained.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each room with its floor and its folder.
const ROOMS: [(&str, u8, &str); 14] = [
    ("casenet", 5, "."),
    ("client", 4, "client"),
    ("gateway", 3, "gateway"),
    ("casebook", 2, "services/casebook"),
    ("union", 2, "services/union"),
    ("lawfirm", 2, "services/lawfirm"),
    ("labour", 2, "services/labour"),
    ("judiciary", 2, "services/judiciary"),
    ("media", 2, "services/media"),
    ("host", 1, "services/host"),
    ("store", 1, "services/store"),
    ("proto", 0, "proto"),
    ("law", 0, "services/law"),
    ("tlog", 0, "services/tlog"),
];

/// Imports that floors alone would allow, and the house does not.
const FORBIDDEN: [(&str, &str); 3] = [("gateway", "law"), ("store", "proto"), ("client", "store")];

/// Lines of a source file; longer ones are listed here with their reason.
const LINES_MAX: usize = 600;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn dependencies(folder: &str) -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let section = manifest.get("dependencies").and_then(|d| d.as_table());
    section
        .map(|table| table.keys().cloned().collect())
        .unwrap_or_default()
}

#[test]
fn dependencies_point_down_the_floors() {
    let floors: BTreeMap<&str, u8> = ROOMS
        .iter()
        .map(|(room, floor, _)| (*room, *floor))
        .collect();
    for (room, floor, folder) in ROOMS {
        for dependency in dependencies(folder) {
            let Some(below) = floors.get(dependency.as_str()) else {
                continue;
            };
            // `host` stands on `store`: docs/decisions/0005.
            let is_neighbour = (room, dependency.as_str()) == ("host", "store");
            assert!(
                *below < floor || is_neighbour,
                "{room} imports {dependency}"
            );
            let is_forbidden = FORBIDDEN.contains(&(room, dependency.as_str()));
            assert!(!is_forbidden, "{room} must not know {dependency}");
        }
    }
}

#[test]
fn the_pages_know_the_contract_and_nothing_behind_it() {
    let rooms: BTreeSet<_> = ROOMS
        .iter()
        .map(|(room, _, _)| (*room).to_owned())
        .collect();
    let known: Vec<_> = dependencies("client")
        .intersection(&rooms)
        .cloned()
        .collect();
    assert_eq!(known, ["host", "proto"]);
}

#[test]
fn the_gateway_names_no_field_of_a_case() {
    for file in sources(&root().join("gateway/src")) {
        if file.ends_with("filter_tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for name in [
            "v1::Case,",
            "v1::Claim",
            "WorkerIdentity",
            "UnionFile",
            "CourtFile",
        ] {
            assert!(!text.contains(name), "{} names {name}", file.display());
        }
    }
}

#[test]
fn a_file_is_one_idea_long() {
    let too_long: Vec<_> = ROOMS
        .iter()
        .flat_map(|(_, _, folder)| sources(&root().join(folder).join("src")))
        .filter_map(|file| {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            (lines > LINES_MAX).then(|| format!("{} has {lines}", file.display()))
        })
        .collect();
    assert!(too_long.is_empty(), "{too_long:?}");
}

#[test]
fn every_policy_file_is_compiled_in() {
    let built_in = fs::read_to_string(root().join("gateway/src/policy/set.rs")).unwrap();
    for entry in fs::read_dir(root().join("deploy/policies")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(built_in.contains(&name), "{name} is not compiled in");
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

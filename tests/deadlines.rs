//! `casenet deadline` and `casenet calendar` as somebody types them.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Runs in a folder of its own, where no network is.
fn casenet(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_casenet"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("CASENET_DATA")
        .output()
        .unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn a_deadline_is_told_with_its_working_and_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let ask = [
        "deadline",
        "calculate",
        "--rule",
        "award-suit",
        "--from",
        "2026-09-16",
    ];
    let page = told(&casenet(folder.path(), &ask));
    assert!(page.contains("due          2026-10-08\n"), "{page}");
    assert!(
        page.contains("last moment  2026-10-08T23:59:59+08:00\n"),
        "{page}"
    );
    assert!(page.contains("《劳动争议调解仲裁法》第50条"), "{page}");
    assert!(page.contains("国办发明电〔2025〕7号"), "{page}");
    let json = casenet(
        folder.path(),
        &[&ask[..], &["--json", "--event", "meet=2026-10-09"]].concat(),
    );
    let answer: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(answer["due"], "2026-10-08");
    assert_eq!(answer["state"], "late");
    assert_eq!(answer["estimate"], false);
    assert!(answer["derivation"].as_array().unwrap().len() >= 5);
}

#[test]
fn every_rule_is_listed_with_its_source() {
    let folder = tempfile::tempdir().unwrap();
    let json = casenet(folder.path(), &["deadline", "rules", "--json"]);
    let answer: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(answer["rules"].as_array().unwrap().len(), 41);
    let table = told(&casenet(folder.path(), &["deadline", "rules"]));
    assert!(table.contains("union-letter-reply") && table.contains("no †"));
}

#[test]
fn what_cannot_be_asked_exits_2_and_says_what_to_ask() {
    let folder = tempfile::tempdir().unwrap();
    let ask = |rest: &[&str]| {
        let output = casenet(folder.path(), &[&["deadline", "calculate"], rest].concat());
        let told = String::from_utf8(output.stderr.clone()).unwrap();
        (output.status.code(), told)
    };
    for (rest, says) in [
        (
            &["--rule", "nothing", "--from", "2026-01-05"][..],
            "casenet deadline rules",
        ),
        (
            &["--rule", "award-suit", "--from", "5 January"],
            "write 2026-03-02",
        ),
        (
            &[
                "--rule",
                "award-suit",
                "--from",
                "2026-01-05",
                "--event",
                "pause=2026-01-06",
            ],
            "the kind must be",
        ),
        (
            &[
                "--rule",
                "award-suit",
                "--from",
                "2026-01-05",
                "--event",
                "extend=2026-01-06",
            ],
            "does not know it",
        ),
        (
            &[
                "--rule",
                "award-suit",
                "--from",
                "2026-01-05",
                "--region",
                "99",
            ],
            "characters instead of 6",
        ),
        (
            &["--rule", "legal-aid-decision", "--from", "2021-06-01"],
            "known from 2022-01-01 on",
        ),
    ] {
        let (code, told) = ask(rest);
        assert_eq!(code, Some(2), "{rest:?}: {told}");
        assert!(told.contains(says), "{rest:?}: {told}");
    }
}

#[test]
fn an_imported_year_ends_the_estimate() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "next.toml",
        "[2027]\nnotice = \"a notice\"\nholidays = [\"2027-01-01\"]\nworkdays = [\"2027-01-02\"]\n",
    );
    write(
        "wrong.toml",
        "[2027]\nnotice = \"a notice\"\nholidays = [\"2026-01-01\"]\nworkdays = []\n",
    );
    write(
        "other.toml",
        "[2027]\nnotice = \"another\"\nholidays = [\"2027-01-01\"]\nworkdays = []\n",
    );
    let ask = || {
        let ask = [
            "deadline",
            "calculate",
            "--rule",
            "arbitration-acceptance",
            "--from",
            "2026-12-30",
            "--json",
            "--data",
            ".",
        ];
        let answer: Value = serde_json::from_slice(&casenet(folder.path(), &ask).stdout).unwrap();
        (
            answer["due"].as_str().unwrap().to_owned(),
            answer["estimate"] == true,
        )
    };
    let import = |rest: &[&str]| {
        let output = casenet(
            folder.path(),
            &[&["calendar", "import", "--data", "."], rest].concat(),
        );
        (
            output.status.success(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    assert_eq!(ask(), ("2027-01-06".to_owned(), true));
    let (done, told) = import(&["wrong.toml"]);
    assert!(
        !done && told.contains("2026-01-01 stands under the year 2027"),
        "{told}"
    );
    assert_eq!(import(&["next.toml"]), (true, String::new()));
    // 31, the shifted Saturday, 4, 5, 6 are five.
    assert_eq!(ask(), ("2027-01-06".to_owned(), false));
    let (done, told) = import(&["other.toml"]);
    assert!(!done && told.contains("2027 is known already"), "{told}");
    assert_eq!(import(&["other.toml", "--replace"]), (true, String::new()));
    assert_eq!(ask(), ("2027-01-07".to_owned(), false));
}

#[test]
fn case_files_are_reported_clock_by_clock() {
    let folder = tempfile::tempdir().unwrap();
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/48-zengdu-49-payment-orders.json");
    let page = told(&casenet(
        folder.path(),
        &["deadline", "report", case.to_str().unwrap()],
    ));
    assert!(
        page.contains("payment-order-issue             due 2018-02-27  kept\n"),
        "{page}"
    );
}

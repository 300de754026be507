//! Rules are proven: the built-in set holds, and sets that are broken in one
//! place (`tests/broken_policies`) are refused by the program itself with a
//! request that the real rules do allow.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use gateway::{Asked, PolicyFiles, Rules};
use serde::Deserialize;
use serde_json::Value;
use tokio::process::Command;

/// One change to the built-in set, and what must come of it.
#[derive(Deserialize)]
struct BrokenSet {
    /// What somebody may have had in mind.
    #[allow(dead_code)]
    why: String,
    /// The invariants that no longer hold.
    breaks: Vec<String>,
    /// Stands in the words that the breach is told in.
    words: String,
    edit: Vec<Edit>,
}

#[derive(Deserialize)]
struct Edit {
    file: String,
    find: String,
    replace: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The built-in set in a folder of its own.
fn copied() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy_to(folder.path());
    folder
}

/// The built-in set, copied into a folder.
pub fn copy_to(folder: &Path) {
    for entry in fs::read_dir(root().join("deploy/policies")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
}

/// Replaces what stands once in a file of policies.
pub fn replace(folder: &Path, file: &str, find: &str, replace: &str) {
    let (file, find, replace) = (file.to_owned(), find.to_owned(), replace.to_owned());
    let change = Edit {
        file,
        find,
        replace,
    };
    edit(folder, &change);
}

fn edit(folder: &Path, edit: &Edit) {
    let path = folder.join(&edit.file);
    let text = fs::read_to_string(&path).unwrap();
    let found = text.matches(&edit.find).count();
    assert_eq!(found, 1, "{}: once there: {}", edit.file, edit.find);
    fs::write(&path, text.replace(&edit.find, &edit.replace)).unwrap();
}

fn broken_sets() -> Vec<(String, BrokenSet)> {
    let mut files: Vec<PathBuf> = fs::read_dir(root().join("tests/broken_policies"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let set = toml::from_str(&fs::read_to_string(&path).unwrap());
        (
            name.clone(),
            set.unwrap_or_else(|error| panic!("{name}: {error}")),
        )
    };
    files.into_iter().map(read).collect()
}

async fn check(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_casenet"))
        .arg("check")
        .args(arguments)
        .output()
        .await
        .unwrap()
}

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The request of a breach, as the check printed it.
fn asked(request: &Value) -> Asked {
    let text = |name: &str| request[name].as_str().unwrap().to_owned();
    Asked {
        action: text("action"),
        kind: text("kind"),
        suspended: request["suspended"].as_bool().unwrap(),
        section: text("section"),
        purpose: text("purpose"),
        flags: gateway::FLAGS.map(|name| request[name].as_bool().unwrap()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_set_is_proven_for_all_requests() {
    let output = check(&["--json"]).await;
    let told = json(&output);
    assert_eq!(
        output.status.code(),
        Some(0),
        "is cvc5 installed (apt-get install cvc5)? {told:#}"
    );
    let numbers: Vec<&str> = told["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["number"].as_str().unwrap())
        .collect();
    for number in ["1", "2", "3", "4", "5", "6", "7", "8"] {
        assert!(numbers.contains(&number), "invariant {number} is missing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_broken_set_is_refused_with_a_request_that_is_really_allowed() {
    let sets = broken_sets();
    assert!(sets.len() >= 10, "only {} broken sets", sets.len());
    let contract = proto::contract::Contract::load().unwrap();
    for (name, set) in sets {
        let folder = copied();
        set.edit.iter().for_each(|one| edit(folder.path(), one));
        let path = folder.path().display().to_string();
        let output = check(&["--policies", &path, "--json"]).await;
        let told = json(&output);
        assert_eq!(output.status.code(), Some(1), "{name}: {told:#}");

        let broken: Vec<&Value> = told["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| !finding["breach"].is_null())
            .collect();
        let names: Vec<&str> = broken
            .iter()
            .map(|finding| finding["invariant"].as_str().unwrap())
            .collect();
        assert_eq!(names, set.breaks, "{name}");

        let files = PolicyFiles::read(folder.path()).unwrap();
        let rules = Rules::compile(&files, &contract).unwrap();
        for finding in broken {
            let breach = &finding["breach"];
            let request = asked(&breach["request"]);
            let decision = rules.answer(&request);
            assert!(decision.allowed, "{name}: {request}");
            let by = breach["replay"]["allowed"].as_array().unwrap();
            assert!(by.contains(&decision.rule.into()), "{name}: {by:?}");
            let words = breach["words"].as_str().unwrap();
            assert!(words.contains(&set.words), "{name}: {words}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_can_fail_is_refused_and_a_failing_one_denies() {
    let folder = copied();
    let fails = r#"
@id("union.counted")
@reason_zh("测试")
@reason_en("overflows on a sealed case")
@law("测试")
forbid (principal, action == Action::"case.get", resource)
when { 9223372036854775807 + (if context.sealed then 1 else 0) < 0 };
"#;
    let path = folder.path().join("counted.cedar");
    fs::write(&path, fails).unwrap();
    let output = check(&["--policies", &folder.path().display().to_string(), "--json"]).await;
    let told = json(&output);
    assert_eq!(output.status.code(), Some(1), "{told:#}");
    let findings = told["findings"].as_array().unwrap();
    let found = findings
        .iter()
        .find(|finding| !finding["breach"].is_null())
        .unwrap();
    assert_eq!(found["invariant"], "no-policy-errs");
    let failed = found["breach"]["replay"]["failed"].as_str().unwrap();
    assert!(failed.contains("union.counted"), "{failed}");

    // Cedar itself skips a forbid that fails; here it denies.
    let files = PolicyFiles::read(folder.path()).unwrap();
    let contract = proto::contract::Contract::load().unwrap();
    let rules = Rules::compile(&files, &contract).unwrap();
    let mut request = asked(&found["breach"]["request"]);
    request.suspended = false;
    let decision = rules.answer(&request);
    assert_eq!((decision.allowed, decision.rule.as_str()), (false, "error"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_solver_nothing_is_called_proven() {
    let output = check(&["--solver", "/nowhere/cvc5", "--json"]).await;
    let told = json(&output);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(told["valid"], true);
    assert_eq!(told["proven"], false);
    assert!(
        told["error"]
            .as_str()
            .unwrap()
            .contains("apt-get install cvc5")
    );

    let output = check(&["--solver", "/nowhere/cvc5"]).await;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("not proven"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_cedar_or_does_not_fit_is_refused_with_its_place() {
    for (find, replace, expected) in [
        (
            "forbid (principal, action, resource)\nwhen { principal.suspended };",
            "forbid (principal, action, resource)\nwhen { principal.suspended ;",
            "base.cedar:8",
        ),
        (
            "when { principal.suspended };",
            "when { principal.suspendid };",
            "base.cedar:8",
        ),
        ("@id(\"base.suspended\")\n", "", "has no @id"),
    ] {
        let folder = copied();
        let change = Edit {
            file: "base.cedar".into(),
            find: find.into(),
            replace: replace.into(),
        };
        edit(folder.path(), &change);
        let output = check(&["--policies", &folder.path().display().to_string(), "--json"]).await;
        let told = json(&output);
        assert_eq!(output.status.code(), Some(1), "{told:#}");
        let error = told["error"].as_str().unwrap();
        assert!(error.contains(expected), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_cannot_take_an_action_out_of_the_proof() {
    let folder = copied();
    let change = Edit {
        file: "schema.cedarschema".into(),
        find: "    \"referral.fail\"\nin [\"referral.fulfilment\"]".into(),
        replace: "    \"referral.fail\"\nappliesTo { principal: [Agency], resource: [Case], \
                  context: Facts };\naction \"nothing\"\nin [\"referral.fulfilment\"]"
            .into(),
    };
    edit(folder.path(), &change);
    let schema = folder.path().join("schema.cedarschema");
    let text = fs::read_to_string(&schema).unwrap();
    assert!(text.contains("nothing"), "{text}");
    let output = check(&["--policies", &folder.path().display().to_string(), "--json"]).await;
    let told = json(&output);
    assert_eq!(output.status.code(), Some(1), "{told:#}");
    let error = told["error"].as_str().unwrap();
    assert!(error.contains("the-receiver-fulfils"), "{error}");
}

#[test]
fn every_referral_step_is_in_a_group_that_is_proven_or_is_listed_here() {
    // Neither the receiver's alone nor giving access to anybody.
    const OTHERS: [&str; 8] = [
        "referral.get",
        "referral.list",
        "referral.withdraw",
        "referral.contest",
        "referral.acknowledgeOutcome",
        "referral.reopen",
        "referral.revoke",
        "referral.markError",
    ];
    let text = fs::read_to_string(root().join("deploy/policies/schema.cedarschema")).unwrap();
    let (schema, _) = cedar_policy::Schema::from_cedarschema_str(&text).unwrap();
    let actions = schema.action_entities().unwrap();
    let group = |name: &str| format!("Action::\"{name}\"").parse().unwrap();
    let (fulfilment, give) = (group("referral.fulfilment"), group("access.give"));
    for action in schema.request_envs().map(|env| env.action().clone()) {
        let name = action.id().unescaped().to_owned();
        let is_proven =
            actions.is_ancestor_of(&fulfilment, &action) || actions.is_ancestor_of(&give, &action);
        assert!(
            !name.starts_with("referral.") || is_proven || OTHERS.contains(&name.as_str()),
            "put {name} into the group referral.fulfilment (only the receiver does it) or \
             access.give, or list it here"
        );
    }
}

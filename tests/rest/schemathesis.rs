//! Requests that nobody thought of: schemathesis reads the document and holds the
//! running API to it, as an agency with its certificate.

use std::sync::Arc;

use casenet::config::Role;
use casenet::network::Running;
use casenet::{city, init};
use host::SystemClock;
use serde_json::json;

use super::http1::Caller;
use super::journey::{consent, on_duty, path, registration};
use crate::world::now;

/// The same requests each time: what it finds is found again.
const SEED: &str = "20260301";

const CONFIG: &str = include_str!("schemathesis.toml");

/// The id at the end of a name.
fn id(name: &serde_json::Value) -> String {
    name.as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_no_answer_that_the_document_does_not_allow() {
    let Some(python) = std::env::var_os("CASENET_PYTHON") else {
        // tests/run.sh makes the environment and sets it; CI always has it.
        assert!(
            std::env::var_os("CI").is_none(),
            "CASENET_PYTHON is not set in CI"
        );
        eprintln!("NOT RUN: set CASENET_PYTHON to a Python with schemathesis (tests/run.sh does)");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let config = init::make(folder.path(), city::yiwu(), 0, now()).unwrap();
    // Thousands of calls: the door's bucket has to fill again.
    let running = Running::start(&config, &Role::ALL, Arc::new(SystemClock))
        .await
        .unwrap();
    let gateway = running.gateway().unwrap();
    let caller = Caller::new(&gateway.to_string(), &config, "yiwu-union");
    let case = caller.post("/v1/cases", &registration()).await.ok();
    let under = path(&case["name"]);
    let consent = consent("AGENCY_KIND_LAW_FIRM");
    let consent = caller
        .post(&format!("{under}/consents"), &consent)
        .await
        .ok();
    let offer = on_duty("yiwu-labour");
    let referral = caller
        .post(&format!("{under}/referrals"), &offer)
        .await
        .ok();
    let note = json!({"entry": {"note": "a note"}});
    caller.post(&format!("{under}/entries"), &note).await.ok();

    let settings = CONFIG
        .replace("${CASE}", &id(&case["name"]))
        .replace("${REFERRAL}", &id(&referral["name"]))
        .replace("${CONSENT}", &id(&consent["name"]));
    let file = folder.path().join("schemathesis.toml");
    std::fs::write(&file, settings).unwrap();
    let files = config.agency_files("yiwu-union");
    let output = tokio::process::Command::new(python)
        .args(["-m", "schemathesis.cli"])
        .arg("--config-file")
        .arg(file)
        .args([
            "run",
            &format!("https://localhost:{}/v1/openapi.json", gateway.port()),
        ])
        .arg("--tls-verify")
        .arg(files.authority)
        .arg("--request-cert")
        .arg(files.certificate)
        .arg("--request-cert-key")
        .arg(files.key)
        // A stream that is quiet does not end; tests/rest/stream.rs reads them.
        .args(["--exclude-path-regex", ":watch$"])
        .args(["--seed", SEED])
        .current_dir(folder.path())
        .output()
        .await
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{wrong}");
    running.stop().await;
}

//! People at work, in Chromium: `journeys.mjs` says what they do.

use std::path::Path;

use serde_json::json;

use super::site::{PASSWORD, Site};

#[tokio::test(flavor = "multi_thread")]
async fn people_of_several_agencies_do_a_days_work_in_their_browsers() {
    let Some(modules) = std::env::var_os("CASENET_BROWSER") else {
        // tests/run.sh installs them and sets it; CI always has it.
        assert!(
            std::env::var_os("CI").is_none(),
            "CASENET_BROWSER is not set in CI"
        );
        eprintln!(
            "NOT RUN: set CASENET_BROWSER to a folder with playwright-core and axe-core (tests/run.sh does)"
        );
        return;
    };
    let site = Site::open().await;
    let told = json!({
        "base": format!("https://localhost:{}", site.pages.address.port()),
        "password": PASSWORD,
        "modules": modules.to_string_lossy(),
    });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/web/journeys.mjs");
    let mut node = tokio::process::Command::new("node");
    node.arg(script).env("CASENET_SITE", told.to_string());
    let output = node.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let wrong = String::from_utf8_lossy(&output.stderr);
    eprintln!("{said}");
    assert!(output.status.success(), "{said}\n{wrong}");
    site.pages.stop().await;
}

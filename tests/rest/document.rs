//! The document of the API.

use std::process::Command;

use http_body_util::BodyExt as _;
use serde_json::Value;

use crate::world::World;

#[tokio::test]
async fn the_gateway_serves_the_document_that_the_program_prints_to_anybody() {
    let world = World::together().await;
    let nobody = world.over_http("yiwu-union").without_certificate();
    let answer = nobody.get("/v1/openapi.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    let served: Value = serde_json::from_slice(&answer.bytes).unwrap();
    let printed = Command::new(env!("CARGO_BIN_EXE_casenet"))
        .arg("openapi")
        .output()
        .unwrap();
    let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(served, printed);
    assert_eq!(served["openapi"], "3.1.0");
    nobody
        .post("/v1/openapi.json", &Value::Null)
        .await
        .problem(405);
}

#[tokio::test]
async fn every_path_of_the_document_is_answered_by_its_method() {
    let world = World::together().await;
    let union = world.over_http("yiwu-union");
    let document = union.get("/v1/openapi.json").await;
    let document: Value = serde_json::from_slice(&document.bytes).unwrap();
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() > 25, "{}", paths.len());
    for (path, operations) in paths {
        let filled: String = path
            .split('/')
            .map(|segment| match segment.split_once('}') {
                Some((_, step)) => format!("/none{step}"),
                None => format!("/{segment}"),
            })
            .collect();
        let filled = filled.replacen("//", "/", 1);
        for verb in operations.as_object().unwrap().keys() {
            let verb = http::Method::from_bytes(verb.to_uppercase().as_bytes()).unwrap();
            let answer = union.open(verb.clone(), &filled, None).await;
            let status = answer.status().as_u16();
            let is_answered = match status {
                // A stream that is open has no end to wait for.
                200 | 400 | 401 | 403 => true,
                // Not there, says the method; not that there is no such path.
                404 => {
                    let body = answer.into_body().collect().await.unwrap().to_bytes();
                    String::from_utf8_lossy(&body).contains("NOT_FOUND")
                }
                _ => false,
            };
            assert!(is_answered, "{verb} {filled}: {status}");
        }
    }
}

//! The command line as people type it, without a network.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;

use clap::{CommandFactory as _, Parser as _};
use prost_reflect::DescriptorPool;
use serde_json::{Value, json};

use super::calls::{Asked, Call};
use super::{Cli, Command};

const HEADER: &str = "--service arbitration --purpose act --scope summary,identity-number";

/// What a command line asks for.
fn asked(line: &str) -> Asked {
    let words = std::iter::once("casenet").chain(line.split(' '));
    let Command::Call(call) = Cli::try_parse_from(words).unwrap().command else {
        panic!("{line} calls nothing");
    };
    match *call {
        Call::Referral { what, .. } => what.asked(),
        Call::Consent { what, .. } => what.asked().unwrap(),
        Call::Notice { what, .. } => what.asked(),
        Call::Matter { what, .. } => what.asked(),
        Call::BreakGlass { what, .. } => what.asked(),
        Call::Agreement { what, .. } => what.asked(),
        _ => panic!("{line} is none of these"),
    }
}

fn lines() -> Vec<String> {
    let form = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let mut lines: Vec<String> = [
        "referral list --case c --box in --open",
        "referral show c/r",
        "referral send c/r",
        "referral acknowledge c/r",
        "referral accept c/r",
        "referral reject c/r --reason capacity",
        "referral contest c/r --why because",
        "referral start c/r",
        "referral ask c/r what?",
        "referral provide c/r that --add evidence",
        "referral await c/r --reason appraisal",
        "referral hold c/r --reason illness",
        "referral resume c/r",
        "referral complete c/r --outcome awarded --amount 12345.60",
        "referral fail c/r --reason not_found",
        "referral acknowledge-outcome c/r",
        "referral withdraw c/r --reason settled",
        "referral extend c/r --until 2026-12-31",
        "referral reopen c/r --reason not_performed",
        "referral revoke c/r --reason basis_ended",
        "referral mark-error c/r --reason wrong_agency",
        "consent list c",
        "consent withdraw c/k",
        "notice list c --undelivered",
        "notice delivered c/n000001 --by sms",
        "matter create --district 330782 --employer x --claim unpaid_wages=10 --title-zh x --title-en x",
        "matter link m c",
        "matter unlink m c",
        "matter list m",
        "break-glass open c --reason danger_to_life --explanation because --sections contact",
        "break-glass close c/b",
        "break-glass review c/b --verdict justified --note so",
        "break-glass list --unreviewed",
        "break-glass show c/b",
        "agreement propose a --sections summary --access-days 90 --onward --until 365d",
        "agreement accept g",
        "agreement terminate g",
        "agreement list",
        "agreement show g",
    ]
    .map(str::to_owned)
    .into();
    lines.push(format!(
        "referral create c --to a --legal-basis PIPL-13-3 {HEADER}"
    ));
    lines.push(format!("referral pool c --consent c/k {HEADER}"));
    lines.push(format!("matter refer m --to a {HEADER}"));
    lines.push(format!(
        "consent grant c --purpose x --kinds law-firm --sections summary --form {form}"
    ));
    lines
}

#[test]
fn every_method_of_sharing_has_a_command_whose_request_fits_the_contract() {
    let pool = DescriptorPool::decode(proto::DESCRIPTOR_SET).unwrap();
    let services = [
        "Referral",
        "Consent",
        "Notice",
        "Matter",
        "BreakGlass",
        "Agreement",
    ];
    let mut methods = BTreeSet::new();
    for service in services {
        let service = pool
            .get_service_by_name(&format!("casenet.v1.{service}Service"))
            .unwrap();
        methods.extend(
            service
                .methods()
                .map(|method| format!("{}/{}", service.name(), method.name())),
        );
    }
    for line in lines() {
        let (method, request) = asked(&line);
        let (service, name) = method.split_once('/').unwrap();
        let service = pool
            .get_service_by_name(&format!("casenet.v1.{service}"))
            .unwrap();
        let input = service
            .methods()
            .find(|m| m.name() == name)
            .unwrap()
            .input();
        let fits = prost_reflect::DynamicMessage::deserialize(input, request);
        assert!(fits.is_ok(), "{line}: {fits:?}");
        methods.remove(method);
    }
    assert_eq!(methods, BTreeSet::new(), "methods without a command");
}

#[test]
fn every_command_explains_itself_and_no_option_hides_another() {
    Cli::command().debug_assert();
    let command = Cli::command();
    for noun in [
        "referral",
        "consent",
        "notice",
        "matter",
        "break-glass",
        "agreement",
    ] {
        let noun = command.find_subcommand(noun).unwrap();
        for verb in noun
            .get_subcommands()
            .filter(|verb| verb.get_name() != "help")
        {
            let name = format!("{} {}", noun.get_name(), verb.get_name());
            assert!(verb.get_about().is_some(), "{name}");
            // What takes nothing needs no example.
            let takes = verb
                .get_arguments()
                .any(|argument| argument.is_required_set());
            let example = verb.get_after_help().map(ToString::to_string);
            match example {
                Some(example) => {
                    assert!(
                        example.starts_with(&format!("Example: casenet {name}")),
                        "{name}"
                    );
                }
                None => assert!(!takes, "{name} has no example"),
            }
        }
    }
}

#[test]
fn what_is_allowed_now_can_be_typed_as_it_is_shown() {
    // Events that an agency causes, by the names in `allowed_events`.
    for event in [
        "send",
        "acknowledge",
        "accept",
        "reject",
        "contest",
        "start",
        "ask-information",
        "provide-information",
        "await-third-party",
        "hold",
        "resume",
        "complete",
        "fail",
        "acknowledge-outcome",
        "withdraw",
        "extend",
        "reopen",
        "propose-error",
        "mark-error",
        "authority-revoked",
    ] {
        let command = Cli::command();
        let referral = command.find_subcommand("referral").unwrap();
        assert!(referral.find_subcommand(event).is_some(), "{event}");
    }
}

#[test]
fn a_referral_is_asked_for_as_it_was_typed() {
    let line = format!(
        "referral create 330782-2026-000001 --to yiwu-labour --consent 330782-2026-000001/k {HEADER} \
         --kind handover --residual read --priority asap --access-until 2026-12-31 --read-only"
    );
    let (method, request) = asked(&line);
    assert_eq!(method, "ReferralService/CreateReferral");
    assert_eq!(request["parent"], json!("cases/330782-2026-000001"));
    let referral = &request["referral"];
    let expected = [
        ("toAgency", json!("agencies/yiwu-labour")),
        ("consent", json!("cases/330782-2026-000001/consents/k")),
        ("kind", json!("REFERRAL_KIND_HANDOVER")),
        ("residual", json!("RESIDUAL_CHOICE_READ")),
        ("priority", json!("PRIORITY_ASAP")),
        (
            "scope",
            json!(["SECTION_SUMMARY", "SECTION_IDENTITY_NUMBER"]),
        ),
        ("accessUntil", json!("2026-12-31T16:00:00Z")),
        ("contribute", json!(false)),
        ("legalBasis", Value::Null),
    ];
    for (field, value) in expected {
        assert_eq!(referral[field], value, "{field}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused_before_anybody_is_called() {
    let both = format!("referral create c --to a --consent c/k --legal-basis X {HEADER}");
    let neither = format!("referral create c --to a {HEADER}");
    for line in [
        both.as_str(),
        neither.as_str(),
        "referral complete c/r --outcome x --amount 12,5",
        "referral extend c/r --until tomorrow",
        "referral provide c/r that --add salary",
        "break-glass open c --reason x --explanation y --sections contact --minutes 181",
        "break-glass review c/b --verdict maybe --note x",
        "agreement propose a --sections summary --access-days 3651",
        "consent grant c --purpose x --sections summary --form f",
    ] {
        let words = std::iter::once("casenet").chain(line.split(' '));
        let refused = Cli::try_parse_from(words).unwrap_err();
        assert_eq!(refused.exit_code(), 2, "{line}");
    }
}

//! Why somebody sees what, and what another would see: over the real gateway,
//! held against the matrix and against what the other agency really gets.

use prost::Message as _;
use proto::v1::{self as pb, AccessLevel, AgencyKind, Section};
use proto::wire;
use tonic::{Code, Status};

use crate::matrix::{
    LEAD, READERS, State, WORKING, agencies, bring, contains, expected, full_case,
};
use crate::raw::raw_as;
use crate::world::{World, refused};

const STATES: [State; 5] = [
    State::NoGrant,
    State::Triage,
    State::Working,
    State::Residual,
    State::Withdrawn,
];

async fn explain(
    world: &World,
    by: &str,
    case: &str,
    about: &str,
) -> Result<pb::ExplainAccessResponse, Status> {
    let agency = match about {
        "" => String::new(),
        about => format!("agencies/{about}"),
    };
    let request = pb::ExplainAccessRequest {
        parent: case.into(),
        agency,
        purpose: String::new(),
    };
    let answer = world.agency(by).access().explain_access(request).await?;
    Ok(answer.into_inner())
}

/// The preview with the very bytes of its record.
struct Preview {
    told: pb::PreviewDisclosureResponse,
    record: Option<Vec<u8>>,
}

/// As a system that states this purpose for itself.
async fn preview(
    world: &World,
    by: &str,
    purpose: &str,
    case: &str,
    to: &str,
) -> Result<Preview, Status> {
    let request = pb::PreviewDisclosureRequest {
        name: case.into(),
        agency: format!("agencies/{to}"),
        purpose: String::new(),
    };
    let path = "/casenet.v1.AccessService/PreviewDisclosure";
    let bytes = request.encode_to_vec();
    let answer = if purpose.is_empty() {
        raw_as(world, by, path, bytes).await?
    } else {
        let client = world.agency(by).with_purpose(purpose);
        let answer = client.access().preview_disclosure(request).await?;
        // Typed, and encoded again: canonical, for this contract's messages.
        answer.into_inner().encode_to_vec()
    };
    let record = wire::last_bytes(&answer, 1).unwrap().map(<[u8]>::to_vec);
    let told = pb::PreviewDisclosureResponse::decode(answer.as_slice()).unwrap();
    Ok(Preview { told, record })
}

async fn really(world: &World, agency: &str, case: &str) -> Result<Vec<u8>, Status> {
    let request = pb::GetCaseRequest {
        name: case.into(),
        ..Default::default()
    };
    let path = "/casenet.v1.CaseService/GetCase";
    raw_as(world, agency, path, request.encode_to_vec()).await
}

fn mark(level: i32) -> char {
    match AccessLevel::try_from(level).unwrap() {
        AccessLevel::Full => '●',
        AccessLevel::Part => '◐',
        _ => '○',
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explanation_says_what_the_table_says_and_why() {
    let world = World::with(agencies()).await;
    for state in STATES {
        let case = full_case(&world).await;
        for (at, (reader, _)) in READERS.into_iter().enumerate() {
            bring(&world, &case, READERS[at], state).await;
            let told = explain(&world, LEAD, &case, reader).await.unwrap();
            for (section, _) in WORKING {
                let of = told.sections.iter().find(|s| s.of == section as i32);
                let of = of.unwrap();
                let others = of.others.as_ref().unwrap();
                let place = format!("{reader} {state:?} {section:?}: {of:?}");
                assert_eq!(mark(others.level), expected(state, section, at), "{place}");
                assert!(
                    !others.rule.is_empty() && !others.reason_zh.is_empty(),
                    "{place}"
                );
                assert_eq!(
                    mark(others.level) == '◐',
                    !others.part_rule.is_empty(),
                    "{place}"
                );
                // Nothing is seen without a fact that decided it, and that
                // names the grant it comes from.
                if mark(others.level) != '○' {
                    let decisive = of.facts.iter().filter(|fact| fact.decisive);
                    let names: Vec<&str> = decisive.clone().map(|f| f.name.as_str()).collect();
                    assert!(
                        names.contains(&"granted") || names.contains(&"triage"),
                        "{place}"
                    );
                    assert!(
                        decisive.clone().any(|f| f.source.contains("/grants/")),
                        "{place}"
                    );
                }
            }
            let own = explain(&world, reader, &case, "").await;
            let sees_nothing = WORKING
                .iter()
                .all(|(section, _)| expected(state, *section, at) == '○');
            match own {
                Ok(own) => assert_eq!(own.sections, told.sections, "{reader} {state:?}"),
                Err(status) => {
                    assert!(sees_nothing, "{reader} {state:?}: {status:?}");
                    refused(&status, Code::NotFound, "NOT_FOUND");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_and_what_a_consent_rests_on_is_named() {
    let world = World::with(agencies()).await;
    let case = full_case(&world).await;
    let injury = |told: &pb::ExplainAccessResponse| {
        let of = told
            .sections
            .iter()
            .find(|s| s.of == Section::Injury as i32);
        of.unwrap().clone()
    };
    let before = injury(&explain(&world, LEAD, &case, "").await.unwrap());
    assert_eq!(before.missing, ["consent"]);
    assert_eq!(before.others.unwrap().rule, "union.injury");
    let union = [AgencyKind::Union];
    let consent = world.consent(LEAD, &case, &union, &[Section::Injury]).await;
    let after = injury(&explain(&world, LEAD, &case, "").await.unwrap());
    let fact = after
        .facts
        .iter()
        .find(|fact| fact.name == "consent")
        .unwrap();
    assert_eq!(fact.source, consent.name);
    assert!(fact.decisive);
    assert_eq!(mark(after.others.unwrap().level), '●');
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_is_byte_for_byte_what_the_other_really_gets() {
    let world = World::with(agencies()).await;
    let mut complete = Vec::new();
    for state in STATES {
        let case = full_case(&world).await;
        // What the others see with a consent the lead sees with one too.
        let union = [AgencyKind::Union];
        world.consent(LEAD, &case, &union, &[Section::Injury]).await;
        for (reader, kind) in READERS {
            bring(&world, &case, (reader, kind), state).await;
            let got = really(&world, reader, &case).await;
            let shown = preview(&world, LEAD, "", &case, reader).await.unwrap();
            match got {
                Err(status) => {
                    refused(&status, Code::NotFound, "NOT_FOUND");
                    assert_eq!(shown.told.refusal, "NOT_FOUND", "{reader} {state:?}");
                    assert_eq!(shown.record, None, "{reader} {state:?}");
                }
                Ok(got) => {
                    let record = shown.record.unwrap();
                    let is_same = record == got;
                    assert_eq!(shown.told.complete, is_same, "{reader} {state:?}");
                    assert_eq!(
                        shown.told.left_out.is_empty(),
                        is_same,
                        "{reader} {state:?}"
                    );
                    if is_same {
                        complete.push((reader, state));
                    }
                }
            }
            // For filing the lead reads whole numbers, as the organs do.
            if let (Ok(got), true) = (
                really(&world, reader, &case).await,
                kind != AgencyKind::LawFirm,
            ) {
                let shown = preview(&world, LEAD, "filing", &case, reader)
                    .await
                    .unwrap();
                assert!(
                    shown.told.complete,
                    "{reader} {state:?}: {:?}",
                    shown.told.left_out
                );
                let got = pb::Case::decode(got.as_slice()).unwrap();
                assert_eq!(shown.told.record.unwrap(), got, "{reader} {state:?}");
            }
        }
    }
    let kinds = |state| complete.iter().filter(|(_, of)| *of == state).count();
    assert_eq!(kinds(State::Triage), 6, "{complete:?}");
    assert!(kinds(State::Working) >= 3, "{complete:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_shows_the_lead_nothing_that_it_may_not_see_itself() {
    let world = World::with(agencies()).await;
    let case = full_case(&world).await;
    for (agency, hidden, section) in [
        ("chengxin-law", "MARK-strategy", Section::Privileged),
        ("chengxin-law", "MARK-counsel", Section::CounselFile),
        ("yiwu-labour", "MARK-findings", Section::InspectionFile),
        ("yiwu-court", "33078218700615007X", Section::IdentityNumber),
        ("yiwu-court", "MARK-trial", Section::CourtFile),
    ] {
        let got = really(&world, agency, &case).await.unwrap();
        assert!(contains(&got, hidden), "{agency} itself lacks {hidden}");
        let shown = preview(&world, LEAD, "", &case, agency).await.unwrap();
        assert!(!contains(&shown.record.unwrap(), hidden), "{hidden}");
        assert!(!shown.told.complete);
        assert!(
            shown.told.left_out.contains(&(section as i32)),
            "{section:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_is_recorded_as_a_disclosure_to_the_lead() {
    let world = World::together().await;
    let case = full_case(&world).await;
    preview(&world, LEAD, "", &case, "yiwu-court")
        .await
        .unwrap();
    explain(&world, LEAD, &case, "yiwu-court").await.unwrap();
    let request = pb::ListDisclosuresRequest {
        parent: case.clone(),
        ..Default::default()
    };
    let lead = world.agency(LEAD);
    let log = lead.disclosures().list_disclosures(request).await.unwrap();
    let records = log.into_inner().records;
    let of = |method: &str| {
        records
            .iter()
            .find(|record| record.method.ends_with(method))
    };
    let shown = of("AccessService/PreviewDisclosure").unwrap();
    assert_eq!(shown.agency, format!("agencies/{LEAD}"));
    assert!(shown.sections.contains(&(Section::Claims as i32)));
    let told = of("AccessService/ExplainAccess").unwrap();
    assert!(told.sections.is_empty() && told.sections_in_part.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_of_another_what_is_not_for_it() {
    let world = World::with(agencies()).await;
    let case = full_case(&world).await;
    for about in ["zhejiang-workers", "yiwu-court", ""] {
        let stranger = explain(&world, "zhejiang-workers", &case, about).await;
        refused(&stranger.unwrap_err(), Code::NotFound, "NOT_FOUND");
    }
    let stranger = preview(&world, "zhejiang-workers", "", &case, "yiwu-court").await;
    refused(&stranger.err().unwrap(), Code::NotFound, "NOT_FOUND");
    let missing = explain(&world, LEAD, "cases/330782-2026-999999", "").await;
    refused(&missing.unwrap_err(), Code::NotFound, "NOT_FOUND");

    // Who takes part may ask about itself and about nobody else.
    let participant = explain(&world, "yiwu-court", &case, "yiwu-labour").await;
    refused(
        &participant.unwrap_err(),
        Code::PermissionDenied,
        "NOT_ALLOWED",
    );
    let participant = preview(&world, "yiwu-court", "", &case, "yiwu-labour").await;
    refused(
        &participant.err().unwrap(),
        Code::PermissionDenied,
        "NOT_ALLOWED",
    );
    // A house that sees a part is told of the part, and may preview nothing.
    assert!(explain(&world, "yiwu-daily", &case, "").await.is_ok());

    let nobody = explain(&world, LEAD, &case, "nobody-here").await;
    refused(
        &nobody.unwrap_err(),
        Code::InvalidArgument,
        "INVALID_ARGUMENT",
    );
    let wrong = preview(&world, LEAD, "", &case, "No Such Name").await;
    refused(
        &wrong.err().unwrap(),
        Code::InvalidArgument,
        "INVALID_ARGUMENT",
    );
}

/// The program itself, as an agency.
async fn program(world: &World, agency: &str, arguments: &[&str]) -> (i32, String) {
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_casenet"))
        .args(arguments)
        .arg("--data")
        .arg(world.folder())
        .args(["--gateway", &world.gateway, "--agency", agency])
        .output()
        .await
        .unwrap();
    let code = output.status.code().unwrap();
    (code, String::from_utf8_lossy(&output.stdout).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_explains_and_shows_as_another_sees_it() {
    let world = World::together().await;
    let case = full_case(&world).await;
    let case = case.trim_start_matches("cases/");
    let (code, page) = program(
        &world,
        LEAD,
        &["case", "explain", case, "--for", "yiwu-court"],
    )
    .await;
    assert_eq!(code, 0, "{page}");
    for told in ["judiciary.evidence", "仅限已提交的证据", "granted by g"] {
        assert!(page.contains(told), "{told} is not in {page}");
    }
    let (code, own) = program(&world, "yiwu-court", &["case", "explain", case]).await;
    assert_eq!((code, own), (0, page));
    let (code, page) = program(&world, LEAD, &["case", "show", case, "--as", "yiwu-court"]).await;
    assert_eq!(code, 0, "{page}");
    assert!(page.contains("it may see more than you") && page.contains("MARK-claims"));
    assert!(!page.contains("33078218700615007X"), "{page}");
    let (code, page) = program(
        &world,
        LEAD,
        &["case", "show", case, "--as", "zhe-university"],
    )
    .await;
    assert_eq!((code, page.trim()), (0, "it gets nothing: NOT_FOUND"));
    let (code, _) = program(&world, "yiwu-court", &["case", "show", case, "--as", LEAD]).await;
    assert_eq!(code, 3);
}

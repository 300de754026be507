//! Documents: a broken upload goes on, what is wrong is refused, and each reads
//! what it may.

use std::fs;
use std::path::Path;

use proto::v1::{self as pb, AgencyKind, ReferralKind, Section};
use tokio_stream::StreamExt as _;
use tonic::{Code, Status};

use crate::world::{World, on_consent, on_duty, refused};

const LEAD: &str = "yiwu-union";
const FIRM: &str = "hongyi-law";
const COURT: &str = "yiwu-court";
const CHUNK: usize = 128 * 1024;

/// A paper of 300,000 bytes with a mark all through it.
fn paper() -> Vec<u8> {
    let mut paper = b"%PDF-1.7\n".to_vec();
    while paper.len() < 300_000 {
        paper.extend_from_slice(b"MARK-payslip ");
    }
    paper.truncate(300_000);
    paper
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA256, bytes)
        .as_ref()
        .to_vec()
}

async fn start(
    world: &World,
    case: &str,
    content: &[u8],
    filed: bool,
) -> Result<pb::Upload, Status> {
    let request = pb::StartUploadRequest {
        parent: case.into(),
        evidence: Some(pb::Evidence {
            title: "工资条".into(),
            kind: "documentary".into(),
            sha256: sha256(content),
            filed,
            ..Default::default()
        }),
        size: content.len() as u64,
        request_id: String::new(),
    };
    let lead = world.agency(LEAD);
    Ok(lead.documents().start_upload(request).await?.into_inner())
}

async fn piece(
    world: &World,
    name: &str,
    content: &[u8],
    offset: usize,
) -> Result<pb::Upload, Status> {
    let end = content.len().min(offset + CHUNK);
    let request = pb::UploadChunkRequest {
        name: name.into(),
        offset: offset as u64,
        data: content[offset..end].to_vec(),
    };
    let lead = world.agency(LEAD);
    Ok(lead.documents().upload_chunk(request).await?.into_inner())
}

async fn finish(world: &World, name: &str) -> Result<pb::Evidence, Status> {
    let request = pb::FinishUploadRequest {
        name: name.into(),
        request_id: String::new(),
    };
    let lead = world.agency(LEAD);
    Ok(lead.documents().finish_upload(request).await?.into_inner())
}

async fn upload(world: &World, case: &str, content: &[u8], filed: bool) -> Result<String, Status> {
    let name = start(world, case, content, filed).await?.name;
    for offset in (0..content.len()).step_by(CHUNK) {
        piece(world, &name, content, offset).await?;
    }
    finish(world, &name).await?;
    Ok(name)
}

/// What an agency gets of a range, and in how many pieces.
async fn read(
    world: &World,
    agency: &str,
    name: &str,
    offset: u64,
    length: u64,
) -> Result<Vec<u8>, Status> {
    let request = pb::ReadDocumentRequest {
        name: name.into(),
        offset,
        length,
    };
    let stream = world
        .agency(agency)
        .documents()
        .read_document(request)
        .await?;
    let mut stream = stream.into_inner();
    let mut content = Vec::new();
    while let Some(piece) = stream.next().await {
        let piece = piece?;
        let piece = piece.content.or(piece.filed_content).unwrap();
        assert_eq!(piece.offset, offset + content.len() as u64);
        content.extend(piece.data);
    }
    Ok(content)
}

#[tokio::test]
async fn a_broken_upload_goes_on_where_it_stopped_and_the_content_is_sealed_on_disk() {
    let mut world = World::together().await;
    let case = world.register(LEAD).await.name;
    let paper = paper();
    let name = start(&world, &case, &paper, false).await.unwrap().name;
    piece(&world, &name, &paper, 0).await.unwrap();
    world.restart().await;
    let get = pb::GetUploadRequest { name: name.clone() };
    let upload = world.agency(LEAD).documents().get_upload(get.clone()).await;
    assert_eq!(upload.unwrap().into_inner().received, CHUNK as u64);
    // Not the uploader's agency: there is no such thing.
    let stranger = world.agency(FIRM).documents().get_upload(get).await;
    refused(&stranger.unwrap_err(), Code::NotFound, "NOT_FOUND");
    // Nobody reads half a document, nor is it in the record.
    let half = read(&world, LEAD, &name, 0, 0).await.unwrap_err();
    refused(&half, Code::NotFound, "NOT_FOUND");
    assert!(world.get(LEAD, &case).await.unwrap().evidence.is_empty());
    let early = finish(&world, &name).await.unwrap_err();
    refused(&early, Code::FailedPrecondition, "WRONG_STATE");
    let gap = piece(&world, &name, &paper, 2 * CHUNK).await.unwrap_err();
    refused(&gap, Code::FailedPrecondition, "WRONG_STATE");

    // The same piece again is the same; then the rest.
    for offset in [0, CHUNK, 2 * CHUNK] {
        piece(&world, &name, &paper, offset).await.unwrap();
    }
    let evidence = finish(&world, &name).await.unwrap();
    assert_eq!(evidence.content_type, "application/pdf");
    assert_eq!(evidence.size, 300_000);
    assert_eq!(read(&world, LEAD, &name, 0, 0).await.unwrap(), paper);
    let range = read(&world, LEAD, &name, 131_000, 5_000).await.unwrap();
    assert_eq!(range, paper[131_000..136_000]);
    assert_eq!(world.get(LEAD, &case).await.unwrap().evidence.len(), 1);
    assert!(!holds(world.folder(), b"MARK-payslip"), "sealed at rest");
}

#[tokio::test]
async fn each_reads_the_documents_that_it_may() {
    let world = World::together().await;
    let case = world.register(LEAD).await.name;
    let own = upload(&world, &case, &paper(), false).await.unwrap();
    let filed = upload(&world, &case, b"%PDF-1.7\nMARK-filed", true)
        .await
        .unwrap();
    for stranger in [FIRM, COURT] {
        let none = read(&world, stranger, &own, 0, 0).await.unwrap_err();
        refused(&none, Code::NotFound, "NOT_FOUND");
    }
    let scope = [Section::Summary, Section::Evidence];
    let consent = world
        .consent(LEAD, &case, &[AgencyKind::LawFirm], &scope)
        .await
        .name;
    let offer = on_consent(ReferralKind::Assist, FIRM, &scope, &consent);
    world.share(LEAD, &case, offer).await;
    world.share(LEAD, &case, on_duty(COURT, &scope)).await;
    assert_eq!(read(&world, FIRM, &own, 0, 0).await.unwrap(), paper());
    // The court sees what was filed, and nothing of the rest.
    let court = read(&world, COURT, &filed, 0, 0).await.unwrap();
    assert_eq!(court, b"%PDF-1.7\nMARK-filed");
    assert!(read(&world, COURT, &own, 0, 0).await.unwrap().is_empty());
    // Without the section in its scope, nothing comes.
    let claims = [Section::Summary, Section::Claims];
    world
        .share(LEAD, &case, on_duty("yiwu-labour", &claims))
        .await;
    assert!(
        read(&world, "yiwu-labour", &filed, 0, 0)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn what_is_not_as_announced_or_could_be_run_is_not_kept() {
    let world = World::together().await;
    let case = world.register(LEAD).await.name;
    let page = b"<!DOCTYPE html><script>alert(1)</script>";
    let refusal = upload(&world, &case, page, false).await.unwrap_err();
    refused(&refusal, Code::InvalidArgument, "INVALID_ARGUMENT");
    let paper = paper();
    let name = start(&world, &case, &paper[..10], false)
        .await
        .unwrap()
        .name;
    let long = piece(&world, &name, &paper, 0).await.unwrap_err();
    refused(&long, Code::InvalidArgument, "INVALID_ARGUMENT");
    piece(&world, &name, b"%PDF-1.7\nX", 0).await.unwrap();
    let other = finish(&world, &name).await.unwrap_err();
    refused(&other, Code::InvalidArgument, "INVALID_ARGUMENT");
    assert!(other.message().starts_with("sha256"), "{}", other.message());
    let request = pb::StartUploadRequest {
        parent: case.clone(),
        evidence: Some(pb::Evidence {
            title: "x".into(),
            kind: "documentary".into(),
            sha256: vec![1; 32],
            ..Default::default()
        }),
        size: 50 * 1024 * 1024 + 1,
        request_id: String::new(),
    };
    let huge = world.agency(LEAD).documents().start_upload(request).await;
    refused(
        &huge.unwrap_err(),
        Code::InvalidArgument,
        "INVALID_ARGUMENT",
    );
    assert!(world.get(LEAD, &case).await.unwrap().evidence.is_empty());
}

/// Whether any file below the folder holds these bytes.
fn holds(folder: &Path, wanted: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, wanted);
        }
        let bytes = fs::read(&path).unwrap();
        bytes.windows(wanted.len()).any(|window| window == wanted)
    })
}

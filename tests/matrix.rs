//! The disclosure matrix over the real gateway: every kind of agency × every
//! section × every state of its access, against the table of the design
//! (docs/decisions/0007 for universities). What may not be seen is searched for
//! in everything that leaves: record, list, stream, error.

use std::collections::BTreeMap;

use casenet::city::{self, Agency, Kind};
use prost::Message as _;
use proto::v1::{self as pb, AgencyKind, ReferralKind, Section};
use serde_json::json;
use tokio_stream::StreamExt as _;
use tonic::Code;

use crate::world::{World, on_consent, on_duty, refused};

pub const LEAD: &str = "yiwu-union";

/// Those who read, one of each kind; the files are others'.
pub const READERS: [(&str, AgencyKind); 7] = [
    ("kaihua-union", AgencyKind::Union),
    ("hongyi-law", AgencyKind::LawFirm),
    ("jinhua-labour", AgencyKind::LabourBureau),
    ("jinhua-court", AgencyKind::Court),
    ("jinhua-procuratorate", AgencyKind::Procuratorate),
    ("zhejiang-workers", AgencyKind::Media),
    ("zhe-university", AgencyKind::University),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    NoGrant,
    Triage,
    Working,
    Residual,
    Withdrawn,
}

/// ● all, ◐ in part, ○ nothing; columns as READERS, for working access. The
/// organs act on their duty and hold no consent of the worker; the others do.
pub const WORKING: [(Section, &str); 17] = [
    (Section::Summary, "● ● ● ● ● ◐ ○"),
    (Section::Identity, "● ● ● ● ● ◐ ○"),
    (Section::IdentityNumber, "◐ ◐ ● ● ● ○ ○"),
    (Section::Contact, "● ● ◐ ◐ ◐ ● ○"),
    (Section::Employment, "● ● ● ● ● ◐ ○"),
    (Section::Claims, "● ● ● ● ● ◐ ○"),
    (Section::Injury, "● ● ○ ○ ○ ● ○"),
    (Section::Evidence, "● ● ◐ ◐ ◐ ○ ○"),
    (Section::Timeline, "● ● ● ● ● ○ ○"),
    (Section::UnionFile, "● ● ○ ◐ ◐ ○ ○"),
    (Section::CounselFile, "◐ ○ ○ ○ ○ ○ ○"),
    (Section::Privileged, "○ ○ ○ ○ ○ ○ ○"),
    (Section::InspectionFile, "◐ ◐ ◐ ◐ ◐ ○ ○"),
    (Section::ArbitrationFile, "◐ ◐ ◐ ◐ ◐ ◐ ○"),
    (Section::CourtFile, "◐ ◐ ◐ ◐ ◐ ◐ ○"),
    (Section::Publicity, "● ● ● ● ● ● ●"),
    (Section::Statistics, "● ● ● ● ● ● ●"),
];

/// Triage and residual access name few sections; all others are ○.
const TRIAGE: [(Section, &str); 2] = [
    (Section::Summary, "◐ ◐ ◐ ◐ ◐ ◐ ○"),
    (Section::Claims, "◐ ◐ ◐ ◐ ◐ ◐ ○"),
];
const RESIDUAL: [(Section, &str); 1] = [(Section::Summary, "● ● ● ● ● ◐ ○")];

pub fn expected(state: State, section: Section, reader: usize) -> char {
    let table: &[(Section, &str)] = match state {
        State::NoGrant | State::Withdrawn => &[],
        State::Triage => &TRIAGE,
        State::Working => &WORKING,
        State::Residual => &RESIDUAL,
    };
    let row = table
        .iter()
        .find(|(row, _)| *row == section)
        .map(|(_, cells)| *cells);
    row.map_or('○', |cells| {
        cells
            .split(' ')
            .nth(reader)
            .unwrap()
            .chars()
            .next()
            .unwrap()
    })
}

/// Everything of a full case that only some may see.
pub const MARKERS: [&str; 20] = [
    "MARK-summary",
    "MARK-identity",
    "33078218700615007X",
    "MARK-home-address",
    "MARK-service",
    "MARK-employment",
    "mark_employer_kind",
    "MARK-claims",
    "mark_claim",
    "MARK-injury",
    "MARK-evidence",
    "PART-evidence",
    "MARK-timeline",
    "MARK-minutes",
    "PART-agreement",
    "MARK-counsel",
    "MARK-strategy",
    "MARK-findings",
    "MARK-hearing",
    "MARK-trial",
];

/// What stands in full only, and in the part, of each section.
fn marker(section: Section) -> (&'static str, &'static str) {
    match section {
        Section::Summary => ("MARK-summary", ""),
        Section::Identity => ("MARK-identity", "工友甲"),
        Section::IdentityNumber => ("33078218700615007X", "007X"),
        Section::Contact => ("MARK-home-address", "MARK-service"),
        Section::Employment => ("MARK-employment", "mark_employer_kind"),
        Section::Claims => ("MARK-claims", "mark_claim"),
        Section::Injury => ("MARK-injury", ""),
        Section::Evidence => ("MARK-evidence", "PART-evidence"),
        Section::Timeline => ("MARK-timeline", ""),
        Section::UnionFile => ("MARK-minutes", "PART-agreement"),
        Section::CounselFile => ("MARK-counsel", ""),
        Section::Privileged => ("MARK-strategy", ""),
        Section::InspectionFile => ("MARK-findings", ""),
        Section::ArbitrationFile => ("MARK-hearing", ""),
        Section::CourtFile => ("MARK-trial", ""),
        Section::Publicity => ("MARK-publicity", ""),
        _ => ("", ""),
    }
}

/// How much of a section a record shows of what others put into it: its own
/// contributions every agency reads, in any state.
fn seen(case: &pb::Case, section: Section, reader: &str) -> char {
    let own = format!("agencies/{reader}");
    let mut case = case.clone();
    case.timeline.retain(|entry| entry.author != own);
    case.counsel_files.retain(|file| file.author != own);
    let part = match section {
        Section::Summary => case.summary.is_some(),
        Section::Identity => !case.identities.is_empty(),
        Section::IdentityNumber => !case.identity_numbers.is_empty(),
        Section::Contact => !case.contacts.is_empty(),
        Section::Employment => case.employment.is_some(),
        Section::Claims => !case.claims.is_empty(),
        Section::Injury => case.injury.is_some() || !case.injury_files.is_empty(),
        Section::Evidence => !case.evidence.is_empty() || !case.filed_evidence.is_empty(),
        Section::Timeline => !case.timeline.is_empty(),
        Section::UnionFile => !case.union_files.is_empty(),
        Section::CounselFile => !case.counsel_files.is_empty(),
        Section::Privileged => !case.privileged_notes.is_empty(),
        Section::InspectionFile => !case.inspection_files.is_empty(),
        Section::ArbitrationFile => !case.arbitration_files.is_empty(),
        Section::CourtFile => !case.court_files.is_empty(),
        Section::Publicity => !case.publicity_files.is_empty(),
        Section::Statistics => {
            return if case.statistics.is_some() {
                '●'
            } else {
                '○'
            };
        }
        _ => false,
    };
    let (whole_marker, part_marker) = marker(section);
    let bytes = case.encode_to_vec();
    let part = part && (part_marker.is_empty() || contains(&bytes, part_marker));
    match (contains(&bytes, whole_marker), part) {
        (true, _) => '●',
        (false, true) => '◐',
        (false, false) => '○',
    }
}

pub fn contains(bytes: &[u8], marker: &str) -> bool {
    !marker.is_empty()
        && bytes
            .windows(marker.len())
            .any(|window| window == marker.as_bytes())
}

pub fn agencies() -> Vec<Agency> {
    let mut agencies = city::yiwu();
    for (id, kind) in [
        ("jinhua-labour", Kind::LabourBureau),
        ("jinhua-court", Kind::Court),
        ("jinhua-procuratorate", Kind::Procuratorate),
    ] {
        let like = agencies[0].clone();
        agencies.push(Agency {
            id: id.into(),
            kind,
            services: Vec::new(),
            ..like
        });
    }
    agencies
}

fn sections() -> Vec<Section> {
    WORKING
        .iter()
        .map(|(section, _)| *section)
        .filter(|s| *s != Section::Privileged)
        .collect()
}

/// A case with something of its own in every section.
pub async fn full_case(world: &World) -> String {
    let request = pb::RegisterCaseRequest {
        district: "330782".into(),
        workers: vec![pb::NewWorker {
            name: "MARK-identity".into(),
            identity_number: "33078218700615007X".into(),
            mobile: "19900000000".into(),
            service_address: "MARK-service".into(),
            home_address: "MARK-home-address".into(),
            ..Default::default()
        }],
        employment: Some(pb::Employment {
            employer_name: "MARK-employment".into(),
            employer_kind: "mark_employer_kind".into(),
            ..Default::default()
        }),
        claims: vec![pb::Claim {
            kind: "mark_claim".into(),
            note: "MARK-claims".into(),
            ..Default::default()
        }],
        injury: Some(pb::Injury {
            diagnosis: "MARK-injury".into(),
            ..Default::default()
        }),
        title_zh: "MARK-summary".into(),
        ..Default::default()
    };
    let lead = world.agency(LEAD);
    let case = lead
        .cases()
        .register_case(request)
        .await
        .unwrap()
        .into_inner()
        .name;
    for (title, filed) in [("MARK-evidence", false), ("PART-evidence", true)] {
        let evidence = pb::Evidence {
            title: title.into(),
            kind: "documentary".into(),
            sha256: vec![1; 32],
            filed,
            ..Default::default()
        };
        let request = pb::AddEvidenceRequest {
            parent: case.clone(),
            evidence: Some(evidence),
            request_id: String::new(),
        };
        lead.cases().add_evidence(request).await.unwrap();
    }
    let scope = sections();
    let consent = world
        .consent(
            LEAD,
            &case,
            &[AgencyKind::LawFirm, AgencyKind::Media],
            &scope,
        )
        .await;
    let firm = on_consent(ReferralKind::Assist, "chengxin-law", &scope, &consent.name);
    world.share(LEAD, &case, firm).await;
    let house = on_consent(ReferralKind::Inform, "yiwu-daily", &scope, &consent.name);
    world.share(LEAD, &case, house).await;
    world
        .share(LEAD, &case, on_duty("yiwu-labour", &scope))
        .await;
    world
        .share(LEAD, &case, on_duty("yiwu-court", &scope))
        .await;

    for (agency, method, fields) in [
        (
            LEAD,
            "CaseService/AppendNote",
            json!({"entry": {"note": "MARK-timeline"}}),
        ),
        (
            LEAD,
            "UnionService/OpenIntake",
            json!({"underWayAt": "mediating"}),
        ),
        (
            LEAD,
            "UnionService/HoldMediationSession",
            json!({"minutes": "MARK-minutes", "attendees": 2}),
        ),
        (
            LEAD,
            "UnionService/RecordMediationAgreement",
            json!({"terms": "PART-agreement",
            "signedByBoth": true, "signedByMediator": true, "sealed": true}),
        ),
        (
            "chengxin-law",
            "LawFirmService/Engage",
            json!({"feeArrangement": "FEE_ARRANGEMENT_PRO_BONO"}),
        ),
        (
            "chengxin-law",
            "LawFirmService/AssignCounsel",
            json!({"lawyerName": "MARK-counsel"}),
        ),
        (
            "chengxin-law",
            "LawFirmService/WritePrivilegedNote",
            json!({"text": "MARK-strategy"}),
        ),
        (
            "yiwu-labour",
            "LabourBureauService/ReceiveComplaint",
            json!({"underWayAt": "accepted"}),
        ),
        (
            "yiwu-labour",
            "LabourBureauService/RecordInspectionVisit",
            json!({"officers": 2, "findings": "MARK-findings"}),
        ),
        (
            "yiwu-labour",
            "LabourBureauService/ReceiveArbitrationApplication",
            json!({"underWayAt": "constituted"}),
        ),
        (
            "yiwu-labour",
            "LabourBureauService/HoldArbitrationHearing",
            json!({"minutes": "MARK-hearing"}),
        ),
        (
            "yiwu-court",
            "JudiciaryService/FileSuit",
            json!({"kind": "COURT_KIND_CIVIL_SUIT", "underWayAt": "docketed"}),
        ),
        (
            "yiwu-court",
            "JudiciaryService/HoldHearing",
            json!({"minutes": "MARK-trial"}),
        ),
        (
            "yiwu-daily",
            "MediaService/RecordReport",
            json!({"url": "https://example.org/MARK-publicity"}),
        ),
    ] {
        let mut request = fields;
        request["parent"] = json!(case);
        let done = world
            .agency(agency)
            .call(method, &request.to_string())
            .await;
        done.unwrap_or_else(|error| panic!("{method}: {error}"));
    }
    // The consent was for the firm and the house that keep files here; what the
    // readers below may see rests on consents of their own.
    case
}

/// Brings a reader into a state.
pub async fn bring(world: &World, case: &str, reader: (&str, AgencyKind), state: State) {
    let (agency, kind) = reader;
    if state == State::NoGrant {
        return;
    }
    let scope = sections();
    let inform = matches!(kind, AgencyKind::Media | AgencyKind::University);
    let referral_kind = if inform {
        ReferralKind::Inform
    } else {
        ReferralKind::Assist
    };
    let on_own_duty = state != State::Withdrawn
        && matches!(
            kind,
            AgencyKind::LabourBureau | AgencyKind::Court | AgencyKind::Procuratorate
        );
    let mut consent = None;
    let referral = if on_own_duty {
        on_duty(agency, &scope)
    } else {
        let granted = world.consent(LEAD, case, &[kind], &scope).await;
        let referral = on_consent(referral_kind, agency, &scope, &granted.name);
        consent = Some(granted.name);
        referral
    };
    if state == State::Triage {
        let drafted = world.draft(LEAD, case, referral).await.unwrap();
        world.send(LEAD, &drafted.name).await.unwrap();
        return;
    }
    let accepted = world.share(LEAD, case, referral).await;
    if state == State::Residual {
        let complete = pb::CompleteReferralRequest {
            name: accepted.name,
            outcome: "done".into(),
            ..Default::default()
        };
        world
            .agency(agency)
            .referrals()
            .complete_referral(complete)
            .await
            .unwrap();
    } else if state == State::Withdrawn {
        let name = consent.unwrap();
        let withdraw = pb::WithdrawConsentRequest {
            name,
            request_id: String::new(),
        };
        world
            .agency(LEAD)
            .consents()
            .withdraw_consent(withdraw)
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_sees_of_every_section_what_the_table_says_in_every_state() {
    let world = World::with(agencies()).await;
    let mut wrong = Vec::new();
    for state in [
        State::NoGrant,
        State::Triage,
        State::Working,
        State::Residual,
        State::Withdrawn,
    ] {
        for (at, reader) in READERS.into_iter().enumerate() {
            let case = full_case(&world).await;
            bring(&world, &case, reader, state).await;
            let nothing = WORKING
                .iter()
                .all(|(section, _)| expected(state, *section, at) == '○');
            let answer = world.get(reader.0, &case).await;
            let listed = list(&world, reader.0, &case).await;
            let streamed = stream(&world, reader.0, &case).await;
            let mut left = vec![
                listed.clone().unwrap_or_default().encode_to_vec(),
                streamed.clone(),
            ];
            match &answer {
                Ok(record) => left.push(record.encode_to_vec()),
                Err(status) => left.push(format!("{status:?}").into_bytes()),
            }
            if nothing {
                refused(answer.as_ref().unwrap_err(), Code::NotFound, "NOT_FOUND");
                assert!(listed.is_none(), "{} {state:?} is listed", reader.0);
            }
            for (section, _) in WORKING {
                let want = expected(state, section, at);
                let got = answer
                    .as_ref()
                    .map_or('○', |record| seen(record, section, reader.0));
                if got != want {
                    wrong.push(format!(
                        "{} {state:?} {section:?}: {got}, not {want}",
                        reader.0
                    ));
                }
                let (full, part) = marker(section);
                let leaks = |text: &str| left.iter().any(|bytes| contains(bytes, text));
                if want != '●' && leaks(full) {
                    wrong.push(format!("{} {state:?} {section:?}: {full} left", reader.0));
                }
                // The claim's kind is also the dispute's, which the summary tells, and
                // both kinds are coded facts.
                let coded = expected(state, Section::Statistics, at) != '○';
                let summed = expected(state, Section::Summary, at) != '○';
                let told_elsewhere = (section == Section::Claims && (summed || coded))
                    || (section == Section::Employment && coded);
                if want == '○' && !told_elsewhere && !part.is_empty() && leaks(part) {
                    wrong.push(format!("{} {state:?} {section:?}: {part} left", reader.0));
                }
            }
            let reads_timeline = expected(state, Section::Timeline, at) == '●';
            assert_eq!(
                contains(&streamed, "MARK-timeline"),
                reads_timeline,
                "{} {state:?}",
                reader.0
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lead_and_the_authors_see_what_is_theirs() {
    let world = World::with(agencies()).await;
    let case = full_case(&world).await;
    let own: BTreeMap<&str, &str> = BTreeMap::from([
        (LEAD, "MARK-minutes"),
        ("chengxin-law", "MARK-strategy"),
        ("yiwu-labour", "MARK-findings"),
        ("yiwu-court", "MARK-trial"),
        ("yiwu-daily", "MARK-publicity"),
    ]);
    for (agency, marker) in &own {
        let record = world.get(agency, &case).await.unwrap().encode_to_vec();
        assert!(contains(&record, marker), "{agency} lacks {marker}");
        // Strategy is the firm's alone, whoever leads.
        assert_eq!(
            contains(&record, "MARK-strategy"),
            *agency == "chengxin-law",
            "{agency}"
        );
    }
    let lead = world.get(LEAD, &case).await.unwrap();
    for (section, want) in [
        (Section::IdentityNumber, '◐'),
        (Section::InspectionFile, '◐'),
        (Section::CourtFile, '◐'),
        (Section::CounselFile, '◐'),
        (Section::Injury, '○'),
    ] {
        assert_eq!(seen(&lead, section, LEAD), want, "{section:?}");
    }
    let filing = world.agency(LEAD).with_purpose("filing");
    let get = pb::GetCaseRequest {
        name: case,
        ..Default::default()
    };
    let record = filing.cases().get_case(get).await.unwrap().into_inner();
    assert_eq!(record.identity_numbers[0].number, "33078218700615007X");
}

async fn list(world: &World, agency: &str, case: &str) -> Option<pb::Case> {
    let list = pb::ListCasesRequest {
        page_size: 200,
        ..Default::default()
    };
    let page = world
        .agency(agency)
        .cases()
        .list_cases(list)
        .await
        .unwrap()
        .into_inner();
    page.cases.into_iter().find(|listed| listed.name == case)
}

/// Everything that a stream lets out at once, its refusal too.
async fn stream(world: &World, agency: &str, case: &str) -> Vec<u8> {
    let watch = pb::WatchCaseRequest {
        name: case.into(),
        after: 0,
    };
    let mut bytes = Vec::new();
    match world.agency(agency).cases().watch_case(watch).await {
        Err(status) => bytes.extend(format!("{status:?}").into_bytes()),
        Ok(messages) => {
            let mut messages = messages.into_inner();
            // What is there comes at once; what may not be seen never does.
            let patience = std::time::Duration::from_millis(150);
            while let Ok(Some(message)) = tokio::time::timeout(patience, messages.next()).await {
                match message {
                    Ok(message) => bytes.extend(message.encode_to_vec()),
                    Err(status) => bytes.extend(format!("{status:?}").into_bytes()),
                }
            }
        }
    }
    bytes
}

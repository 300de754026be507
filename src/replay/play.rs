//! Playing one case.

use std::collections::{BTreeMap, BTreeSet};

use host::Refused;
use host::tls::ClientIdentity;
use law::codes::fen::Fen;
use proto::Money;
use proto::v1::{self as pb, AgencyKind, ReferralKind, Section};
use serde_json::{Map, Value, json};
use tonic::{Code, Status};

use super::case_file::{CaseFile, Step};
use super::deeds::{self, Deed};
use super::{Missed, Report};
use crate::client::{CallError, Client};
use crate::config::Config;

/// Agencies that have no part in any case: what they are refused shows that
/// nothing is open to whoever asks.
const STRANGERS: [&str; 2] = ["chengxin-law", "zhejiang-workers"];

/// Why a replay cannot go on at all.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// An agency's certificate or the gateway's address.
    #[error("{0}")]
    Client(#[from] host::upstream::UpstreamError),
    /// A call failed that no course of events explains.
    #[error("{what}: {}", Refused::read(.status).message)]
    Call {
        /// What was being done.
        what: String,
        /// The gateway's answer.
        status: Box<Status>,
    },
    /// Something was shown to somebody who must not see it.
    #[error("{0} read {1}, which nobody has shared with it: this is a leak")]
    Leak(String, String),
}

/// The agencies that play, each with its own certificate.
pub struct Cast {
    clients: BTreeMap<String, Client>,
}

impl Cast {
    /// Every agency of the configuration, speaking to the gateway at `address`.
    pub fn new(config: &Config, address: &str) -> Result<Self, PlayError> {
        let mut clients = BTreeMap::new();
        for agency in &config.agencies {
            let identity = ClientIdentity::new(config.agency_files(&agency.id));
            clients.insert(agency.id.clone(), Client::new(address, &identity)?);
        }
        Ok(Self { clients })
    }

    /// The agency of that id. The default city's agencies are always there.
    pub fn client(&self, id: &str) -> Option<&Client> {
        self.clients.get(id)
    }

    fn of(&self, id: &str) -> Result<&Client, PlayError> {
        self.client(id).ok_or_else(|| PlayError::Call {
            what: format!("the network has no agency {id}"),
            status: Box::new(Status::not_found("")),
        })
    }

    /// Entries in the disclosure log.
    pub async fn disclosures(&self) -> Result<u64, PlayError> {
        let client = self.of("yiwu-union")?;
        let checkpoint = client
            .disclosures()
            .get_checkpoint(pb::GetCheckpointRequest {})
            .await;
        Ok(checkpoint
            .map_err(failed("the log's head"))?
            .into_inner()
            .size)
    }
}

fn failed(what: &str) -> impl Fn(Status) -> PlayError + '_ {
    move |status| PlayError::Call {
        what: what.to_owned(),
        status: Box::new(status),
    }
}

/// One case being played.
struct Play<'a> {
    cast: &'a Cast,
    file: &'a CaseFile,
    case: String,
    lead: &'static str,
    /// Agencies that work on the case already.
    at_work: BTreeSet<&'static str>,
    participants: BTreeSet<String>,
    fresh: bool,
}

pub(super) async fn play(
    cast: &Cast,
    file: &CaseFile,
    report: &mut Report,
) -> Result<(), PlayError> {
    let lead = file
        .steps
        .iter()
        .filter_map(|step| deeds::player(step.agency_kind.as_deref()?))
        .find(|(_, kind)| *kind != AgencyKind::Media)
        .map_or("yiwu-union", |(id, _)| id);
    let request = registration(file);
    let registered = cast.of(lead)?.cases().register_case(request).await;
    let case = registered
        .map_err(failed(&format!("registering {}", file.id)))?
        .into_inner();
    let get = pb::GetCaseRequest {
        name: case.name.clone(),
        ..Default::default()
    };
    let now = cast
        .of(lead)?
        .cases()
        .get_case(get)
        .await
        .map_err(failed("reading it"))?
        .into_inner();
    let fresh = now.timeline.len() <= 1;
    report.names.push((file.id.clone(), case.name.clone()));
    let mut play = Play {
        cast,
        file,
        case: case.name,
        lead,
        at_work: BTreeSet::from([lead]),
        participants: BTreeSet::new(),
        fresh,
    };
    if lead == "hongyi-law" {
        // The firm came without a referral; its duty to check is the same.
        let id = |step: &str| format!("replay-{}-lead-{step}", file.id);
        play.engage(cast.of(lead)?, "", &id("conflict"), &id("engage"))
            .await?;
    }
    for stranger in STRANGERS {
        play.expect_refusal(stranger, report).await?;
    }
    for step in &file.steps {
        match play.step(step, report).await {
            Ok(()) => report.steps_replayed += 1,
            Err(PlayError::Call { what, status }) => {
                let why = format!("{what}: {}", Refused::read(&status).message);
                report.steps_not_replayed.push(Missed {
                    case: file.id.clone(),
                    seq: step.seq,
                    why,
                });
            }
            Err(other) => return Err(other),
        }
    }
    Ok(())
}

impl Play<'_> {
    /// To an agency without a grant the case does not exist.
    async fn expect_refusal(&self, agency: &str, report: &mut Report) -> Result<(), PlayError> {
        let get = pb::GetCaseRequest {
            name: self.case.clone(),
            ..Default::default()
        };
        match self.cast.of(agency)?.cases().get_case(get).await {
            Err(status) if status.code() == Code::NotFound => {
                report.refusals_expected += 1;
                Ok(())
            }
            Err(status) => Err(failed("a stranger's look")(status)),
            Ok(_) => Err(PlayError::Leak(agency.to_owned(), self.case.clone())),
        }
    }

    async fn step(&mut self, step: &Step, report: &mut Report) -> Result<(), PlayError> {
        let kind = step.agency_kind.as_deref().unwrap_or("none");
        let Some((agency, network_kind)) = deeds::player(kind) else {
            return self.note(self.lead, step, self.outsider(kind, step)).await;
        };
        if !self.at_work.contains(agency) {
            if self.fresh {
                self.expect_refusal(agency, report).await?;
            }
            self.share(agency, network_kind).await?;
            self.at_work.insert(agency);
        }
        let Some(deed) = deeds::find(kind, &step.act) else {
            return self.note(agency, step, None).await;
        };
        match self.do_deed(agency, deed, step).await {
            Ok(()) => {
                report.steps_by_method += 1;
                Ok(())
            }
            Err(why) => {
                let case = self.file.id.clone();
                report.recorded_only.push(Missed {
                    case,
                    seq: step.seq,
                    why,
                });
                self.note(agency, step, None).await
            }
        }
    }

    /// The agency's own method; where the course begins in the middle, on a
    /// file opened as already under way.
    async fn do_deed(&self, agency: &str, deed: &Deed, step: &Step) -> Result<(), String> {
        let client = self.cast.of(agency).map_err(|error| error.to_string())?;
        let request = self.request(deed.fields, step, deed.sum, "");
        let first = match client.call(deed.method, &request).await {
            Ok(_) => return Ok(()),
            Err(error) => error,
        };
        let is_wrong_state = matches!(&first, CallError::Refused(status)
            if status.code() == Code::FailedPrecondition);
        let (Some((opener, fields)), true) = (deed.under_way, is_wrong_state) else {
            return Err(first.to_string());
        };
        let opening = self.request(
            fields,
            &Step {
                date: None,
                ..step.clone()
            },
            false,
            "-open",
        );
        client
            .call(opener, &opening)
            .await
            .map_err(|error| error.to_string())?;
        // The same request id: the first attempt was refused, so nothing is kept under it.
        client
            .call(deed.method, &request)
            .await
            .map(|_| ())
            .map_err(|error| error.to_string())
    }

    fn request(&self, fields: &str, step: &Step, sum: bool, suffix: &str) -> String {
        let mut request: Map<String, Value> = serde_json::from_str(fields).unwrap_or_default();
        request.insert("parent".to_owned(), json!(self.case));
        request.insert("requestId".to_owned(), json!(self.request_id(step, suffix)));
        if let Some(date) = date(step) {
            let date = json!({"year": date.year, "month": date.month, "day": date.day});
            request.insert("date".to_owned(), date);
        }
        if let (true, Some(amount)) = (sum, step.amount_rmb.as_ref().and_then(money)) {
            let amount =
                json!({"currencyCode": "CNY", "units": amount.units, "nanos": amount.nanos});
            request.insert("amount".to_owned(), amount);
        }
        Value::Object(request).to_string()
    }

    fn request_id(&self, step: &Step, suffix: &str) -> String {
        format!("replay-{}-{}{suffix}", self.file.id, step.seq)
    }

    /// The step as a timeline entry by an agency, of the kind it is.
    async fn note(
        &mut self,
        agency: &str,
        step: &Step,
        actor: Option<pb::Participant>,
    ) -> Result<(), PlayError> {
        let client = self.cast.of(agency)?;
        if let Some(actor) = &actor
            && self.participants.insert(actor.display_name.clone())
        {
            let request = pb::AddParticipantRequest {
                parent: self.case.clone(),
                participant: Some(actor.clone()),
                request_id: self.request_id(step, "-participant"),
            };
            client
                .cases()
                .add_participant(request)
                .await
                .map_err(failed("adding a participant"))?;
        }
        let named = step.agency_name.clone().filter(|_| actor.is_none());
        let note = [named, step.note.clone()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(": ");
        let entry = pb::Entry {
            act: code(&step.act),
            date: date(step),
            outcome: cut(step.outcome.as_deref().unwrap_or_default(), 200),
            amount: step.amount_rmb.as_ref().and_then(money),
            actor,
            note: cut(if note.is_empty() { &step.act } else { &note }, 8_000),
            ..pb::Entry::default()
        };
        let request = pb::AppendNoteRequest {
            parent: self.case.clone(),
            entry: Some(entry),
            request_id: self.request_id(step, "-note"),
        };
        client
            .cases()
            .append_note(request)
            .await
            .map_err(failed("recording the step"))?;
        Ok(())
    }

    /// A body outside the network, or nobody where the parties acted alone.
    fn outsider(&self, kind: &str, step: &Step) -> Option<pb::Participant> {
        if kind == "none" {
            return None;
        }
        let name = step
            .agency_name
            .clone()
            .unwrap_or_else(|| kind.replace('_', " "));
        Some(pb::Participant {
            agency: String::new(),
            kind: AgencyKind::Other as i32,
            kind_code: code(kind),
            display_name: cut(&name, 200),
        })
    }

    /// The lead refers the case to an agency, and the agency takes it up.
    async fn share(&self, agency: &'static str, kind: AgencyKind) -> Result<(), PlayError> {
        let (lead, theirs) = (self.cast.of(self.lead)?, self.cast.of(agency)?);
        let id = |step: &str| format!("replay-{}-{agency}-{step}", self.file.id);
        let scope = scope(kind);
        let on_duty = matches!(
            kind,
            AgencyKind::LabourBureau | AgencyKind::Court | AgencyKind::Procuratorate
        );
        let consent = if on_duty {
            String::new()
        } else {
            let form = format!("synthetic consent form of {} for {agency}", self.file.id);
            let consent = pb::Consent {
                purpose: if kind == AgencyKind::Media {
                    "publicity"
                } else {
                    "representation"
                }
                .to_owned(),
                recipients: vec![format!("agencies/{agency}")],
                sections: scope.clone(),
                evidence_sha256: sha256(form.as_bytes()),
                ..pb::Consent::default()
            };
            let request = pb::GrantConsentRequest {
                parent: self.case.clone(),
                consent: Some(consent),
                request_id: id("consent"),
            };
            let granted = lead.consents().grant_consent(request).await;
            granted
                .map_err(failed("recording a consent"))?
                .into_inner()
                .name
        };
        let inform = matches!(kind, AgencyKind::Media | AgencyKind::University);
        let referral = pb::Referral {
            kind: if inform {
                ReferralKind::Inform
            } else {
                ReferralKind::Assist
            } as i32,
            to_agency: format!("agencies/{agency}"),
            service_code: "published_course".to_owned(),
            purpose: "the agency's part in the published course".to_owned(),
            legal_basis: if on_duty { "PIPL-13-3" } else { "" }.to_owned(),
            consent,
            scope,
            contribute: true,
            ..pb::Referral::default()
        };
        let request = pb::CreateReferralRequest {
            parent: self.case.clone(),
            referral: Some(referral),
            duplicate_reason: String::new(),
            request_id: id("create"),
        };
        let created = lead.referrals().create_referral(request).await;
        let name = created
            .map_err(failed("drafting a referral"))?
            .into_inner()
            .name;
        let (etag, request_id) = (String::new(), id("send"));
        let send = pb::SendReferralRequest {
            name: name.clone(),
            etag: etag.clone(),
            request_id,
        };
        lead.referrals()
            .send_referral(send)
            .await
            .map_err(failed("sending it"))?;
        let request_id = id("acknowledge");
        let acknowledge = pb::AcknowledgeReferralRequest {
            name: name.clone(),
            etag: etag.clone(),
            request_id,
        };
        theirs
            .referrals()
            .acknowledge_referral(acknowledge)
            .await
            .map_err(failed("receiving it"))?;
        if kind == AgencyKind::LawFirm {
            self.engage(theirs, &name, &id("conflict"), &id("engage"))
                .await?;
        }
        let request_id = id("accept");
        let accept = pb::AcceptReferralRequest {
            name: name.clone(),
            etag: etag.clone(),
            request_id,
        };
        theirs
            .referrals()
            .accept_referral(accept)
            .await
            .map_err(failed("accepting it"))?;
        let start = pb::StartReferralRequest {
            name,
            etag,
            request_id: id("start"),
        };
        theirs
            .referrals()
            .start_referral(start)
            .await
            .map_err(failed("starting it"))?;
        Ok(())
    }

    /// 律师法 39: a conflict check before anything else.
    async fn engage(
        &self,
        firm: &Client,
        referral: &str,
        check_id: &str,
        engage_id: &str,
    ) -> Result<(), PlayError> {
        let check = pb::CheckConflictRequest {
            parent: self.case.clone(),
            referral: referral.to_owned(),
            request_id: check_id.to_owned(),
            ..Default::default()
        };
        firm.lawfirm()
            .check_conflict(check)
            .await
            .map_err(failed("checking for conflicts"))?;
        let engage = pb::EngageRequest {
            parent: self.case.clone(),
            fee_arrangement: pb::FeeArrangement::LegalAid as i32,
            request_id: engage_id.to_owned(),
            ..Default::default()
        };
        firm.lawfirm()
            .engage(engage)
            .await
            .map_err(failed("engaging the firm"))?;
        Ok(())
    }
}

/// What a kind of agency is referred: the sections that its part needs.
fn scope(kind: AgencyKind) -> Vec<i32> {
    let sections: &[Section] = match kind {
        AgencyKind::Media => &[
            Section::Summary,
            Section::Identity,
            Section::Employment,
            Section::Claims,
            Section::CourtFile,
            Section::ArbitrationFile,
            Section::Publicity,
            Section::Statistics,
        ],
        AgencyKind::LawFirm | AgencyKind::Union => &[
            Section::Summary,
            Section::Identity,
            Section::IdentityNumber,
            Section::Contact,
            Section::Employment,
            Section::Claims,
            Section::Injury,
            Section::Evidence,
            Section::Timeline,
            Section::ArbitrationFile,
            Section::CourtFile,
            Section::InspectionFile,
            Section::Publicity,
            Section::Statistics,
        ],
        _ => &[
            Section::Summary,
            Section::Identity,
            Section::IdentityNumber,
            Section::Contact,
            Section::Employment,
            Section::Claims,
            Section::Injury,
            Section::Evidence,
            Section::Timeline,
            Section::UnionFile,
            Section::InspectionFile,
            Section::ArbitrationFile,
            Section::CourtFile,
            Section::Publicity,
            Section::Statistics,
        ],
    };
    sections.iter().map(|section| *section as i32).collect()
}

fn registration(file: &CaseFile) -> pb::RegisterCaseRequest {
    let district = file
        .regions
        .iter()
        .filter(|region| region.role.as_deref() == Some("case"))
        .find_map(|region| region.code.clone())
        .filter(|code| {
            law::codes::region::Region::parse(code).is_ok_and(|region| region.is_current_address())
        })
        .unwrap_or_else(|| "330782".to_owned());
    let alias = file
        .workers
        .alias
        .clone()
        .filter(|alias| !alias.trim().is_empty());
    let claims: Vec<pb::Claim> = file
        .claims
        .iter()
        .map(|claim| pb::Claim {
            kind: code(&claim.item),
            amount: claim.amount_rmb.as_ref().and_then(money),
            qualifier: claim
                .amount_qualifier
                .as_deref()
                .map(code)
                .unwrap_or_default(),
            note: cut(claim.note.as_deref().unwrap_or_default(), 4_000),
            ..pb::Claim::default()
        })
        .collect();
    let employer = file.employer.as_ref();
    pb::RegisterCaseRequest {
        district,
        workers: vec![pb::NewWorker {
            name: cut(alias.as_deref().unwrap_or("某劳动者"), 100),
            origin: cut(file.workers.origin_zh.as_deref().unwrap_or_default(), 100),
            ..pb::NewWorker::default()
        }],
        worker_count: file.workers.count.unwrap_or(0),
        employment: Some(pb::Employment {
            employer_kind: employer
                .and_then(|e| e.kind.as_deref())
                .map(code)
                .unwrap_or_default(),
            employer_name: cut(
                employer
                    .and_then(|e| e.alias.as_deref())
                    .unwrap_or_default(),
                200,
            ),
            ..pb::Employment::default()
        }),
        claims: if claims.is_empty() {
            vec![pb::Claim {
                kind: "not_published".to_owned(),
                ..pb::Claim::default()
            }]
        } else {
            claims
        },
        injury: None,
        title_zh: cut(&file.title_zh, 200),
        title_en: cut(&file.title_en, 200),
        request_id: format!("replay-{}", file.id),
    }
}

/// A code of the open lists: what is none in the source is made one.
fn code(text: &str) -> String {
    let plain: String = text
        .to_lowercase()
        .chars()
        .map(|c| {
            if c.is_ascii_lowercase() || c.is_ascii_digit() {
                c
            } else {
                '_'
            }
        })
        .take(60)
        .collect();
    let plain = plain.trim_start_matches('_').to_owned();
    if plain.is_empty() {
        "other".to_owned()
    } else {
        plain
    }
}

fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

/// The step's date, as precisely as published.
fn date(step: &Step) -> Option<proto::Date> {
    let mut parts = step
        .date
        .as_deref()?
        .split('-')
        .map(|part| part.parse::<i32>().ok());
    let year = parts.next().flatten()?;
    let (mut month, mut day) = (parts.next().flatten(), parts.next().flatten());
    match step.date_precision.as_deref() {
        Some("year") => (month, day) = (None, None),
        Some("month") => day = None,
        _ => {}
    }
    Some(proto::Date {
        year,
        month: month.unwrap_or(0),
        day: day.unwrap_or(0),
    })
}

/// Published yuan as money; a sum that is none (negative, part of a fen) is
/// left out.
fn money(yuan: &serde_json::Number) -> Option<Money> {
    let (units, nanos) = Fen::parse(&yuan.to_string()).ok()?.to_money();
    Some(Money {
        currency_code: "CNY".to_owned(),
        units,
        nanos,
    })
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA256, bytes)
        .as_ref()
        .to_vec()
}

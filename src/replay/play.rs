//! Playing one case.

use std::collections::{BTreeMap, BTreeSet};

use host::Refused;
use host::tls::ClientIdentity;
use proto::v1::{self as pb, AgencyKind};
use serde_json::{Map, Value, json};
use tonic::{Code, Status};

use super::case_file::{CaseFile, Step};
use super::convert::{code, cut, date, money, registration};
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

    pub(super) fn of(&self, id: &str) -> Result<&Client, PlayError> {
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

pub(super) fn failed(what: &str) -> impl Fn(Status) -> PlayError + '_ {
    move |status| PlayError::Call {
        what: what.to_owned(),
        status: Box::new(status),
    }
}

/// One case being played.
pub(super) struct Play<'a> {
    pub(super) cast: &'a Cast,
    pub(super) file: &'a CaseFile,
    pub(super) case: String,
    pub(super) lead: &'static str,
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
                self.tell_the_rest(agency, deed, step).await
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

    /// What the source says beside what the method took: nothing published is
    /// dropped.
    async fn tell_the_rest(
        &mut self,
        agency: &str,
        deed: &Deed,
        step: &Step,
    ) -> Result<(), PlayError> {
        let has_more = [&step.note, &step.outcome, &step.agency_name]
            .into_iter()
            .any(|text| text.as_deref().is_some_and(|text| !text.trim().is_empty()));
        if !has_more && (deed.sum || step.amount_rmb.is_none()) {
            return Ok(());
        }
        let rest = Step {
            act: "source_note".to_owned(),
            ..step.clone()
        };
        self.note(agency, &rest, None).await
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
        let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let named = given(&step.agency_name).filter(|_| actor.is_none());
        // A date or sum that the contract cannot hold stays readable.
        let odd_date = given(&step.date).filter(|_| date(step).is_none());
        let odd_sum = step.amount_rmb.as_ref().filter(|sum| money(sum).is_none());
        let note = [
            named,
            given(&step.note),
            odd_date.map(|text| format!("date as given: {text}")),
            odd_sum.map(|sum| format!("sum as given: {sum} yuan")),
        ];
        let note = note.into_iter().flatten().collect::<Vec<_>>().join(": ");
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
            .filter(|name| !name.trim().is_empty())
            .unwrap_or_else(|| kind.replace('_', " "));
        Some(pb::Participant {
            agency: String::new(),
            kind: AgencyKind::Other as i32,
            kind_code: code(kind),
            display_name: cut(&name, 200),
        })
    }
}

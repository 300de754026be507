//! Explaining access and previewing a disclosure. Only the gate can answer
//! these: it alone decides and cuts. Both walk the same line as the read that
//! they tell of, in the other agency's place, and what leaves is cut for the
//! asker as well.

use bytes::Bytes;
use host::{Refusal, parse};
use prost::Message;
use proto::names::CaseName;
use proto::v1::{
    ErrorReason, ExplainAccessRequest, ExplainAccessResponse, GetCaseRequest, Label,
    PreviewDisclosureRequest, PreviewDisclosureResponse, Section,
};

use crate::answer::Refused;
use crate::ask::Ask;
use crate::filter::{self, Redacted};
use crate::identity::{self, Identified};
use crate::join;
use crate::pass::{Call, Gate, label_of};
use crate::policy::{self, Permit, Seeker};

/// The action of ExplainAccess.
pub(crate) const EXPLAIN: &str = "access.explain";
/// Explaining the access of another agency than one's own.
const EXPLAIN_OTHER: &str = "access.explainOther";
/// The action of PreviewDisclosure.
pub(crate) const PREVIEW: &str = "access.preview";
/// The action whose answer is previewed.
const GET_CASE: &str = "case.get";
/// The field of PreviewDisclosureResponse that holds the record.
const RECORD: u32 = 1;

/// Says what an agency may see of every section, and why.
pub(crate) async fn explain(gate: &Gate, call: &Call) -> Result<Redacted, Refused> {
    let request: ExplainAccessRequest = read(call)?;
    let case = parse::case_name("parent", &request.parent)?;
    let (asker, label) = asker(gate, call).await?;
    gate.require(call, &asker, Some(&label))?;
    let purpose = purpose(&request.purpose)?;
    let is_own = request.agency.is_empty() || request.agency == asker.agency;
    let seeker = if is_own {
        Seeker {
            purpose,
            ..asker.clone()
        }
    } else {
        gate.require_action(EXPLAIN_OTHER, call, &asker, Some(&label))?;
        let agency = parse::agency_name("agency", &request.agency)?;
        let other = in_place_of(call, agency.as_str(), purpose, &case);
        let theirs = Ask::new(gate, &other).label(case.as_str()).await?;
        seeker(gate, &other, &theirs)?
    };
    // Who sees nothing of the case is not told why, not even about itself.
    if !Permit::decide(call.rules(), &asker, &label).sees_anything() {
        return Err(Refusal::not_found().into());
    }
    let answer = ExplainAccessResponse {
        case: case.to_string(),
        agency: seeker.agency.clone(),
        kind: seeker.kind as i32,
        suspended: seeker.suspended,
        purpose: seeker.purpose.clone(),
        rules_sha256: call.rules.sha256.clone(),
        sections: policy::explain(call.rules(), &seeker, &label),
    };
    let permit = Permit::telling_of(&asker, &label);
    gate.redact(call, &answer.encode_to_vec(), &permit, Vec::new())
}

/// The record as another agency would get it, without what the asker may not
/// see itself.
pub(crate) async fn preview(gate: &Gate, call: &Call) -> Result<Redacted, Refused> {
    let request: PreviewDisclosureRequest = read(call)?;
    let case = parse::case_name("name", &request.name)?;
    let (asker, label) = asker(gate, call).await?;
    gate.require(call, &asker, Some(&label))?;
    let agency = parse::agency_name("agency", &request.agency)?;
    let other = in_place_of(call, agency.as_str(), purpose(&request.purpose)?, &case);

    let ask = Ask::new(gate, &other);
    let spine = ask.part("casebook").await?;
    // Decided again on the label that came with the record, as any read is.
    let label = label_of(&spine)?;
    gate.require(call, &asker, Some(&label))?;
    let own = Permit::decide(call.rules(), &asker, &label);
    let seeker = seeker(gate, &other, &label)?;
    let permit = Permit::decide(call.rules(), &seeker, &label);
    if let Some(reason) = refusal(gate, &other, &seeker, &label, &permit) {
        let answer = PreviewDisclosureResponse {
            complete: true,
            refusal: reason_text(reason),
            ..PreviewDisclosureResponse::default()
        };
        let permit = Permit::telling_of(&asker, &label);
        return gate.redact(call, &answer.encode_to_vec(), &permit, Vec::new());
    }

    let contract = gate.routes.contract();
    let record = contract.shape(call.method.response).field(RECORD);
    let record = record
        .and_then(|field| field.message)
        .ok_or_else(|| Refusal::internal("a preview holds no record"))?;
    let fetches = gate
        .routes
        .parts()
        .map(|role| (role.clone(), ask.part(role)));
    let (whole, unavailable) = join::parts(contract, record, &spine, fetches).await?;
    let theirs = filter::redact(contract, record, &whole, &permit, unavailable.clone())?;
    let both = filter::redact_for_both(contract, record, &whole, &own, &permit, unavailable)?;
    let complete = both.is_same(&theirs);
    // By the rules and not by what is there: which sections hold something that
    // the asker may not see is itself nothing that it may know.
    let left_out = if complete {
        Vec::new()
    } else {
        permit.beyond(&own)
    };
    let answer = PreviewDisclosureResponse {
        record: None,
        complete,
        left_out: numbers(left_out),
        refusal: String::new(),
    };
    Ok(both.within(RECORD, answer.encode_to_vec()))
}

/// Why GetCase would be refused to them; none: it would not be.
fn refusal(
    gate: &Gate,
    other: &Call,
    seeker: &Seeker,
    label: &Label,
    permit: &Permit,
) -> Option<ErrorReason> {
    match gate.require_action(GET_CASE, other, seeker, Some(label)) {
        Err(refusal) => Some(refusal.reason),
        Ok(()) if !permit.sees_anything() => Some(ErrorReason::NotFound),
        Ok(()) => None,
    }
}

async fn asker(gate: &Gate, call: &Call) -> Result<(Seeker, Label), Refused> {
    let (seeker, label) = gate.facts(call, &Ask::new(gate, call)).await?;
    let label = label.ok_or_else(|| Refusal::internal("access is asked about no case"))?;
    Ok((seeker, label))
}

/// The same call as another agency's own system would make it, asking for the
/// whole record. Only the label and the parts are fetched with it.
fn in_place_of(call: &Call, agency: &str, purpose: String, case: &CaseName) -> Call {
    let message = GetCaseRequest {
        name: case.to_string(),
        ..GetCaseRequest::default()
    };
    Call {
        method: call.method.clone(),
        who: Identified {
            agency: agency.to_owned(),
            user: String::new(),
            thumbprint: Vec::new(),
            session: String::new(),
        },
        purpose,
        trace: call.trace.child(),
        message: Bytes::from(message.encode_to_vec()),
        resource: call.resource.clone(),
        rules: call.rules.clone(),
    }
}

fn seeker(gate: &Gate, other: &Call, label: &Label) -> Result<Seeker, Refusal> {
    gate.seeker(other, label.asker.as_ref())
        .map_err(|_| Refusal::invalid("agency", "the directory has no such agency"))
}

fn purpose(text: &str) -> Result<String, Refusal> {
    match text {
        "" => Ok(identity::HANDLING.to_owned()),
        text => identity::purpose_code("purpose", text),
    }
}

fn read<T: Message + Default>(call: &Call) -> Result<T, Refusal> {
    T::decode(call.message.clone()).map_err(|_| crate::route::malformed("no such request"))
}

fn reason_text(reason: ErrorReason) -> String {
    let name = reason.as_str_name();
    name.strip_prefix("ERROR_REASON_")
        .unwrap_or(name)
        .to_owned()
}

fn numbers(sections: Vec<Section>) -> Vec<i32> {
    sections.into_iter().map(|section| section as i32).collect()
}

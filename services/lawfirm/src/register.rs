//! The firm's own register: for whom it acts and against whom.
//!
//! Kept under `party/{agency id}/{party id}` (what the firm may read again) and
//! `digest/{agency id}/{digest}/{kind}/{party id}` (what a check looks up).
//! INVARIANT (no names): a name or number enters as a keyed digest or not at all.

use chrono::{DateTime, Utc};
use host::Desk;
use host::{PartyField, Refusal, parse};
use law::codes::{CreditCode, ResidentId};
use proto::names::AgencyName;
use proto::v1::{self as pb, FirmPartyKind};
use store::{Draft, View};

use crate::file::timestamp;

/// Pages of the register.
const PAGE_DEFAULT: usize = 50;
const PAGE_MAX: i32 = 200;

/// A party as it will be kept.
#[derive(Debug, Clone)]
pub(crate) struct Party {
    kind: FirmPartyKind,
    digests: Vec<String>,
    reference: String,
}

impl Party {
    pub(crate) fn parse(desk: &Desk, request: &pb::RecordPartyRequest) -> Result<Self, Refusal> {
        let kind = request.kind();
        if kind == FirmPartyKind::Unspecified {
            return Err(Refusal::invalid("kind", "must be CLIENT or ADVERSE"));
        }
        let reference = parse::text("reference", &request.reference, 100)?;
        let name = parse::text("party_name", &request.party_name, 100)?;
        let mut digests = vec![hex(&desk.party_digest(PartyField::Name, &name))];

        // A wrong number would find no conflict, ever: it is refused here.
        if !request.identity_number.is_empty() {
            let number = ResidentId::parse(&request.identity_number, desk.today());
            let number = number.map_err(|_| {
                Refusal::invalid("identity_number", "is no resident id (GB 11643); check it")
            })?;
            digests.push(hex(
                &desk.party_digest(PartyField::IdentityNumber, number.number())
            ));
        }
        if !request.credit_code.is_empty() {
            let code = CreditCode::parse(&request.credit_code).map_err(|_| {
                Refusal::invalid(
                    "credit_code",
                    "is no social credit code (GB 32100); check it",
                )
            })?;
            digests.push(hex(
                &desk.party_digest(PartyField::CreditCode, code.as_str())
            ));
        }
        Ok(Self {
            kind,
            digests,
            reference,
        })
    }

    /// The request with digests in place of names and numbers: the store keeps
    /// a plain hash of each request, from which a name could be guessed.
    pub(crate) fn request_without_names(&self, request_id: &str) -> pb::RecordPartyRequest {
        pb::RecordPartyRequest {
            kind: self.kind.into(),
            party_name: self.digests.join(" "),
            reference: self.reference.clone(),
            request_id: request_id.to_owned(),
            ..Default::default()
        }
    }
}

/// Enters a party in a firm's register.
pub(crate) fn record(
    draft: &mut Draft,
    firm: &AgencyName,
    party: &Party,
    id: &str,
    now: DateTime<Utc>,
) -> pb::FirmParty {
    let entry = pb::FirmParty {
        name: format!("{firm}/parties/{id}"),
        kind: party.kind.into(),
        reference: party.reference.clone(),
        recorded_at: Some(timestamp(now)),
    };
    draft.put(&format!("{}{id}", entries(firm)), &entry);
    for digest in &party.digests {
        let pointer = pb::FirmParty {
            name: entry.name.clone(),
            ..Default::default()
        };
        draft.put(
            &format!("{}{id}", looked_up(firm, digest, party.kind)),
            &pointer,
        );
    }
    entry
}

/// Whether the register has this digest as this kind.
pub(crate) fn stands(
    view: &View,
    firm: &AgencyName,
    digest: &[u8],
    kind: FirmPartyKind,
) -> Result<bool, Refusal> {
    let found = view.scan_raw(&looked_up(firm, &hex(digest), kind), None, 1)?;
    Ok(!found.is_empty())
}

/// One page of a firm's register, by name.
pub(crate) fn page(
    view: &View,
    firm: &AgencyName,
    request: &pb::ListPartiesRequest,
) -> Result<pb::ListPartiesResponse, Refusal> {
    let size = match request.page_size {
        0 => PAGE_DEFAULT,
        given @ 1..=PAGE_MAX => given.unsigned_abs() as usize,
        _ => {
            return Err(Refusal::invalid(
                "page_size",
                "must be 1 to 200, or 0 for 50",
            ));
        }
    };
    let token = request.page_token.as_str();
    let is_token = token.len() <= 32 && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_token {
        return Err(Refusal::invalid(
            "page_token",
            "is none that this method gave out",
        ));
    }
    let after = (!token.is_empty()).then(|| format!("{}{token}", entries(firm)));

    // One more than asked for tells whether there is a next page.
    let mut rows = view.scan::<pb::FirmParty>(&entries(firm), after.as_deref(), size + 1)?;
    let is_last = rows.len() <= size;
    rows.truncate(size);
    let last_id = rows.last().and_then(|(key, _)| key.rsplit('/').next());
    let next_page_token = match last_id {
        Some(id) if !is_last => id.to_owned(),
        _ => String::new(),
    };
    let parties = rows.into_iter().map(|(_, party)| party).collect();
    Ok(pb::ListPartiesResponse {
        parties,
        next_page_token,
    })
}

fn entries(firm: &AgencyName) -> String {
    format!("party/{}/", firm.id())
}

fn looked_up(firm: &AgencyName, digest: &str, kind: FirmPartyKind) -> String {
    let kind = match kind {
        FirmPartyKind::Client => "client",
        FirmPartyKind::Adverse => "adverse",
        FirmPartyKind::Unspecified => "none",
    };
    format!("digest/{}/{digest}/{kind}/", firm.id())
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

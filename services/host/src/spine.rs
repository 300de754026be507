//! What a service asks of the spine: the casebook, near or far.

use proto::internal::v1 as internal;
use proto::internal::v1::spine_service_client::SpineServiceClient;
use proto::names::CaseName;
use proto::v1::ErrorReason;
use tonic::Request;

use crate::envelope::Envelopes;
use crate::refusal::{Refusal, Refused};
use crate::upstream::Upstream;

/// First bytes under a party digest's MAC, so that it can never pass for an
/// envelope's.
const DIGEST_CONTEXT: &[u8] = b"casenet party digest v1\0";

/// Which fact about a party a digest is of; two kinds never compare equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartyField {
    /// A person's or body's name.
    Name,
    /// Resident id (GB 11643).
    IdentityNumber,
    /// Unified social credit code (GB 32100).
    CreditCode,
    /// Mobile number.
    Mobile,
}

/// A keyed digest of a fact about a party, so that two services can compare
/// without telling each other. Written forms that mean the same (full-width
/// letters, white space, middle dots, upper case) give the same digest.
pub fn party_digest(envelopes: &Envelopes, field: PartyField, text: &str) -> [u8; 32] {
    let kind: &[u8] = match field {
        PartyField::Name => b"name\0",
        PartyField::IdentityNumber => b"identity-number\0",
        PartyField::CreditCode => b"credit-code\0",
        PartyField::Mobile => b"mobile\0",
    };
    let plain: String = text
        .chars()
        .map(narrow)
        .filter(|c| !c.is_whitespace() && !matches!(c, '·' | '•' | '・' | '-'))
        .flat_map(char::to_lowercase)
        .collect();
    envelopes.digest(DIGEST_CONTEXT, &[kind, plain.as_bytes()].concat())
}

/// Full-width ASCII as ASCII (Unicode block Halfwidth and Fullwidth Forms).
fn narrow(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    }
}

/// The spine as one role sees it.
#[derive(Clone)]
pub struct Spine {
    role: String,
    upstream: Upstream,
    envelopes: Envelopes,
}

impl Spine {
    /// The spine at `upstream`, asked by `role` ("union").
    pub fn new(role: &str, upstream: Upstream, envelopes: Envelopes) -> Self {
        Self {
            role: role.to_owned(),
            upstream,
            envelopes,
        }
    }

    /// The digests of every party of a case, to compare with one's own.
    pub async fn party_digests(
        &self,
        case: &CaseName,
    ) -> Result<Vec<internal::PartyDigest>, Refusal> {
        let request = internal::GetPartyDigestsRequest {
            case: case.to_string(),
        };
        let request = self.seal(request, "GetPartyDigests")?;
        let answer = self.client().get_party_digests(request).await;
        Ok(answer.map_err(relay)?.into_inner().digests)
    }

    /// Where a text identifies somebody of the case; positions only.
    pub async fn find_identifiers(
        &self,
        case: &CaseName,
        text: &str,
    ) -> Result<Vec<internal::Finding>, Refusal> {
        let request = internal::FindIdentifiersRequest {
            case: case.to_string(),
            text: text.to_owned(),
        };
        let request = self.seal(request, "FindIdentifiers")?;
        let answer = self.client().find_identifiers(request).await;
        Ok(answer.map_err(relay)?.into_inner().findings)
    }

    /// Hands a milestone over; the pair of role and number is recorded once.
    pub async fn record_milestone(
        &self,
        number: u64,
        milestone: internal::Milestone,
    ) -> Result<(), Refusal> {
        let request = internal::RecordMilestoneRequest {
            role: self.role.clone(),
            number,
            milestone: Some(milestone),
        };
        let request = self.seal(request, "RecordMilestone")?;
        self.client()
            .record_milestone(request)
            .await
            .map_err(relay)?;
        Ok(())
    }

    /// See [`party_digest`].
    pub fn party_digest(&self, field: PartyField, text: &str) -> [u8; 32] {
        party_digest(&self.envelopes, field, text)
    }

    fn client(&self) -> SpineServiceClient<Upstream> {
        SpineServiceClient::new(self.upstream.clone())
    }

    fn seal<T>(&self, message: T, method: &str) -> Result<Request<T>, Refusal> {
        let envelope = internal::Envelope {
            agency: format!("roles/{}", self.role),
            ..internal::Envelope::default()
        };
        let path = format!("/casenet.internal.v1.SpineService/{method}");
        let mut request = Request::new(message);
        let mut headers = http::HeaderMap::new();
        headers.extend(
            self.envelopes
                .seal(&envelope, &path)?
                .map(|(n, v)| (Some(n), v)),
        );
        *request.metadata_mut() = tonic::metadata::MetadataMap::from_headers(headers);
        Ok(request)
    }
}

/// The spine's own refusal, passed on as it came.
fn relay(status: tonic::Status) -> Refusal {
    let refused = Refused::read(&status);
    let reason = refused.known_reason().unwrap_or(ErrorReason::Unavailable);
    Refusal::new(refused.code, reason, refused.message)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use super::{PartyField, party_digest};
    use crate::clock::SystemClock;
    use crate::envelope::{EnvelopeKey, Envelopes};

    #[test]
    fn the_same_party_written_differently_has_one_digest_and_another_key_gives_another() {
        let with = |byte| {
            let key = EnvelopeKey::from_bytes(&[byte; 32]).unwrap();
            Envelopes::new(key, Arc::new(SystemClock))
        };
        let key = with(1);
        let digest = |text: &str| party_digest(&key, PartyField::Name, text);
        assert_eq!(
            digest("义乌某电梯公司 ABC"),
            digest("义乌某 电梯公司ａｂｃ")
        );
        assert_ne!(digest("义乌某电梯公司"), digest("义乌某电梯"));
        assert_ne!(digest("1"), party_digest(&key, PartyField::Mobile, "1"));
        assert_ne!(digest("1"), party_digest(&with(2), PartyField::Name, "1"));
    }
}

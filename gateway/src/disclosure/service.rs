//! Reading and verifying the log through the contract.

use host::{Envelopes, Refusal, parse};
use prost::Message as _;
use proto::v1::disclosure_service_server::DisclosureService;
use proto::v1::{
    Checkpoint, ConsistencyProof, GetCheckpointRequest, GetConsistencyProofRequest,
    GetInclusionProofRequest, InclusionProof, ListDisclosuresRequest, ListDisclosuresResponse,
};
use tlog::{Hash, SigningKey};
use tonic::{Request, Response, Status};

use super::log::DisclosureLog;

/// The DisclosureService, behind the gateway's own line like any other.
pub struct Disclosures {
    log: DisclosureLog,
    key: SigningKey,
    envelopes: Envelopes,
}

impl Disclosures {
    /// Over the log, signing its heads with `key`.
    pub fn new(log: DisclosureLog, key: SigningKey, envelopes: Envelopes) -> Self {
        Self {
            log,
            key,
            envelopes,
        }
    }

    /// The size that a request names, 0 meaning the present one.
    fn size(&self, field: &str, asked: u64) -> Result<u64, Refusal> {
        let (present, _) = self.log.head();
        match asked {
            0 => Ok(present),
            size if size <= present => Ok(size),
            _ => Err(Refusal::invalid(
                field,
                format!("the log has {present} entries so far"),
            )),
        }
    }
}

#[tonic::async_trait]
impl DisclosureService for Disclosures {
    async fn list_disclosures(
        &self,
        request: Request<ListDisclosuresRequest>,
    ) -> Result<Response<ListDisclosuresResponse>, Status> {
        let (_, request) = self.envelopes.open(request)?;
        let case = parse::case_name("parent", &request.parent)?;
        let limit = match request.page_size {
            0 => 100,
            asked => usize::try_from(asked)
                .map_err(|_| Refusal::invalid("page_size", "must not be negative"))?
                .min(1000),
        };
        let before = match request.page_token.as_str() {
            "" => None,
            token => Some(token.parse().map_err(|_| {
                Refusal::invalid("page_token", "is not one that this method gave out")
            })?),
        };
        let records = self
            .log
            .of_case(case.as_str(), before, limit)
            .map_err(Refusal::from)?;
        let is_last = records.len() < limit;
        let next_page_token = match records.last() {
            Some(oldest) if !is_last => oldest.index.to_string(),
            _ => String::new(),
        };
        Ok(Response::new(ListDisclosuresResponse {
            records,
            next_page_token,
        }))
    }

    async fn get_checkpoint(
        &self,
        request: Request<GetCheckpointRequest>,
    ) -> Result<Response<Checkpoint>, Status> {
        self.envelopes.open(request)?;
        let (size, root) = self.log.head();
        let origin = self.key.verifying_key().origin().clone();
        let checkpoint = tlog::Checkpoint { origin, size, root };
        let note = checkpoint.sign(&self.key).map_err(Refusal::internal)?;
        Ok(Response::new(Checkpoint {
            size,
            root: root.0.to_vec(),
            note,
        }))
    }

    async fn get_inclusion_proof(
        &self,
        request: Request<GetInclusionProofRequest>,
    ) -> Result<Response<InclusionProof>, Status> {
        let (_, request) = self.envelopes.open(request)?;
        let size = self.size("size", request.size)?;
        if request.index >= size {
            return Err(Refusal::invalid("index", format!("must be under {size}")).into());
        }
        let record = self.log.read(request.index).map_err(Refusal::from)?;
        let record = record.ok_or_else(|| Refusal::internal("a record of the log is missing"))?;
        let path = self
            .log
            .with_nodes(|nodes| tlog::inclusion(request.index, size, nodes))
            .map_err(Refusal::internal)?;
        Ok(Response::new(InclusionProof {
            index: request.index,
            size,
            leaf_hash: tlog::leaf_hash(&record.encode_to_vec()).0.to_vec(),
            path: bytes(path),
        }))
    }

    async fn get_consistency_proof(
        &self,
        request: Request<GetConsistencyProofRequest>,
    ) -> Result<Response<ConsistencyProof>, Status> {
        let (_, request) = self.envelopes.open(request)?;
        let new_size = self.size("new_size", request.new_size)?;
        if request.old_size > new_size {
            return Err(Refusal::invalid("old_size", "must not be over new_size").into());
        }
        let path = self
            .log
            .with_nodes(|nodes| tlog::consistency(request.old_size, new_size, nodes))
            .map_err(Refusal::internal)?;
        Ok(Response::new(ConsistencyProof {
            old_size: request.old_size,
            new_size,
            path: bytes(path),
        }))
    }
}

fn bytes(hashes: Vec<Hash>) -> Vec<Vec<u8>> {
    hashes.into_iter().map(|hash| hash.0.to_vec()).collect()
}

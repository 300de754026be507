//! The rules through the contract: reading them, and putting others in force.

use cedar_policy::Effect;
use host::clock::to_timestamp;
use host::{Envelopes, Refusal, SharedClock};
use proto::v1::rules_service_server::RulesService;
use proto::v1::{ErrorReason, GetRulesRequest, Policy, ReloadRulesRequest, RuleSet, RulesProof};
use tonic::{Request, Response, Status};

use super::book::{InForce, Proven, RuleBook, RulesRefused};

/// The RulesService, behind the gateway's own line like any other.
pub struct RulesDesk {
    book: RuleBook,
    envelopes: Envelopes,
    clock: SharedClock,
}

impl RulesDesk {
    /// Over the book.
    pub fn new(book: RuleBook, envelopes: Envelopes, clock: SharedClock) -> Self {
        Self {
            book,
            envelopes,
            clock,
        }
    }
}

#[tonic::async_trait]
impl RulesService for RulesDesk {
    async fn get_rules(
        &self,
        request: Request<GetRulesRequest>,
    ) -> Result<Response<RuleSet>, Status> {
        self.envelopes.open(request)?;
        Ok(Response::new(to_wire(&self.book.current())))
    }

    async fn reload_rules(
        &self,
        request: Request<ReloadRulesRequest>,
    ) -> Result<Response<RuleSet>, Status> {
        let (_, request) = self.envelopes.open(request)?;
        let now = self.clock.now();
        let set = if request.validate_only {
            self.book.tried(now).await.map(|tried| to_wire(&tried))
        } else {
            // On its own, so that a set that takes longer to prove than a call
            // may last can still be loaded: GetRules tells when it rules.
            let book = self.book.clone();
            let reloaded = tokio::spawn(async move { book.reload(now).await });
            let reloaded = reloaded.await.map_err(Refusal::internal)?;
            reloaded.map(|set| to_wire(&set))
        };
        Ok(Response::new(set.map_err(Refusal::from)?))
    }
}

impl From<RulesRefused> for Refusal {
    fn from(refused: RulesRefused) -> Self {
        let refusal = Self::precondition(ErrorReason::RulesRefused, refused.to_string());
        let RulesRefused::Broken(proof) = &refused else {
            return refusal;
        };
        match proof.broken().next() {
            Some((finding, breach)) => refusal
                .with("invariant", &finding.invariant)
                .with("counterexample", breach.request.to_string())
                .with("replayed", breach.replay.to_string()),
            None => refusal,
        }
    }
}

fn to_wire(set: &InForce) -> RuleSet {
    let (proof, invariants) = match &set.proven {
        Proven::BuiltIn => (RulesProof::BuiltIn, Vec::new()),
        Proven::Here(invariants) => (RulesProof::Proven, invariants.clone()),
        Proven::No => (RulesProof::Unproven, Vec::new()),
    };
    let mut policies: Vec<Policy> = set.rules.policies().policies().map(policy).collect();
    policies.sort_by(|a, b| a.id.cmp(&b.id));
    RuleSet {
        sha256: set.sha256.clone(),
        since: Some(to_timestamp(set.since)),
        proof: proof as i32,
        invariants,
        policies,
    }
}

fn policy(policy: &cedar_policy::Policy) -> Policy {
    let annotation = |name: &str| policy.annotation(name).unwrap_or_default().to_owned();
    Policy {
        id: policy.id().to_string(),
        forbids: policy.effect() == Effect::Forbid,
        reason_zh: annotation("reason_zh"),
        reason_en: annotation("reason_en"),
        law: annotation("law"),
        text: policy.to_string(),
    }
}

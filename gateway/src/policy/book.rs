//! The rules in force, and how others take their place: read, parsed,
//! validated, proven, swapped at once, or refused while the old ones stay.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use proto::contract::Contract;
use tokio::sync::Mutex;

use super::decide::Rules;
use super::prove::{Proof, ProveError, Solver, prove};
use super::set::{PolicyError, PolicyFiles};

/// Where the rules come from, and whether they have to be proven.
#[derive(Debug, Clone, Default)]
pub struct RuleSource {
    /// A folder with the schema and the policies; none: the built-in set.
    pub folder: Option<PathBuf>,
    /// The folder's set rules without a proof.
    pub unproven: bool,
    /// The solver; none: `CVC5`, or the search path.
    pub solver: Option<PathBuf>,
}

/// What is known of the rules in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proven {
    /// The build's own set, proven by its tests.
    BuiltIn,
    /// Proven here: these invariants.
    Here(Vec<String>),
    /// Not proven, as configured.
    No,
}

/// A set of rules that rules.
#[derive(Debug)]
pub struct InForce {
    /// The rules.
    pub rules: Arc<Rules>,
    /// SHA-256 of the set, hexadecimal.
    pub sha256: String,
    /// In force since then.
    pub since: DateTime<Utc>,
    /// What is known of it.
    pub proven: Proven,
}

/// Rules that may not rule. Says where, or by which request, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum RulesRefused {
    /// Not readable, not Cedar, not fitting.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// No proof could be had.
    #[error("{0}. A set that is to rule unproven needs `prove_policies = false`")]
    Unproven(#[from] ProveError),
    /// An invariant is broken.
    #[error("{}", broken(.0))]
    Broken(Proof),
    /// There is no folder to read again.
    #[error("no folder of policies is configured: set `policies` in casenet.toml and start again")]
    NoFolder,
}

/// The rules in force. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct RuleBook(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    source: RuleSource,
    contract: Arc<Contract>,
    in_force: RwLock<Arc<InForce>>,
    /// One reload at a time: the later one reads what the earlier did not.
    reloading: Mutex<()>,
}

impl RuleBook {
    /// Opens the book with the set of its source.
    pub async fn open(source: RuleSource, now: DateTime<Utc>) -> Result<Self, RulesRefused> {
        let contract = Contract::load()
            .map(Arc::new)
            .map_err(|error| PolicyError::Invalid(error.to_string()))?;
        let first = load(&source, &contract, now).await?;
        tracing::info!(sha256 = first.sha256, proven = ?first.proven, "rules in force");
        Ok(Self(Arc::new(Inner {
            source,
            contract,
            in_force: RwLock::new(Arc::new(first)),
            reloading: Mutex::default(),
        })))
    }

    /// What is in force at this moment. A call decides on one set throughout:
    /// it takes this once.
    pub fn current(&self) -> Arc<InForce> {
        let in_force = &self.0.in_force;
        Arc::clone(&in_force.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the folder again and puts its set in force. On any error nothing
    /// changes. Calls under way end on the set that they began with.
    pub async fn reload(&self, now: DateTime<Utc>) -> Result<Arc<InForce>, RulesRefused> {
        let _alone = self.0.reloading.lock().await;
        let next = Arc::new(self.tried(now).await?);
        tracing::info!(sha256 = next.sha256, proven = ?next.proven, "new rules in force");
        let in_force = &self.0.in_force;
        *in_force.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&next);
        Ok(next)
    }

    /// What `reload` would put in force; nothing changes.
    pub async fn tried(&self, now: DateTime<Utc>) -> Result<InForce, RulesRefused> {
        if self.0.source.folder.is_none() {
            return Err(RulesRefused::NoFolder);
        }
        load(&self.0.source, &self.0.contract, now).await
    }
}

async fn load(
    source: &RuleSource,
    contract: &Contract,
    now: DateTime<Utc>,
) -> Result<InForce, RulesRefused> {
    let files = match &source.folder {
        Some(folder) => PolicyFiles::read(folder)?,
        None => PolicyFiles::built_in(),
    };
    let rules = Arc::new(Rules::compile(&files, contract)?);
    let proven = match &source.folder {
        None => Proven::BuiltIn,
        Some(_) if source.unproven => {
            tracing::warn!("the configured policies rule unproven: prove_policies = false");
            Proven::No
        }
        Some(_) => {
            let solver = Solver::find(source.solver.as_deref())?;
            let proof = prove(Arc::clone(&rules), solver).await?;
            if !proof.holds() {
                return Err(RulesRefused::Broken(proof));
            }
            let proven = proof.findings.into_iter().map(|found| found.invariant);
            Proven::Here(proven.collect())
        }
    };
    Ok(InForce {
        rules,
        sha256: files.sha256(),
        since: now,
        proven,
    })
}

/// Every broken invariant with its counterexample.
fn broken(proof: &Proof) -> String {
    let told = proof.broken().map(|(finding, breach)| {
        format!(
            "broken: {} ({}): {} [{}; replayed: {}]",
            finding.invariant, finding.says, breach.words, breach.request, breach.replay
        )
    });
    told.collect::<Vec<_>>().join("; ")
}

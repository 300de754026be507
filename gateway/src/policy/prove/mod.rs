//! Proof: what a set of policies can never allow, for all requests and not for
//! samples. The policies and an invariant become one question to a solver: is
//! there a request that the first allow and the second refuses?
//!
//! Reading order: `invariants.cedar` (what is proven), `invariants`, here,
//! `counterexample` (a breach, told and replayed), `solver`.

mod counterexample;
mod invariants;
mod solver;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cedar_policy::{PolicySet, RequestEnv, Schema};
use cedar_policy_symcc::solver::LocalSolver;
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicy, CompiledPolicySet, Env};
use serde::Serialize;

use super::decide::Rules;
use invariants::{Actions, Invariant};

pub use counterexample::{Breach, Replay};
pub use solver::Solver;

/// Why nothing could be proven. Says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// There is no solver here.
    #[error(
        "the solver cvc5 is not here, so nothing is proven; install it (Debian, Ubuntu: \
         apt-get install cvc5), or name it with --solver PATH or the variable CVC5"
    )]
    SolverMissing,
    /// The solver fails or finds no answer.
    #[error("the solver gave no answer, so nothing is proven: {0}")]
    Solver(String),
    /// A schema hides an action from an invariant.
    #[error(
        "the schema takes {action} out of the group that the invariant {invariant} speaks of; \
         put it back, as in the built-in schema"
    )]
    Ungrouped {
        /// The action.
        action: String,
        /// The invariant.
        invariant: String,
    },
    /// The invariants do not fit the schema.
    #[error("the invariants cannot be stated over this schema: {0}")]
    Unprovable(String),
}

/// What became of each invariant.
#[derive(Debug, Clone, Serialize)]
pub struct Proof {
    /// In the order of the design.
    pub findings: Vec<Finding>,
}

/// What became of one invariant.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// Its number in the design.
    pub number: String,
    /// "sealed-is-sealed".
    pub invariant: String,
    /// What it says.
    pub says: String,
    /// Actions that it was proven for, each over all requests.
    pub environments: usize,
    /// What that took, in milliseconds.
    pub millis: u64,
    /// A request that breaks it; none: it is proven.
    pub breach: Option<Breach>,
}

impl Proof {
    /// Every invariant holds.
    pub fn holds(&self) -> bool {
        self.findings.iter().all(|finding| finding.breach.is_none())
    }

    /// Those that do not hold.
    pub fn broken(&self) -> impl Iterator<Item = (&Finding, &Breach)> {
        self.findings
            .iter()
            .filter_map(|finding| Some((finding, finding.breach.as_ref()?)))
    }
}

/// Proves every invariant of these rules, or finds a request that breaks it.
/// Takes seconds, on a thread of its own.
pub async fn prove(rules: Arc<Rules>, solver: Solver) -> Result<Proof, ProveError> {
    let proven = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| ProveError::Solver(error.to_string()))?;
        runtime.block_on(async { Prover::new(&rules, &solver)?.run().await })
    });
    proven
        .await
        .map_err(|error| ProveError::Solver(error.to_string()))?
}

/// A set of rules before the solver.
struct Prover<'a> {
    rules: &'a Rules,
    solver: CedarSymCompiler<LocalSolver>,
}

/// What is known of an invariant so far.
#[derive(Default)]
struct Progress {
    environments: usize,
    took: Duration,
    breach: Option<Breach>,
}

impl<'a> Prover<'a> {
    fn new(rules: &'a Rules, solver: &Solver) -> Result<Self, ProveError> {
        let solver = CedarSymCompiler::new(solver.start()?).map_err(unanswered)?;
        Ok(Self { rules, solver })
    }

    async fn run(mut self) -> Result<Proof, ProveError> {
        let rules = self.rules;
        let schema = rules.schema();
        let invariants = invariants::all(schema)?;
        let actions = Actions::of(schema)?;
        let mut progress: Vec<Progress> = invariants.iter().map(|_| Progress::default()).collect();
        let mut errors = Progress::default();
        for (_, env) in environments(rules) {
            let allowed = compile(rules.policies(), &env, schema)?;
            let mut open: Vec<(&Invariant, &mut Progress)> = invariants
                .iter()
                .zip(&mut progress)
                .filter(|(invariant, progress)| {
                    progress.breach.is_none() && invariant.scope.contains(env.action())
                })
                .collect();
            self.check_all(&mut open, &allowed, &env).await?;
            if errors.breach.is_none() {
                let began = Instant::now();
                errors.breach = self.check_errors(&actions, &env).await?;
                errors.environments += 1;
                errors.took += began.elapsed();
            }
        }
        let stated = invariants
            .iter()
            .zip(progress)
            .map(|(invariant, progress)| {
                finding(&invariant.number, &invariant.id, &invariant.says, progress)
            });
        let says = "no policy can fail to be evaluated: a forbid that fails would be skipped";
        let mut findings: Vec<Finding> = stated.collect();
        findings.push(finding("8", "no-policy-errs", says, errors));
        findings.sort_by(|a, b| a.number.cmp(&b.number));
        Ok(Proof { findings })
    }

    /// All invariants that speak of the action at once; one by one only where
    /// they do not hold together, to tell which is broken.
    async fn check_all(
        &mut self,
        open: &mut [(&Invariant, &mut Progress)],
        allowed: &CompiledPolicySet,
        env: &RequestEnv,
    ) -> Result<(), ProveError> {
        let began = Instant::now();
        let together = invariants::at_most(open.iter().map(|(invariant, _)| *invariant))?;
        let together = compile(&together, env, self.rules.schema())?;
        let hold_together = self.beyond(allowed, &together).await?.is_none();
        let share = began.elapsed() / u32::try_from(open.len()).unwrap_or(1).max(1);
        for (invariant, progress) in open {
            let began = Instant::now();
            if !hold_together {
                progress.breach = self.check(invariant, allowed, env).await?;
            }
            progress.environments += 1;
            progress.took += share + began.elapsed();
        }
        Ok(())
    }

    /// Is there a request that the rules allow and the invariant does not?
    async fn check(
        &mut self,
        invariant: &Invariant,
        allowed: &CompiledPolicySet,
        env: &RequestEnv,
    ) -> Result<Option<Breach>, ProveError> {
        let at_most = invariants::at_most([invariant])?;
        let at_most = compile(&at_most, env, self.rules.schema())?;
        let Some(found) = self.beyond(allowed, &at_most).await? else {
            return Ok(None);
        };
        let asked = self.plainest(found, &at_most, env).await?;
        Ok(Some(Breach::replayed(asked, &invariant.facts, self.rules)))
    }

    /// Can any policy fail to be evaluated?
    async fn check_errors(
        &mut self,
        actions: &Actions,
        env: &RequestEnv,
    ) -> Result<Option<Breach>, ProveError> {
        let policies = self.rules.policies().policies();
        for policy in policies.filter(|policy| actions.speaks(policy, env.action())) {
            let compiled = CompiledPolicy::compile(policy, env, self.rules.schema())
                .map_err(|error| ProveError::Unprovable(error.to_string()))?;
            let found = self
                .solver
                .check_never_errors_with_counterexample_opt(&compiled)
                .await
                .map_err(unanswered)?;
            if let Some(found) = found {
                let asked = counterexample::asked(&found)?;
                return Ok(Some(Breach::replayed(asked, &[], self.rules)));
            }
        }
        Ok(None)
    }

    /// A request that the first set allows and the second does not.
    async fn beyond(
        &mut self,
        allowed: &CompiledPolicySet,
        at_most: &CompiledPolicySet,
    ) -> Result<Option<Env>, ProveError> {
        self.solver
            .check_implies_with_counterexample_opt(allowed, at_most)
            .await
            .map_err(unanswered)
    }

    /// The same breach in words that exist and with as few facts as it needs:
    /// each restriction stays where a breach remains under it.
    async fn plainest(
        &mut self,
        mut found: Env,
        at_most: &CompiledPolicySet,
        env: &RequestEnv,
    ) -> Result<super::Asked, ProveError> {
        let mut rules = self.rules.policies().clone();
        for restriction in counterexample::restrictions(env) {
            let narrower = counterexample::with(&rules, &restriction)?;
            let allowed = compile(&narrower, env, self.rules.schema())?;
            if let Some(plainer) = self.beyond(&allowed, at_most).await? {
                (found, rules) = (plainer, narrower);
            }
        }
        counterexample::asked(&found)
    }
}

fn finding(number: &str, invariant: &str, says: &str, progress: Progress) -> Finding {
    Finding {
        number: number.to_owned(),
        invariant: invariant.to_owned(),
        says: says.to_owned(),
        environments: progress.environments,
        millis: u64::try_from(progress.took.as_millis()).unwrap_or(u64::MAX),
        breach: progress.breach,
    }
}

/// Every action that an agency can do to a case, reading first: a breach is
/// told by what would be read, if it can be. The gateway asks about nothing else.
fn environments(rules: &Rules) -> BTreeMap<(bool, String), RequestEnv> {
    let asks = |env: &RequestEnv| {
        env.principal().to_string() == "Agency" && env.resource().to_string() == "Case"
    };
    rules
        .schema()
        .request_envs()
        .filter(asks)
        .map(|env| {
            let action = env.action().id().unescaped().to_owned();
            let is_read = ["read", "readPart"].contains(&action.as_str());
            ((!is_read, action), env)
        })
        .collect()
}

fn compile(
    policies: &PolicySet,
    env: &RequestEnv,
    schema: &Schema,
) -> Result<CompiledPolicySet, ProveError> {
    CompiledPolicySet::compile(policies, env, schema)
        .map_err(|error| ProveError::Unprovable(error.to_string()))
}

fn unanswered(error: cedar_policy_symcc::err::Error) -> ProveError {
    ProveError::Solver(error.to_string())
}

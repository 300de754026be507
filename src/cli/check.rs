//! `casenet check`: is a network's folder in order, may a set of policies rule?
//! Parses, validates, proves; exit code 0 proven, 1 refused, 2 not proven
//! because there is no solver.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use gateway::{PolicyFiles, Proof, ProveError, Replay, Rules, Solver};
use serde_json::json;

use super::{Failure, say};
use crate::config::{Config, Role};

/// What to check, and how to tell it.
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The network's folder.
    #[arg(long, conflicts_with = "policies")]
    data: Option<PathBuf>,
    /// A folder with schema.cedarschema and *.cedar; else the built-in set.
    #[arg(long)]
    policies: Option<PathBuf>,
    /// The solver cvc5; else the variable CVC5, else the search path.
    #[arg(long, value_name = "PATH")]
    solver: Option<PathBuf>,
    /// One JSON object on standard output.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(crate) async fn run(self) -> Result<ExitCode, Failure> {
        let folder = match &self.data {
            Some(data) => self.check_network(data)?,
            None => self.policies.clone(),
        };
        let checked = self.compile(folder.as_deref());
        let rules = match checked {
            Ok(rules) => Arc::new(rules),
            Err(error) => return self.refused(&*error),
        };
        if !self.json {
            say(
                "policies: parsed, each named and explained, valid against the schema, which \
                 knows every action of the contract\n",
            )?;
        }
        let proven = match Solver::find(self.solver.as_deref()) {
            Ok(solver) => gateway::prove(rules, solver).await,
            Err(error) => Err(error),
        };
        match proven {
            Ok(proof) => self.tell(&proof),
            Err(error @ (ProveError::SolverMissing | ProveError::Solver(_))) => {
                self.unproven(&error)
            }
            Err(error) => self.refused(&error),
        }
    }

    fn check_network(&self, data: &Path) -> Result<Option<PathBuf>, Failure> {
        let config = Config::read(data)?;
        for role in Role::ALL {
            host::ClientIdentity::new(config.role_files(role)).config()?;
        }
        host::tls::check_private(&config.network_key())?;
        host::tls::check_private(&config.log_key())?;
        config.webhook_settings().check()?;
        if !self.json {
            say("configuration, certificates and key files: in order\n")?;
        }
        Ok(config.policies.map(|policies| data.join(policies)))
    }

    fn compile(&self, folder: Option<&Path>) -> Result<Rules, Failure> {
        let files = match folder {
            Some(folder) => PolicyFiles::read(folder)?,
            None => PolicyFiles::built_in(),
        };
        let contract = proto::contract::Contract::load()?;
        Ok(Rules::compile(&files, &contract)?)
    }

    fn tell(&self, proof: &Proof) -> Result<ExitCode, Failure> {
        let holds = proof.holds();
        if self.json {
            let told = json!({"valid": true, "proven": holds, "findings": proof.findings});
            say(&format!("{told:#}\n"))?;
        } else {
            say(&page(proof))?;
        }
        Ok(ExitCode::from(u8::from(!holds)))
    }

    fn refused(&self, error: &dyn std::fmt::Display) -> Result<ExitCode, Failure> {
        if self.json {
            let told = json!({"valid": false, "proven": false, "error": error.to_string()});
            say(&format!("{told:#}\n"))?;
            return Ok(ExitCode::from(1));
        }
        Err(error.to_string().into())
    }

    fn unproven(&self, error: &ProveError) -> Result<ExitCode, Failure> {
        if self.json {
            let told = json!({"valid": true, "proven": false, "error": error.to_string()});
            say(&format!("{told:#}\n"))?;
        } else {
            say(&format!("not proven: {error}\n"))?;
        }
        Ok(ExitCode::from(2))
    }
}

/// A line for each invariant, and each breach in words, as a request, replayed.
fn page(proof: &Proof) -> String {
    let mut page = String::new();
    for finding in &proof.findings {
        let mark = if finding.breach.is_none() {
            "proven"
        } else {
            "BROKEN"
        };
        page.push_str(&format!(
            "{mark}  {} {}: {} ({} environments, {} ms)\n",
            finding.number, finding.invariant, finding.says, finding.environments, finding.millis
        ));
        let Some(breach) = &finding.breach else {
            continue;
        };
        page.push_str(&format!(
            "        {}\n        request: {}\n        replayed: {}\n",
            breach.words, breach.request, breach.replay
        ));
        if breach.replay == Replay::Refused {
            page.push_str("        this is a defect of the proof: report it\n");
        }
    }
    let broken = proof.broken().count();
    page.push_str(&match broken {
        0 => "every invariant holds for every request\n".to_owned(),
        _ => format!("{broken} broken: this set may not rule\n"),
    });
    page
}

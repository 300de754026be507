//! The solver: a program beside this one, asked over its standard input.

use std::path::{Path, PathBuf};

use cedar_policy_symcc::solver::LocalSolver;
use tokio::process::Command;

use super::ProveError;

/// A question is given up after this many milliseconds; those of the built-in
/// set take a few.
const QUESTION_MILLIS: u32 = 30_000;

/// Where the solver is.
#[derive(Debug, Clone)]
pub struct Solver {
    path: PathBuf,
}

impl Solver {
    /// The solver at that path, else the one that `CVC5` names, else `cvc5` in
    /// the search path.
    pub fn find(given: Option<&Path>) -> Result<Self, ProveError> {
        let named = given
            .map(Path::to_owned)
            .or_else(|| std::env::var_os("CVC5").map(PathBuf::from));
        if let Some(path) = named {
            return if path.is_file() {
                Ok(Self { path })
            } else {
                Err(ProveError::SolverMissing)
            };
        }
        let search = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&search)
            .map(|folder| folder.join("cvc5"))
            .find(|path| path.is_file())
            .map(|path| Self { path })
            .ok_or(ProveError::SolverMissing)
    }

    /// Starts it; it ends with what is returned.
    pub(super) fn start(&self) -> Result<LocalSolver, ProveError> {
        let mut command = Command::new(&self.path);
        command
            .args(["--lang", "smt"])
            .arg(format!("--tlimit-per={QUESTION_MILLIS}"))
            .kill_on_drop(true);
        LocalSolver::from_command(&mut command)
            .map_err(|error| ProveError::Solver(error.to_string()))
    }
}

//! The policies: files of Cedar with a schema, parsed and validated before
//! they rule anything. The defaults are compiled in.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::str::FromStr;

use cedar_policy::{
    Policy, PolicyId, PolicySet, Schema, ValidationError, ValidationMode, Validator,
};
use proto::contract::Contract;

/// A set of policies as text.
#[derive(Debug, Clone)]
pub struct PolicyFiles {
    schema: String,
    /// (file name, text).
    policies: Vec<(String, String)>,
}

/// Policies that may not rule. Says where and what to do.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The folder or a file cannot be read.
    #[error("cannot read {0}: {1}")]
    Unreadable(String, std::io::Error),
    /// The folder has no schema or no policies.
    #[error("{0} has no schema.cedarschema beside at least one *.cedar file")]
    Empty(String),
    /// Not Cedar.
    #[error("{place}: {detail}")]
    Syntax {
        /// The file, and the line where Cedar gives one.
        place: String,
        /// What Cedar says.
        detail: String,
    },
    /// A policy lacks an annotation that people are shown.
    #[error("{file}: policy {policy} has no @{annotation}")]
    Unexplained {
        /// The file.
        file: String,
        /// The policy's id, or its position.
        policy: String,
        /// The annotation it lacks.
        annotation: &'static str,
    },
    /// Two policies have one id.
    #[error("{file}: the id {id} is used twice")]
    Twice {
        /// The file.
        file: String,
        /// The id.
        id: String,
    },
    /// A template: nothing here would ever fill it in.
    #[error("{file}: a template decides nothing here; write the policy out")]
    Template {
        /// The file.
        file: String,
    },
    /// The policies do not fit the schema.
    #[error("the policies do not fit the schema: {0}")]
    Invalid(String),
    /// The schema does not know an action of the contract.
    #[error("the schema lacks the contract's action {0}: no rule can decide it")]
    ActionUnknown(String),
}

/// The schema's file in a folder of policies.
const SCHEMA_FILE: &str = "schema.cedarschema";

/// Annotations that every policy carries, to be shown to people.
const EXPLANATIONS: [&str; 3] = ["reason_zh", "reason_en", "law"];

impl PolicyFiles {
    /// The default matrix, as compiled in from `deploy/policies`.
    pub fn built_in() -> Self {
        macro_rules! files {
            ($($name:literal),*) => {
                vec![$(($name.to_owned(), include_str!(concat!("../../../deploy/policies/", $name)).to_owned())),*]
            };
        }
        Self {
            schema: include_str!("../../../deploy/policies/schema.cedarschema").to_owned(),
            policies: files![
                "base.cedar",
                "union.cedar",
                "lawfirm.cedar",
                "labour.cedar",
                "judiciary.cedar",
                "media.cedar",
                "university.cedar",
                "operator.cedar"
            ],
        }
    }

    /// The set in a folder: `schema.cedarschema` and every `*.cedar`.
    pub fn read(folder: &Path) -> Result<Self, PolicyError> {
        let read = |path: &Path| {
            fs::read_to_string(path)
                .map_err(|error| PolicyError::Unreadable(path.display().to_string(), error))
        };
        let listing = fs::read_dir(folder)
            .map_err(|error| PolicyError::Unreadable(folder.display().to_string(), error))?;
        let mut policies = Vec::new();
        for entry in listing {
            let entry =
                entry.map_err(|e| PolicyError::Unreadable(folder.display().to_string(), e))?;
            let path = entry.path();
            if path.extension().is_some_and(|ending| ending == "cedar") {
                let name = entry.file_name().to_string_lossy().into_owned();
                policies.push((name, read(&path)?));
            }
        }
        policies.sort();
        let schema_path = folder.join(SCHEMA_FILE);
        if policies.is_empty() || !schema_path.exists() {
            return Err(PolicyError::Empty(folder.display().to_string()));
        }
        Ok(Self {
            schema: read(&schema_path)?,
            policies,
        })
    }

    /// The schema's text.
    pub(super) fn schema(&self) -> &str {
        &self.schema
    }

    /// SHA-256 over the schema and every policy file, each with its name and
    /// length, hexadecimal.
    pub(super) fn sha256(&self) -> String {
        let mut digest = ring::digest::Context::new(&ring::digest::SHA256);
        let mut take = |name: &str, text: &str| {
            for part in [name, text] {
                digest.update(&(part.len() as u64).to_be_bytes());
                digest.update(part.as_bytes());
            }
        };
        take(SCHEMA_FILE, &self.schema);
        let mut files: Vec<_> = self.policies.iter().collect();
        files.sort();
        files.iter().for_each(|(name, text)| take(name, text));
        let sum = digest.finish();
        sum.as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// Parses and validates: every policy named and explained, fitting the
    /// schema strictly, every action of the contract known to it.
    pub(super) fn compile(&self, contract: &Contract) -> Result<(Schema, PolicySet), PolicyError> {
        let (schema, _warnings) =
            Schema::from_cedarschema_str(&self.schema).map_err(|error| PolicyError::Syntax {
                place: place(SCHEMA_FILE, &self.schema, &error),
                detail: error.to_string(),
            })?;
        let known: BTreeSet<String> = schema
            .actions()
            .map(|action| action.id().unescaped().to_owned())
            .collect();
        for method in contract.methods() {
            if !known.contains(&method.action) {
                return Err(PolicyError::ActionUnknown(method.action.clone()));
            }
        }
        let mut set = PolicySet::new();
        let mut sources = BTreeMap::new();
        for (file, text) in &self.policies {
            let parsed = PolicySet::from_str(text).map_err(|error| PolicyError::Syntax {
                place: place(file, text, &error),
                detail: error.to_string(),
            })?;
            if parsed.templates().next().is_some() {
                return Err(PolicyError::Template { file: file.clone() });
            }
            for policy in parsed.policies() {
                let named = explained(file, policy)?;
                let id = named.id().to_string();
                sources.insert(id.clone(), (file, text));
                set.add(named).map_err(|_| PolicyError::Twice {
                    file: file.clone(),
                    id,
                })?;
            }
        }
        let verdict = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
        if !verdict.validation_passed() {
            let told = |error: &ValidationError| match sources.get(&error.policy_id().to_string()) {
                Some((file, text)) => format!("{}: {error}", place(file, text, error)),
                None => error.to_string(),
            };
            let errors: Vec<String> = verdict.validation_errors().map(told).collect();
            return Err(PolicyError::Invalid(errors.join("; ")));
        }
        Ok((schema, set))
    }
}

/// The file, with the line that an error is about where it says so.
fn place(file: &str, text: &str, error: &dyn miette::Diagnostic) -> String {
    let span = error
        .labels()
        .and_then(|mut labels| labels.next())
        .or_else(|| {
            let mut related = error.related()?;
            related.find_map(|error| error.labels()?.next())
        });
    let before = span.and_then(|span| text.get(..span.offset()));
    match before {
        Some(before) => format!("{file}:{}", before.matches('\n').count() + 1),
        None => file.to_owned(),
    }
}

/// The policy under the id that it names itself by.
fn explained(file: &str, policy: &Policy) -> Result<Policy, PolicyError> {
    let lacks = |annotation| PolicyError::Unexplained {
        file: file.to_owned(),
        policy: policy
            .annotation("id")
            .map_or_else(|| policy.id().to_string(), str::to_owned),
        annotation,
    };
    let id = policy.annotation("id").ok_or_else(|| lacks("id"))?;
    for annotation in EXPLANATIONS {
        if policy.annotation(annotation).is_none_or(str::is_empty) {
            return Err(lacks(annotation));
        }
    }
    Ok(policy.new_id(PolicyId::new(id)))
}

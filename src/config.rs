//! The one configuration file, `casenet.toml`. Paths in it are relative to it;
//! an unknown key is refused.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use host::tls::PemFiles;
use serde::{Deserialize, Serialize};

use crate::city::Agency;

/// The file's name in a data folder.
pub const FILE: &str = "casenet.toml";

/// A role of the network.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The spine.
    Casebook,
    /// The union's file.
    Union,
    /// The law firms' files.
    Lawfirm,
    /// The labour bureau's files.
    Labour,
    /// Courts and procuratorates.
    Judiciary,
    /// The publicity desk.
    Media,
    /// The gate.
    Gateway,
    /// The pages for people: a client of the gate, with no store.
    Web,
}

impl Role {
    /// Every role of the network itself, in the order of starting. The pages
    /// are none of them: the network is whole without them.
    pub const ALL: [Self; 7] = [
        Self::Casebook,
        Self::Union,
        Self::Lawfirm,
        Self::Labour,
        Self::Judiciary,
        Self::Media,
        Self::Gateway,
    ];

    /// Its name in the contract and in certificates.
    pub fn name(self) -> &'static str {
        match self {
            Self::Casebook => "casebook",
            Self::Union => "union",
            Self::Lawfirm => "lawfirm",
            Self::Labour => "labour",
            Self::Judiciary => "judiciary",
            Self::Media => "media",
            Self::Gateway => "gateway",
            Self::Web => "web",
        }
    }
}

/// The configuration.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where each role listens (`host:port`), and where the others find it.
    pub listen: BTreeMap<Role, String>,
    /// The gateway's limits.
    #[serde(default)]
    pub limits: gateway::Limits,
    /// How long referrals may take, by service.
    #[serde(default, skip_serializing_if = "is_default")]
    pub referrals: casebook::Terms,
    /// A folder of policies in place of the built-in ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policies: Option<PathBuf>,
    /// Where agencies' webhooks may lead.
    #[serde(default)]
    pub webhooks: casebook::WebhookSettings,
    /// Whether these must be proven before they rule (default: yes).
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub prove_policies: bool,
    /// Origin of the disclosure log's checkpoints.
    pub log_origin: String,
    /// The agencies of the network.
    pub agencies: Vec<Agency>,
    /// The folder that the file stands in.
    #[serde(skip)]
    pub folder: PathBuf,
}

fn is_default(terms: &casebook::Terms) -> bool {
    *terms == casebook::Terms::default()
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error(
        "cannot read {path}: {source}; run `casenet init --data DIR` first, or name another folder"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not TOML, an unknown key, or a value of the wrong type.
    #[error("{path}: {detail}")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        detail: String,
    },
}

impl Config {
    /// Reads the configuration of a data folder.
    pub fn read(folder: &Path) -> Result<Self, ConfigError> {
        let path = folder.join(FILE);
        let text = fs::read_to_string(&path).map_err(|source| ConfigError::Unreadable {
            path: path.clone(),
            source,
        })?;
        let mut config: Self = toml::from_str(&text).map_err(|error| ConfigError::Wrong {
            path: path.clone(),
            detail: error.to_string(),
        })?;
        config.folder = folder.to_owned();
        if let Some(missing) = Role::ALL
            .iter()
            .find(|role| !config.listen.contains_key(role))
        {
            let detail = format!("[listen] lacks an address for {}", missing.name());
            return Err(ConfigError::Wrong { path, detail });
        }
        Ok(config)
    }

    /// Where the rules come from.
    pub fn rules(&self) -> gateway::RuleSource {
        gateway::RuleSource {
            folder: self
                .policies
                .as_ref()
                .map(|folder| self.folder.join(folder)),
            unproven: !self.prove_policies,
            solver: None,
        }
    }

    /// Where a role listens.
    pub fn address(&self, role: Role) -> &str {
        self.listen.get(&role).map_or("127.0.0.1:0", String::as_str)
    }

    /// A role's certificate, key and trust.
    pub fn role_files(&self, role: Role) -> PemFiles {
        self.files(&format!("roles/{}", role.name()))
    }

    /// An agency's certificate, key and trust.
    pub fn agency_files(&self, agency: &str) -> PemFiles {
        self.files(&format!("agencies/{agency}"))
    }

    /// The certificate of a program that people sign in with.
    pub fn client_files(&self) -> PemFiles {
        self.files("clients/cli")
    }

    /// The certificate that the pages show to the gateway. What they show to
    /// browsers is [`Self::role_files`] of [`Role::Web`].
    pub fn web_client_files(&self) -> PemFiles {
        self.files("clients/web")
    }

    fn files(&self, of: &str) -> PemFiles {
        let folder = self.folder.join("certs").join(of);
        let authority = self.folder.join("certs/ca.pem");
        PemFiles::new(folder.join("cert.pem"), folder.join("key.pem"), authority)
    }

    /// What webhooks may do, with paths that can be opened from anywhere.
    pub fn webhook_settings(&self) -> casebook::WebhookSettings {
        let ca = self.webhooks.ca.as_ref();
        casebook::WebhookSettings {
            ca: ca.map(|ca| self.folder.join(ca)),
            ..self.webhooks.clone()
        }
    }

    /// The network's own key, shared by its processes.
    pub fn network_key(&self) -> PathBuf {
        self.folder.join("keys/network.key")
    }

    /// The disclosure log's signing key, PKCS#8.
    pub fn log_key(&self) -> PathBuf {
        self.folder.join("keys/log.pk8")
    }

    /// A role's store.
    pub fn store(&self, role: Role) -> PathBuf {
        self.folder.join("stores").join(role.name())
    }
}

fn yes() -> bool {
    true
}

// serde hands over a reference.
fn is_yes(value: &bool) -> bool {
    *value
}

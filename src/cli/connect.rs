//! Whom to call, and as whom.

use std::path::PathBuf;

use clap::Args;
use host::tls::ClientIdentity;

use super::Failure;
use crate::client::Client;
use crate::config::{Config, Role};

/// Options of every command that calls a gateway.
#[derive(Debug, Clone, Args)]
pub(crate) struct Connect {
    /// The network's folder, with its certificates.
    #[arg(
        long,
        global = true,
        env = "CASENET_DATA",
        default_value = "casenet-data"
    )]
    pub(crate) data: PathBuf,
    /// The gateway's address; else from the folder's configuration.
    #[arg(long, global = true, env = "CASENET_GATEWAY")]
    pub(crate) gateway: Option<String>,
    /// The agency to call as, by its certificate in the folder.
    #[arg(
        long,
        global = true,
        env = "CASENET_AGENCY",
        default_value = "yiwu-union"
    )]
    pub(crate) agency: String,
    /// Also send the token of this file (see `casenet login`).
    #[arg(long, global = true, env = "CASENET_TOKEN_FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// What the answer is needed for ("handling", "filing", …).
    #[arg(long, global = true)]
    pub(crate) purpose: Option<String>,
    /// JSON instead of tables.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl Connect {
    /// The gateway's address.
    pub(crate) fn address(&self, config: &Config) -> String {
        self.gateway
            .clone()
            .unwrap_or_else(|| config.address(Role::Gateway).to_owned())
    }

    /// A client as the options say.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        let config = Config::read(&self.data)?;
        let agency = self.agency.trim_start_matches("agencies/");
        let identity = ClientIdentity::new(config.agency_files(agency));
        let mut client = Client::new(&self.address(&config), &identity)?;
        if let Some(file) = &self.token_file {
            host::tls::check_private(file)?;
            client = client.with_token(std::fs::read_to_string(file)?.trim());
        }
        if let Some(purpose) = &self.purpose {
            client = client.with_purpose(purpose);
        }
        Ok(client)
    }
}

/// `cases/330782-2026-000001` or just the number.
pub(crate) fn case_name(text: &str) -> String {
    if text.starts_with("cases/") {
        text.to_owned()
    } else {
        format!("cases/{text}")
    }
}

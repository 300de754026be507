//! Whom to call, and as whom.

use std::path::PathBuf;

use clap::Args;
use host::tls::ClientIdentity;

use super::Failure;
use crate::client::Client;
use crate::config::{Config, Role};

/// Options of every command that calls a gateway.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Whom to call, and as whom")]
pub(crate) struct Connect {
    /// The network's folder, with its certificates.
    #[arg(
        long,
        value_name = "DIR",
        global = true,
        env = "CASENET_DATA",
        hide_env_values = true,
        default_value = "casenet-data"
    )]
    pub(crate) data: PathBuf,
    /// The gateway's address; else from the folder's configuration.
    #[arg(
        long,
        value_name = "HOST:PORT",
        global = true,
        env = "CASENET_GATEWAY",
        hide_env_values = true
    )]
    pub(crate) gateway: Option<String>,
    /// The agency to call as, by its certificate in the folder.
    #[arg(
        long,
        value_name = "ID",
        global = true,
        env = "CASENET_AGENCY",
        hide_env_values = true,
        default_value = "yiwu-union"
    )]
    pub(crate) agency: String,
    /// Also send the token of this file (see `casenet login`).
    #[arg(
        long,
        value_name = "FILE",
        global = true,
        env = "CASENET_TOKEN_FILE",
        hide_env_values = true
    )]
    pub(crate) token_file: Option<PathBuf>,
    /// What the answer is needed for ("handling", "filing", …).
    // Not `--purpose`: consents and referrals have one of their own.
    #[arg(long = "needed-for", value_name = "CODE", global = true)]
    pub(crate) needed_for: Option<String>,
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
        if let Some(purpose) = &self.needed_for {
            client = client.with_purpose(purpose);
        }
        Ok(client)
    }
}

//! `casenet agreement`: what two agencies let pass between them.

use clap::Subcommand;
use proto::v1::Section;
use serde_json::json;

use super::calls::Asked;
use super::given::{agency_name, agreement_name, section, sections, until};

/// What to do with agreements.
#[derive(Debug, Subcommand)]
pub(crate) enum Agreement {
    /// Propose an agreement to another agency.
    #[command(
        after_help = "Example: casenet agreement propose zhejiang-workers-law --sections summary,identity,claims,evidence --access-days 180"
    )]
    Propose {
        /// The other agency.
        partner: String,
        /// Sections that referrals between the two may name, separated by commas.
        #[arg(
            long,
            value_name = "SECTIONS",
            required = true,
            value_delimiter = ',',
            value_parser = section
        )]
        sections: Vec<Section>,
        /// Access lasts at most so many days; 0: no limit of its own.
        #[arg(long, value_name = "DAYS", default_value_t = 0,
            value_parser = clap::value_parser!(u32).range(..=3650))]
        access_days: u32,
        /// What is received under it may be referred on.
        #[arg(long)]
        onward: bool,
        /// It ends then: a day, days from now ("365d"), or an instant.
        #[arg(long, value_name = "WHEN", value_parser = until)]
        until: Option<String>,
    },
    /// Accept what the other side proposed: it is in force, in place of the one
    /// before.
    #[command(after_help = "Example: casenet agreement accept 0e4h1 --agency zhejiang-workers-law")]
    Accept {
        /// Its id.
        id: String,
    },
    /// End it: no new referral passes between the two until they agree anew.
    #[command(after_help = "Example: casenet agreement terminate 0e4h1")]
    Terminate {
        /// Its id.
        id: String,
    },
    /// Your agreements, newest first.
    List,
    /// One agreement.
    #[command(after_help = "Example: casenet agreement show 0e4h1")]
    Show {
        /// Its id.
        id: String,
    },
}

impl Agreement {
    /// The method and its request.
    pub(super) fn asked(self) -> Asked {
        let named = |id: &str| json!({"name": agreement_name(id)});
        match self {
            Self::Propose {
                partner,
                sections: shared,
                access_days,
                onward,
                until,
            } => {
                let mut agreement = json!({
                    "partner": agency_name(&partner),
                    "sections": sections(&shared),
                    "accessDays": access_days,
                    "onward": onward,
                });
                if let Some(until) = until {
                    agreement["validUntil"] = json!(until);
                }
                let request = json!({"agreement": agreement});
                ("AgreementService/ProposeAgreement", request)
            }
            Self::Accept { id } => ("AgreementService/AcceptAgreement", named(&id)),
            Self::Terminate { id } => ("AgreementService/TerminateAgreement", named(&id)),
            Self::List => ("AgreementService/ListAgreements", json!({})),
            Self::Show { id } => ("AgreementService/GetAgreement", named(&id)),
        }
    }
}

//! `casenet matter`: what the workers of one employer have in common.

use clap::Subcommand;
use serde_json::{Value, json};

use super::calls::Asked;
use super::given::{agency_name, case_name, money};
use super::referral::Header;

/// What to do with collective disputes.
#[derive(Debug, Subcommand)]
pub(crate) enum Matter {
    /// Open a matter: a case without a worker, for what all have in common.
    #[command(
        after_help = "Example: casenet matter create --district 330782 --employer 义乌示例服饰有限公司 --claim unpaid_wages=480000 --title-zh 某服饰公司集体欠薪 --title-en 'Unpaid wages at a garment factory'"
    )]
    Create {
        /// The district, six digits (GB/T 2260).
        #[arg(long, value_name = "CODE")]
        district: String,
        /// The employer's name.
        #[arg(long, value_name = "NAME")]
        employer: String,
        /// The kind of employer ("construction", "platform", "services", …).
        #[arg(
            long,
            value_name = "CODE",
            default_value = "",
            hide_default_value = true
        )]
        employer_kind: String,
        /// The employer's unified social credit code (GB 32100).
        #[arg(
            long,
            value_name = "CODE",
            default_value = "",
            hide_default_value = true
        )]
        credit_code: String,
        /// What all claim, with the sum in yuan if it is known; may be given again.
        #[arg(long = "claim", value_name = "CODE[=YUAN]", required = true, value_parser = claim)]
        claims: Vec<Value>,
        /// Title in Chinese, naming nobody.
        #[arg(long, value_name = "TEXT")]
        title_zh: String,
        /// Title in English, naming nobody.
        #[arg(long, value_name = "TEXT")]
        title_en: String,
    },
    /// Put a case into a matter; you lead both.
    #[command(after_help = "Example: casenet matter link 330782-2026-000009 330782-2026-000001")]
    Link {
        /// The matter's number.
        matter: String,
        /// The case's number.
        case: String,
    },
    /// Take a case out of a matter.
    #[command(after_help = "Example: casenet matter unlink 330782-2026-000009 330782-2026-000001")]
    Unlink {
        /// The matter's number.
        matter: String,
        /// The case's number.
        case: String,
    },
    /// The cases of a matter, as far as you may see them.
    #[command(after_help = "Example: casenet matter list 330782-2026-000009")]
    List {
        /// The matter's number.
        matter: String,
    },
    /// Refer the matter and each of its cases at once, each on its own worker's
    /// consent.
    #[command(
        after_help = "Example: casenet matter refer 330782-2026-000009 --to yiwu-labour --service arbitration --purpose 'arbitrate together' --scope summary,identity,claims --legal-basis PIPL-13-3"
    )]
    Refer {
        /// The matter's number.
        matter: String,
        /// The receiving agency.
        #[arg(long, value_name = "AGENCY")]
        to: String,
        /// The duty of a state organ; else each case's own consent that covers it.
        #[arg(
            long,
            value_name = "CODE",
            default_value = "",
            hide_default_value = true
        )]
        legal_basis: String,
        #[command(flatten)]
        header: Header,
    },
}

fn claim(text: &str) -> Result<Value, String> {
    match text.split_once('=') {
        Some((kind, sum)) => Ok(json!({"kind": kind, "amount": money(sum)?})),
        None => Ok(json!({"kind": text})),
    }
}

impl Matter {
    /// The method and its request.
    pub(super) fn asked(self) -> Asked {
        let pair = |matter: &str, case: &str| json!({"matter": case_name(matter), "case": case_name(case)});
        match self {
            Self::Create {
                district,
                employer,
                employer_kind,
                credit_code,
                claims,
                title_zh,
                title_en,
            } => {
                let request = json!({
                    "district": district,
                    "employment": {
                        "employerName": employer,
                        "employerKind": employer_kind,
                        "creditCode": credit_code,
                    },
                    "claims": claims,
                    "titleZh": title_zh,
                    "titleEn": title_en,
                });
                ("MatterService/CreateMatter", request)
            }
            Self::Link { matter, case } => ("MatterService/LinkCase", pair(&matter, &case)),
            Self::Unlink { matter, case } => ("MatterService/UnlinkCase", pair(&matter, &case)),
            Self::List { matter } => (
                "MatterService/ListMatterCases",
                json!({"matter": case_name(&matter)}),
            ),
            Self::Refer {
                matter,
                to,
                legal_basis,
                header,
            } => {
                let mut referral = header.json();
                referral["toAgency"] = json!(agency_name(&to));
                referral["legalBasis"] = json!(legal_basis);
                let request = json!({"matter": case_name(&matter), "referral": referral});
                ("MatterService/ReferMatter", request)
            }
        }
    }
}

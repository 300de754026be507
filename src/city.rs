//! The default city: who is in the network when it is made. Law firms and media
//! houses are synthetic.

use serde::{Deserialize, Serialize};

/// An agency as the configuration names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    /// Its id.
    pub id: String,
    /// Its kind: union, law_firm, labour_bureau, court, procuratorate, media,
    /// university, operator, other.
    pub kind: Kind,
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// District, GB/T 2260.
    pub district: String,
    /// Service codes that it offers.
    #[serde(default)]
    pub services: Vec<String>,
}

/// A kind of agency, as the configuration writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the contract's AgencyKind explains each")]
pub enum Kind {
    Union,
    LawFirm,
    LabourBureau,
    Court,
    Procuratorate,
    Media,
    University,
    Operator,
    Other,
}

impl Kind {
    /// The same kind in the contract.
    pub fn to_wire(self) -> proto::v1::AgencyKind {
        use proto::v1::AgencyKind as K;
        match self {
            Self::Union => K::Union,
            Self::LawFirm => K::LawFirm,
            Self::LabourBureau => K::LabourBureau,
            Self::Court => K::Court,
            Self::Procuratorate => K::Procuratorate,
            Self::Media => K::Media,
            Self::University => K::University,
            Self::Operator => K::Operator,
            Self::Other => K::Other,
        }
    }
}

impl Agency {
    /// As the directory keeps it.
    pub fn to_wire(&self) -> proto::v1::Agency {
        proto::v1::Agency {
            name: format!("agencies/{}", self.id),
            kind: self.kind.to_wire() as i32,
            display_name_zh: self.zh.clone(),
            display_name_en: self.en.clone(),
            district: self.district.clone(),
            services: self.services.clone(),
            ..proto::v1::Agency::default()
        }
    }
}

/// Yiwu (330782) and its neighbours: a union, two law firms, the labour bureau,
/// court and procuratorate, two media houses; a union of another city, a
/// university, and the operator.
pub fn yiwu() -> Vec<Agency> {
    let agency = |id: &str, kind, zh: &str, en: &str, district: &str, services: &[&str]| Agency {
        id: id.to_owned(),
        kind,
        zh: zh.to_owned(),
        en: en.to_owned(),
        district: district.to_owned(),
        services: services
            .iter()
            .map(|service| (*service).to_owned())
            .collect(),
    };
    let yiwu = "330782";
    vec![
        agency(
            "yiwu-union",
            Kind::Union,
            "义乌市总工会",
            "Yiwu Federation of Trade Unions",
            yiwu,
            &["mediation", "representation", "legal_aid"],
        ),
        agency(
            "hongyi-law",
            Kind::LawFirm,
            "弘义律师事务所",
            "Hongyi Law Firm",
            yiwu,
            &["legal_representation"],
        ),
        agency(
            "chengxin-law",
            Kind::LawFirm,
            "诚信律师事务所",
            "Chengxin Law Firm",
            yiwu,
            &["legal_representation"],
        ),
        agency(
            "yiwu-labour",
            Kind::LabourBureau,
            "义乌市人力资源和社会保障局",
            "Yiwu Labour Bureau",
            yiwu,
            &["labour_inspection", "arbitration", "work_injury"],
        ),
        agency(
            "yiwu-court",
            Kind::Court,
            "义乌市人民法院",
            "Yiwu People's Court",
            yiwu,
            &[
                "suit",
                "judicial_confirmation",
                "payment_order",
                "enforcement",
            ],
        ),
        agency(
            "yiwu-procuratorate",
            Kind::Procuratorate,
            "义乌市人民检察院",
            "Yiwu People's Procuratorate",
            yiwu,
            &["support_of_suit", "supervision"],
        ),
        agency(
            "yiwu-daily",
            Kind::Media,
            "义乌日报(示例)",
            "Yiwu Daily (example)",
            yiwu,
            &["coverage"],
        ),
        agency(
            "zhejiang-workers",
            Kind::Media,
            "浙江工人报(示例)",
            "Zhejiang Workers' Paper (example)",
            "330106",
            &["coverage"],
        ),
        agency(
            "kaihua-union",
            Kind::Union,
            "开化县总工会",
            "Kaihua Federation of Trade Unions",
            "330824",
            &["origin_contact"],
        ),
        agency(
            "zhe-university",
            Kind::University,
            "浙江某大学",
            "A university of Zhejiang",
            "330106",
            &["research"],
        ),
        agency(
            "operator",
            Kind::Operator,
            "网络运营方",
            "Network operator",
            yiwu,
            &[],
        ),
    ]
}

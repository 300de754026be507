//! Sections as rules and people write them: `identity-number`.

use crate::v1::Section;

/// Every section that a case record has, in the contract's order.
pub const ALL: [Section; 18] = [
    Section::Summary,
    Section::Identity,
    Section::IdentityNumber,
    Section::Contact,
    Section::Employment,
    Section::Claims,
    Section::Injury,
    Section::Evidence,
    Section::Timeline,
    Section::UnionFile,
    Section::CounselFile,
    Section::Privileged,
    Section::InspectionFile,
    Section::ArbitrationFile,
    Section::CourtFile,
    Section::Publicity,
    Section::Statistics,
    Section::Sharing,
];

/// The section's name in policies, logs and command lines.
pub fn name(section: Section) -> &'static str {
    match section {
        Section::Unspecified => "unspecified",
        Section::Summary => "summary",
        Section::Identity => "identity",
        Section::IdentityNumber => "identity-number",
        Section::Contact => "contact",
        Section::Employment => "employment",
        Section::Claims => "claims",
        Section::Injury => "injury",
        Section::Evidence => "evidence",
        Section::Timeline => "timeline",
        Section::UnionFile => "union-file",
        Section::CounselFile => "counsel-file",
        Section::Privileged => "privileged",
        Section::InspectionFile => "inspection-file",
        Section::ArbitrationFile => "arbitration-file",
        Section::CourtFile => "court-file",
        Section::Publicity => "publicity",
        Section::Statistics => "statistics",
        Section::Sharing => "sharing",
        Section::Open => "open",
    }
}

/// The section of that name, if there is one.
pub fn parse(text: &str) -> Option<Section> {
    ALL.into_iter().find(|section| name(*section) == text)
}

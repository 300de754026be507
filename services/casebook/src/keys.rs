//! Where things are kept.

use proto::names::{CaseChild, CaseName};

/// The head of a case.
pub(crate) fn head(case: &CaseName) -> String {
    format!("case/{}/head", case.id())
}

/// One entry of a case's timeline.
pub(crate) fn entry(case: &CaseName, sequence: u64) -> String {
    format!("{}{sequence:020}", entries(case))
}

/// All entries of a case's timeline.
pub(crate) fn entries(case: &CaseName) -> String {
    format!("case/{}/entry/", case.id())
}

/// A referral or consent.
pub(crate) fn child(child: &CaseChild) -> String {
    format!("{}{}", children(&child.case, child.collection), child.id)
}

/// All referrals or consents of a case.
pub(crate) fn children(case: &CaseName, collection: &str) -> String {
    format!("case/{}/{collection}/", case.id())
}

/// The cases of an agency: newest last in key order (read backwards).
pub(crate) fn of_agency(agency: &str, case: &CaseName) -> String {
    format!("{}{}", all_of_agency(agency), case.id())
}

/// The prefix of an agency's cases.
pub(crate) fn all_of_agency(agency: &str) -> String {
    format!("by-agency/{}/", agency.trim_start_matches("agencies/"))
}

/// An agency in the directory.
pub(crate) fn agency(agency: &str) -> String {
    format!("{ALL_AGENCIES}{}", agency.trim_start_matches("agencies/"))
}

/// The prefix of the directory.
pub(crate) const ALL_AGENCIES: &str = "directory/";

/// The counter of docket numbers of a region and year.
pub(crate) fn dockets(region: &str, year: i32) -> String {
    format!("docket/{region}/{year:04}")
}

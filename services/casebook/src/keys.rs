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

/// A piece of a document's content.
pub(crate) fn piece(document: &CaseChild, number: u64) -> String {
    format!("piece/{}/{}/{number:06}", document.case.id(), document.id)
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

/// The cases to which time does something, in the order of its coming.
pub(crate) const ALL_DUE: &str = "due/";

/// A case's place among them.
pub(crate) fn due(nanos: i64, case: &CaseName) -> String {
    format!("{ALL_DUE}{nanos:020}/{}", case.id())
}

/// An agreement.
pub(crate) fn agreement(id: &str) -> String {
    format!("agreement/{id}")
}

/// Agreements of an agency, newest last in key order.
pub(crate) fn agreements_of(agency: &str) -> String {
    format!("agreements-of/{}/", agency.trim_start_matches("agencies/"))
}

/// The newest agreement that two agencies made, whichever of them proposed it.
pub(crate) fn agreement_between(one: &str, other: &str) -> String {
    let (one, other) = if one < other {
        (one, other)
    } else {
        (other, one)
    };
    let bare = |agency: &str| agency.trim_start_matches("agencies/").to_owned();
    format!("agreement-between/{}/{}", bare(one), bare(other))
}

/// Break-glass grants that await review, by the end of the time for it.
pub(crate) const ALL_REVIEWS: &str = "review/";

/// The place of one of them.
pub(crate) fn review(millis: i64, name: &CaseChild) -> String {
    format!("{ALL_REVIEWS}{millis:020}/{}/{}", name.case.id(), name.id)
}

/// Every break-glass grant, by its beginning.
pub(crate) const ALL_OPENINGS: &str = "opening/";

/// The place of one of them.
pub(crate) fn opening(millis: i64, name: &CaseChild) -> String {
    format!("{ALL_OPENINGS}{millis:020}/{}/{}", name.case.id(), name.id)
}

/// The cases that belong to a matter.
pub(crate) fn members(matter: &CaseName) -> String {
    format!("case/{}/member/", matter.id())
}

/// One of them.
pub(crate) fn member(matter: &CaseName, case: &CaseName) -> String {
    format!("{}{}", members(matter), case.id())
}

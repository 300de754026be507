//! Resource names (AIP-122): parsed at the door, printed at the exit.
//!
//! `agencies/{agency}` · `agencies/{agency}/{users|webhooks}/{id}` · `cases/{case}` ·
//! `cases/{case}/{referrals|consents|breakGlassGrants|notices|grants|documents|entries}/{id}`.

use std::fmt;

/// A name that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not a name of the form {expected}")]
pub struct NameError {
    /// What was given, cut to 60 characters.
    pub given: String,
    /// The form that was expected.
    pub expected: &'static str,
}

impl NameError {
    fn new(given: &str, expected: &'static str) -> Self {
        Self {
            given: given.chars().take(60).collect(),
            expected,
        }
    }
}

/// An id as people choose it: 2 to 40 of a-z, 0-9 and hyphen, a letter first.
fn is_chosen_id(id: &str) -> bool {
    (2..=40).contains(&id.len())
        && id.starts_with(|c: char| c.is_ascii_lowercase())
        && id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// An id as casenet makes it: 1 to 32 of a-z and 0-9.
fn is_made_id(id: &str) -> bool {
    (1..=32).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// A docket number: region, year, sequence (`330782-2026-000123`).
fn is_docket(id: &str) -> bool {
    let mut parts = id.split('-');
    let digits = |part: Option<&str>, least: usize, most: usize| {
        part.is_some_and(|p| {
            (least..=most).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit())
        })
    };
    digits(parts.next(), 6, 6)
        && digits(parts.next(), 4, 4)
        && digits(parts.next(), 6, 9)
        && parts.next().is_none()
}

/// The form of the ids of a collection, as a regular expression (ECMA 262): for
/// documents that say it to others.
pub fn id_pattern(collection: &str) -> &'static str {
    match collection {
        "agencies" | "users" => "^[a-z][a-z0-9-]{1,39}$",
        // Chosen, or made.
        "webhooks" => "^[a-z0-9][a-z0-9-]{0,39}$",
        "cases" => "^[0-9]{6}-[0-9]{4}-[0-9]{6,9}$",
        _ => "^[a-z0-9]{1,32}$",
    }
}

/// `agencies/{agency}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AgencyName(String);

impl AgencyName {
    /// Parses the full name.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        match text.strip_prefix("agencies/") {
            Some(id) if is_chosen_id(id) => Ok(Self(text.to_owned())),
            _ => Err(NameError::new(text, "agencies/{agency}")),
        }
    }

    /// From the bare id.
    pub fn from_id(id: &str) -> Result<Self, NameError> {
        Self::parse(&format!("agencies/{id}"))
    }

    /// The bare id.
    pub fn id(&self) -> &str {
        self.0.strip_prefix("agencies/").unwrap_or(&self.0)
    }

    /// The full name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `agencies/{agency}/users/{user}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UserName {
    agency: AgencyName,
    user: String,
}

impl UserName {
    /// Parses the full name.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let expected = "agencies/{agency}/users/{user}";
        let (agency, user) = text
            .split_once("/users/")
            .ok_or_else(|| NameError::new(text, expected))?;
        let agency = AgencyName::parse(agency).map_err(|_| NameError::new(text, expected))?;
        if !is_chosen_id(user) {
            return Err(NameError::new(text, expected));
        }
        Ok(Self {
            agency,
            user: user.to_owned(),
        })
    }

    /// The agency that the user belongs to.
    pub fn agency(&self) -> &AgencyName {
        &self.agency
    }

    /// The bare user id.
    pub fn id(&self) -> &str {
        &self.user
    }
}

/// `agencies/{agency}/webhooks/{webhook}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WebhookName {
    agency: AgencyName,
    text: String,
}

impl WebhookName {
    /// Parses the full name.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let error = || NameError::new(text, "agencies/{agency}/webhooks/{webhook}");
        let (agency, id) = text.split_once("/webhooks/").ok_or_else(error)?;
        let agency = AgencyName::parse(agency).map_err(|_| error())?;
        if !is_chosen_id(id) {
            return Err(error());
        }
        Ok(Self {
            agency,
            text: text.to_owned(),
        })
    }

    /// The agency whose it is.
    pub fn agency(&self) -> &AgencyName {
        &self.agency
    }

    /// The bare webhook id.
    pub fn id(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or(&self.text)
    }

    /// The full name.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// `cases/{case}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CaseName(String);

impl CaseName {
    /// Parses the full name.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        match text.strip_prefix("cases/") {
            Some(id) if is_docket(id) => Ok(Self(text.to_owned())),
            _ => Err(NameError::new(text, "cases/{region}-{year}-{sequence}")),
        }
    }

    /// The case that a name speaks of: the case's own, or that of a resource
    /// under it.
    pub fn containing(text: &str) -> Result<Self, NameError> {
        let end = text
            .match_indices('/')
            .nth(1)
            .map_or(text.len(), |(at, _)| at);
        let case = Self::parse(text.get(..end).unwrap_or(text))?;
        match text.get(end..) {
            None | Some("") => Ok(case),
            Some(_) => CaseChild::parse_any(text).map(|child| child.case),
        }
    }

    /// A new case's name.
    pub fn new(region: &str, year: i32, sequence: u64) -> Result<Self, NameError> {
        Self::parse(&format!("cases/{region}-{year:04}-{sequence:06}"))
    }

    /// The docket number.
    pub fn id(&self) -> &str {
        self.0.strip_prefix("cases/").unwrap_or(&self.0)
    }

    /// The full name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A resource under a case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CaseChild {
    /// The case.
    pub case: CaseName,
    /// The collection: `referrals`, `consents`, …
    pub collection: &'static str,
    /// The bare id.
    pub id: String,
}

impl CaseChild {
    /// The collections under a case.
    pub const COLLECTIONS: [&'static str; 8] = [
        "referrals",
        "consents",
        "breakGlassGrants",
        "notices",
        "grants",
        "documents",
        "entries",
        "deadlines",
    ];

    /// Parses a name of this collection.
    pub fn parse(text: &str, collection: &'static str) -> Result<Self, NameError> {
        let child = Self::parse_any(text)?;
        if child.collection != collection {
            return Err(NameError::new(text, expected_form(collection)));
        }
        Ok(child)
    }

    /// Parses a name of any collection.
    pub fn parse_any(text: &str) -> Result<Self, NameError> {
        let wrong = || NameError::new(text, "cases/{case}/{collection}/{id}");
        let mut parts = text.split('/');
        let (Some("cases"), Some(docket), Some(collection), Some(id), None) = (
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
        ) else {
            return Err(wrong());
        };
        let collection = Self::COLLECTIONS
            .into_iter()
            .find(|known| *known == collection)
            .ok_or_else(wrong)?;
        if !is_made_id(id) {
            return Err(wrong());
        }
        Ok(Self {
            case: CaseName::parse(&format!("cases/{docket}")).map_err(|_| wrong())?,
            collection,
            id: id.to_owned(),
        })
    }
}

fn expected_form(collection: &'static str) -> &'static str {
    match collection {
        "referrals" => "cases/{case}/referrals/{referral}",
        "consents" => "cases/{case}/consents/{consent}",
        "breakGlassGrants" => "cases/{case}/breakGlassGrants/{grant}",
        "notices" => "cases/{case}/notices/{notice}",
        "documents" => "cases/{case}/documents/{document}",
        _ => "cases/{case}/{collection}/{id}",
    }
}

impl fmt::Display for AgencyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/users/{}", self.agency, self.user)
    }
}

impl fmt::Display for CaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for CaseChild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.case, self.collection, self.id)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{AgencyName, CaseChild, CaseName, UserName, WebhookName};

    #[test]
    fn a_webhooks_name_has_its_agency_and_id_and_no_more() {
        let name = WebhookName::parse("agencies/yiwu-union/webhooks/desk-1").unwrap();
        assert_eq!(name.agency().id(), "yiwu-union");
        assert_eq!(name.id(), "desk-1");
        for wrong in [
            "agencies/yiwu-union/webhooks/",
            "agencies/yiwu-union/webhooks/a/b",
            "agencies/yiwu-union/webhooks/desk/webhooks/desk",
            "agencies//webhooks/desk",
            "webhooks/desk",
        ] {
            assert!(WebhookName::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_print_as_they_were_parsed() {
        for text in ["agencies/yiwu-union", "agencies/a1"] {
            assert_eq!(AgencyName::parse(text).unwrap().to_string(), text);
        }
        let user = "agencies/yiwu-union/users/chen";
        assert_eq!(UserName::parse(user).unwrap().to_string(), user);
        let case = "cases/330782-2026-000123";
        assert_eq!(CaseName::parse(case).unwrap().to_string(), case);
        let referral = "cases/330782-2026-000123/referrals/r5k2";
        assert_eq!(
            CaseChild::parse(referral, "referrals").unwrap().to_string(),
            referral
        );
        assert_eq!(CaseName::containing(referral).unwrap().as_str(), case);
    }

    #[test]
    fn the_forms_told_to_others_are_the_forms_taken() {
        // The longest and the shortest that each form allows.
        assert!(super::id_pattern("agencies").contains("{1,39}"));
        let longest = format!("agencies/a{}", "b".repeat(39));
        assert!(AgencyName::parse(&longest).is_ok());
        assert!(AgencyName::parse(&format!("{longest}b")).is_err());
        assert!(super::id_pattern("cases").contains("{6,9}"));
        assert!(CaseName::parse("cases/330782-2026-123456789").is_ok());
        assert!(CaseName::parse("cases/330782-2026-1234567890").is_err());
        assert!(super::id_pattern("referrals").contains("{1,32}"));
        let longest = format!("cases/330782-2026-000001/referrals/{}", "a".repeat(32));
        assert!(CaseChild::parse(&longest, "referrals").is_ok());
        assert!(CaseChild::parse(&format!("{longest}a"), "referrals").is_err());
    }

    #[test]
    fn tricks_are_no_names() {
        for text in [
            "",
            "cases/",
            "cases/../agencies",
            "cases/330782-2026-000123/",
            "cases/330782-2026-000123/referrals/",
            "cases/330782-2026-000123/referrals/../x",
            "cases/330782-2026-000123/secrets/x",
            "cases/330782-2026-000123\u{202e}",
            "cases/33078２-2026-000123",
            "Cases/330782-2026-000123",
        ] {
            assert!(CaseName::containing(text).is_err(), "{text:?}");
        }
        for text in [
            "agencies/A",
            "agencies/a",
            "agencies/a/b",
            "agencies/ünion",
            "union",
        ] {
            assert!(AgencyName::parse(text).is_err(), "{text:?}");
        }
        assert!(
            CaseName::parse(&"x".repeat(10_240))
                .unwrap_err()
                .given
                .len()
                <= 60
        );
    }
}

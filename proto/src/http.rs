//! Routes over HTTP, as the contract's `(http)` option gives them:
//! `POST /v1/{name=cases/*/referrals/*}:accept`.
//!
//! Source: AIP-127 and google.api.http, the part of it that names of resources
//! need: one variable, segments that are literal or `*`, a step after a colon.

use std::fmt;
use std::ops::Range;

/// The verbs that the contract uses: what changes nothing is a GET, the rest is
/// a POST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Reads; the request's fields are in path and query.
    Get,
    /// Changes; the request's fields are in path and JSON body.
    Post,
}

/// One segment of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// This very text.
    Literal(String),
    /// Any text that is not empty: an id.
    Any,
}

/// The part of a path that is a field of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// The field's name.
    pub field: String,
    /// The segments that its value is made of.
    pub segments: Range<usize>,
}

/// Where a method is found over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The verb.
    pub verb: Verb,
    /// The path's segments, one after another.
    pub segments: Vec<Segment>,
    /// The field in the path, if there is one.
    pub variable: Option<Variable>,
    /// The step after the colon ("accept"); empty: none.
    pub step: String,
}

/// A route that cannot be read. Says how one is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no route; write it like \"POST /v1/{{name=cases/*}}:close\"")]
pub struct NoRoute(String);

impl Verb {
    /// The verb as HTTP has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

impl Route {
    /// Parses the option's text.
    pub fn parse(text: &str) -> Result<Self, NoRoute> {
        Self::read(text).ok_or_else(|| NoRoute(text.to_owned()))
    }

    fn read(text: &str) -> Option<Self> {
        let (verb, path) = text.split_once(' ')?;
        let verb = match verb {
            "GET" => Verb::Get,
            "POST" => Verb::Post,
            _ => return None,
        };
        let path = path.strip_prefix('/')?;
        let (path, step) = match path.rsplit_once(':') {
            Some((path, step)) => (path, word(step)?),
            None => (path, ""),
        };
        let (segments, variable) = match path.split_once('{') {
            None => (segments(path)?, None),
            Some((before, rest)) => {
                let (inside, after) = rest.split_once('}')?;
                let (field, pattern) = inside.split_once('=').unwrap_or((inside, "*"));
                let mut all = match before {
                    "" => Vec::new(),
                    before => segments(before.strip_suffix('/')?)?,
                };
                let start = all.len();
                all.extend(segments(pattern)?);
                let end = all.len();
                if !after.is_empty() {
                    all.extend(segments(after.strip_prefix('/')?)?);
                }
                let variable = Variable {
                    field: word(field)?.to_owned(),
                    segments: start..end,
                };
                (all, Some(variable))
            }
        };
        Some(Self {
            verb,
            segments,
            variable,
            step: step.to_owned(),
        })
    }

    /// Whether a path, cut into segments and step, is this route's.
    pub fn matches(&self, path: &[String], step: &str) -> bool {
        self.step == step
            && self.segments.len() == path.len()
            && self
                .segments
                .iter()
                .zip(path)
                .all(|(own, given)| match own {
                    Segment::Literal(text) => text == given,
                    Segment::Any => !given.is_empty(),
                })
    }

    /// Whether some path with the same verb would be both routes'.
    pub fn collides(&self, other: &Self) -> bool {
        let both_match = |(a, b): (&Segment, &Segment)| match (a, b) {
            (Segment::Literal(a), Segment::Literal(b)) => a == b,
            _ => true,
        };
        self.verb == other.verb
            && self.step == other.step
            && self.segments.len() == other.segments.len()
            && self.segments.iter().zip(&other.segments).all(both_match)
    }

    /// The collections that the ids in the path stand in, in order.
    pub fn collections(&self) -> Vec<&str> {
        let mut collection = "";
        let mut collections = Vec::new();
        for segment in &self.segments {
            match segment {
                Segment::Literal(text) => collection = text,
                Segment::Any => collections.push(collection),
            }
        }
        collections
    }
}

/// The path as OpenAPI writes it: `/v1/cases/{case}/referrals/{referral}:accept`.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut collections = self.collections().into_iter();
        for segment in &self.segments {
            match segment {
                Segment::Literal(text) => write!(f, "/{text}")?,
                Segment::Any => {
                    let collection = collections.next().unwrap_or_default();
                    write!(f, "/{{{}}}", singular(collection))?;
                }
            }
        }
        if !self.step.is_empty() {
            write!(f, ":{}", self.step)?;
        }
        Ok(())
    }
}

fn segments(path: &str) -> Option<Vec<Segment>> {
    path.split('/')
        .map(|text| match text {
            "*" => Some(Segment::Any),
            text => word(text).map(|text| Segment::Literal(text.to_owned())),
        })
        .collect()
}

fn word(text: &str) -> Option<&str> {
    let is_word = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_word.then_some(text)
}

/// What one of a collection is called, in English as the contract needs it: cases,
/// agencies, users.
pub fn singular(collection: &str) -> String {
    match collection.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => collection
            .strip_suffix('s')
            .unwrap_or(collection)
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Route, Segment, Verb};

    fn path(text: &str) -> Vec<String> {
        text.split('/').map(str::to_owned).collect()
    }

    #[test]
    fn a_route_is_read_and_printed_as_openapi_has_it() {
        let route = Route::parse("POST /v1/{name=cases/*/referrals/*}:accept").unwrap();
        assert_eq!((route.verb, route.step.as_str()), (Verb::Post, "accept"));
        assert_eq!(route.variable.as_ref().unwrap().segments, 1..5);
        assert_eq!(route.segments[2], Segment::Any);
        let printed = "/v1/cases/{case}/referrals/{referral}:accept";
        assert_eq!(route.to_string(), printed);
        let list = Route::parse("GET /v1/{parent=cases/*}/consents").unwrap();
        assert_eq!(list.to_string(), "/v1/cases/{case}/consents");
        let agency = Route::parse("GET /v1/{name=agencies/*}").unwrap();
        assert_eq!(agency.to_string(), "/v1/agencies/{agency}");
    }

    #[test]
    fn a_path_is_a_routes_own_with_its_step_or_not_at_all() {
        let route = Route::parse("GET /v1/{name=cases/*}:watch").unwrap();
        assert!(route.matches(&path("v1/cases/7"), "watch"));
        assert!(!route.matches(&path("v1/cases/7"), ""));
        assert!(!route.matches(&path("v1/cases/"), "watch"));
        assert!(!route.matches(&path("v1/cases/7/x"), "watch"));
    }

    #[test]
    fn two_routes_collide_where_one_path_would_be_both() {
        let route = |text| Route::parse(text).unwrap();
        let one = route("GET /v1/{name=cases/*}");
        assert!(one.collides(&route("GET /v1/cases/search")));
        assert!(!one.collides(&route("POST /v1/{name=cases/*}")));
        assert!(!one.collides(&route("GET /v1/{name=cases/*}:watch")));
        assert!(!one.collides(&route("GET /v1/{name=agencies/*}")));
    }

    #[test]
    fn what_is_no_route_is_refused() {
        for text in [
            "",
            "GET",
            "PUT /v1/x",
            "GET v1/x",
            "GET /v1//x",
            "GET /v1/{name",
            "GET /v1/{=cases/*}",
            "GET /v1/{name=cases/**}",
            "GET /v1/{name=*}{other=*}",
            "GET /v1{name=*}",
            "GET /v1/x:",
            "GET /v1/x:a/b",
        ] {
            assert!(Route::parse(text).is_err(), "{text:?}");
        }
    }
}

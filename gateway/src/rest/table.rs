//! Which method a path names: the contract's routes as a table.

use std::sync::Arc;

use http::Method as HttpVerb;
use percent_encoding::percent_decode_str;
use prost_reflect::MessageDescriptor;
use proto::contract::{Contract, Method};
use proto::http::{Route, Verb};

/// Deeper than any path of the contract.
const SEGMENTS_MAX: usize = 12;

/// A method that has a route.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) method: Method,
    pub(super) route: Route,
    pub(super) request: MessageDescriptor,
    pub(super) response: MessageDescriptor,
}

/// Every route of the contract.
pub(super) struct Table(Vec<Arc<Target>>);

/// What is at a path.
pub(super) enum Found {
    /// A method, and the resource that the path names.
    Method(Arc<Target>, Option<String>),
    /// Something, but not under this verb; the verbs that are allowed.
    Other(String),
    /// Nothing.
    Nothing,
}

impl Target {
    /// Every method with a route, in the contract's order.
    pub(super) fn all(contract: &Contract) -> impl Iterator<Item = Self> {
        let methods = contract.pool().services().flat_map(|service| {
            let methods: Vec<_> = service.methods().collect();
            methods
        });
        methods.filter_map(|method| {
            let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
            let known = contract.method(&path)?.clone();
            Some(Self {
                route: known.http.clone()?,
                method: known,
                request: method.input(),
                response: method.output(),
            })
        })
    }

    /// The request's field that stands in the path.
    pub(super) fn in_path(&self) -> Option<&str> {
        self.route
            .variable
            .as_ref()
            .map(|variable| &*variable.field)
    }
}

impl Table {
    pub(super) fn new(contract: &Contract) -> Self {
        Self(Target::all(contract).map(Arc::new).collect())
    }

    pub(super) fn find(&self, path: &str, verb: &HttpVerb) -> Found {
        let Some((segments, step)) = cut(path) else {
            return Found::Nothing;
        };
        let here = self
            .0
            .iter()
            .filter(|target| target.route.matches(&segments, &step));
        let mut allowed = Vec::new();
        for target in here {
            let takes = verbs(target);
            if takes.contains(&verb.as_str()) {
                let name =
                    target.route.variable.as_ref().and_then(|variable| {
                        Some(segments.get(variable.segments.clone())?.join("/"))
                    });
                return Found::Method(Arc::clone(target), name);
            }
            allowed.extend(takes);
        }
        if allowed.is_empty() {
            return Found::Nothing;
        }
        allowed.push("OPTIONS");
        Found::Other(allowed.join(", "))
    }
}

/// A read can be asked for without its body; a stream has no end to measure.
fn verbs(target: &Target) -> &'static [&'static str] {
    match (target.route.verb, target.method.streams) {
        (Verb::Get, false) => &["GET", "HEAD"],
        (Verb::Get, true) => &["GET"],
        (Verb::Post, _) => &["POST"],
    }
}

/// A path as its segments, decoded, and the step after the colon. A segment that
/// would decode to more than one is no segment.
fn cut(path: &str) -> Option<(Vec<String>, String)> {
    let mut segments = Vec::new();
    for raw in path.strip_prefix('/')?.split('/') {
        let segment = percent_decode_str(raw).decode_utf8().ok()?;
        if segment.contains('/') || segments.len() == SEGMENTS_MAX {
            return None;
        }
        segments.push(segment.into_owned());
    }
    let last = segments.last_mut()?;
    let step = match last.rsplit_once(':') {
        Some((id, step)) => {
            let (id, step) = (id.to_owned(), step.to_owned());
            *last = id;
            // "x:" is not "x".
            (!step.is_empty()).then_some(step)?
        }
        None => String::new(),
    };
    Some((segments, step))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use http::Method as Verb;
    use proto::contract::Contract;

    use super::{Found, Table};

    fn table() -> Table {
        Table::new(&Contract::load().unwrap())
    }

    #[test]
    fn a_path_names_a_method_and_its_resource() {
        let path = "/v1/cases/330782-2026-000001/referrals/r1:accept";
        let Found::Method(target, name) = table().find(path, &Verb::POST) else {
            panic!("nothing at {path}");
        };
        assert!(target.method.path.ends_with("/AcceptReferral"));
        assert_eq!(name.unwrap(), "cases/330782-2026-000001/referrals/r1");
        let encoded = "/v1/cases/330782%2D2026-000001/referrals/r1%3Aaccept";
        assert!(matches!(
            table().find(encoded, &Verb::POST),
            Found::Method(..)
        ));
    }

    #[test]
    fn another_verb_is_told_what_is_allowed() {
        let Found::Other(allowed) = table().find("/v1/cases", &Verb::DELETE) else {
            panic!("DELETE /v1/cases is something");
        };
        for verb in ["GET", "POST", "HEAD", "OPTIONS"] {
            assert!(allowed.contains(verb), "{allowed}");
        }
        let Found::Other(allowed) = table().find("/v1/feed:watch", &Verb::HEAD) else {
            panic!("HEAD of a stream is something");
        };
        assert_eq!(allowed, "GET, OPTIONS");
    }

    #[test]
    fn tricks_name_nothing() {
        for path in [
            "/v1",
            "/v1/",
            "/v1/cases/",
            "/v1/cases/a%2Fb",
            "/v1/cases/%ff",
            "/v1/cases/x:",
            "/v1/cases/x:y",
            "/v1//cases",
            "/v1/cases/x/referrals/y/z",
            "/v1/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a",
        ] {
            assert!(
                matches!(table().find(path, &Verb::GET), Found::Nothing),
                "{path}"
            );
        }
    }
}

//! What a caller wants to happen once.

use ring::digest::{Context, SHA256};

/// What a caller wants to happen once: `(who, request_id)` names it, a hash of
/// the request tells a repetition from a reused id (AIP-155).
#[derive(Debug, Clone)]
pub struct Intent {
    answer_key: Option<String>,
    subject: String,
    content: Vec<u8>,
    at_millis: i64,
}

impl Intent {
    /// `who` is the caller that the request id belongs to, `subject` what is
    /// changed (a case's name: changes of one subject take turns), `at_millis`
    /// the time of the injected clock in milliseconds since 1970.
    ///
    /// An empty `request_id` means "not repeatable": no answer is kept.
    ///
    /// The hash covers the request's type and its encoding, so that one id
    /// used for two methods is noticed. A message with `HashMap` fields has no
    /// stable encoding; generate maps as `BTreeMap`.
    pub fn new<R: prost::Message>(
        who: &str,
        request_id: &str,
        subject: &str,
        request: &R,
        at_millis: i64,
    ) -> Intent {
        let mut hash = Context::new(&SHA256);
        hash.update(std::any::type_name::<R>().as_bytes());
        hash.update(&[0]);
        hash.update(&request.encode_to_vec());

        let repeatable = !request_id.is_empty();
        Intent {
            // `who` is escaped so that no two callers can share a key.
            answer_key: repeatable.then(|| format!("answer/{}/{request_id}", segment(who))),
            subject: subject.to_owned(),
            content: hash.finish().as_ref().to_vec(),
            at_millis,
        }
    }

    /// When it is wished, in milliseconds since 1970.
    pub fn at_millis(&self) -> i64 {
        self.at_millis
    }

    /// Where the first answer is kept; none if it is not repeatable.
    pub(crate) fn answer_key(&self) -> Option<&str> {
        self.answer_key.as_deref()
    }

    pub(crate) fn subject(&self) -> &str {
        &self.subject
    }

    /// SHA-256 of the request.
    pub(crate) fn content(&self) -> &[u8] {
        &self.content
    }
}

/// `name` as one segment of a key: `/` and `%` are escaped.
pub(crate) fn segment(name: &str) -> String {
    name.replace('%', "%25").replace('/', "%2F")
}

#[cfg(test)]
mod tests {
    use super::Intent;

    #[test]
    fn no_two_callers_share_an_answer_key() {
        let key = |who: &str, id: &str| {
            let intent = Intent::new(who, id, "", &String::new(), 0);
            intent.answer_key().map(str::to_owned)
        };
        assert_ne!(key("a/b", "c"), key("a", "b/c"));
        assert_ne!(key("a%2Fb", "c"), key("a/b", "c"));
        assert_eq!(key("a", ""), None);
    }

    #[test]
    fn one_id_for_two_methods_is_another_content() {
        let text = Intent::new("a", "1", "", &String::new(), 0);
        let bytes = Intent::new("a", "1", "", &Vec::<u8>::new(), 0);
        assert_ne!(text.content(), bytes.content());
    }
}

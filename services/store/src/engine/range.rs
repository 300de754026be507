//! Ranges of keys, and rows laid over rows.

use std::collections::BTreeMap;
use std::ops::Bound;

use bytes::Bytes;

use super::Rows;

/// Which end of a range comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// By key, ascending.
    Forward,
    /// By key, descending.
    Backward,
}

/// A range of keys. An empty one has its bounds crossed.
#[derive(Debug, Clone)]
pub(crate) struct KeyRange {
    pub(crate) from: Bound<String>,
    pub(crate) to: Bound<String>,
}

impl KeyRange {
    /// All keys that begin with `prefix`.
    pub(crate) fn prefix(prefix: &str) -> KeyRange {
        let from = Bound::Included(prefix.to_owned());
        let to = successor(prefix).map_or(Bound::Unbounded, Bound::Excluded);
        KeyRange { from, to }
    }

    /// The part of it after `key`.
    pub(crate) fn after(mut self, key: &str) -> KeyRange {
        if let Bound::Included(from) = &self.from
            && from.as_str() <= key
        {
            self.from = Bound::Excluded(key.to_owned());
        }
        self
    }

    /// The part of it before `key`.
    pub(crate) fn before(mut self, key: &str) -> KeyRange {
        let cuts = match &self.to {
            Bound::Included(to) | Bound::Excluded(to) => key < to.as_str(),
            Bound::Unbounded => true,
        };
        if cuts {
            self.to = Bound::Excluded(key.to_owned());
        }
        self
    }

    /// What a reading of `rows` in this order has seen: if the limit cut it
    /// off, the part up to the last row.
    pub(crate) fn seen(mut self, rows: &Rows, order: Order, limit: usize) -> KeyRange {
        let last = rows.last().filter(|_| rows.len() >= limit);
        if let Some((key, _)) = last {
            match order {
                Order::Forward => self.to = Bound::Included(key.clone()),
                Order::Backward => self.from = Bound::Included(key.clone()),
            }
        }
        self
    }

    /// Its bounds, or nothing if no key can be in it: ordered maps panic when
    /// they are asked for crossed bounds.
    pub(crate) fn bounds(&self) -> Option<(Bound<&str>, Bound<&str>)> {
        let from = self.from.as_ref().map(String::as_str);
        let to = self.to.as_ref().map(String::as_str);
        let crossed = match (from, to) {
            (Bound::Included(a), Bound::Included(b)) => a > b,
            (Bound::Included(a) | Bound::Excluded(a), Bound::Excluded(b))
            | (Bound::Excluded(a), Bound::Included(b)) => a >= b,
            _ => false,
        };
        (!crossed).then_some((from, to))
    }
}

/// The first text after all that begin with `prefix`; none if there is none.
fn successor(prefix: &str) -> Option<String> {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        // UTF-8 orders as its code points do; the step skips the surrogates.
        if let Some(next) = (last..=char::MAX).nth(1) {
            text.push(next);
            return Some(text);
        }
    }
    None
}

/// Lays `changes` over `rows` (`None` removes) and keeps the first `limit`.
///
/// `rows` must hold `limit` plus the number of changes, or all there are: then
/// no removal can make room for a row that was not read.
pub(crate) fn overlay<'a>(
    rows: impl IntoIterator<Item = (String, Bytes)>,
    changes: impl IntoIterator<Item = (&'a String, &'a Option<Bytes>)>,
    order: Order,
    limit: usize,
) -> Rows {
    let mut merged: BTreeMap<String, Bytes> = rows.into_iter().collect();
    for (key, value) in changes {
        match value {
            Some(value) => merged.insert(key.clone(), value.clone()),
            None => merged.remove(key),
        };
    }
    match order {
        Order::Forward => merged.into_iter().take(limit).collect(),
        Order::Backward => merged.into_iter().rev().take(limit).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyRange, successor};

    #[test]
    fn a_prefix_ends_before_the_next_text() {
        assert_eq!(successor("a/"), Some("a0".to_owned()));
        assert_eq!(successor("a\u{10FFFF}"), Some("b".to_owned()));
        assert_eq!(successor("\u{D7FF}"), Some("\u{E000}".to_owned()));
        assert_eq!(successor(""), None);
    }

    #[test]
    fn a_cursor_outside_the_prefix_widens_nothing() {
        let range = KeyRange::prefix("b/").after("a/9");
        assert_eq!(range.bounds(), KeyRange::prefix("b/").bounds());
        assert_eq!(KeyRange::prefix("b/").after("c").bounds(), None);
        assert_eq!(KeyRange::prefix("b/").before("a").bounds(), None);
    }
}

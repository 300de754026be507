//! W3C trace context: one number that follows a request from the agency's own
//! system through the gateway to a service, so that their logs can be joined.
//!
//! Source: W3C Trace Context, level 1, `traceparent`, version 00.

use std::fmt::{self, Write};

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

use crate::ids::{Ids, SystemIds};

/// The header's name.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Length of a version 00 `traceparent`: 2 + 1 + 32 + 1 + 16 + 1 + 2.
const TRACEPARENT_CHARS: usize = 55;

/// Where in a trace a piece of work stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: [u8; 16],
    span_id: [u8; 8],
    sampled: bool,
}

impl TraceContext {
    /// A new trace.
    pub fn root() -> Self {
        Self {
            trace_id: drawn(),
            span_id: drawn(),
            sampled: true,
        }
    }

    /// The next piece of work in the same trace.
    pub fn child(&self) -> Self {
        Self {
            span_id: drawn(),
            ..*self
        }
    }

    /// Reads a `traceparent`. Strict: version 00, lower-case hex, no zero ids,
    /// nothing before or after; anything else is `None`, never a guess.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != TRACEPARENT_CHARS {
            return None;
        }
        let mut parts = text.split('-');
        let version = parts.next()?;
        let trace_id = hex::<16>(parts.next()?)?;
        let span_id = hex::<8>(parts.next()?)?;
        let [flags] = hex::<1>(parts.next()?)?;
        let is_whole = parts.next().is_none();
        if version != "00" || !is_whole || trace_id == [0; 16] || span_id == [0; 8] {
            return None;
        }
        Some(Self {
            trace_id,
            span_id,
            sampled: flags & 1 == 1,
        })
    }

    /// The context of an arriving request: a child of the caller's, or a new
    /// trace if the caller sent none, two, or a malformed one.
    pub fn arriving(headers: &HeaderMap) -> Self {
        let mut sent = headers.get_all(TRACEPARENT).iter();
        let parent = match (sent.next(), sent.next()) {
            (Some(one), None) => one.to_str().ok().and_then(Self::parse),
            _ => None,
        };
        parent.map_or_else(Self::root, |parent| parent.child())
    }

    /// Writes this context onto a request about to leave, replacing what is there.
    pub fn put(&self, headers: &mut HeaderMap) {
        // Hex and dashes always make a header; nothing is sent otherwise.
        if let Ok(value) = HeaderValue::from_str(&self.to_string()) {
            headers.insert(TRACEPARENT, value);
        }
    }

    /// The trace's id in lower-case hex, as logged in the field `trace_id`.
    pub fn trace_id(&self) -> String {
        spell(&self.trace_id)
    }

    /// Whether the trace's beginner asked that it be recorded.
    pub fn sampled(&self) -> bool {
        self.sampled
    }
}

impl fmt::Display for TraceContext {
    /// The `traceparent` form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "00-{}-{}-{:02x}",
            spell(&self.trace_id),
            spell(&self.span_id),
            u8::from(self.sampled)
        )
    }
}

impl fmt::Debug for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TraceContext({self})")
    }
}

/// Random bytes. A trace id is no secret: without randomness all traces share
/// one id, which is better than refusing the request for it.
fn drawn<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if SystemIds::new().fill(&mut bytes).is_err() || bytes == [0; N] {
        bytes = [1; N];
    }
    bytes
}

/// Lower-case hex of exactly `N` bytes.
fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        for &digit in pair {
            let value = match digit {
                b'0'..=b'9' => digit - b'0',
                b'a'..=b'f' => digit - b'a' + 10,
                _ => return None,
            };
            *byte = *byte << 4 | value;
        }
    }
    Some(bytes)
}

fn spell(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    const SENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_traceparent_is_read_and_written_unchanged() {
        assert_eq!(TraceContext::parse(SENT).unwrap().to_string(), SENT);
    }

    #[test]
    fn a_malformed_traceparent_is_never_guessed_at() {
        for wrong in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
            " 0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
            "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
            "00-4bf92f3577b34da6a3ce929d0e0e473é-0f067aa0ba902b7-01",
        ] {
            assert_eq!(TraceContext::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_child_stays_in_the_trace_and_has_its_own_span() {
        let parent = TraceContext::parse(SENT).unwrap();
        let child = parent.child();
        assert_eq!(child.trace_id(), parent.trace_id());
        assert_ne!(child.span_id, parent.span_id);
    }

    #[test]
    fn two_traceparents_begin_a_new_trace() {
        let mut headers = HeaderMap::new();
        headers.append(TRACEPARENT, HeaderValue::from_static(SENT));
        let sent = TraceContext::parse(SENT).unwrap();
        assert_eq!(TraceContext::arriving(&headers).trace_id(), sent.trace_id());
        headers.append(TRACEPARENT, HeaderValue::from_static(SENT));
        assert_ne!(TraceContext::arriving(&headers).trace_id(), sent.trace_id());
        sent.put(&mut headers);
        assert_eq!(headers.get_all(TRACEPARENT).iter().count(), 1);
    }
}

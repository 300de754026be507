//! A stream as Server-Sent Events: one event for each message, with its number
//! as the id, so that a client that reconnects misses nothing.
//!
//! Source: WHATWG HTML, "Server-sent events".

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use host::Refused;
use http::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use prost_reflect::{DynamicMessage, Value};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use tonic::Status;
use tonic::body::Body;

use super::problem::Problems;
use super::table::Target;
use super::told;
use crate::frame;

/// A comment is sent this often, so that nothing on the way takes a quiet stream
/// for a dead one. The network's real time: it decides nothing about a record.
const QUIET_MAX: Duration = Duration::from_secs(15);

/// The answer whose events are still to come.
pub(super) fn response(
    target: Arc<Target>,
    source: Body,
    problems: Problems,
    bytes_max: usize,
) -> Response<Body> {
    let mut beat = interval_at(Instant::now() + QUIET_MAX, QUIET_MAX);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let events = Events {
        target,
        source,
        problems,
        bytes_max,
        waiting: BytesMut::new(),
        // Sent at once: the client learns that the stream is open.
        ready: VecDeque::from([Bytes::from_static(b": open\n\n")]),
        ended: false,
        beat,
    };
    let frames = futures::stream::unfold(events, |mut events| async move {
        let bytes = events.next().await?;
        Some((Ok::<_, Status>(Frame::data(bytes)), events))
    });
    let mut response = Response::new(Body::new(StreamBody::new(frames)));
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("text/event-stream");
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(CACHE_CONTROL, told::NO_STORE);
    response
}

struct Events {
    target: Arc<Target>,
    source: Body,
    problems: Problems,
    bytes_max: usize,
    waiting: BytesMut,
    ready: VecDeque<Bytes>,
    ended: bool,
    beat: Interval,
}

impl Events {
    /// The next bytes to send; `None` once the stream has ended.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(bytes) = self.ready.pop_front() {
                return Some(bytes);
            }
            if self.ended {
                return None;
            }
            let frame = tokio::select! {
                frame = self.source.frame() => frame,
                _ = self.beat.tick() => return Some(Bytes::from_static(b": still here\n\n")),
            };
            self.beat.reset();
            match frame {
                Some(Ok(frame)) => self.take(frame),
                Some(Err(status)) => self.end(Some(&status)),
                None => self.end(None),
            }
        }
    }

    fn take(&mut self, frame: Frame<Bytes>) {
        if let Some(trailers) = frame.trailers_ref() {
            let refusal = frame::refusal_in(trailers);
            self.end(refusal.as_ref());
            return;
        }
        let Ok(data) = frame.into_data() else {
            return;
        };
        self.waiting.extend_from_slice(&data);
        loop {
            let event = match frame::split(&mut self.waiting, self.bytes_max) {
                Ok(None) => return,
                Ok(Some(message)) => self.event(message),
                Err(refusal) => Err(refusal),
            };
            match event {
                Ok(event) => self.ready.push_back(event),
                Err(refusal) => {
                    self.end(Some(&refusal.into()));
                    return;
                }
            }
        }
    }

    fn event(&self, message: Bytes) -> Result<Bytes, host::Refusal> {
        let message = told::read(&self.target.response, message)?;
        let json = told::text(&message)?;
        let mut event = Vec::with_capacity(json.len() + 40);
        if let Some(id) = self.id(&message) {
            event.extend_from_slice(format!("id: {id}\n").as_bytes());
        }
        // JSON is written without line breaks, so that one line holds it.
        event.extend_from_slice(b"data: ");
        event.extend_from_slice(&json);
        event.extend_from_slice(b"\n\n");
        Ok(event.into())
    }

    /// The number by which the stream can go on after this message.
    fn id(&self, message: &DynamicMessage) -> Option<u64> {
        let told = &self.target.method.resume.as_ref()?.told;
        let mut value = Value::Message(message.clone());
        for field in told {
            let next = value.as_message()?.get_field_by_name(field)?.into_owned();
            value = next;
        }
        value.as_u64()
    }

    /// A stream that ends with a refusal tells it as its last event.
    fn end(&mut self, status: Option<&Status>) {
        self.ended = true;
        if let Some(status) = status {
            let problem = self.problems.body(&Refused::read(status));
            let event = format!("event: problem\ndata: {problem}\n\n");
            self.ready.push_back(event.into());
        }
    }
}

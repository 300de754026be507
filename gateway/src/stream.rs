//! Streams: every message walks the second half of the line for itself, on the
//! facts of its own moment; when nothing may be seen any more the stream ends.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use host::Refusal;
use http::Response;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use proto::v1::{ErrorReason, Label};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;
use tonic::body::Body;

use crate::admit::Slot;
use crate::answer::Refused;
use crate::ask::Ask;
use crate::disclosure::Entry;
use crate::filter::{self, Redacted};
use crate::frame;
use crate::pass::{Call, Gate, label_of};
use crate::policy::Permit;

/// Messages that may wait for a slow reader before the source waits too.
const WAITING_MAX: usize = 16;

/// An answer's frames on their way out.
type Out = mpsc::Sender<Result<Frame<Bytes>, Status>>;

/// Opens a stream: decided like a write, then message by message.
pub(crate) async fn open(
    gate: &Arc<Gate>,
    call: Call,
    entry: Entry,
    slot: Slot,
) -> Result<Response<Body>, Refused> {
    let ask = Ask::new(gate, &call);
    let (seeker, label) = gate.facts(&call, &ask).await?;
    gate.require(&call, &seeker, label.as_ref())?;
    if let Some(label) = &label
        && !Permit::decide(call.rules(), &seeker, label).sees_anything()
    {
        return Err(Refusal::not_found().into());
    }
    let source = ask.open_stream(&seeker, label.as_ref()).await?.into_body();
    let (out, frames) = mpsc::channel(WAITING_MAX);
    let pump = Pump {
        gate: Arc::clone(gate),
        call,
        entry,
        position: 0,
        _slot: slot,
    };
    tokio::spawn(pump.run(source, out));
    Ok(frame::response(Body::new(StreamBody::new(
        ReceiverStream::new(frames),
    ))))
}

/// Moves messages from a service to a caller.
struct Pump {
    gate: Arc<Gate>,
    call: Call,
    entry: Entry,
    /// The case's last entry up to the last message that was let out.
    position: u64,
    /// The stream keeps its place among the open calls until it ends.
    _slot: Slot,
}

impl Pump {
    async fn run(mut self, mut source: Body, out: Out) {
        let trailers = match self.pump(&mut source, &out).await {
            Ok(()) => frame::status_trailers(&Status::ok("")),
            Err(refused) => {
                let record = self.entry.refused(self.case(), refused.reason());
                // The stream ends either way; that it could not be recorded is
                // in the log's own errors.
                let _ = self.gate.log.record(vec![record]).await;
                frame::status_trailers(&refused.into_status())
            }
        };
        // A caller that went away needs no trailers.
        let _ = out.send(Ok(Frame::trailers(trailers))).await;
    }

    fn case(&self) -> &str {
        self.call
            .resource
            .as_ref()
            .map_or("", |resource| resource.case.as_str())
    }

    async fn pump(&mut self, source: &mut Body, out: &Out) -> Result<(), Refused> {
        let mut waiting = BytesMut::new();
        loop {
            let next = tokio::select! {
                next = source.frame() => next,
                () = out.closed() => return Ok(()),
            };
            let Some(next) = next else {
                return Err(broken_off().into());
            };
            let next = next.map_err(|_| broken_off())?;
            if let Some(trailers) = next.trailers_ref() {
                return frame::refusal_in(trailers)
                    .map_or(Ok(()), |status| Err(Refused::by_service(status)));
            }
            if let Ok(data) = next.into_data() {
                waiting.extend_from_slice(&data);
            }
            while let Some(message) = frame::split(&mut waiting, self.answer_bytes())? {
                if self.pass_on(&message, out).await?.is_none() {
                    return Ok(());
                }
            }
        }
    }

    fn answer_bytes(&self) -> usize {
        self.gate.admission.limits().answer_bytes
    }

    /// Cuts, records and sends one message. `None` if the caller went away.
    async fn pass_on(&mut self, message: &[u8], out: &Out) -> Result<Option<()>, Refused> {
        let redacted = self.cut(message).await?;
        if redacted.is_empty() {
            return Ok(Some(()));
        }
        self.gate.record(&self.entry, false, &redacted).await?;
        let framed = frame::frame(&redacted.into_bytes());
        Ok(out.send(Ok(Frame::data(framed))).await.ok())
    }

    async fn cut(&mut self, message: &[u8]) -> Result<Redacted, Refused> {
        // A stream outlives the rules that it began with.
        self.call.rules = self.gate.rules.current();
        let contract = self.gate.routes.contract();
        let response = self.call.method.response;
        let permit = if contract.shape(response).labelled {
            let label = label_of(message)?;
            let seeker = self.gate.seeker(&self.call, label.asker.as_ref())?;
            let permit = Permit::decide(self.call.rules(), &seeker, &label);
            if seeker.suspended || !permit.sees_anything() {
                return Err(self.access_ended(&label).into());
            }
            self.position = label.position;
            permit
        } else {
            // No label to decide on: is the agency still let in at all?
            let (seeker, _) = self
                .gate
                .facts(&self.call, &Ask::new(&self.gate, &self.call))
                .await?;
            self.gate.require(&self.call, &seeker, None)?;
            Permit::open(&seeker)
        };
        Ok(filter::redact(
            contract,
            response,
            message,
            &permit,
            Vec::new(),
        )?)
    }
}

impl Pump {
    /// The reader has been let in before, so that it may know why no longer.
    fn access_ended(&self, label: &Label) -> Refusal {
        let cause = if label.parting.is_empty() {
            "rules"
        } else {
            &label.parting
        };
        let position = self.position;
        Refusal::denied(
            ErrorReason::AccessEnded,
            format!("access to the case has ended ({cause}); the stream ends after {position}"),
        )
        .with("cause", cause)
        .with("cursor", position.to_string())
    }
}

fn broken_off() -> Refusal {
    Refusal::unavailable("the stream broke off; open it again from the last cursor")
}

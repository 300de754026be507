//! The line that every call walks. Start reading here.
//!
//! identify → admit → find the method → what is it about → decide → fetch or
//! forward → cut → record → release. Each step hands the next a value that only
//! it can make: `Identified`, `Slot`, `Permit`, `Redacted`, `Recorded`. What was
//! not cut or not recorded cannot be released, because it would not compile.

use std::sync::Arc;

use bytes::Bytes;
use host::{Envelopes, Peer, Refusal, SharedClock, TraceContext};
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use http_body_util::StreamBody;
use proto::contract::Method;
use proto::names::CaseName;
use proto::v1::{ErrorReason, Label, Section, Standing};
use proto::wire::{self, Value};
use tonic::body::Body;
use tonic::{Code, Status};

use crate::access;
use crate::admit::Admission;
use crate::answer::{Refused, release};
use crate::ask::Ask;
use crate::disclosure::{DisclosureLog, Entry, Recorded};
use crate::filter::{self, Redacted};
use crate::frame;
use crate::identity::{self, Identified, Identity};
use crate::join;
use crate::policy::{Facts, InForce, Permit, RuleBook, Rules, Seeker};
use crate::rest::Asked;
use crate::route::{Resource, Routes};
use crate::stream;
use crate::turnstile::Turnstile;

/// Times that a write is decided again because access changed meanwhile.
const DECISIONS_MAX: usize = 3;

/// The gate.
pub struct Gate {
    pub(crate) routes: Routes,
    pub(crate) rules: RuleBook,
    pub(crate) identity: Identity,
    pub(crate) admission: Admission,
    pub(crate) log: DisclosureLog,
    pub(crate) envelopes: Envelopes,
    pub(crate) clock: SharedClock,
    pub(crate) turnstile: Turnstile,
}

/// One call under way: everything about it but its rights.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) who: Identified,
    pub(crate) purpose: String,
    pub(crate) trace: TraceContext,
    pub(crate) message: Bytes,
    pub(crate) resource: Option<Resource>,
    /// The rules that were in force when the call came: it is decided on one
    /// set throughout.
    pub(crate) rules: Arc<InForce>,
}

impl Call {
    /// The rules that decide the call.
    pub(crate) fn rules(&self) -> &Rules {
        &self.rules.rules
    }
}

impl Gate {
    /// Answers one call; a refusal is an answer too, and recorded.
    pub async fn answer(self: &Arc<Self>, request: Request<Body>) -> Response<Body> {
        let method = match self.routes.find(request.uri().path()) {
            Ok(method) => method.clone(),
            // Not recorded: a scanner would fill the log with nothing.
            Err(refusal) => return Status::from(refusal).into_http(),
        };
        let mut entry = Entry::new(&method.path, self.clock.now());
        let mut case = String::new();
        match self.pass(&method, request, &mut entry, &mut case).await {
            Ok(response) => response,
            Err(refused) => self.refuse(&entry, &case, refused).await,
        }
    }

    async fn pass(
        self: &Arc<Self>,
        method: &Method,
        request: Request<Body>,
        entry: &mut Entry,
        case: &mut String,
    ) -> Result<Response<Body>, Refused> {
        let (head, body) = request.into_parts();
        let peer = head.extensions.get::<Peer>();
        let address = peer.map_or_else(String::new, |peer| peer.addr.ip().to_string());
        let who = self
            .identity
            .identify(peer, &head.headers, method.anonymous);
        // Unknown callers have a door of their own, so that they wait for each
        // other and for nobody else.
        let slot = match &who {
            Ok(who) if !who.agency.is_empty() => self.admission.enter(&who.agency)?,
            _ => self.admission.enter(&address)?,
        };
        let who = who?;
        let purpose = identity::purpose(&head.headers)?;
        entry.by(&who.agency, &who.user, &purpose);

        let bytes_max = self.admission.limits().request_bytes;
        let body = async { Ok(frame::collect(body, bytes_max).await?) };
        // A body that trickles holds its place no longer than any other call.
        let body = self.within_deadline(&head.headers, body).await?;
        let message = match head.extensions.get::<Asked>() {
            Some(asked) => asked.message(&head.headers, &body)?,
            None => frame::unframe(&body)?,
        };
        let resource = self.routes.resource(method, &message)?;
        if let Some(resource) = &resource {
            resource.case.as_str().clone_into(case);
        }
        let trace = trace(&head.headers);
        let call = Call {
            method: method.clone(),
            who,
            purpose,
            trace,
            message,
            resource,
            rules: self.rules.current(),
        };

        if method.streams {
            return stream::open(self, call, entry.clone(), slot).await;
        }
        let about = call
            .resource
            .as_ref()
            .map(|resource| resource.case.as_str());
        // Held until the answer is on its way out.
        let _reading = if method.reads {
            Some(self.turnstile.pass(about).await)
        } else {
            None
        };
        let redacted = self
            .within_deadline(&head.headers, self.unary(&call))
            .await?;
        if let Some(case) = about.filter(|_| self.may_end_access(method)) {
            self.turnstile.settle(case).await;
        }
        let recorded = self.record(entry, !method.reads, &redacted).await?;
        Ok(release(recorded, redacted))
    }

    /// Changes of the spine that are answered with a label may have changed it.
    fn may_end_access(&self, method: &Method) -> bool {
        let answer = self.routes.contract().shape(method.response);
        !method.reads && method.role == "casebook" && answer.labelled
    }

    /// The call may take as long as the network allows, or less if its caller
    /// says so.
    async fn within_deadline<T>(
        &self,
        headers: &HeaderMap,
        work: impl Future<Output = Result<T, Refused>>,
    ) -> Result<T, Refused> {
        let limit = frame::timeout(headers)?.unwrap_or(std::time::Duration::MAX);
        let most = std::time::Duration::from_secs(self.admission.limits().call_seconds);
        match tokio::time::timeout(limit.min(most), work).await {
            Ok(done) => done,
            Err(_) => Err(Refusal::new(
                Code::DeadlineExceeded,
                ErrorReason::DeadlineExceeded,
                "the call ran over its deadline; a change is repeated safely with its request_id",
            )
            .into()),
        }
    }

    async fn unary(&self, call: &Call) -> Result<Redacted, Refused> {
        // What only the gate can answer: it alone decides and cuts.
        match call.method.action.as_str() {
            access::EXPLAIN => return access::explain(self, call).await,
            access::PREVIEW => return access::preview(self, call).await,
            _ => {}
        }
        let is_labelled = self.routes.contract().shape(call.method.response).labelled;
        match &call.resource {
            Some(resource)
                if call.method.reads && call.method.role == "casebook" && is_labelled =>
            {
                self.read(call, resource).await
            }
            _ => self.forward(call).await,
        }
    }

    /// A read of the spine: fetch, decide on the label that came with it, cut.
    async fn read(&self, call: &Call, resource: &Resource) -> Result<Redacted, Refused> {
        let ask = Ask::new(self, call);
        let answer = if call.method.joined {
            ask.part("casebook").await?
        } else {
            ask.forward(None).await?
        };
        let label = label_of(&answer)?;
        if label.case != resource.case.as_str() {
            return Err(Refusal::internal("the spine answered about another case").into());
        }
        let seeker = self.seeker(call, label.asker.as_ref())?;
        self.require(call, &seeker, Some(&label))?;
        let permit = Permit::decide(call.rules(), &seeker, &label);
        if !permit.sees_anything() {
            return Err(Refusal::not_found().into());
        }
        let permit = permit.narrowed(&self.wanted(call)?);
        if !call.method.joined {
            return self.redact(call, &answer, &permit, Vec::new());
        }
        let contract = self.routes.contract();
        let fetches = self
            .routes
            .parts()
            .map(|role| (role.clone(), ask.part(role)));
        let (whole, unavailable) =
            join::parts(contract, call.method.response, &answer, fetches).await?;
        self.redact(call, &whole, &permit, unavailable)
    }

    /// Everything else: decide on a label fetched first, forward under it, cut.
    async fn forward(&self, call: &Call) -> Result<Redacted, Refused> {
        let ask = Ask::new(self, call);
        for _ in 0..DECISIONS_MAX {
            let (seeker, label) = self.facts(call, &ask).await?;
            self.require(call, &seeker, label.as_ref())?;
            match ask.forward(Some((&seeker, label.as_ref()))).await {
                Err(refused) if refused.is(ErrorReason::LabelStale) => continue,
                answer => return self.cut(call, &seeker, label.as_ref(), &answer?),
            }
        }
        Err(Refusal::aborted(
            ErrorReason::LabelStale,
            "access to the case kept changing; send the request again",
        )
        .into())
    }

    /// Who seeks, and the label of what the call is about.
    pub(crate) async fn facts(
        &self,
        call: &Call,
        ask: &Ask<'_>,
    ) -> Result<(Seeker, Option<Label>), Refused> {
        match &call.resource {
            Some(resource) => {
                let label = ask.label(&resource.name).await?;
                Ok((self.seeker(call, label.asker.as_ref())?, Some(label)))
            }
            None if call.who.agency.is_empty() => Ok((self.nobody(call), None)),
            None => {
                let standing = ask.standing().await?;
                Ok((self.seeker(call, Some(&standing))?, None))
            }
        }
    }

    pub(crate) fn seeker(
        &self,
        call: &Call,
        standing: Option<&Standing>,
    ) -> Result<Seeker, Refusal> {
        let standing = standing.filter(|standing| standing.agency == call.who.agency);
        let standing = standing.ok_or_else(|| {
            Refusal::unauthenticated(
                ErrorReason::CertificateUnknown,
                "the directory has no such agency; ask the operator to register it",
            )
        })?;
        Ok(Seeker {
            kind: standing.kind(),
            suspended: standing.suspended,
            ..self.nobody(call)
        })
    }

    fn nobody(&self, call: &Call) -> Seeker {
        Seeker {
            agency: call.who.agency.clone(),
            kind: proto::v1::AgencyKind::Unspecified,
            suspended: false,
            system: call.who.user.is_empty() && !call.who.agency.is_empty(),
            purpose: call.purpose.clone(),
            now: self.clock.now(),
        }
    }

    /// Do the rules let the caller do this?
    pub(crate) fn require(
        &self,
        call: &Call,
        seeker: &Seeker,
        label: Option<&Label>,
    ) -> Result<(), Refusal> {
        self.require_action(&call.method.action, call, seeker, label)
    }

    /// Do the rules let the caller do something of this name? A caller who may
    /// know of the case is told which rule refuses; to any other it does not
    /// exist.
    pub(crate) fn require_action(
        &self,
        action: &str,
        call: &Call,
        seeker: &Seeker,
        label: Option<&Label>,
    ) -> Result<(), Refusal> {
        let facts = match label {
            Some(label) => Facts::of_action(seeker, label),
            None => Facts::of_nothing(seeker),
        };
        let decision = call.rules().decide(action, facts);
        if decision.allowed {
            return Ok(());
        }
        if seeker.suspended {
            return Err(Refusal::denied(
                ErrorReason::AgencySuspended,
                "the agency is suspended from the network; ask the operator",
            ));
        }
        if let Some(label) = label {
            let is_case = call.resource.as_ref().is_some_and(Resource::is_case);
            let may_know = facts.sender
                || facts.receiver
                || facts.lead
                || (is_case && Permit::decide(call.rules(), seeker, label).sees_anything());
            if !may_know || (call.method.reads && !is_case) {
                return Err(Refusal::not_found());
            }
        }
        let message = format!("{action} is not allowed: {}", decision.reason_en);
        Err(Refusal::denied(ErrorReason::NotAllowed, message)
            .with("rule", &decision.rule)
            .with("reason_zh", &decision.reason_zh)
            .with("law", &decision.law))
    }

    /// Cuts an answer by its own label or labels, else by the one fetched first.
    fn cut(
        &self,
        call: &Call,
        seeker: &Seeker,
        label: Option<&Label>,
        answer: &[u8],
    ) -> Result<Redacted, Refused> {
        let contract = self.routes.contract();
        let shape = contract.shape(call.method.response);
        if shape.labelled {
            let label = label_of(answer)?;
            let permit = Permit::decide(call.rules(), seeker, &label);
            return self.redact(call, answer, &permit, Vec::new());
        }
        let permit = label.map_or_else(
            || Permit::open(seeker),
            |label| Permit::decide(call.rules(), seeker, label),
        );
        if filter::is_list(contract, shape) {
            let permit_for = |item: &[u8]| {
                let label = label_of(item).ok()?;
                Some(Permit::decide(call.rules(), seeker, &label))
            };
            let response = call.method.response;
            return Ok(filter::redact_list(
                contract, response, answer, permit_for, &permit,
            )?);
        }
        self.redact(call, answer, &permit, Vec::new())
    }

    pub(crate) fn redact(
        &self,
        call: &Call,
        answer: &[u8],
        permit: &Permit,
        unavailable: Vec<String>,
    ) -> Result<Redacted, Refused> {
        let contract = self.routes.contract();
        Ok(filter::redact(
            contract,
            call.method.response,
            answer,
            permit,
            unavailable,
        )?)
    }

    /// The sections that a read of the whole record asks for; none: all.
    fn wanted(&self, call: &Call) -> Result<Vec<Section>, Refusal> {
        let shape = self.routes.contract().shape(call.method.request);
        let number = shape.fields().find(|(_, field)| field.name == "sections");
        let Some((number, _)) = number.filter(|_| call.method.joined) else {
            return Ok(Vec::new());
        };
        let mut wanted = Vec::new();
        for field in wire::fields(&call.message) {
            let field = field?;
            if field.number != number {
                continue;
            }
            match field.value {
                Value::Varint(value) => wanted.push(section(value)?),
                Value::Bytes(packed) => {
                    for value in wire::packed_varints(packed) {
                        wanted.push(section(value?)?);
                    }
                }
                Value::Fixed(_) => return Err(crate::route::malformed("of the wrong wire type")),
            }
        }
        Ok(wanted)
    }

    /// Records what an answer discloses, case by case, durably.
    pub(crate) async fn record(
        &self,
        entry: &Entry,
        changed: bool,
        redacted: &Redacted,
    ) -> Result<Recorded, Refused> {
        let mut records: Vec<_> = redacted
            .disclosed()
            .iter()
            .map(|part| entry.disclosed(changed, part))
            .collect();
        if records.is_empty() {
            records.push(entry.disclosed(changed, &filter::Disclosed::nothing()));
        }
        Ok(self.log.record(records).await?)
    }

    async fn refuse(&self, entry: &Entry, case: &str, refused: Refused) -> Response<Body> {
        let is_recorded = !refused.is(ErrorReason::RateLimited);
        if is_recorded {
            let record = entry.refused(case, refused.reason());
            if let Err(refusal) = self.log.record(vec![record]).await {
                return Status::from(refusal).into_http();
            }
        }
        refused.into_status().into_http()
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").finish_non_exhaustive()
    }
}

/// The label that an answer begins with.
pub(crate) fn label_of(answer: &[u8]) -> Result<Label, Refusal> {
    let bytes = wire::last_bytes(answer, 1)?;
    let bytes = bytes.ok_or_else(|| Refusal::internal("an answer came without its label"))?;
    let label: Label = prost::Message::decode(bytes)
        .map_err(|_| Refusal::internal("an answer's label cannot be read"))?;
    CaseName::parse(&label.case)
        .map_err(|_| Refusal::internal("an answer's label names no case"))?;
    Ok(label)
}

fn section(value: u64) -> Result<Section, Refusal> {
    let section = i32::try_from(value)
        .ok()
        .and_then(|number| Section::try_from(number).ok());
    section
        .filter(|section| *section != Section::Unspecified)
        .ok_or_else(|| Refusal::invalid("sections", "names a section that does not exist"))
}

fn trace(headers: &HeaderMap) -> TraceContext {
    TraceContext::arriving(headers)
}

/// One framed message with its trailers. As a stream of two frames: a body of
/// known length would let gRPC-Web cut its trailers off.
pub(crate) fn unary_response(message: &[u8], trailers: HeaderMap) -> Response<Body> {
    let frames = [
        Frame::data(frame::frame(message)),
        Frame::trailers(trailers),
    ];
    let frames = futures::stream::iter(frames.map(Ok::<_, Status>));
    frame::response(Body::new(StreamBody::new(frames)))
}

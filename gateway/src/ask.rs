//! Asking a service on a caller's behalf: the caller's envelope sealed for the
//! very method, nothing of the caller's own headers sent along.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use host::{Refusal, Upstream};
use http::header::{CONTENT_TYPE, HeaderValue, TE};
use http::{HeaderName, Request, Response};
use http_body_util::Full;
use prost::Message as _;
use proto::internal::v1::{Envelope, GetLabelRequest, GetStandingRequest};
use proto::v1::{Label, Standing};
use tonic::body::Body;

use crate::answer::Refused;
use crate::frame;
use crate::identity::{CERTIFICATE, SESSION};
use crate::pass::{Call, Gate};
use crate::policy::Seeker;

const GET_PART: &str = "/casenet.internal.v1.PartService/GetPart";
const GET_LABEL: &str = "/casenet.internal.v1.SpineService/GetLabel";
const GET_STANDING: &str = "/casenet.internal.v1.SpineService/GetStanding";

/// Asks for one call.
pub(crate) struct Ask<'a> {
    gate: &'a Gate,
    call: &'a Call,
}

impl<'a> Ask<'a> {
    pub(crate) fn new(gate: &'a Gate, call: &'a Call) -> Self {
        Self { gate, call }
    }

    /// A role's part of the record.
    pub(crate) async fn part(&self, role: &str) -> Result<Bytes, Refusal> {
        let upstream = self.gate.routes.upstream(role)?;
        let answer = self
            .unary(upstream, GET_PART, self.call.message.clone(), None)
            .await?;
        answer.map_err(|status| {
            let refused = host::Refused::read(&status);
            let reason = refused.known_reason().unwrap_or_default();
            Refusal::new(refused.code, reason, refused.message)
        })
    }

    /// The label of a resource. NOT_FOUND if there is none such.
    pub(crate) async fn label(&self, name: &str) -> Result<Label, Refused> {
        let request = GetLabelRequest {
            name: name.to_owned(),
        };
        self.spine(GET_LABEL, request.encode_to_vec()).await
    }

    /// The standing of the caller's agency.
    pub(crate) async fn standing(&self) -> Result<Standing, Refused> {
        let request = GetStandingRequest {
            agency: self.call.who.agency.clone(),
        };
        match self.spine(GET_STANDING, request.encode_to_vec()).await {
            // An agency that the directory does not have is nobody, not missing.
            Err(refused) if refused.is(proto::v1::ErrorReason::NotFound) => Ok(Standing::default()),
            answer => answer,
        }
    }

    async fn spine<T: prost::Message + Default>(
        &self,
        path: &'static str,
        request: Vec<u8>,
    ) -> Result<T, Refused> {
        let upstream = self.gate.routes.upstream("casebook")?;
        let answer = self.unary(upstream, path, request.into(), None).await?;
        let answer = answer.map_err(Refused::by_service)?;
        let read = T::decode(answer).map_err(|_| Refusal::internal("the spine answered wrongly"));
        Ok(read?)
    }

    /// The call itself, passed on as the decision allows.
    pub(crate) async fn forward(
        &self,
        decided: Option<(&Seeker, Option<&Label>)>,
    ) -> Result<Bytes, Refused> {
        let method = &self.call.method;
        let upstream = self.gate.routes.upstream(&method.role)?;
        let message = self.call.message.clone();
        let answer = self.unary(upstream, &method.path, message, decided).await?;
        answer.map_err(Refused::by_service)
    }

    /// The call itself, its answer still streaming.
    pub(crate) async fn open_stream(
        &self,
        seeker: &Seeker,
        label: Option<&Label>,
    ) -> Result<Response<Body>, Refused> {
        let method = &self.call.method;
        let upstream = self.gate.routes.upstream(&method.role)?;
        let message = self.call.message.clone();
        let request = self.seal(&method.path, message, Some((seeker, label)))?;
        let response = upstream.call(request).await?;
        match frame::refusal_in(response.headers()) {
            Some(status) => Err(Refused::by_service(status)),
            None => Ok(response),
        }
    }

    async fn unary(
        &self,
        upstream: &Upstream,
        path: &str,
        message: Bytes,
        decided: Option<(&Seeker, Option<&Label>)>,
    ) -> Result<Result<Bytes, tonic::Status>, Refusal> {
        let request = self.seal(path, message, decided)?;
        let response = upstream.call(request).await?;
        frame::answer(response, self.gate.admission.limits().answer_bytes).await
    }

    fn seal(
        &self,
        path: &str,
        message: Bytes,
        decided: Option<(&Seeker, Option<&Label>)>,
    ) -> Result<Request<Body>, Refusal> {
        let who = &self.call.who;
        let envelope = Envelope {
            agency: who.agency.clone(),
            kind: decided.map_or(0, |(seeker, _)| seeker.kind as i32),
            user: who.user.clone(),
            purpose: self.call.purpose.clone(),
            label_revision: decided
                .and_then(|(_, label)| label)
                .map_or(0, |label| label.revision),
            issued_at_millis: 0,
            traceparent: self.call.trace.child().to_string(),
        };
        let mut request = Request::post(path)
            .version(http::Version::HTTP_2)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/grpc"))
            .header(TE, HeaderValue::from_static("trailers"))
            .body(Body::new(Full::new(frame::frame(&message))))
            .map_err(Refusal::internal)?;
        self.gate.envelopes.seal_onto(&envelope, &mut request)?;
        if self.call.method.role == "gateway" {
            self.tell_session(&mut request)?;
        }
        Ok(request)
    }

    /// The gateway's own services learn of certificate and session as well.
    fn tell_session(&self, request: &mut Request<Body>) -> Result<(), Refusal> {
        let who = &self.call.who;
        let told = [
            (CERTIFICATE, URL_SAFE_NO_PAD.encode(&who.thumbprint)),
            (SESSION, who.session.clone()),
        ];
        for (name, value) in told.into_iter().filter(|(_, value)| !value.is_empty()) {
            let value = HeaderValue::from_str(&value).map_err(Refusal::internal)?;
            request
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
        Ok(())
    }
}

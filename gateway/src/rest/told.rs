//! An answer as JSON: the message as it passed the filter, its receipt and its
//! etag as headers.

use bytes::Bytes;
use host::Refusal;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue};
use http::{HeaderMap, Response};
use http_body_util::{BodyExt, Full};
use prost_reflect::{DynamicMessage, MessageDescriptor};
use tonic::body::Body;

use super::table::Target;
use crate::frame;

/// Answers tell of persons: nobody on the way keeps them.
pub(super) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// The gate's answer, turned into JSON.
pub(super) async fn response(target: &Target, body: Body) -> Result<Response<Body>, Refusal> {
    let collected = body.collect().await;
    let collected = collected.map_err(|_| Refusal::internal("an answer broke off"))?;
    let trailers = collected.trailers().cloned().unwrap_or_default();
    let bytes = frame::unframe(&collected.to_bytes())
        .map_err(|refusal| Refusal::internal(format!("an answer is framed wrongly: {refusal}")))?;
    let message = read(&target.response, bytes)?;
    let mut response = Response::new(Body::new(Full::new(text(&message)?)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, NO_STORE);
    tell_receipt(&trailers, headers);
    tell_etag(&message, headers);
    Ok(response)
}

/// A message of the contract by its descriptor.
pub(super) fn read(
    descriptor: &MessageDescriptor,
    bytes: Bytes,
) -> Result<DynamicMessage, Refusal> {
    DynamicMessage::decode(descriptor.clone(), bytes)
        .map_err(|error| Refusal::internal(format!("an answer cannot be read: {error}")))
}

/// Its JSON, as ProtoJSON has it.
pub(super) fn text(message: &DynamicMessage) -> Result<Bytes, Refusal> {
    serde_json::to_vec(message)
        .map(Bytes::from)
        .map_err(|error| Refusal::internal(format!("an answer cannot be written: {error}")))
}

/// The place in the disclosure log, which gRPC has in the trailers.
fn tell_receipt(trailers: &HeaderMap, headers: &mut HeaderMap) {
    let name = HeaderName::from_static(frame::RECEIPT);
    if let Some(receipt) = trailers.get(&name) {
        headers.insert(name, receipt.clone());
    }
}

/// The etag to give back in `If-Match`.
fn tell_etag(message: &DynamicMessage, headers: &mut HeaderMap) {
    let Some(etag) = message.get_field_by_name("etag") else {
        return;
    };
    let etag = etag.as_str().filter(|etag| !etag.is_empty());
    let quoted = etag.map(|etag| HeaderValue::from_str(&format!("\"{etag}\"")));
    if let Some(Ok(quoted)) = quoted {
        headers.insert(ETAG, quoted);
    }
}

//! gRPC's framing: five bytes before each message, and a status at the end.
//! Source: gRPC over HTTP2, "Length-Prefixed-Message".

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use host::{Refusal, Refused};
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use http_body::Body as _;
use http_body_util::{BodyExt, Limited};
use proto::v1::ErrorReason;
use tonic::body::Body;
use tonic::{Code, Status};

/// Header and trailer that carry the call's place in the disclosure log.
pub const RECEIPT: &str = "casenet-receipt";

/// One message of a call, its frame taken off.
pub fn unframe(body: &Bytes) -> Result<Bytes, Refusal> {
    let malformed = |what: &str| {
        Refusal::new(
            Code::InvalidArgument,
            ErrorReason::MalformedMessage,
            format!("the call carries {what}; send exactly one uncompressed message"),
        )
    };
    let Some(header) = body.first_chunk::<5>() else {
        return Err(malformed("no message"));
    };
    if header[0] != 0 {
        return Err(malformed("a compressed message"));
    }
    let length = u32::from_be_bytes([header[1], header[2], header[3], header[4]]) as usize;
    match body.len() - 5 {
        rest if rest < length => Err(malformed("a truncated message")),
        rest if rest > length => Err(malformed("more than one message")),
        _ => Ok(body.slice(5..)),
    }
}

/// Takes the next whole message off a stream's bytes, if there is one.
pub fn split(waiting: &mut BytesMut, bytes_max: usize) -> Result<Option<Bytes>, Refusal> {
    let Some(header) = waiting.first_chunk::<5>() else {
        return Ok(None);
    };
    let length = u32::from_be_bytes([header[1], header[2], header[3], header[4]]) as usize;
    if header[0] != 0 || length > bytes_max {
        return Err(Refusal::internal(
            "a service streamed a frame that cannot be read",
        ));
    }
    if waiting.len() < length + 5 {
        return Ok(None);
    }
    let mut framed = waiting.split_to(length + 5).freeze();
    Ok(Some(framed.split_off(5)))
}

/// One message, framed.
pub fn frame(message: &[u8]) -> Bytes {
    let mut framed = BytesMut::with_capacity(message.len() + 5);
    framed.put_u8(0);
    // Messages are limited far below 4 GiB.
    framed.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    framed.put_slice(message);
    framed.freeze()
}

/// Reads a caller's body, up to the limit.
pub async fn collect(body: Body, bytes_max: usize) -> Result<Bytes, Refusal> {
    let too_large = || {
        Refusal::new(
            Code::ResourceExhausted,
            ErrorReason::MessageTooLarge,
            format!("the message is over the limit of {bytes_max} bytes; send less at once"),
        )
    };
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(too_large());
    }
    let collected = Limited::new(body, bytes_max)
        .collect()
        .await
        .map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() {
                too_large()
            } else {
                Refusal::new(
                    Code::Cancelled,
                    ErrorReason::MalformedMessage,
                    "the call broke off",
                )
            }
        })?;
    Ok(collected.to_bytes())
}

/// A service's whole answer: its one message, or its own refusal.
pub async fn answer(
    response: Response<Body>,
    bytes_max: usize,
) -> Result<Result<Bytes, Status>, Refusal> {
    if let Some(status) = refusal_in(response.headers()) {
        return Ok(Err(status));
    }
    let collected = Limited::new(response.into_body(), bytes_max)
        .collect()
        .await
        .map_err(|_| Refusal::unavailable("a service broke off its answer; try again"))?;
    if let Some(status) = collected.trailers().and_then(refusal_in) {
        return Ok(Err(status));
    }
    if collected.trailers().is_none() {
        return Err(Refusal::unavailable(
            "a service broke off its answer; try again",
        ));
    }
    unframe(&collected.to_bytes())
        .map(Ok)
        .map_err(|refusal| Refusal::internal(format!("a service answered wrongly: {refusal}")))
}

/// The status in headers or trailers, unless it is OK or absent.
pub fn refusal_in(headers: &HeaderMap) -> Option<Status> {
    Status::from_header_map(headers).filter(|status| status.code() != Code::Ok)
}

/// A service's refusal as one of ours, to be recorded and passed on.
pub fn refused(status: &Status) -> (Code, String) {
    let refused = Refused::read(status);
    (refused.code, refused.reason)
}

/// The trailers of a call that ended well.
pub fn ok_trailers(receipt: u64) -> HeaderMap {
    let mut trailers = HeaderMap::new();
    trailers.insert(
        HeaderName::from_static("grpc-status"),
        HeaderValue::from_static("0"),
    );
    trailers.insert(HeaderName::from_static(RECEIPT), HeaderValue::from(receipt));
    trailers
}

/// The trailers of a stream that ends with a refusal.
pub fn status_trailers(status: &Status) -> HeaderMap {
    let mut trailers = HeaderMap::new();
    // A status that cannot be written as headers still ends the stream.
    if status.add_header(&mut trailers).is_err() {
        trailers.insert(
            HeaderName::from_static("grpc-status"),
            HeaderValue::from_static("13"),
        );
    }
    trailers
}

/// A gRPC response around a body.
pub fn response(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let grpc = HeaderValue::from_static("application/grpc");
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, grpc);
    response
}

/// The caller's own deadline (`grpc-timeout`: digits and a unit), if it sets one.
pub fn timeout(headers: &HeaderMap) -> Result<Option<Duration>, Refusal> {
    let Some(value) = headers.get("grpc-timeout") else {
        return Ok(None);
    };
    let parsed = value.to_str().ok().and_then(|text| {
        let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let is_number =
            (1..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        let amount: u64 = if is_number {
            digits.parse().ok()?
        } else {
            return None;
        };
        match unit {
            "H" => Some(Duration::from_secs(amount * 3600)),
            "M" => Some(Duration::from_secs(amount * 60)),
            "S" => Some(Duration::from_secs(amount)),
            "m" => Some(Duration::from_millis(amount)),
            "u" => Some(Duration::from_micros(amount)),
            "n" => Some(Duration::from_nanos(amount)),
            _ => None,
        }
    });
    parsed.map(Some).ok_or_else(|| {
        Refusal::invalid(
            "grpc-timeout",
            "must be at most 8 digits and a unit (H, M, S, m, u, n)",
        )
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use bytes::{Bytes, BytesMut};
    use http::HeaderMap;

    use super::{frame, split, timeout, unframe};

    #[test]
    fn a_call_carries_exactly_one_whole_message() {
        assert_eq!(unframe(&frame(b"abc")).unwrap(), &b"abc"[..]);
        for wrong in [
            &b""[..],
            &[0, 0, 0, 0],
            &[0, 0, 0, 0, 9, 1],
            &[1, 0, 0, 0, 0],
            &[0, 0, 0, 0, 0, 7],
        ] {
            assert!(
                unframe(&Bytes::copy_from_slice(wrong)).is_err(),
                "{wrong:?}"
            );
        }
    }

    #[test]
    fn a_stream_is_split_wherever_its_bytes_are_cut() {
        let whole = [frame(b"one"), frame(b""), frame(b"three")].concat();
        for cut in 0..whole.len() {
            let mut waiting = BytesMut::new();
            let mut seen = Vec::new();
            for piece in [&whole[..cut], &whole[cut..]] {
                waiting.extend_from_slice(piece);
                while let Some(message) = split(&mut waiting, 100).unwrap() {
                    seen.push(message);
                }
            }
            assert_eq!(seen, [&b"one"[..], b"", b"three"]);
        }
        assert!(split(&mut BytesMut::from(&[0, 0, 0, 1, 0][..]), 100).is_err());
    }

    #[test]
    fn deadlines_are_read_strictly() {
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("grpc-timeout", text.parse().unwrap());
            timeout(&headers)
        };
        assert_eq!(of("250m").unwrap().unwrap().as_millis(), 250);
        assert_eq!(
            of("99999999H").unwrap().unwrap().as_secs(),
            99_999_999 * 3600
        );
        for wrong in ["-1S", "abc", "S", "1", "123456789S", "1 S"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
        assert_eq!(timeout(&HeaderMap::new()).unwrap(), None);
    }
}

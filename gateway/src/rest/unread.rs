//! Was a request's body read to its end? HTTP/1.1 cannot go on behind one that was
//! not: the connection closes, and the caller is told, lest it send its next
//! request into a closing door. Source: RFC 9112 9.6.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONNECTION, HeaderValue};
use http::{Request, Response, Version};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;

/// Learns whether the body has been read.
pub(super) struct Watch {
    read: Arc<AtomicBool>,
    is_http1: bool,
}

impl Watch {
    /// The same request, its body under watch.
    pub(super) fn over(request: Request<Body>) -> (Request<Body>, Self) {
        let watch = Self {
            read: Arc::new(AtomicBool::new(request.body().is_end_stream())),
            is_http1: request.version() < Version::HTTP_2,
        };
        let read = Arc::clone(&watch.read);
        let request = request.map(|body| Body::new(Watched { body, read }));
        (request, watch)
    }

    /// Says that the connection closes, where it does.
    pub(super) fn tell(&self, response: &mut Response<Body>) {
        if self.is_http1 && !self.read.load(Ordering::Acquire) {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
    }
}

/// A body that notes its end.
struct Watched {
    body: Body,
    read: Arc<AtomicBool>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.read.store(true, Ordering::Release);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

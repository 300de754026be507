//! One caller's line to the gateway: bytes in, and everything that comes back.

use std::sync::Arc;
use std::time::Duration;

use host::Upstream;
use host::tls::ClientIdentity;
use tokio_stream::StreamExt as _;
use tonic::{Request, Status, Streaming};

use super::stand::Caller;
use crate::raw::bytes_codec::BytesCodec;
use crate::world::World;

/// How long a stream is given to say what it may not.
const QUIET: Duration = Duration::from_millis(100);

/// A line. Cheap to clone.
#[derive(Clone)]
pub struct Line {
    upstream: Upstream,
    token: Option<String>,
}

/// What came back of a call.
pub struct Left {
    pub path: String,
    pub taken: bool,
    /// Message, trailers, refusal with its details.
    pub bytes: Vec<u8>,
}

/// A stream that is open.
pub struct Open {
    path: String,
    stream: Result<Streaming<Vec<u8>>, Status>,
    bytes: Vec<u8>,
}

impl Line {
    pub async fn of(world: &World, caller: &Caller) -> Self {
        let (files, token) = if caller.person {
            let token = crate::bad_input::sign_in(world, caller.agency, "sweeper").await;
            (world.config.client_files(), Some(token))
        } else {
            (world.config.agency_files(caller.agency), None)
        };
        let upstream = Upstream::remote(&world.gateway, &ClientIdentity::new(files)).unwrap();
        Self { upstream, token }
    }

    /// The secret that the line carries, if it does.
    pub fn token(&self) -> Option<&String> {
        self.token.as_ref()
    }

    fn request(&self, bytes: Vec<u8>) -> Request<Arc<Vec<u8>>> {
        let mut request = Request::new(Arc::new(bytes));
        if let Some(token) = &self.token {
            let bearer = format!("Bearer {token}").parse().unwrap();
            request.metadata_mut().insert("authorization", bearer);
        }
        request
    }

    pub async fn call(&self, path: &str, bytes: Vec<u8>) -> Left {
        let mut grpc = tonic::client::Grpc::new(self.upstream.clone());
        grpc.ready().await.unwrap();
        let uri = path.parse().unwrap();
        let answer = grpc.unary(self.request(bytes), uri, BytesCodec).await;
        let taken = answer.is_ok();
        let bytes = match answer {
            Ok(answer) => {
                let mut bytes = format!("{:?}", answer.metadata()).into_bytes();
                bytes.extend(answer.into_inner());
                bytes
            }
            Err(status) => refusal(path, &status),
        };
        Left {
            path: path.to_owned(),
            taken,
            bytes,
        }
    }

    pub async fn open(&self, path: &str, bytes: Vec<u8>) -> Open {
        let mut grpc = tonic::client::Grpc::new(self.upstream.clone());
        grpc.ready().await.unwrap();
        let uri = path.parse().unwrap();
        let opened = grpc.server_streaming(self.request(bytes), uri, BytesCodec);
        let mut head = Vec::new();
        let stream = opened.await.map(|answer| {
            head = format!("{:?}", answer.metadata()).into_bytes();
            answer.into_inner()
        });
        Open {
            path: path.to_owned(),
            stream,
            bytes: head,
        }
    }
}

impl Open {
    /// Reads until nothing more comes: what is to come has been caused before.
    pub async fn drain(mut self) -> Left {
        match &mut self.stream {
            Err(status) => self.bytes.extend(refusal(&self.path, status)),
            Ok(stream) => {
                while let Ok(Some(message)) = tokio::time::timeout(QUIET, stream.next()).await {
                    match message {
                        Ok(message) => self.bytes.extend(message),
                        Err(status) => self.bytes.extend(refusal(&self.path, &status)),
                    }
                }
            }
        }
        Left {
            taken: self.stream.is_ok(),
            path: self.path,
            bytes: self.bytes,
        }
    }
}

fn refusal(path: &str, status: &Status) -> Vec<u8> {
    // A sweep that is held up at the door sees nothing.
    assert_ne!(
        status.code(),
        tonic::Code::ResourceExhausted,
        "{path}: {status:?}"
    );
    let mut bytes = format!("{} {:?}", status.message(), status.metadata()).into_bytes();
    bytes.extend(status.details());
    bytes
}

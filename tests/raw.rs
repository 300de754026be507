//! Calls that no generated client would make.

use std::sync::Arc;

use bytes_codec::BytesCodec;
use host::Upstream;
use host::tls::ClientIdentity;
use tonic::{Request, Status};

use crate::world::World;

/// Any bytes to any path, as the union.
pub async fn raw(world: &World, path: &'static str, bytes: Vec<u8>) -> Result<Vec<u8>, Status> {
    raw_as(world, "yiwu-union", path, bytes).await
}

/// The same, as any agency.
pub async fn raw_as(
    world: &World,
    agency: &str,
    path: &'static str,
    bytes: Vec<u8>,
) -> Result<Vec<u8>, Status> {
    let identity = ClientIdentity::new(world.config.agency_files(agency));
    let upstream = Upstream::remote(&world.gateway, &identity).unwrap();
    let mut grpc = tonic::client::Grpc::new(upstream);
    grpc.ready().await?;
    let path = http::uri::PathAndQuery::from_static(path);
    let answer = grpc
        .unary(Request::new(Arc::new(bytes)), path, BytesCodec)
        .await?;
    Ok(answer.into_inner())
}

/// A codec that sends bytes as they are.
pub mod bytes_codec {
    use std::sync::Arc;

    use tonic::Status;
    use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

    pub struct BytesCodec;

    impl Codec for BytesCodec {
        type Encode = Arc<Vec<u8>>;
        type Decode = Vec<u8>;
        type Encoder = Self;
        type Decoder = Self;

        fn encoder(&mut self) -> Self {
            Self
        }

        fn decoder(&mut self) -> Self {
            Self
        }
    }

    impl Encoder for BytesCodec {
        type Item = Arc<Vec<u8>>;
        type Error = Status;

        fn encode(&mut self, item: Self::Item, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
            prost::bytes::BufMut::put_slice(out, &item);
            Ok(())
        }
    }

    impl Decoder for BytesCodec {
        type Item = Vec<u8>;
        type Error = Status;

        fn decode(&mut self, bytes: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
            let mut out = vec![0; prost::bytes::Buf::remaining(bytes)];
            prost::bytes::Buf::copy_to_slice(bytes, &mut out);
            Ok(Some(out))
        }
    }
}

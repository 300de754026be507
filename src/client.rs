//! A client of a gateway: as an agency's system by its certificate, or as a
//! caseworker by a token.

use std::sync::OnceLock;

use host::tls::ClientIdentity;
use host::upstream::UpstreamError;
use host::{Refused, Upstream};
use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions};
use proto::v1 as pb;
use tonic::metadata::MetadataValue;
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::{Request, Status};

/// A connection to a gateway, with the headers that a caller sends.
pub type Line = InterceptedService<Upstream, Headers>;

/// What is sent along with every call.
#[derive(Debug, Clone, Default)]
pub struct Headers {
    token: Option<MetadataValue<tonic::metadata::Ascii>>,
    purpose: Option<MetadataValue<tonic::metadata::Ascii>>,
}

impl Interceptor for Headers {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.token {
            request
                .metadata_mut()
                .insert("authorization", token.clone());
        }
        if let Some(purpose) = &self.purpose {
            request
                .metadata_mut()
                .insert("casenet-purpose", purpose.clone());
        }
        Ok(request)
    }
}

/// A client. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    upstream: Upstream,
    headers: Headers,
}

macro_rules! services {
    ($($name:ident: $module:ident::$client:ident,)*) => {
        $(#[doc = concat!("The ", stringify!($client), ".")]
        pub fn $name(&self) -> pb::$module::$client<Line> {
            pb::$module::$client::with_interceptor(self.upstream.clone(), self.headers.clone())
        })*
    };
}

impl Client {
    /// A client of the gateway at `address` (`host:port`). Connects when first
    /// used.
    pub fn new(address: &str, identity: &ClientIdentity) -> Result<Self, UpstreamError> {
        Ok(Self {
            upstream: Upstream::remote(address, identity)?,
            headers: Headers::default(),
        })
    }

    /// The same, with a caseworker's token.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        self.headers.token = format!("Bearer {token}").parse().ok();
        self
    }

    /// The same, saying what the answers are needed for.
    #[must_use]
    pub fn with_purpose(mut self, purpose: &str) -> Self {
        self.headers.purpose = purpose.parse().ok();
        self
    }

    services! {
        cases: case_service_client::CaseServiceClient,
        referrals: referral_service_client::ReferralServiceClient,
        consents: consent_service_client::ConsentServiceClient,
        break_glass: break_glass_service_client::BreakGlassServiceClient,
        agreements: agreement_service_client::AgreementServiceClient,
        documents: document_service_client::DocumentServiceClient,
        notices: notice_service_client::NoticeServiceClient,
        matters: matter_service_client::MatterServiceClient,
        directory: directory_service_client::DirectoryServiceClient,
        feeds: feed_service_client::FeedServiceClient,
        webhooks: webhook_service_client::WebhookServiceClient,
        disclosures: disclosure_service_client::DisclosureServiceClient,
        access: access_service_client::AccessServiceClient,
        rules: rules_service_client::RulesServiceClient,
        identity: identity_service_client::IdentityServiceClient,
        union: union_service_client::UnionServiceClient,
        lawfirm: law_firm_service_client::LawFirmServiceClient,
        labour: labour_bureau_service_client::LabourBureauServiceClient,
        judiciary: judiciary_service_client::JudiciaryServiceClient,
        media: media_service_client::MediaServiceClient,
    }

    /// Any unary method by its name (`CaseService/GetCase`), with JSON in and
    /// out as protobuf's JSON mapping has it.
    pub async fn call(&self, method: &str, input: &str) -> Result<serde_json::Value, CallError> {
        let pool = pool().map_err(CallError::Usage)?;
        let (service, name) = method.split_once('/').ok_or_else(|| {
            CallError::Usage("write SERVICE/METHOD, as in CaseService/GetCase".into())
        })?;
        let service = service.trim_start_matches("casenet.v1.");
        let found = pool
            .get_service_by_name(&format!("casenet.v1.{service}"))
            .and_then(|service| service.methods().find(|method| method.name() == name));
        let found = found.ok_or_else(|| CallError::Usage(format!("no method {method}")))?;
        let mut json = serde_json::Deserializer::from_str(input);
        let request = DynamicMessage::deserialize(found.input(), &mut json)
            .map_err(|error| CallError::Usage(format!("the input: {error}")))?;
        let path = format!("/casenet.v1.{service}/{name}");
        let answer = self
            .unary(&path, request, found.output())
            .await
            .map_err(CallError::Refused)?;
        to_json(&answer).map_err(|error| CallError::Usage(error.to_string()))
    }

    async fn unary(
        &self,
        path: &str,
        request: DynamicMessage,
        answer: prost_reflect::MessageDescriptor,
    ) -> Result<DynamicMessage, Box<Status>> {
        let mut grpc = tonic::client::Grpc::new(self.upstream.clone());
        grpc.ready().await.map_err(Box::new)?;
        let request = self.headers.clone().call(Request::new(())).map(|headers| {
            let (metadata, extensions, ()) = headers.into_parts();
            Request::from_parts(metadata, extensions, request)
        });
        let path = http::uri::PathAndQuery::try_from(path)
            .map_err(|error| Box::new(Status::invalid_argument(error.to_string())))?;
        let codec = dynamic::Codec(answer);
        let answered = grpc.unary(request.map_err(Box::new)?, path, codec).await;
        Ok(answered.map_err(Box::new)?.into_inner())
    }
}

/// Why a dynamic call failed.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The call itself is wrong.
    #[error("{0}")]
    Usage(String),
    /// The gateway refused it.
    #[error("{}", Refused::read(.0).message)]
    Refused(Box<Status>),
}

/// A message of the contract as JSON.
pub fn json<M: prost::Message>(name: &str, message: &M) -> Option<serde_json::Value> {
    let descriptor = pool()
        .ok()?
        .get_message_by_name(&format!("casenet.v1.{name}"))?;
    let message = DynamicMessage::decode(descriptor, message.encode_to_vec().as_slice()).ok()?;
    to_json(&message).ok()
}

/// The contract's descriptors: read once, since that takes longer than a call.
fn pool() -> Result<&'static DescriptorPool, String> {
    static POOL: OnceLock<Result<DescriptorPool, String>> = OnceLock::new();
    let read = || DescriptorPool::decode(proto::DESCRIPTOR_SET).map_err(|error| error.to_string());
    POOL.get_or_init(read).as_ref().map_err(Clone::clone)
}

fn to_json(message: &DynamicMessage) -> Result<serde_json::Value, serde_json::Error> {
    let options = SerializeOptions::new().stringify_64_bit_integers(false);
    message.serialize_with_options(serde_json::value::Serializer, &options)
}

/// A codec for messages that are known by their descriptor only.
mod dynamic {
    use prost::Message as _;
    use prost_reflect::{DynamicMessage, MessageDescriptor};
    use tonic::Status;
    use tonic::codec::{DecodeBuf, Decoder, EncodeBuf, Encoder};

    #[derive(Clone)]
    pub(super) struct Codec(pub(super) MessageDescriptor);

    impl tonic::codec::Codec for Codec {
        type Encode = DynamicMessage;
        type Decode = DynamicMessage;
        type Encoder = Self;
        type Decoder = Self;

        fn encoder(&mut self) -> Self {
            self.clone()
        }

        fn decoder(&mut self) -> Self {
            self.clone()
        }
    }

    impl Encoder for Codec {
        type Item = DynamicMessage;
        type Error = Status;

        fn encode(&mut self, item: DynamicMessage, out: &mut EncodeBuf<'_>) -> Result<(), Status> {
            item.encode(out)
                .map_err(|error| Status::internal(error.to_string()))
        }
    }

    impl Decoder for Codec {
        type Item = DynamicMessage;
        type Error = Status;

        fn decode(&mut self, bytes: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
            DynamicMessage::decode(self.0.clone(), bytes)
                .map(Some)
                .map_err(|error| Status::internal(error.to_string()))
        }
    }
}

//! The line to the gateway: the web client's own certificate, and the token of
//! the person who is signed in. Nothing else of the network is known here.

use host::Upstream;
use proto::v1 as pb;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::{Request, Status};

/// A connection to the gateway that sends a person's token along.
pub(crate) type Wire = InterceptedService<Upstream, Token>;

/// The token of the signed-in person; none before sign-in.
#[derive(Clone, Default)]
pub(crate) struct Token(Option<MetadataValue<Ascii>>);

impl Interceptor for Token {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            let token = token.clone();
            request.metadata_mut().insert("authorization", token);
        }
        Ok(request)
    }
}

/// Calls to the gateway as one person. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Line {
    gateway: Upstream,
    token: Token,
}

macro_rules! services {
    ($($name:ident: $module:ident::$client:ident,)*) => {
        $(pub(crate) fn $name(&self) -> pb::$module::$client<Wire> {
            pb::$module::$client::with_interceptor(self.gateway.clone(), self.token.clone())
        })*
    };
}

impl Line {
    /// As nobody yet: good for signing in.
    pub(crate) fn anonymous(gateway: Upstream) -> Self {
        let token = Token::default();
        Self { gateway, token }
    }

    /// As the person whose token it is.
    pub(crate) fn signed_in(gateway: Upstream, token: &str) -> Self {
        let token = Token(format!("Bearer {token}").parse().ok());
        Self { gateway, token }
    }

    services! {
        cases: case_service_client::CaseServiceClient,
        referrals: referral_service_client::ReferralServiceClient,
        consents: consent_service_client::ConsentServiceClient,
        break_glass: break_glass_service_client::BreakGlassServiceClient,
        agreements: agreement_service_client::AgreementServiceClient,
        notices: notice_service_client::NoticeServiceClient,
        directory: directory_service_client::DirectoryServiceClient,
        feeds: feed_service_client::FeedServiceClient,
        webhooks: webhook_service_client::WebhookServiceClient,
        disclosures: disclosure_service_client::DisclosureServiceClient,
        access: access_service_client::AccessServiceClient,
        rules: rules_service_client::RulesServiceClient,
        identity: identity_service_client::IdentityServiceClient,
        lawfirm: law_firm_service_client::LawFirmServiceClient,
    }
}

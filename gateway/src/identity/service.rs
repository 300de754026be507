//! Signing in and out through the contract. The service stands behind the
//! gateway's own line; the line tells it certificate and session by headers
//! that no caller can send through.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use host::clock::to_timestamp;
use host::{Caller, Envelopes, Refusal, SharedIds, parse};
use proto::names::UserName;
use proto::v1::identity_service_server::IdentityService;
use proto::v1::{
    CreateUserRequest, ErrorReason, RefreshSessionRequest, Session, SignInRequest, SignOutRequest,
    SignOutResponse, User, WhoAmIRequest, WhoAmIResponse,
};
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status};

use super::account::Accounts;
use super::session::{Sessions, Token};

/// Header by which the line tells the thumbprint of the caller's certificate.
pub const CERTIFICATE: &str = "casenet-certificate";
/// Header by which the line tells the key of the caller's session.
pub const SESSION: &str = "casenet-session";

/// Shortest password (NIST SP 800-63B asks for 8; caseworkers' accounts open
/// many people's records).
const PASSWORD_CHARS_MIN: usize = 12;
const PASSWORD_CHARS_MAX: usize = 200;

/// The IdentityService.
pub struct Identities {
    accounts: Accounts,
    sessions: Sessions,
    envelopes: Envelopes,
    ids: SharedIds,
}

impl Identities {
    /// Over the gateway's accounts and sessions.
    pub fn new(
        accounts: Accounts,
        sessions: Sessions,
        envelopes: Envelopes,
        ids: SharedIds,
    ) -> Self {
        Self {
            accounts,
            sessions,
            envelopes,
            ids,
        }
    }

    fn secret(&self) -> Result<[u8; 32], Refusal> {
        let mut secret = [0; 32];
        self.ids.fill(&mut secret)?;
        Ok(secret)
    }
}

#[tonic::async_trait]
impl IdentityService for Identities {
    async fn sign_in(&self, request: Request<SignInRequest>) -> Result<Response<Session>, Status> {
        let thumbprint = told_bytes(request.metadata(), CERTIFICATE);
        let (caller, request) = self.envelopes.open(request)?;
        let failed = || {
            Refusal::unauthenticated(ErrorReason::SignInFailed, "wrong agency, user or password")
        };
        let user = UserName::parse(&request.user).map_err(|_| failed())?;
        // Over an agency's own certificate only its own people sign in.
        if !caller.agency().is_empty() && caller.agency() != user.agency().as_str() {
            return Err(failed().into());
        }
        self.accounts.verify(&user, &request.password).await?;
        let token = self
            .sessions
            .open(&user, self.secret()?, &thumbprint)
            .await?;
        Ok(Response::new(session(token, user.to_string())))
    }

    async fn refresh_session(
        &self,
        request: Request<RefreshSessionRequest>,
    ) -> Result<Response<Session>, Status> {
        let key = told(request.metadata(), SESSION)?;
        let (caller, _) = self.envelopes.open(request)?;
        let token = self.sessions.refresh(&key, self.secret()?).await?;
        Ok(Response::new(session(token, caller.user().to_owned())))
    }

    async fn sign_out(
        &self,
        request: Request<SignOutRequest>,
    ) -> Result<Response<SignOutResponse>, Status> {
        let key = told(request.metadata(), SESSION)?;
        self.envelopes.open(request)?;
        self.sessions.end(&key).await?;
        Ok(Response::new(SignOutResponse {}))
    }

    async fn who_am_i(
        &self,
        request: Request<WhoAmIRequest>,
    ) -> Result<Response<WhoAmIResponse>, Status> {
        let (caller, _) = self.envelopes.open(request)?;
        Ok(Response::new(WhoAmIResponse {
            agency: caller.agency().to_owned(),
            kind: caller.kind() as i32,
            user: caller.user().to_owned(),
        }))
    }

    async fn create_user(
        &self,
        request: Request<CreateUserRequest>,
    ) -> Result<Response<User>, Status> {
        let (caller, request) = self.envelopes.open(request)?;
        let user = new_user_name(&caller, &request.user_id)?;
        let display_name = parse::text("display_name", &request.display_name, 100)?;
        let length = request.password.chars().count();
        if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&length) {
            let description =
                format!("must have {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters");
            return Err(Refusal::invalid("password", description).into());
        }
        self.accounts
            .create(&user, display_name.clone(), &request.password)
            .await?;
        Ok(Response::new(User {
            name: user.to_string(),
            display_name,
            disabled: false,
        }))
    }
}

fn new_user_name(caller: &Caller, id: &str) -> Result<UserName, Refusal> {
    UserName::parse(&format!("{}/users/{id}", caller.agency())).map_err(|_| {
        Refusal::invalid(
            "user_id",
            "must be 2 to 40 of a-z, 0-9 and hyphen, a letter first",
        )
    })
}

fn session(token: Token, user: String) -> Session {
    Session {
        token: token.text,
        expires_at: Some(to_timestamp(token.expires_at)),
        user,
    }
}

/// What the line tells about the session.
fn told(metadata: &MetadataMap, key: &str) -> Result<String, Refusal> {
    let value = metadata.get(key).and_then(|value| value.to_str().ok());
    value
        .map(str::to_owned)
        .ok_or_else(|| Refusal::unauthenticated(ErrorReason::CredentialsRequired, "sign in first"))
}

fn told_bytes(metadata: &MetadataMap, key: &str) -> Vec<u8> {
    let value = metadata.get(key).and_then(|value| value.to_str().ok());
    value
        .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
        .unwrap_or_default()
}

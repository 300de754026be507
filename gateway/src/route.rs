//! Which method a path names, what it is about, and who answers it: the tables
//! compiled from the contract.

use std::collections::BTreeMap;
use std::sync::Arc;

use host::{Refusal, Upstream};
use proto::contract::{Contract, Method, Shape};
use proto::names::CaseName;
use proto::v1::ErrorReason;
use proto::wire::{self, Value};
use tonic::Code;

/// Deepest nesting of a request; prost's own limit is 100.
const DEPTH_MAX: usize = 16;

/// The upstreams of the network, by role.
pub type Upstreams = BTreeMap<String, Upstream>;

/// The routes of a gateway.
#[derive(Debug)]
pub struct Routes {
    contract: Arc<Contract>,
    upstreams: Upstreams,
}

/// What a call is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// The resource's full name.
    pub name: String,
    /// The case that it is or stands under.
    pub case: CaseName,
}

impl Routes {
    /// Routes over these upstreams.
    pub fn new(contract: Arc<Contract>, upstreams: Upstreams) -> Self {
        Self {
            contract,
            upstreams,
        }
    }

    /// The contract.
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// The method at a path.
    pub fn find(&self, path: &str) -> Result<&Method, Refusal> {
        self.contract.method(path).ok_or_else(|| {
            Refusal::new(
                Code::Unimplemented,
                ErrorReason::Unimplemented,
                "no such method; see the contract casenet.v1",
            )
        })
    }

    /// Where a role answers. UNAVAILABLE if this network has none.
    pub fn upstream(&self, role: &str) -> Result<&Upstream, Refusal> {
        self.upstreams
            .get(role)
            .ok_or_else(|| Refusal::unavailable(format!("no {role} service is connected")))
    }

    /// The roles that hold a part of the record beside the spine.
    pub fn parts(&self) -> impl Iterator<Item = &String> {
        self.upstreams
            .keys()
            .filter(|role| *role != "casebook" && *role != "gateway")
    }

    /// Checks that a request has only fields of the contract, and reads what it
    /// is about. NOT_FOUND is not decided here: a name may be well formed and
    /// name nothing.
    pub fn resource(&self, method: &Method, request: &[u8]) -> Result<Option<Resource>, Refusal> {
        let shape = self.contract.shape(method.request);
        self.check_known(shape, request, "", 0)?;
        let Some(number) = method.resource else {
            return Ok(None);
        };
        let field = shape
            .field(number)
            .map_or("name", |field| field.name.as_str());
        let bytes = wire::last_bytes(request, number)?.unwrap_or_default();
        let text = std::str::from_utf8(bytes)
            .map_err(|_| Refusal::invalid(field, "is not valid UTF-8"))?;
        let case = CaseName::containing(text).map_err(|error| {
            Refusal::invalid(field, format!("must be of the form {}", error.expected))
        })?;
        Ok(Some(Resource {
            name: text.to_owned(),
            case,
        }))
    }

    /// Unknown fields are refused, not dropped: a caller who sends one believes
    /// that it has an effect.
    fn check_known(
        &self,
        shape: &Shape,
        message: &[u8],
        path: &str,
        depth: usize,
    ) -> Result<(), Refusal> {
        if depth > DEPTH_MAX {
            return Err(malformed("nested too deeply"));
        }
        for field in wire::fields(message) {
            let field = field?;
            let Some(known) = shape.field(field.number) else {
                let place = if path.is_empty() { "the request" } else { path };
                let description = format!(
                    "{place} has a field number {} that {} does not know; update your stubs",
                    field.number, shape.name
                );
                let mut refusal = Refusal::invalid(format!("{path}#{}", field.number), description);
                refusal.reason = ErrorReason::UnknownField;
                return Err(refusal);
            };
            if let (Some(child), Value::Bytes(inner)) = (known.message, field.value) {
                let inner_path = if path.is_empty() {
                    known.name.clone()
                } else {
                    format!("{path}.{}", known.name)
                };
                self.check_known(self.contract.shape(child), inner, &inner_path, depth + 1)?;
            }
        }
        Ok(())
    }
}

impl Resource {
    /// Whether it is the case itself.
    pub fn is_case(&self) -> bool {
        self.name == self.case.as_str()
    }
}

pub(crate) fn malformed(how: &str) -> Refusal {
    Refusal::new(
        Code::InvalidArgument,
        ErrorReason::MalformedMessage,
        format!("the message cannot be read: it is {how}"),
    )
}

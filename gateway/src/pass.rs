//! The line that every call walks. Start reading here.
//!
//! identify → admit → find the method → what is it about → decide → fetch or
//! forward → cut → record → release. Each step hands the next a value that only
//! it can make: `Identified`, `Slot`, `Permit`, `Redacted`, `Recorded`. What was
//! not cut or not recorded cannot be released, because it would not compile.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use host::clock::{SharedClock, SystemClock};
use host::{Envelopes, Peer, Refusal, Refused, TraceContext, Upstream};
use http::header::{CONTENT_TYPE, HeaderValue, TE};
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use prost::Message as _;
use proto::contract::{Contract, Method};
use proto::internal::v1::{Envelope, GetLabelRequest, GetStandingRequest};
use proto::v1::{ErrorReason, Label, Section, Standing};
use proto::wire::{self, Value};
use tonic::body::Body;
use tonic::{Code, Status};

use crate::admit::{Admission, Slot};
use crate::disclosure::{DisclosureLog, Entry, Recorded};
use crate::filter::{self, Redacted};
use crate::frame;
use crate::identity::{self, CERTIFICATE, Identified, Identity, SESSION};
use crate::join;
use crate::policy::{Decision, Facts, Permit, Rules, Seeker};
use crate::route::{Resource, Routes};

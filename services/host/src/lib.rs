//! A process that answers: everything a service needs around its rules.
//!
//! Reading order: [`refusal`] (the one error type), [`envelope`] (who asks),
//! [`clock`] and [`ids`] (time and chance, handed in), [`listen`] over [`tls`]
//! and [`peer`] (the open door), [`arrival`] (what every request gets at the
//! door), [`upstream`] (the same door from outside), [`health`], [`telemetry`],
//! [`trace`], [`drain`].
//!
//! Architecture invariant: nothing here knows what a case is, nor who may see
//! one. A service is handed a clock and never asks the system for the time.

pub mod arrival;
pub mod clock;
pub mod desk;
pub mod drain;
pub mod envelope;
pub mod health;
pub mod ids;
pub mod listen;
mod locked;
pub mod parse;
pub mod peer;
pub mod procedure;
pub mod refusal;
pub mod spine;
pub mod telemetry;
pub mod tls;
pub mod trace;
pub mod upstream;

pub use arrival::{Arrival, RequestPath};
pub use clock::{Clock, SetClock, SharedClock, SystemClock};
pub use desk::{Desk, milestone};
pub use drain::Drain;
pub use envelope::{Caller, EnvelopeKey, Envelopes};
pub use health::{Health, routes_with_health};
pub use ids::{CountingIds, Ids, SharedIds, SystemIds};
pub use listen::{Limits, ServeError, serve};
pub use peer::{Peer, PeerCertificate, Unidentified};
pub use procedure::{Named, Procedure};
pub use refusal::{Refusal, Refused};
pub use spine::{PartyField, Spine};
pub use tls::{ClientIdentity, ReloadingConfig, ServerIdentity};
pub use trace::TraceContext;
pub use upstream::Upstream;

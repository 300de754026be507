//! Codes with a form of their own: who a person is, which organisation, which
//! place, which telephone, how much money.
//!
//! Each is parsed once, at the door; a value of these types is known to be
//! well formed. Errors name the position and never repeat the input, so they
//! may be logged and answered.
//!
//! Reading order: [`region`] (used by the next two), [`resident_id`],
//! [`credit_code`], [`mobile`], [`fen`].

pub mod credit_code;
pub mod fen;
pub mod mobile;
pub mod region;
pub mod resident_id;

pub use credit_code::{CreditCode, CreditCodeError};
pub use fen::{Band, Fen, FenError};
pub use mobile::{Mobile, MobileError};
pub use region::{Region, RegionError};
pub use resident_id::{ResidentId, ResidentIdError, Sex};

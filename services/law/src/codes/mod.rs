//! Codes with a form of their own: who a person is, which organisation, which
//! place, which telephone, how much money; and the lists that words are coded by.
//!
//! Each is parsed once, at the door; a value of these types is known to be
//! well formed. Errors name the position and never repeat the input, so they
//! may be logged and answered.
//!
//! Reading order: [`region`] (used by the next two), [`resident_id`],
//! [`credit_code`], [`mobile`], [`fen`]; [`list`], then [`cause`], [`claim`],
//! [`result`].

pub mod cause;
pub mod claim;
pub mod credit_code;
pub mod fen;
pub mod list;
pub mod mobile;
pub mod region;
pub mod resident_id;
pub mod result;

pub use cause::Cause;
pub use claim::ClaimKind;
pub use credit_code::{CreditCode, CreditCodeError};
pub use fen::{Band, Fen, FenError};
pub use list::{Code, CodeError};
pub use mobile::{Mobile, MobileError};
pub use region::{Region, RegionError};
pub use resident_id::{ResidentId, ResidentIdError, Sex};
pub use result::ResultCode;

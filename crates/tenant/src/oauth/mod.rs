//! The authority: who may ask, and the tokens that say so.
//!
//! Client credentials with a secret or an assertion, and the identity endpoint of a machine. Pure: form and time come in, a token or a documented refusal goes out.

mod assertion;
mod audience;
mod grant;
mod identity;
mod metadata;
mod token;

pub(crate) use grant::{Application, Refusal, Version, check};
pub(crate) use identity::{Place, check_identity};
pub(crate) use metadata::metadata;
pub(crate) use token::{Access, MAX_LIFETIME, Tokens};

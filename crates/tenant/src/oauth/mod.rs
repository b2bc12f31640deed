//! The authority: who may ask, and the tokens that say so.
//!
//! Only client credentials with a secret. Pure: form and time come in, a token or a documented refusal goes out.

mod audience;
mod grant;
mod metadata;
mod token;

pub(crate) use grant::{Application, Refusal, Version, check};
pub(crate) use metadata::metadata;
pub(crate) use token::{Access, Tokens};

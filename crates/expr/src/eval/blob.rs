//! Bytes, and base64, which is how they leave the language.

use std::ops::Deref;
use std::rc::Rc;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use crate::eval::fault::Fault;
use crate::eval::fuel::Fuel;
use crate::eval::value::Val;
use crate::text::shown;

/// Bytes, borrowed or made.
#[derive(Clone, Debug)]
pub(crate) enum Blob<'a> {
    Borrowed(&'a [u8]),
    Made(Rc<[u8]>),
}

impl Deref for Blob<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Blob::Borrowed(bytes) => bytes,
            Blob::Made(bytes) => bytes,
        }
    }
}

/// Writes padding, and reads with it or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// As JSON holds bytes.
pub(crate) fn encode(bytes: &[u8], fuel: &Fuel) -> Result<String, Fault> {
    // Four bytes for three.
    fuel.spend_bytes(bytes.len().saturating_mul(2))?;
    Ok(BASE64.encode(bytes))
}

/// `base64.decode(text)`.
pub(crate) fn decode(text: &str, fuel: &Fuel) -> Result<Val<'static>, Fault> {
    fuel.spend_bytes(text.len())?;
    let bytes =
        BASE64.decode(text).map_err(|_| Fault::evaluation(format!("`{}` is no base64", shown(text))))?;
    Ok(Val::Bytes(Blob::Made(bytes.into())))
}

/// `left + right`.
pub(crate) fn concat(left: &[u8], right: &[u8], fuel: &Fuel) -> Result<Val<'static>, Fault> {
    fuel.spend_bytes(left.len() + right.len())?;
    Ok(Val::Bytes(Blob::Made([left, right].concat().into())))
}

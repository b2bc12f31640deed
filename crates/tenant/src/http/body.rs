//! The JSON body of a request for an action.

use axum::body::Bytes;
use serde_json::{Map, Value};

use super::error::ApiError;

/// Largest body that is read.
pub(super) const MAX_BODY: usize = 1024 * 1024;

/// What some clients write in front of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// A body without its byte order mark.
pub(super) fn without_mark(body: Bytes) -> Bytes {
    if body.starts_with(MARK) { body.slice(MARK.len()..) } else { body }
}

/// A body: one JSON object, its keys as sent. Keys nobody asks for do no harm.
#[derive(Debug)]
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads a body that must be there. `None` stands for one that was too large to be read.
    pub(super) fn required(body: Option<&Bytes>) -> Result<Self, ApiError> {
        let body = body.ok_or_else(|| ApiError::body_too_large(MAX_BODY))?;
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(ApiError::invalid_body("The request body must be a JSON object.")),
            Err(_) => Err(ApiError::invalid_body("The request body is not valid JSON.")),
        }
    }

    /// Reads a body that may be missing.
    pub(super) fn optional(body: Option<&Bytes>) -> Result<Self, ApiError> {
        match body {
            Some(bytes) if bytes.trim_ascii().is_empty() => Ok(Self(Map::new())),
            body => Self::required(body),
        }
    }

    /// A text. Null counts as missing.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, ApiError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ApiError::invalid_body(format!("'{name}' must be a text."))),
        }
    }

    /// The fields of an object that is itself a value.
    pub(super) fn of(fields: Map<String, Value>) -> Self {
        Self(fields)
    }

    /// A list. Null counts as missing.
    pub(super) fn list(&self, name: &str) -> Result<Option<&[Value]>, ApiError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => Err(ApiError::invalid_body(format!("'{name}' must be a list."))),
        }
    }

    /// A truth value, which one page writes as a word. Null counts as missing.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(ApiError::invalid_body(format!("'{name}' must be true or false."))),
        }
    }

    /// One of the named values, which must be there.
    pub(super) fn required_one_of(
        &self,
        name: &str,
        values: &[&'static str],
    ) -> Result<&'static str, ApiError> {
        self.one_of(name, values)?.ok_or_else(|| ApiError::missing_parameter(name))
    }

    /// A text that must be there and must not be empty.
    pub(super) fn required_text(&self, name: &str) -> Result<&str, ApiError> {
        let text = self.text(name)?.filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| ApiError::missing_parameter(name))
    }

    /// One of the named values, spelled exactly so.
    pub(super) fn one_of(
        &self,
        name: &str,
        values: &[&'static str],
    ) -> Result<Option<&'static str>, ApiError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let found = values.iter().find(|value| **value == text).copied();
        found.map(Some).ok_or_else(|| {
            ApiError::invalid_input(format!("'{name}' must be one of: {}.", values.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(error: &ApiError) -> String {
        error.body()["error"]["code"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_body_is_one_object() {
        for text in ["", "[]", "{", "\"x\"", "{'a':1}"] {
            let error = Fields::required(Some(&Bytes::from(text))).unwrap_err();
            assert_eq!(code(&error), "InvalidRequestBody", "{text}");
        }
        assert_eq!(Fields::required(None).unwrap_err().status, 413);
        assert!(Fields::optional(Some(&Bytes::from(" "))).is_ok());
        assert!(Fields::optional(Some(&Bytes::from("["))).is_err());
    }

    #[test]
    fn keys_and_values_are_case_sensitive() {
        let body = Bytes::from(r#"{"comment":"x","Number":1,"Null":null,"Type":"full","Blank":" "}"#);
        let fields = Fields::required(Some(&body)).unwrap();
        assert_eq!(code(&fields.required_text("Comment").unwrap_err()), "MissingRequiredParameter");
        assert_eq!(code(&fields.required_text("Blank").unwrap_err()), "MissingRequiredParameter");
        assert_eq!(fields.required_text("comment"), Ok("x"));
        assert_eq!(code(&fields.text("Number").unwrap_err()), "InvalidRequestBody");
        assert_eq!(fields.text("Null"), Ok(None));
        assert_eq!(code(&fields.one_of("Type", &["Full"]).unwrap_err()), "InvalidInput");
        assert_eq!(fields.one_of("Missing", &["Full"]), Ok(None));
    }
}

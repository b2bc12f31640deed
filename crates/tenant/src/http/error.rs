//! The errors of the API, by the codes that its common error table lists.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::text::cut;

/// How much of a method and of a path an error repeats.
const MAX_METHOD: usize = 16;
const MAX_PATH: usize = 256;

/// One error answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ApiError {
    pub(super) status: u16,
    code: &'static str,
    message: String,
    /// Seconds after which to come again.
    pub(super) retry_after: Option<u64>,
}

impl ApiError {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    pub(super) fn odata(message: impl Into<String>) -> Self {
        Self::new(400, "ODataError", message)
    }

    /// 400 with a code of its own, for a value of a certain kind.
    pub(super) fn rejected(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    pub(super) fn invalid_input(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidInput", message)
    }

    pub(super) fn invalid_body(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidRequestBody", message)
    }

    pub(super) fn invalid_hash(name: &str) -> Self {
        Self::new(400, "InvalidHashValue", format!("'{name}' must be a hash of 40 hexadecimal digits."))
    }

    pub(super) fn os_not_supported(platform: &str) -> Self {
        Self::new(400, "OsPlatformNotSupported", format!("The action is not supported on {platform}."))
    }

    pub(super) fn body_too_large(limit: usize) -> Self {
        Self::new(413, "InvalidRequestBody", format!("The request body is larger than {limit} bytes."))
    }

    pub(super) fn missing_parameter(name: &str) -> Self {
        Self::new(400, "MissingRequiredParameter", format!("The required parameter '{name}' is missing."))
    }

    pub(super) fn already_active() -> Self {
        Self::new(400, "ActiveRequestAlreadyExists", "Action is already in progress")
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "The access token is missing, unknown or expired.")
    }

    pub(super) fn forbidden(any_of: &[&str]) -> Self {
        let message = format!("The application has none of the permissions: {}.", any_of.join(", "));
        Self::new(403, "Forbidden", message)
    }

    pub(super) fn no_resource(message: impl Into<String>) -> Self {
        Self::new(404, "ResourceNotFound", message)
    }

    /// Says so in as many words, because a client's author cannot tell this 404 from one that the real service would give.
    pub(super) fn no_route(method: &str, path: &str) -> Self {
        let (method, path) = (cut(method, MAX_METHOD), cut(path, MAX_PATH));
        Self::new(
            404,
            "NotFound",
            format!("The simulator does not serve this operation yet: {method} {path}"),
        )
    }

    /// In the words that a client hears whose token has run out.
    pub(super) fn expired_token() -> Self {
        Self::new(401, "Unauthorized", "The access token has expired.")
    }

    pub(super) fn too_many_requests(retry_after: u64) -> Self {
        let message = format!("API calls quota exceeded. Try again in {retry_after} seconds.");
        Self { retry_after: Some(retry_after), ..Self::new(429, "TooManyRequests", message) }
    }

    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(500, "InternalServerError", message)
    }

    /// An error that was ordered.
    pub(super) fn ordered(status: u16) -> Self {
        let code = match status {
            403 => "Forbidden",
            503 => "ServiceUnavailable",
            _ => "InternalServerError",
        };
        Self::new(status, code, "The simulated tenant was told to answer so.")
    }

    /// What it says.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// The documented body; its target is the id of the request, which here is made up.
    pub(super) fn body(&self) -> Value {
        json!({ "error": { "code": self.code, "message": self.message, "target": Uuid::new_v4().to_string() } })
    }
}

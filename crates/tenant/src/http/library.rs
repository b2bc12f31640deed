//! The library of files for live response.

use serde_json::{Value, json};

use super::call::{Answered, Call, Done};
use super::error::ApiError;
use super::wire::with_context;
use crate::clock::stamp;
use crate::truth::LibraryFile;

const MANAGE: &[&str] = &["Library.Manage"];

/// `GET /libraryfiles`. Its page documents no options, so none are read.
pub(super) fn list(call: &mut Call<'_>) -> Answered {
    call.admit(MANAGE)?;
    let files: Vec<Value> = call.state.truth.library().iter().map(written).collect();
    Ok(Done::read(with_context(call.base(), "LibraryFiles", json!({ "value": files }))))
}

/// `DELETE /libraryfiles/{fileName}`
pub(super) fn delete(call: &mut Call<'_>, name: &str) -> Answered {
    call.admit(MANAGE)?;
    if call.state.truth.remove_library_file(name) {
        return Ok(Done { status: 204, body: Value::Null, effect: None });
    }
    Err(ApiError::no_resource(format!("Library file {} was not found.", crate::text::cut(name, 256))))
}

/// The last property is left out where a file takes no parameters, as in the documented example.
fn written(file: &LibraryFile) -> Value {
    let mut row = json!({
        "fileName": file.name,
        "sha256": file.sha256,
        "description": file.description,
        "creationTime": stamp(file.created),
        "lastUpdatedTime": stamp(file.created),
        "createdBy": file.created_by,
        "hasParameters": file.parameters.is_some(),
    });
    if let Some(parameters) = &file.parameters {
        row["parametersDescription"] = parameters.as_str().into();
    }
    row
}

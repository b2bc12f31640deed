//! The library of files for live response.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::call::{Answered, Call, Done};
use super::error::ApiError;
use super::form::Form;
use super::wire::with_context;
use crate::clock::stamp;
use crate::log::EffectKind;
use crate::truth::{LibraryFile, UploadRefused};

const MANAGE: &[&str] = &["Library.Manage"];
/// Most bytes of a file, as documented: 20 MB.
const MAX_FILE: usize = 20_000_000;
/// Largest form that is read: the file, and texts beside it.
pub(super) const MAX_FORM: usize = MAX_FILE + 64 * 1024;
/// Most characters of a file's name. Nothing is documented.
const MAX_NAME: usize = 255;

/// `GET /libraryfiles`. Its page documents no options, so none are read.
pub(super) fn list(call: &mut Call<'_>) -> Answered {
    call.admit(MANAGE)?;
    let files: Vec<Value> = call.state.truth.library().iter().map(written).collect();
    Ok(Done::read(with_context(call.base(), "LibraryFiles", json!({ "value": files }))))
}

/// `POST /libraryfiles`. What is answered where there is a file of this name is not documented; the page has 400 alone.
pub(super) fn upload(call: &mut Call<'_>) -> Answered {
    call.admit(MANAGE)?;
    let body = call.request.body.as_ref().ok_or_else(|| ApiError::body_too_large(MAX_FORM))?;
    let form = Form::read(call.request.content_type.as_deref(), body)?;
    let (name, content) = form.file("File")?;
    if name.trim().is_empty() || name.chars().count() > MAX_NAME || name.contains(['/', '\\']) {
        return Err(ApiError::bad_request("The name of the file is not valid."));
    }
    if content.is_empty() || content.len() > MAX_FILE {
        return Err(ApiError::bad_request(format!("The file must have 1 to {MAX_FILE} bytes.")));
    }
    let parameters = form.text("ParametersDescription")?.map(str::to_owned);
    let file = LibraryFile {
        name: name.to_owned(),
        sha256: Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect(),
        description: form.text("Description")?.map(str::to_owned),
        created: call.now,
        updated: call.now,
        created_by: call.config.application.clone(),
        has_parameters: form.flag("HasParameters")?.unwrap_or(parameters.is_some()),
        parameters,
    };
    let replace = form.flag("OverrideIfExists")?.unwrap_or(false);
    let uploaded = call.state.truth.upload(file, replace).map(written).map_err(|refused| match refused {
        UploadRefused::Exists => {
            ApiError::bad_request("A file with this name already exists in the library.")
        }
        UploadRefused::Full => ApiError::internal(refused.to_string()),
    })?;
    let body = with_context(call.base(), "LibraryFiles/$entity", uploaded);
    let effect = call.state.entities.record(EffectKind::UploadLibraryFile, "", name, call.now);
    Ok(Done { status: 200, body, effect: Some(effect) })
}

/// `DELETE /libraryfiles/{fileName}`
pub(super) fn delete(call: &mut Call<'_>, name: &str) -> Answered {
    call.admit(MANAGE)?;
    if call.state.truth.remove_library_file(name) {
        let effect = call.state.entities.record(EffectKind::DeleteLibraryFile, "", name, call.now);
        return Ok(Done { status: 204, body: Value::Null, effect: Some(effect) });
    }
    Err(ApiError::no_resource(format!("Library file {} was not found.", crate::text::cut(name, 256))))
}

/// The last property is left out where a file has none, as in the documented example.
fn written(file: &LibraryFile) -> Value {
    let mut row = json!({
        "fileName": file.name,
        "sha256": file.sha256,
        "description": file.description,
        "creationTime": stamp(file.created),
        "lastUpdatedTime": stamp(file.updated),
        "createdBy": file.created_by,
        "hasParameters": file.has_parameters,
    });
    if let Some(parameters) = &file.parameters {
        row["parametersDescription"] = parameters.as_str().into();
    }
    row
}

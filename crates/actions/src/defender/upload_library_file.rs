//! `defender.upload_library_file`

use crate::defender::entity::{owned, words};
use crate::defender::failure::{concluded, failure};
use crate::defender::list_library_files::{MANAGE, library_file};
use crate::defender::shape::{self, defaulting, like, name, optional_text, text, without_annotations};
use crate::defender::{Arguments, Once, library};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use riposte_defender::{Client, Error, ListLibraryFiles, Refusal, UploadLibraryFile as Upload};
use riposte_engine::{CallIntended, Outcome, Sighting};
use riposte_model::{ActionSpec, ErrorKind, Failure, Schema, Timestamp};
use serde_json::Value;
use std::time::Duration;

/// Most bytes of a file. Defender takes 20 MB; but the content is among the arguments, which the journal keeps, and has
/// to fit there as base64 too.
const MAX_BYTES: usize = 512 * 1024;
/// Most characters of such a file as base64, line breaks included.
const MAX_BASE64: u64 = 720_000;

/// Longest wait for the answer what the library holds.
const LOOK_BUDGET: Duration = Duration::from_secs(15);

/// Uploads a file to the library for live response. Effect: `once`: a repetition is refused, or replaces what somebody
/// else has put there since.
///
/// The marker stands at the beginning of the file's description. Together with the SHA-256 of the content it proves,
/// after a lost answer, that the call was carried out: the library lists both. Where a file of this name carries no
/// marker and was changed in the meantime, nobody can say. Source: "Upload files to the live response library".
pub(super) struct UploadLibraryFile;

#[async_trait]
impl Once for UploadLibraryFile {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("upload_library_file"),
            summary: "Upload a file or script to the live response library",
            arguments: Schema::object()
                .required("file_name", file_name())
                .optional(
                    "content",
                    words(MAX_BYTES as u64)
                        .described("the file as text, in UTF-8; this or content_base64; at most 512 KiB"),
                )
                .optional(
                    "content_base64",
                    words(MAX_BASE64)
                        .described("the file in base64; this or content; at most 512 KiB when decoded"),
                )
                .optional("description", words(4000).described("riposte adds its marker"))
                .optional(
                    "parameters_description",
                    words(4000).described("what the script's parameters are; it takes none if absent"),
                )
                .with_property(
                    "override_if_exists",
                    defaulting(
                        Schema::boolean()
                            .described("replace a file of this name, whose content is then gone"),
                        Value::Bool(false),
                    ),
                ),
            output: library_file(),
            permissions: MANAGE,
            inverse: Some(name("delete_library_file")),
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/upload-library",
            ..shape::at_once()
        }
    }

    async fn send(&self, client: &Client, call: &CallIntended, budget: Duration) -> Outcome {
        let upload = match upload(call) {
            Ok(upload) => upload,
            Err(failure) => return Outcome::Failed(failure),
        };
        match client.send(&upload, budget).await {
            Ok(file) if library::holds(&file, &upload.sha256()) => {
                Outcome::Done(without_annotations(file.raw))
            }
            Ok(file) => Outcome::Unknown(library::another_content(&file)),
            Err(error @ Error::Refused { kind: Refusal::Invalid | Refusal::Other, .. }) => {
                refused(client, call, &upload, &error).await
            }
            Err(error) => concluded(Err(error)),
        }
    }

    async fn find(
        &self,
        client: &Client,
        call: &CallIntended,
        intended_at: Timestamp,
        budget: Duration,
    ) -> Result<Sighting, Failure> {
        let sha256 = upload(call)?.sha256();
        let files = client.send(&ListLibraryFiles, budget).await.map_err(|error| failure(&error))?;
        library::sighting(&files, call, &sha256, intended_at)
    }
}

/// A name that means one file wherever it is written: in a header, in a path, on Windows.
fn file_name() -> Schema {
    like("^[0-9A-Za-z_](?:[0-9A-Za-z._ -]{0,126}[0-9A-Za-z_-])?$").described(
        "with extension; up to 128 letters, digits, dots, blanks, dashes and underscores, not beginning with a dot, \
         blank or dash nor ending with a dot or blank",
    )
}

/// The request, or what is wrong with the arguments.
fn upload(call: &CallIntended) -> Result<Upload, Failure> {
    let arguments = &call.arguments;
    let description = optional_text(arguments, "description").map(|text| format!(" {text}"));
    Ok(Upload {
        file_name: text(arguments, "file_name"),
        content: content(arguments).map_err(|message| Failure::new(ErrorKind::Invalid, message))?,
        // In front, it survives should Defender cut long descriptions.
        description: Some(format!("{}{}", call.marker, description.unwrap_or_default())),
        parameters_description: owned(arguments, "parameters_description"),
        override_if_exists: overrides(arguments),
    })
}

fn overrides(arguments: &Arguments) -> bool {
    arguments.get("override_if_exists").and_then(Value::as_bool).unwrap_or(false)
}

fn content(arguments: &Arguments) -> Result<Vec<u8>, String> {
    let content = match (optional_text(arguments, "content"), optional_text(arguments, "content_base64")) {
        (Some(text), None) => text.as_bytes().to_vec(),
        (None, Some(encoded)) => {
            let encoded: String = encoded.split_ascii_whitespace().collect();
            BASE64.decode(encoded).map_err(|error| format!("`content_base64` is not base64: {error}"))?
        }
        (Some(_), Some(_)) => return Err("`content` and `content_base64` are both given: give one".into()),
        (None, None) => return Err("the file has no content: give `content` or `content_base64`".into()),
    };
    match content.len() {
        0 => Err("the file has no content: Defender keeps no empty file".into()),
        size if size > MAX_BYTES => Err(format!(
            "the file has {size} bytes, over the limit of {MAX_BYTES} bytes for one in a playbook"
        )),
        _ => Ok(content),
    }
}

/// Defender refused: mostly because there is a file of this name, which an earlier attempt that was believed lost may
/// have uploaded.
async fn refused(client: &Client, call: &CallIntended, upload: &Upload, refusal: &Error) -> Outcome {
    match client.send(&ListLibraryFiles, LOOK_BUDGET).await {
        Ok(files) => library::after_refusal(&files, call, upload, failure(refusal)),
        Err(_) if call.attempt > 1 => Outcome::Unknown(failure(refusal)),
        Err(_) => Outcome::Failed(failure(refusal)),
    }
}

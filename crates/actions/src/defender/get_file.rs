//! `defender.get_file`

use crate::defender::entity::{Single, both, file, file_hash};
use crate::defender::shape::{self, name, text, without_annotations};
use riposte_defender::GetFile;
use riposte_model::{ActionSpec, Schema};

/// Reads what Defender knows of a file. Effect: `read`. Source: "Get file information API".
pub(super) const ACTION: Single<GetFile> = Single {
    spec,
    operation: |arguments| Ok(GetFile { hash: text(arguments, "file_hash") }),
    output: |it| without_annotations(it.raw),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("get_file"),
        summary: "Look up a file: its signer, prevalence and verdict",
        arguments: Schema::object().required("file_hash", file_hash()),
        output: file(),
        permissions: both(&["File.Read.All"]),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-information",
        ..shape::question()
    }
}

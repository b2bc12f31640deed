//! `defender.get_file_statistics`

use crate::defender::entity::{Single, both, file_hash, file_statistics, look_back, look_back_hours};
use crate::defender::shape::{self, name, text, without_annotations};
use riposte_defender::GetFileStatistics;
use riposte_model::{ActionSpec, Schema};

/// Reads how common a file is. Effect: `read`. Source: "Get file statistics API".
pub(super) const ACTION: Single<GetFileStatistics> = Single {
    spec,
    operation: |arguments| {
        Ok(GetFileStatistics {
            hash: text(arguments, "file_hash"),
            look_back_hours: look_back_hours(arguments),
        })
    },
    output: |it| without_annotations(it.raw),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("get_file_statistics"),
        summary: "Look up how common a file is in the organisation and worldwide",
        arguments: Schema::object()
            .required("file_hash", file_hash())
            .optional("look_back_hours", look_back()),
        output: file_statistics(),
        permissions: both(&["File.Read.All"]),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-statistics",
        ..shape::question()
    }
}

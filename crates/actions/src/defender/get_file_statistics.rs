//! `defender.get_file_statistics`

use crate::defender::entity::{Single, both, file_hash, file_statistics};
use crate::defender::shape::{self, name, text, without_annotations};
use riposte_defender::GetFileStatistics;
use riposte_model::{ActionSpec, Schema, Type};
use serde_json::Value;

/// Reads how common a file is. Effect: `read`. Source: "Get file statistics API".
pub(super) const ACTION: Single<GetFileStatistics> = Single {
    spec,
    operation: |arguments| {
        Ok(GetFileStatistics {
            hash: text(arguments, "file_hash"),
            look_back_hours: arguments
                .get("look_back_hours")
                .and_then(Value::as_u64)
                .and_then(|hours| u32::try_from(hours).ok()),
        })
    },
    output: |it| without_annotations(it.raw),
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("get_file_statistics"),
        summary: "Look up how common a file is in the organisation and worldwide",
        arguments: Schema::object().required("file_hash", file_hash()).optional("look_back_hours", {
            let mut hours = Schema::integer().described("720 if absent");
            hours.kind = Type::Integer { minimum: Some(1), maximum: Some(720) };
            hours
        }),
        output: file_statistics(),
        permissions: both(&["File.Read.All"]),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-file-statistics",
        ..shape::question()
    }
}

use serde_json::Value;

use crate::{
    paging::Paging,
    request::{Operation, RequestParts},
    resource::LibraryFile,
    wire::Malformed,
};

/// Reads the files of the library for live response. No filter is documented.
///
/// Source: "List library files", <https://learn.microsoft.com/en-us/defender-endpoint/api/list-library-files>.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListLibraryFiles;

impl Operation for ListLibraryFiles {
    type Answer = Vec<LibraryFile>;
    const NAME: &'static str = "list_library_files";

    fn request(&self) -> RequestParts {
        RequestParts::get(["libraryfiles"])
    }

    fn decode(&self, mut answer: Value) -> Result<Vec<LibraryFile>, Malformed> {
        match answer.get_mut("value").map(Value::take) {
            Some(Value::Array(rows)) => rows.into_iter().map(LibraryFile::read).collect(),
            _ => Err(Malformed { expected: "a collection with a list of values" }),
        }
    }

    fn paging(&self) -> Option<Paging> {
        Some(Paging::default())
    }
}

//! Every documented exchange passes through the client: the request that is sent is the documented one, and the documented
//! answer is read to its last value. One table; an example without a row is an error, and so is an operation.

mod entities;
mod legacy;
mod network;
mod response;
mod row;
mod shown;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

pub(crate) use row::{Row, leaves};

/// The table.
pub(crate) fn rows() -> Vec<Row> {
    [response::rows(), entities::rows(), network::rows(), legacy::rows()].into_iter().flatten().collect()
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.filter(|path| path.extension().is_some_and(|found| found == ending)).collect()
}

#[tokio::test]
async fn every_documented_example_passes_through_the_client() {
    for row in rows() {
        row.pass().await;
    }
}

#[test]
fn every_documented_example_has_a_row() {
    let mut documented = Vec::new();
    for path in files(&row::folder(), "json") {
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        let more = row::load(&name)["more"].as_array().map_or(0, Vec::len);
        documented.extend((0..=more).map(|place| (name.clone(), place)));
    }
    let mut found: Vec<_> = rows().iter().map(|row| (row.file.to_owned(), row.place)).collect();
    documented.sort();
    found.sort();
    assert_eq!(found, documented);
}

#[test]
fn every_operation_has_a_row() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/operation");
    let name_in = |path: PathBuf| {
        let source = fs::read_to_string(path).expect("a source file");
        let (_, rest) = source.split_once("const NAME: &'static str = \"")?;
        rest.split('"').next().map(str::to_owned)
    };
    let written: BTreeSet<_> = files(&folder, "rs").into_iter().filter_map(name_in).collect();
    let found: BTreeSet<_> = rows().iter().map(|row| row.operation.to_owned()).collect();
    assert_eq!(found, written);
}

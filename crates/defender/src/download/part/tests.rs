use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::{Linked as _, operation::GetPackageUri};

const TAG: &str = "\"a\"";
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn place() -> Place {
    GetPackageUri { action_id: "988cc94e-7a8f-4b28-ab65-54970c5d5018".into() }.place().expect("an id")
}

async fn begun(folder: &Path) -> Part {
    match Part::open(folder, &place()).await.expect("a place to write") {
        Opened::Begun(part) => *part,
        Opened::Finished(saved) => panic!("{saved:?} is there"),
    }
}

async fn finished(folder: &Path) -> Saved {
    match Part::open(folder, &place()).await.expect("a place to read") {
        Opened::Finished(saved) => saved,
        Opened::Begun(part) => panic!("only {} bytes are there", part.bytes()),
    }
}

/// A part with two of three bytes.
async fn two_of_three(folder: &Path) -> Part {
    let mut part = begun(folder).await;
    part.restart(Some(TAG.into()), Some(3)).await.expect("room");
    part.append(b"ab").await.expect("room");
    part
}

fn file(folder: &Path, ending: &str) -> PathBuf {
    folder.join(format!("packages/988cc94e-7a8f-4b28-ab65-54970c5d5018.zip{ending}"))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder.join("packages"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .map(|name| name.replace("988cc94e-7a8f-4b28-ab65-54970c5d5018", "ID"))
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_whole_file_is_named_with_its_digest_beside_it_and_for_its_owner_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let below = folder.path().join("data/downloads");
    let mut part = two_of_three(&below).await;
    assert!(!part.is_whole());
    part.append(b"c").await.expect("room");
    assert!(part.is_whole());
    let saved = part.finish().await.expect("a file");
    let shown = "packages/988cc94e-7a8f-4b28-ab65-54970c5d5018.zip";
    assert_eq!(saved, Saved { file: shown.into(), bytes: 3, sha256: ABC.into() });
    assert_eq!(names(&below), ["ID.zip", "ID.zip.sha256"]);
    assert_eq!(fs::read(file(&below, "")).expect("a file"), b"abc");
    let sum = fs::read_to_string(file(&below, ".sha256")).expect("a digest");
    assert_eq!(sum, format!("{ABC}  988cc94e-7a8f-4b28-ab65-54970c5d5018.zip\n"));
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(&file(&below, "")), mode(&file(&below, ".sha256"))), (0o600, 0o600));
    assert_eq!((mode(&below.join("packages")), mode(&below)), (0o700, 0o700));
    assert_eq!(finished(&below).await, saved);
}

#[tokio::test]
async fn what_was_recorded_is_continued_and_what_came_behind_it_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut part = two_of_three(folder.path()).await;
    part.keep().await;
    part.append(b"x").await.expect("room");
    part.file.flush().await.expect("room");
    // As in a crash: nothing is written down.
    drop(part);
    assert_eq!(fs::read(file(folder.path(), ".part")).expect("a part"), b"abx");
    let mut part = begun(folder.path()).await;
    assert_eq!((part.bytes(), part.total(), part.came()), (2, Some(3), 0));
    assert_eq!(part.resumable(), Some(Resumable { bytes: 2, tag: TAG.into() }));
    part.append(b"c").await.expect("room");
    assert_eq!(part.finish().await.expect("a file").sha256, ABC);
    assert_eq!(fs::read(file(folder.path(), "")).expect("a file"), b"abc");
}

#[tokio::test]
async fn a_crash_costs_no_more_than_what_comes_between_two_records() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut part = begun(folder.path()).await;
    part.restart(Some(TAG.into()), None).await.expect("room");
    let chunk = vec![7; 1 << 20];
    for _ in 0..6 {
        part.append(&chunk).await.expect("room");
    }
    part.file.flush().await.expect("room");
    drop(part);
    assert_eq!(begun(folder.path()).await.bytes(), RECORD_EVERY);
}

#[tokio::test]
async fn a_full_disk_costs_no_more_than_a_crash() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut part = two_of_three(folder.path()).await;
    part.keep().await;
    part.file = tokio::fs::OpenOptions::new().write(true).open("/dev/full").await.expect("a device");
    // The first write is said to have failed when the second is made.
    part.append(b"c").await.expect("a buffer");
    let error = part.append(b"d").await.expect_err("no room");
    assert!(matches!(error, DownloadError::NoRoom { .. }), "{error:?}");
    part.keep().await;
    drop(part);
    assert_eq!(begun(folder.path()).await.bytes(), 2);
}

#[tokio::test]
async fn a_part_that_is_not_what_was_recorded_is_not_continued() {
    type Spoil = fn(&Path);
    let spoils: [Spoil; 5] = [
        |folder| fs::write(file(folder, ".part"), b"xb").expect("room"),
        |folder| fs::write(file(folder, ".part"), b"a").expect("room"),
        |folder| fs::write(file(folder, ".part.record"), b"{}").expect("room"),
        |folder| fs::remove_file(file(folder, ".part.record")).expect("a record"),
        |folder| fs::remove_file(file(folder, ".part")).expect("a part"),
    ];
    for spoil in spoils {
        let folder = tempfile::tempdir().expect("a folder");
        let mut part = two_of_three(folder.path()).await;
        part.keep().await;
        drop(part);
        spoil(folder.path());
        let part = begun(folder.path()).await;
        assert_eq!((part.bytes(), part.resumable()), (0, None));
        assert_eq!(fs::metadata(file(folder.path(), ".part")).expect("a part").len(), 0);
    }
}

#[tokio::test]
async fn beginning_anew_leaves_nothing_of_what_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut part = two_of_three(folder.path()).await;
    part.restart(None, None).await.expect("room");
    assert_eq!((part.bytes(), part.total(), part.came()), (0, None, 2));
    part.append(b"abc").await.expect("room");
    part.ends_here();
    assert_eq!(part.finish().await.expect("a file").sha256, ABC);
    assert_eq!(fs::read(file(folder.path(), "")).expect("a file"), b"abc");
}

#[tokio::test]
async fn a_file_is_for_one_download_at_a_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = two_of_three(folder.path()).await;
    let second = Part::open(folder.path(), &place()).await;
    assert!(matches!(second, Err(DownloadError::Busy { .. })));
    drop(first);
    begun(folder.path()).await;
}

/// Who opens a part and then waits for its writer must not take the finished file for a part.
#[tokio::test]
async fn a_part_that_was_finished_in_the_meantime_is_not_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut part = two_of_three(folder.path()).await;
    let early = File::open(file(folder.path(), ".part")).expect("a part");
    part.append(b"c").await.expect("room");
    part.finish().await.expect("a file");
    assert!(!is_at(&early, &file(folder.path(), ".part")).expect("a look"));
    fs::write(file(folder.path(), ".part"), b"").expect("room");
    assert!(!is_at(&early, &file(folder.path(), ".part")).expect("a look"));
    assert_eq!(finished(folder.path()).await.sha256, ABC);
}

#[tokio::test]
async fn a_finished_file_is_never_written_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut part = two_of_three(folder.path()).await;
    part.append(b"c").await.expect("room");
    // Somebody puts a file of the same name there.
    fs::write(file(folder.path(), ""), b"theirs").expect("room");
    assert!(matches!(part.finish().await, Err(DownloadError::Altered { .. })));
    let opened = Part::open(folder.path(), &place()).await;
    let Err(DownloadError::Altered { file: named }) = opened else { panic!("it was taken for ours") };
    assert_eq!(named, file(folder.path(), ""));
    assert_eq!(fs::read(&named).expect("a file"), b"theirs");
}

#[tokio::test]
async fn a_finished_file_that_was_changed_is_not_called_finished() {
    for (ending, text) in [("", "abd"), (".sha256", "")] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut part = two_of_three(folder.path()).await;
        part.append(b"c").await.expect("room");
        part.finish().await.expect("a file");
        fs::write(file(folder.path(), ending), text).expect("room");
        assert!(
            matches!(Part::open(folder.path(), &place()).await, Err(DownloadError::Altered { .. })),
            "{ending}"
        );
    }
}

#[tokio::test]
async fn what_is_given_up_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    two_of_three(folder.path()).await.discard().await;
    assert!(names(folder.path()).is_empty());
}

#[tokio::test]
async fn what_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("packages"), b"").expect("room");
    let error = Part::open(folder.path(), &place()).await.err().expect("an error");
    assert!(error.to_string().starts_with("cannot make the folder /"), "{error}");
}

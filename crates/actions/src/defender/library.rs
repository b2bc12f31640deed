//! What the library for live response tells of an upload whose answer was lost or was a refusal.
//!
//! The marker in a file's description says who uploaded it, its SHA-256 what; the time of its last change, whether it
//! can be the call at all. Pure.

use crate::defender::machine_action::{is_marked, may_be_since};
use crate::defender::shape::{optional_text, without_annotations};
use riposte_defender::{LibraryFile, UploadLibraryFile};
use riposte_engine::{CallIntended, Outcome, Sighting};
use riposte_model::{ErrorKind, Failure, Timestamp};

/// What came of a call that was refused. Without leave to replace it, a file of the name is the reason; but it may be
/// one that an earlier attempt uploaded.
pub(super) fn after_refusal(
    files: &[LibraryFile],
    call: &CallIntended,
    upload: &UploadLibraryFile,
    refusal: Failure,
) -> Outcome {
    match ours(files, call) {
        Some(ours) if holds(ours, &upload.sha256()) => {
            return Outcome::Done(without_annotations(ours.raw.clone()));
        }
        Some(ours) => return Outcome::Unknown(another_content(ours)),
        None => {}
    }
    match named(files, call).next() {
        // Nothing speaks against its being from an earlier attempt.
        Some(file) if call.attempt > 1 && file.description.is_none() && holds(file, &upload.sha256()) => {
            Outcome::Unknown(refusal)
        }
        Some(file) if !upload.override_if_exists => Outcome::Failed(Failure {
            kind: ErrorKind::Conflict,
            message: format!(
                "the library has a file `{}` already, by {}: `override_if_exists: true` replaces it",
                file.file_name,
                file.created_by.as_deref().unwrap_or("somebody"),
            ),
            ..refusal
        }),
        Some(_) | None => Outcome::Failed(refusal),
    }
}

/// Whether the call is there, is not, or nobody can say.
pub(super) fn sighting(
    files: &[LibraryFile],
    call: &CallIntended,
    sha256: &str,
    intended_at: Timestamp,
) -> Result<Sighting, Failure> {
    let searched = files.len();
    if let Some(ours) = ours(files, call) {
        if !holds(ours, sha256) {
            return Err(another_content(ours));
        }
        return Ok(Sighting::Found {
            provider_id: ours.file_name.clone(),
            evidence: format!("`{}`, one of {searched} library files, carries the marker", ours.file_name),
            output: without_annotations(ours.raw.clone()),
        });
    }
    let changed = |file: &&LibraryFile| may_be_since(file.last_updated_time.as_ref(), intended_at);
    if let Some(file) = named(files, call).find(changed) {
        let since = file.last_updated_time.as_ref().map_or("at an unknown time", |time| time.as_str());
        let message = format!(
            "the library's file `{}` was changed, {since}, without the marker, and may be this call or have replaced it",
            file.file_name
        );
        return Err(Failure::new(ErrorKind::UnknownOutcome, message));
    }
    let evidence = match named(files, call).next() {
        Some(file) => format!("the library's file `{}` is older than this call", file.file_name),
        None => format!("none of {searched} library files has this name"),
    };
    Ok(Sighting::NotSeen { evidence })
}

/// Whether nothing that Defender shows of a file speaks against this being its content.
pub(super) fn holds(file: &LibraryFile, sha256: &str) -> bool {
    file.sha256.as_deref().is_none_or(|shown| shown.eq_ignore_ascii_case(sha256))
}

/// That the library has, for the call, something else than was sent.
pub(super) fn another_content(file: &LibraryFile) -> Failure {
    let message = format!(
        "the library's file `{}` is from this call, and has another content than was sent: its SHA-256 is {}",
        file.file_name,
        file.sha256.as_deref().unwrap_or_default()
    );
    Failure::new(ErrorKind::UnknownOutcome, message)
}

/// The files of the call's name. Whether the library minds the case of letters is not documented.
fn named<'a>(files: &'a [LibraryFile], call: &'a CallIntended) -> impl Iterator<Item = &'a LibraryFile> {
    let name = optional_text(&call.arguments, "file_name").unwrap_or_default();
    files.iter().filter(move |file| file.file_name.eq_ignore_ascii_case(name))
}

/// The file that an attempt of this step uploaded.
fn ours<'a>(files: &'a [LibraryFile], call: &'a CallIntended) -> Option<&'a LibraryFile> {
    named(files, call).find(|file| is_marked(file.description.as_deref(), &call.marker))
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_defender::Operation as _;
    use riposte_engine::Marker;
    use riposte_model::{ActionName, StepPath};
    use serde_json::{Map, Value, json};

    /// 2026-11-20T00:00:00Z
    const NOW: i64 = 1_795_132_800_000;
    const OLD: &str = "2026-11-01T00:00:00Z";
    const YOUNG: &str = "2026-11-20T00:00:10Z";
    /// When the clocks differ by hours.
    const NEARLY: &str = "2026-11-19T12:00:00Z";

    fn upload(override_if_exists: bool) -> UploadLibraryFile {
        UploadLibraryFile {
            file_name: "new.sh".into(),
            content: b"abc".to_vec(),
            description: None,
            parameters_description: None,
            override_if_exists,
        }
    }

    fn call(attempt: u32) -> CallIntended {
        let step = StepPath::root("upload");
        let run = "run_01890000000070008000000000000000".parse().unwrap();
        let marker = Marker::new(run, &step, attempt);
        CallIntended {
            step,
            attempt,
            action: ActionName::parse("defender.upload_library_file").unwrap(),
            arguments: Map::from_iter([("file_name".to_owned(), json!("new.sh"))]),
            marker,
            known: 0,
        }
    }

    fn file(name: &str, description: Value, sha256: Value, updated: Value) -> LibraryFile {
        let fields = ["fileName", "description", "sha256", "lastUpdatedTime"].map(str::to_owned);
        let row = fields.into_iter().zip([name.into(), description, sha256, updated]).collect();
        upload(false).decode(row).unwrap()
    }

    /// One with the marker of the first attempt.
    fn marked(sha256: Value) -> LibraryFile {
        file("New.sh", json!(format!("{} why", call(1).marker)), sha256, json!(OLD))
    }

    fn seen(files: &[LibraryFile]) -> Result<bool, String> {
        let now = Timestamp::from_millis(NOW);
        match sighting(files, &call(2), &upload(false).sha256(), now) {
            Ok(Sighting::Found { .. }) => Ok(true),
            Ok(Sighting::NotSeen { .. }) => Ok(false),
            Ok(Sighting::CannotTell { hint }) => Err(hint),
            Err(failure) => Err(failure.message),
        }
    }

    #[test]
    fn the_marker_and_the_content_prove_the_call() {
        let sha256 = upload(false).sha256().to_uppercase();
        assert_eq!(seen(&[marked(json!(sha256))]), Ok(true));
        assert_eq!(seen(&[marked(Value::Null)]), Ok(true));
        let other = seen(&[marked(json!("00"))]).unwrap_err();
        assert!(other.contains("another content"), "{other}");
    }

    #[test]
    fn only_a_file_that_cannot_be_the_call_shows_that_there_was_none() {
        let other = json!("other");
        for (files, expected) in [
            (vec![], Some(false)),
            (vec![file("other.sh", Value::Null, Value::Null, json!(YOUNG))], Some(false)),
            (vec![file("new.sh", other.clone(), Value::Null, json!(OLD))], Some(false)),
            (vec![file("NEW.SH", other.clone(), Value::Null, json!(YOUNG))], None),
            (vec![file("new.sh", Value::Null, Value::Null, json!(NEARLY))], None),
            (vec![file("new.sh", other, Value::Null, Value::Null)], None),
        ] {
            assert_eq!(seen(&files).ok(), expected, "{files:?}");
        }
    }

    #[test]
    fn a_refusal_because_of_an_earlier_attempt_is_a_success() {
        let refusal = || Failure::new(ErrorKind::Invalid, "no");
        let meaning = |file: LibraryFile, attempt, replace| {
            after_refusal(&[file], &call(attempt), &upload(replace), refusal())
        };
        let ours = marked(json!(upload(false).sha256()));
        assert!(matches!(meaning(ours, 2, false), Outcome::Done(_)));
        assert!(matches!(meaning(marked(json!("00")), 2, false), Outcome::Unknown(_)));
        let described = || file("new.sh", json!("other"), Value::Null, json!(YOUNG));
        let nameless = || file("new.sh", Value::Null, Value::Null, json!(YOUNG));
        assert!(matches!(meaning(nameless(), 2, false), Outcome::Unknown(_)));
        for (file, attempt, replace, kind) in [
            (nameless(), 1, false, ErrorKind::Conflict),
            (described(), 2, false, ErrorKind::Conflict),
            (file("new.sh", Value::Null, json!("00"), json!(YOUNG)), 2, false, ErrorKind::Conflict),
            (described(), 1, true, ErrorKind::Invalid),
            (file("other.sh", Value::Null, Value::Null, Value::Null), 1, false, ErrorKind::Invalid),
        ] {
            let outcome = meaning(file.clone(), attempt, replace);
            assert!(
                matches!(&outcome, Outcome::Failed(failure) if failure.kind == kind),
                "{file:?}: {outcome:?}"
            );
        }
    }
}

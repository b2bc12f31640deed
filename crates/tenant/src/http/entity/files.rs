//! Files, and where they were seen.

use serde_json::{Value as Json, json};

use super::{alerts, look_back, not_found, whole};
use crate::clock::stamp;
use crate::http::call::{Answered, Call, Done};
use crate::http::error::ApiError;
use crate::http::machines::READ as READ_MACHINES;
use crate::http::wire::{machine_json, with_context};
use crate::truth::File;

pub(super) const READ: &[&str] = &["File.Read.All"];

/// `GET /files/{hash}`
pub(super) fn get(call: &mut Call<'_>, hash: &str) -> Answered {
    call.admit(READ)?;
    check(hash, &[32, 40, 64])?;
    let file = call.state.entities.file(hash).ok_or_else(|| not_found("File", hash))?;
    Ok(Done::read(with_context(call.base(), "Files/$entity", file_json(file, false))))
}

/// `GET /files/{sha1}/machines`. Nowhere, if nobody knows the file.
pub(super) fn machines(call: &mut Call<'_>, hash: &str) -> Answered {
    call.admit(READ_MACHINES)?;
    check(hash, &[40])?;
    let devices = call.state.entities.file(hash).map(|file| file.devices.as_slice()).unwrap_or_default();
    let devices = devices.iter().filter_map(|id| call.state.truth.device(id));
    Ok(whole(call, "Machines", devices.map(machine_json)))
}

/// `GET /files/{sha1}/alerts`. None, if nobody knows the file.
pub(super) fn alerts(call: &mut Call<'_>, hash: &str) -> Answered {
    call.admit(alerts::READ)?;
    check(hash, &[40])?;
    alerts::of(call, |alert| alert.files().iter().any(|sha1| sha1.eq_ignore_ascii_case(hash)))
}

/// `GET /files/{hash}/stats`. Everything that is known was seen within the longest look back.
pub(super) fn statistics(call: &mut Call<'_>, hash: &str) -> Answered {
    call.admit(READ)?;
    check(hash, &[32, 40, 64])?;
    look_back(call)?;
    let file = call.state.entities.file(hash).ok_or_else(|| not_found("File", hash))?;
    let body = json!({
        "sha1": file.sha1,
        "organizationPrevalence": file.devices.len(),
        "orgFirstSeen": stamp(file.first_observed),
        "orgLastSeen": stamp(file.last_observed),
        "globallyPrevalence": file.prevalence,
        "globalFirstObserved": stamp(file.first_observed),
        "globalLastObserved": stamp(file.last_observed),
        "topFileNames": [file.name],
    });
    Ok(Done::read(with_context(call.base(), "microsoft.windowsDefenderATP.api.InOrgFileStats", body)))
}

fn check(hash: &str, lengths: &[usize]) -> Result<(), ApiError> {
    if lengths.contains(&hash.len()) && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(ApiError::rejected("InvalidHashValue", "The file is not named by a hash that is taken here."))
}

/// A file, without its context. Only the files of an alert come with their MD5.
pub(super) fn file_json(file: &File, md5: bool) -> Json {
    let mut body = json!({ "sha1": file.sha1, "sha256": file.sha256 });
    if md5 {
        body["md5"] = file.md5.as_str().into();
    }
    let rest = json!({
        "globalPrevalence": file.prevalence,
        "globalFirstObserved": stamp(file.first_observed),
        "globalLastObserved": stamp(file.last_observed),
        "size": file.size,
        "fileType": null,
        "isPeFile": true,
        "filePublisher": file.signed.as_ref().map(|(publisher, _, _)| publisher),
        "fileProductName": file.signed.as_ref().map(|(_, product, _)| product),
        "signer": file.signed.as_ref().map(|(signer, _, _)| signer),
        "issuer": file.signed.as_ref().map(|(_, _, issuer)| issuer),
        "signerHash": file.signed.as_ref().map(|_| "9dc17888b5cfad98b3cb35c1994e96227f061675"),
        "isValidCertificate": file.signed.is_some(),
        "determinationType": file.verdict.0,
        "determinationValue": file.verdict.1,
    });
    if let (Json::Object(body), Json::Object(rest)) = (&mut body, rest) {
        body.extend(rest);
    }
    body
}

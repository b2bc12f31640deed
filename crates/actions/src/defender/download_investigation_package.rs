//! `defender.download_investigation_package`

use crate::defender::download::{Download, fetching};
use crate::defender::shape::{action_id, limit_of, text};
use riposte_defender::GetPackageUri;
use riposte_model::{ActionSpec, Permissions, Schema};

/// Downloads an investigation package into the data directory. Effect: `read`.
///
/// Asks for the link as `defender.get_package_sas_uri` does, as often as links expire, and keeps it to itself: the output
/// says where the file is and what it is. Fails with `not_found` while the collection has not ended, with `refused` if the
/// package is larger than the limit for downloads. Source: "Get package SAS URI API".
pub(super) const ACTION: Download<GetPackageUri> =
    Download { spec, operation: |arguments| GetPackageUri { action_id: text(arguments, "action_id") } };

fn spec() -> ActionSpec {
    let fetching = fetching("download_investigation_package");
    ActionSpec {
        summary: "Download an investigation package into the data directory; its link stays secret",
        arguments: Schema::object().required("action_id", action_id()),
        permissions: Permissions { delegated: &["Machine.CollectForensics"], ..fetching.permissions },
        rate_limit: limit_of::<GetPackageUri>(),
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-package-sas-uri",
        ..fetching
    }
}

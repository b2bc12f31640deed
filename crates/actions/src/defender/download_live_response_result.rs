//! `defender.download_live_response_result`

use crate::defender::download::{Download, fetching};
use crate::defender::get_live_response_result::{index, request};
use crate::defender::shape::action_id;
use riposte_defender::GetLiveResponseResult;
use riposte_model::{ActionSpec, Permissions, Schema};

/// Downloads what one command of a live response session brought into the data directory: a script's transcript, or a file,
/// as which a sample comes too. Effect: `read`.
///
/// Asks for the link as `defender.get_live_response_result` does, as often as links expire, and keeps it to itself: the
/// output says where the file is and what it is. The file is named after the session and the command, never after what it
/// was called on the device. Fails with `refused` if it is larger than the limit for downloads. Source: "Get live response
/// results".
pub(super) const ACTION: Download<GetLiveResponseResult> = Download { spec, operation: request };

fn spec() -> ActionSpec {
    let fetching = fetching("download_live_response_result");
    ActionSpec {
        summary: "Download what a live response command brought, a sample for instance, into the data directory",
        arguments: Schema::object().required("action_id", action_id()).required("index", index()),
        permissions: Permissions { delegated: &["Machine.LiveResponse"], ..fetching.permissions },
        docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-live-response-result",
        ..fetching
    }
}

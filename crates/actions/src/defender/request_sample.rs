//! `defender.request_sample`

use crate::defender::OnDevice;
use crate::defender::run_live_response::{named, session};
use crate::defender::shape::{self, name, text};
use riposte_defender::{ActionKind, LiveResponseCommand, RunLiveResponse};
use riposte_model::ActionSpec;

/// Asks Defender to fetch one file from one device. Effect: `once`.
///
/// The retired operation of this name took a SHA-1; a current tenant fetches files by live response, which takes a path.
/// So this is a session with one `GetFile`, and the file is command 0 of `defender.download_live_response_result`. Source:
/// "Run live response commands on a device".
pub(super) const ACTION: OnDevice<RunLiveResponse> = OnDevice {
    spec,
    kind: ActionKind::LiveResponse,
    operation: |machine_id, comment, arguments| RunLiveResponse {
        machine_id,
        comment: Some(comment),
        commands: vec![LiveResponseCommand::GetFile { path: text(arguments, "path") }],
    },
};

fn spec() -> ActionSpec {
    ActionSpec {
        name: name("request_sample"),
        summary: "Fetch a file from a device by its path (a live response session, not the retired requestSample)",
        arguments: shape::on_device()
            .arguments
            .required("path", named().described("path of the file on the device")),
        ..session()
    }
}

use serde_json::Value;

use crate::{
    download::{Linked, Place},
    request::{InvalidRequest, Operation, RequestParts},
    resource::{LiveResponseResultLink, PackageUri},
    wire::Malformed,
};

/// Asks for the link to what one command of a session brought. The link works for 30 minutes; ask again for a fresh one.
///
/// A `RunScript` brings a transcript of JSON, a `GetFile` the file, a `PutFile` nothing.
///
/// Source: "Get live response results",
/// <https://learn.microsoft.com/en-us/defender-endpoint/api/get-live-response-result>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetLiveResponseResult {
    /// Id of a machine action of kind `LiveResponse`.
    pub action_id: String,
    /// Place of the command in the session, from 0.
    pub index: u32,
}

impl Operation for GetLiveResponseResult {
    type Answer = LiveResponseResultLink;
    const NAME: &'static str = "get_live_response_result";

    fn request(&self) -> RequestParts {
        let function = format!("GetLiveResponseResultDownloadLink(index={})", self.index);
        RequestParts::get(["machineactions", &self.action_id, &function])
    }

    fn decode(&self, answer: Value) -> Result<LiveResponseResultLink, Malformed> {
        LiveResponseResultLink::read(&answer)
    }
}

impl Linked for GetLiveResponseResult {
    fn link(answer: &LiveResponseResultLink) -> &PackageUri {
        answer.link()
    }

    fn place(&self) -> Result<Place, InvalidRequest> {
        Place::of_action("live-response", &self.action_id, &format!("-{}", self.index))
    }
}

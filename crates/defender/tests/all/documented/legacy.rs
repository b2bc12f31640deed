//! Documented operations that are no longer served, and the road that is taken instead.
//!
//! Their base, <https://graph.microsoft.com/testwdatppreview>, was the preview's and is retired. Each row says which operation
//! of today answers the same question or has the same effect, and what of the documented request it cannot carry.

use riposte_defender::{
    CreateIndicator, DeleteIndicator, Filter, GetMachineAction, GetMachineAlerts, IndicatorAction,
    IndicatorField, IndicatorType, ListIndicators, ListMachineActions, LiveResponseCommand,
    MachineActionField, NewIndicator, RunLiveResponse,
};
use serde_json::{Value, json};

use super::row::Row;

const BLOCKED: &str = "7327b54fd718525cbca07dacde913b5ac3c85673";
const DEVICE: &str = "f46b9bb259ed4a7fb9981b73510e3cc7aa81ec1f";

fn get(path: &str) -> Value {
    json!({ "method": "GET", "path": path, "body": null })
}

/// What a `FileMachineAction` has and a `MachineAction` has not.
fn of_a_file(row: Row) -> Row {
    let why = "a field of the retired resource, kept with what is unknown";
    ["sha1", "fileId", "fileInstances"]
        .into_iter()
        .zip(["other.sha1", "other.fileId", "other.fileInstances"])
        .fold(row, |row, (documented, kept)| row.renamed(documented, kept, why))
}

pub(super) fn rows() -> Vec<Row> {
    let block = NewIndicator::new(
        BLOCKED,
        IndicatorType::FileSha1,
        IndicatorAction::BlockAndRemediate,
        "File blocked by a response playbook",
        "Block file due to alert 32123",
    );
    let hashes = Filter::one_of(IndicatorField::IndicatorType, "FileSha1", &["FileSha256", "FileMd5"]);
    let of_files = || Filter::one_of(MachineActionField::Kind, "StopAndQuarantineFile", &["LiveResponse"]);
    let kinds = "type in ('StopAndQuarantineFile','LiveResponse')";
    let counted = "123321d0c675eaa415b8e5f383c6388bff446c62";
    let unknown = "a kind that today's API has no operation for";
    vec![
        Row::new("block_file", CreateIndicator { indicator: block })
            .road(
                json!({ "method": "POST", "path": "/api/indicators", "body": {
                    "indicatorValue": BLOCKED,
                    "indicatorType": "FileSha1",
                    "action": "BlockAndRemediate",
                    "title": "File blocked by a response playbook",
                    "description": "Block file due to alert 32123",
                } }),
                "a block is an indicator of the file's hash today; hash and comment are carried, and its answer is an \
                 indicator and no FileAction",
            )
            .arriving_at("list_indicators", "/value/1"),
        Row::new("unblock_file", DeleteIndicator { indicator_id: "996".into() })
            .road(
                json!({ "method": "DELETE", "path": "/api/indicators/996", "body": null }),
                "the block is lifted by deleting the indicator, which is first looked up by the hash; a deletion takes \
                 no comment",
            )
            .arriving_at("delete_indicator", ""),
        Row::new("list_file_actions", ListIndicators { filter: Some(hashes), top: None })
            .road(
                get("/api/indicators?$filter=indicatorType in ('FileSha1','FileSha256','FileMd5')"),
                "the blocks in force are the indicators of hashes that block, which is looked at here, since OData \
                 could ask for one action only",
            )
            .arriving_at("list_indicators", ""),
        Row::new(
            "request_sample",
            RunLiveResponse {
                machine_id: "fb9ab6be3965095a09c057be7c90f0a2".into(),
                comment: Some("Request Sample on machine due to alert 32123".into()),
                commands: vec![LiveResponseCommand::GetFile { path: r"C:\Windows\System32\conhost.exe".into() }],
            },
        )
        .road(
            json!({ "method": "POST", "path": "/api/machines/fb9ab6be3965095a09c057be7c90f0a2/runliveresponse", "body": {
                "Commands": [{ "type": "GetFile", "params": [
                    { "key": "Path", "value": r"C:\Windows\System32\conhost.exe" },
                ] }],
                "Comment": "Request Sample on machine due to alert 32123",
            } }),
            "a file is fetched by a live response session, which takes its path and cannot search for a hash",
        )
        .arriving_at("run_live_response", ""),
        of_a_file(Row::new(
            "get_file_machine_action",
            GetMachineAction { action_id: "3dc88ce3-dd0c-40f7-93fc-8bd14317aab6".into() },
        ))
        .road(
            get("/api/machineactions/3dc88ce3-dd0c-40f7-93fc-8bd14317aab6"),
            "what concerns a file stands among the other machine actions today",
        ),
        of_a_file(Row::new(
            "list_file_machine_actions",
            ListMachineActions {
                filter: Some(of_files().and(Filter::equals(MachineActionField::MachineId, DEVICE))),
                top: None,
            },
        ))
        .read_as("value[1].type", "unknown: RequestSample", unknown)
        .road(
            get(&format!("/api/machineactions?$filter={kinds} and machineId eq '{DEVICE}'")),
            "as above; which sessions fetch a file cannot be asked for, so they are read before they are counted",
        ),
        Row::more(
            "list_file_machine_actions",
            1,
            ListMachineActions { filter: Some(of_files()), top: None },
        )
        .renamed("lastUpdateTimeUtc", "lastUpdateDateTimeUtc", "the older name of the field")
        .road(
            get(&format!("/api/machineactions?$filter={kinds}")),
            "as above; the documented answer belongs to another page by mistake",
        )
        .arriving_at("list_machine_actions", ""),
        Row::new("get_machine_alerts.count", GetMachineAlerts { machine_id: counted.into() })
            .road(
                get(&format!("/api/machines/{counted}/alerts")),
                "the count stands on the page of OData's samples alone; the operation's own page gives the alerts, and \
                 a playbook counts those it means",
            )
            .arriving_at("list_alerts", ""),
    ]
}

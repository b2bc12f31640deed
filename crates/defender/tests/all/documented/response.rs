//! What is done to devices, and what became of it.

use riposte_defender::{
    CancelMachineAction, CollectInvestigationPackage, DeleteLibraryFile, Filter, GetInvestigation,
    GetLiveResponseResult, GetMachineAction, GetPackageUri, Isolate, IsolationType, ListInvestigations,
    ListLibraryFiles, ListMachineActions, LiveResponseCommand, MachineActionField, Offboard,
    RestrictCodeExecution, RunAntivirusScan, RunLiveResponse, ScanType, StartInvestigation,
    StopAndQuarantineFile, Unisolate, UnrestrictCodeExecution,
};

use super::row::Row;

const MACHINE: &str = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";
const OTHER_MACHINE: &str = "f46b9bb259ed4a7fb9981b73510e3cc7aa81ec1f";
const RESPONSE: &str = "988cc94e-7a8f-4b28-ab65-54970c5d5018";

pub(super) fn rows() -> Vec<Row> {
    let machine_id = || MACHINE.to_owned();
    let older_name = |row: Row| {
        let why = "the field's name in examples of 2018 and of the list; it does not come any more";
        row.renamed("lastUpdateTimeUtc", "lastUpdateDateTimeUtc", why)
    };
    let of_machine = Filter::equals(MachineActionField::MachineId, OTHER_MACHINE);
    let package = "https://userrequests-us.securitycenter.windows.com:443/safedownload/\
                   WDATP_Investigation_Package.zip?token=TOKEN-ELIDED";
    vec![
        older_name(Row::new(
            "isolate_machine",
            Isolate {
                machine_id: machine_id(),
                comment: "Isolate machine due to alert 1234".into(),
                isolation_type: Some(IsolationType::Full),
            },
        )),
        older_name(Row::new(
            "unisolate_machine",
            Unisolate {
                machine_id: machine_id(),
                comment: "Unisolate machine since it was clean and validated".into(),
            },
        )),
        older_name(Row::new(
            "run_antivirus_scan",
            RunAntivirusScan {
                machine_id: machine_id(),
                comment: "Check machine for viruses due to alert 3212".into(),
                scan_type: ScanType::Full,
            },
        )),
        older_name(Row::new(
            "restrict_code_execution",
            RestrictCodeExecution {
                machine_id: machine_id(),
                comment: "Restrict code execution due to alert 1234".into(),
            },
        )),
        older_name(Row::new(
            "unrestrict_code_execution",
            UnrestrictCodeExecution {
                machine_id: machine_id(),
                comment: "Unrestrict code execution since machine was cleaned and validated".into(),
            },
        )),
        older_name(Row::new(
            "stop_and_quarantine_file",
            StopAndQuarantineFile {
                machine_id: machine_id(),
                comment: "Stop and quarantine file on machine due to alert 441688558380765161_2136280442"
                    .into(),
                sha1: "87662bc3d60e4200ceaf7aae249d1c343f4b83c9".into(),
            },
        )),
        older_name(Row::new(
            "collect_investigation_package",
            CollectInvestigationPackage {
                machine_id: "fb9ab6be3965095a09c057be7c90f0a2".into(),
                comment: "Collect forensics due to alert 1234".into(),
            },
        )),
        Row::new(
            "get_package_sas_uri",
            GetPackageUri { action_id: "7327b54fd718525cbca07dacde913b5ac3c85673".into() },
        )
        .read_as("value", package, "the page encloses the link in literal quotes"),
        older_name(
            Row::new(
                "offboard_machine",
                Offboard { machine_id: machine_id(), comment: "Offboard machine by automation".into() },
            )
            .answered_by("restrict_code_execution", ""),
        ),
        Row::new(
            "run_live_response",
            RunLiveResponse {
                machine_id: machine_id(),
                comment: Some("Testing Live Response API".into()),
                commands: vec![
                    LiveResponseCommand::RunScript {
                        script_name: "minidump.ps1".into(),
                        args: Some("OfficeClickToRun".into()),
                    },
                    LiveResponseCommand::GetFile { path: r"C:\windows\TEMP\OfficeClickToRun.dmp.zip".into() },
                ],
            },
        ),
        Row::new("get_live_response_result", GetLiveResponseResult { action_id: RESPONSE.into(), index: 0 }),
        Row::new("list_library_files", ListLibraryFiles),
        Row::new("delete_library_file", DeleteLibraryFile { file_name: "script1.ps1".into() }),
        Row::new(
            "get_machine_action",
            GetMachineAction { action_id: "2e9da30d-27f6-4208-81f2-9cd3d67893ba".into() },
        ),
        older_name(Row::new("list_machine_actions", ListMachineActions::default())),
        older_name(Row::more(
            "list_machine_actions",
            1,
            ListMachineActions { filter: Some(of_machine), top: Some(2) },
        )),
        Row::new(
            "cancel_machine_action",
            CancelMachineAction {
                action_id: RESPONSE.into(),
                comment: Some("Machine action was canceled by automation".into()),
            },
        )
        .answered_by("get_machine_action", ""),
        Row::new(
            "start_investigation",
            StartInvestigation { machine_id: machine_id(), comment: "Test investigation".into() },
        )
        .answered_by("get_investigation", ""),
        Row::new("get_investigation", GetInvestigation { investigation_id: "63004".into() }),
        Row::new("list_investigations", ListInvestigations::default()),
    ]
}

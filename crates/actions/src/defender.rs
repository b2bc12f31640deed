//! Actions of Microsoft Defender for Endpoint.

mod add_machine_tag;
mod add_machine_tag_multiple;
mod batch_delete_indicators;
mod batch_update_alerts;
mod block_file;
mod cancel_machine_action;
mod collect_investigation_package;
mod connector;
mod create_alert_by_reference;
mod create_indicator;
mod delete_indicator;
mod delete_library_file;
mod download;
mod download_investigation_package;
mod download_live_response_result;
mod entity;
mod failure;
mod file_action;
mod find_machine_info_by_ip;
mod find_machines_by_ip;
mod find_machines_by_tag;
mod get_alert;
mod get_alert_domains;
mod get_alert_files;
mod get_alert_ips;
mod get_alert_machine;
mod get_alert_user;
mod get_domain_alerts;
mod get_domain_machines;
mod get_domain_statistics;
mod get_file;
mod get_file_alerts;
mod get_file_machine_action;
mod get_file_machines;
mod get_file_statistics;
mod get_investigation;
mod get_ip_alerts;
mod get_ip_statistics;
mod get_live_response_result;
mod get_machine;
mod get_machine_action;
mod get_machine_alerts;
mod get_machine_logon_users;
mod get_package_sas_uri;
mod get_user_alerts;
mod get_user_machines;
mod import_indicators;
mod investigation;
mod isolate_machine;
mod library;
mod list_alerts;
mod list_file_actions;
mod list_file_machine_actions;
mod list_indicators;
mod list_investigations;
mod list_library_files;
mod list_machine_actions;
mod list_machines;
mod machine_action;
mod offboard_machine;
mod remove_machine_tag;
mod remove_machine_tag_multiple;
mod request_sample;
mod restrict_code_execution;
mod run_advanced_query;
mod run_antivirus_scan;
mod run_live_response;
mod set_device_value;
mod shape;
mod start_investigation;
mod stop_and_quarantine_file;
mod unblock_file;
mod unisolate_machine;
mod unrestrict_code_execution;
mod update_alert;
mod update_machine;
mod upload_library_file;
mod withdrawal;

pub use connector::DefenderConnector;
pub use download::Downloads;

use async_trait::async_trait;
use riposte_defender::{ActionKind, Client, DownloadError, Error, MachineAction, Operation};
use riposte_engine::{CallIntended, Outcome, Sighting};
use riposte_model::{ActionSpec, Failure, Timestamp};
use serde_json::{Map, Value};
use std::time::Duration;

/// Arguments that fit the action's schema.
pub(crate) type Arguments = Map<String, Value>;

/// An action of the catalogue, by how it is carried out.
pub(crate) enum Action {
    /// One request and its answer.
    Look(Box<dyn Look>),
    /// A question for a link, and the file that it leads to.
    Fetch(Box<dyn Fetch>),
    /// A request that may be repeated: its end state is the same.
    Change(Box<dyn Change>),
    /// A request that opens a machine action, which then runs on the device.
    Start(Box<dyn Start>),
    /// A request that changes something with its answer, and must not be made twice.
    Once(Box<dyn Once>),
}

impl Action {
    pub(crate) fn spec(&self) -> ActionSpec {
        match self {
            Action::Look(look) => look.spec(),
            Action::Fetch(fetch) => fetch.spec(),
            Action::Change(change) => change.spec(),
            Action::Start(start) => start.spec(),
            Action::Once(once) => once.spec(),
        }
    }
}

/// An action that only reads.
#[async_trait]
pub(crate) trait Look: Send + Sync {
    /// What the catalogue says of it.
    fn spec(&self) -> ActionSpec;
    /// Asks, and gives the step's output.
    async fn look(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error>;
    /// Whether what was found is what was meant.
    fn accept(&self, _output: &Value) -> Result<(), Failure> {
        Ok(())
    }
}

/// An action that fetches a file and changes nothing at Defender.
#[async_trait]
pub(crate) trait Fetch: Send + Sync {
    /// What the catalogue says of it.
    fn spec(&self) -> ActionSpec;
    /// Fetches the file, or what is missing of it, and gives the step's output. `budget` is for all of it.
    async fn fetch(
        &self,
        client: &Client,
        downloads: &Downloads,
        arguments: &Arguments,
        budget: Duration,
    ) -> Result<Value, DownloadError>;
}

/// An action that changes something and does no harm when it is done twice (effect `idempotent`).
#[async_trait]
pub(crate) trait Change: Send + Sync {
    /// What the catalogue says of it.
    fn spec(&self) -> ActionSpec;
    /// Brings the change about, and gives the step's output. May be called again while an earlier outcome is unknown.
    async fn change(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error>;
}

/// An action that opens a machine action.
#[async_trait]
pub(crate) trait Start: Send + Sync {
    /// What the catalogue says of it.
    fn spec(&self) -> ActionSpec;
    /// The kind of machine action that it opens, for finding it again.
    fn kind(&self) -> ActionKind;
    /// Sends the one POST. `comment` is the author's behind the marker.
    async fn start(
        &self,
        client: &Client,
        arguments: &Arguments,
        comment: String,
        budget: Duration,
    ) -> Result<MachineAction, Error>;
}

/// An action that is done when it is answered, and must not be made twice.
#[async_trait]
pub(crate) trait Once: Send + Sync {
    /// What the catalogue says of it.
    fn spec(&self) -> ActionSpec;
    /// Sends the one POST, with the marker in its comment, and says what came of it.
    async fn send(&self, client: &Client, call: &CallIntended, budget: Duration) -> Outcome;
    /// Looks once for the call where Defender would show it.
    async fn find(
        &self,
        client: &Client,
        call: &CallIntended,
        intended_at: Timestamp,
        budget: Duration,
    ) -> Result<Sighting, Failure>;
}

/// An action on one device, by the operation that opens it. All of them take a device and a comment.
pub(crate) struct OnDevice<O> {
    /// What the catalogue says of it.
    spec: fn() -> ActionSpec,
    /// The kind of machine action that it opens.
    kind: ActionKind,
    /// The operation: device, comment, and whatever else is among the arguments.
    operation: fn(String, String, &Arguments) -> O,
}

#[async_trait]
impl<O: Operation<Answer = MachineAction>> Start for OnDevice<O> {
    fn spec(&self) -> ActionSpec {
        (self.spec)()
    }

    fn kind(&self) -> ActionKind {
        self.kind.clone()
    }

    async fn start(
        &self,
        client: &Client,
        arguments: &Arguments,
        comment: String,
        budget: Duration,
    ) -> Result<MachineAction, Error> {
        let operation = (self.operation)(shape::text(arguments, "machine_id"), comment, arguments);
        client.send(&operation, budget).await
    }
}

/// All of them, in the order of documentation.
pub(crate) fn actions() -> Vec<Action> {
    vec![
        Action::Start(Box::new(isolate_machine::ACTION)),
        Action::Start(Box::new(unisolate_machine::ACTION)),
        Action::Start(Box::new(restrict_code_execution::ACTION)),
        Action::Start(Box::new(unrestrict_code_execution::ACTION)),
        Action::Start(Box::new(stop_and_quarantine_file::ACTION)),
        Action::Start(Box::new(run_antivirus_scan::ACTION)),
        Action::Start(Box::new(collect_investigation_package::ACTION)),
        Action::Look(Box::new(get_package_sas_uri::GetPackageSasUri)),
        Action::Fetch(Box::new(download_investigation_package::ACTION)),
        Action::Look(Box::new(get_machine_action::GetMachineAction)),
        Action::Look(Box::new(list_machine_actions::ListMachineActions)),
        Action::Once(Box::new(cancel_machine_action::CancelMachineAction)),
        Action::Once(Box::new(start_investigation::StartInvestigation)),
        Action::Look(Box::new(get_investigation::GetInvestigation)),
        Action::Look(Box::new(list_investigations::ListInvestigations)),
        Action::Start(Box::new(offboard_machine::ACTION)),
        Action::Start(Box::new(run_live_response::LiveResponse)),
        Action::Look(Box::new(get_live_response_result::GetLiveResponseResult)),
        Action::Fetch(Box::new(download_live_response_result::ACTION)),
        Action::Look(Box::new(list_library_files::ListLibraryFiles)),
        Action::Once(Box::new(upload_library_file::UploadLibraryFile)),
        Action::Change(Box::new(delete_library_file::DeleteLibraryFile)),
        Action::Start(Box::new(request_sample::ACTION)),
        Action::Look(Box::new(get_file_machine_action::GetFileMachineAction)),
        Action::Look(Box::new(list_file_machine_actions::ListFileMachineActions)),
        Action::Look(Box::new(get_machine::GetMachine)),
        Action::Change(Box::new(create_indicator::ACTION)),
        Action::Change(Box::new(delete_indicator::DeleteIndicator)),
        Action::Look(Box::new(list_indicators::ACTION)),
        Action::Change(Box::new(import_indicators::ImportIndicators)),
        Action::Change(Box::new(batch_delete_indicators::BatchDeleteIndicators)),
        Action::Change(Box::new(block_file::BlockFile)),
        Action::Change(Box::new(unblock_file::UnblockFile)),
        Action::Look(Box::new(list_file_actions::ListFileActions)),
        Action::Look(Box::new(get_alert::ACTION)),
        Action::Look(Box::new(list_alerts::ACTION)),
        Action::Change(Box::new(update_alert::UpdateAlert)),
        Action::Change(Box::new(batch_update_alerts::BatchUpdate)),
        Action::Once(Box::new(create_alert_by_reference::CreateAlert)),
        Action::Look(Box::new(get_alert_files::ACTION)),
        Action::Look(Box::new(get_alert_ips::ACTION)),
        Action::Look(Box::new(get_alert_domains::ACTION)),
        Action::Look(Box::new(get_alert_machine::ACTION)),
        Action::Look(Box::new(get_alert_user::ACTION)),
        Action::Look(Box::new(list_machines::ACTION)),
        Action::Look(Box::new(find_machines_by_ip::ACTION)),
        Action::Look(Box::new(find_machine_info_by_ip::ACTION)),
        Action::Look(Box::new(find_machines_by_tag::ACTION)),
        Action::Look(Box::new(get_machine_logon_users::ACTION)),
        Action::Look(Box::new(get_machine_alerts::ACTION)),
        Action::Change(Box::new(add_machine_tag::ACTION)),
        Action::Change(Box::new(remove_machine_tag::ACTION)),
        Action::Change(Box::new(add_machine_tag_multiple::ACTION)),
        Action::Change(Box::new(remove_machine_tag_multiple::ACTION)),
        Action::Change(Box::new(set_device_value::ACTION)),
        Action::Change(Box::new(update_machine::ACTION)),
        Action::Look(Box::new(run_advanced_query::ACTION)),
        Action::Look(Box::new(get_file::ACTION)),
        Action::Look(Box::new(get_file_machines::ACTION)),
        Action::Look(Box::new(get_file_alerts::ACTION)),
        Action::Look(Box::new(get_file_statistics::ACTION)),
        Action::Look(Box::new(get_domain_alerts::ACTION)),
        Action::Look(Box::new(get_domain_machines::ACTION)),
        Action::Look(Box::new(get_domain_statistics::ACTION)),
        Action::Look(Box::new(get_ip_alerts::ACTION)),
        Action::Look(Box::new(get_ip_statistics::ACTION)),
        Action::Look(Box::new(get_user_alerts::ACTION)),
        Action::Look(Box::new(get_user_machines::ACTION)),
    ]
}

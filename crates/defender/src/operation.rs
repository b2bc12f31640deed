//! What Defender can be asked: one file for each operation.

mod cancel_machine_action;
mod collect_investigation_package;
mod get_investigation;
mod get_machine;
mod get_machine_action;
mod get_package_uri;
mod isolate;
mod list_investigations;
mod list_machine_actions;
mod offboard;
mod restrict_code_execution;
mod run_antivirus_scan;
mod start_investigation;
mod stop_and_quarantine_file;
mod unisolate;
mod unrestrict_code_execution;

pub use cancel_machine_action::CancelMachineAction;
pub use collect_investigation_package::CollectInvestigationPackage;
pub use get_investigation::GetInvestigation;
pub use get_machine::GetMachine;
pub use get_machine_action::GetMachineAction;
pub use get_package_uri::GetPackageUri;
pub use isolate::{Isolate, IsolationType};
pub use list_investigations::ListInvestigations;
pub use list_machine_actions::ListMachineActions;
pub use offboard::Offboard;
pub use restrict_code_execution::RestrictCodeExecution;
pub use run_antivirus_scan::{RunAntivirusScan, ScanType};
pub use start_investigation::StartInvestigation;
pub use stop_and_quarantine_file::StopAndQuarantineFile;
pub use unisolate::Unisolate;
pub use unrestrict_code_execution::UnrestrictCodeExecution;

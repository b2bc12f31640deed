//! What Defender can be asked: one file for each operation.

mod collect_investigation_package;
mod get_machine;
mod get_machine_action;
mod get_package_uri;
mod isolate;
mod list_machine_actions;
mod run_antivirus_scan;
mod unisolate;

pub use collect_investigation_package::CollectInvestigationPackage;
pub use get_machine::GetMachine;
pub use get_machine_action::GetMachineAction;
pub use get_package_uri::GetPackageUri;
pub use isolate::{Isolate, IsolationType};
pub use list_machine_actions::ListMachineActions;
pub use run_antivirus_scan::{RunAntivirusScan, ScanType};
pub use unisolate::Unisolate;

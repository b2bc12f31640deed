//! What Defender answers with: one file for each resource.

mod investigation;
mod library_file;
mod live_response;
mod machine;
mod machine_action;
mod package_uri;

pub use investigation::{Investigation, InvestigationField, InvestigationState};
pub use library_file::LibraryFile;
pub use live_response::{
    LiveResponseCommandKind, LiveResponseCommandResult, LiveResponseCommandStatus, LiveResponseResultLink,
};
pub use machine::{HealthStatus, IpAddress, Machine, RiskScore};
pub use machine_action::{ActionKind, ActionStatus, MachineAction, MachineActionField, RelatedFileInfo};
pub use package_uri::PackageUri;

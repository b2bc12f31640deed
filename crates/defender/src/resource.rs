//! What Defender answers with: one file for each resource.

mod alert;
mod file;
mod indicator;
mod investigation;
mod library_file;
mod live_response;
mod machine;
mod machine_action;
mod machine_field;
mod network;
mod package_uri;
mod query_result;
mod user;

pub use alert::{
    Alert, AlertClassification, AlertComment, AlertDetermination, AlertEvidence, AlertField, AlertSeverity,
    AlertStatus, AlertUser,
};
pub use file::{File, FileStatistics};
pub use indicator::{
    ImportedIndicator, Indicator, IndicatorAction, IndicatorField, IndicatorSeverity, IndicatorType,
};
pub use investigation::{Investigation, InvestigationField, InvestigationState};
pub use library_file::LibraryFile;
pub use live_response::{
    LiveResponseCommandKind, LiveResponseCommandResult, LiveResponseCommandStatus, LiveResponseResultLink,
};
pub use machine::{HealthStatus, IpAddress, Machine, RiskScore};
pub use machine_action::{ActionKind, ActionStatus, MachineAction, MachineActionField, RelatedFileInfo};
pub use machine_field::MachineField;
pub use network::{Domain, DomainStatistics, Ip, IpStatistics};
pub use package_uri::PackageUri;
pub use query_result::{Column, QueryResult};
pub use user::User;

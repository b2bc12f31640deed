//! Which operation on an entity a method and a path mean.

use crate::operation::Operation;

/// A call's meaning. Ids are decoded and otherwise as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) enum EntityRoute {
    Indicators,
    CreateIndicator,
    ImportIndicators,
    BatchDelete,
    DeleteIndicator { id: String },
    Alerts,
    Alert { id: String },
    UpdateAlert { id: String },
    BatchUpdate,
    CreateAlert,
    AlertEntity { id: String, what: AlertEntity },
    FindByIp { segment: String },
    FindInfo { segment: String },
    FindByTag,
    MachineAlerts { device: String },
    LogonUsers { device: String },
    Tags { device: String },
    TagMachines,
    SetDeviceValue { device: String },
    UpdateMachine { device: String },
    File { hash: String },
    FileMachines { hash: String },
    FileStatistics { hash: String },
    FileAlerts { hash: String },
    DomainAlerts { domain: String },
    DomainMachines { domain: String },
    DomainStatistics { domain: String },
    IpAlerts { ip: String },
    IpStatistics { ip: String },
    UserAlerts { user: String },
    UserMachines { user: String },
    Query,
}

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum AlertEntity {
    Files,
    Ips,
    Domains,
    Machine,
    User,
}

impl EntityRoute {
    /// `lower` are the segments below `/api` in lower case, `segments` the same as sent.
    pub(in crate::http) fn of(method: &str, lower: &[&str], segments: &[String]) -> Option<Self> {
        let id = || segments.get(1).cloned().unwrap_or_default();
        let about = |what| Self::AlertEntity { id: id(), what };
        Some(match (method, lower) {
            ("GET", ["indicators"]) => Self::Indicators,
            ("POST", ["indicators"]) => Self::CreateIndicator,
            ("POST", ["indicators", "import"]) => Self::ImportIndicators,
            ("POST", ["indicators", "batchdelete"]) => Self::BatchDelete,
            ("DELETE", ["indicators", _]) => Self::DeleteIndicator { id: id() },
            ("GET", ["alerts"]) => Self::Alerts,
            ("GET", ["alerts", _]) => Self::Alert { id: id() },
            ("PATCH", ["alerts", _]) => Self::UpdateAlert { id: id() },
            ("POST", ["alerts", "batchupdate"]) => Self::BatchUpdate,
            ("POST", ["alerts", "createalertbyreference"]) => Self::CreateAlert,
            ("GET", ["alerts", _, "files"]) => about(AlertEntity::Files),
            ("GET", ["alerts", _, "ips"]) => about(AlertEntity::Ips),
            ("GET", ["alerts", _, "domains"]) => about(AlertEntity::Domains),
            ("GET", ["alerts", _, "machine"]) => about(AlertEntity::Machine),
            ("GET", ["alerts", _, "user"]) => about(AlertEntity::User),
            ("PATCH", ["machines", _]) => Self::UpdateMachine { device: id() },
            ("GET", ["machines", _, "alerts"]) => Self::MachineAlerts { device: id() },
            ("GET", ["machines", _, "logonusers"]) => Self::LogonUsers { device: id() },
            ("POST", ["machines", _, "tags"]) => Self::Tags { device: id() },
            ("POST", ["machines", _, "setdevicevalue"]) => Self::SetDeviceValue { device: id() },
            ("GET", ["files", _]) => Self::File { hash: id() },
            ("GET", ["files", _, "machines"]) => Self::FileMachines { hash: id() },
            ("GET", ["files", _, "stats"]) => Self::FileStatistics { hash: id() },
            ("GET", ["files", _, "alerts"]) => Self::FileAlerts { hash: id() },
            ("GET", ["domains", _, "alerts"]) => Self::DomainAlerts { domain: id() },
            ("GET", ["domains", _, "machines"]) => Self::DomainMachines { domain: id() },
            ("GET", ["domains", _, "stats"]) => Self::DomainStatistics { domain: id() },
            ("GET", ["ips", _, "alerts"]) => Self::IpAlerts { ip: id() },
            ("GET", ["ips", _, "stats"]) => Self::IpStatistics { ip: id() },
            ("GET", ["users", _, "alerts"]) => Self::UserAlerts { user: id() },
            ("GET", ["users", _, "machines"]) => Self::UserMachines { user: id() },
            ("POST", ["advancedqueries", "run"]) => Self::Query,
            _ => return None,
        })
    }

    /// Operations that stand where the id of a device stands.
    pub(in crate::http) fn beside_devices(method: &str, lower: &[&str], segments: &[String]) -> Option<Self> {
        let segment = || segments.get(1).cloned().unwrap_or_default();
        match (method, lower) {
            ("GET", ["machines", "findbytag"]) => Some(Self::FindByTag),
            ("POST", ["machines", "addorremovetagformultiplemachines"]) => Some(Self::TagMachines),
            ("GET", ["machines", call]) if call.starts_with("findbyip(") => {
                Some(Self::FindByIp { segment: segment() })
            }
            ("GET", ["machines", call]) if call.starts_with("find(") => {
                Some(Self::FindInfo { segment: segment() })
            }
            _ => None,
        }
    }

    /// Whether it asks for a list.
    pub(in crate::http) fn is_list(&self) -> bool {
        match self {
            Self::Indicators
            | Self::Alerts
            | Self::FindByIp { .. }
            | Self::FindByTag
            | Self::MachineAlerts { .. }
            | Self::LogonUsers { .. }
            | Self::FindInfo { .. }
            | Self::FileMachines { .. }
            | Self::FileAlerts { .. }
            | Self::DomainAlerts { .. }
            | Self::DomainMachines { .. }
            | Self::IpAlerts { .. }
            | Self::UserAlerts { .. }
            | Self::UserMachines { .. } => true,
            Self::AlertEntity { what, .. } => match what {
                AlertEntity::Files | AlertEntity::Ips | AlertEntity::Domains => true,
                AlertEntity::Machine | AlertEntity::User => false,
            },
            Self::Alert { .. }
            | Self::File { .. }
            | Self::FileStatistics { .. }
            | Self::DomainStatistics { .. }
            | Self::IpStatistics { .. }
            | Self::Query => false,
            Self::CreateIndicator
            | Self::ImportIndicators
            | Self::BatchDelete
            | Self::DeleteIndicator { .. }
            | Self::UpdateAlert { .. }
            | Self::BatchUpdate
            | Self::CreateAlert
            | Self::Tags { .. }
            | Self::TagMachines
            | Self::SetDeviceValue { .. }
            | Self::UpdateMachine { .. } => false,
        }
    }

    /// Whether it may change something.
    pub(in crate::http) fn changes_things(&self) -> bool {
        matches!(
            self,
            Self::CreateIndicator
                | Self::ImportIndicators
                | Self::BatchDelete
                | Self::DeleteIndicator { .. }
                | Self::UpdateAlert { .. }
                | Self::BatchUpdate
                | Self::CreateAlert
                | Self::Tags { .. }
                | Self::TagMachines
                | Self::SetDeviceValue { .. }
                | Self::UpdateMachine { .. }
        )
    }

    /// The name by which faults and the log know it.
    pub(in crate::http) fn operation(&self) -> Operation {
        match self {
            Self::Indicators => Operation::Indicators,
            Self::CreateIndicator => Operation::CreateIndicator,
            Self::ImportIndicators => Operation::ImportIndicators,
            Self::BatchDelete => Operation::BatchDelete,
            Self::DeleteIndicator { .. } => Operation::DeleteIndicator,
            Self::Alerts | Self::Alert { .. } => Operation::Alerts,
            Self::UpdateAlert { .. } => Operation::UpdateAlert,
            Self::BatchUpdate => Operation::BatchUpdate,
            Self::CreateAlert => Operation::CreateAlert,
            Self::AlertEntity { .. } => Operation::AlertEntities,
            Self::FindByIp { .. } => Operation::FindByIp,
            Self::FindInfo { .. } => Operation::Find,
            Self::FindByTag => Operation::FindByTag,
            Self::MachineAlerts { .. } => Operation::MachineAlerts,
            Self::LogonUsers { .. } => Operation::LogonUsers,
            Self::Tags { .. } => Operation::Tags,
            Self::TagMachines => Operation::TagMachines,
            Self::SetDeviceValue { .. } => Operation::SetDeviceValue,
            Self::UpdateMachine { .. } => Operation::UpdateMachine,
            Self::File { .. }
            | Self::FileMachines { .. }
            | Self::FileStatistics { .. }
            | Self::FileAlerts { .. } => Operation::Files,
            Self::DomainAlerts { .. } | Self::DomainMachines { .. } | Self::DomainStatistics { .. } => {
                Operation::Domains
            }
            Self::IpAlerts { .. } | Self::IpStatistics { .. } => Operation::Ips,
            Self::UserAlerts { .. } => Operation::UserAlerts,
            Self::UserMachines { .. } => Operation::UserMachines,
            Self::Query => Operation::AdvancedQueries,
        }
    }
}

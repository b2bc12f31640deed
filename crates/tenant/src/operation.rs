//! The operations this tenant knows, by the name that faults and the log use.

use std::fmt;

/// One operation, named by a fixed segment of its path where that tells it from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `POST /machines/{id}/isolate`
    Isolate,
    /// `POST /machines/{id}/unisolate`
    Unisolate,
    /// `POST /machines/{id}/runAntiVirusScan`
    RunAntiVirusScan,
    /// `POST /machines/{id}/collectInvestigationPackage`
    CollectInvestigationPackage,
    /// `POST /machines/{id}/restrictCodeExecution`
    RestrictCodeExecution,
    /// `POST /machines/{id}/unrestrictCodeExecution`
    UnrestrictCodeExecution,
    /// `POST /machines/{id}/StopAndQuarantineFile`
    StopAndQuarantineFile,
    /// `POST /machines/{id}/offboard`
    Offboard,
    /// `POST /machines/{id}/startInvestigation`
    StartInvestigation,
    /// `GET /investigations` or `GET /investigations/{id}`
    Investigations,
    /// `POST /machines/{id}/runliveresponse`
    RunLiveResponse,
    /// `GET /machineactions/{id}/GetLiveResponseResultDownloadLink(index={index})`
    LiveResponseResult,
    /// `GET /libraryfiles` or `DELETE /libraryfiles/{fileName}`
    LibraryFiles,
    /// `POST /libraryfiles`
    UploadLibraryFile,
    /// `GET /machineactions/{id}/getPackageUri`
    GetPackageUri,
    /// `GET /machines` or `GET /machines/{id}`
    Machines,
    /// `GET /machineactions` or `GET /machineactions/{id}`
    MachineActions,
    /// `POST /machineactions/{id}/cancel`
    Cancel,
    /// `GET /indicators`
    Indicators,
    /// `POST /indicators`
    CreateIndicator,
    /// `POST /indicators/import`
    ImportIndicators,
    /// `DELETE /indicators/{id}`
    DeleteIndicator,
    /// `POST /indicators/BatchDelete`
    BatchDelete,
    /// `GET /alerts` or `GET /alerts/{id}`
    Alerts,
    /// `PATCH /alerts/{id}`
    UpdateAlert,
    /// `POST /alerts/batchUpdate`
    BatchUpdate,
    /// `POST /alerts/CreateAlertByReference`
    CreateAlert,
    /// `GET /alerts/{id}/files`, `ips`, `domains`, `machine` or `user`
    AlertEntities,
    /// `GET /machines/findbyip(ip='{ip}',timestamp={time})`
    FindByIp,
    /// `GET /machines/find(timestamp={time},key='{ip}')`
    Find,
    /// `GET /machines/findbytag`
    FindByTag,
    /// `GET /machines/{id}/logonusers`
    LogonUsers,
    /// `GET /machines/{id}/alerts`
    MachineAlerts,
    /// `POST /machines/{id}/tags`
    Tags,
    /// `POST /machines/AddOrRemoveTagForMultipleMachines`
    TagMachines,
    /// `POST /machines/{id}/setDeviceValue`
    SetDeviceValue,
    /// `PATCH /machines/{id}`
    UpdateMachine,
    /// `GET /files/{hash}`, and its `machines`, `alerts` and `stats`.
    Files,
    /// `GET /domains/{domain}/alerts`, `machines` or `stats`
    Domains,
    /// `GET /ips/{ip}/alerts` or `stats`
    Ips,
    /// `GET /users/{id}/alerts`
    UserAlerts,
    /// `GET /users/{id}/machines`
    UserMachines,
    /// `POST /advancedqueries/run`
    AdvancedQueries,
    /// The token endpoint, v1 or v2.
    Token,
    /// `GET /{tenant}/v2.0/.well-known/openid-configuration`, or without the version.
    OpenidConfiguration,
    /// What a link from `getPackageUri` or `GetLiveResponseResultDownloadLink` leads to.
    SafeDownload,
    /// A route that does not exist here. No fault can name it.
    Unknown,
}

impl Operation {
    /// All that a fault can name, in the order of an error message.
    pub const NAMED: [Self; 46] = [
        Self::Isolate,
        Self::Unisolate,
        Self::RunAntiVirusScan,
        Self::CollectInvestigationPackage,
        Self::RestrictCodeExecution,
        Self::UnrestrictCodeExecution,
        Self::StopAndQuarantineFile,
        Self::Offboard,
        Self::StartInvestigation,
        Self::Investigations,
        Self::RunLiveResponse,
        Self::LiveResponseResult,
        Self::LibraryFiles,
        Self::UploadLibraryFile,
        Self::GetPackageUri,
        Self::Machines,
        Self::MachineActions,
        Self::Cancel,
        Self::Indicators,
        Self::CreateIndicator,
        Self::ImportIndicators,
        Self::DeleteIndicator,
        Self::BatchDelete,
        Self::Alerts,
        Self::UpdateAlert,
        Self::BatchUpdate,
        Self::CreateAlert,
        Self::AlertEntities,
        Self::FindByIp,
        Self::Find,
        Self::FindByTag,
        Self::LogonUsers,
        Self::MachineAlerts,
        Self::Tags,
        Self::TagMachines,
        Self::SetDeviceValue,
        Self::UpdateMachine,
        Self::Files,
        Self::Domains,
        Self::Ips,
        Self::UserAlerts,
        Self::UserMachines,
        Self::AdvancedQueries,
        Self::Token,
        Self::OpenidConfiguration,
        Self::SafeDownload,
    ];

    /// Whether it can be asked for a list.
    pub(crate) const fn is_listed(self) -> bool {
        matches!(
            self,
            Self::Investigations
                | Self::LibraryFiles
                | Self::Machines
                | Self::MachineActions
                | Self::Indicators
                | Self::Alerts
                | Self::AlertEntities
                | Self::FindByIp
                | Self::Find
                | Self::FindByTag
                | Self::LogonUsers
                | Self::MachineAlerts
                | Self::Files
                | Self::Domains
                | Self::Ips
                | Self::UserAlerts
                | Self::UserMachines
        )
    }

    /// Whether a request for it carries a token.
    pub(crate) const fn takes_token(self) -> bool {
        !matches!(self, Self::Token | Self::OpenidConfiguration | Self::SafeDownload | Self::Unknown)
    }

    /// The name as it stands in a path.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Isolate => "isolate",
            Self::Unisolate => "unisolate",
            Self::RunAntiVirusScan => "runAntiVirusScan",
            Self::CollectInvestigationPackage => "collectInvestigationPackage",
            Self::RestrictCodeExecution => "restrictCodeExecution",
            Self::UnrestrictCodeExecution => "unrestrictCodeExecution",
            Self::StopAndQuarantineFile => "StopAndQuarantineFile",
            Self::Offboard => "offboard",
            Self::StartInvestigation => "startInvestigation",
            Self::Investigations => "investigations",
            Self::RunLiveResponse => "runliveresponse",
            Self::LiveResponseResult => "GetLiveResponseResultDownloadLink",
            Self::LibraryFiles => "libraryfiles",
            Self::UploadLibraryFile => "uploadLibraryFile",
            Self::GetPackageUri => "getPackageUri",
            Self::Machines => "machines",
            Self::MachineActions => "machineactions",
            Self::Cancel => "cancel",
            Self::Indicators => "indicators",
            Self::CreateIndicator => "createIndicator",
            Self::ImportIndicators => "import",
            Self::DeleteIndicator => "deleteIndicator",
            Self::BatchDelete => "batchDelete",
            Self::Alerts => "alerts",
            Self::UpdateAlert => "updateAlert",
            Self::BatchUpdate => "batchUpdate",
            Self::CreateAlert => "CreateAlertByReference",
            Self::AlertEntities => "alertEntities",
            Self::FindByIp => "findbyip",
            Self::Find => "find",
            Self::FindByTag => "findbytag",
            Self::LogonUsers => "logonusers",
            Self::MachineAlerts => "machineAlerts",
            Self::Tags => "tags",
            Self::TagMachines => "AddOrRemoveTagForMultipleMachines",
            Self::SetDeviceValue => "setDeviceValue",
            Self::UpdateMachine => "updateMachine",
            Self::Files => "files",
            Self::Domains => "domains",
            Self::Ips => "ips",
            Self::UserAlerts => "userAlerts",
            Self::UserMachines => "userMachines",
            Self::AdvancedQueries => "advancedqueries",
            Self::Token => "token",
            Self::OpenidConfiguration => "openid-configuration",
            Self::SafeDownload => "safedownload",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

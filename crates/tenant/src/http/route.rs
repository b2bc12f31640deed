//! Which operation a method and a path mean.
//!
//! Paths are matched by hand, because the service does not care about case, about a slash at the end or about the
//! version in front, and a router does.

use super::entity::EntityRoute;
use crate::control::ControlRoute;
use crate::oauth::{Place, Version};
use crate::operation::Operation;
use crate::truth::ActionKind;

/// A request's meaning. Ids are decoded and otherwise as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    Token { tenant: String, version: Version },
    Metadata { tenant: String, version: Version },
    Identity(Place),
    Machines,
    Machine { device: String },
    Act { device: String, kind: ActionKind },
    Actions,
    Action { id: String },
    PackageUri { id: String },
    Cancel { id: String },
    Investigate { device: String },
    Investigations,
    Investigation { id: String },
    LiveResult { id: String, index: usize },
    LibraryFiles,
    Upload,
    LibraryFile { name: String },
    Package,
    Entity(EntityRoute),
    Control(ControlRoute),
    Unknown,
}

impl Route {
    pub(super) fn of(method: &str, path: &str) -> Self {
        let segments: Option<Vec<String>> = path.split('/').filter(|s| !s.is_empty()).map(decoded).collect();
        let Some(segments) = segments else { return Self::Unknown };
        let lower: Vec<String> = segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        match (method, lower.as_slice()) {
            (_, ["_tenant", rest @ ..]) => {
                ControlRoute::of(method, rest).map_or(Self::Unknown, Self::Control)
            }
            (_, ["api", "v1" | "v1.0", rest @ ..]) => Self::below_api(method, rest, &segments[2..]),
            (_, ["api", rest @ ..]) => Self::below_api(method, rest, &segments[1..]),
            ("POST", [_, "oauth2", "token"]) => {
                Self::Token { tenant: segments[0].clone(), version: Version::V1 }
            }
            ("POST", [_, "oauth2", "v2.0", "token"]) => {
                Self::Token { tenant: segments[0].clone(), version: Version::V2 }
            }
            ("GET", ["metadata", "identity", "oauth2", "token"]) => Self::Identity(Place::Vm),
            ("GET", ["msi", "token"]) => Self::Identity(Place::App),
            ("GET", [_, ".well-known", "openid-configuration"]) => {
                Self::Metadata { tenant: segments[0].clone(), version: Version::V1 }
            }
            ("GET", [_, "v2.0", ".well-known", "openid-configuration"]) => {
                Self::Metadata { tenant: segments[0].clone(), version: Version::V2 }
            }
            ("GET", ["safedownload", "wdatp_investigation_package.zip"]) => Self::Package,
            ("GET", ["investigation-actions-data", _, "customplaybookcommandoutput", _]) => Self::Package,
            _ => Self::Unknown,
        }
    }

    fn below_api(method: &str, lower: &[&str], segments: &[String]) -> Self {
        let second = || segments.get(1).cloned().unwrap_or_default();
        let act = |kind| Self::Act { device: second(), kind };
        match (method, lower) {
            (_, ["machines", name, ..]) if is_operation(name) => {
                EntityRoute::beside_devices(method, lower, segments).map_or(Self::Unknown, Self::Entity)
            }
            ("GET", ["machines"]) => Self::Machines,
            ("GET", ["machines", _]) => Self::Machine { device: second() },
            ("POST", ["machines", _, "isolate"]) => act(ActionKind::Isolate),
            ("POST", ["machines", _, "unisolate"]) => act(ActionKind::Unisolate),
            ("POST", ["machines", _, "runantivirusscan"]) => act(ActionKind::RunAntiVirusScan),
            ("POST", ["machines", _, "collectinvestigationpackage"]) => {
                act(ActionKind::CollectInvestigationPackage)
            }
            ("POST", ["machines", _, "restrictcodeexecution"]) => act(ActionKind::RestrictCodeExecution),
            ("POST", ["machines", _, "unrestrictcodeexecution"]) => act(ActionKind::UnrestrictCodeExecution),
            ("POST", ["machines", _, "stopandquarantinefile"]) => act(ActionKind::StopAndQuarantineFile),
            ("POST", ["machines", _, "offboard"]) => act(ActionKind::Offboard),
            ("POST", ["machines", _, "startinvestigation"]) => Self::Investigate { device: second() },
            ("GET", ["investigations"]) => Self::Investigations,
            ("GET", ["investigations", _]) => Self::Investigation { id: second() },
            ("POST", ["machines", _, "runliveresponse"]) => act(ActionKind::LiveResponse),
            ("GET", ["libraryfiles"]) => Self::LibraryFiles,
            ("POST", ["libraryfiles"]) => Self::Upload,
            ("DELETE", ["libraryfiles", _]) => Self::LibraryFile { name: second() },
            ("GET", ["machineactions"]) => Self::Actions,
            ("GET", ["machineactions", _]) => Self::Action { id: second() },
            ("GET", ["machineactions", _, "getpackageuri"]) => Self::PackageUri { id: second() },
            ("GET", ["machineactions", _, function]) => match live_result(function) {
                Some(index) => Self::LiveResult { id: second(), index },
                None => Self::Unknown,
            },
            ("POST", ["machineactions", _, "cancel"]) => Self::Cancel { id: second() },
            _ => EntityRoute::of(method, lower, segments).map_or(Self::Unknown, Self::Entity),
        }
    }

    /// Whether it asks for a list, which may lag behind.
    pub(super) fn is_list(&self) -> bool {
        match self {
            Self::Machines | Self::Actions | Self::Investigations | Self::LibraryFiles => true,
            Self::Entity(route) => route.is_list(),
            Self::Token { .. }
            | Self::Metadata { .. }
            | Self::Identity(_)
            | Self::Machine { .. }
            | Self::Act { .. }
            | Self::Action { .. }
            | Self::PackageUri { .. }
            | Self::Cancel { .. }
            | Self::Investigate { .. }
            | Self::Investigation { .. }
            | Self::LiveResult { .. }
            | Self::LibraryFile { .. }
            | Self::Upload
            | Self::Package
            | Self::Control(_)
            | Self::Unknown => false,
        }
    }

    /// Whether it may change something that does not know its own past.
    pub(super) fn changes_things(&self) -> bool {
        match self {
            Self::LibraryFile { .. } | Self::Upload => true,
            Self::Entity(route) => route.changes_things(),
            _ => false,
        }
    }

    /// The name by which faults and the log know it.
    pub(super) fn operation(&self) -> Operation {
        match self {
            Self::Token { .. } | Self::Identity(_) => Operation::Token,
            Self::Metadata { .. } => Operation::OpenidConfiguration,
            Self::Machines | Self::Machine { .. } => Operation::Machines,
            Self::Act { kind, .. } => match kind {
                ActionKind::Isolate => Operation::Isolate,
                ActionKind::Unisolate => Operation::Unisolate,
                ActionKind::RunAntiVirusScan => Operation::RunAntiVirusScan,
                ActionKind::CollectInvestigationPackage => Operation::CollectInvestigationPackage,
                ActionKind::RestrictCodeExecution => Operation::RestrictCodeExecution,
                ActionKind::UnrestrictCodeExecution => Operation::UnrestrictCodeExecution,
                ActionKind::StopAndQuarantineFile => Operation::StopAndQuarantineFile,
                ActionKind::Offboard => Operation::Offboard,
                ActionKind::LiveResponse => Operation::RunLiveResponse,
            },
            Self::Actions | Self::Action { .. } => Operation::MachineActions,
            Self::PackageUri { .. } => Operation::GetPackageUri,
            Self::Cancel { .. } => Operation::Cancel,
            Self::LiveResult { .. } => Operation::LiveResponseResult,
            Self::LibraryFiles | Self::LibraryFile { .. } => Operation::LibraryFiles,
            Self::Upload => Operation::UploadLibraryFile,
            Self::Investigate { .. } => Operation::StartInvestigation,
            Self::Investigations | Self::Investigation { .. } => Operation::Investigations,
            Self::Package => Operation::SafeDownload,
            Self::Entity(route) => route.operation(),
            Self::Control(_) | Self::Unknown => Operation::Unknown,
        }
    }
}

/// Operations that stand where the id of a device stands, by their names in lower case, without their arguments.
const OPERATIONS: [&str; 4] = ["addorremovetagformultiplemachines", "find", "findbyip", "findbytag"];

/// Whether a segment behind `machines` names an operation and not a device. `$count` and its like are none either.
fn is_operation(lower: &str) -> bool {
    let name = lower.split_once('(').map_or(lower, |(name, _)| name);
    lower.starts_with('$') || OPERATIONS.contains(&name)
}

/// The index in `getliveresponseresultdownloadlink(index=0)`.
fn live_result(lower: &str) -> Option<usize> {
    lower.strip_prefix("getliveresponseresultdownloadlink(index=")?.strip_suffix(')')?.trim().parse().ok()
}

/// A path segment without its percent signs; `None` if they are wrong or hide something that is not UTF-8.
fn decoded(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_case_and_slashes_do_not_matter() {
        let isolate = Route::Act { device: "ABC".into(), kind: ActionKind::Isolate };
        for path in [
            "/api/machines/ABC/isolate",
            "/api/v1.0/machines/ABC/isolate",
            "/api/v1/Machines/ABC/Isolate/",
            "/API/machines//ABC/ISOLATE",
            "/api/machines/%41BC/isolate",
        ] {
            assert_eq!(Route::of("POST", path), isolate, "{path}");
        }
    }

    #[test]
    fn other_methods_and_paths_are_unknown() {
        for (method, path) in [
            ("GET", "/api/machines/abc/isolate"),
            ("DELETE", "/api/machines/abc"),
            ("POST", "/api/machines"),
            ("GET", "/api/v2/machines"),
            ("GET", "/api/machineactions/a/b/c"),
            ("GET", "/api/machineactions/a/GetLiveResponseResultDownloadLink"),
            ("GET", "/api/machineactions/a/GetLiveResponseResultDownloadLink(index=x)"),
            ("DELETE", "/api/libraryfiles"),
            ("GET", "/api/machines/%zz"),
            ("GET", "/api/machines/%ff"),
            ("GET", "/tenant/oauth2/token"),
            ("GET", "/"),
            ("GET", "/_tenant"),
            ("GET", "/api/machines/findbytag(tag='x',useStartsWithFilter=true)"),
            ("POST", "/api/machines/find(timestamp=2019-09-22T08:44:05Z,key='10.0.0.1')"),
            ("GET", "/api/machines/find"),
            ("GET", "/api/domains/example.com"),
            ("GET", "/api/ips/10.0.0.1/machines"),
            ("GET", "/api/machines/AddOrRemoveTagForMultipleMachines"),
            ("PATCH", "/api/machines/findbytag"),
            ("POST", "/api/machines/findbyip(ip='10.0.0.1')/isolate"),
            ("GET", "/api/machines/%24count"),
            ("POST", "/t/.well-known/openid-configuration"),
        ] {
            assert_eq!(Route::of(method, path), Route::Unknown, "{method} {path}");
        }
    }

    #[test]
    fn every_operation_has_its_route() {
        for (method, path, operation) in [
            ("POST", "/t/oauth2/v2.0/token", Operation::Token),
            ("POST", "/t/OAuth2/token", Operation::Token),
            ("GET", "/metadata/identity/oauth2/token", Operation::Token),
            ("GET", "/msi/token", Operation::Token),
            ("GET", "/t/.well-known/openid-configuration", Operation::OpenidConfiguration),
            ("GET", "/t/v2.0/.well-known/openid-configuration", Operation::OpenidConfiguration),
            ("GET", "/safedownload/WDATP_Investigation_Package.zip", Operation::SafeDownload),
            ("GET", "/api/machines/findbyte.contoso.example", Operation::Machines),
            ("GET", "/api/machines", Operation::Machines),
            ("GET", "/api/machines/x", Operation::Machines),
            ("PATCH", "/api/machines/x", Operation::UpdateMachine),
            ("POST", "/api/v1.0/machines/AddOrRemoveTagForMultipleMachines", Operation::TagMachines),
            ("POST", "/api/alerts/batchUpdate", Operation::BatchUpdate),
            ("POST", "/api/alerts/CreateAlertByReference", Operation::CreateAlert),
            ("GET", "/api/machines/find(timestamp=2019-09-22T08:44:05Z,key='10.0.0.1')", Operation::Find),
            ("GET", "/api/files/x/alerts", Operation::Files),
            ("GET", "/api/domains/example.com/alerts", Operation::Domains),
            ("GET", "/api/domains/example.com/machines", Operation::Domains),
            ("GET", "/api/domains/example.com/stats", Operation::Domains),
            ("GET", "/api/ips/10.0.0.1/alerts", Operation::Ips),
            ("GET", "/api/ips/2001:db8::1/stats", Operation::Ips),
            ("GET", "/api/users/x/alerts", Operation::UserAlerts),
            ("POST", "/api/machines/x/unisolate", Operation::Unisolate),
            ("POST", "/api/machines/x/runAntiVirusScan", Operation::RunAntiVirusScan),
            ("POST", "/api/machines/x/collectInvestigationPackage", Operation::CollectInvestigationPackage),
            ("POST", "/api/machines/x/restrictCodeExecution", Operation::RestrictCodeExecution),
            ("POST", "/api/machines/x/unrestrictCodeExecution", Operation::UnrestrictCodeExecution),
            ("POST", "/api/machines/x/StopAndQuarantineFile", Operation::StopAndQuarantineFile),
            ("POST", "/api/machines/x/offboard", Operation::Offboard),
            ("POST", "/api/machines/x/startInvestigation", Operation::StartInvestigation),
            ("GET", "/api/investigations", Operation::Investigations),
            ("GET", "/api/investigations/63004", Operation::Investigations),
            ("POST", "/api/machines/x/runLiveResponse", Operation::RunLiveResponse),
            (
                "GET",
                "/api/machineactions/x/GetLiveResponseResultDownloadLink(index=0)",
                Operation::LiveResponseResult,
            ),
            ("GET", "/api/libraryFiles", Operation::LibraryFiles),
            ("DELETE", "/api/libraryfiles/script1.ps1", Operation::LibraryFiles),
            ("POST", "/api/libraryfiles", Operation::UploadLibraryFile),
            ("GET", "/investigation-actions-data/x/CustomPlaybookCommandOutput/0", Operation::SafeDownload),
            ("GET", "/api/machineactions", Operation::MachineActions),
            ("GET", "/api/machineactions/x", Operation::MachineActions),
            ("GET", "/api/machineactions/x/GetPackageUri", Operation::GetPackageUri),
            ("POST", "/api/machineactions/x/cancel", Operation::Cancel),
        ] {
            assert_eq!(Route::of(method, path).operation(), operation, "{method} {path}");
        }
    }
}

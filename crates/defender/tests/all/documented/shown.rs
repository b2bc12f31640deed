//! What was read, written again under the provider's names: the way back from each type, so that a field that is read from
//! the wrong place, or not at all, is seen.

use riposte_defender::{
    ActionKind, ActionStatus, Alert, AlertComment, AlertEvidence, AlertSeverity, AlertStatus, AlertUser,
    Column, Domain, DomainStatistics, File, FileStatistics, HealthStatus, ImportedIndicator, Indicator,
    IndicatorAction, IndicatorSeverity, IndicatorType, Investigation, InvestigationState, Ip, IpAddress,
    IpStatistics, LibraryFile, LiveResponseCommandKind, LiveResponseCommandResult, LiveResponseCommandStatus,
    LiveResponseResultLink, Machine, MachineAction, PackageUri, QueryResult, RelatedFileInfo, RiskScore,
    Timestamp, User,
};
use serde_json::{Map, Value, json};

/// What an operation answers with.
pub(crate) trait Shown {
    /// Its fields by the provider's names; unknown ones as `other.name`.
    fn shown(&self) -> Value;

    /// The provider's own documents, where they are kept.
    fn raws(&self) -> Vec<Value>;
}

impl Shown for () {
    fn shown(&self) -> Value {
        Value::Null
    }

    fn raws(&self) -> Vec<Value> {
        Vec::new()
    }
}

impl<T: Shown> Shown for Vec<T> {
    fn shown(&self) -> Value {
        json!({ "value": self.iter().map(Shown::shown).collect::<Vec<_>>() })
    }

    fn raws(&self) -> Vec<Value> {
        self.iter().flat_map(Shown::raws).collect()
    }
}

impl Shown for PackageUri {
    fn shown(&self) -> Value {
        json!({ "value": self.expose() })
    }

    fn raws(&self) -> Vec<Value> {
        Vec::new()
    }
}

impl Shown for LiveResponseResultLink {
    fn shown(&self) -> Value {
        json!({ "value": self.expose() })
    }

    fn raws(&self) -> Vec<Value> {
        Vec::new()
    }
}

/// A value of a field.
trait Written {
    fn written(&self) -> Value;
}

impl Written for String {
    fn written(&self) -> Value {
        self.as_str().into()
    }
}

impl Written for i64 {
    fn written(&self) -> Value {
        (*self).into()
    }
}

impl Written for bool {
    fn written(&self) -> Value {
        (*self).into()
    }
}

impl Written for Value {
    fn written(&self) -> Value {
        self.clone()
    }
}

impl Written for Timestamp {
    fn written(&self) -> Value {
        match self.moment() {
            Some(_) => self.as_str().into(),
            None => format!("no moment: {self}").into(),
        }
    }
}

impl<T: Written> Written for Option<T> {
    fn written(&self) -> Value {
        self.as_ref().map_or(Value::Null, Written::written)
    }
}

impl<T: Written> Written for Vec<T> {
    fn written(&self) -> Value {
        self.iter().map(Written::written).collect()
    }
}

/// Of the documented values each is known.
macro_rules! words {
    ($($name:ident),+ $(,)?) => {
        $(impl Written for $name {
            fn written(&self) -> Value {
                match self {
                    $name::Unknown(text) if text.is_empty() => Value::Null,
                    $name::Unknown(text) => format!("unknown: {text}").into(),
                    known => known.as_str().into(),
                }
            }
        })+
    };
}

words!(
    ActionKind,
    ActionStatus,
    AlertSeverity,
    AlertStatus,
    HealthStatus,
    IndicatorAction,
    IndicatorSeverity,
    IndicatorType,
    InvestigationState,
    LiveResponseCommandKind,
    LiveResponseCommandStatus,
    RiskScore,
);

macro_rules! object {
    ($it:ident, { $($field:ident: $key:literal),+ $(,)? }) => {{
        let mut object = Map::new();
        $(object.insert($key.to_owned(), $it.$field.written());)+
        object
    }};
}

macro_rules! parts {
    ($($name:ident $fields:tt)+) => {
        $(impl Written for $name {
            fn written(&self) -> Value {
                Value::Object(object!(self, $fields))
            }
        })+
    };
}

macro_rules! resources {
    ($($name:ident $fields:tt)+) => {
        $(impl Shown for $name {
            fn shown(&self) -> Value {
                let mut object = object!(self, $fields);
                let other = self.other.iter().map(|(name, value)| (format!("other.{name}"), value.clone()));
                object.extend(other);
                Value::Object(object)
            }

            fn raws(&self) -> Vec<Value> {
                vec![self.raw.clone()]
            }
        })+
    };
}

resources! {
    MachineAction {
        id: "id", kind: "type", status: "status", scope: "scope", requestor: "requestor",
        requestor_comment: "requestorComment", machine_id: "machineId", computer_dns_name: "computerDnsName",
        creation_date_time_utc: "creationDateTimeUtc", last_update_date_time_utc: "lastUpdateDateTimeUtc",
        cancellation_requestor: "cancellationRequestor", cancellation_comment: "cancellationComment",
        cancellation_date_time_utc: "cancellationDateTimeUtc", external_id: "externalID",
        request_source: "requestSource", title: "title", error_h_result: "errorHResult",
        related_file_info: "relatedFileInfo", commands: "commands",
    }
    Machine {
        id: "id", computer_dns_name: "computerDnsName", first_seen: "firstSeen", last_seen: "lastSeen",
        os_platform: "osPlatform", onboarding_status: "onboardingStatus", os_processor: "osProcessor",
        os_architecture: "osArchitecture", version: "version", os_build: "osBuild",
        last_ip_address: "lastIpAddress", last_external_ip_address: "lastExternalIpAddress",
        health_status: "healthStatus", rbac_group_name: "rbacGroupName", rbac_group_id: "rbacGroupId",
        risk_score: "riskScore", aad_device_id: "aadDeviceId", is_aad_joined: "isAadJoined",
        machine_tags: "machineTags", exposure_level: "exposureLevel", device_value: "deviceValue",
        ip_addresses: "ipAddresses",
    }
    Alert {
        id: "id", title: "title", description: "description", alert_creation_time: "alertCreationTime",
        first_event_time: "firstEventTime", last_event_time: "lastEventTime",
        last_update_time: "lastUpdateTime", resolved_time: "resolvedTime", incident_id: "incidentId",
        investigation_id: "investigationId", investigation_state: "investigationState",
        assigned_to: "assignedTo", rbac_group_name: "rbacGroupName", mitre_techniques: "mitreTechniques",
        related_user: "relatedUser", severity: "severity", status: "status",
        classification: "classification", determination: "determination", category: "category",
        detection_source: "detectionSource", threat_family_name: "threatFamilyName",
        threat_name: "threatName", machine_id: "machineId", computer_dns_name: "computerDnsName",
        aad_tenant_id: "aadTenantId", detector_id: "detectorId", comments: "comments", evidence: "evidence",
    }
    DomainStatistics {
        host: "host", organization_prevalence: "organizationPrevalence", org_first_seen: "orgFirstSeen",
        org_last_seen: "orgLastSeen",
    }
    IpStatistics {
        ip_address: "ipAddress", organization_prevalence: "organizationPrevalence",
        org_first_seen: "orgFirstSeen", org_last_seen: "orgLastSeen",
    }
    Indicator {
        id: "id", indicator_value: "indicatorValue", indicator_type: "indicatorType", action: "action",
        application: "application", external_id: "externalID", source: "source", source_type: "sourceType",
        created_by_source: "createdBySource", created_by: "createdBy", last_updated_by: "lastUpdatedBy",
        creation_time_date_time_utc: "creationTimeDateTimeUtc", expiration_time: "expirationTime",
        last_update_time: "lastUpdateTime", severity: "severity", title: "title", description: "description",
        recommended_actions: "recommendedActions", rbac_group_names: "rbacGroupNames",
        rbac_group_ids: "rbacGroupIds", generate_alert: "generateAlert", educate_url: "educateUrl",
    }
    ImportedIndicator {
        id: "id", indicator: "indicator", is_failed: "isFailed", failure_reason: "failureReason",
    }
    File {
        sha1: "sha1", sha256: "sha256", md5: "md5", global_prevalence: "globalPrevalence",
        global_first_observed: "globalFirstObserved", global_last_observed: "globalLastObserved",
        size: "size", file_type: "fileType", is_pe_file: "isPeFile", file_publisher: "filePublisher",
        file_product_name: "fileProductName", signer: "signer", issuer: "issuer",
        signer_hash: "signerHash", is_valid_certificate: "isValidCertificate",
        determination_type: "determinationType", determination_value: "determinationValue",
    }
    FileStatistics {
        sha1: "sha1", organization_prevalence: "organizationPrevalence", org_first_seen: "orgFirstSeen",
        org_last_seen: "orgLastSeen", globally_prevalence: "globallyPrevalence",
        global_first_observed: "globalFirstObserved", global_last_observed: "globalLastObserved",
        top_file_names: "topFileNames",
    }
    Investigation {
        id: "id", state: "state", status_details: "statusDetails", start_time: "startTime",
        end_time: "endTime", cancelled_by: "cancelledBy", machine_id: "machineId",
        computer_dns_name: "computerDnsName", triggering_alert_id: "triggeringAlertId",
    }
    LibraryFile {
        file_name: "fileName", sha256: "sha256", description: "description", creation_time: "creationTime",
        last_updated_time: "lastUpdatedTime", created_by: "createdBy", has_parameters: "hasParameters",
        parameters_description: "parametersDescription",
    }
    User {
        id: "id", account_name: "accountName", account_domain: "accountDomain", account_sid: "accountSid",
        first_seen: "firstSeen", last_seen: "lastSeen", logon_types: "logonTypes",
        is_domain_admin: "isDomainAdmin", is_only_network_user: "isOnlyNetworkUser",
        most_prevalent_machine_id: "mostPrevalentMachineId",
        least_prevalent_machine_id: "leastPrevalentMachineId",
        log_on_machines_count: "logOnMachinesCount",
    }
    Domain { host: "host" }
    Ip { id: "id" }
    QueryResult { schema: "Schema", results: "Results" }
}

parts! {
    IpAddress { ip_address: "ipAddress", mac_address: "macAddress", operational_status: "operationalStatus" }
    RelatedFileInfo { file_identifier: "fileIdentifier", file_identifier_type: "fileIdentifierType" }
    AlertUser { user_name: "userName", domain_name: "domainName" }
    AlertComment { comment: "comment", created_by: "createdBy", created_time: "createdTime" }
    AlertEvidence {
        entity_type: "entityType", evidence_creation_time: "evidenceCreationTime", sha1: "sha1",
        sha256: "sha256", file_name: "fileName", file_path: "filePath", process_id: "processId",
        process_command_line: "processCommandLine", process_creation_time: "processCreationTime",
        parent_process_id: "parentProcessId", parent_process_creation_time: "parentProcessCreationTime",
        parent_process_file_name: "parentProcessFileName", parent_process_file_path: "parentProcessFilePath",
        ip_address: "ipAddress", url: "url", registry_key: "registryKey", registry_hive: "registryHive",
        registry_value_type: "registryValueType", registry_value: "registryValue",
        account_name: "accountName", domain_name: "domainName", user_sid: "userSid",
        aad_user_id: "aadUserId", user_principal_name: "userPrincipalName",
        detection_status: "detectionStatus",
    }
    Column { name: "Name", kind: "Type" }
}

impl Written for LiveResponseCommandResult {
    fn written(&self) -> Value {
        let params: Vec<_> =
            self.params.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
        json!({
            "index": self.index.written(),
            "startTime": self.start_time.written(),
            "endTime": self.end_time.written(),
            "commandStatus": self.status.written(),
            "errors": self.errors.written(),
            "command": { "type": self.kind.written(), "params": params },
        })
    }
}

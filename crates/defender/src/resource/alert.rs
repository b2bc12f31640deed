//! An alert and its evidence.

use crate::{
    odata::Field,
    wire::{Timestamp, provider_enum, provider_object},
};

provider_enum! {
    /// Severity of an alert.
    pub enum AlertSeverity {
        /// `UnSpecified`.
        Unspecified = "UnSpecified",
        /// Informational.
        Informational = "Informational",
        /// Low.
        Low = "Low",
        /// Medium.
        Medium = "Medium",
        /// High.
        High = "High",
    }
}

provider_enum! {
    /// How far an alert has been worked on.
    pub enum AlertStatus {
        /// `Unknown`, the provider's own word.
        Unspecified = "Unknown",
        /// Nobody has begun.
        New = "New",
        /// Somebody works on it.
        InProgress = "InProgress",
        /// Done.
        Resolved = "Resolved",
    }
}

provider_enum! {
    /// The verdict on an alert. Answers spell the middle one `Informational, expected activity`.
    pub enum AlertClassification {
        /// A threat.
        TruePositive = "TruePositive",
        /// No threat, and expected.
        InformationalExpectedActivity = "InformationalExpectedActivity" | "Informational, expected activity",
        /// No threat.
        FalsePositive = "FalsePositive",
    }
}

provider_enum! {
    /// The finer verdict on an alert, as the page "Update alert" spells it.
    pub enum AlertDetermination {
        /// Part of a larger attack.
        MultiStagedAttack = "MultiStagedAttack",
        /// A person meant it.
        MaliciousUserActivity = "MaliciousUserActivity",
        /// The account is compromised.
        CompromisedUser = "CompromisedUser",
        /// Malware.
        Malware = "Malware",
        /// Phishing.
        Phishing = "Phishing",
        /// Unwanted software.
        UnwantedSoftware = "UnwantedSoftware",
        /// A test of security.
        SecurityTesting = "SecurityTesting",
        /// An application of the organisation.
        LineOfBusinessApplication = "LineOfBusinessApplication",
        /// A user confirmed it; `ConfirmedUserActivity` on other pages.
        ConfirmedActivity = "ConfirmedActivity" | "ConfirmedUserActivity",
        /// Not malicious; `Clean` on other pages.
        NotMalicious = "NotMalicious" | "Clean",
        /// Not enough data to tell.
        InsufficientData = "InsufficientData",
        /// Something else.
        Other = "Other",
    }
}

provider_object! {
    /// An alert. Only the id is certain to be there: old alerts lack whole parts.
    ///
    /// Source: "Alerts resource type", <https://learn.microsoft.com/en-us/defender-endpoint/api/alerts>.
    pub struct Alert, "an alert with an id" {
        /// Id; can hold `_` and `-`.
        id: String = "id",
        /// Title.
        title: Option<String> = "title",
        /// Description.
        description: Option<String> = "description",
        /// Created at.
        alert_creation_time: Option<Timestamp> = "alertCreationTime",
        /// First event on the device.
        first_event_time: Option<Timestamp> = "firstEventTime",
        /// Last event on the device.
        last_event_time: Option<Timestamp> = "lastEventTime",
        /// Last change.
        last_update_time: Option<Timestamp> = "lastUpdateTime",
        /// When it became resolved.
        resolved_time: Option<Timestamp> = "resolvedTime",
        /// Incident that it belongs to.
        incident_id: Option<i64> = "incidentId",
        /// Investigation of it.
        investigation_id: Option<i64> = "investigationId",
        /// State of that investigation; real tenants have more values than are documented.
        investigation_state: Option<String> = "investigationState",
        /// Who works on it.
        assigned_to: Option<String> = "assignedTo",
        /// Name of the device group.
        rbac_group_name: Option<String> = "rbacGroupName",
        /// Techniques of MITRE ATT&CK, for example `T1064`.
        mitre_techniques: Vec<String> = "mitreTechniques",
        /// User that it is about.
        related_user: Option<AlertUser> = "relatedUser",
        /// Severity.
        severity: AlertSeverity = "severity",
        /// How far it has been worked on.
        status: AlertStatus = "status",
        /// Verdict.
        classification: Option<String> = "classification",
        /// Finer verdict.
        determination: Option<String> = "determination",
        /// Category, for example `Execution`; can be the text `null`.
        category: Option<String> = "category",
        /// Product that detected it; real tenants have more values than are documented.
        detection_source: Option<String> = "detectionSource",
        /// Threat family.
        threat_family_name: Option<String> = "threatFamilyName",
        /// Threat.
        threat_name: Option<String> = "threatName",
        /// Device id.
        machine_id: Option<String> = "machineId",
        /// Name of the device.
        computer_dns_name: Option<String> = "computerDnsName",
        /// Entra tenant.
        aad_tenant_id: Option<String> = "aadTenantId",
        /// Detector.
        detector_id: Option<String> = "detectorId",
        /// Comments.
        comments: Vec<AlertComment> = "comments",
        /// Evidence; of a list only when it was asked for.
        evidence: Vec<AlertEvidence> = "evidence",
    }
}

provider_object! {
    /// The user that an alert is about.
    pub part AlertUser {
        /// Account name.
        user_name: Option<String> = "userName",
        /// Domain of the account.
        domain_name: Option<String> = "domainName",
    }
}

provider_object! {
    /// A comment on an alert.
    pub part AlertComment {
        /// Text.
        comment: Option<String> = "comment",
        /// Who wrote it.
        created_by: Option<String> = "createdBy",
        /// When.
        created_time: Option<Timestamp> = "createdTime",
    }
}

provider_object! {
    /// A piece of evidence: which fields are filled depends on its kind.
    pub part AlertEvidence {
        /// Kind of entity: `User`, `Process`, `File` and others.
        entity_type: Option<String> = "entityType",
        /// When it was attached.
        evidence_creation_time: Option<Timestamp> = "evidenceCreationTime",
        /// SHA-1 of a file.
        sha1: Option<String> = "sha1",
        /// SHA-256 of a file.
        sha256: Option<String> = "sha256",
        /// Name of a file.
        file_name: Option<String> = "fileName",
        /// Folder of a file.
        file_path: Option<String> = "filePath",
        /// Process id.
        process_id: Option<i64> = "processId",
        /// Command line of a process.
        process_command_line: Option<String> = "processCommandLine",
        /// Start of a process.
        process_creation_time: Option<Timestamp> = "processCreationTime",
        /// Process id of the parent.
        parent_process_id: Option<i64> = "parentProcessId",
        /// Start of the parent.
        parent_process_creation_time: Option<Timestamp> = "parentProcessCreationTime",
        /// File name of the parent.
        parent_process_file_name: Option<String> = "parentProcessFileName",
        /// Folder of the parent's file.
        parent_process_file_path: Option<String> = "parentProcessFilePath",
        /// Address.
        ip_address: Option<String> = "ipAddress",
        /// URL.
        url: Option<String> = "url",
        /// Registry key.
        registry_key: Option<String> = "registryKey",
        /// Registry hive.
        registry_hive: Option<String> = "registryHive",
        /// Type of a registry value.
        registry_value_type: Option<String> = "registryValueType",
        /// Registry value.
        registry_value: Option<String> = "registryValue",
        /// Account name.
        account_name: Option<String> = "accountName",
        /// Domain of the account.
        domain_name: Option<String> = "domainName",
        /// Windows security id.
        user_sid: Option<String> = "userSid",
        /// Entra user id.
        aad_user_id: Option<String> = "aadUserId",
        /// Principal name.
        user_principal_name: Option<String> = "userPrincipalName",
        /// For example `Detected`.
        detection_status: Option<String> = "detectionStatus",
    }
}

/// What alerts can be filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertField {
    /// `id`.
    Id,
    /// `alertCreationTime`.
    AlertCreationTime,
    /// `lastUpdateTime`.
    LastUpdateTime,
    /// `lastEventTime`.
    LastEventTime,
    /// `incidentId`, a number.
    IncidentId,
    /// `assignedTo`.
    AssignedTo,
    /// `detectionSource`.
    DetectionSource,
    /// `status`.
    Status,
    /// `severity`.
    Severity,
    /// `category`.
    Category,
}

impl Field for AlertField {
    fn name(&self) -> &'static str {
        match self {
            AlertField::Id => "id",
            AlertField::AlertCreationTime => "alertCreationTime",
            AlertField::LastUpdateTime => "lastUpdateTime",
            AlertField::LastEventTime => "lastEventTime",
            AlertField::IncidentId => "incidentId",
            AlertField::AssignedTo => "assignedTo",
            AlertField::DetectionSource => "detectionSource",
            AlertField::Status => "status",
            AlertField::Severity => "severity",
            AlertField::Category => "category",
        }
    }
}

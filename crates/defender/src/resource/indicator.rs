//! An indicator: what Defender looks out for, and what it does on a match.

use crate::{
    odata::Field,
    wire::{Timestamp, provider_enum, provider_object},
};

provider_enum! {
    /// The kind of value that an indicator matches.
    pub enum IndicatorType {
        /// SHA-1 of a file.
        FileSha1 = "FileSha1",
        /// SHA-256 of a file.
        FileSha256 = "FileSha256",
        /// MD5 of a file.
        FileMd5 = "FileMd5",
        /// SHA-1 of a certificate.
        CertificateThumbprint = "CertificateThumbprint",
        /// An IP address; ranges are refused.
        IpAddress = "IpAddress",
        /// A domain name.
        DomainName = "DomainName",
        /// A URL.
        Url = "Url",
    }
}

provider_enum! {
    /// What Defender does on a match.
    pub enum IndicatorAction {
        /// Retired in January 2022.
        Alert = "Alert",
        /// Retired in January 2022.
        AlertAndBlock = "AlertAndBlock",
        /// Lets it be.
        Allowed = "Allowed",
        /// Lets it be and raises an alert: `generateAlert` must be true.
        Audit = "Audit",
        /// Keeps it from running or being reached.
        Block = "Block",
        /// Blocks it, and puts files into quarantine.
        BlockAndRemediate = "BlockAndRemediate",
        /// Asks the user; for Defender for Cloud Apps only.
        Warn = "Warn",
    }
}

impl IndicatorAction {
    /// Whether a match is kept from running or being reached.
    pub fn blocks(&self) -> bool {
        match self {
            IndicatorAction::AlertAndBlock | IndicatorAction::Block | IndicatorAction::BlockAndRemediate => {
                true
            }
            IndicatorAction::Alert
            | IndicatorAction::Allowed
            | IndicatorAction::Audit
            | IndicatorAction::Warn
            | IndicatorAction::Unknown(_) => false,
        }
    }
}

provider_enum! {
    /// Severity of the alert that a match raises.
    pub enum IndicatorSeverity {
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

provider_object! {
    /// What Defender looks out for on all devices. Only id and value are certain to be there.
    ///
    /// Source: "Indicator resource type", <https://learn.microsoft.com/en-us/defender-endpoint/api/ti-indicator>.
    pub struct Indicator, "an indicator with an id and a value" {
        /// Id.
        id: String = "id",
        /// What is matched.
        indicator_value: String = "indicatorValue",
        /// Kind of value.
        indicator_type: IndicatorType = "indicatorType",
        /// What is done on a match.
        action: IndicatorAction = "action",
        /// Application tied to it.
        application: Option<String> = "application",
        /// Correlation id chosen by the customer.
        external_id: Option<String> = "externalID",
        /// Who submitted it, by name.
        source: Option<String> = "source",
        /// `User` for a person, `AadApp` for an application.
        source_type: Option<String> = "sourceType",
        /// Display name of the submitter.
        created_by_source: Option<String> = "createdBySource",
        /// Unique identity of the submitter.
        created_by: Option<String> = "createdBy",
        /// Identity of the last editor.
        last_updated_by: Option<String> = "lastUpdatedBy",
        /// Created at.
        creation_time_date_time_utc: Option<Timestamp> = "creationTimeDateTimeUtc",
        /// Lapses at; None for never.
        expiration_time: Option<Timestamp> = "expirationTime",
        /// Last edit.
        last_update_time: Option<Timestamp> = "lastUpdateTime",
        /// Severity of the alert.
        severity: IndicatorSeverity = "severity",
        /// Title.
        title: Option<String> = "title",
        /// Description.
        description: Option<String> = "description",
        /// Advice in the alert.
        recommended_actions: Option<String> = "recommendedActions",
        /// Device groups in scope, by name; empty for all devices.
        rbac_group_names: Vec<String> = "rbacGroupNames",
        /// Device groups in scope, by id; empty for all devices.
        rbac_group_ids: Vec<String> = "rbacGroupIds",
        /// Whether a match raises an alert.
        generate_alert: Option<bool> = "generateAlert",
        /// Support page shown to the user.
        educate_url: Option<String> = "educateUrl",
    }
}

provider_object! {
    /// What became of one indicator of an import.
    ///
    /// Source: "Import Indicators API", <https://learn.microsoft.com/en-us/defender-endpoint/api/import-ti-indicators>.
    pub struct ImportedIndicator, "the result of an import with the indicator's value" {
        /// Id of the stored indicator.
        id: Option<String> = "id",
        /// The value that was sent.
        indicator: String = "indicator",
        /// Whether it failed; the others are not affected.
        is_failed: Option<bool> = "isFailed",
        /// Why it failed.
        failure_reason: Option<String> = "failureReason",
    }
}

/// What indicators can be filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndicatorField {
    /// `indicatorValue`.
    IndicatorValue,
    /// `indicatorType`.
    IndicatorType,
    /// `action`.
    Action,
    /// `severity`.
    Severity,
    /// `application`.
    Application,
    /// `title`.
    Title,
    /// `createdBy`.
    CreatedBy,
    /// `creationTimeDateTimeUtc`.
    CreationTimeDateTimeUtc,
    /// `expirationTime`.
    ExpirationTime,
}

impl Field for IndicatorField {
    fn name(&self) -> &'static str {
        match self {
            IndicatorField::IndicatorValue => "indicatorValue",
            IndicatorField::IndicatorType => "indicatorType",
            IndicatorField::Action => "action",
            IndicatorField::Severity => "severity",
            IndicatorField::Application => "application",
            IndicatorField::Title => "title",
            IndicatorField::CreatedBy => "createdBy",
            IndicatorField::CreationTimeDateTimeUtc => "creationTimeDateTimeUtc",
            IndicatorField::ExpirationTime => "expirationTime",
        }
    }
}

//! What an indicator looks like, asked for and answered.

use super::{moment, owned, texts, words};
use crate::defender::shape::text;
use crate::defender::{Arguments, shape};
use riposte_defender::{IndicatorAction, IndicatorSeverity, IndicatorType, NewIndicator};
use riposte_model::{Format, Permissions, Schema};
use serde_json::Value;

/// With `Ti.ReadWrite` alone an application sees and deletes only the indicators that it made itself.
pub(in crate::defender) const fn indicator_permissions() -> Permissions {
    Permissions { application: &["Ti.ReadWrite", "Ti.ReadWrite.All"], delegated: &["Ti.ReadWrite"] }
}

/// The id of an indicator.
pub(in crate::defender) fn indicator_id() -> Schema {
    shape::like("^[0-9A-Za-z-]{1,64}$").described("id of an indicator, as `steps.<id>.output.id` gives it")
}

/// An indicator that is to be. `Alert` and `AlertAndBlock` were retired in January 2022 and are not offered.
pub(in crate::defender) fn indicator_argument() -> Schema {
    Schema::object()
        .required(
            "indicator_value",
            words(2048).described("the hash, address, domain, URL or thumbprint; no ranges of addresses"),
        )
        .required("indicator_type", kinds())
        .required(
            "action",
            Schema::choice(["Allowed", "Audit", "Block", "BlockAndRemediate", "Warn"])
                .described("what happens on a match; Audit needs generate_alert: true"),
        )
        .required("title", words(200).described("title of the alert that a match raises"))
        .required("description", words(4000))
        .optional("application", words(200).described("taken when the indicator is new, never changed"))
        .optional("expiration_time", Schema::formatted(Format::DateTime).described("never if absent"))
        .optional("severity", Schema::choice(["Informational", "Low", "Medium", "High"]))
        .optional("recommended_actions", words(4000))
        .optional(
            "rbac_group_names",
            Schema::array(words(200)).described("device groups; all devices if absent"),
        )
        .optional("educate_url", words(2048).described("page shown to the user, for URLs"))
        .optional("generate_alert", Schema::boolean())
}

fn kinds() -> Schema {
    Schema::choice([
        "FileSha1",
        "FileSha256",
        "FileMd5",
        "CertificateThumbprint",
        "IpAddress",
        "DomainName",
        "Url",
    ])
}

/// The indicator that arguments describe.
pub(in crate::defender) fn new_indicator(arguments: &Arguments) -> NewIndicator {
    NewIndicator {
        application: owned(arguments, "application"),
        expiration_time: moment(arguments, "expiration_time"),
        severity: owned(arguments, "severity").map(|text| IndicatorSeverity::from(text.as_str())),
        recommended_actions: owned(arguments, "recommended_actions"),
        rbac_group_names: texts(arguments, "rbac_group_names"),
        educate_url: owned(arguments, "educate_url"),
        generate_alert: arguments.get("generate_alert").and_then(Value::as_bool),
        ..NewIndicator::new(
            text(arguments, "indicator_value"),
            IndicatorType::from(text(arguments, "indicator_type").as_str()),
            IndicatorAction::from(text(arguments, "action").as_str()),
            text(arguments, "title"),
            text(arguments, "description"),
        )
    }
}

/// Resource type `Indicator`.
pub(in crate::defender) fn indicator() -> Schema {
    let text = || Schema::string().or_null();
    Schema::object()
        .required("id", Schema::string())
        .required("indicatorValue", Schema::string())
        .required("indicatorType", kinds())
        .required(
            "action",
            Schema::choice([
                "Alert",
                "AlertAndBlock",
                "Allowed",
                "Audit",
                "Block",
                "BlockAndRemediate",
                "Warn",
            ]),
        )
        .optional("application", text())
        .optional("externalID", text())
        .optional("source", text())
        .optional("sourceType", text())
        .optional("createdBySource", text())
        .optional("createdBy", text())
        .optional("lastUpdatedBy", text())
        .optional("creationTimeDateTimeUtc", text())
        .optional("expirationTime", text())
        .optional("lastUpdateTime", text())
        .optional("severity", Schema::choice(["Informational", "Low", "Medium", "High"]).or_null())
        .optional("title", text())
        .optional("description", text())
        .optional("recommendedActions", text())
        .optional("rbacGroupNames", Schema::array(Schema::string()).or_null())
        .optional("rbacGroupIds", Schema::array(Schema::string()).or_null())
        .optional("generateAlert", Schema::boolean().or_null())
        .optional("educateUrl", text())
}

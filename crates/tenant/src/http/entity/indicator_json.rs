//! Indicators as Defender writes them, and as its filters see them.

use serde_json::{Value as Json, json};

use super::{optional_text, text};
use crate::clock::stamp;
use crate::http::collection::Columns;
use crate::odata::{Field, FieldType, Row, Value};
use crate::truth::Indicator;

/// The indicators, with the documented `$filter` fields.
pub(super) const INDICATORS: Columns = Columns { fields: FIELDS, properties: PROPERTIES };

const FIELDS: &[Field] = &[
    Field { name: "application", kind: FieldType::Text },
    Field { name: "createdByDisplayName", kind: FieldType::Text },
    Field { name: "expirationTime", kind: FieldType::Time },
    Field { name: "generateAlert", kind: FieldType::Bool },
    Field { name: "title", kind: FieldType::Text },
    Field { name: "rbacGroupNames", kind: FieldType::Texts },
    Field { name: "rbacGroupIds", kind: FieldType::Texts },
    Field { name: "indicatorValue", kind: FieldType::Text },
    Field { name: "indicatorType", kind: FieldType::Text },
    Field { name: "creationTimeDateTimeUtc", kind: FieldType::Time },
    Field { name: "createdBy", kind: FieldType::Text },
    Field { name: "action", kind: FieldType::Text },
    Field { name: "severity", kind: FieldType::Text },
];

const PROPERTIES: &[&str] = &[
    "id",
    "indicatorValue",
    "indicatorType",
    "action",
    "application",
    "externalID",
    "source",
    "sourceType",
    "createdBySource",
    "createdBy",
    "lastUpdatedBy",
    "creationTimeDateTimeUtc",
    "expirationTime",
    "lastUpdateTime",
    "severity",
    "title",
    "description",
    "recommendedActions",
    "rbacGroupNames",
    "rbacGroupIds",
    "generateAlert",
    "educateUrl",
    "category",
];

impl Row for &Indicator {
    fn value(&self, field: &str) -> Value {
        let draft = &self.draft;
        match field {
            "application" => optional_text(draft.application.as_deref()),
            "createdByDisplayName" | "createdBy" => text(&self.author),
            "expirationTime" => draft.expires.map_or(Value::Null, Value::Time),
            "generateAlert" => Value::Bool(draft.generate_alert),
            "title" => text(&draft.title),
            "rbacGroupNames" => Value::Texts(draft.groups.clone()),
            "rbacGroupIds" => Value::Texts(Vec::new()),
            "indicatorValue" => text(&draft.value),
            "indicatorType" => text(draft.kind),
            "creationTimeDateTimeUtc" => Value::Time(self.created),
            "action" => text(draft.action),
            "severity" => optional_text(draft.severity),
            _ => Value::Null,
        }
    }
}

/// An indicator, without its context.
pub(super) fn indicator_json(indicator: &Indicator) -> Json {
    let draft = &indicator.draft;
    json!({
        "id": indicator.id.to_string(),
        "indicatorValue": draft.value,
        "indicatorType": draft.kind,
        "action": draft.action,
        "application": draft.application,
        "externalID": null,
        "source": indicator.author,
        "sourceType": if indicator.by_person { "User" } else { "AadApp" },
        "createdBySource": indicator.author,
        "createdBy": indicator.author,
        "lastUpdatedBy": indicator.updated_by,
        "creationTimeDateTimeUtc": stamp(indicator.created),
        "expirationTime": draft.expires.map(stamp),
        "lastUpdateTime": stamp(indicator.updated),
        "severity": draft.severity,
        "title": draft.title,
        "description": draft.description,
        "recommendedActions": draft.recommended,
        "rbacGroupNames": draft.groups,
        "rbacGroupIds": [],
        "generateAlert": draft.generate_alert,
        "educateUrl": draft.educate_url,
        // Seen on real tenants, and not documented: a number, though an alert's is text.
        "category": 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::truth::{Entities, Pace, Truth};
    use chrono::DateTime;

    #[test]
    fn every_property_can_be_selected() {
        let now = DateTime::UNIX_EPOCH;
        let truth = Truth::new(1, Pace::instant(), now);
        let entities = Entities::new(truth.devices(), now);
        let row = indicator_json(entities.indicators.iter().next().unwrap());
        let names: Vec<_> = row.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, PROPERTIES);
    }
}

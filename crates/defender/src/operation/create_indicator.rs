use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::{
    odata::literal,
    request::{Body, Operation, RequestParts},
    resource::{Indicator, IndicatorAction, IndicatorSeverity, IndicatorType},
    wire::Malformed,
};

/// Submits an indicator; one of the same value and type is changed instead. Answers with the indicator as it now stands.
///
/// At most 15,000 indicators can be active in a tenant. Deleting undoes a creation only: what a change overwrote has to be
/// written back.
///
/// Source: "Submit or Update Indicator API", <https://learn.microsoft.com/en-us/defender-endpoint/api/post-ti-indicator>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateIndicator {
    /// What is submitted.
    pub indicator: NewIndicator,
}

/// An indicator that is to be, or to be changed to this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIndicator {
    /// The hash, address, domain, URL or thumbprint. Ranges of addresses are refused.
    pub indicator_value: String,
    /// What kind of value that is.
    pub indicator_type: IndicatorType,
    /// What is done on a match. `Audit` demands [`NewIndicator::generate_alert`] to be true.
    pub action: IndicatorAction,
    /// Title of the alert that a match raises.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Application tied to it. Taken when the indicator is new, never changed later.
    pub application: Option<String>,
    /// When it lapses; None for never.
    pub expiration_time: Option<DateTime<Utc>>,
    /// Severity of the alert.
    pub severity: Option<IndicatorSeverity>,
    /// Advice in the alert.
    pub recommended_actions: Option<String>,
    /// Names of the device groups in scope; None or empty for all devices.
    pub rbac_group_names: Option<Vec<String>>,
    /// Support page shown to the user; for URLs with `Block` or `Warn`.
    pub educate_url: Option<String>,
    /// Whether a match raises an alert.
    pub generate_alert: Option<bool>,
}

impl NewIndicator {
    /// An indicator with what every one has.
    pub fn new(
        indicator_value: impl Into<String>,
        indicator_type: IndicatorType,
        action: IndicatorAction,
        title: impl Into<String>,
        description: impl Into<String>,
    ) -> NewIndicator {
        NewIndicator {
            indicator_value: indicator_value.into(),
            indicator_type,
            action,
            title: title.into(),
            description: description.into(),
            application: None,
            expiration_time: None,
            severity: None,
            recommended_actions: None,
            rbac_group_names: None,
            educate_url: None,
            generate_alert: None,
        }
    }

    /// The fields of the body; what is not given is left out.
    pub(super) fn fields(&self) -> Map<String, Value> {
        let given = [
            ("indicatorValue", Some(Value::from(self.indicator_value.as_str()))),
            ("indicatorType", Some(self.indicator_type.as_str().into())),
            ("action", Some(self.action.as_str().into())),
            ("title", Some(self.title.as_str().into())),
            ("description", Some(self.description.as_str().into())),
            ("application", self.application.as_deref().map(Value::from)),
            ("expirationTime", self.expiration_time.map(|moment| literal(moment).into())),
            ("severity", self.severity.as_ref().map(|severity| severity.as_str().into())),
            ("recommendedActions", self.recommended_actions.as_deref().map(Value::from)),
            ("rbacGroupNames", self.rbac_group_names.clone().map(Value::from)),
            ("educateUrl", self.educate_url.as_deref().map(Value::from)),
            ("generateAlert", self.generate_alert.map(Value::from)),
        ];
        given.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
    }
}

impl Operation for CreateIndicator {
    type Answer = Indicator;
    const NAME: &'static str = "create_indicator";

    fn request(&self) -> RequestParts {
        RequestParts { body: Body::Json(self.indicator.fields()), ..RequestParts::post(["indicators"]) }
    }

    fn decode(&self, answer: Value) -> Result<Indicator, Malformed> {
        Indicator::read(answer)
    }
}

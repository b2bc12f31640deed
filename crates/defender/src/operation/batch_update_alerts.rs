use serde_json::Value;

use crate::{
    budget::Class,
    operation::AlertUpdate,
    request::{Operation, RequestParts},
    resource::{AlertClassification, AlertDetermination},
    wire::Malformed,
};

/// Changes many alerts in the same way. The answer is empty.
///
/// Limited to 10 calls a minute. How many alerts one call takes is not documented, nor what becomes of ids that do not exist.
///
/// Source: "Batch update alerts", <https://learn.microsoft.com/en-us/defender-endpoint/api/batch-update-alerts>.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchUpdateAlerts {
    /// Ids of the alerts.
    pub alert_ids: Vec<String>,
    /// What changes.
    pub update: AlertUpdate,
}

impl Operation for BatchUpdateAlerts {
    type Answer = ();
    const NAME: &'static str = "batch_update_alerts";
    const CLASS: Class = Class::AlertBatch;

    fn request(&self) -> RequestParts {
        let parts = RequestParts::post(["alerts", "batchUpdate"]).field("alertIds", self.alert_ids.clone());
        self.update.write(parts, classification, determination)
    }

    fn decode(&self, _: Value) -> Result<(), Malformed> {
        Ok(())
    }
}

/// This page spells some verdicts in another way than "Update alert".
fn classification(verdict: &AlertClassification) -> &str {
    match verdict {
        AlertClassification::InformationalExpectedActivity => "Informational, expected activity",
        other => other.as_str(),
    }
}

fn determination(verdict: &AlertDetermination) -> &str {
    match verdict {
        AlertDetermination::ConfirmedActivity => "ConfirmedUserActivity",
        AlertDetermination::NotMalicious => "Clean",
        other => other.as_str(),
    }
}

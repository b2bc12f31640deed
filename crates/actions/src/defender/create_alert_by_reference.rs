//! `defender.create_alert_by_reference`

use crate::defender::Once;
use crate::defender::entity::{ALERT_WRITE, alert, words};
use crate::defender::failure::{concluded, failure};
use crate::defender::machine_action::may_be_since;
use crate::defender::shape::{self, machine_id, name, text, without_annotations};
use async_trait::async_trait;
use riposte_defender::{
    Alert, AlertSeverity, AlertStatus, Client, CreateAlertByReference, Error, GetMachineAlerts, Refusal,
};
use riposte_engine::{CallIntended, Outcome, Sighting};
use riposte_model::{ActionSpec, ErrorKind, Failure, Format, Schema, Timestamp};
use std::time::Duration;

/// Raises an alert on an event that hunting has found. Effect: `once`, for Defender investigates the alert by itself.
///
/// The marker stands at the beginning of the alert's description, and proves that the call raised it. Where an alert of the
/// same title is open on the device, Defender adds the event to that one, which then carries no marker: after a lost answer
/// only the absence of any alert of this title is certain. Source: "Create alert API".
pub(super) struct CreateAlert;

#[async_trait]
impl Once for CreateAlert {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("create_alert_by_reference"),
            summary: "Raise an alert on an event, or add it to the open alert of this title on the device",
            arguments: Schema::object()
                .required("machine_id", machine_id())
                .required(
                    "event_time",
                    Schema::formatted(Format::DateTime)
                        .described("the event's Timestamp, with every digit that hunting gave"),
                )
                .required("report_id", words(100).described("the event's ReportId, as text"))
                .required("severity", Schema::choice(["Low", "Medium", "High"]))
                .required("title", words(200))
                .required("description", words(4000).described("riposte adds its marker"))
                .required("recommended_action", words(4000))
                .required("category", categories()),
            output: alert(),
            // An alert is about a device, and does nothing to it.
            device: None,
            permissions: ALERT_WRITE,
            rate_limit: shape::limit_of::<CreateAlertByReference>(),
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/create-alert-by-reference",
            ..shape::at_once()
        }
    }

    async fn send(&self, client: &Client, call: &CallIntended, budget: Duration) -> Outcome {
        let argument = |name| text(&call.arguments, name);
        let request = CreateAlertByReference {
            machine_id: argument("machine_id"),
            event_time: argument("event_time"),
            report_id: argument("report_id"),
            severity: AlertSeverity::from(argument("severity").as_str()),
            title: argument("title"),
            description: format!("{} {}", call.marker, argument("description")),
            recommended_action: argument("recommended_action"),
            category: argument("category"),
        };
        let answer = client.send(&request, budget).await;
        concluded(answer.map(|alert| without_annotations(alert.raw)))
    }

    async fn find(
        &self,
        client: &Client,
        call: &CallIntended,
        intended_at: Timestamp,
        budget: Duration,
    ) -> Result<Sighting, Failure> {
        let machine_id = text(&call.arguments, "machine_id");
        let title = text(&call.arguments, "title");
        let alerts = match client.send(&GetMachineAlerts { machine_id }, budget).await {
            Ok(alerts) => alerts,
            Err(Error::Refused { kind: Refusal::NotFound, .. }) => Vec::new(),
            Err(error) => return Err(failure(&error)),
        };
        let searched = alerts.len();
        let is_ours = |alert: &&Alert| alert.description.as_deref().is_some_and(|text| call.is_marked(text));
        if let Some(ours) = alerts.iter().find(is_ours) {
            return Ok(Sighting::Found {
                provider_id: ours.id.clone(),
                evidence: format!("alert {}, one of {searched} on this device, carries the marker", ours.id),
                output: without_annotations(ours.raw.clone()),
            });
        }
        match alerts.iter().find(|alert| may_have_taken_it(alert, &title, intended_at)) {
            Some(one) => {
                let message = format!(
                    "alert {} on this device has the same title, is {}, and may have taken the event",
                    one.id, one.status
                );
                Err(Failure::new(ErrorKind::UnknownOutcome, message))
            }
            None => {
                let evidence = format!(
                    "none of {searched} alerts on this device carries the marker or can have taken the event"
                );
                Ok(Sighting::NotSeen { evidence })
            }
        }
    }
}

/// Whether nothing that Defender shows of an alert speaks against its having taken the event: it has the title or none, and
/// is open or was changed since.
fn may_have_taken_it(alert: &Alert, title: &str, intended_at: Timestamp) -> bool {
    let titled = alert.title.as_deref().is_none_or(|known| known.eq_ignore_ascii_case(title));
    titled
        && (alert.status != AlertStatus::Resolved
            || may_be_since(alert.last_update_time.as_ref(), intended_at))
}

fn categories() -> Schema {
    Schema::choice([
        "General",
        "CommandAndControl",
        "Collection",
        "CredentialAccess",
        "DefenseEvasion",
        "Discovery",
        "Exfiltration",
        "Exploit",
        "Execution",
        "InitialAccess",
        "LateralMovement",
        "Malware",
        "Persistence",
        "PrivilegeEscalation",
        "Ransomware",
        "SuspiciousActivity",
    ])
}

//! `defender.start_investigation`

use crate::defender::entity::ALERT_WRITE;
use crate::defender::failure::{concluded, failure};
use crate::defender::machine_action::{marked, may_be_since};
use crate::defender::shape::{self, name, text, without_annotations};
use crate::defender::{Once, investigation};
use async_trait::async_trait;
use riposte_defender::{Client, Filter, Investigation, InvestigationField, ListInvestigations};
use riposte_engine::{CallIntended, Outcome, Sighting};
use riposte_model::{ActionSpec, ErrorKind, Failure, Timestamp};
use std::time::Duration;

/// Asks Defender to start an automated investigation on one device. Effect: `once`.
///
/// Ends when the investigation has been started; `defender.get_investigation` tells how far it is. An investigation does
/// not show the comment it was started with, so one that began in the meantime may or may not be this call: after a lost
/// answer only their absence is certain. Source: "Start investigation API".
pub(super) struct StartInvestigation;

#[async_trait]
impl Once for StartInvestigation {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("start_investigation"),
            summary: "Start an automated investigation on a device",
            arguments: shape::on_device().arguments,
            output: investigation::schema(),
            device: Some("machine_id"),
            permissions: ALERT_WRITE,
            rate_limit: shape::limit_of::<riposte_defender::StartInvestigation>(),
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/initiate-autoir-investigation",
            ..shape::at_once()
        }
    }

    async fn send(&self, client: &Client, call: &CallIntended, budget: Duration) -> Outcome {
        let request = riposte_defender::StartInvestigation {
            machine_id: text(&call.arguments, "machine_id"),
            comment: marked(call),
        };
        let answer = client.send(&request, budget).await;
        concluded(answer.map(|investigation| without_annotations(investigation.raw)))
    }

    async fn find(
        &self,
        client: &Client,
        call: &CallIntended,
        intended_at: Timestamp,
        budget: Duration,
    ) -> Result<Sighting, Failure> {
        let machine = text(&call.arguments, "machine_id");
        let filter = Some(Filter::equals(InvestigationField::MachineId, &machine));
        let investigations = client
            .send(&ListInvestigations { filter, top: None }, budget)
            .await
            .map_err(|error| failure(&error))?;
        match investigations.iter().find(|one| may_have_begun_since(one, intended_at)) {
            Some(one) => {
                let since = one.start_time.as_ref().map_or("at an unknown time", |time| time.as_str());
                let message =
                    format!("investigation {} began on this device, {since}, and may be this call", one.id);
                Err(Failure::new(ErrorKind::UnknownOutcome, message))
            }
            None => {
                let searched = investigations.len();
                let evidence =
                    format!("none of {searched} investigations on this device is as young as this call");
                Ok(Sighting::NotSeen { evidence })
            }
        }
    }
}

/// Whether nothing that Defender shows of it speaks against its having begun after a moment of ours.
fn may_have_begun_since(investigation: &Investigation, moment: Timestamp) -> bool {
    may_be_since(investigation.start_time.as_ref(), moment)
}

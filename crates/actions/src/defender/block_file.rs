//! `defender.block_file`

use crate::defender::entity::{file_hash, indicator, indicator_permissions, words};
use crate::defender::shape::{self, defaulting, name, text, without_annotations};
use crate::defender::{Arguments, Change};
use async_trait::async_trait;
use riposte_defender::{
    Client, CreateIndicator, Error, Filter, Indicator, IndicatorAction, IndicatorField, IndicatorType,
    ListIndicators, NewIndicator,
};
use riposte_model::{ActionSpec, Effect, Priority, Schema};
use serde_json::{Value, json};
use std::time::Duration;

/// Blocks a file on all devices. Effect: `idempotent`. Source: "Submit or Update Indicator API".
///
/// Defender's own "block file" was retired with the API's preview; today's road is an indicator of the file's hash. One
/// that is there already, even one that allows the file, is changed to a blocking one, so it is read first and stands in
/// the output as `previous`; after a lost answer that may be the block itself, set by an earlier attempt.
pub(super) struct BlockFile;

#[async_trait]
impl Change for BlockFile {
    fn spec(&self) -> ActionSpec {
        let action = Schema::choice(["BlockAndRemediate", "Block"])
            .described("BlockAndRemediate also puts the file into quarantine where it is found");
        ActionSpec {
            name: name("block_file"),
            summary: "Block a file on all devices, by an indicator of its hash",
            arguments: Schema::object()
                .required("file_hash", file_hash())
                .required("comment", words(4000).described("why; the indicator's description"))
                .with_property("action", defaulting(action, json!("BlockAndRemediate")))
                .with_property(
                    "title",
                    defaulting(
                        words(200).described("title of the alert that a match raises"),
                        json!("File blocked by a response playbook"),
                    ),
                ),
            output: Schema::object()
                .required("indicator", indicator())
                .required("previous", indicator().or_null().described("what this replaced")),
            effect: Effect::Idempotent,
            priority: Priority::Containment,
            inverse: Some(name("unblock_file")),
            permissions: indicator_permissions(),
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/post-ti-indicator",
            ..shape::question()
        }
    }

    async fn change(&self, client: &Client, arguments: &Arguments, budget: Duration) -> Result<Value, Error> {
        let hash = text(arguments, "file_hash").to_ascii_lowercase();
        let previous = indicators_of(client, &hash, budget / 2).await?.into_iter().next();
        let new = NewIndicator {
            generate_alert: Some(true),
            ..NewIndicator::new(
                // As it is spelled there, or it would become another one.
                previous.as_ref().map_or(hash.clone(), |known| known.indicator_value.clone()),
                kind_of(&hash),
                IndicatorAction::from(text(arguments, "action").as_str()),
                text(arguments, "title"),
                text(arguments, "comment"),
            )
        };
        let made = client.send(&CreateIndicator { indicator: new }, budget / 2).await?;
        Ok(json!({
            "indicator": without_annotations(made.raw),
            "previous": previous.map(|previous| without_annotations(previous.raw)),
        }))
    }
}

fn kind_of(hash: &str) -> IndicatorType {
    if hash.len() == 40 { IndicatorType::FileSha1 } else { IndicatorType::FileSha256 }
}

/// The indicators of a file's hash, however its letters are written.
pub(super) async fn indicators_of(
    client: &Client,
    hash: &str,
    budget: Duration,
) -> Result<Vec<Indicator>, Error> {
    let spellings = [hash.to_ascii_uppercase()];
    let filter = Filter::one_of(IndicatorField::IndicatorValue, &hash.to_ascii_lowercase(), &spellings);
    let found = client.send(&ListIndicators { filter: Some(filter), top: None }, budget).await?;
    let kind = kind_of(hash);
    let is_it =
        |known: &Indicator| known.indicator_type == kind && known.indicator_value.eq_ignore_ascii_case(hash);
    Ok(found.into_iter().filter(is_it).collect())
}

//! `defender.list_file_actions`

use crate::defender::entity::{documents, indicator, indicator_permissions};
use crate::defender::shape::{self, name};
use crate::defender::{Arguments, Look};
use async_trait::async_trait;
use riposte_defender::{Client, Error, Filter, IndicatorField, IndicatorType, ListIndicators};
use riposte_model::{ActionSpec, Schema};
use serde_json::Value;
use std::time::Duration;

/// Reads which files are blocked on all devices. Effect: `read`.
///
/// The retired collection of `FileAction` listed the blocks that were still in force; today a block is an indicator of the
/// file's hash, so these are the blocking file indicators, in their shape. One whose `expirationTime` is over is shown for
/// as long as Defender lists it. With `Ti.ReadWrite` alone only blocks that this application set are seen. Source: "List
/// Indicators API".
pub(super) struct ListFileActions;

#[async_trait]
impl Look for ListFileActions {
    fn spec(&self) -> ActionSpec {
        ActionSpec {
            name: name("list_file_actions"),
            summary: "List the files that are blocked, by the blocking indicators of their hashes",
            output: Schema::array(indicator()),
            permissions: indicator_permissions(),
            docs: "https://learn.microsoft.com/en-us/defender-endpoint/api/get-ti-indicators-collection",
            ..shape::question()
        }
    }

    async fn look(&self, client: &Client, _: &Arguments, budget: Duration) -> Result<Value, Error> {
        let [first, rest @ ..] = [IndicatorType::FileSha1, IndicatorType::FileSha256, IndicatorType::FileMd5];
        let rest: Vec<&str> = rest.iter().map(IndicatorType::as_str).collect();
        let filter = Filter::one_of(IndicatorField::IndicatorType, first.as_str(), &rest);
        let found = client.send(&ListIndicators { filter: Some(filter), top: None }, budget).await?;
        let blocking = found.into_iter().filter(|one| one.action.blocks());
        Ok(documents(blocking.map(|one| one.raw)))
    }
}

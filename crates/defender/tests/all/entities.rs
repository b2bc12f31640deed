//! What is sent and read of alerts, devices and hunting beside the documented examples.

use riposte_defender::{
    AlertClassification, AlertDetermination, AlertUpdate, BatchUpdateAlerts, Error, Filter,
    FindMachinesByTag, GetUserMachines, ListMachines, Loss, MachineField, RunAdvancedQuery, UpdateMachine,
};
use serde_json::{Value, json};

use crate::{
    examples::{check, example},
    server::{PATIENCE, Server, authority, client, json_response},
};

const MACHINE: &str = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";

/// An example whose page shows no answer, with one.
pub(crate) fn answered(mut example: Value, body: &Value) -> Value {
    assert_eq!(example["response"]["body_documented"], false);
    example["response"]["body"] = body.clone();
    example
}

pub(crate) fn body(example: &Value) -> Value {
    example["response"]["body"].clone()
}

/// The page of the batch has spellings of its own.
#[tokio::test]
async fn verdicts_on_many_alerts_are_spelled_as_their_page_has_them() {
    let mut example = example!("batch_update_alerts");
    for (classification, determination, spelled) in [
        (
            AlertClassification::InformationalExpectedActivity,
            AlertDetermination::ConfirmedActivity,
            ["Informational, expected activity", "ConfirmedUserActivity"],
        ),
        (AlertClassification::FalsePositive, AlertDetermination::NotMalicious, ["FalsePositive", "Clean"]),
    ] {
        example["request"]["body"] = json!({
            "alertIds": ["a-1"], "classification": spelled[0], "determination": spelled[1],
        });
        let update = AlertUpdate {
            classification: Some(classification),
            determination: Some(determination),
            ..AlertUpdate::default()
        };
        check(&BatchUpdateAlerts { alert_ids: vec!["a-1".into()], update }, &example).await;
    }
}

#[tokio::test]
async fn all_tags_of_a_machine_can_be_taken_off() {
    let mut example = answered(example!("update_machine"), &body(&example!("get_machine")));
    example["request"]["path"] = format!("/api/machines/{MACHINE}").into();
    example["request"]["body"] = json!({ "machineTags": [] });
    check(&UpdateMachine { machine_id: MACHINE.into(), tags: Some(vec![]), value: None }, &example).await;
}

#[tokio::test]
async fn an_answer_without_rows_is_not_an_empty_result() {
    for body in [json!(null), json!({}), json!({"Schema": []}), json!({"Results": null})] {
        let api = Server::start(move |_, _| json_response(200, &body)).await;
        let authority = authority().await;
        let query = RunAdvancedQuery { query: "DeviceInfo".into() };
        let error = client(&api, &authority).send(&query, PATIENCE).await.expect_err("no result");
        assert!(matches!(error, Error::Lost { loss: Loss::Malformed(_), .. }), "{error:?}");
    }
}

#[tokio::test]
async fn text_from_outside_stays_in_its_place() {
    let api = Server::start(|_, _| json_response(200, &json!({ "value": [] }))).await;
    let authority = authority().await;
    let client = client(&api, &authority);
    let tag = "x' or '1' eq '1&$top=1#";
    client.send(&FindMachinesByTag { tag: tag.into(), prefix: false }, PATIENCE).await.expect("no rows");
    let filter = Some(Filter::any(MachineField::MachineTags, tag));
    client.send(&ListMachines { filter, top: None }, PATIENCE).await.expect("no rows");
    client.send(&GetUserMachines { user: "a/../b?c".into() }, PATIENCE).await.expect("no rows");
    let seen = api.seen();
    assert_eq!(seen[0].query, [("tag".to_owned(), tag.to_owned())]);
    let quoted = "machineTags/any(item: item eq 'x'' or ''1'' eq ''1&$top=1#')";
    assert_eq!(seen[1].query, [("$filter".to_owned(), quoted.to_owned())]);
    assert_eq!(seen[2].path, "/api/users/a%2F..%2Fb%3Fc/machines");
}

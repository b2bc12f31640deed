//! How a client keeps its budget: each request is counted once, and a refusal for too many holds for all of its class.

use std::{collections::BTreeSet, time::Duration};

use futures_util::FutureExt as _;
use riposte_defender::{
    Budget, Class, Client, Connection, Delivery, Error, GetMachine, GetPackageUri, ListMachines, Rank,
};
use serde_json::json;

use crate::server::{PATIENCE, Server, authority, connection, json_response, response};

/// Less than any limit lets a call wait.
const SOON: Duration = Duration::from_millis(300);

fn get() -> GetMachine {
    GetMachine { machine_id: "m-1".into() }
}

/// Calls that the budget still gives at once.
fn left(budget: &Budget, class: Class) -> usize {
    let turns: Vec<_> = std::iter::from_fn(|| budget.turn(class, Rank::Watch).now_or_never()).collect();
    turns.len()
}

async fn keeping(budget: &Budget, api: &Server) -> (Client, Server) {
    let authority = authority().await;
    let connection = Connection { budget: budget.clone(), ..connection(&api.url(), &authority.url()) };
    (Client::new(connection).expect("a usable connection"), authority)
}

#[tokio::test]
async fn every_request_is_counted_once_in_its_class() {
    let budget = Budget::documented();
    let api = Server::start(|number, seen| match seen.query.is_empty() {
        // Two pages, and a token that is not accepted the first time.
        true if number == 0 => json_response(401, &json!({"error": {"code": "Unauthorized"}})),
        true => json_response(200, &json!({"id": "m-1", "value": "https://example.com/?sig=1"})),
        false => {
            let rows: Vec<_> = (0..2).map(|row| json!({"id": format!("m-{number}-{row}")})).collect();
            let more = (number == 3).then_some("/api/machines?$skip=2");
            json_response(200, &json!({ "value": rows, "@odata.nextLink": more }))
        }
    })
    .await;
    let (client, _authority) = keeping(&budget, &api).await;
    client.send(&get(), PATIENCE).await.expect("a machine");
    assert_eq!(left(&budget, Class::General), 98, "one that was refused, and one that was not");
    client.send(&GetPackageUri { action_id: "a-1".into() }, PATIENCE).await.expect("a link");
    assert_eq!((left(&budget, Class::PackageUri), left(&budget, Class::General)), (1, 98));
    client.send(&ListMachines { filter: None, top: Some(3) }, PATIENCE).await.expect("machines");
    assert_eq!((api.seen().len(), left(&budget, Class::General)), (5, 96), "two pages, two requests");
}

#[tokio::test]
async fn a_turn_that_was_waited_for_is_used_by_the_first_request_of_its_class() {
    let budget = Budget::documented();
    let api = Server::start(|_, _| json_response(200, &json!({"id": "m-1"}))).await;
    let (client, _authority) = keeping(&budget, &api).await;
    let turn = client.turn("", Class::General, Rank::Last).await;
    assert_eq!(left(&budget, Class::General), 99);
    let taking = client.taking(Rank::Last, Some(turn));
    taking.send(&get(), PATIENCE).await.expect("a machine");
    assert_eq!(left(&budget, Class::General), 99, "the turn was counted already");
    taking.send(&get(), PATIENCE).await.expect("a machine");
    assert_eq!(left(&budget, Class::General), 98);
    let unused = client.taking(Rank::Last, Some(client.turn("", Class::General, Rank::Last).await));
    assert_eq!(left(&budget, Class::General), 97);
    drop(unused);
    assert_eq!(left(&budget, Class::General), 98);
}

#[tokio::test]
async fn without_room_in_time_nothing_is_sent() {
    let budget = Budget::documented();
    let api = Server::start(|_, _| json_response(200, &json!({"id": "m-1"}))).await;
    let (client, _authority) = keeping(&budget, &api).await;
    client.send(&get(), PATIENCE).await.expect("a machine");
    let turns: Vec<_> =
        std::iter::from_fn(|| budget.turn(Class::General, Rank::Watch).now_or_never()).collect();
    let error = client.send(&get(), SOON).await.expect_err("no room");
    assert!(matches!(error, Error::OverBudget { class: Class::General }), "{error}");
    assert_eq!((error.delivery(), api.seen().len()), (Delivery::NotDelivered, 1));
    drop(turns);
    client.send(&get(), PATIENCE).await.expect("a machine");
}

#[tokio::test]
async fn a_refusal_for_too_many_calls_holds_for_the_whole_class() {
    let budget = Budget::unlimited();
    let api = Server::start(|_, seen| match seen.path.ends_with("/GetPackageUri") {
        true => json_response(200, &json!({"value": "https://example.com/?sig=1"})),
        false => response(429, &[("retry-after", "3600")], "{}"),
    })
    .await;
    let (client, _authority) = keeping(&budget, &api).await;
    let error = client.send(&get(), PATIENCE).await.expect_err("too many");
    assert!(matches!(error, Error::Throttled { .. }), "{error}");
    let error = client.send(&ListMachines { filter: None, top: None }, SOON).await.expect_err("a pause");
    assert!(matches!(error, Error::OverBudget { class: Class::General }), "{error}");
    client.send(&GetPackageUri { action_id: "a-1".into() }, PATIENCE).await.expect("a link");
    let paths: BTreeSet<_> = api.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(paths.len(), 2, "{paths:?}");
}

//! Collections are read to their end, and the token stays at home.

use riposte_defender::{
    Delivery, Error, Filter, Incompleteness, ListMachineActions, Loss, MAX_PAGES, MachineActionField,
};
use serde_json::{Value, json};

use crate::server::{PATIENCE, Seen, Server, authority, client, json_response};

fn page(ids: &[&str], link: Option<String>) -> Value {
    let rows: Vec<_> = ids.iter().map(|id| json!({ "id": id })).collect();
    let mut page = json!({ "value": rows });
    if let Some(link) = link {
        page["@odata.nextLink"] = link.into();
    }
    page
}

/// A link to the same server, whose address only the request knows.
fn own_link(seen: &Seen, query: &str) -> Option<String> {
    seen.header("host").map(|host| format!("http://{host}/api/machineactions?{query}"))
}

async fn ids_from(api: &Server, list: &ListMachineActions) -> Result<Vec<String>, Error> {
    let authority = authority().await;
    let actions = client(api, &authority).send(list, PATIENCE).await?;
    Ok(actions.into_iter().map(|action| action.id).collect())
}

#[tokio::test]
async fn a_next_link_on_the_same_host_is_followed() {
    let api = Server::start(|number, seen| {
        json_response(
            200,
            &match number {
                0 => page(&["a", "b"], own_link(seen, "$skiptoken=2")),
                1 => page(&["c"], own_link(seen, "$skiptoken=3")),
                _ => page(&["c", "d"], None),
            },
        )
    })
    .await;
    let filter = Some(Filter::equals(MachineActionField::Kind, "Isolate"));
    let ids = ids_from(&api, &ListMachineActions { filter, top: None }).await.expect("a whole list");
    assert_eq!(ids, ["a", "b", "c", "d"]);
    let queries: Vec<_> = api.seen().into_iter().map(|seen| seen.query).collect();
    let pair = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    assert_eq!(
        queries,
        [pair("$filter", "type eq 'Isolate'"), pair("$skiptoken", "2"), pair("$skiptoken", "3")]
    );
}

#[tokio::test]
async fn a_next_link_to_another_host_never_sees_the_token() {
    let elsewhere = Server::start(|_, _| json_response(200, &page(&["stolen"], None))).await;
    let link = format!("{}/api/machineactions?$skip=2", elsewhere.url());
    let api = Server::start(move |number, _| {
        json_response(
            200,
            &match number {
                0 => page(&["a", "b"], Some(link.clone())),
                _ => page(&["c"], None),
            },
        )
    })
    .await;
    let ids = ids_from(&api, &ListMachineActions::default()).await.expect("a whole list");
    assert_eq!(ids, ["a", "b", "c"]);
    assert!(elsewhere.seen().is_empty());
    let second = &api.seen()[1].query;
    assert_eq!(second, &[("$top".to_owned(), "10000".to_owned()), ("$skip".to_owned(), "2".to_owned())]);
}

#[tokio::test]
async fn a_list_that_cannot_be_finished_is_an_error() {
    let foreign = Server::start(|_, _| {
        json_response(200, &page(&["a"], Some("https://api.example.org/api/machineactions".into())))
    })
    .await;
    let endless = Server::start(|number, seen| {
        json_response(200, &page(&[number.to_string().as_str()], own_link(seen, "$skiptoken=x")))
    })
    .await;
    let circle =
        Server::start(|_, seen| json_response(200, &page(&["a"], own_link(seen, "$skiptoken=x")))).await;
    for (api, reason, requests) in [
        (foreign, Incompleteness::Stuck, 2),
        (endless, Incompleteness::Pages { limit: MAX_PAGES }, MAX_PAGES),
        (circle, Incompleteness::Stuck, 2),
    ] {
        let error = ids_from(&api, &ListMachineActions::default()).await.expect_err("half a list");
        let Error::Incomplete(told) = &error else { panic!("{error:?}") };
        assert_eq!((*told, error.delivery()), (reason, Delivery::Answered));
        assert_eq!(api.seen().len(), requests, "{reason}");
    }
}

#[tokio::test]
async fn a_full_page_without_a_link_is_followed_by_skipping() {
    let rows: Vec<Value> = (0..15_000).map(|id| json!({ "id": id.to_string() })).collect();
    let api = Server::start(move |_, seen| {
        let number = |name: &str| {
            seen.query
                .iter()
                .find(|(known, _)| known == name)
                .and_then(|(_, value)| value.parse::<usize>().ok())
        };
        let rows = rows.iter().skip(number("$skip").unwrap_or(0)).take(number("$top").unwrap_or(10_000));
        json_response(200, &json!({ "value": rows.collect::<Vec<_>>() }))
    })
    .await;
    let ids = ids_from(&api, &ListMachineActions::default()).await.expect("a whole list");
    assert_eq!((ids.len(), api.seen().len()), (15_000, 2));
    let few = ids_from(&api, &ListMachineActions { filter: None, top: Some(3) }).await.expect("three");
    assert_eq!(few, ["0", "1", "2"]);
}

#[tokio::test]
async fn an_answer_that_is_no_collection_is_lost() {
    for body in [json!({}), json!({"value": {}}), json!({"value": [{"status": "Pending"}]}), json!(null)] {
        let api = Server::start(move |_, _| json_response(200, &body)).await;
        let error = ids_from(&api, &ListMachineActions::default()).await.expect_err("no list");
        assert!(matches!(error, Error::Lost { loss: Loss::Malformed(_), .. }), "{error:?}");
    }
}

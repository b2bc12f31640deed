//! What a connection decides before the first request.

use riposte_defender::{Client, Cloud, ConfigError, Credential, GetMachine};
use serde_json::json;

use crate::server::{PATIENCE, SECRET, Server, authority, connection, json_response, nobody, token};

const GOOD: &str = "https://api.example.com";

#[test]
fn every_named_cloud_makes_a_client() {
    for cloud in Cloud::NAMED {
        let mut connection = connection(GOOD, GOOD);
        let endpoint = cloud.endpoint().to_owned();
        connection.cloud = cloud;
        let client = Client::new(connection).expect("a usable connection");
        assert_eq!(endpoint.strip_prefix("https://"), Some(client.host()));
    }
}

#[test]
fn a_connection_that_cannot_work_is_refused() {
    type Spoil = fn(&mut riposte_defender::Connection);
    let cases: [(&str, Spoil); 6] = [
        ("the endpoint address must use https, since plain http is for loopback hosts only", |c| {
            c.cloud = Cloud::Custom { endpoint: "http://api.example.com".into(), authority: GOOD.into() };
        }),
        ("the authority address is not a url", |c| {
            c.cloud = Cloud::Custom { endpoint: GOOD.into(), authority: "login".into() };
        }),
        ("the tenant id must be a directory id or a domain name", |c| c.tenant_id = "../x".into()),
        ("the client id is empty", |c| {
            c.credential = Credential::ClientSecret { client_id: " ".into(), secret: SECRET.into() };
        }),
        ("the client secret is empty", |c| {
            c.credential = Credential::ClientSecret { client_id: "app-1".into(), secret: "".into() };
        }),
        ("the proxy address cannot be used", |c| c.proxy = Some(format!("http://me:{SECRET}@").into())),
    ];
    for (text, spoil) in cases {
        let mut connection = connection(GOOD, GOOD);
        spoil(&mut connection);
        let error: ConfigError = Client::new(connection).expect_err(text);
        assert_eq!(error.to_string(), text);
        assert!(!format!("{error:?}").contains(SECRET));
    }
}

#[tokio::test]
async fn a_configured_proxy_gets_every_request() {
    let proxy = Server::start(|number, seen| match seen.path.ends_with("/token") {
        true => json_response(200, &token(number, 3599)),
        false => json_response(200, &json!({"id": "m-1"})),
    })
    .await;
    let mut connection = connection(&nobody(), &nobody());
    connection.proxy = Some(proxy.url().into());
    let client = Client::new(connection).expect("a usable connection");
    client.send(&GetMachine { machine_id: "m-1".into() }, PATIENCE).await.expect("a machine");
    assert_eq!(proxy.seen().len(), 2);
}

#[tokio::test]
async fn a_scope_can_be_chosen_and_a_request_can_be_spawned() {
    let api = Server::start(|_, _| json_response(200, &json!({"id": "m-1"}))).await;
    let authority = authority().await;
    let mut connection = connection(&api.url(), &authority.url());
    connection.scope = Some("https://api-gov.example.com/.default".into());
    let client = Client::new(connection).expect("a usable connection");
    let task =
        tokio::spawn(async move { client.send(&GetMachine { machine_id: "m-1".into() }, PATIENCE).await });
    task.await.expect("no panic").expect("a machine");
    let form = String::from_utf8(authority.seen()[0].body.clone()).expect("a form");
    assert!(form.ends_with("scope=https%3A%2F%2Fapi-gov.example.com%2F.default"), "{form}");
}

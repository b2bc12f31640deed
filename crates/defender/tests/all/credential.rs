//! Every way to prove who asks: what is sent, what is read anew, what is repeated, and what is never shown.

use std::{error::Error as _, path::Path, time::Duration};

use riposte_defender::{
    Client, ClientCertificate, ConfigError, Credential, Delivery, Error, GetMachine, TokenRefusal,
};
use serde_json::json;

use crate::server::{
    PATIENCE, Seen, Server, TENANT, authority, connection, json_response, nobody, response, token,
};

const PEM: &str = concat!(include_str!("../keys/certificate.pem"), include_str!("../keys/pkcs1.pem"));
const FEDERATED: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJwb2QifQ.c2lnbmF0dXJl";

fn get() -> GetMachine {
    GetMachine { machine_id: "m-1".into() }
}

async fn api() -> Server {
    Server::start(|_, _| json_response(200, &json!({"id": "m-1"}))).await
}

fn client(api: &str, authority: &str, credential: Credential) -> Client {
    let mut connection = connection(api, authority);
    connection.credential = credential;
    connection.timeouts.identity_pause = Duration::ZERO;
    Client::new(connection).expect("a usable connection")
}

fn certificate() -> Credential {
    let certificate = ClientCertificate::from_pem(&PEM.into()).expect("a certificate");
    Credential::Certificate { client_id: "app-1".into(), certificate }
}

fn federated(file: &Path) -> Credential {
    Credential::FederatedToken { client_id: "app-1".into(), file: file.to_owned() }
}

fn machine(endpoint: &str, client_id: Option<&str>) -> Credential {
    Credential::ManagedIdentity {
        client_id: client_id.map(str::to_owned),
        endpoint: Some(endpoint.to_owned()),
    }
}

fn form(seen: &Seen) -> Vec<(String, String)> {
    url::form_urlencoded::parse(&seen.body).into_owned().collect()
}

fn field(seen: &Seen, name: &str) -> Option<String> {
    form(seen).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// Every kind, asking this server for its tokens.
fn all(server: &Server, file: &Path) -> [Credential; 3] {
    [certificate(), federated(file), machine(&server.url(), None)]
}

fn token_file(folder: &tempfile::TempDir) -> std::path::PathBuf {
    let file = folder.path().join("token");
    std::fs::write(&file, format!("{FEDERATED}\n")).expect("a file");
    file
}

#[tokio::test]
async fn a_certificate_signs_a_new_assertion_for_each_request() {
    let (api, authority) = (api().await, Server::start(|n, _| json_response(200, &token(n, 0))).await);
    let client = client(&api.url(), &authority.url(), certificate());
    for _ in 0..2 {
        client.send(&get(), PATIENCE).await.expect("a machine");
    }
    let seen = authority.seen();
    assert_eq!(seen[0].path, format!("/{TENANT}/oauth2/v2.0/token"));
    let names: Vec<_> = form(&seen[0]).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["client_id", "client_assertion_type", "client_assertion", "grant_type", "scope"]);
    assert_eq!(
        field(&seen[0], "client_assertion_type").as_deref(),
        Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
    );
    assert_ne!(field(&seen[0], "client_assertion"), field(&seen[1], "client_assertion"));
}

#[tokio::test]
async fn a_federated_token_is_read_anew_for_each_request() {
    let (api, authority) = (api().await, Server::start(|n, _| json_response(200, &token(n, 0))).await);
    let folder = tempfile::tempdir().expect("a folder");
    let file = token_file(&folder);
    let client = client(&api.url(), &authority.url(), federated(&file));
    client.send(&get(), PATIENCE).await.expect("a machine");
    std::fs::write(&file, "bmV3.bmV3.bmV3").expect("a file");
    client.send(&get(), PATIENCE).await.expect("a machine");
    let shown: Vec<_> =
        authority.seen().iter().map(|seen| field(seen, "client_assertion").unwrap_or_default()).collect();
    assert_eq!(shown, [FEDERATED, "bmV3.bmV3.bmV3"]);
    assert_eq!(field(&authority.seen()[0], "client_secret"), None);
}

#[tokio::test]
async fn a_file_without_a_token_is_named_and_nothing_is_sent() {
    let (api, authority) = (api().await, authority().await);
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, content: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, content).expect("a file");
        file
    };
    let long = format!("{}.b.c", "a".repeat(32 * 1024));
    for (file, problem) in [
        (folder.path().join("nowhere"), "is not there"),
        (folder.path().to_owned(), "is not a file"),
        (write("empty", "\n"), "is empty"),
        (write("long", &long), "is over 32 KiB"),
        (
            write("odd", "not-a-token"),
            "is not a jwt: three parts in base64url with dots between them are expected",
        ),
    ] {
        let client = client(&api.url(), &authority.url(), federated(&file));
        let error = client.send(&get(), PATIENCE).await.expect_err("no token");
        assert_eq!(error.to_string(), format!("the federated token in {} {problem}", file.display()));
        assert_eq!(error.delivery(), Delivery::NotDelivered);
        assert_eq!(error.source().is_some(), problem == "is not there", "{error:?}");
        assert!(!format!("{error:?}").contains("not-a-token"), "{error:?}");
    }
    assert!(authority.seen().is_empty() && api.seen().is_empty());
}

#[tokio::test]
async fn a_machine_is_asked_for_its_token_as_documented() {
    let api = api().await;
    for (client_id, expected) in [(None, None), (Some("id-7"), Some("id-7"))] {
        let endpoint = Server::start(|_, _| {
            json_response(200, &json!({"access_token": "token-0", "expires_in": "3599", "resource": "r"}))
        })
        .await;
        let client = client(&api.url(), &nobody(), machine(&endpoint.url(), client_id));
        for _ in 0..2 {
            client.send(&get(), PATIENCE).await.expect("a machine");
        }
        let [seen] = &endpoint.seen()[..] else { panic!("{:?}", endpoint.seen()) };
        assert_eq!((&*seen.method, &*seen.path), ("GET", "/metadata/identity/oauth2/token"));
        assert_eq!(seen.header("metadata"), Some("true"));
        assert_eq!(seen.header("authorization"), None);
        let mut query = vec![
            ("api-version".to_owned(), "2018-02-01".to_owned()),
            ("resource".to_owned(), "https://api.securitycenter.microsoft.com".to_owned()),
        ];
        query.extend(expected.map(|id| ("client_id".to_owned(), id.to_owned())));
        assert_eq!(seen.query, query);
    }
    assert_eq!(api.seen()[0].header("authorization"), Some("Bearer token-0"));
}

/// The endpoint repeats the header, as a debugging proxy would.
#[tokio::test]
async fn an_app_is_asked_for_its_token_as_documented() {
    let api = api().await;
    let endpoint = Server::start(|number, seen| match number {
        0 => json_response(200, &json!({"access_token": "token-0", "expires_on": "4102444800"})),
        _ => {
            let header = seen.header("x-identity-header").unwrap_or_default();
            json_response(400, &json!({"error": header, "error_description": header}))
        }
    })
    .await;
    let credential = Credential::AppServiceIdentity {
        client_id: Some("id-7".into()),
        endpoint: format!("{}/msi/token", endpoint.url()),
        header: "header-of-the-app".into(),
    };
    let shown = format!("{credential:?}");
    let first = client(&api.url(), &nobody(), credential.clone());
    for _ in 0..2 {
        first.send(&get(), PATIENCE).await.expect("a machine");
    }
    let [seen] = &endpoint.seen()[..] else { panic!("{:?}", endpoint.seen()) };
    assert_eq!((&*seen.method, &*seen.path), ("GET", "/msi/token"));
    assert_eq!(seen.header("x-identity-header"), Some("header-of-the-app"));
    assert_eq!(seen.header("metadata"), None);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        seen.query,
        [
            pair("api-version", "2019-08-01"),
            pair("resource", "https://api.securitycenter.microsoft.com"),
            pair("client_id", "id-7"),
        ]
    );
    let second = client(&api.url(), &nobody(), credential);
    let error = second.send(&get(), PATIENCE).await.expect_err("no token");
    for text in [format!("{error:?} {error}"), shown] {
        assert!(!text.contains("header-of-the-app"), "{text}");
    }
}

#[tokio::test]
async fn a_machine_that_is_busy_is_asked_three_times_more_and_others_are_not() {
    let api = api().await;
    for status in [404, 410, 429, 500, 503] {
        let busy = Server::start(move |number, _| match number {
            0..3 => response(status, &[], ""),
            _ => json_response(200, &token(number, 3599)),
        })
        .await;
        let patient = client(&api.url(), &nobody(), machine(&busy.url(), None));
        patient.send(&get(), PATIENCE).await.expect("a machine");
        assert_eq!(busy.seen().len(), 4, "{status}");

        let down = Server::start(move |_, _| response(status, &[], "")).await;
        let unlucky = client(&api.url(), &nobody(), machine(&down.url(), None));
        let error = unlucky.send(&get(), PATIENCE).await.expect_err("no token");
        assert!(matches!(error, Error::TokenUnavailable { .. }), "{error:?}");
        assert_eq!((error.status(), down.seen().len()), (Some(status), 4));
    }
    for status in [302, 400, 403] {
        let endpoint = Server::start(move |_, _| response(status, &[("location", "/elsewhere")], "{}")).await;
        let client = client(&api.url(), &nobody(), machine(&endpoint.url(), None));
        client.send(&get(), PATIENCE).await.expect_err("no token");
        assert_eq!(endpoint.seen().len(), 1, "{status}");
    }
    let authority = Server::start(|_, _| response(503, &[], "")).await;
    let certified = client(&api.url(), &authority.url(), certificate());
    certified.send(&get(), PATIENCE).await.expect_err("no token");
    assert_eq!(authority.seen().len(), 1);
}

#[tokio::test]
async fn a_machine_is_asked_without_the_proxy() {
    let proxy = Server::start(|_, _| json_response(200, &json!({"id": "m-1"}))).await;
    let endpoint = authority().await;
    let mut connection = connection(&nobody(), &nobody());
    connection.credential = machine(&endpoint.url(), None);
    connection.proxy = Some(proxy.url().into());
    let client = Client::new(connection).expect("a usable connection");
    client.send(&get(), PATIENCE).await.expect("a machine");
    assert_eq!((endpoint.seen().len(), proxy.seen().len()), (1, 1));
}

#[tokio::test]
async fn each_kind_shares_one_token_and_renews_it_once_on_a_401() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = token_file(&folder);
    for kind in 0..3 {
        let api = Server::start(|number, _| match number {
            1 => json_response(401, &json!({"error": {"code": "Unauthorized"}})),
            _ => json_response(200, &json!({"id": "m-1"})),
        })
        .await;
        let authority = authority().await;
        let credential = all(&authority, &file)[kind].clone();
        let client = client(&api.url(), &authority.url(), credential);
        for _ in 0..3 {
            client.send(&get(), PATIENCE).await.expect("a machine");
        }
        assert_eq!((authority.seen().len(), api.seen().len()), (2, 4), "{kind}");
        assert_eq!(api.seen()[3].header("authorization"), Some("Bearer token-1"));
    }
}

/// Repeats what it was sent, as a debugging proxy would, in a refusal that Entra documents.
#[tokio::test]
async fn a_refusal_of_each_kind_is_typed_and_repeats_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = token_file(&folder);
    let api = api().await;
    for (kind, number, expected) in [
        (0, 700_027, TokenRefusal::UnknownCertificate),
        (0, 700_024, TokenRefusal::AssertionOutOfTime),
        (1, 70_021, TokenRefusal::UnknownFederation),
        (1, 700_213, TokenRefusal::UnknownFederation),
        (2, 700_016, TokenRefusal::UnknownApplication),
    ] {
        let authority = Server::start(move |_, seen| {
            let assertion = field(seen, "client_assertion").unwrap_or_default();
            let form = String::from_utf8_lossy(&seen.body);
            let description = format!("AADSTS{number}: {assertion} {form}");
            json_response(401, &json!({"error": "invalid_client", "error_description": description}))
        })
        .await;
        let credential = all(&authority, &file)[kind].clone();
        let shown = format!("{credential:?}");
        let error = client(&api.url(), &authority.url(), credential).send(&get(), PATIENCE).await;
        let error = error.expect_err("no token");
        let Error::TokenRefused { kind, code, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*kind, code), (expected, &format!("AADSTS{number}")));
        let sent = field(&authority.seen()[0], "client_assertion").unwrap_or_else(|| "PRIVATE KEY".into());
        for text in [format!("{error:?} {error}"), shown] {
            assert!(!text.contains(&sent) && !text.contains(FEDERATED), "{text}");
        }
    }
    assert!(api.seen().is_empty());
}

#[test]
fn an_incomplete_credential_makes_no_client() {
    let cases = [
        (
            Credential::FederatedToken { client_id: "a".into(), file: "".into() },
            "the path of the federated token is empty",
        ),
        (Credential::FederatedToken { client_id: " ".into(), file: "f".into() }, "the client id is empty"),
        (machine("http://127.0.0.1:1", Some("")), "the client id is empty"),
        (
            machine("http://identity.example", None),
            "the identity endpoint address must use https, since plain http is for loopback and link-local hosts only",
        ),
    ];
    for (credential, text) in cases {
        let mut connection = connection("https://api.example", "https://login.example");
        connection.credential = credential;
        let error: ConfigError = Client::new(connection).expect_err(text);
        assert_eq!(error.to_string(), text);
    }
}

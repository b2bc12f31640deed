use std::sync::{Arc, Mutex};

use riposte_tenant::{Config, Entry, Tenant};

use crate::helpers::{DESKTOP, World};

#[tokio::test]
async fn each_request_is_one_entry_and_one_line() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let heard = lines.clone();
    let world = World::with(|config| {
        config.on_request =
            Some(Arc::new(move |entry: &Entry| heard.lock().unwrap().push(entry.to_string())));
    })
    .await;
    world.inject("unisolate=503-after");
    let isolation = world.open(DESKTOP, "isolate").await;
    world.act(DESKTOP, "unisolate").await;
    world.get("/api/machineactions?$top=1").await;
    world.get("/api/%1b%5b2J").await;
    let release = world.tenant.effects()[1].action.clone();
    let expected = [
        "POST /aaaabbbb…/oauth2/v2.0/token 200".to_owned(),
        format!("POST /api/machines/1e5bc9d7…/isolate 201 isolate 1e5bc9d7… action {}…", &isolation[..8]),
        format!(
            "POST /api/machines/1e5bc9d7…/unisolate 503 unisolate 1e5bc9d7… action {}… (fault 503-after)",
            &release[..8]
        ),
        "GET /api/machineactions?$top=1 200".to_owned(),
        "GET /api/%1b%5b2J 404".to_owned(),
    ];
    assert_eq!(*lines.lock().unwrap(), expected);
    let logged: Vec<String> = world.tenant.log().iter().map(ToString::to_string).collect();
    assert_eq!(logged, expected);
}

#[tokio::test]
async fn what_a_callback_asks_of_the_tenant_is_answered() {
    let tenant: Arc<Mutex<Option<Arc<Tenant>>>> = Arc::default();
    let (asked, answers) = (tenant.clone(), Arc::new(Mutex::new(Vec::new())));
    let heard = answers.clone();
    let config = Config {
        on_request: Some(Arc::new(move |_: &Entry| {
            let tenant = asked.lock().unwrap().clone();
            heard.lock().unwrap().push(tenant.map(|tenant| tenant.log().len()));
        })),
        ..Config::default()
    };
    let running = Arc::new(Tenant::start(([127, 0, 0, 1], 0).into(), config).await.unwrap());
    *tenant.lock().unwrap() = Some(running.clone());
    let url = format!("{}/api/machines", running.url());
    crate::helpers::client().get(url).send().await.unwrap();
    assert_eq!(*answers.lock().unwrap(), [Some(1)]);
}

#[tokio::test]
async fn a_taken_address_is_an_error_that_names_it() {
    let world = World::new().await;
    let address = world.tenant.address();
    let error = Tenant::start(address, Config::default()).await.unwrap_err();
    assert_eq!(error.address, address);
    assert!(error.to_string().contains(&address.to_string()));
}

#[tokio::test]
async fn a_stopped_tenant_listens_no_more() {
    let world = World::new().await;
    let World { tenant, client, .. } = world;
    let url = tenant.url();
    tenant.stop().await;
    assert!(client.get(url).send().await.unwrap_err().is_connect());
}

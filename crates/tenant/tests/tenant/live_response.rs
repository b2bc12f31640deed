//! <https://learn.microsoft.com/en-us/defender-endpoint/api/run-live-response> and the pages around it.

use std::time::Duration;

use reqwest::Method;
use riposte_tenant::{Duplicates, Operation};
use serde_json::{Value, json};

use crate::helpers::{Answer, DESKTOP, LINUX, OFFLINE, World, steady};

/// The documented commands.
fn documented() -> Value {
    json!([
        {
            "type": "RunScript",
            "params": [
                { "key": "ScriptName", "value": "minidump.ps1" },
                { "key": "Args", "value": "OfficeClickToRun" },
            ],
        },
        {
            "type": "GetFile",
            "params": [{ "key": "Path", "value": "C:\\windows\\TEMP\\OfficeClickToRun.dmp.zip" }],
        },
    ])
}

fn put(file: &str) -> Value {
    json!({ "type": "PutFile", "params": [{ "key": "FileName", "value": file }] })
}

async fn run(world: &World, device: &str, commands: Value) -> Answer {
    let body = json!({ "Commands": commands, "Comment": "Testing Live Response API" });
    world.post(&format!("/api/machines/{device}/runliveresponse"), &body.to_string()).await
}

async fn commands(world: &World, id: &str) -> (String, Vec<Value>) {
    let body = world.get(&format!("/api/machineactions/{id}")).await.json();
    (body["status"].as_str().unwrap().to_owned(), body["commands"].as_array().unwrap().clone())
}

fn result_path(id: &str, index: usize) -> String {
    format!("/api/machineactions/{id}/GetLiveResponseResultDownloadLink(index={index})")
}

#[tokio::test]
async fn the_commands_of_a_session_run_one_after_the_other() {
    let world = World::with(|config| config.pace = steady()).await;
    let answer = run(&world, DESKTOP, documented()).await;
    assert_eq!((answer.status, answer.field("type")), (201, "LiveResponse".into()));
    let born = &answer.json()["commands"];
    for (index, command) in documented().as_array().unwrap().iter().enumerate() {
        let expected = json!({
            "index": index, "startTime": null, "endTime": null, "commandStatus": "Created", "errors": [],
            "command": command,
        });
        assert_eq!(born[index], expected);
    }
    let id = answer.field("id");
    world.clock.advance(Duration::from_secs(5));
    let (status, midway) = commands(&world, &id).await;
    assert_eq!(status, "InProgress");
    assert_eq!(
        (&midway[0]["commandStatus"], &midway[1]["commandStatus"]),
        (&json!("Completed"), &json!("Created"))
    );
    assert_eq!(midway[0]["endTime"], midway[1]["startTime"]);
    assert!(midway[0]["endTime"].is_string() && midway[1]["endTime"].is_null());
    assert_eq!(world.get(&result_path(&id, 0)).await.status, 200);
    assert_eq!(world.get(&result_path(&id, 1)).await.error(), (404, "ResourceNotFound".into()));
    world.clock.advance(Duration::from_secs(5));
    let (status, ended) = commands(&world, &id).await;
    assert_eq!((status.as_str(), &ended[1]["commandStatus"]), ("Succeeded", &json!("Completed")));
}

#[tokio::test]
async fn after_a_command_that_fails_the_rest_is_skipped() {
    let world = World::new().await;
    let id = run(&world, DESKTOP, json!([put("memdump.exe"), put("nothing.exe"), put("script.sh")]))
        .await
        .field("id");
    let (status, rows) = commands(&world, &id).await;
    let states: Vec<_> = rows.iter().map(|row| row["commandStatus"].as_str().unwrap()).collect();
    assert_eq!((status.as_str(), states), ("Failed", vec!["Completed", "Failed", "Created"]));
    assert_eq!(rows[1]["errors"].as_array().map(Vec::len), Some(1));
    let body = world.get(&format!("/api/machineactions/{id}")).await.json();
    assert_ne!(body["errorHResult"], 0);
    let nothing = world.get(&result_path(&id, 0)).await;
    assert_eq!(nothing.error(), (404, "ResourceNotFound".into()), "putting a file brings nothing");
}

#[tokio::test]
async fn a_session_that_is_cancelled_keeps_what_was_done() {
    let world = World::with(|config| config.pace = steady()).await;
    let id = run(&world, DESKTOP, documented()).await.field("id");
    world.clock.advance(Duration::from_secs(5));
    assert_eq!(world.post(&format!("/api/machineactions/{id}/cancel"), "").await.status, 200);
    world.clock.advance(Duration::from_secs(60));
    let (status, rows) = commands(&world, &id).await;
    assert_eq!(status, "Cancelled");
    assert_eq!(
        (&rows[0]["commandStatus"], &rows[1]["commandStatus"]),
        (&json!("Completed"), &json!("Created"))
    );
}

#[tokio::test]
async fn a_second_session_on_a_device_is_always_refused() {
    let world = World::with(|config| config.duplicates = Duplicates::ReturnsPending).await;
    assert_eq!(run(&world, OFFLINE, documented()).await.status, 201);
    let again = run(&world, OFFLINE, json!([put("memdump.exe")])).await;
    assert_eq!(again.error(), (400, "ActiveRequestAlreadyExists".into()));
    assert_eq!(run(&world, LINUX, documented()).await.status, 201);
    assert_eq!(world.tenant.effects().len(), 2);
}

#[tokio::test]
async fn twenty_five_sessions_may_be_under_way_at_once_those_that_wait_included() {
    let world = World::with(|config| config.rate_limits = true).await;
    for n in 0..26 {
        world.clock.advance(Duration::from_secs(61));
        let device =
            json!({ "id": format!("{n:040x}"), "name": format!("d{n}"), "online": false }).to_string();
        assert_eq!(world.post("/_tenant/devices", &device).await.status, 201);
        let answer = run(&world, &format!("{n:040x}"), documented()).await;
        match n {
            25 => {
                assert_eq!(answer.error(), (429, "TooManyRequests".into()));
                assert!(answer.retry_after.is_some());
            }
            _ => assert_eq!(answer.status, 201, "{}", answer.text),
        }
    }
    assert_eq!(world.tenant.effects().len(), 25);
}

#[tokio::test]
async fn bad_commands_have_no_effect() {
    let world = World::new().await;
    let get = json!({ "type": "GetFile", "params": [{ "key": "Path", "value": "C:\\a" }] });
    for (commands, code) in [
        (Value::Null, "MissingRequiredParameter"),
        (json!([]), "MissingRequiredParameter"),
        (json!("x"), "InvalidRequestBody"),
        (json!([get, put("memdump.exe")]), "InvalidInput"),
        (json!([{ "type": "Reboot", "params": [] }]), "InvalidInput"),
        (json!([{ "type": "GetFile" }]), "InvalidRequestBody"),
        (json!([{ "type": "GetFile", "params": [] }]), "MissingRequiredParameter"),
        (
            json!([{ "type": "GetFile", "params": [{ "key": "Path", "value": "" }] }]),
            "MissingRequiredParameter",
        ),
        (json!([{ "type": "GetFile", "params": [{ "key": "Path", "value": 1 }] }]), "InvalidRequestBody"),
        (
            json!([{ "type": "GetFile", "params": [{ "key": "FileName", "value": "x" }] }]),
            "MissingRequiredParameter",
        ),
        (
            json!([{ "type": "PutFile", "params": [
                { "key": "FileName", "value": "x" }, { "key": "Args", "value": "x" },
            ] }]),
            "InvalidInput",
        ),
    ] {
        assert_eq!(run(&world, DESKTOP, commands.clone()).await.error(), (400, code.into()), "{commands}");
    }
    assert_eq!(run(&world, "nobody", documented()).await.error(), (404, "ResourceNotFound".into()));
    assert!(world.tenant.effects().is_empty());
    let body = json!({ "Commands": documented() }).to_string();
    let without_comment = world.post(&format!("/api/machines/{DESKTOP}/runLiveResponse"), &body).await;
    assert_eq!(without_comment.status, 201, "a comment is not required here");
}

#[tokio::test]
async fn a_link_to_a_result_needs_no_token_and_lives_half_an_hour() {
    let world = World::new().await;
    let id = run(&world, DESKTOP, documented()).await.field("id");
    let script = world.get(&result_path(&id, 0)).await.field("value");
    let file = world.get(&result_path(&id, 1)).await.field("value");
    assert!(script.starts_with(&world.tenant.url()) && script.contains("&sig="), "{script}");
    let transcript = world.client.get(&script).send().await.unwrap().text().await.unwrap();
    let transcript: Value = serde_json::from_str(&transcript).unwrap();
    assert_eq!((&transcript["script_name"], &transcript["exit_code"]), (&json!("minidump.ps1"), &json!(0)));
    assert!(transcript["script_output"].is_string() && transcript["script_errors"].is_string());
    let answer = world.client.get(&file).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/zip");
    assert_eq!(world.last().operation, Operation::SafeDownload);
    let secret = script.split_once("&sig=").unwrap().1;
    assert!(!format!("{:?}", world.tenant.log()).contains(secret), "the log holds no secret");
    world.clock.advance(Duration::from_secs(30 * 60));
    assert_eq!(world.client.get(&file).send().await.unwrap().status().as_u16(), 403);
    assert_eq!(world.get(&result_path(&id, 7)).await.error(), (404, "ResourceNotFound".into()));
    let isolation = world.open(DESKTOP, "isolate").await;
    assert_eq!(world.get(&result_path(&isolation, 0)).await.error(), (404, "ResourceNotFound".into()));
}

/// <https://learn.microsoft.com/en-us/defender-endpoint/api/list-library-files> and "Delete a file from the library".
#[tokio::test]
async fn the_library_is_listed_and_a_deleted_file_is_gone() {
    let world = World::new().await;
    let files = world.get("/api/libraryfiles").await.json()["value"].clone();
    assert_eq!(files[0]["fileName"], "script1.ps1");
    assert_eq!(
        (&files[0]["hasParameters"], &files[0]["parametersDescription"]),
        (&json!(true), &json!("test"))
    );
    assert!(files[0]["description"].is_null() && files[1].get("parametersDescription").is_none());
    let delete = || world.try_call(Method::DELETE, "/api/libraryfiles/script1.ps1", None);
    let answer = delete().await.unwrap();
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    assert_eq!(delete().await.unwrap().error(), (404, "ResourceNotFound".into()));
    assert_eq!(world.tenant.library(), ["script.sh", "memdump.exe", "minidump.ps1"]);
    let reader = World::with(|config| config.permissions = vec!["Machine.LiveResponse".into()]).await;
    assert_eq!(reader.get("/api/libraryfiles").await.error(), (403, "Forbidden".into()));
}

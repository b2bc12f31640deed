//! <https://learn.microsoft.com/en-us/defender-endpoint/api/upload-library> and the pages around it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::helpers::{Answer, DESKTOP, World};

const KIND: &str = "multipart/form-data; boundary=XyZ";
/// FIPS 180-4, example of a message of one block.
const SHA256_OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// A form as curl writes it.
fn form(file: &str, content: &str, texts: &[(&str, &str)]) -> String {
    let mut body = format!(
        "--XyZ\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n{content}\r\n"
    );
    for (name, text) in texts {
        body += &format!("--XyZ\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
    }
    body + "--XyZ--\r\n"
}

async fn upload(world: &World, body: String) -> Answer {
    world.send("/api/libraryfiles", KIND, body).await
}

async fn row(world: &World, name: &str) -> Value {
    let files = world.get("/api/libraryfiles").await.json()["value"].clone();
    files.as_array().unwrap().iter().find(|file| file["fileName"] == name).cloned().unwrap_or_default()
}

#[tokio::test]
async fn an_uploaded_file_is_listed_and_a_session_can_run_it() {
    let world = World::new().await;
    let run = json!({ "Comment": "x", "Commands": [
        { "type": "RunScript", "params": [{ "key": "ScriptName", "value": "new.sh" }] },
    ] });
    let path = format!("/api/machines/{DESKTOP}/runliveresponse");
    let without = world.post(&path, &run.to_string()).await.field("id");
    assert_eq!(world.status(&without).await, "Failed");
    let texts = [
        ("ParametersDescription", "test"),
        ("HasParameters", "true"),
        ("OverrideIfExists", "true"),
        ("Description", "test description"),
    ];
    let answer = upload(&world, form("new.sh", "abc", &texts)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let file = row(&world, "new.sh").await;
    assert_eq!(file["sha256"], SHA256_OF_ABC);
    assert_eq!((&file["description"], &file["hasParameters"]), (&json!("test description"), &json!(true)));
    assert_eq!((&file["parametersDescription"], &file["createdBy"]), (&json!("test"), &json!("Riposte")));
    assert_eq!(
        (&file["creationTime"], &file["lastUpdatedTime"]),
        (&file["creationTime"], &file["creationTime"])
    );
    let mut answered = answer.json();
    answered.as_object_mut().unwrap().retain(|name, _| !name.starts_with("@odata."));
    assert_eq!(answered, file);
    assert_eq!(world.tenant.effects().last().unwrap().to_string(), "uploadLibraryFile new.sh");
    let with = world.post(&path, &run.to_string()).await.field("id");
    assert_eq!(world.status(&with).await, "Succeeded");
}

#[tokio::test]
async fn a_file_of_the_name_is_replaced_only_where_that_is_wanted() {
    let world = World::new().await;
    let before = row(&world, "script.sh").await;
    for texts in [&[][..], &[("OverrideIfExists", "")], &[("OverrideIfExists", "False")]] {
        let refused = upload(&world, form("script.sh", "abc", texts)).await;
        assert_eq!(refused.error(), (400, "BadRequest".into()), "{texts:?}");
    }
    assert_eq!((row(&world, "script.sh").await, world.tenant.effects().len()), (before.clone(), 0));
    world.clock.advance(Duration::from_secs(60));
    let replaced = upload(&world, form("script.sh", "abc", &[("overrideifexists", "true")])).await;
    assert_eq!((replaced.status, replaced.field("sha256")), (200, SHA256_OF_ABC.into()));
    let after = row(&world, "script.sh").await;
    assert_eq!(after["creationTime"], before["creationTime"]);
    assert_ne!(after["lastUpdatedTime"], before["lastUpdatedTime"]);
    assert!(after["description"].is_null() && after.get("parametersDescription").is_none());
    assert_eq!(world.tenant.library().len(), 4);
}

#[tokio::test]
async fn what_is_no_form_with_a_file_is_refused() {
    let world = World::new().await;
    let file = || form("new.sh", "abc", &[]);
    for (kind, body, code) in [
        ("application/json", file(), "BadRequest"),
        (KIND, "{}".to_owned(), "BadRequest"),
        (KIND, file().replace("--XyZ--", ""), "BadRequest"),
        (KIND, file().replace("name=\"file\"", "name=\"other\""), "MissingRequiredParameter"),
        (KIND, file().replace("; filename=\"new.sh\"", ""), "BadRequest"),
        (KIND, form("../new.sh", "abc", &[]), "BadRequest"),
        (KIND, form("", "abc", &[]), "BadRequest"),
        (KIND, form("new.sh", "", &[]), "BadRequest"),
        (KIND, form("new.sh", "abc", &[("OverrideIfExists", "perhaps")]), "BadRequest"),
    ] {
        let answer = world.send("/api/libraryfiles", kind, body.clone()).await;
        assert_eq!(answer.error(), (400, code.to_owned()), "{kind} {body}");
    }
    assert!(world.tenant.effects().is_empty());
    let reader = World::with(|config| config.permissions = vec!["Machine.LiveResponse".into()]).await;
    assert_eq!(upload(&reader, file()).await.error(), (403, "Forbidden".into()));
}

#[tokio::test]
async fn a_file_may_have_20_mb_and_nothing_else_more_than_1_mib() {
    let world = World::new().await;
    assert_eq!(upload(&world, form("large.bin", &"x".repeat(20_000_000), &[])).await.status, 200);
    let larger = upload(&world, form("larger.bin", &"x".repeat(20_000_001), &[])).await;
    assert_eq!(larger.error(), (400, "BadRequest".into()));
    let json = format!("{{\"Comment\":\"{}\"}}", "x".repeat(1 << 20));
    assert_eq!(world.post(&format!("/api/machines/{DESKTOP}/isolate"), &json).await.status, 413);
    assert_eq!(world.tenant.effects().len(), 1);
}

//! A form with a file, as a strict reader sees it.

use riposte_defender::{Delivery, UploadLibraryFile};
use serde_json::Value;

use crate::{
    examples::example,
    server::{PATIENCE, Server, authority, client, json_response},
};

/// The fields of a form as a strict reader of RFC 7578 sees them: name, file name and value of each.
fn fields(kind: &str, body: &[u8]) -> Vec<(String, Option<String>, String)> {
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").expect("a form");
    let body = std::str::from_utf8(body).expect("a text");
    let inner = body.strip_prefix(&format!("--{boundary}\r\n")).expect("a beginning");
    let inner = inner.strip_suffix(&format!("\r\n--{boundary}--\r\n")).expect("an end");
    let part = |part: &str| {
        let (headers, value) = part.split_once("\r\n\r\n").expect("headers");
        let about = headers.strip_prefix("Content-Disposition: form-data; name=\"").expect("a name");
        let (name, about) = about.split_once('"').expect("an end of the name");
        let file_name = about.strip_prefix("; filename=\"").and_then(|about| about.split_once('"'));
        (name.to_owned(), file_name.map(|(name, _)| name.to_owned()), value.to_owned())
    };
    inner.split(&format!("\r\n--{boundary}\r\n")).map(part).collect()
}

#[tokio::test]
async fn upload_library_file_is_as_documented() {
    let file = example!("list_library_files")["response"]["body"]["value"][0].clone();
    let example = example!("upload_library_file");
    let api = Server::start(move |number, _| match number {
        0 => json_response(401, &Value::Null),
        _ => json_response(200, &file),
    })
    .await;
    let authority = authority().await;
    let upload = UploadLibraryFile {
        file_name: "mdatp1.png".into(),
        content: b"\r\n--not a picture\0".to_vec(),
        description: Some("test description".into()),
        parameters_description: Some("test".into()),
        override_if_exists: true,
    };
    let uploaded = client(&api, &authority).send(&upload, PATIENCE).await.expect("the documented answer");
    assert_eq!(uploaded.file_name, "script1.ps1");
    let documented: Vec<(String, Option<String>, String)> = example["request"]["body"]
        .as_object()
        .expect("fields")
        .iter()
        .map(|(name, value)| match value.as_str().expect("a text") {
            "@mdatp1.png" => (name.clone(), Some("mdatp1.png".into()), "\r\n--not a picture\0".into()),
            text => (name.clone(), None, text.to_owned()),
        })
        .collect();
    // With the token that is good, and with the one before that is not.
    assert_eq!(api.seen().len(), 2);
    for seen in api.seen() {
        assert_eq!(Some(seen.method.as_str()), example["request"]["method"].as_str());
        assert_eq!(Some(seen.path.as_str()), example["request"]["path"].as_str());
        assert_eq!(fields(seen.header("content-type").expect("a type"), &seen.body), documented);
    }
}

#[tokio::test]
async fn an_upload_says_no_more_than_it_has_to_say() {
    let answer = example!("list_library_files")["response"]["body"]["value"][1].clone();
    let api = Server::start(move |_, _| json_response(200, &answer)).await;
    let authority = authority().await;
    let upload = UploadLibraryFile {
        file_name: "script.sh".into(),
        content: b"abc".to_vec(),
        description: None,
        parameters_description: None,
        override_if_exists: false,
    };
    client(&api, &authority).send(&upload, PATIENCE).await.expect("a file");
    let seen = &api.seen()[0];
    let field = |name: &str, value: &str| (name.to_owned(), None, value.to_owned());
    let file = ("file".to_owned(), Some("script.sh".to_owned()), "abc".to_owned());
    let sent = fields(seen.header("content-type").expect("a type"), &seen.body);
    assert_eq!(sent, [file, field("HasParameters", "false"), field("OverrideIfExists", "false")]);
    // FIPS 180-4, example of a message of one block.
    assert_eq!(upload.sha256(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

#[tokio::test]
async fn an_upload_without_a_file_in_its_answer_is_lost() {
    for answer in [Value::Null, serde_json::json!({}), serde_json::json!({ "fileName": null })] {
        let api = Server::start(move |_, _| json_response(200, &answer)).await;
        let authority = authority().await;
        let upload = UploadLibraryFile {
            file_name: "a".into(),
            content: b"x".to_vec(),
            description: None,
            parameters_description: None,
            override_if_exists: false,
        };
        let error = client(&api, &authority).send(&upload, PATIENCE).await.expect_err("no file");
        assert_eq!(error.delivery(), Delivery::Unknown);
    }
}

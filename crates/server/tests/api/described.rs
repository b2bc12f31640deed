//! The API's description.

use crate::stage::House;
use riposte_server::config::Role;
use serde_json::Value;

#[test]
fn the_api_is_described_like_this() {
    insta::assert_json_snapshot!(riposte_server::api::openapi());
}

#[tokio::test]
async fn it_is_served_where_it_says() {
    let house = House::new(&[]).await;
    let served = house.ask(Role::Viewer, "GET /api/openapi.json", &Value::Null).await;
    assert_eq!((served.status, served.header("content-type")), (200, Some("application/json")));
    assert_eq!(served.body, riposte_server::api::openapi());
}

/// What a reader of the description, or a program made from it, needs of each operation.
#[test]
fn each_operation_has_a_name_of_its_own_words_and_problems() {
    let described = riposte_server::api::openapi();
    assert_eq!(described["openapi"], "3.1.0");
    let tags: Vec<&str> =
        described["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut names = Vec::new();
    for (path, item) in described["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let text = |key: &str| operation[key].as_str().unwrap_or_default();
            assert!(!text("summary").is_empty() && !text("description").is_empty(), "{method} {path}");
            let tag = operation["tags"].as_array().unwrap();
            assert!(tag.len() == 1 && tags.contains(&tag[0].as_str().unwrap()), "{method} {path}");
            names.push(text("operationId").to_owned());
            for (status, response) in operation["responses"].as_object().unwrap() {
                // Whoever asks how the daemon is, is told, and not refused.
                let refused =
                    !status.starts_with('2') && (path.as_str(), status.as_str()) != ("/readyz", "503");
                let problem = response["content"].get("application/problem+json").is_some();
                assert_eq!(refused, problem, "{method} {path}: {status}");
            }
        }
    }
    let count = names.len();
    names.sort();
    names.dedup();
    assert!(names.len() == count && names.iter().all(|name| !name.is_empty()), "{names:?}");
}

//! What a client tells whoever counts what it does.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use riposte_defender::{Budget, Class, Client, Connection, Error, GetMachine, Meter};
use serde_json::json;

use crate::server::{PATIENCE, Server, authority, connection, json_response, response};

/// Everything that was told, but for how long it took.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Notes {
    fn note(&self, words: String) {
        self.0.lock().expect("nobody panics with it").push(words);
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().expect("nobody panics with it").clone()
    }
}

impl Meter for Notes {
    fn request(&self, operation: &'static str, status: Option<u16>, _: Duration) {
        self.note(format!("{operation} {status:?}"));
    }

    fn token(&self, granted: bool) {
        self.note(format!("token {granted}"));
    }

    fn waited(&self, class: Class, _: Duration) {
        self.note(format!("waited as {}", class.name()));
    }

    fn throttled(&self, class: Class, longer: Duration) {
        // A little of the pause is over when it is told.
        self.note(format!("{} closed for {:.0}", class.name(), longer.as_secs_f64()));
    }
}

#[tokio::test]
async fn each_request_token_turn_and_refusal_is_told_once() {
    let api = Server::start(|number, _| match number {
        0 => json_response(401, &json!({"error": {"code": "Unauthorized"}})),
        1 => json_response(200, &json!({"id": "m-1"})),
        _ => response(429, &[("retry-after", "30")], "{}"),
    })
    .await;
    let authority = authority().await;
    let notes = Arc::new(Notes::default());
    let connection = Connection {
        budget: Budget::unlimited(),
        meter: notes.clone(),
        ..connection(&api.url(), &authority.url())
    };
    let client = Client::new(connection).expect("a usable connection");
    let get = GetMachine { machine_id: "m-1".into() };
    client.send(&get, PATIENCE).await.expect("a machine");
    let expected = [
        "token true",
        "waited as general",
        "get_machine Some(401)",
        "token true",
        "waited as general",
        "get_machine Some(200)",
    ];
    assert_eq!(notes.all(), expected);
    let error = client.send(&get, PATIENCE).await.expect_err("too many");
    assert!(matches!(error, Error::Throttled { .. }), "{error}");
    let expected = ["waited as general", "get_machine Some(429)", "general closed for 30"];
    assert_eq!(notes.all()[6..], expected);
}

#[tokio::test]
async fn a_request_without_an_answer_has_no_status() {
    let authority = authority().await;
    let notes = Arc::new(Notes::default());
    // Nobody listens there.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", gone.local_addr().expect("its address"));
    drop(gone);
    let connection = Connection { meter: notes.clone(), ..connection(&address, &authority.url()) };
    let client = Client::new(connection).expect("a usable connection");
    client.send(&GetMachine { machine_id: "m-1".into() }, PATIENCE).await.expect_err("nobody is there");
    assert_eq!(notes.all().last().map(String::as_str), Some("get_machine None"));
}

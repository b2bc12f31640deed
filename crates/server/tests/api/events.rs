//! Following runs.

use crate::stage::{Answer, House, QUICK, SLOW, answer, request, secret};
use axum::body::BodyDataStream;
use futures_util::StreamExt;
use riposte_server::api::MAX_FOLLOWERS;
use riposte_server::config::Role;
use serde_json::{Value, json};
use tower::ServiceExt;

/// Somebody who is sent what happens.
struct Reader {
    stream: BodyDataStream,
    /// What has come and not been looked at.
    rest: String,
}

impl Reader {
    async fn of(house: &House, run: &str, headers: &[(&str, &str)]) -> Result<Reader, Answer> {
        Reader::at(house, &format!("{run}/events"), headers).await
    }

    async fn at(house: &House, path: &str, headers: &[(&str, &str)]) -> Result<Reader, Answer> {
        let token = format!("Bearer {}", secret(Role::Viewer));
        let mut all = vec![("authorization", &*token), ("accept", "text/event-stream")];
        all.extend(headers);
        let asked = format!("GET /api/v1/runs/{path}");
        let response = house.network.clone().oneshot(request(&asked, &all, &Value::Null)).await.unwrap();
        if response.status() != 200 {
            return Err(answer(&house.network, request(&asked, &all, &Value::Null)).await);
        }
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Ok(Reader { stream: response.into_body().into_data_stream(), rest: String::new() })
    }

    /// The next block of lines; none at the end.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.rest.split_once("\n\n") {
                let block = block.to_owned();
                self.rest = rest.to_owned();
                return Some(block);
            }
            let chunk = self.stream.next().await?.unwrap();
            self.rest.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next event; its id is its number.
    async fn event(&mut self) -> Option<Value> {
        let block = self.block().await?;
        let (id, data) = block.strip_prefix("id: ").and_then(|block| block.split_once("\ndata: ")).unwrap();
        let event: Value = serde_json::from_str(data).unwrap();
        assert_eq!(event["seq"].to_string(), id);
        Some(event)
    }

    async fn kinds(&mut self) -> Vec<String> {
        let mut kinds = Vec::new();
        while let Some(event) = self.event().await {
            kinds.push(event["kind"].as_str().unwrap().to_owned());
        }
        kinds
    }
}

async fn cancel(house: &House, run: &str) {
    let said = house.ask(Role::Operator, &format!("POST /api/v1/runs/{run}/cancel"), &Value::Null).await;
    assert_eq!(said.status, 202, "{said:?}");
}

/// Everything that a run has had, once it is over.
async fn shown(house: &House, run: &str) -> Vec<Value> {
    loop {
        let shown = house.ask(Role::Viewer, &format!("GET /api/v1/runs/{run}"), &Value::Null).await;
        if shown.body["status"] != "running" {
            return shown.body["events"].as_array().unwrap().clone();
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_happens_is_sent_as_it_happens_until_the_run_is_over() {
    let house = House::new(&[SLOW]).await;
    let run = house.start("slow").await;
    let mut reader = Reader::of(&house, &run, &[]).await.ok().unwrap();
    let started = reader.event().await.unwrap();
    assert_eq!((&started["kind"], &started["playbook"]), (&json!("run_started"), &json!("slow")));
    assert_eq!(reader.event().await.unwrap()["kind"], "timer_set");
    // Nothing more happens by itself.
    assert!(futures_util::poll!(Box::pin(reader.block())).is_pending());
    cancel(&house, &run).await;
    let rest = reader.kinds().await;
    assert_eq!(rest.first().map(String::as_str), Some("cancel_requested"));
    assert_eq!(rest.last().map(String::as_str), Some("run_finished"));
    let events = shown(&house, &run).await;
    assert_eq!(events.len(), 2 + rest.len());
    assert_eq!(events[0], started, "an event is the same wherever it is shown");
}

#[tokio::test]
async fn whoever_was_cut_off_goes_on_behind_the_last_event() {
    let house = House::new(&[SLOW]).await;
    let run = house.start("slow").await;
    let mut reader = Reader::of(&house, &run, &[]).await.ok().unwrap();
    reader.event().await.unwrap();
    drop(reader);
    cancel(&house, &run).await;
    let all = shown(&house, &run).await;
    let mut again = Reader::of(&house, &run, &[("last-event-id", "1")]).await.ok().unwrap();
    assert_eq!(again.event().await.as_ref(), Some(&all[1]));
    assert_eq!(again.kinds().await.len(), all.len() - 2);
    let path = format!("{run}/events?after=1");
    assert_eq!(Reader::at(&house, &path, &[]).await.ok().unwrap().event().await.as_ref(), Some(&all[1]));
    // The header counts more than the address, which a browser repeats as it was.
    let mut again = Reader::at(&house, &path, &[("last-event-id", "2")]).await.ok().unwrap();
    assert_eq!(again.event().await.as_ref(), Some(&all[2]));
    let last = all.len().to_string();
    for id in [&*last, "18446744073709551615"] {
        let over = Reader::of(&house, &run, &[("last-event-id", id)]).await.err().unwrap();
        assert_eq!((over.status, over.body), (204, Value::Null), "a browser stops asking at this");
    }
    for id in ["", "x", "-1", "1.0", "18446744073709551616"] {
        let refused = Reader::of(&house, &run, &[("last-event-id", id)]).await.err().unwrap();
        assert_eq!(refused.problem(), (400, "bad-request"), "{id}");
    }
}

#[tokio::test]
async fn more_than_there_are_places_for_are_sent_away() {
    let house = House::new(&[SLOW]).await;
    let run = house.start("slow").await;
    let mut readers = Vec::new();
    for _ in 0..MAX_FOLLOWERS {
        readers.push(Reader::of(&house, &run, &[]).await.ok().unwrap());
    }
    let refused = Reader::of(&house, &run, &[]).await.err().unwrap();
    assert_eq!(refused.problem(), (503, "followers"));
    assert_eq!(refused.header("retry-after"), Some("10"));
    readers.pop();
    readers.push(Reader::of(&house, &run, &[]).await.ok().unwrap());
    // Each is sent everything.
    cancel(&house, &run).await;
    let all = shown(&house, &run).await.len();
    for mut reader in readers {
        assert_eq!(reader.kinds().await.len(), all);
    }
}

#[tokio::test]
async fn streams_end_when_the_daemon_does() {
    let house = House::new(&[SLOW]).await;
    let run = house.start("slow").await;
    let mut reader = Reader::of(&house, &run, &[]).await.ok().unwrap();
    while reader.event().await.unwrap()["kind"] != "timer_set" {}
    house.api.stop.cancel();
    assert_eq!(reader.block().await, None);
}

#[tokio::test(start_paused = true)]
async fn silence_is_broken_before_somebody_takes_it_for_the_end() {
    let house = House::new(&[SLOW]).await;
    let run = house.start("slow").await;
    let mut reader = Reader::of(&house, &run, &[]).await.ok().unwrap();
    while reader.event().await.unwrap()["kind"] != "timer_set" {}
    let before = tokio::time::Instant::now();
    // A comment, which no reader takes for an event.
    assert_eq!(reader.block().await.as_deref(), Some(":"));
    assert_eq!(before.elapsed().as_secs(), 15);
}

#[tokio::test]
async fn everybody_else_reads_page_by_page() {
    let house = House::new(&[QUICK]).await;
    let body = json!({ "playbook": "quick", "inputs": { "device": "00ff" } });
    let run = house.ask(Role::Operator, "POST /api/v1/runs", &body).await.body["run_id"].clone();
    let run = run.as_str().unwrap();
    let all = shown(&house, run).await;
    let (mut read, mut after) = (Vec::new(), json!(0));
    loop {
        let asked = format!("GET /api/v1/runs/{run}/events?limit=1&after={after}");
        let page = house.ask(Role::Viewer, &asked, &Value::Null).await;
        assert_eq!((page.status, page.header("vary")), (200, Some("accept")));
        assert_eq!((&page.body["run_id"], &page.body["status"]), (&json!(run), &json!("succeeded")));
        let events = page.body["events"].as_array().unwrap();
        after = page.body["next"].clone();
        if events.is_empty() {
            break;
        }
        read.extend(events.clone());
    }
    assert_eq!(read, all);
    for (query, problem) in
        [("limit=0", "`limit` is 1 to 500"), ("limit=501", "`limit`"), ("after=-1", "after")]
    {
        let asked = format!("GET /api/v1/runs/{run}/events?{query}");
        let refused = house.ask(Role::Viewer, &asked, &Value::Null).await;
        assert_eq!(refused.problem(), (400, "bad-request"), "{query}");
        assert!(refused.body["detail"].as_str().unwrap().contains(problem), "{refused:?}");
    }
    let none = "GET /api/v1/runs/run_00000000000000000000000000000000/events";
    assert_eq!(house.ask(Role::Viewer, none, &Value::Null).await.problem(), (404, "not-found"));
    let none = Reader::of(&house, "run_00000000000000000000000000000000", &[]).await.err().unwrap();
    assert_eq!(none.problem(), (404, "not-found"));
}

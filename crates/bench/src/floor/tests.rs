use super::*;
use crate::http::Client;
use crate::provider::Provider;
use sqlx::{ConnectOptions, Row as _};

async fn listening() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

async fn deliver(client: &Client, token: &str, alert: Value) -> Result<Bytes> {
    let request = Request::post("/hooks/bench").header("authorization", format!("Bearer {token}"));
    client.send(request.body(http_body_util::Full::from(alert.to_string())).unwrap()).await
}

#[tokio::test]
async fn a_handful_of_runs_is_carried_out_and_recorded_in_order() {
    a_handful_over(Library::Hyper).await;
    a_handful_over(Library::Reqwest).await;
}

async fn a_handful_over(library: Library) {
    let folder = tempfile::tempdir().unwrap();
    let (listener, provider) = listening().await;
    tokio::spawn(Provider::new(Duration::from_millis(5)).serve(listener));
    let pause = Duration::from_millis(1);
    let floor = Floor::start(folder.path(), provider, library, "secret", pause).await.unwrap();
    let (listener, address) = listening().await;
    tokio::spawn(floor.clone().serve(listener));
    let client = Client::new(address, 8);
    for number in 0..5 {
        let alert = json!({ "machineId": format!("device-{number}"), "severity": "High", "id": number });
        deliver(&client, "secret", alert).await.unwrap();
    }
    let low = json!({ "machineId": "device-9", "severity": "Low" });
    assert!(deliver(&client, "secret", low).await.unwrap().starts_with(b"{\"filtered\""));
    let stranger = json!({ "machineId": "device-9", "severity": "High" });
    assert!(deliver(&client, "guessed", stranger).await.is_err());
    floor.close().await.unwrap();

    let asked = Client::new(provider, 1).get("/bench/counts").await.unwrap();
    let counts: Value = serde_json::from_slice(&asked).unwrap();
    assert_eq!(
        (&counts["isolations"], &counts["scans"], &counts["told_scans"]),
        (&json!(5), &json!(5), &json!(5))
    );

    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("journal.db"));
    let mut journal = options.connect().await.unwrap();
    let rows = sqlx::query(
        "SELECT run, group_concat(kind) FROM (SELECT * FROM events ORDER BY run, seq) GROUP BY run",
    );
    let rows = rows.fetch_all(&mut journal).await.unwrap();
    assert_eq!(rows.len(), 5);
    for row in rows {
        let kinds: String = row.get(1);
        let action = "call_intended,call_accepted,call_succeeded";
        assert_eq!(kinds, format!("run_started,{action},{action},run_finished"));
    }
}

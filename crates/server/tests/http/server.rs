//! Over a real socket, on a port that the system chose.

use crate::fixture::{House, Notes, StandingClock, hooks, playbook, post, trigger};
use async_trait::async_trait;
use riposte_engine::{Begun, Delivery};
use riposte_executor::{HostError, NewRun};
use riposte_model::RunId;
use riposte_server::Intake;
use riposte_server::http::{Doors, Limits, router, serve};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

struct Running {
    address: SocketAddr,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

async fn start(doors: Doors) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let server = tokio::spawn(async move {
        serve(listener, router(doors.clone()), *doors.limits(), stopped).await;
        doors.settle().await;
    });
    Running { address, stop, server }
}

fn request(body: &str, connection: &str) -> String {
    format!(
        "POST /hooks/alert HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nconnection: {connection}\r\ncontent-length: \
         {}\r\n\r\n{body}",
        body.len()
    )
}

/// The status of one request on a connection of its own.
async fn ask(address: SocketAddr, body: &str) -> u16 {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request(body, "close").as_bytes()).await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    said[9..12].parse().unwrap()
}

#[tokio::test]
async fn a_flood_is_answered_and_counted_to_the_last_request() {
    let house = House::open(&["dedupe: { key: inputs.alert, window: 1h }"]);
    let running = start(house.doors.clone()).await;
    let mut senders = JoinSet::new();
    for sender in 0..16 {
        let address = running.address;
        senders.spawn(async move {
            let mut answers = BTreeMap::<u16, u64>::new();
            for number in 0..20 {
                // Every fourth is what another sender sends too, every fifth does not fit.
                let alert =
                    if number % 4 == 0 { format!("shared-{number}") } else { format!("{sender}-{number}") };
                let device = if number % 5 == 0 { "nope" } else { "00ff" };
                let body = format!(r#"{{"device":"{device}","alert":"{alert}"}}"#);
                *answers.entry(ask(address, &body).await).or_default() += 1;
            }
            answers
        });
    }
    let mut answers = BTreeMap::<u16, u64>::new();
    while let Some(sender) = senders.join_next().await {
        for (status, count) in sender.unwrap() {
            *answers.entry(status).or_default() += count;
        }
    }
    running.stop.cancel();
    running.server.await.unwrap();
    let counted = house.doors.meter().counts();
    assert_eq!(
        counted.into_iter().map(|((_, status), count)| (status, count)).collect::<BTreeMap<_, _>>(),
        answers
    );
    assert_eq!(answers.values().sum::<u64>(), 320);
    // The clock stands: what the bucket held is what was let through.
    let through = answers.iter().filter(|(status, _)| **status != 429).map(|(_, count)| count).sum::<u64>();
    assert_eq!(through, 100);
    assert_eq!(house.begun() as u64, answers[&202]);
}

#[tokio::test]
async fn a_connection_serves_one_request_after_the_other_and_ends_with_the_server() {
    let house = House::open(&[]);
    let running = start(house.doors.clone()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    for _ in 0..2 {
        stream.write_all(request(r#"{"device":"00ff"}"#, "keep-alive").as_bytes()).await.unwrap();
        let mut said = Vec::new();
        while !said.ends_with(b"\"}") {
            assert_ne!(stream.read_buf(&mut said).await.unwrap(), 0);
        }
        assert!(said.starts_with(b"HTTP/1.1 202"));
    }
    running.stop.cancel();
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0, "an idle connection is closed");
    running.server.await.unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn a_head_that_does_not_come_is_cut_off() {
    let limits = Limits { head_time: Duration::from_millis(1), connections: 1, ..Limits::default() };
    let playbooks = [playbook("contain", &trigger("alert", "none", &[]))];
    let house = House::with(hooks(&playbooks).unwrap(), limits);
    let running = start(house.doors.clone()).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(b"POST /hooks/alert HTTP/1.1\r\nhost: a\r\nx-slow: ").await.unwrap();
    // Whatever is said before, the end comes, although nothing more was sent.
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said).await;
    assert_eq!(house.begun(), 0);
    running.stop.cancel();
    running.server.await.unwrap();
}

/// An engine that says when it has begun to begin, and goes on when it is told to.
struct Slow {
    notes: Notes,
    begun: Arc<Notify>,
    on: Arc<Notify>,
}

#[async_trait]
impl Intake for Slow {
    async fn begin(&self, new: Vec<(NewRun, Option<Delivery>)>) -> Result<Vec<(RunId, Begun)>, HostError> {
        self.begun.notify_one();
        self.on.notified().await;
        self.notes.begin(new).await
    }
}

#[tokio::test]
async fn a_sender_that_hangs_up_does_not_take_its_run_with_it() {
    let (begun, on, notes) = (Arc::new(Notify::new()), Arc::new(Notify::new()), Notes::default());
    let intake = Slow { notes: notes.clone(), begun: begun.clone(), on: on.clone() };
    let hooks = hooks(&[playbook("contain", &trigger("alert", "none", &[]))]).unwrap();
    let clock = Arc::new(StandingClock(Mutex::new(crate::fixture::NOW)));
    let doors = Doors::new(hooks, Arc::new(intake), clock, Limits::default());
    // What the server does when a connection ends: it drops the request.
    let mut request =
        Box::pin(router(doors.clone()).oneshot(post("/hooks/alert", &[], r#"{"device":"00ff"}"#)));
    assert!(futures_util::poll!(&mut request).is_pending());
    begun.notified().await;
    drop(request);
    on.notify_one();
    doors.settle().await;
    assert_eq!(notes.0.lock().unwrap().runs.len(), 1);
}

//! Downloads against a storage that behaves as a test wants.

use std::{
    error::Error as _,
    fs,
    path::Path,
    sync::Arc,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use axum::{body::Body, http::Response};
use futures_util::stream;
use riposte_defender::{Budget, Client, DownloadError, Error, GetPackageUri, Loss, Saved};
use serde_json::json;
use tempfile::TempDir;

use crate::server::{PATIENCE, Seen, Server, authority, connection, json_response, nobody, raw, response};

const ID: &str = "988cc94e-7a8f-4b28-ab65-54970c5d5018";
const LIMIT: u64 = 1_000;
/// What is in the storage, and its SHA-256.
const WHOLE: &[u8] = b"abc";
const SHA256: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// Everything around one download.
struct World {
    api: Server,
    _authority: Server,
    client: Client,
    folder: TempDir,
}

impl World {
    /// Whose links lead to this storage.
    async fn at(storage: &str) -> World {
        World::with(storage, Duration::from_secs(60)).await
    }

    async fn with(storage: &str, silence: Duration) -> World {
        let link = format!("\"{storage}/a/b.zip?se=1&sig=hush-hush\"");
        let api = Server::start(move |_, _| json_response(200, &json!({ "value": link }))).await;
        let authority = authority().await;
        let mut connection = connection(&api.url(), &authority.url());
        connection.timeouts.silence = silence;
        connection.budget = Budget::unlimited();
        let client = Client::new(connection).expect("a usable connection");
        World { api, _authority: authority, client, folder: tempfile::tempdir().expect("a folder") }
    }

    async fn download(&self) -> Result<Saved, DownloadError> {
        let operation = GetPackageUri { action_id: ID.into() };
        self.client.download(&operation, self.folder.path(), LIMIT, PATIENCE).await
    }

    /// Downloads, and looks whether the file is what it should be.
    async fn downloaded(&self) {
        let saved = self.download().await.expect("a file");
        let file = format!("packages/{ID}.zip");
        assert_eq!(saved, Saved { file: file.clone(), bytes: 3, sha256: SHA256.into() });
        assert_eq!(fs::read(self.folder.path().join(file)).expect("a file"), WHOLE);
    }

    async fn failed(&self) -> DownloadError {
        self.download().await.expect_err("a failure")
    }

    /// How often Defender was asked for a link.
    fn links(&self) -> usize {
        self.api.seen().len()
    }

    fn part(&self) -> Option<Vec<u8>> {
        fs::read(self.folder.path().join(format!("packages/{ID}.zip.part"))).ok()
    }
}

/// A file that breaks off behind these bytes of it, of which so many were said to come.
fn breaks(status: u16, headers: &[(&str, &str)], bytes: &'static [u8]) -> Response<Body> {
    let chunks = stream::unfold(Some(bytes), |rest| async move {
        match rest {
            Some(bytes) => Some((Ok(bytes), None)),
            None => {
                tokio::task::yield_now().await;
                Some((Err(std::io::Error::other("it breaks off")), None))
            }
        }
    });
    response(status, headers, Body::from_stream(chunks))
}

fn begun() -> Response<Body> {
    breaks(200, &[("etag", "\"1\""), ("content-length", "3")], b"a")
}

fn rest() -> Response<Body> {
    response(206, &[("etag", "\"1\""), ("content-range", "bytes 1-2/3")], "bc")
}

fn whole() -> Response<Body> {
    response(200, &[("etag", "\"2\"")], WHOLE)
}

async fn storage(answer: impl Fn(usize, &Seen) -> Response<Body> + Send + Sync + 'static) -> Server {
    Server::start(answer).await
}

#[tokio::test]
async fn the_storage_gets_no_token_and_sends_what_it_has_as_it_is() {
    let storage = storage(|_, _| whole()).await;
    let world = World::at(&storage.url()).await;
    world.downloaded().await;
    let seen = &storage.seen()[0];
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("GET", "/a/b.zip"));
    assert_eq!(seen.query, [("se".to_owned(), "1".to_owned()), ("sig".to_owned(), "hush-hush".to_owned())]);
    assert_eq!((seen.header("authorization"), seen.header("cookie")), (None, None));
    assert_eq!((seen.header("accept-encoding"), seen.header("range")), (Some("identity"), None));
    assert!(world.api.seen()[0].header("authorization").is_some());
}

#[tokio::test]
async fn what_broke_off_is_continued_by_range_and_tag() {
    let storage = storage(|number, _| if number == 0 { begun() } else { rest() }).await;
    let world = World::at(&storage.url()).await;
    world.downloaded().await;
    let seen = storage.seen();
    assert_eq!((seen[1].header("range"), seen[1].header("if-range")), (Some("bytes=1-"), Some("\"1\"")));
    assert_eq!((seen.len(), world.links()), (2, 1));
}

#[tokio::test]
async fn what_cannot_be_continued_begins_anew() {
    type Second = fn() -> Response<Body>;
    let seconds: [(&str, Second); 5] = [
        ("the file has changed, and all of it comes", whole),
        ("another part", || response(206, &[("etag", "\"1\""), ("content-range", "bytes 2-2/3")], "c")),
        ("a part of another file", || {
            response(206, &[("etag", "\"2\""), ("content-range", "bytes 1-2/3")], "xx")
        }),
        ("a part that does not say which", || response(206, &[("etag", "\"1\"")], "bc")),
        ("there is no such part", || response(416, &[("content-range", "bytes */1")], "")),
    ];
    for (what, second) in seconds {
        let storage = storage(move |number, _| match number {
            0 => begun(),
            1 => second(),
            _ => whole(),
        })
        .await;
        let world = World::at(&storage.url()).await;
        world.downloaded().await;
        let seen = storage.seen();
        assert!(seen.get(2).is_none_or(|third| third.header("range").is_none()), "{what}");
        assert!(seen.len() <= 3 && world.links() == 1, "{what}");
    }
}

#[tokio::test]
async fn without_a_tag_nothing_is_continued() {
    for tag in [&[("content-length", "3")][..], &[("content-length", "3"), ("etag", "W/\"1\"")]] {
        let tag = tag.to_vec();
        let storage =
            storage(move |number, _| if number == 0 { breaks(200, &tag, b"a") } else { whole() }).await;
        World::at(&storage.url()).await.downloaded().await;
        assert_eq!(storage.seen()[1].header("range"), None);
    }
}

#[tokio::test]
async fn a_file_that_keeps_changing_is_given_up() {
    let storage = storage(|number, _| {
        breaks(200, &[("etag", &format!("\"{number}\"")), ("content-length", "3")], b"a")
    })
    .await;
    let error = World::at(&storage.url()).await.failed().await;
    assert!(matches!(error, DownloadError::Unusable { problem: "it keeps changing", .. }), "{error:?}");
    assert_eq!(storage.seen().len(), 5);
}

#[tokio::test]
async fn wrong_parts_without_end_are_given_up() {
    let storage = storage(|_, _| response(206, &[("content-range", "bytes 1-2/3")], "bc")).await;
    let error = World::at(&storage.url()).await.failed().await;
    let said = format!(
        "the storage at {} sends what cannot be used: it is a part that was not asked for",
        storage.address
    );
    assert_eq!(error.to_string(), said);
    assert_eq!(storage.seen().len(), 4);
}

#[tokio::test]
async fn an_expired_link_is_replaced_and_the_download_goes_on() {
    let storage = storage(|number, _| match number {
        0 => begun(),
        1 | 2 => response(403, &[], "<Error>Signature not valid: sig=hush-hush</Error>"),
        _ => rest(),
    })
    .await;
    let world = World::at(&storage.url()).await;
    world.downloaded().await;
    assert_eq!(world.links(), 3);
    assert_eq!(storage.seen()[3].header("range"), Some("bytes=1-"));
}

#[tokio::test]
async fn links_that_open_nothing_are_given_up() {
    let storage = storage(|_, _| response(403, &[], "")).await;
    let world = World::at(&storage.url()).await;
    let error = world.failed().await;
    let said =
        format!("the storage at {} does not take the links that defender gives (403)", storage.address);
    assert_eq!((error.to_string(), world.links()), (said, 3));
}

#[tokio::test]
async fn the_next_attempt_goes_on_from_what_was_kept() {
    let storage = storage(|number, _| match number {
        0 => begun(),
        1 => response(503, &[("retry-after", "7")], ""),
        _ => rest(),
    })
    .await;
    let world = World::at(&storage.url()).await;
    let error = world.failed().await;
    assert!(matches!(error, DownloadError::Server { status: 503, .. }), "{error:?}");
    assert_eq!((error.retry_after(), world.part()), (Some(Duration::from_secs(7)), Some(b"a".to_vec())));
    world.downloaded().await;
    assert_eq!(storage.seen()[2].header("range"), Some("bytes=1-"));
    assert_eq!(world.part(), None);
    // It is there: nobody is asked.
    world.downloaded().await;
    assert_eq!((storage.seen().len(), world.links()), (3, 2));
}

#[tokio::test]
async fn a_download_that_is_dropped_is_continued_by_the_next() {
    let met = Arc::new(tokio::sync::Notify::new());
    let meeting = Arc::clone(&met);
    let storage = Server::start_slow(move |number, _| {
        let met = Arc::clone(&meeting);
        Box::pin(async move {
            match number {
                0 => begun(),
                1 => {
                    met.notify_one();
                    std::future::pending().await
                }
                _ => rest(),
            }
        })
    })
    .await;
    let world = World::at(&storage.url()).await;
    tokio::select! {
        saved = world.download() => panic!("{saved:?}"),
        () = met.notified() => {}
    }
    world.downloaded().await;
    assert_eq!(storage.seen()[2].header("range"), Some("bytes=1-"));
}

#[tokio::test]
async fn a_storage_that_falls_silent_is_asked_again() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let storage = Server::start_slow(move |number, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            if number > 0 {
                return rest();
            }
            let first = stream::once(async { Ok::<_, std::io::Error>(&b"a"[..]) });
            let body = Body::from_stream(stream::StreamExt::chain(first, stream::pending()));
            response(200, &[("etag", "\"1\""), ("content-length", "3")], body)
        })
    })
    .await;
    World::with(&storage.url(), Duration::from_secs(2)).await.downloaded().await;
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn the_deadline_ends_a_download_and_keeps_what_came() {
    let storage = Server::start_slow(|_, _| {
        Box::pin(async {
            let first = stream::once(async { Ok::<_, std::io::Error>(&b"a"[..]) });
            let body = Body::from_stream(stream::StreamExt::chain(first, stream::pending()));
            response(200, &[("etag", "\"1\""), ("content-length", "3")], body)
        })
    })
    .await;
    let world = World::at(&storage.url()).await;
    let operation = GetPackageUri { action_id: ID.into() };
    let short = Duration::from_secs(2);
    let error =
        world.client.download(&operation, world.folder.path(), LIMIT, short).await.expect_err("no time");
    assert!(matches!(error, DownloadError::OutOfTime { bytes: 1 }), "{error:?}");
    assert_eq!(world.part(), Some(b"a".to_vec()));
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_it_comes_or_as_soon_as_it_shows() {
    let announced = storage(|_, _| response(200, &[], vec![0; 1_001])).await;
    let chunked = storage(|_, _| {
        let chunks = stream::repeat_with(|| Ok::<_, std::io::Error>(vec![0; 400]));
        response(200, &[], Body::from_stream(chunks))
    })
    .await;
    for (storage, size) in [(&announced, Some(1_001)), (&chunked, None)] {
        let world = World::at(&storage.url()).await;
        let error = world.failed().await;
        let DownloadError::TooLarge { limit, size: said, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*limit, *said), (LIMIT, size));
        assert_eq!(world.part(), None);
    }
}

#[tokio::test]
async fn a_body_ends_where_it_is_said_to_end_or_is_not_taken() {
    let chunked = storage(|_, _| {
        let chunks = stream::iter([b"ab", &b"c"[..]].map(Ok::<_, std::io::Error>));
        response(200, &[], Body::from_stream(chunks))
    })
    .await;
    World::at(&chunked.url()).await.downloaded().await;
    // It ends with the connection, so that half of it would look like all of it.
    let endless = raw(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nab").await;
    let error = World::at(&endless).await.failed().await;
    assert!(
        matches!(error, DownloadError::Unusable { problem: "it does not say where it ends", .. }),
        "{error:?}"
    );
    let short = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n").await;
    let error = World::at(&short).await.failed().await;
    assert!(matches!(error, DownloadError::Lost { loss: Loss::Broken, bytes: 0, .. }), "{error:?}");
}

#[tokio::test]
async fn an_empty_file_is_a_file() {
    let storage = storage(|_, _| response(200, &[("content-length", "0")], "")).await;
    let saved = World::at(&storage.url()).await.download().await.expect("a file");
    assert_eq!(saved.sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[tokio::test]
async fn every_other_answer_is_an_error_of_its_own() {
    type Is = fn(&DownloadError) -> bool;
    let cases: [(u16, Is); 4] = [
        (302, |error| matches!(error, DownloadError::Unexpected { status: 302, .. })),
        (404, |error| matches!(error, DownloadError::Unexpected { status: 404, .. })),
        (429, |error| matches!(error, DownloadError::Throttled { .. })),
        (500, |error| matches!(error, DownloadError::Server { status: 500, .. })),
    ];
    for (status, is) in cases {
        let elsewhere = storage(|_, _| whole()).await;
        let target = elsewhere.url();
        let storage = storage(move |_, _| response(status, &[("location", &target)], "")).await;
        let error = World::at(&storage.url()).await.failed().await;
        assert!(is(&error) && error.status() == Some(status), "{error:?}");
        assert_eq!((storage.seen().len(), elsewhere.seen().len()), (1, 0));
    }
    let error = World::at(&nobody()).await.failed().await;
    assert!(matches!(error, DownloadError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn without_a_link_there_is_what_defender_said() {
    let world = World::at("http://files.example.com").await;
    let error = world.failed().await;
    assert!(matches!(error, DownloadError::Link(Error::Lost { .. })), "a link without tls: {error:?}");
    let operation = GetPackageUri { action_id: "../x".into() };
    let asked = world.links();
    let error =
        world.client.download(&operation, world.folder.path(), LIMIT, PATIENCE).await.expect_err("no id");
    assert!(matches!(error, DownloadError::Link(Error::Invalid(_))), "{error:?}");
    assert_eq!(world.links(), asked);
}

#[tokio::test]
async fn no_error_and_no_file_holds_the_link() {
    let broken = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n").await;
    let refusing = storage(|_, _| response(403, &[], "sig=hush-hush")).await;
    let failing = storage(|_, seen| {
        let echo = format!("{:?}", seen.query);
        response(500, &[("retry-after", "sig=hush-hush"), ("etag", "\"sig=hush-hush\"")], echo)
    })
    .await;
    for storage in [broken, refusing.url(), failing.url(), nobody()] {
        let world = World::at(&storage).await;
        let error = world.failed().await;
        let mut text = format!("{error:?} {error}");
        let mut source = error.source();
        while let Some(layer) = source {
            text.push_str(&format!("{layer:?} {layer}"));
            source = layer.source();
        }
        assert!(!text.contains("hush-hush"), "{text}");
        for entry in files(world.folder.path()) {
            let text = fs::read_to_string(&entry).expect("a text");
            assert!(!text.contains("hush-hush"), "{}: {text}", entry.display());
        }
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let below = fs::read_dir(folder.join("packages")).expect("a folder");
    below.map(|entry| entry.expect("an entry").path()).collect()
}

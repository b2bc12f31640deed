//! What happens in a run: page by page, or as it happens.
//!
//! As it happens means server-sent events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>): the number of an
//! event is its id, so that whoever was cut off goes on behind the last one.

use super::Api;
use super::body::{Asked, TheRun};
use super::news::Following;
use super::problems::Refused;
use crate::document::{EventView, Status};
use crate::problem::{Kind, Problem};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HeaderName, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use riposte_engine::{Event, EventPage, RunStatus};
use riposte_model::RunId;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

/// Events in one page, unless another number is asked for.
const PAGE: u32 = 100;
/// Most of them.
const MAX_PAGE: u32 = 500;
/// Events that a stream reads at once: what a slow reader holds in memory.
const CHUNK: u32 = 32;

/// Longest silence of a stream: what stands between here and the reader takes longer ones for the end. What somebody else
/// has written to the journal is found then too.
const SILENCE: Duration = Duration::from_secs(15);

const STREAM: &str = "text/event-stream";

/// Which events.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct EventsQuery {
    /// Only those after the one with this number.
    #[param(nullable = false, minimum = 0)]
    after: Option<u64>,
    /// At most so many, unless they are sent as they happen; 100, if nothing is said.
    #[param(nullable = false, minimum = 1, maximum = 500)]
    limit: Option<u32>,
}

/// Some events of a run.
#[derive(Serialize, ToSchema)]
#[schema(as = EventPage)]
pub(super) struct EventPageView {
    /// The run.
    #[schema(pattern = "^run_[0-9a-f]{32}$")]
    run_id: String,
    /// How it stands. Once it is over and a page is empty, there are no more events, unless it is retried.
    status: Status,
    /// The events, in order.
    events: Vec<EventView>,
    /// The `after` of the page after.
    #[schema(minimum = 0)]
    next: u64,
}

/// Follow a run
///
/// To whoever accepts `text/event-stream`, every event is sent as soon as it is on disk: its number as `id`, and the event, as in
/// the other answer, as `data`. The stream ends when the run is over; then it is answered with 204, at which browsers stop
/// asking. Whoever was cut off goes on with `Last-Event-ID`, or `after`. To everybody else it is a page of what has happened.
#[utoipa::path(
    get, path = "/api/v1/runs/{id}/events", operation_id = "follow_run", tag = "runs",
    params(
        ("id" = String, Path, description = "The run's id, or the beginning of it", pattern = "^run_[0-9a-f]{1,32}$"),
        EventsQuery,
        (
            "Last-Event-ID" = Option<u64>, Header, nullable = false, minimum = 0,
            description = "The number of the last event that was received; counts more than `after`"
        ),
    ),
    responses(
        (status = 200, description = "What has happened", content(
            (EventPageView = "application/json"),
            (String = "text/event-stream", example = "id: 1\ndata: {\"seq\":1,\"at\":\"2026-11-26T12:00:00.000Z\",\"kind\":\"run_started\"}\n\n"),
        )),
        (status = 204, description = "The run is over, and nothing follows (to whoever accepts `text/event-stream`)"),
        Refused<400>, Refused<404>,
    ),
)]
pub(super) async fn events(
    State(api): State<Arc<Api>>,
    TheRun(run): TheRun,
    Asked(query): Asked<EventsQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(Problem::with(Kind::BadRequest, format!("`limit` is 1 to {MAX_PAGE}")));
    }
    let after = last_received(&headers)?.or(query.after).unwrap_or(0);
    let mut response = match accepts_stream(&headers) {
        true => follow(api, run, after).await?,
        false => Json(page(&api, run, after, limit).await?).into_response(),
    };
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

async fn page(api: &Api, run: RunId, after: u64, limit: u32) -> Result<EventPageView, Problem> {
    let EventPage { events, status } = api.store.events_after(run, after, limit).await?;
    Ok(EventPageView {
        run_id: run.to_string(),
        status: status.into(),
        next: events.last().map_or(after, |event| event.seq),
        events: events.iter().map(EventView::of).collect(),
    })
}

fn last_received(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(id) = headers.get("last-event-id") else { return Ok(None) };
    let number = id.to_str().ok().filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()));
    let number = number.and_then(|id| id.parse().ok());
    let refused = || Problem::with(Kind::BadRequest, "`Last-Event-ID` is the number of an event");
    number.map(Some).ok_or_else(refused)
}

fn accepts_stream(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|accept| accept.to_str().ok());
    let mut kinds = accepted.flat_map(|accept| accept.split(','));
    kinds.any(|kind| kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(STREAM)))
}

async fn follow(api: Arc<Api>, run: RunId, after: u64) -> Result<Response, Problem> {
    let first = api.store.events_after(run, after, 1).await?;
    if first.events.is_empty() && first.status != RunStatus::Running {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let full = || Problem::with(Kind::Followers, format!("{} follow runs already", super::MAX_FOLLOWERS));
    let following = api.news.follow(run).ok_or_else(full)?;
    let follower = Follower { api, run, after, following };
    let stream = unfold(follower, |mut follower| async {
        let said = follower.next().await?;
        Some((Ok::<_, Infallible>(said), follower))
    });
    let mut response = Body::from_stream(stream).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(STREAM));
    // A proxy that gathers answers would keep these for ever (nginx, `proxy_buffering`).
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    Ok(response)
}

/// Somebody who is sent events, as fast as they read.
struct Follower {
    api: Arc<Api>,
    run: RunId,
    /// The number of the last event that was sent.
    after: u64,
    following: Following,
}

impl Follower {
    /// What is sent next; none at the end.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            self.following.catch_up();
            let page = self.api.store.events_after(self.run, self.after, CHUNK).await;
            let EventPage { events, status } = page
                .inspect_err(|error| {
                    let error = error as &dyn std::error::Error;
                    tracing::warn!(run_id = %self.run, error, "whoever follows the run is cut off");
                })
                .ok()?;
            if let Some(last) = events.last() {
                self.after = last.seq;
                return Some(events.iter().map(said).collect::<String>().into());
            }
            if status != RunStatus::Running {
                return None;
            }
            tokio::select! {
                () = self.api.stop.cancelled() => return None,
                () = self.following.news() => {}
                () = tokio::time::sleep(SILENCE) => return Some(Bytes::from_static(b":\n\n")),
            }
        }
    }
}

/// One event as it is sent.
fn said(event: &Event) -> String {
    // An event always has a JSON, and JSON has no line breaks of its own.
    let data = serde_json::to_string(&EventView::of(event)).unwrap_or_default();
    format!("id: {}\ndata: {data}\n\n", event.seq)
}

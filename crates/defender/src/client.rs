//! The pipeline of every request, in this order: token, turn, send, bounded read, meaning, log.
//!
//! It owns the HTTP client and the tokens of one tenant. It repeats nothing, with one exception that is explained at
//! [`Inner::exchange`].

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};
use url::Url;

use tracing::Instrument as _;

use crate::{
    answer,
    auth::{Grant, Tokens},
    budget::{Budget, Class, Rank, Turn},
    clock::{Clocks, SeenClock},
    connection::{ConfigError, Connection, host_of},
    error::{Error, Loss},
    meter::Meter,
    outgoing::Outgoing,
    paging::{Collector, MAX_LISTING_BYTES, Next, PageError, Paging},
    redact::Censor,
    request::{Body, InvalidRequest, Method, Operation, RequestParts},
    transport::{MAX_ANSWER_BYTES, ReadError, http_client, read_bounded, storage_client},
    wire::Malformed,
};

/// Longest deadline; a longer one is taken as this.
pub const MAX_DEADLINE: Duration = Duration::from_hours(1);

/// A client of one tenant. Cheap to clone; clones share connections, token, budget and turn.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    leave: Arc<Leave>,
}

/// What a client has for its requests.
pub(crate) struct Leave {
    rank: Rank,
    /// Waited for already.
    turn: Mutex<Option<Turn>>,
}

struct Inner {
    http: reqwest::Client,
    /// `{endpoint}/api`.
    base: Url,
    host: String,
    tokens: Tokens,
    budget: Budget,
    meter: Arc<dyn Meter>,
    clock: SeenClock,
    storage: Storage,
}

/// What is needed to speak to the storage, which is another host and gets no token.
pub(crate) struct Storage {
    pub(crate) http: reqwest::Client,
    /// How long it may say nothing.
    pub(crate) silence: Duration,
}

impl Client {
    /// Makes a client. No request is sent yet.
    ///
    /// # Errors
    /// When the configuration cannot work: see [`ConfigError`].
    pub fn new(connection: Connection) -> Result<Client, ConfigError> {
        let base = connection.api()?;
        let host = host_of(&base);
        let http = http_client(&connection)?;
        let tokens = Tokens::new(http.clone(), &connection)?;
        let storage = Storage { http: storage_client(&connection)?, silence: connection.timeouts.silence };
        let (budget, meter) = (connection.budget, connection.meter);
        let clock = SeenClock::default();
        let inner = Arc::new(Inner { http, base, host, tokens, budget, meter, clock, storage });
        Ok(Client { inner, leave: Arc::new(Leave { rank: Rank::First, turn: Mutex::default() }) })
    }

    pub(crate) fn storage(&self) -> &Storage {
        &self.inner.storage
    }

    /// Waits, for as long as it takes, until the budget lets a call of this class leave. See [`Client::taking`].
    pub async fn turn(&self, customer: &str, class: Class, rank: Rank) -> Turn {
        let asked = Instant::now();
        let turn = self.inner.budget.turn_for(customer, class, rank).await;
        self.inner.meter.waited(class, asked.elapsed());
        turn
    }

    /// A client whose requests are of this rank, and whose first request of the turn's class takes that turn. Those without a
    /// turn wait for one within their deadline. A new client's requests are of the first rank.
    pub fn taking(&self, rank: Rank, turn: Option<Turn>) -> Client {
        Client { inner: Arc::clone(&self.inner), leave: Arc::new(Leave { rank, turn: Mutex::new(turn) }) }
    }

    /// The API host, with its port when that is not the usual one.
    pub fn host(&self) -> &str {
        &self.inner.host
    }

    /// The application's permissions, in Microsoft's names (`Machine.Isolate`), as its current token shows them; None if it does
    /// not. No call of the API is made.
    ///
    /// # Errors
    /// When there is no token: see [`Error`].
    pub async fn roles(&self, deadline: Duration) -> Result<Option<Vec<String>>, Error> {
        let until = Instant::now() + deadline.min(MAX_DEADLINE);
        Ok(self.inner.tokens.current(until).await?.roles())
    }

    /// How this machine's clock stands to the others', as their last answers show.
    pub fn clocks(&self) -> Clocks {
        Clocks { authority: self.inner.tokens.ahead(), api: self.inner.clock.ahead() }
    }

    /// Sends an operation and reads its answer. The deadline covers everything: token, request, answer, and all pages of a
    /// collection.
    ///
    /// Dropping the future while it runs leaves the outcome unknown, as [`Error::Lost`] does.
    ///
    /// # Errors
    /// See [`Error`]; ask [`Error::delivery`] before sending an action again. A deadline below
    /// [`Timeouts::connect`](crate::Timeouts::connect) makes an unreachable host look like a lost answer.
    pub async fn send<O: Operation>(&self, operation: &O, deadline: Duration) -> Result<O::Answer, Error> {
        let until = Instant::now() + deadline.min(MAX_DEADLINE);
        let parts = operation.request();
        let answer = match operation.paging() {
            None => self.inner.single::<O>(&self.leave, &parts, until).await?,
            Some(paging) => self.inner.collection::<O>(&self.leave, parts, paging, until).await?,
        };
        operation.decode(answer).map_err(|malformed| self.inner.malformed(malformed))
    }
}

impl Leave {
    /// The turn that was waited for, if it is for such a call.
    fn take(&self, class: Class) -> Option<Turn> {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        turn.take_if(|turn| turn.class() == class)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("host", &self.inner.host).finish_non_exhaustive()
    }
}

impl Inner {
    async fn single<O: Operation>(
        &self,
        leave: &Leave,
        parts: &RequestParts,
        until: Instant,
    ) -> Result<Value, Error> {
        let outgoing = Outgoing {
            operation: O::NAME,
            class: O::CLASS,
            leave,
            method: parts.method,
            url: parts.url(&self.base)?,
            body: &parts.body,
            limit: MAX_ANSWER_BYTES,
        };
        let body = self.exchange(&outgoing, until).await?;
        answer::document(&self.host, &body)
    }

    async fn collection<O: Operation>(
        &self,
        leave: &Leave,
        first: RequestParts,
        paging: Paging,
        until: Instant,
    ) -> Result<Value, Error> {
        let mut url = first.url(&self.base)?;
        let mut bytes_left = MAX_LISTING_BYTES;
        let mut collector = Collector::new(self.base.clone(), first, paging);
        loop {
            let limit = bytes_left.min(MAX_ANSWER_BYTES);
            let outgoing = Outgoing {
                operation: O::NAME,
                class: O::CLASS,
                leave,
                method: Method::Get,
                url,
                body: &Body::Empty,
                limit,
            };
            let body = self.exchange(&outgoing, until).await?;
            bytes_left = bytes_left.saturating_sub(body.len());
            url = match collector.add(answer::document(&self.host, &body)?) {
                Ok(Next::Done) => return Ok(collector.into_document()),
                Ok(Next::Follow(url)) => url,
                Ok(Next::Ask(parts)) => parts.url(&self.base)?,
                Err(PageError::Malformed(malformed)) => return Err(self.malformed(malformed)),
                Err(PageError::Incomplete(reason)) => return Err(Error::Incomplete(reason)),
            };
        }
    }

    /// Sends a request with the current token, and once more with a new one after a 401.
    ///
    /// This repetition is safe for actions too: a 401 is decided before anything else, so it proves that the request was not
    /// carried out. Nothing else is ever repeated here.
    async fn exchange(&self, outgoing: &Outgoing<'_>, until: Instant) -> Result<Vec<u8>, Error> {
        let grant = self.tokens.current(until).await?;
        match self.in_turn(outgoing, &grant, until).await {
            Err(Error::Refused { status: 401, .. }) => {
                self.tokens.forget(&grant);
                let renewed = self.tokens.current(until).await?;
                self.in_turn(outgoing, &renewed, until).await
            }
            outcome => outcome,
        }
    }

    /// Sends a request when it is its turn. A refusal for too many calls holds for all of its class.
    async fn in_turn(
        &self,
        outgoing: &Outgoing<'_>,
        grant: &Grant,
        until: Instant,
    ) -> Result<Vec<u8>, Error> {
        let turn = match outgoing.leave.take(outgoing.class) {
            Some(turn) => turn,
            None => {
                let asked = Instant::now();
                let turn = timeout_at(until, self.budget.turn(outgoing.class, outgoing.leave.rank)).await;
                self.meter.waited(outgoing.class, asked.elapsed());
                turn.map_err(|_| Error::OverBudget { class: outgoing.class })?
            }
        };
        let span = outgoing.span();
        let outcome = self.logged(outgoing, grant, turn, until).instrument(span).await;
        if let Err(Error::Throttled { retry_after, .. }) = &outcome {
            let longer = self.budget.pause(outgoing.class, *retry_after);
            self.meter.throttled(outgoing.class, longer);
        }
        outcome
    }

    /// One event for each request. No path, no body, no token.
    async fn logged(
        &self,
        outgoing: &Outgoing<'_>,
        grant: &Grant,
        turn: Turn,
        until: Instant,
    ) -> Result<Vec<u8>, Error> {
        let begun = Instant::now();
        let (status, outcome) = self.once(outgoing, grant, turn, until).await;
        self.meter.request(outgoing.operation, status, begun.elapsed());
        outgoing.tell(status, outcome.as_ref().err());
        tracing::debug!(
            operation = outgoing.operation,
            method = outgoing.method.as_str(),
            status,
            duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            request_id = outcome.as_ref().err().and_then(Error::request_id),
            delivery = outcome.as_ref().err().map(|error| tracing::field::debug(error.delivery())),
            "defender request ended"
        );
        outcome
    }

    async fn once(
        &self,
        outgoing: &Outgoing<'_>,
        grant: &Grant,
        turn: Turn,
        until: Instant,
    ) -> (Option<u16>, Result<Vec<u8>, Error>) {
        let response = match self.respond(outgoing, grant, turn, until).await {
            Ok(response) => response,
            Err(error) => return (None, Err(error)),
        };
        self.clock.note(response.headers());
        let status = response.status();
        let outcome = if status.is_success() {
            read_bounded(response, outgoing.limit).await.map_err(|error| self.unread(error))
        } else {
            let headers = response.headers().clone();
            // The status has already decided; a body that cannot be read only costs its message.
            let body = read_bounded(response, answer::MAX_ERROR_BYTES).await.unwrap_or_default();
            let secrets = [grant.bearer()];
            Err(answer::failure(&self.host, status.as_u16(), &headers, &body, &Censor::hiding(&secrets)))
        };
        (Some(status.as_u16()), outcome)
    }

    async fn respond(
        &self,
        outgoing: &Outgoing<'_>,
        grant: &Grant,
        turn: Turn,
        until: Instant,
    ) -> Result<reqwest::Response, Error> {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::OutOfTime);
        }
        let method = match outgoing.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let builder = self
            .http
            .request(method, outgoing.url.clone())
            // Covers the headers and the body of the answer.
            .timeout(left)
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .header(AUTHORIZATION, grant.authorization());
        let builder = match outgoing.body {
            Body::Empty => builder,
            Body::Json(fields) => builder.json(fields),
            Body::Form(form) => {
                let (kind, body) = form.encoded();
                builder.header(CONTENT_TYPE, kind).body(body)
            }
        };
        let request = builder.build().map_err(|_| InvalidRequest::Http)?;
        turn.spend();
        self.http.execute(request).await.map_err(|error| self.unsent_or_lost(error))
    }

    /// Only a failed connection proves that nothing was sent; whatever else happens while sending may have happened after
    /// the last byte had left.
    fn unsent_or_lost(&self, error: reqwest::Error) -> Error {
        let host = self.host.clone();
        if error.is_connect() {
            return Error::Unreachable { host, source: error.into() };
        }
        let loss = if error.is_timeout() { Loss::TimedOut } else { Loss::Broken };
        Error::Lost { host, loss, source: Some(error.into()) }
    }

    fn unread(&self, error: ReadError) -> Error {
        let (loss, source) = match error {
            ReadError::TimedOut(source) => (Loss::TimedOut, Some(source)),
            ReadError::Broken(source) => (Loss::Broken, Some(source)),
            ReadError::TooLarge { limit } => (Loss::TooLarge { limit }, None),
        };
        Error::Lost { host: self.host.clone(), loss, source }
    }

    fn malformed(&self, malformed: Malformed) -> Error {
        Error::Lost { host: self.host.clone(), loss: Loss::Malformed(malformed), source: None }
    }
}

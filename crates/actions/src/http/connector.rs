//! The engine's port to whatever speaks HTTP.

use super::address::{OutOfReach, Reach};
use super::answer::{self, Call};
use super::request::{self, Outgoing};
use super::resolver::{Guarded, Lookup, system};
use super::settings::{Auth, HttpSettings, HttpSettingsError};
use super::spec::{GET, REQUEST};
use super::target::{self, Rules, Target, out_of_reach};
use super::{Arguments, invalid, refused};
use async_trait::async_trait;
use reqwest::{Client, Request};
use riposte_engine::{CallIntended, Connector, Durable, Outcome, Sighting, Standing, Turn};
use riposte_model::{ActionName, ErrorKind, Failure, Host, PlaybookName, Timestamp};
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value};
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tracing::Instrument as _;
use tracing::field::Empty;
use url::Url;

/// For reaching a host, TLS included. Below the shortest budget of a call that acts: only an attempt to connect that ends by
/// this limit is known not to have delivered anything.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Carries out `http.get` and `http.request`.
pub struct HttpConnector {
    rules: Rules,
    /// For hosts that may have public addresses only.
    public: Client,
    /// For those that may have private ones.
    inside: Client,
}

impl HttpConnector {
    /// A connector that calls what the settings list, and nothing else. No request is sent yet.
    ///
    /// # Errors
    /// When a secret or its header cannot be sent, or there are no system certificates: see [`HttpSettingsError`].
    pub fn new(settings: HttpSettings) -> Result<Self, HttpSettingsError> {
        HttpConnector::with_lookup(settings, system())
    }

    pub(super) fn with_lookup(settings: HttpSettings, lookup: Lookup) -> Result<Self, HttpSettingsError> {
        let HttpSettings { allow_hosts, allow_private, allow_http, auth } = settings;
        let auth = auth.into_iter().map(Auth::ready).collect::<Result<_, _>>()?;
        Ok(HttpConnector {
            rules: Rules { allow_hosts, allow_private, allow_http, auth },
            public: client(Guarded { lookup: Arc::clone(&lookup), reach: Reach::Public })?,
            inside: client(Guarded { lookup, reach: Reach::Inside })?,
        })
    }

    async fn exchange(&self, action: &ActionName, arguments: &Arguments, budget: Duration) -> Outcome {
        let begun = Instant::now();
        let (target, outgoing, expected) = match self.prepare(action, arguments) {
            Ok(prepared) => prepared,
            Err(failure) => return Outcome::Failed(failure),
        };
        let Target { url, name, reach, auth } = target;
        let host = Host::of(&url);
        let method = outgoing.method.clone();
        let mut request = Request::new(outgoing.method, url);
        *request.headers_mut() = outgoing.headers;
        *request.body_mut() = outgoing.body.map(Into::into);
        // Covers everything: the name, the connection, and the answer with its body.
        *request.timeout_mut() = Some(budget);
        let client = match reach {
            Reach::Inside => &self.inside,
            // An address that is written out never reaches a resolver.
            Reach::Public | Reach::Link => &self.public,
        };
        let call = Call { action, name: &name, method: method.as_str(), expected: &expected };
        let secret = auth.map(|auth| auth.secret.expose_secret());
        let span = span(action, method.as_str(), &name);
        let (status, outcome) = match client.execute(request).instrument(span.clone()).await {
            Ok(response) => {
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                let outcome = match call.unexpected(status, &headers) {
                    Some(outcome) => outcome,
                    None => call.answered(status, &headers, answer::read(response).await, secret),
                };
                (Some(status), outcome)
            }
            Err(error) => (None, unanswered(&name, host.as_ref(), error)),
        };
        if let Some(status) = status {
            span.record("http.response.status_code", status);
        }
        if matches!(outcome, Outcome::Failed(_) | Outcome::Unknown(_)) {
            span.record("otel.status_code", "ERROR");
        }
        // No path, no header, no body: any of them may be a secret.
        tracing::debug!(
            action = action.as_str(),
            method = method.as_str(),
            host = name,
            status,
            duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            "http request ended"
        );
        outcome
    }

    /// The request, if the connection allows it.
    fn prepare(
        &self,
        action: &ActionName,
        arguments: &Arguments,
    ) -> Result<(Target<'_>, Outgoing, Vec<u16>), Failure> {
        let url =
            arguments.get("url").and_then(Value::as_str).ok_or_else(|| invalid("`url` must be a text"))?;
        let target = self.rules.target(url, &request::query(arguments)?)?;
        let outgoing = match action.as_str() {
            GET => Outgoing::get(arguments, target.auth)?,
            REQUEST => Outgoing::acting(arguments, target.auth)?,
            _ => return Err(refused(format!("this riposte has no action `{action}`"))),
        };
        let expected = arguments.get("expect").and_then(Value::as_array).map_or_else(Vec::new, |list| {
            list.iter().filter_map(Value::as_u64).filter_map(|status| u16::try_from(status).ok()).collect()
        });
        Ok((target, outgoing, expected))
    }
}

/// A request as a span, in the words of OpenTelemetry's conventions for HTTP clients. No path and no query, which may be secrets.
fn span(action: &ActionName, method: &str, host: &str) -> tracing::Span {
    tracing::debug_span!(
        "request",
        otel.name = method,
        otel.kind = "client",
        action = action.as_str(),
        http.request.method = method,
        server.address = host,
        http.response.status_code = Empty,
        otel.status_code = Empty,
    )
}

/// No redirects, no retries of its own, no proxy of the environment, no connection that is kept: an idle one that the other
/// side has just closed would make a doubt of a call that could have been certain.
fn client(resolver: Guarded) -> Result<Client, HttpSettingsError> {
    // reqwest panics without a provider. An error here only says that one is installed already.
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::builder()
        .user_agent(concat!("riposte/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .connect_timeout(CONNECT_TIMEOUT)
        .dns_resolver(Arc::new(resolver))
        .build()
        .map_err(HttpSettingsError::Tls)
}

/// Only a failed connection proves that nothing was sent; whatever else happens while sending may have happened after the
/// last byte had left.
fn unanswered(name: &str, host: Option<&Host>, error: reqwest::Error) -> Outcome {
    let error = error.without_url();
    if let (Some(why), Some(host)) = (cause::<OutOfReach>(&error), host) {
        return Outcome::Failed(out_of_reach(name, host, *why));
    }
    let because = innermost(&error);
    let failure = |what: &str| Failure::new(ErrorKind::Unavailable, format!("{what} {name}: {because}"));
    if error.is_builder() {
        return Outcome::Failed(invalid(format!("the request to {name} cannot be made: {because}")));
    }
    if error.is_connect() {
        return Outcome::Failed(failure("cannot reach"));
    }
    if error.is_timeout() {
        let message = format!("no answer from {name}: the time was over");
        return Outcome::Unknown(Failure::new(ErrorKind::Unavailable, message));
    }
    Outcome::Unknown(failure("no answer from"))
}

/// The first error of this type behind an error.
fn cause<E: std::error::Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// The innermost cause: what the network said, without the layers that say the same in general.
fn innermost(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |cause| (*cause).source())
}

fn mismatch(action: &ActionName, what: &str) -> Outcome {
    Outcome::Failed(refused(format!("`{action}` {what}")))
}

#[async_trait]
impl Connector for HttpConnector {
    async fn turn(&self, _action: &ActionName, _: &PlaybookName) -> Turn {
        // Nobody here knows a service's limits. Its 429 is honoured.
        Turn::free()
    }

    async fn call(
        &self,
        action: &ActionName,
        arguments: &Map<String, Value>,
        _turn: Turn,
        budget: Duration,
    ) -> Outcome {
        match action.as_str() {
            REQUEST => mismatch(action, "may not be called without its intent on disk"),
            _ => self.exchange(action, arguments, budget).await,
        }
    }

    async fn send(&self, call: Durable<CallIntended>, _turn: Turn, budget: Duration) -> Outcome {
        match call.action.as_str() {
            GET => mismatch(&call.action, "may be repeated, and leaves nothing to look for"),
            _ => self.exchange(&call.action, &call.arguments, budget).await,
        }
    }

    async fn find(
        &self,
        call: &CallIntended,
        intended_at: Timestamp,
        _budget: Duration,
    ) -> Result<Sighting, Failure> {
        let method = call.arguments.get("method").and_then(Value::as_str).unwrap_or("request");
        let url = call.arguments.get("url").and_then(Value::as_str).and_then(|url| Url::parse(url).ok());
        let host = url.as_ref().and_then(target::name).unwrap_or_else(|| "the service".to_owned());
        Ok(Sighting::CannotTell {
            hint: format!("look at {host} whether the {method} of {intended_at} took effect"),
        })
    }

    async fn standings(
        &self,
        _ids: &[String],
        _budget: Duration,
    ) -> Result<Vec<(String, Standing)>, Failure> {
        // Each call ends with its answer, so nothing is ever waited for.
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::settings::HttpSettings;
    use riposte_model::HostPattern;
    use serde_json::json;
    use std::net::SocketAddr;
    use std::sync::Mutex;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// A resolver that gives these addresses, one look after another, and the last for ever.
    fn names(answers: &[&str]) -> (Lookup, Arc<Mutex<usize>>) {
        let answers: Vec<SocketAddr> =
            answers.iter().map(|text| (text.parse::<std::net::IpAddr>().unwrap(), 0).into()).collect();
        let looks = Arc::new(Mutex::new(0));
        let count = Arc::clone(&looks);
        let lookup: Lookup = Arc::new(move |_| {
            let mut count = count.lock().unwrap();
            let answer = answers[(*count).min(answers.len() - 1)];
            *count += 1;
            Box::pin(std::future::ready(Ok(vec![answer])))
        });
        (lookup, looks)
    }

    /// A service on this machine: its port, and how many connections were made to it.
    async fn service() -> (u16, Arc<Mutex<usize>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, connections) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::new(0)));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                *count.lock().unwrap() += 1;
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
            }
        });
        (port, connections)
    }

    async fn get(connector: &HttpConnector, port: u16) -> Outcome {
        let action = ActionName::parse(GET).unwrap();
        let arguments = json!({ "url": format!("http://rebind.example.com:{port}/") });
        connector.call(&action, arguments.as_object().unwrap(), Turn::free(), Duration::from_secs(30)).await
    }

    fn connector(lookup: Lookup, port: u16, private: bool) -> HttpConnector {
        let host = vec![HostPattern::parse(&format!("rebind.example.com:{port}")).unwrap()];
        let allow_private = if private { host.clone() } else { Vec::new() };
        let settings = HttpSettings { allow_hosts: host, allow_private, allow_http: true, auth: Vec::new() };
        HttpConnector::with_lookup(settings, lookup).unwrap()
    }

    #[tokio::test]
    async fn the_address_that_was_looked_at_is_the_one_that_is_dialled() {
        let (port, connections) = service().await;
        // It leads inside, and would lead outside if somebody asked again.
        let (lookup, looks) = names(&["127.0.0.1", "192.0.2.1"]);
        let outcome = get(&connector(lookup, port, true), port).await;
        assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
        assert_eq!((*looks.lock().unwrap(), *connections.lock().unwrap()), (1, 1));
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused_each_time_it_does() {
        let (port, connections) = service().await;
        let name = format!("rebind.example.com:{port}");
        for (address, private, said) in [
            (
                "127.0.0.1",
                false,
                format!(
                    "{name} is at 127.0.0.1, a loopback address, and is not among the connection's `allow_private`: list {name} if it is meant"
                ),
            ),
            (
                "::ffff:127.0.0.1",
                false,
                format!(
                    "{name} is at ::ffff:127.0.0.1, a loopback address, and is not among the connection's `allow_private`: list {name} if it is meant"
                ),
            ),
            (
                "169.254.169.254",
                true,
                format!(
                    "{name} is at 169.254.169.254, a cloud's metadata address, which is called only by its own text"
                ),
            ),
            ("0.0.0.0", true, format!("{name} is at 0.0.0.0, an unspecified address, which is never called")),
        ] {
            let connector = connector(names(&[address]).0, port, private);
            for _ in 0..2 {
                let refusal = Outcome::Failed(refused(&said));
                assert_eq!(get(&connector, port).await, refusal);
            }
        }
        assert_eq!(*connections.lock().unwrap(), 0);
    }

    #[tokio::test]
    async fn each_call_looks_again_and_has_a_connection_of_its_own() {
        let (port, connections) = service().await;
        let (lookup, looks) = names(&["127.0.0.1", "127.0.0.1", "169.254.169.254"]);
        let connector = connector(lookup, port, true);
        for _ in 0..2 {
            assert!(matches!(get(&connector, port).await, Outcome::Done(_)));
        }
        assert!(
            matches!(get(&connector, port).await, Outcome::Failed(failure) if failure.kind == ErrorKind::Refused)
        );
        assert_eq!((*looks.lock().unwrap(), *connections.lock().unwrap()), (3, 2));
    }
}

//! What is behind the links that were given out: investigation packages, and what live response brought.
//!
//! A link stands for itself: whoever holds it needs no token. Every package and every file is the same empty archive,
//! because what is in one is no part of the simulation.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::error::ApiError;
use super::reply::Reply;
use super::state::{Incoming, State};

/// Where packages are served, with the path of the documented example.
const PATH: &str = "/safedownload/WDATP_Investigation_Package.zip";
/// The end of a central directory with nothing in it: the smallest archive there is.
const EMPTY_ZIP: &[u8; 22] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
/// Links that are good at once. Past it the oldest is forgotten, as if its short life had ended.
const MAX_LINKS: usize = 1_000;

/// How long a link to a result is good, as documented.
const RESULT_LINK_LIFE: TimeDelta = TimeDelta::minutes(30);

/// The links that are good, oldest first.
#[derive(Debug, Default)]
pub(super) struct Packages(VecDeque<Link>);

#[derive(Debug)]
struct Link {
    secret: String,
    content: Content,
    /// None where nothing is documented.
    until: Option<DateTime<Utc>>,
}

/// What a link leads to.
#[derive(Debug, Clone)]
pub(super) enum Content {
    Archive,
    /// What a script said.
    Transcript(Value),
}

impl Packages {
    /// A new link to a package on this host.
    pub(super) fn link(&mut self, base: &str) -> String {
        let token = self.keep(Content::Archive, None);
        format!("{base}{PATH}?token={token}")
    }

    /// A new link to what a command of a session brought.
    pub(super) fn result_link(
        &mut self,
        base: &str,
        action: Uuid,
        index: usize,
        content: Content,
        now: DateTime<Utc>,
    ) -> String {
        let until = now + RESULT_LINK_LIFE;
        let secret = self.keep(content, Some(until));
        let path = format!("/investigation-actions-data/{action}/CustomPlaybookCommandOutput/{index}");
        format!("{base}{path}?se={}&sp=r&sig={secret}", until.format("%Y-%m-%dT%H%%3A%M%%3A%SZ"))
    }

    fn keep(&mut self, content: Content, until: Option<DateTime<Utc>>) -> String {
        let secret: [u8; 32] = rand::random();
        let secret = BASE64_URL_SAFE_NO_PAD.encode(secret);
        if self.0.len() == MAX_LINKS {
            self.0.pop_front();
        }
        self.0.push_back(Link { secret: secret.clone(), content, until });
        secret
    }

    fn behind(&self, secret: &str, now: DateTime<Utc>) -> Option<&Content> {
        let link = self.0.iter().find(|link| link.secret == secret)?;
        link.until.is_none_or(|until| now < until).then_some(&link.content)
    }
}

/// `GET` of a link.
pub(super) fn download(state: &State, request: &Incoming, now: DateTime<Utc>) -> Reply {
    let query = request.query.as_deref().unwrap_or_default();
    let secret = url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "token" || name == "sig")
        .and_then(|(_, secret)| state.packages.behind(&secret, now));
    match secret {
        Some(Content::Archive) => Reply::zip(EMPTY_ZIP),
        Some(Content::Transcript(transcript)) => Reply::json(200, transcript),
        None => ApiError::no_resource("There is nothing behind this link.").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_the_limit_the_oldest_link_is_forgotten() {
        let mut packages = Packages::default();
        let tokens: Vec<String> = (0..=MAX_LINKS)
            .map(|_| packages.link("http://host").split_once("?token=").unwrap().1.to_owned())
            .collect();
        let now = DateTime::UNIX_EPOCH;
        assert!(packages.behind(&tokens[0], now).is_none());
        assert!(tokens[1..].iter().all(|token| packages.behind(token, now).is_some()));
        assert!(packages.behind("", now).is_none());
    }
}

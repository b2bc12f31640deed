//! The links that were given out, to investigation packages and to what live response brought.
//!
//! A link stands for itself: whoever holds it needs no token, and after its short life it opens nothing.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::content::Content;
use super::range;
use super::reply::Reply;
use super::state::{Incoming, State};
use crate::config::Config;

/// Where packages are served, with the path of the documented example.
const PATH: &str = "/safedownload/WDATP_Investigation_Package.zip";
/// Links that are good at once. Past it the oldest is forgotten, as if its short life had ended.
const MAX_LINKS: usize = 1_000;

/// The links that are good, oldest first.
#[derive(Debug, Default)]
pub(super) struct Packages(VecDeque<Link>);

#[derive(Debug)]
struct Link {
    secret: String,
    content: Content,
    until: DateTime<Utc>,
}

impl Packages {
    /// A new link to a package on this host.
    pub(super) fn link(&mut self, base: &str, content: Content, until: DateTime<Utc>) -> String {
        let token = self.keep(content, until);
        format!("{base}{PATH}?token={token}")
    }

    /// A new link to what a command of a session brought.
    pub(super) fn result_link(
        &mut self,
        base: &str,
        action: Uuid,
        index: usize,
        content: Content,
        until: DateTime<Utc>,
    ) -> String {
        let secret = self.keep(content, until);
        let path = format!("/investigation-actions-data/{action}/CustomPlaybookCommandOutput/{index}");
        format!("{base}{path}?se={}&sp=r&sig={secret}", until.format("%Y-%m-%dT%H%%3A%M%%3A%SZ"))
    }

    fn keep(&mut self, content: Content, until: DateTime<Utc>) -> String {
        let secret: [u8; 32] = rand::random();
        let secret = BASE64_URL_SAFE_NO_PAD.encode(secret);
        if self.0.len() == MAX_LINKS {
            self.0.pop_front();
        }
        self.0.push_back(Link { secret: secret.clone(), content, until });
        secret
    }

    fn behind(&self, secret: &str, now: DateTime<Utc>) -> Option<&Content> {
        self.0.iter().find(|link| link.secret == secret && now < link.until).map(|link| &link.content)
    }

    /// Ends the life of the link that a request came with.
    pub(super) fn revoke(&mut self, request: &Incoming) {
        let secret = secret(request);
        self.0.retain(|link| Some(&link.secret) != secret.as_ref());
    }
}

/// Until when a link is good that is made now.
pub(super) fn until(config: &Config, now: DateTime<Utc>) -> DateTime<Utc> {
    TimeDelta::from_std(config.link_lifetime)
        .ok()
        .and_then(|life| now.checked_add_signed(life))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn secret(request: &Incoming) -> Option<String> {
    let query = request.query.as_deref().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "token" || name == "sig")
        .map(|(_, secret)| secret.into_owned())
}

/// `GET` of a link.
pub(super) fn download(config: &Config, state: &State, request: &Incoming, now: DateTime<Utc>) -> Reply {
    match secret(request).and_then(|secret| state.packages.behind(&secret, now)) {
        Some(content) => range::serve(&content.file(config), request),
        None => Reply::link_refused(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_the_limit_the_oldest_link_is_forgotten() {
        let mut packages = Packages::default();
        let now = DateTime::UNIX_EPOCH;
        let until = until(&Config::default(), now);
        let content = Content::Archive { action: Uuid::nil(), command: None };
        let tokens: Vec<String> = (0..=MAX_LINKS)
            .map(|_| packages.link("http://host", content.clone(), until))
            .map(|link| link.split_once("?token=").unwrap().1.to_owned())
            .collect();
        assert!(packages.behind(&tokens[0], now).is_none());
        assert!(tokens[1..].iter().all(|token| packages.behind(token, now).is_some()));
        assert!(packages.behind("", now).is_none() && packages.behind(&tokens[1], until).is_none());
    }
}

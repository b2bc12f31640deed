//! The investigation packages behind the links that were given out.
//!
//! A link stands for itself: whoever holds it needs no token. Every package is the same empty archive, because what is
//! in one is no part of the simulation.

use std::collections::VecDeque;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::error::ApiError;
use super::reply::Reply;
use super::state::{Incoming, State};

/// Where packages are served, with the path of the documented example.
const PATH: &str = "/safedownload/WDATP_Investigation_Package.zip";
/// The end of a central directory with nothing in it: the smallest archive there is.
const EMPTY_ZIP: &[u8; 22] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
/// Links that are good at once. Past it the oldest is forgotten, as if its short life had ended.
const MAX_LINKS: usize = 1_000;

/// The secrets of the links that are good, oldest first.
#[derive(Debug, Default)]
pub(super) struct Packages(VecDeque<String>);

impl Packages {
    /// A new link on this host.
    pub(super) fn link(&mut self, base: &str) -> String {
        let secret: [u8; 32] = rand::random();
        let token = BASE64_URL_SAFE_NO_PAD.encode(secret);
        let link = format!("{base}{PATH}?token={token}");
        if self.0.len() == MAX_LINKS {
            self.0.pop_front();
        }
        self.0.push_back(token);
        link
    }

    fn holds(&self, token: &str) -> bool {
        self.0.iter().any(|known| known == token)
    }
}

/// `GET` of a link.
pub(super) fn download(state: &State, request: &Incoming) -> Reply {
    let query = request.query.as_deref().unwrap_or_default();
    let token = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "token");
    match token {
        Some((_, token)) if state.packages.holds(&token) => Reply::zip(EMPTY_ZIP),
        _ => ApiError::no_resource("There is no package behind this link.").into(),
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
        assert!(!packages.holds(&tokens[0]));
        assert!(tokens[1..].iter().all(|token| packages.holds(token)));
        assert!(!packages.holds(""));
    }
}

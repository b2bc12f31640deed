//! Who may ask over the network.

use super::access::Caller;
use crate::config::{ApiConfig, TokenConfig};
use crate::hooks::{Bucket, REFUSED_IN_LOG};
use crate::http::Peer;
use crate::problem::{Kind, Problem};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::Response;
use ring::digest;
use riposte_engine::Clock;
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// Most characters of an address that are logged.
const MAX_PATH: usize = 200;

/// The tokens that are known, as digests. Without any, nobody is admitted.
#[derive(Debug, Default)]
pub struct Tokens(Vec<TokenConfig>);

impl Tokens {
    /// As configured.
    pub fn of(config: &ApiConfig) -> Tokens {
        Tokens(config.tokens.clone())
    }

    /// Whose token that is. How long it takes to say says nothing about the token.
    fn holder(&self, token: &str) -> Option<Caller> {
        let shown = digest::digest(&digest::SHA256, token.as_bytes());
        let mut holder = None;
        for token in &self.0 {
            // Each is looked at, also behind the one that it is.
            if bool::from(token.sha256.as_slice().ct_eq(shown.as_ref())) {
                holder = Some(Caller::holder(&token.name, token.role));
            }
        }
        holder
    }
}

/// Who stands at the door to the network.
pub(super) struct Porter {
    tokens: Tokens,
    clock: Arc<dyn Clock>,
    logged: Bucket,
}

impl Porter {
    pub(super) fn new(tokens: Tokens, clock: Arc<dyn Clock>) -> Porter {
        Porter { tokens, clock, logged: Bucket::new(REFUSED_IN_LOG) }
    }

    fn log(&self, request: &Request, why: &'static str) {
        if self.logged.take(self.clock.now()).is_err() {
            return;
        }
        let path: String = request.uri().path().chars().take(MAX_PATH).collect();
        let from = request.extensions().get::<Peer>().map(ToString::to_string);
        tracing::warn!(method = %request.method(), path, from, why, "the API refused somebody");
    }
}

/// Admits whoever shows a token that is known.
pub(super) async fn admit(
    State(porter): State<Arc<Porter>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let caller = match shown(request.headers()) {
        Some(token) => porter.tokens.holder(token).ok_or("the token is not known"),
        None => Err("no token"),
    };
    match caller {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            Ok(next.run(request).await)
        }
        Err(why) => {
            porter.log(&request, why);
            Err(Problem::with(Kind::NoToken, "send `Authorization: Bearer TOKEN`"))
        }
    }
}

/// The one token that a request shows (RFC 6750).
fn shown(headers: &HeaderMap) -> Option<&str> {
    let mut shown = headers.get_all(AUTHORIZATION).iter();
    let (Some(shown), None) = (shown.next(), shown.next()) else { return None };
    let (scheme, token) = shown.to_str().ok()?.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Role;

    fn sha256(token: &str) -> [u8; 32] {
        digest::digest(&digest::SHA256, token.as_bytes()).as_ref().try_into().unwrap()
    }

    fn token(name: &str, role: Role, token: &str) -> TokenConfig {
        TokenConfig { name: name.into(), role, sha256: sha256(token) }
    }

    #[test]
    fn a_token_is_known_by_its_digest_alone() {
        let tokens = Tokens(vec![token("one", Role::Viewer, "first"), token("two", Role::Admin, "second")]);
        assert_eq!(tokens.holder("first"), Some(Caller::holder("one", Role::Viewer)));
        assert_eq!(tokens.holder("second"), Some(Caller::holder("two", Role::Admin)));
        for wrong in ["", "firs", "first ", "third"] {
            assert_eq!(tokens.holder(wrong), None, "{wrong}");
        }
        assert_eq!(Tokens::default().holder("first"), None);
    }

    #[test]
    fn one_token_is_shown_or_none() {
        let headers = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, value.parse().unwrap());
            }
            headers
        };
        assert_eq!(shown(&headers(&["Bearer abc"])), Some("abc"));
        assert_eq!(shown(&headers(&["bEARER  abc "])), Some("abc"));
        for wrong in [&[][..], &["abc"], &["Bearer"], &["Bearer "], &["Basic abc"], &["Bearer a", "Bearer b"]]
        {
            assert_eq!(shown(&headers(wrong)), None, "{wrong:?}");
        }
    }
}

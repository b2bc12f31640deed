//! What a connection to other services may call, and as whom, read as strictly as the rest.

use crate::config::auth::secret;
use crate::config::load::text;
use crate::config::{HttpAuthConfig, HttpConfig, SecretPlaceConfig};
use riposte_model::HostPattern;
use riposte_playbook::yaml::{Field, Fields, Node, Spanned};
use riposte_playbook::{Code, Diagnostic, Diagnostics};
use std::ops::Range;

/// The keys of an `http` connection, but for `kind`.
pub(super) fn http(fields: &mut Fields<'_>, found: &mut Diagnostics) -> Option<HttpConfig> {
    let allow_hosts = fields.require("allow_hosts", found);
    let allow_hosts = allow_hosts.and_then(|field| hosts(&field, field.filled_list(found)?, found));
    let allow_private = match fields.take("allow_private") {
        Some(field) => field.list(found).and_then(|items| hosts(&field, items, found)),
        None => Some(Vec::new()),
    };
    let allow_http = fields.take("allow_http").map_or(Some(false), |field| field.boolean(found));
    let auth = match fields.take("auth") {
        Some(field) => auths(&field, allow_hosts.as_deref(), found),
        None => Some(Vec::new()),
    };
    Some(HttpConfig {
        allow_hosts: allow_hosts?,
        allow_private: allow_private?,
        allow_http: allow_http?,
        auth: auth?,
    })
}

fn hosts(field: &Field<'_>, items: &[Spanned<Node>], found: &mut Diagnostics) -> Option<Vec<HostPattern>> {
    // Each is read, so that everything wrong is told at once.
    let read: Vec<Option<HostPattern>> = items
        .iter()
        .map(|item| match (Field { key: field.key, value: item }).text(found) {
            Some(written) => host(&written.value, item.span.clone(), found),
            None => None,
        })
        .collect();
    read.into_iter().collect()
}

fn host(text: &str, span: Range<usize>, found: &mut Diagnostics) -> Option<HostPattern> {
    match HostPattern::parse(text) {
        Ok(pattern) => Some(pattern),
        Err(why) => {
            found.push(Diagnostic::error(Code::Name, why.to_string(), span, "not so").with_help(
                "write `hooks.example.com`, `*.example.com`, an address, or one of them with `:PORT`",
            ));
            None
        }
    }
}

/// Secrets by host.
fn auths(
    field: &Field<'_>,
    allowed: Option<&[HostPattern]>,
    found: &mut Diagnostics,
) -> Option<Vec<HttpAuthConfig>> {
    let entries = field.mapping(found)?;
    let (mut read, mut whole) = (Vec::<HttpAuthConfig>::new(), true);
    for (key, node) in entries {
        match auth(key, node, allowed, found) {
            // Two spellings of one host.
            Some(auth) if read.iter().any(|other| other.host == auth.host) => {
                found.push(
                    Diagnostic::error(
                        Code::Name,
                        format!("{} has a secret already", auth.host),
                        key.span.clone(),
                        "once more",
                    )
                    .with_help("keep one of them"),
                );
            }
            Some(auth) => read.push(auth),
            None => whole = false,
        }
    }
    whole.then_some(read)
}

fn auth(
    key: &Spanned<String>,
    node: &Spanned<Node>,
    allowed: Option<&[HostPattern]>,
    found: &mut Diagnostics,
) -> Option<HttpAuthConfig> {
    let pattern = host(&key.value, key.span.clone(), found);
    let pattern = pattern.filter(|pattern| {
        let problem = if !pattern.is_one_host() {
            "a secret is for one host"
        } else if allowed.is_some_and(|allowed| !allowed.iter().any(|wide| wide.covers(pattern))) {
            "a secret for a host that is not among `allow_hosts` is never sent"
        } else {
            return true;
        };
        found.push(
            Diagnostic::error(Code::Name, problem.to_owned(), key.span.clone(), "this one")
                .with_help("name the host as in `url`, and allow it in `allow_hosts`"),
        );
        false
    });
    if let Node::Str(_) = node.value {
        // It may be the secret itself.
        let _ = secret(&Field { key, value: node }, found);
        return None;
    }
    let mut fields = Fields::of("a secret's place", node, found)?;
    let secret = fields.require("secret", found).and_then(|field| secret(&field, found));
    let place = place(&mut fields, found);
    fields.finish(found);
    Some(HttpAuthConfig { host: pattern?, secret: secret?, place: place? })
}

/// `header` with `scheme`, or `in: url`.
fn place(fields: &mut Fields<'_>, found: &mut Diagnostics) -> Option<SecretPlaceConfig> {
    let words = [("header", false), ("url", true)];
    let in_url = fields.take("in").map_or(Some(false), |field| field.word(&words, found));
    let (header, scheme) = (fields.take("header"), fields.take("scheme"));
    if in_url? {
        let (None, None) = (&header, &scheme) else {
            for key in [header, scheme].into_iter().flatten().map(|field| field.key) {
                found.push(
                    Diagnostic::error(
                        Code::MisplacedKey,
                        format!("`{}` is for `in: header`", key.value),
                        key.span.clone(),
                        "this secret stands in the address",
                    )
                    .with_help("remove it: the playbook's `url` says `{secret}` where it stands"),
                );
            }
            return None;
        };
        return Some(SecretPlaceConfig::Url);
    }
    let header = match header {
        Some(field) => text(&field, found).and_then(|name| token(&field, name, found)),
        None => Some("Authorization".to_owned()),
    };
    let scheme = match scheme {
        // Empty: the secret stands alone.
        Some(field) => match field.text(found)?.value.as_str() {
            "" => Some(String::new()),
            scheme => token(&field, scheme.to_owned(), found),
        },
        None => Some("Bearer".to_owned()),
    };
    Some(SecretPlaceConfig::Header { name: header?, scheme: scheme? })
}

/// Whether it is a word as headers have it (RFC 9110, section 5.6.2).
pub(super) fn is_token(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(fits)
}

/// The text, if it is one.
fn token(field: &Field<'_>, text: String, found: &mut Diagnostics) -> Option<String> {
    if is_token(&text) {
        return Some(text);
    }
    found.push(
        Diagnostic::error(
            Code::Name,
            format!("`{}` is one word of ASCII letters, digits and `-`", field.key.value),
            field.value.span.clone(),
            "not so",
        )
        .with_help("the secret itself is under `secret`"),
    );
    None
}

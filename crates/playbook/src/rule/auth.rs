//! How a webhook's sender proves itself.

use super::Checker;
use crate::diagnostic::quote;
use crate::yaml::{Field, Fields, Node};
use crate::{Auth, Code, Credential, Diagnostic, suggest};
use std::ops::Range;

/// The ways, besides `none`.
const WAYS: [&str; 3] = ["hmac_sha256", "standard_webhooks", "bearer"];
/// Longest name of a credential or a header, in bytes.
const MAX_NAME: usize = 128;

impl Checker<'_> {
    /// Nobody is let in by an oversight: without `auth` there is no trigger.
    pub(super) fn auth(&mut self, field: Option<Field<'_>>, head: &Range<usize>) -> Option<Auth> {
        let ways = "`hmac_sha256`, `standard_webhooks`, `bearer`, or `none` if anybody may start runs";
        let Some(field) = field else {
            self.found.push(
                Diagnostic::error(
                    Code::Auth,
                    "a trigger must say how its sender proves itself",
                    head.clone(),
                    "`auth` is missing here",
                )
                .with_help(format!("add `auth` with {ways}")),
            );
            return None;
        };
        if let Node::Str(text) = &field.value.value {
            if text.value == "none" {
                self.found.push(
                    Diagnostic::warning(
                        Code::NoAuth,
                        "anybody who reaches this webhook can start runs",
                        field.value.span.clone(),
                        "nobody proves anything",
                    )
                    .with_help(example("hmac_sha256")),
                );
                return Some(Auth::None);
            }
            let known = WAYS.contains(&text.value.as_str());
            let problem = Diagnostic::error(
                Code::Auth,
                if known {
                    format!("{} needs to know its secret", quote(&text.value))
                } else {
                    format!("{} is no way to prove oneself", quote(&text.value))
                },
                field.value.span.clone(),
                if known { "without a secret" } else { "not known" },
            );
            let valid = WAYS.into_iter().chain(["none"]);
            self.found.push(match known {
                true => problem.with_help(example(&text.value)),
                false => problem.with_help_if(suggest(&text.value, valid, "valid ways")),
            });
            return None;
        }
        let mut fields = Fields::of("`auth`", field.value, &mut self.found)?;
        let mut given: Vec<Field<'_>> = WAYS.iter().filter_map(|way| fields.take(way)).collect();
        given.sort_by_key(|way| way.key.span.start);
        let keys = fields.keys().count();
        fields.finish(&mut self.found);
        match given[..] {
            [way] => self.way(way),
            // Unknown keys have been told about.
            [] if keys > 0 => None,
            _ => {
                let problem = Diagnostic::error(
                    Code::Auth,
                    "a sender proves itself in exactly one way",
                    given.get(1).map_or(field.value.head(), |second| second.key.span.clone()),
                    if given.is_empty() { "no way" } else { "a second way" },
                );
                self.found.push(problem.with_help(format!("one of {ways}")));
                None
            }
        }
    }

    fn way(&mut self, way: Field<'_>) -> Option<Auth> {
        let owner = match way.key.value.as_str() {
            "hmac_sha256" => "`hmac_sha256`",
            "standard_webhooks" => "`standard_webhooks`",
            _ => "`bearer`",
        };
        let mut fields = Fields::of(owner, way.value, &mut self.found)?;
        let auth = match way.key.value.as_str() {
            "hmac_sha256" => {
                let secret = fields.require("secret", &mut self.found);
                let header = fields.require("header", &mut self.found);
                let secret = secret.and_then(|field| self.credential(field));
                let header = header.and_then(|field| self.header(field));
                secret.zip(header).map(|(secret, header)| Auth::HmacSha256 { secret, header })
            }
            "standard_webhooks" => {
                let secret = fields.require("secret", &mut self.found);
                secret
                    .and_then(|field| self.credential(field))
                    .map(|secret| Auth::StandardWebhooks { secret })
            }
            _ => {
                let token = fields.require("token", &mut self.found);
                token.and_then(|field| self.credential(field)).map(|token| Auth::Bearer { token })
            }
        };
        fields.finish(&mut self.found);
        auth
    }

    /// `{ credential: NAME }`.
    fn credential(&mut self, field: Field<'_>) -> Option<Credential> {
        if let Node::Str(_) = &field.value.value {
            // The value is not shown twice: it may be the secret.
            self.found.push(
                Diagnostic::error(
                    Code::WrongType,
                    "a secret never stands in a playbook",
                    field.value.span.clone(),
                    "not the name of a credential",
                )
                .with_help(format!("write `{}: {{ credential: NAME }}`", field.key.value)),
            );
            return None;
        }
        let mut fields = Fields::of("a secret", field.value, &mut self.found)?;
        let name = fields.require("credential", &mut self.found);
        fields.finish(&mut self.found);
        let name = name?;
        let text = name.text(&mut self.found)?;
        let fits = is_token(&text.value, b"-_.") && !text.value.starts_with('.');
        if !fits {
            self.found.push(
                Diagnostic::error(
                    Code::Name,
                    format!("{} cannot be a credential's name", quote(&text.value)),
                    name.value.span.clone(),
                    "not a name",
                )
                .with_help("it is the name of a file: letters, digits, `-`, `_` and `.`"),
            );
        }
        fits.then(|| Credential(text.value.clone()))
    }

    /// A header's name: a token of RFC 9110, section 5.6.2.
    fn header(&mut self, field: Field<'_>) -> Option<String> {
        let text = field.text(&mut self.found)?;
        let fits = is_token(&text.value, b"!#$%&'*+-.^_`|~");
        if !fits {
            self.found.push(
                Diagnostic::error(
                    Code::Name,
                    format!("{} cannot be a header's name", quote(&text.value)),
                    field.value.span.clone(),
                    "not a header",
                )
                .with_help("it is like `X-Hub-Signature-256`, without the colon"),
            );
        }
        fits.then(|| text.value.clone())
    }
}

fn is_token(text: &str, others: &[u8]) -> bool {
    (1..=MAX_NAME).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte))
}

fn example(way: &str) -> String {
    match way {
        "hmac_sha256" => {
            "write `auth: { hmac_sha256: { secret: { credential: NAME }, header: X-Hub-Signature-256 } }`"
                .to_owned()
        }
        "bearer" => "write `auth: { bearer: { token: { credential: NAME } } }`".to_owned(),
        _ => format!("write `auth: {{ {way}: {{ secret: {{ credential: NAME }} }} }}`"),
    }
}

//! Who may ask the API over the network: `api`.

use crate::config::load::text;
use riposte_playbook::yaml::{Field, Fields, Node, Spanned};
use riposte_playbook::{Code, Diagnostic, Diagnostics};

/// Longest name of a token.
const MAX_NAME: usize = 64;

/// Most tokens: each is compared with every token that comes.
const MAX_TOKENS: usize = 256;

/// The daemon's API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiConfig {
    /// Who may ask over the network. Without any, nobody.
    pub tokens: Vec<TokenConfig>,
}

/// A token, of which only the digest is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenConfig {
    /// Who holds it: what is recorded of whatever is done with it.
    pub name: String,
    /// What may be done with it.
    pub role: Role,
    /// SHA-256 of the token's characters.
    pub sha256: [u8; 32],
}

/// What somebody may do, each more than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Look.
    Viewer,
    /// Also act: start, cancel and retry runs, stop and lift, enable and disable playbooks.
    Operator,
    /// Also change what the daemon works with: have it load its playbooks anew.
    Admin,
}

impl Role {
    /// The words of the configuration.
    pub(crate) const WORDS: [(&str, Role); 3] =
        [("viewer", Role::Viewer), ("operator", Role::Operator), ("admin", Role::Admin)];

    /// As the configuration writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Operator => "operator",
            Role::Admin => "admin",
        }
    }
}

pub(super) fn api(field: &Field<'_>, found: &mut Diagnostics) -> Option<ApiConfig> {
    let mut fields = Fields::of("`api`", field.value, found)?;
    let tokens = fields.take("tokens").map_or(Some(Vec::new()), |field| tokens(&field, found));
    fields.finish(found);
    Some(ApiConfig { tokens: tokens? })
}

fn tokens(field: &Field<'_>, found: &mut Diagnostics) -> Option<Vec<TokenConfig>> {
    let items = field.list(found)?;
    if items.len() > MAX_TOKENS {
        found.push(Diagnostic::error(
            Code::OutOfRange,
            format!("there are at most {MAX_TOKENS} tokens"),
            field.key.span.clone(),
            "these are more",
        ));
        return None;
    }
    let mut tokens: Vec<TokenConfig> = Vec::with_capacity(items.len());
    for item in items {
        let Some((token, places)) = token(item, found) else { continue };
        if tokens.iter().any(|other| other.name == token.name) {
            let message = format!("two tokens are called `{}`", token.name);
            found.push(twice(message, places.name, "what is done with them could not be told apart"));
        }
        if let Some(other) = tokens.iter().find(|other| other.sha256 == token.sha256) {
            let message = format!("`{}` and `{}` have the same token", other.name, token.name);
            found.push(twice(message, places.sha256, "one token cannot be two holders'"));
        }
        tokens.push(token);
    }
    (tokens.len() == items.len()).then_some(tokens)
}

fn twice(message: String, place: std::ops::Range<usize>, label: &'static str) -> Diagnostic {
    Diagnostic::error(Code::Name, message, place, label)
        .with_help("give each holder a token and a name of its own")
}

/// Where a token says what.
struct Places {
    name: std::ops::Range<usize>,
    sha256: std::ops::Range<usize>,
}

fn token(item: &Spanned<Node>, found: &mut Diagnostics) -> Option<(TokenConfig, Places)> {
    let mut fields = Fields::of("a token", item, found)?;
    let name = fields.require("name", found);
    let role = fields.require("role", found).and_then(|field| field.word(&Role::WORDS, found));
    let sha256 = fields.require("sha256", found);
    fields.finish(found);
    let places = name
        .as_ref()
        .zip(sha256.as_ref())
        .map(|(name, sha256)| Places { name: name.value.span.clone(), sha256: sha256.value.span.clone() });
    let name = name.and_then(|field| holder(&field, found));
    let sha256 = sha256.and_then(|field| digest(&field, found));
    Some((TokenConfig { name: name?, role: role?, sha256: sha256? }, places?))
}

/// A name that can stand in a record, and be followed there by what its holder says.
fn holder(field: &Field<'_>, found: &mut Diagnostics) -> Option<String> {
    let name = text(field, found)?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.len() <= MAX_NAME && name.bytes().all(plain) && !name.starts_with('-') {
        return Some(name);
    }
    found.push(
        Diagnostic::error(
            Code::Name,
            "the name of a token cannot be this".to_owned(),
            field.value.span.clone(),
            "not a name",
        )
        .with_help(format!("write up to {MAX_NAME} small letters, digits and hyphens, like `soc-dashboard`")),
    );
    None
}

fn digest(field: &Field<'_>, found: &mut Diagnostics) -> Option<[u8; 32]> {
    let digits = match &field.value.value {
        Node::Str(text) => parse_digest(&text.value),
        _ => None,
    };
    if digits.is_none() {
        found.push(
            Diagnostic::error(
                Code::WrongType,
                "`sha256` must be the SHA-256 of a token, in 64 hexadecimal digits".to_owned(),
                field.value.span.clone(),
                "no SHA-256",
            )
            .with_help(
                "make a token with `openssl rand -hex 32`, and write here what `printf %s TOKEN | sha256sum` says, in \
                 quotes",
            ),
        );
    }
    digits
}

fn parse_digest(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut digest = [0; 32];
    let pairs = text.as_bytes().chunks(2);
    if text.len() != 2 * digest.len() {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(pairs) {
        let [high, low] = pair else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_64_hexadecimal_digits() {
        let digits = "00ff".repeat(16);
        assert_eq!(parse_digest(&digits), Some(std::array::from_fn(|at| if at % 2 == 0 { 0 } else { 255 })));
        assert_eq!(parse_digest(&digits.to_uppercase()), parse_digest(&digits));
        for wrong in ["", &digits[1..], &format!("{digits}0"), &format!("+{}", &digits[1..]), &"é".repeat(32)]
        {
            assert_eq!(parse_digest(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn each_role_may_what_the_one_before_may() {
        assert!(Role::Viewer < Role::Operator && Role::Operator < Role::Admin);
        assert!(Role::WORDS.into_iter().all(|(word, role)| role.as_str() == word));
    }
}

//! What the daemon serves, and where: `listen`, `playbooks`, `webhooks`.

use crate::config::load::text;
use crate::config::size::size;
use crate::config::{Rate, WebhooksConfig};
use riposte_playbook::yaml::{Field, Fields, Node};
use riposte_playbook::{Code, Diagnostic, Diagnostics};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Most bytes of a body that can be allowed: each request in flight holds one, and what was parsed from it.
const MAX_BODY: u64 = 64 << 20;

/// What may stand behind the slash of a rate.
const TIMES: [(&str, u64); 3] = [("s", 1), ("m", 60), ("h", 3600)];

pub(super) fn listen(field: &Field<'_>, found: &mut Diagnostics) -> Option<SocketAddr> {
    let address = text(field, found)?;
    let parsed = address.parse().ok();
    if parsed.is_none() {
        found.push(
            Diagnostic::error(
                Code::WrongType,
                "`listen` must be an address and a port".to_owned(),
                field.value.span.clone(),
                "not an address with a port",
            )
            .with_help("write it like `127.0.0.1:8750`, `[::1]:8750`, or `0.0.0.0:8750` for every address of this machine"),
        );
    }
    parsed
}

/// A folder or file, or a list of them.
pub(super) fn playbooks(field: &Field<'_>, found: &mut Diagnostics) -> Option<Vec<PathBuf>> {
    if let Node::Str(_) = &field.value.value {
        return text(field, found).map(|path| vec![path.into()]);
    }
    let items = field.filled_list(found)?;
    let paths: Vec<PathBuf> = items
        .iter()
        .filter_map(|value| text(&Field { key: field.key, value }, found))
        .map(PathBuf::from)
        .collect();
    (paths.len() == items.len()).then_some(paths)
}

pub(super) fn webhooks(field: &Field<'_>, found: &mut Diagnostics) -> Option<WebhooksConfig> {
    let defaults = WebhooksConfig::default();
    let mut fields = Fields::of("`webhooks`", field.value, found)?;
    let body_limit =
        fields.take("body_limit").map_or(Some(defaults.body_limit), |field| body_limit(&field, found));
    let rate = fields.take("rate").map_or(Some(defaults.rate), |field| rate(&field, found));
    fields.finish(found);
    Some(WebhooksConfig { body_limit: body_limit?, rate: rate? })
}

fn body_limit(field: &Field<'_>, found: &mut Diagnostics) -> Option<u64> {
    let limit = size(field, found)?;
    if limit > MAX_BODY {
        found.push(Diagnostic::error(
            Code::OutOfRange,
            "`body_limit` must be at most 64MiB".to_owned(),
            field.value.span.clone(),
            "too much for one body",
        ));
        return None;
    }
    Some(limit)
}

fn rate(field: &Field<'_>, found: &mut Diagnostics) -> Option<Rate> {
    let rate = match &field.value.value {
        Node::Str(text) => parse_rate(&text.value),
        _ => None,
    };
    if rate.is_none() {
        found.push(
            Diagnostic::error(
                Code::WrongType,
                "`rate` must be a number in a time".to_owned(),
                field.value.span.clone(),
                "not a rate",
            )
            .with_help("write a whole number from 1, a slash, and `s`, `m` or `h`, like `100/s` or `30/m`"),
        );
    }
    rate
}

fn parse_rate(text: &str) -> Option<Rate> {
    let (count, time) = text.split_once('/')?;
    let (_, seconds) = TIMES.iter().find(|(name, _)| *name == time)?;
    let digits = count.bytes().all(|byte| byte.is_ascii_digit());
    let count = count.parse().ok().filter(|count: &u32| digits && *count > 0)?;
    Some(Rate { count, per: Duration::from_secs(*seconds) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_in_a_time() {
        let rate = |count, seconds| Some(Rate { count, per: Duration::from_secs(seconds) });
        for (text, expected) in [
            ("100/s", rate(100, 1)),
            ("30/m", rate(30, 60)),
            ("1/h", rate(1, 3600)),
            ("0/s", None),
            ("+1/s", None),
            ("1/d", None),
            ("1 / s", None),
            ("/s", None),
            ("1", None),
            ("4294967296/s", None),
        ] {
            assert_eq!(parse_rate(text), expected, "{text}");
        }
    }
}

//! What is logged and where it goes (`log`), and where spans go (`telemetry`).

use crate::config::auth::secret;
use crate::config::http::is_token;
use crate::config::load::text;
use crate::config::{Levels, LogConfig, LogFormat, LogLevel, SecretSource, TelemetryConfig};
use riposte_playbook::yaml::{Field, Fields, Node};
use riposte_playbook::{Code, Diagnostic, Diagnostics};
use std::net::IpAddr;

/// What the names of riposte's own parts begin with.
const OURS: &str = "riposte";

pub(super) fn log(field: &Field<'_>, found: &mut Diagnostics) -> Option<LogConfig> {
    let defaults = LogConfig::default();
    let mut fields = Fields::of("`log`", field.value, found)?;
    let levels = fields.take("level").map_or(Some(defaults.levels), |field| levels(&field, found));
    let format =
        fields.take("format").map_or(Some(defaults.format), |field| field.word(&LogFormat::WORDS, found));
    fields.finish(found);
    Some(LogConfig { levels: levels?, format: format? })
}

fn levels(field: &Field<'_>, found: &mut Diagnostics) -> Option<Levels> {
    let text = text(field, found)?;
    parse_levels(&text)
        .map_err(|wrong| {
            found.push(
                Diagnostic::error(
                    Code::UnknownWord,
                    format!("`level` cannot be read: {wrong}"),
                    field.value.span.clone(),
                    "not a level",
                )
                .with_help(
                    "write `off`, `error`, `warn`, `info`, `debug` or `trace`, and for single parts of riposte \
                     `info,riposte_defender=debug`",
                ),
            );
        })
        .ok()
}

/// `info`, or `info,riposte_defender=debug`: a level for all, and others for parts of riposte.
fn parse_levels(text: &str) -> Result<Levels, String> {
    let mut levels = Levels::default();
    let mut seen_default = false;
    for part in text.split(',') {
        let (target, word) = match part.split_once('=') {
            Some((target, word)) => (Some(target.trim()), word.trim()),
            None => (None, part.trim()),
        };
        let words = LogLevel::WORDS.iter().find(|(known, _)| *known == word);
        let (_, level) = words.ok_or_else(|| format!("`{}` is not a level", word.escape_debug()))?;
        match target {
            None if seen_default => return Err("there are two levels for everything".to_owned()),
            None => (levels.default, seen_default) = (*level, true),
            Some(target) if !is_ours(target) => {
                return Err(format!(
                    "`{}` is not a part of riposte, and what others log may hold secrets",
                    target.escape_debug()
                ));
            }
            Some(target) => levels.targets.push((target.to_owned(), *level)),
        }
    }
    Ok(levels)
}

fn is_ours(target: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | ':');
    target.strip_prefix(OURS).is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', ':']))
        && target.chars().all(plain)
}

pub(super) fn telemetry(field: &Field<'_>, found: &mut Diagnostics) -> Option<TelemetryConfig> {
    let mut fields = Fields::of("`telemetry`", field.value, found)?;
    let endpoint = match fields.take("otlp_endpoint") {
        Some(field) if !matches!(field.value.value, Node::Null) => endpoint(&field, found).map(Some),
        _ => Some(None),
    };
    let headers = fields.take("otlp_headers").map_or(Some(Vec::new()), |field| headers(&field, found));
    fields.finish(found);
    Some(TelemetryConfig { otlp_endpoint: endpoint?, otlp_headers: headers? })
}

fn endpoint(field: &Field<'_>, found: &mut Diagnostics) -> Option<String> {
    let address = text(field, found)?;
    match check_endpoint(&address) {
        Ok(()) => Some(address.trim_end_matches('/').to_owned()),
        Err(wrong) => {
            found.push(
                Diagnostic::error(
                    Code::WrongType,
                    format!("`otlp_endpoint` {wrong}"),
                    field.value.span.clone(),
                    "spans cannot be sent there",
                )
                .with_help(
                    "write where a collector takes OTLP over HTTP, like `http://127.0.0.1:4318` or \
                     `https://collector.example:4318`; `/v1/traces` is added",
                ),
            );
            None
        }
    }
}

fn check_endpoint(address: &str) -> Result<(), &'static str> {
    let url = url::Url::parse(address).map_err(|_| "must be an address")?;
    let loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(url::Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => return Err("must name a host"),
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => return Err("must be https, unless it is on this machine"),
        _ => return Err("must be https, or http on this machine"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must hold no password: `otlp_headers` carries what proves who sends");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must have no query");
    }
    Ok(())
}

fn headers(field: &Field<'_>, found: &mut Diagnostics) -> Option<Vec<(String, SecretSource)>> {
    let mut headers = Vec::new();
    let mut whole = true;
    for (name, value) in field.mapping(found)? {
        if !is_token(&name.value) {
            found.push(Diagnostic::error(
                Code::Name,
                format!("`{}` is not the name of a header", name.value.escape_debug()),
                name.span.clone(),
                "not a header",
            ));
            whole = false;
        }
        match secret(&Field { key: name, value }, found) {
            Some(source) => headers.push((name.value.clone(), source)),
            None => whole = false,
        }
    }
    whole.then_some(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_a_word_and_others_for_parts_of_riposte() {
        let levels = |default, targets: &[(&str, LogLevel)]| {
            let targets = targets.iter().map(|(target, level)| ((*target).to_owned(), *level)).collect();
            Ok(Levels { default, targets })
        };
        let wrong = |words: &str| Err(words.to_owned());
        for (text, expected) in [
            ("info", levels(LogLevel::Info, &[])),
            ("off", levels(LogLevel::Off, &[])),
            (
                "warn, riposte_defender=debug",
                levels(LogLevel::Warn, &[("riposte_defender", LogLevel::Debug)]),
            ),
            (
                "riposte=trace,riposte_server::http=error",
                levels(
                    LogLevel::Info,
                    &[("riposte", LogLevel::Trace), ("riposte_server::http", LogLevel::Error)],
                ),
            ),
            ("INFO", wrong("`INFO` is not a level")),
            ("verbose", wrong("`verbose` is not a level")),
            ("info,", wrong("`` is not a level")),
            ("info,debug", wrong("there are two levels for everything")),
            ("riposte_defender=", wrong("`` is not a level")),
            ("hyper=debug", wrong("`hyper` is not a part of riposte, and what others log may hold secrets")),
            (
                "ripostes=debug",
                wrong("`ripostes` is not a part of riposte, and what others log may hold secrets"),
            ),
            ("=info", wrong("`` is not a part of riposte, and what others log may hold secrets")),
        ] {
            assert_eq!(parse_levels(text), expected, "{text}");
        }
    }

    #[test]
    fn a_header_that_is_written_out_is_refused_and_not_shown() {
        let source = "telemetry: { otlp_headers: { authorization: correct horse } }\nconnections: {}\n";
        let report = crate::config::load("riposte.yaml", source).unwrap_err();
        let shown = report.render(riposte_playbook::Style::Plain);
        assert!(
            shown.contains("`authorization` must say where the secret is") && !shown.contains("horse"),
            "{shown}"
        );
    }

    #[test]
    fn spans_leave_this_machine_only_by_https() {
        for address in
            ["http://127.0.0.1:4318", "http://localhost:4318/", "http://[::1]:1", "https://otel.example/in"]
        {
            assert_eq!(check_endpoint(address), Ok(()), "{address}");
        }
        for (address, wrong) in [
            ("http://otel.example:4318", "must be https, unless it is on this machine"),
            ("http://10.0.0.1", "must be https, unless it is on this machine"),
            ("grpc://127.0.0.1:4317", "must be https, or http on this machine"),
            ("127.0.0.1:4318", "must be an address"),
            (
                "https://me:secret@otel.example",
                "must hold no password: `otlp_headers` carries what proves who sends",
            ),
            ("https://otel.example/?key=1", "must have no query"),
        ] {
            assert_eq!(check_endpoint(address), Err(wrong), "{address}");
        }
    }
}

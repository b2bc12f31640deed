//! From the file's text to a [`Config`], or everything that is wrong with it.

use crate::config::api::api;
use crate::config::auth::auth;
use crate::config::credentials::credentials;
use crate::config::doors::{listen, playbooks, webhooks};
use crate::config::http::http;
use crate::config::log::{log, telemetry};
use crate::config::overrides::{ENVIRONMENT, Overrides, SECRET_KEYS};
use crate::config::size::size;
use crate::config::sources::Sources;
use crate::config::{
    ApiConfig, CLOUDS, CloudChoice, Config, ConnectionConfig, DefenderConfig, DownloadsConfig, PollConfig,
    RateLimits, RetentionConfig, VISIBILITY_DELAY,
};
use indexmap::IndexMap;
use riposte_playbook::yaml::{Field, Fields, Limits, Node, Spanned, masked, read};
use riposte_playbook::{Code, Diagnostic, Diagnostics, Report};
use std::path::PathBuf;

/// Most bytes of a configuration file.
pub const MAX_SOURCE: usize = 1 << 20;

/// Reads a configuration file alone. Nothing unknown is ignored, and everything wrong is reported at once.
pub fn load(file: &str, source: &str) -> Result<Config, Report> {
    load_with(Some((file, source)), &Overrides::default()).map_err(|reports| {
        reports.into_iter().next().unwrap_or_else(|| Report::new(file, source, Vec::new()))
    })
}

/// Reads a configuration from a file, named with its text, and from the environment, which overrides it; without a file, from
/// the environment alone. What is wrong is told by a report for the file, and one for each variable.
pub fn load_with(file: Option<(&str, &str)>, overrides: &Overrides) -> Result<Config, Vec<Report>> {
    let limits = Limits { bytes: MAX_SOURCE, ..Limits::default() };
    let (name, source) = file.unwrap_or((ENVIRONMENT, ""));
    let mut sources = Sources::of(name, source);
    let mut wrong = Vec::new();
    let mut root = read(source, &limits).unwrap_or_else(|problems| {
        wrong.push(Report::new(name, source, problems));
        Spanned { value: Node::Null, span: 0..0 }
    });
    let is_read = wrong.is_empty();
    wrong.extend(overrides.apply(&mut root, &mut sources, &limits));
    let mut found = Diagnostics::new();
    if is_read {
        let config = config(&root, &mut found);
        if let (Some(config), true, true) = (config, found.is_empty(), wrong.is_empty()) {
            return Ok(config);
        }
    }
    let shown = masked(&sources.text, &root, &secret_keys(&root));
    let mut reports = sources.reports(&shown, found.into_vec());
    reports.extend(wrong);
    Err(reports)
}

/// The keys behind which somebody may have written a secret itself.
fn secret_keys(root: &Spanned<Node>) -> Vec<&str> {
    let mut keys = SECRET_KEYS.to_vec();
    // These are names that the author chooses.
    for connection in entries(root, "connections").iter().map(|(_, connection)| connection) {
        keys.extend(entries(connection, "auth").iter().map(|(host, _)| host.value.as_str()));
    }
    let Node::Map(top) = &root.value else { return keys };
    for (_, telemetry) in top.iter().filter(|(key, _)| key.value == "telemetry") {
        keys.extend(entries(telemetry, "otlp_headers").iter().map(|(header, _)| header.value.as_str()));
    }
    keys.extend(entries(root, "credentials").iter().map(|(name, _)| name.value.as_str()));
    keys
}

/// What is below a key, if it is a mapping.
fn entries<'n>(node: &'n Spanned<Node>, key: &str) -> &'n [(Spanned<String>, Spanned<Node>)] {
    let Node::Map(keys) = &node.value else { return &[] };
    let below = keys.iter().find(|(name, _)| name.value == key).map(|(_, below)| &below.value);
    if let Some(Node::Map(entries)) = below { entries } else { &[] }
}

fn config(root: &Spanned<Node>, found: &mut Diagnostics) -> Option<Config> {
    let mut fields = Fields::of("the configuration", root, found)?;
    let defaults = Config::default();
    let listen = fields.take("listen").map_or(Some(defaults.listen), |field| listen(&field, found));
    let playbooks = fields.take("playbooks").map_or(Some(Vec::new()), |field| playbooks(&field, found));
    let webhooks = fields.take("webhooks").map_or(Some(defaults.webhooks), |field| webhooks(&field, found));
    let api = fields.take("api").map_or(Some(ApiConfig::default()), |field| api(&field, found));
    let data_dir = fields.take("data_dir").and_then(|field| text(&field, found)).map(PathBuf::from);
    let downloads = fields.take("downloads").and_then(|field| downloads(&field, found)).unwrap_or_default();
    let retention = fields.take("retention").and_then(|field| retention(&field, found)).unwrap_or_default();
    let credentials =
        fields.take("credentials").map_or(Some(IndexMap::new()), |field| credentials(&field, found));
    let log = fields.take("log").map_or(Some(defaults.log), |field| log(&field, found));
    let telemetry =
        fields.take("telemetry").map_or(Some(defaults.telemetry), |field| telemetry(&field, found));
    let mut connections_by_name = IndexMap::new();
    if let Some(connections) = fields.require("connections", found).and_then(|field| field.mapping(found)) {
        for (name, node) in connections {
            if let Some(connection) = connection(name, node, found) {
                connections_by_name.insert(name.value.clone(), connection);
            }
        }
    }
    fields.finish(found);
    Some(Config {
        listen: listen?,
        playbooks: playbooks?,
        webhooks: webhooks?,
        api: api?,
        data_dir,
        downloads,
        retention,
        credentials: credentials?,
        log: log?,
        telemetry: telemetry?,
        connections: connections_by_name,
    })
}

fn connection(
    name: &Spanned<String>,
    node: &Spanned<Node>,
    found: &mut Diagnostics,
) -> Option<ConnectionConfig> {
    // Playbooks are checked against a catalogue in which actions have one name each, so there is one connection of a kind.
    let called = KINDS.into_iter().find(|(word, _)| *word == name.value).map(|(_, kind)| kind);
    if called.is_none() {
        found.push(
            Diagnostic::error(
                Code::UnknownWord,
                format!("no action uses a connection called `{}`", name.value.escape_default()),
                name.span.clone(),
                "unknown connection",
            )
            .with_help(
                "the connection to Defender is called `defender`, that to other services `http`, as their actions' \
                 names begin",
            ),
        );
    }
    let mut fields = Fields::of("a connection", node, found)?;
    let field = fields.require("kind", found);
    let kind = field.and_then(|field| field.word(&KINDS, found));
    if let (Some(field), Some(kind), Some(called)) = (field, kind, called)
        && kind != called
    {
        found.push(
            Diagnostic::error(
                Code::UnknownWord,
                format!("the connection `{}` is of `kind: {}`", name.value, name.value),
                field.value.span.clone(),
                "of another kind",
            )
            .with_help(format!("actions whose names begin with `{}` are carried out by it", name.value)),
        );
    }
    match called.or(kind).unwrap_or(Kind::Defender) {
        Kind::Defender => defender(kind, fields, found).map(ConnectionConfig::Defender),
        Kind::Http => {
            let http = http(&mut fields, found);
            fields.finish(found);
            kind?;
            Some(ConnectionConfig::Http(http?))
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Defender,
    Http,
}

const KINDS: [(&str, Kind); 2] = [("defender", Kind::Defender), ("http", Kind::Http)];

fn defender(kind: Option<Kind>, mut fields: Fields<'_>, found: &mut Diagnostics) -> Option<DefenderConfig> {
    let tenant_id = fields.require("tenant_id", found).and_then(|field| text(&field, found));
    let auth = auth(&mut fields, found);
    let cloud = cloud(&mut fields, found);
    let visibility_delay =
        fields.take("visibility_delay").map_or(Some(VISIBILITY_DELAY), |field| field.duration(found));
    let rate_limits = fields
        .take("rate_limits")
        .map_or(Some(RateLimits::Documented), |field| field.word(&RateLimits::WORDS, found));
    let poll = match fields.take("poll") {
        Some(field) => poll(&field, found),
        None => Some(PollConfig::default()),
    };
    fields.finish(found);
    kind?;
    Some(DefenderConfig {
        tenant_id: tenant_id?,
        auth: auth?,
        cloud: cloud?,
        visibility_delay: visibility_delay?,
        poll: poll?,
        rate_limits: rate_limits?,
    })
}

/// `cloud`, or `endpoint` with `authority`, or neither.
fn cloud(fields: &mut Fields<'_>, found: &mut Diagnostics) -> Option<CloudChoice> {
    let cloud = fields.take("cloud");
    let endpoint = fields.take("endpoint");
    let authority = fields.take("authority");
    match (cloud, endpoint, authority) {
        (None, None, None) => Some(CloudChoice::Named("global".to_owned())),
        (Some(cloud), None, None) => {
            let words = CLOUDS.map(|name| (name, name));
            cloud.word(&words, found).map(|name| CloudChoice::Named(name.to_owned()))
        }
        (None, Some(endpoint), Some(authority)) => {
            let (endpoint, authority) = (text(&endpoint, found), text(&authority, found));
            Some(CloudChoice::Custom { endpoint: endpoint?, authority: authority? })
        }
        (Some(cloud), _, _) => {
            found.push(Diagnostic::error(
                Code::MisplacedKey,
                "`cloud` and `endpoint` or `authority` exclude each other".to_owned(),
                cloud.key.span.clone(),
                "this names the hosts already",
            ));
            None
        }
        (None, Some(one), None) | (None, None, Some(one)) => {
            found.push(
                Diagnostic::error(
                    Code::MissingKey,
                    "`endpoint` and `authority` go together".to_owned(),
                    one.key.span.clone(),
                    "only one of them is here",
                )
                .with_help("for one of Microsoft's clouds write `cloud: NAME` instead"),
            );
            None
        }
    }
}

fn downloads(field: &Field<'_>, found: &mut Diagnostics) -> Option<DownloadsConfig> {
    let mut fields = Fields::of("`downloads`", field.value, found)?;
    let limit =
        fields.take("limit").map_or(Some(DownloadsConfig::default().limit), |field| size(&field, found));
    fields.finish(found);
    Some(DownloadsConfig { limit: limit? })
}

fn retention(field: &Field<'_>, found: &mut Diagnostics) -> Option<RetentionConfig> {
    let defaults = RetentionConfig::default();
    let mut fields = Fields::of("`retention`", field.value, found)?;
    let finished_runs =
        fields.take("finished_runs").map_or(Some(defaults.finished_runs), |field| field.duration(found));
    let size = fields.take("size").map_or(Some(defaults.size), |field| size(&field, found));
    fields.finish(found);
    Some(RetentionConfig { finished_runs: finished_runs?, size: size? })
}

fn poll(field: &Field<'_>, found: &mut Diagnostics) -> Option<PollConfig> {
    let defaults = PollConfig::default();
    let mut fields = Fields::of("`poll`", field.value, found)?;
    let shortest = fields.take("shortest").map_or(Some(defaults.shortest), |field| field.duration(found));
    let longest = fields.take("longest").map_or(Some(defaults.longest), |field| field.duration(found));
    let head = fields.head();
    fields.finish(found);
    let (shortest, longest) = (shortest?, longest?);
    if shortest.is_zero() || shortest > longest {
        found.push(Diagnostic::error(
            Code::OutOfRange,
            "`shortest` must be longer than nothing and not longer than `longest`".to_owned(),
            head,
            "in this mapping",
        ));
        return None;
    }
    Some(PollConfig { shortest, longest })
}

pub(super) fn text(field: &Field<'_>, found: &mut Diagnostics) -> Option<String> {
    let value = field.text(found)?.value.clone();
    if value.is_empty() {
        found.push(Diagnostic::error(
            Code::Empty,
            format!("`{}` is empty", field.key.value),
            field.value.span.clone(),
            "nothing is here",
        ));
        return None;
    }
    Some(value)
}

use super::*;
use crate::config::{AuthConfig, Config, ConnectionConfig, DefenderConfig, SecretSource, load_with};
use riposte_playbook::Style;
use std::collections::BTreeSet;

const FILE: &str = "\
listen: 127.0.0.1:1
retention: { size: 1GiB }
connections:
  defender: { kind: defender, tenant_id: t, client_id: c, client_secret: { credential: from-file } }
";

/// A configuration with these variables, or what is said of it.
fn read(file: Option<&str>, variables: &[(&str, &str)]) -> Result<Config, String> {
    let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
    let reports = match load_with(file.map(|text| ("riposte.yaml", text)), &Overrides::of(variables, &[])) {
        Ok(config) => return Ok(config),
        Err(reports) => reports,
    };
    Err(reports.iter().map(|report| report.render(Style::Plain)).collect::<Vec<_>>().join("\n"))
}

fn defender(config: &Config) -> &DefenderConfig {
    let Some(ConnectionConfig::Defender(defender)) = config.connections.get("defender") else { panic!() };
    defender
}

#[test]
fn every_variable_stands_for_one_key() {
    let keys = keys();
    let names: BTreeSet<&str> = keys.iter().map(|key| key.variable.as_str()).collect();
    assert_eq!(names.len(), keys.len());
    for name in ["RIPOSTE_LISTEN", "RIPOSTE_CONNECTIONS_DEFENDER_CLIENT_SECRET_FILE", "RIPOSTE_CREDENTIALS"] {
        assert!(names.contains(name), "{name}");
    }
}

#[test]
fn what_is_not_ours_or_says_nothing_is_left_alone() {
    let variables = [
        ("PATH", "/bin"),
        ("RIPOSTE_CONFIG", "a.yaml"),
        ("RIPOSTE_LISTEN", ""),
        ("RIPOSTE_PLAYBOOKS", "b"),
        ("RIPOSTE_DOWNLOADS_LIMIT", "1GiB"),
    ];
    let variables = variables.map(|(name, value)| (name.into(), value.into()));
    let overrides = Overrides::of(variables, &["RIPOSTE_CONFIG".to_owned()]);
    assert_eq!(format!("{overrides:?}"), r#"["RIPOSTE_DOWNLOADS_LIMIT", "RIPOSTE_PLAYBOOKS"]"#);
}

#[test]
fn a_variable_counts_more_than_the_file() {
    let config = read(
        Some(FILE),
        &[
            ("RIPOSTE_LISTEN", "127.0.0.1:2"),
            ("RIPOSTE_PLAYBOOKS", "[a, b]"),
            ("RIPOSTE_RETENTION_FINISHED_RUNS", "5d"),
            ("RIPOSTE_CONNECTIONS_DEFENDER_TENANT_ID", "other"),
            // A secret is in one place: this is not one more.
            ("RIPOSTE_CONNECTIONS_DEFENDER_CLIENT_SECRET_FILE", "/run/secret"),
            ("RIPOSTE_CREDENTIALS", "{ hook: { env: HOOK } }"),
        ],
    )
    .unwrap();
    assert_eq!(config.listen.port(), 2);
    assert_eq!(config.playbooks, ["a", "b"].map(std::path::PathBuf::from));
    // What the file says beside it stays.
    assert_eq!((config.retention.finished_runs.as_secs(), config.retention.size), (5 * 24 * 3600, 1 << 30));
    assert_eq!(defender(&config).tenant_id, "other");
    let secret = SecretSource::File("/run/secret".into());
    assert_eq!(defender(&config).auth, AuthConfig::ClientSecret { client_id: "c".into(), secret });
    assert_eq!(config.credential("hook"), SecretSource::Env("HOOK".into()));
    assert_eq!(config.credential("elsewhere"), SecretSource::Credential("elsewhere".into()));
}

#[test]
fn the_environment_alone_is_a_configuration() {
    let whole = "{ kind: defender, tenant_id: t, client_id: c, client_secret: { env: S } }";
    let config =
        read(None, &[("RIPOSTE_CONNECTIONS_DEFENDER", whole), ("RIPOSTE_CONNECTIONS_DEFENDER_CLOUD", "eu")]);
    assert_eq!(defender(&config.unwrap()).cloud, crate::config::CloudChoice::Named("eu".into()));
    insta::assert_snapshot!(read(None, &[("RIPOSTE_LISTEN", "127.0.0.1:1")]).unwrap_err());
}

#[test]
fn what_is_wrong_is_told_where_it_was_said() {
    let said = read(
        Some(
            "listen: here\nconnections: { defender: { kind: defender, client_id: c, client_secret: { env: S } } }\n",
        ),
        &[
            ("RIPOSTE_RETENTION_SIZE", "much"),
            ("RIPOSTE_CONNECTIONS_DEFENDER_TENANT_ID", "5"),
            ("RIPOSTE_WEBHOOKS", "{ rate: [ }"),
            ("RIPOSTE_RETENSION_SIZE", "1GiB"),
            ("RIPOSTE_WHATEVER", "1"),
        ],
    );
    insta::assert_snapshot!(said.unwrap_err());
}

#[test]
fn what_may_be_a_secret_is_never_shown() {
    for (name, value) in [
        ("RIPOSTE_CONNECTIONS_DEFENDER_CLIENT_SECRET", "hunter2"),
        ("RIPOSTE_CONNECTIONS_DEFENDER_CLIENT_SECRET", "[hunter2"),
        ("RIPOSTE_CONNECTIONS_DEFENDER_CLIENT_SECRET", "&hunter2 x"),
        ("RIPOSTE_CONNECTIONS_DEFENDER", "{ client_secret: hunter2"),
        ("RIPOSTE_CONNECTIONS", "{ defender: { kind: defender, client_secret: hunter2 } }"),
        ("RIPOSTE_CONNECTIONS_HTTP_AUTH", "{ a.example.com: hunter2 }"),
        ("RIPOSTE_CONNECTIONS_HTTP_AUTH", "hunter2"),
        ("RIPOSTE_CREDENTIALS", "{ hook: hunter2 }"),
        ("RIPOSTE_CREDENTIALS", "hunter2"),
        ("RIPOSTE_CONNECTIONS_DEFENDER_CLIENT_SECRT", "hunter2"),
        ("RIPOSTE_CLIENT_SECRET", "hunter2"),
    ] {
        let said = read(Some(FILE), &[(name, value)]).unwrap_err();
        assert!(said.contains(name) && !said.contains("hunter2"), "{name}={value}\n{said}");
    }
}

#[test]
fn a_value_that_is_no_text_is_refused() {
    use std::os::unix::ffi::OsStringExt;
    let variables = [("RIPOSTE_LISTEN".into(), OsString::from_vec(vec![0xff]))];
    let reports = load_with(Some(("riposte.yaml", FILE)), &Overrides::of(variables, &[])).unwrap_err();
    assert_eq!(reports[0].diagnostics()[0].message, "the variable `RIPOSTE_LISTEN` is not UTF-8");
}

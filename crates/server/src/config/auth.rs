//! How a connection's application proves who it is, read as strictly as the rest.

use crate::config::load::text;
use crate::config::{AuthConfig, SecretSource};
use riposte_playbook::yaml::{Field, Fields, Node};
use riposte_playbook::{Code, Diagnostic, Diagnostics};

/// The keys of which a connection has exactly one.
const KINDS: &str = "`client_secret`, `certificate`, `federated_token_file` and `managed_identity`";

const SPELT: [&str; 4] = ["client_secret", "certificate", "federated_token_file", "managed_identity"];

/// One of the four ways, with `client_id`: who the application is, or for a machine's identity which of several.
pub(super) fn auth(fields: &mut Fields<'_>, found: &mut Diagnostics) -> Option<AuthConfig> {
    let head = fields.head();
    let client_secret = fields.take("client_secret");
    let certificate = fields.take("certificate");
    let key = fields.take("certificate_key");
    let federated = fields.take("federated_token_file");
    let identity = fields.take("managed_identity");
    let client_id = match &identity {
        Some(_) => fields.take("client_id"),
        None => fields.require("client_id", found),
    };

    let kinds = [&client_secret, &certificate, &federated, &identity];
    let mut kinds = kinds.into_iter().flatten();
    let (first, second) = (kinds.next(), kinds.next());
    let told = found.len();
    if let Some(second) = second {
        found.push(
            Diagnostic::error(
                Code::MisplacedKey,
                format!("{KINDS} exclude each other"),
                second.key.span.clone(),
                "this is one more",
            )
            .with_help("keep exactly one of them"),
        );
    } else if first.is_none() && !SPELT.into_iter().any(|key| fields.misspelt(key, found)) {
        found.push(
            Diagnostic::error(
                Code::MissingKey,
                "a connection says how it proves who it is".to_owned(),
                head,
                "nothing here does",
            )
            .with_help(format!("write one of {KINDS}")),
        );
    }
    if let (Some(key), None) = (&key, &certificate) {
        found.push(
            Diagnostic::error(
                Code::MissingKey,
                "`certificate_key` needs a `certificate`".to_owned(),
                key.key.span.clone(),
                "the key of what?",
            )
            .with_help("write `certificate: { file: PATH }` beside it"),
        );
    }
    let fits = found.len() == told;

    // Each is read, so that everything wrong is told at once.
    let client_id = client_id.map(|field| text(&field, found));
    let client_secret = client_secret.map(|field| secret(&field, found));
    let certificate = certificate.map(|field| secret(&field, found));
    let key = key.map(|field| secret(&field, found));
    let federated = federated.map(|field| text(&field, found));
    let identity = identity.map(|field| managed_identity(&field, found));
    if !fits {
        return None;
    }
    Some(match (client_secret, certificate, federated) {
        (Some(secret), _, _) => AuthConfig::ClientSecret { client_id: client_id??, secret: secret? },
        (_, Some(certificate), _) => AuthConfig::Certificate {
            client_id: client_id??,
            certificate: certificate?,
            key: match key {
                Some(key) => Some(key?),
                None => None,
            },
        },
        (_, _, Some(file)) => AuthConfig::FederatedToken { client_id: client_id??, file: file?.into() },
        (None, None, None) => {
            let client_id = match client_id {
                Some(id) => Some(id?),
                None => None,
            };
            match identity?? {
                Identity::Vm { endpoint } => AuthConfig::ManagedIdentity { client_id, endpoint },
                Identity::AppService => AuthConfig::AppServiceIdentity {
                    client_id,
                    endpoint: SecretSource::Env("IDENTITY_ENDPOINT".to_owned()),
                    header: SecretSource::Env("IDENTITY_HEADER".to_owned()),
                },
            }
        }
    })
}

enum Identity {
    Vm { endpoint: Option<String> },
    AppService,
}

/// `{ kind: vm }`, perhaps with `endpoint`, or `{ kind: app_service }`.
fn managed_identity(field: &Field<'_>, found: &mut Diagnostics) -> Option<Identity> {
    let mut fields = Fields::of("`managed_identity`", field.value, found)?;
    let kinds = [("vm", true), ("app_service", false)];
    let is_vm = fields.require("kind", found).and_then(|field| field.word(&kinds, found));
    let endpoint = fields.take("endpoint");
    fields.finish(found);
    match (is_vm?, endpoint) {
        (true, Some(endpoint)) => Some(Identity::Vm { endpoint: Some(text(&endpoint, found)?) }),
        (true, None) => Some(Identity::Vm { endpoint: None }),
        (false, None) => Some(Identity::AppService),
        (false, Some(endpoint)) => {
            found.push(
                Diagnostic::error(
                    Code::MisplacedKey,
                    "`endpoint` is for `kind: vm`".to_owned(),
                    endpoint.key.span.clone(),
                    "Azure names it itself",
                )
                .with_help("remove it: the address is in the environment, as IDENTITY_ENDPOINT"),
            );
            None
        }
    }
}

/// `{ credential: NAME }`, `{ file: PATH }` or `{ env: NAME }`.
pub(super) fn secret(field: &Field<'_>, found: &mut Diagnostics) -> Option<SecretSource> {
    if let Node::Str(_) = field.value.value {
        found.push(
            Diagnostic::error(
                Code::WrongType,
                format!("`{}` must say where the secret is, not what it is", field.key.value),
                field.value.span.clone(),
                "a secret does not belong in this file",
            )
            .with_help("write `{ credential: NAME }` (systemd), `{ file: PATH }` or `{ env: NAME }`"),
        );
        return None;
    }
    let mut fields = Fields::of("a secret", field.value, found)?;
    let credential =
        fields.take("credential").and_then(|field| text(&field, found)).map(SecretSource::Credential);
    let file =
        fields.take("file").and_then(|field| text(&field, found)).map(|path| SecretSource::File(path.into()));
    let env = fields.take("env").and_then(|field| text(&field, found)).map(SecretSource::Env);
    let head = fields.head();
    let before = found.len();
    fields.finish(found);
    let mut sources = [credential, file, env].into_iter().flatten();
    match (sources.next(), sources.next()) {
        (Some(source), None) => Some(source),
        _ if found.len() > before => None,
        _ => {
            found.push(
                Diagnostic::error(
                    Code::WrongType,
                    "a secret is in exactly one place".to_owned(),
                    head,
                    "one of `credential`, `file` and `env`",
                )
                .with_help("write `{ credential: NAME }` (systemd), `{ file: PATH }` or `{ env: NAME }`"),
            );
            None
        }
    }
}

//! Where a secret is, and fetching it for the one who needs it.

use crate::config::{AuthConfig, Config, ConnectionConfig};
use secrecy::SecretString;
use std::path::{Path, PathBuf};

/// Most bytes of a secret.
const MAX_SECRET: u64 = 64 * 1024;

/// What systemd puts before the name of a file in a folder of credentials: `LoadCredential=riposte:/etc/riposte/credentials`
/// makes of the file `hook` the credential `riposte_hook` (systemd.exec(5)).
const FOLDER: &str = "riposte_";

/// Where a secret is. The secret itself is not here (but for a simulated one, which guards nothing).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// A systemd credential: a file of this name in `$CREDENTIALS_DIRECTORY`, or of this name behind `riposte_`.
    Credential(String),
    /// A file.
    File(PathBuf),
    /// An environment variable.
    Env(String),
    /// The well-known secret of a simulated tenant in this process. No configuration file can name it.
    Simulated(String),
}

/// A secret that could not be fetched. Names the place, never the content.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Not started by systemd with credentials.
    #[error(
        "the credential `{0}` is not there: $CREDENTIALS_DIRECTORY is not set (systemd sets it for LoadCredential=)"
    )]
    NoCredentials(String),
    /// The file cannot be read.
    #[error("the secret in {path} cannot be read")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no secret.
    #[error("the secret in {0} is empty, over 64 KiB, or not text")]
    Unfit(PathBuf),
    /// The variable is not there.
    #[error("the environment variable `{0}` is not set, or is empty")]
    Env(String),
}

impl SecretSource {
    /// Fetches the secret. One line break at its end is not part of it.
    #[expect(clippy::disallowed_methods, reason = "this is configuration")]
    pub fn read(&self) -> Result<SecretString, SecretError> {
        match self {
            SecretSource::Credential(name) => {
                read_file(self.file().ok_or_else(|| SecretError::NoCredentials(name.clone()))?)
            }
            SecretSource::File(path) => read_file(path.clone()),
            SecretSource::Env(name) => std::env::var(name)
                .ok()
                .filter(|value| !value.is_empty())
                .map(SecretString::from)
                .ok_or_else(|| SecretError::Env(name.clone())),
            SecretSource::Simulated(secret) => Ok(SecretString::from(secret.clone())),
        }
    }
}

impl SecretSource {
    /// The file in which it is, if it is in one.
    #[expect(clippy::disallowed_methods, reason = "this is configuration")]
    pub fn file(&self) -> Option<PathBuf> {
        match self {
            SecretSource::Credential(name) => {
                Some(credential(Path::new(&std::env::var_os("CREDENTIALS_DIRECTORY")?), name))
            }
            SecretSource::File(path) => Some(path.clone()),
            SecretSource::Env(_) | SecretSource::Simulated(_) => None,
        }
    }
}

impl Config {
    /// Takes every credential of systemd's from a folder instead. For whoever is not started by systemd and asks what the one
    /// that is will find.
    pub fn take_credentials_from(&mut self, folder: &Path) {
        let move_there = |source: &mut SecretSource| {
            if let SecretSource::Credential(name) = source {
                *source = SecretSource::File(folder.join(&*name));
            }
        };
        self.credentials.values_mut().for_each(move_there);
        for connection in self.connections.values_mut() {
            match connection {
                ConnectionConfig::Http(http) => {
                    http.auth.iter_mut().for_each(|auth| move_there(&mut auth.secret));
                }
                ConnectionConfig::Defender(defender) => match &mut defender.auth {
                    AuthConfig::ClientSecret { secret, .. } => move_there(secret),
                    AuthConfig::Certificate { certificate, key, .. } => {
                        move_there(certificate);
                        key.iter_mut().for_each(move_there);
                    }
                    AuthConfig::FederatedToken { .. }
                    | AuthConfig::AppServiceIdentity { .. }
                    | AuthConfig::ManagedIdentity { .. } => {}
                },
            }
        }
    }
}

/// The file of a credential. One that was handed over by itself counts more than one of a folder.
fn credential(folder: &Path, name: &str) -> PathBuf {
    let (alone, of_folder) = (folder.join(name), folder.join(format!("{FOLDER}{name}")));
    if !alone.exists() && of_folder.exists() { of_folder } else { alone }
}

fn read_file(path: PathBuf) -> Result<SecretString, SecretError> {
    let unreadable = |source| SecretError::File { path: path.clone(), source };
    let size = std::fs::metadata(&path).map_err(unreadable)?.len();
    if size > MAX_SECRET {
        return Err(SecretError::Unfit(path));
    }
    let bytes = std::fs::read(&path).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| SecretError::Unfit(path.clone()))?;
    let text = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    if text.is_empty() { Err(SecretError::Unfit(path)) } else { Ok(SecretString::from(text)) }
}

#[cfg(test)]
mod tests {
    use super::credential;

    #[test]
    fn a_credential_comes_alone_or_in_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        assert_eq!(
            credential(folder.path(), "hook"),
            path("hook"),
            "what is missing is told of by its own name"
        );
        std::fs::write(path("riposte_hook"), "of the folder").unwrap();
        assert_eq!(credential(folder.path(), "hook"), path("riposte_hook"));
        std::fs::write(path("hook"), "alone").unwrap();
        assert_eq!(credential(folder.path(), "hook"), path("hook"));
    }
}

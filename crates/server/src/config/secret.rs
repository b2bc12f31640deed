//! Where a secret is, and fetching it for the one who needs it.

use secrecy::SecretString;
use std::path::PathBuf;

/// Most bytes of a secret.
const MAX_SECRET: u64 = 64 * 1024;

/// Where a secret is. The secret itself is not here (but for a simulated one, which guards nothing).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// A systemd credential: a file of this name in `$CREDENTIALS_DIRECTORY`.
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
                let folder = std::env::var_os("CREDENTIALS_DIRECTORY")
                    .ok_or_else(|| SecretError::NoCredentials(name.clone()))?;
                read_file(PathBuf::from(folder).join(name))
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

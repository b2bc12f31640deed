//! The token of another issuer, from the file that its owner keeps fresh.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::AsyncReadExt as _;

use crate::transport::Transport;

/// Longest token that is sent; real ones have about 1 KiB.
const MAX_FILE_BYTES: u64 = 32 * 1024;

/// Why there is no token in the file.
#[derive(Debug)]
pub(super) struct Unusable {
    pub(super) file: PathBuf,
    /// As the end of a sentence. Never the content.
    pub(super) problem: &'static str,
    pub(super) source: Option<Transport>,
}

/// Reads the file as it is now.
pub(super) async fn read(file: &Path) -> Result<SecretString, Unusable> {
    let unusable = |problem, source| Unusable { file: file.to_owned(), problem, source };
    let unreadable = |error: std::io::Error| {
        let problem = match error.kind() {
            std::io::ErrorKind::NotFound => "is not there",
            _ => "cannot be read",
        };
        unusable(problem, Some(Transport::new(error)))
    };
    // Opening a pipe would wait for somebody to write.
    if !tokio::fs::metadata(file).await.map_err(unreadable)?.is_file() {
        return Err(unusable("is not a file", None));
    }
    let opened = tokio::fs::File::open(file).await.map_err(unreadable)?;
    let mut bytes = Vec::new();
    opened.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).await.map_err(unreadable)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_FILE_BYTES {
        return Err(unusable("is over 32 KiB", None));
    }
    token(bytes).map_err(|problem| unusable(problem, None))
}

/// A JWT, with blanks around it at most.
fn token(bytes: Vec<u8>) -> Result<SecretString, &'static str> {
    let text = SecretString::from(String::from_utf8(bytes).map_err(|_| "is not text")?);
    let token = text.expose_secret().trim();
    if token.is_empty() {
        return Err("is empty");
    }
    let parts: Vec<&str> = token.split('.').collect();
    let fit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if parts.len() != 3 || parts.iter().any(|part| part.is_empty() || !part.bytes().all(fit)) {
        return Err("is not a jwt: three parts in base64url with dots between them are expected");
    }
    Ok(token.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_shape_of_a_jwt_is_a_token() {
        let read = |text: &str| token(text.as_bytes().to_vec()).map(|token| token.expose_secret().to_owned());
        assert_eq!(read("  aA0-.b_.c\r\n"), Ok("aA0-.b_.c".to_owned()));
        assert_eq!(read(" \n"), Err("is empty"));
        for odd in ["a.b", "a.b.c.d", "a..c", "a.b.", "a.b.c d", "a.b.c=", "a.b.ü", "{\"a\": 1}"] {
            assert!(read(odd).is_err_and(|problem| problem.starts_with("is not a jwt")), "{odd}");
        }
        assert!(token(vec![0xff]).is_err_and(|problem| problem == "is not text"));
    }
}

//! The certificate by which an application proves who it is.

mod expiry;

use std::{fmt, sync::Arc, time::SystemTime};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{
    digest, rand,
    rsa::KeyPair,
    signature::{KeyPair as _, RSA_PSS_SHA256},
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
use secrecy::{ExposeSecret as _, SecretString};

/// A certificate with its private key. Cheap to clone; shows neither in `Debug`.
#[derive(Clone)]
pub struct ClientCertificate {
    key: Arc<KeyPair>,
    thumbprint: String,
    not_after: Option<SystemTime>,
}

/// Why a text is no certificate with its key. Says nothing of its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// A block is cut off or is not base64.
    #[error("the certificate or its key is not well-formed pem")]
    Pem,
    /// There is no certificate.
    #[error("there is no certificate: a block that begins with `-----BEGIN CERTIFICATE-----` is expected")]
    NoCertificate,
    /// There is no private key.
    #[error("there is no private key: a block that begins with `-----BEGIN PRIVATE KEY-----` is expected")]
    NoKey,
    /// The key needs a passphrase.
    #[error("the private key is encrypted: store it without a passphrase, where only riposte can read it")]
    Encrypted,
    /// Entra takes RSA keys only.
    #[error("the private key is not an rsa key of 2048 to 4096 bits")]
    Unfit,
    /// Of the certificates none has the key.
    #[error("the private key does not belong to the certificate")]
    Mismatch,
}

impl ClientCertificate {
    /// Reads PEM: one private key, RSA in PKCS#8 or PKCS#1, and its certificate, in any order. Other certificates, such as
    /// those of the issuers, may be there too.
    ///
    /// Nobody here asks whether the certificate has expired: what counts is what Entra says of it.
    ///
    /// # Errors
    /// When a part is missing or does not fit: see [`CertificateError`].
    pub fn from_pem(pem: &SecretString) -> Result<ClientCertificate, CertificateError> {
        let text = pem.expose_secret();
        if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
            return Err(CertificateError::Encrypted);
        }
        let key = PrivateKeyDer::pem_slice_iter(text.as_bytes())
            .next()
            .ok_or(CertificateError::NoKey)?
            .map_err(|_| CertificateError::Pem)?;
        let key = match &key {
            PrivateKeyDer::Pkcs8(der) => KeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => KeyPair::from_der(der.secret_pkcs1_der()),
            _ => return Err(CertificateError::Unfit),
        };
        let key = key.map_err(|_| CertificateError::Unfit)?;
        let mut certificates = CertificateDer::pem_slice_iter(text.as_bytes()).peekable();
        if certificates.peek().is_none() {
            return Err(CertificateError::NoCertificate);
        }
        for certificate in certificates {
            let certificate = certificate.map_err(|_| CertificateError::Pem)?;
            if holds(&certificate, key.public_key().as_ref()) {
                let thumbprint = digest::digest(&digest::SHA256, &certificate);
                let thumbprint = BASE64_URL_SAFE_NO_PAD.encode(thumbprint);
                let not_after = expiry::not_after(&certificate);
                return Ok(ClientCertificate { key: Arc::new(key), thumbprint, not_after });
            }
        }
        Err(CertificateError::Mismatch)
    }

    /// Until when it is good; none if it does not say that in a way that is understood here.
    pub fn not_after(&self) -> Option<SystemTime> {
        self.not_after
    }

    /// `x5t#S256`: SHA-256 of the certificate, in base64url.
    pub(crate) fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// Signs as `PS256`; none if the system gives no randomness.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(&RSA_PSS_SHA256, &rand::SystemRandom::new(), message, &mut signature).ok()?;
        Some(signature)
    }
}

/// Whether a certificate is for this public key. An RSA key stands in a certificate byte for byte as PKCS#1 writes it, and
/// is far too long to stand there by chance, so nothing has to understand the certificate around it.
fn holds(certificate: &[u8], public_key: &[u8]) -> bool {
    certificate.windows(public_key.len()).any(|window| window == public_key)
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificate").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CERTIFICATE: &str = include_str!("../tests/keys/certificate.pem");
    const PKCS8: &str = include_str!("../tests/keys/pkcs8.pem");
    const PKCS1: &str = include_str!("../tests/keys/pkcs1.pem");
    const OTHER: &str = include_str!("../tests/keys/other.pem");
    const ISSUER: &str = include_str!("../tests/keys/issuer.pem");
    const SMALL: &str = include_str!("../tests/keys/small.pem");
    const CURVE: &str = include_str!("../tests/keys/curve.pem");
    const ENCRYPTED: &str = include_str!("../tests/keys/encrypted.pem");

    fn read(parts: &[&str]) -> Result<ClientCertificate, CertificateError> {
        ClientCertificate::from_pem(&parts.concat().into())
    }

    #[test]
    fn both_forms_of_a_key_are_read_in_any_order_and_beside_other_certificates() {
        // By `openssl x509 -fingerprint -sha256`.
        let thumbprint = include_str!("../tests/keys/certificate.sha256").trim();
        for parts in [[CERTIFICATE, PKCS8], [PKCS1, CERTIFICATE]] {
            assert_eq!(read(&parts).expect("a certificate").thumbprint(), thumbprint);
        }
        assert_eq!(read(&[ISSUER, CERTIFICATE, PKCS8]).expect("a certificate").thumbprint(), thumbprint);
    }

    #[test]
    fn what_is_missing_or_unfit_is_told_without_its_content() {
        let cut = &PKCS8[..PKCS8.len() / 2];
        for (parts, expected) in [
            (vec![], CertificateError::NoKey),
            (vec!["no pem"], CertificateError::NoKey),
            (vec![CERTIFICATE], CertificateError::NoKey),
            (vec![PKCS8], CertificateError::NoCertificate),
            (vec![CERTIFICATE, cut], CertificateError::Pem),
            (vec![CERTIFICATE, SMALL], CertificateError::Unfit),
            (vec![CERTIFICATE, CURVE], CertificateError::Unfit),
            (vec![CERTIFICATE, ENCRYPTED], CertificateError::Encrypted),
            (vec![CERTIFICATE, OTHER], CertificateError::Mismatch),
        ] {
            assert_eq!(read(&parts).expect_err("nothing to use"), expected);
        }
    }

    #[test]
    fn debug_shows_nothing() {
        let shown = format!("{:?}", read(&[CERTIFICATE, PKCS8]).expect("a certificate"));
        assert_eq!(shown, "ClientCertificate { .. }");
    }
}

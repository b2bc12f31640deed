//! The parts of a scenario that are mappings of their own: the application, and the pace.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::ReadFile;
use super::error::{Place, Problem};
use super::word::{Length, Lengths};
use crate::config::Config;
use crate::oauth::MAX_LIFETIME;
use crate::truth::Pace;

/// How the tenant's clock differs from the machine's.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Skew {
    Ahead(Length),
    Behind(Length),
}

impl Skew {
    pub(super) fn delta(self) -> TimeDelta {
        let delta = |Length(length): Length| TimeDelta::from_std(length).unwrap_or(TimeDelta::MAX);
        match self {
            Skew::Ahead(length) => delta(length),
            Skew::Behind(length) => -delta(length),
        }
    }
}

/// The one application that the tenant knows.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ApplicationPart {
    tenant_id: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    name: Option<String>,
    permissions: Option<Vec<String>>,
    token_lifetime: Option<Spanned<Length>>,
    managed_identity: Option<bool>,
    identity_header: Option<String>,
    /// In PEM.
    certificates: Vec<Spanned<String>>,
    certificate_files: Vec<Spanned<PathBuf>>,
    federated_tokens: Vec<String>,
    federated_token_files: Vec<Spanned<PathBuf>>,
}

impl ApplicationPart {
    pub(super) fn apply(self, config: &mut Config, read: ReadFile<'_>, problems: &mut Vec<Problem>) {
        set(&mut config.tenant_id, self.tenant_id);
        set(&mut config.client_id, self.client_id);
        set(&mut config.client_secret, self.client_secret);
        set(&mut config.application, self.name);
        set(&mut config.permissions, self.permissions);
        if let Some(told) = self.token_lifetime {
            if told.value.0 > MAX_LIFETIME {
                problems.push(Place::of(&told).problem("a token is good for a day at most".into()));
            }
            config.token_lifetime = told.value.0;
        }
        set(&mut config.managed_identity, self.managed_identity);
        set(&mut config.identity_header, self.identity_header);
        let mut file = |path: &Spanned<PathBuf>| {
            let text = read(Path::new(&path.value));
            text.map_err(|why| problems.push(Place::of(path).problem(why))).ok()
        };
        let mut certificates: Vec<(Place, String)> =
            self.certificates.into_iter().map(|pem| (Place::of(&pem), pem.value)).collect();
        for path in &self.certificate_files {
            certificates.extend(file(path).map(|pem| (Place::of(path), pem)));
        }
        config.federated_tokens = self.federated_tokens;
        for path in &self.federated_token_files {
            config.federated_tokens.extend(file(path).map(|token| token.trim().to_owned()));
        }
        for (place, pem) in certificates {
            match CertificateDer::pem_slice_iter(pem.as_bytes()).next() {
                Some(Ok(_)) => config.certificates.push(pem),
                _ => problems.push(place.problem("there is no certificate in PEM here".into())),
            }
        }
    }
}

fn set<T>(value: &mut T, told: Option<T>) {
    if let Some(told) = told {
        *value = told;
    }
}

/// How long machine actions take.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PacePart {
    pending: Option<Lengths>,
    quick: Option<Lengths>,
    slow: Option<Lengths>,
}

impl PacePart {
    pub(super) fn apply(self, pace: &mut Pace) {
        set(&mut pace.pending, self.pending.map(|lengths| lengths.0));
        set(&mut pace.quick, self.quick.map(|lengths| lengths.0));
        set(&mut pace.slow, self.slow.map(|lengths| lengths.0));
    }
}

//! A tenant to act on, a folder to work in, and the binary.

use assert_cmd::Command;
use riposte_tenant::{Config, EffectKind, Pace, Tenant};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The first device of every simulated tenant.
pub(crate) const DEVICE: &str = "1e5bc9d7e413ddd7902c2932e418702b84d0cc07";

/// A folder for one test, thrown away afterwards.
pub(crate) struct Scratch {
    folder: TempDir,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Scratch { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The binary, with this folder as its home and as its working directory.
    pub(crate) fn riposte(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("riposte").unwrap();
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("RIPOSTE_DATA_DIR", self.folder.path().join("data"));
        command
    }

    /// What a call prints and its exit code, with this folder's name taken out.
    pub(crate) fn call(&self, arguments: &[&str]) -> String {
        let output = self.riposte(arguments).output().unwrap();
        let text = format!(
            "exit {}\n--- stdout\n{}--- stderr\n{}",
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap()
        );
        let folder = self.folder.path().canonicalize().unwrap();
        text.replace(env!("CARGO_BIN_EXE_riposte"), "riposte")
            .replace(folder.to_str().unwrap(), "SCRATCH")
            .replace(self.folder.path().to_str().unwrap(), "SCRATCH")
    }
}

/// A file of the repository.
pub(crate) fn repository(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
        .canonicalize()
        .unwrap()
        .display()
        .to_string()
}

/// A simulated tenant whose actions end at the second look, and the runtime that it lives in.
pub(crate) struct Practice {
    pub(crate) tenant: Tenant,
    _runtime: tokio::runtime::Runtime,
}

impl Practice {
    pub(crate) fn new(faults: &[&str]) -> Self {
        let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
        Practice::with(Config { faults, ..Config::default() })
    }

    pub(crate) fn with(config: Config) -> Self {
        Practice::paced(Config { pace: Pace::instant(), ..config })
    }

    /// The same with actions that take as long as the configuration says.
    pub(crate) fn paced(config: Config) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let config = Config { rate_limits: false, ..config };
        let tenant = runtime.block_on(Tenant::start((Ipv4Addr::LOCALHOST, 0).into(), config)).unwrap();
        Practice { tenant, _runtime: runtime }
    }

    /// A configuration that points at it, in this folder.
    pub(crate) fn config(&self, scratch: &Scratch) -> String {
        config(scratch, &self.tenant.url(), &Config::default().tenant_id, &Config::default().client_secret)
    }

    /// The same for one who need not keep Defender's limits.
    pub(crate) fn config_without_limits(&self, scratch: &Scratch) -> String {
        let path = self.config(scratch);
        let text = std::fs::read_to_string(&path).unwrap();
        scratch.write("riposte.yaml", &format!("{text}    rate_limits: none\n"));
        path
    }

    /// How often a kind of action was really requested.
    pub(crate) fn count(&self, kind: EffectKind) -> usize {
        self.tenant.effects().iter().filter(|effect| effect.kind == kind).count()
    }
}

/// A configuration for a tenant at `url`.
pub(crate) fn config(scratch: &Scratch, url: &str, tenant_id: &str, secret: &str) -> String {
    let secret = scratch.write("tenant.secret", secret);
    let text = format!(
        "connections:\n  defender:\n    kind: defender\n    tenant_id: {tenant_id}\n    client_id: {}\n    \
         client_secret: {{ file: {} }}\n    endpoint: {url}\n    authority: {url}\n    visibility_delay: 50ms\n    \
         poll: {{ shortest: 20ms, longest: 1s }}\n",
        Config::default().client_id,
        secret.display(),
    );
    scratch.write("riposte.yaml", &text).display().to_string()
}

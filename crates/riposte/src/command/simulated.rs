//! A simulated tenant inside this process, and the connection to it.

use anyhow::Result;
use riposte_executor::Connections;
use riposte_server::config::{
    AuthConfig, CloudChoice, Config, ConnectionConfig, DefenderConfig, PollConfig, RateLimits, SecretSource,
};
use riposte_tenant::Tenant;
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

/// Starts a tenant on a port that the system chooses, with a connection called `defender` to it. What is downloaded goes
/// into `data_dir`.
pub(super) async fn start(data_dir: &Path) -> Result<(Tenant, Connections)> {
    let tenant_config = riposte_tenant::Config::default();
    let (tenant_id, client_id) = (tenant_config.tenant_id.clone(), tenant_config.client_id.clone());
    let secret = SecretSource::Simulated(tenant_config.client_secret.clone());
    let tenant = Tenant::start((Ipv4Addr::LOCALHOST, 0).into(), tenant_config).await?;
    let defender = DefenderConfig {
        tenant_id,
        auth: AuthConfig::ClientSecret { client_id, secret },
        cloud: CloudChoice::Custom { endpoint: tenant.url(), authority: tenant.url() },
        // The simulated tenant shows an action at once and moves it within seconds.
        visibility_delay: Duration::from_secs(1),
        poll: PollConfig { shortest: Duration::from_millis(250), longest: Duration::from_secs(2) },
        rate_limits: RateLimits::Documented,
    };
    let mut config = Config::default();
    config.connections.insert("defender".to_owned(), ConnectionConfig::Defender(defender));
    // A tenant that begins anew knows nothing of earlier calls.
    let connections = crate::compose::connections(&config, data_dir, None)?;
    Ok((tenant, connections))
}

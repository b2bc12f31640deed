//! A simulated tenant inside this process, and the connection to it.

use crate::compose;
use anyhow::Result;
use riposte_defender::{Meter, Unmetered};
use riposte_executor::Connections;
use riposte_server::config::{
    AuthConfig, CloudChoice, Config, ConnectionConfig, DefenderConfig, PollConfig, RateLimits, SecretSource,
};
use riposte_tenant::Tenant;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Starts such a tenant on a port that the system chooses, with a connection called `defender` to it, and one called `http` that
/// refuses whatever is asked: what is only tried out acts on nobody. What is downloaded goes into `data_dir`.
pub(super) async fn start(
    tenant_config: riposte_tenant::Config,
    data_dir: &Path,
) -> Result<(Tenant, Connections)> {
    start_metered(tenant_config, data_dir, &(Arc::new(Unmetered) as Arc<dyn Meter>)).await
}

/// The same, for one who counts what is asked of the tenant.
pub(super) async fn start_metered(
    tenant_config: riposte_tenant::Config,
    data_dir: &Path,
    meter: &Arc<dyn Meter>,
) -> Result<(Tenant, Connections)> {
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
    let connections = compose::metered_connections(&config, data_dir, None, meter)?;
    let connections = connections.with("http", compose::nothing_outside());
    Ok((tenant, connections))
}

//! Names to addresses, of which those out of reach are left out: what was looked at is what is dialled, so that a name
//! which answers differently the second time changes nothing.

use super::address::{OutOfReach, Reach};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::SocketAddr;
use std::sync::Arc;

/// Looks a name up. The system's own way, but for tests.
pub(super) type Lookup = Arc<dyn Fn(String) -> Found + Send + Sync>;
type Found = std::pin::Pin<Box<dyn Future<Output = std::io::Result<Vec<SocketAddr>>> + Send>>;

/// The system's resolver.
pub(super) fn system() -> Lookup {
    Arc::new(|name| Box::pin(async move { Ok(tokio::net::lookup_host((name.as_str(), 0)).await?.collect()) }))
}

/// A resolver that gives only what is within reach.
#[derive(Clone)]
pub(super) struct Guarded {
    pub(super) lookup: Lookup,
    pub(super) reach: Reach,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (found, reach) = ((self.lookup)(name.as_str().to_owned()), self.reach);
        Box::pin(async move {
            let within = within(found.await?, reach)?;
            Ok(Box::new(within.into_iter()) as Addrs)
        })
    }
}

/// Those within reach, or why there are none.
fn within(found: Vec<SocketAddr>, reach: Reach) -> Result<Vec<SocketAddr>, OutOfReach> {
    let mut refused = None;
    let mut kept = Vec::new();
    for address in found {
        match reach.check(address.ip()) {
            Ok(()) => kept.push(address),
            Err(why) => refused = refused.or(Some(why)),
        }
    }
    match refused {
        Some(why) if kept.is_empty() => Err(why),
        // No address at all is an error of the one who wanted to connect.
        Some(_) | None => Ok(kept),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_addresses_those_out_of_reach_are_left_out() {
        let addresses = |texts: &[&str]| -> Vec<SocketAddr> {
            texts.iter().map(|text| (text.parse::<std::net::IpAddr>().unwrap(), 0).into()).collect()
        };
        let all = addresses(&["10.0.0.1", "1.1.1.1", "169.254.169.254"]);
        assert_eq!(within(all.clone(), Reach::Public), Ok(addresses(&["1.1.1.1"])));
        assert_eq!(within(all, Reach::Inside), Ok(addresses(&["10.0.0.1", "1.1.1.1"])));
        let why = within(addresses(&["10.0.0.1", "127.0.0.1"]), Reach::Public).unwrap_err();
        assert_eq!(why.to_string(), "10.0.0.1, a private address");
        assert_eq!(within(Vec::new(), Reach::Public), Ok(Vec::new()));
    }
}

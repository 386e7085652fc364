//! Looking up host names.

use std::net::IpAddr;
use std::time::Duration;

use pictl_engine::ports::ResolveError;
use tokio::time::timeout;

/// Time to look up a host name.
const LIMIT: Duration = Duration::from_secs(5);

/// The addresses of `name`, at least one, as the system's resolver gives them. IPv4 first: a link-local IPv6 address
/// cannot be used without its interface.
pub(crate) async fn resolve(name: &str) -> Result<Vec<IpAddr>, ResolveError> {
    let found = timeout(LIMIT, tokio::net::lookup_host((name, 0))).await;
    let found = found.map_err(|_| ResolveError::TimedOut(LIMIT))?.map_err(|e| ResolveError::Failed(e.to_string()))?;
    let mut addresses: Vec<_> = found.map(|address| address.ip()).collect();
    addresses.sort_by_key(IpAddr::is_ipv6);
    if addresses.is_empty() { Err(ResolveError::NoAddress) } else { Ok(addresses) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn addresses_and_loopback_need_no_server() {
        assert_eq!(resolve("127.0.0.1").await.unwrap(), [IpAddr::from([127, 0, 0, 1])]);
        assert_eq!(resolve("::1").await.unwrap(), ["::1".parse::<IpAddr>().unwrap()]);
    }
}

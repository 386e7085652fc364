//! Looking up host names.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use thiserror::Error;
use tokio::time::timeout;

/// Time to look up a host name.
const LIMIT: Duration = Duration::from_secs(5);

/// Why a host name has no address. The name itself is not part of the message.
#[derive(Debug, Error)]
pub(crate) enum ResolveError {
    /// The resolver did not answer in time.
    #[error("looking it up timed out after {} s", LIMIT.as_secs())]
    TimedOut,
    /// The resolver knows the name, and no address for it.
    #[error("it has no address")]
    NoAddress,
    /// The resolver does not know the name, or failed.
    #[error(transparent)]
    Failed(#[from] io::Error),
}

/// The addresses of `name`, at least one, as the system's resolver gives them. IPv4 first: a link-local IPv6 address
/// cannot be used without its interface.
pub(crate) async fn resolve(name: &str) -> Result<Vec<IpAddr>, ResolveError> {
    let found = timeout(LIMIT, tokio::net::lookup_host((name, 0))).await.map_err(|_| ResolveError::TimedOut)??;
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

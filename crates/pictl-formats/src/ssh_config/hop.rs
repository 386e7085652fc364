//! Jump hosts.

use std::fmt;
use std::net::Ipv6Addr;

use pictl_model::text::clean;
use thiserror::Error;

/// Most jump hosts of one route.
const MAX_HOPS: usize = 8;

/// A jump host.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hop {
    /// The user who logs in there, if it is given.
    pub user: Option<String>,
    /// A name (perhaps one that the configuration gives another `HostName`) or an address, without brackets.
    pub host: String,
    /// The port of its SSH server, if it is given.
    pub port: Option<u16>,
}

/// A text that does not name a jump host.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text:?} is not a jump host: {why} (hint: [USER@]HOST[:PORT], several with commas between)")]
pub struct HopError {
    /// The text.
    pub text: String,
    /// Which rule it breaks.
    pub why: &'static str,
}

impl Hop {
    /// Reads `[USER@]HOST[:PORT]` or `ssh://[USER@]HOST[:PORT]`; an IPv6 address stands in brackets.
    pub fn parse(text: &str) -> Result<Self, HopError> {
        parts(text).map_err(|why| HopError { text: clean(text, 80), why })
    }

    /// Reads the value of `ProxyJump`: hosts with commas between, in the order in which they are passed; `none` means
    /// no jump host.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, HopError> {
        if text.trim().eq_ignore_ascii_case("none") {
            return Ok(Vec::new());
        }
        if text.split(',').nth(MAX_HOPS).is_some() {
            return Err(HopError { text: clean(text, 80), why: "it has more than 8 hosts" });
        }
        text.split(',').map(|text| Self::parse(text.trim())).collect()
    }
}

/// As in a configuration.
impl fmt::Display for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            f.write_str(&self.host)?;
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

fn parts(text: &str) -> Result<Hop, &'static str> {
    let uri = text.strip_prefix("ssh://");
    // In a URI the slash of an empty path may follow.
    let rest = uri.map_or(text, |uri| uri.strip_suffix('/').unwrap_or(uri));
    let (user, rest) = match rest.rsplit_once('@') {
        Some((user, rest)) => (Some(user.to_owned()), rest),
        None => (None, rest),
    };
    let (host, port) = match rest.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or("a bracket is not closed")?;
            let port = if port.is_empty() { Some(port) } else { port.strip_prefix(':') };
            (host, port.ok_or("after the brackets only a port may stand")?)
        }
        None if rest.parse::<Ipv6Addr>().is_ok() => return Err("an IPv6 address must stand in brackets"),
        None => rest.split_once(':').unwrap_or((rest, "")),
    };
    if user.as_ref().is_some_and(|user| user.is_empty() || !plain(user)) {
        return Err("its user is not a name");
    }
    if host.is_empty() || host.len() > 253 || host.contains('/') || !plain(host) {
        return Err("its host is neither a name nor an address");
    }
    let port = match port {
        "" => None,
        text => Some(port_number(text).ok_or("its port is not between 1 and 65535")?),
    };
    Ok(Hop { user, host: host.to_owned(), port })
}

/// Whether a command line cannot mistake the text: it is not an option, and has no white space and no quotes.
fn plain(text: &str) -> bool {
    !text.starts_with('-')
        && !text.contains(|c: char| c.is_whitespace() || c.is_control() || "'\"`$\\;&|<>()#".contains(c))
}

/// A valid port of a server.
pub(super) fn port_number(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|&port| digits && port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(user: Option<&str>, host: &str, port: Option<u16>) -> Hop {
        Hop { user: user.map(str::to_owned), host: host.into(), port }
    }

    #[test]
    fn hops_are_read_in_order_and_written_as_they_were() {
        for (text, hops) in [
            ("gate", vec![hop(None, "gate", None)]),
            ("pi@gate:2222,b", vec![hop(Some("pi"), "gate", Some(2222)), hop(None, "b", None)]),
            ("u@d@gate", vec![hop(Some("u@d"), "gate", None)]),
            ("[fe80::1%eth0]:22", vec![hop(None, "fe80::1%eth0", Some(22))]),
            ("a@[::1],10.0.0.1", vec![hop(Some("a"), "::1", None), hop(None, "10.0.0.1", None)]),
        ] {
            assert_eq!(Hop::parse_list(text), Ok(hops.clone()), "{text}");
            assert_eq!(hops.iter().map(Hop::to_string).collect::<Vec<_>>().join(","), text);
        }
        assert_eq!(Hop::parse("ssh://pi@gate:2222/"), Ok(hop(Some("pi"), "gate", Some(2222))));
        assert_eq!(Hop::parse("gate:"), Ok(hop(None, "gate", None)));
        assert_eq!(Hop::parse_list("a, b"), Ok(vec![hop(None, "a", None), hop(None, "b", None)]));
        assert_eq!(Hop::parse_list(" NONE "), Ok(Vec::new()));
    }

    #[test]
    fn what_is_not_a_jump_host_is_refused() {
        let many = ["a"; 9].join(",");
        for bad in [
            "",
            "a,",
            "@gate",
            "gate:0",
            "gate:65536",
            "gate:+22",
            "gate:x",
            ":22",
            "[::1",
            "[::1]22",
            "fe80::1",
            "a b",
            "-oProxyCommand=x",
            "u@-x",
            "$(id)@gate",
            "ssh://gate/path",
            "ssh://",
            &many,
        ] {
            assert!(Hop::parse_list(bad).is_err(), "{bad}");
        }
    }
}

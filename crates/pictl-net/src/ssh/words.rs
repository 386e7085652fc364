//! What went wrong, in words that say what to do.

use std::fmt::Display;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use pictl_engine::ports::ConnectError;
use pictl_model::text::clean;
use russh::client::DisconnectReason;
use russh::{AlgorithmKind, ChannelOpenFailure};

const ENABLE_SSH: &str = "SSH is not running there: on a Raspberry Pi, enable it in Raspberry Pi Imager or put an empty \
                          file named ssh on the boot partition";
const IS_IT_ON: &str = "is it switched on, and is this its address? a firewall may also be dropping packets";
const NO_ROUTE: &str = "check the cable or Wi-Fi, and that this machine has an address in the same network";
const PENALTY: &str = "the host may be blocking this address for a moment after failed logins (PerSourcePenalties), or \
                       have too many logins under way (MaxStartups): wait a minute";
const BEHIND: &str = "look from the host on the way there: may it forward, is this one switched on, is this its address in \
                      that network, and does SSH run there?";
const WAY_LOST: &str = "look at the host on the way there first";
const ONLY_ECDSA: &str = "it has only ECDSA host keys, which pictl takes where they are recorded already; the command \
                          ssh-keygen -A makes the others there";
const BUSY: &str = "the host is very busy or low on memory, or its SSH server hangs: look at it, or restart it";

/// The TCP connection failed.
pub(super) fn no_connection(address: SocketAddr, error: &io::Error) -> ConnectError {
    let hint = match error.kind() {
        ErrorKind::ConnectionRefused => ENABLE_SSH,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => PENALTY,
        ErrorKind::TimedOut => IS_IT_ON,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => NO_ROUTE,
        _ => "check the address and the port",
    };
    unreachable(address, error, hint)
}

/// The TCP connection was not answered.
pub(super) fn no_answer(address: SocketAddr, limit: Duration) -> ConnectError {
    unreachable(address, format_args!("no answer within {limit:?}"), IS_IT_ON)
}

/// The key exchange failed; `offered` tells whether a host key was seen before.
pub(super) fn no_handshake(address: SocketAddr, error: &russh::Error, offered: bool) -> ConnectError {
    use russh::Error;
    match error {
        Error::Disconnect | Error::HUP if !offered => {
            unreachable(address, "the host closed the connection at once", PENALTY)
        }
        Error::IO(error) if !offered => unreachable(address, error, PENALTY),
        Error::Version => protocol(address, "what answers there is not an SSH server"),
        Error::UnknownKey => protocol(address, "it offers a host certificate, which pictl does not believe"),
        Error::NoCommonAlgo { kind: AlgorithmKind::Key, theirs, .. }
            if theirs.iter().all(|name| name.starts_with("ecdsa-")) =>
        {
            protocol(address, ONLY_ECDSA)
        }
        Error::NoCommonAlgo { kind, theirs, .. } => {
            protocol(address, format_args!("no common {kind:?} algorithm; it knows {}", theirs.join(", ")))
        }
        other => protocol(address, other),
    }
}

/// The key exchange took too long.
pub(super) fn no_key_exchange(address: SocketAddr, limit: Duration) -> ConnectError {
    unreachable(address, format_args!("it took the connection but made no key exchange within {limit:?}"), BUSY)
}

/// The login took too long.
pub(super) fn no_login(address: SocketAddr, limit: Duration) -> ConnectError {
    unreachable(address, format_args!("the login was not answered within {limit:?}"), BUSY)
}

/// The way through another host broke.
pub(super) fn way_lost(address: SocketAddr, why: impl Display) -> ConnectError {
    unreachable(address, why, WAY_LOST)
}

/// There is no way through another host.
pub(super) fn no_way(address: SocketAddr, why: impl Display) -> ConnectError {
    unreachable(address, why, BEHIND)
}

/// Nothing came from behind another host.
pub(super) fn no_answer_behind(address: SocketAddr, limit: Duration) -> ConnectError {
    no_way(address, format_args!("the host on the way got no answer from it within {limit:?}"))
}

/// `host` made no connection to `address`; `said` is its own reason.
pub(super) fn not_forwarded(
    host: SocketAddr,
    address: SocketAddr,
    reason: &ChannelOpenFailure,
    said: Option<String>,
) -> String {
    match reason {
        ChannelOpenFailure::AdministrativelyProhibited => format!(
            "{host} forwards no connection to {address} (administratively prohibited): AllowTcpForwarding or PermitOpen in its \
             sshd_config, or options of the key in authorized_keys, forbid it"
        ),
        ChannelOpenFailure::ConnectFailed => {
            let said = said.unwrap_or_else(|| "it does not say why".into());
            format!("{host} could not connect to {address}: {said}")
        }
        other => format!("{host} made no connection to {address}: {other:?}"),
    }
}

/// Why a standing connection ended.
pub(super) fn ending(reason: &DisconnectReason<russh::Error>) -> String {
    match reason {
        DisconnectReason::ReceivedDisconnect(info) => {
            format!("the host hung up: {}", clean(info.message.trim(), 200))
        }
        DisconnectReason::Error(russh::Error::KeepaliveTimeout) => "the host no longer answers".into(),
        DisconnectReason::Error(russh::Error::Disconnect | russh::Error::HUP) => {
            "the host closed the connection".into()
        }
        DisconnectReason::Error(russh::Error::IO(error))
            if matches!(
                error.kind(),
                ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
            ) =>
        {
            "the host closed the connection".into()
        }
        DisconnectReason::Error(russh::Error::IO(error)) if error.kind() == ErrorKind::TimedOut => {
            "the host no longer answers".into()
        }
        DisconnectReason::Error(error) => clean(&error.to_string(), 200),
    }
}

fn unreachable(address: SocketAddr, why: impl Display, hint: &str) -> ConnectError {
    ConnectError::Unreachable { address, why: clean(&why.to_string(), 300), hint: hint.to_owned() }
}

fn protocol(address: SocketAddr, why: impl Display) -> ConnectError {
    ConnectError::Protocol { address, why: clean(&why.to_string(), 300) }
}

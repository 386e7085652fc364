//! Failed connections: their kinds, messages and hints.

use std::fmt::Display;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use pictl_engine::ports::{ConnectError, ExecError, Loss};
use pictl_model::link::LinkFailure;
use pictl_model::text::clean;
use russh::client::DisconnectReason;
use russh::{AlgorithmKind, ChannelOpenFailure};

const ENABLE_SSH: &str = "SSH is not running there, or listens on another port (`pictl nodes set NODE --port PORT`): on a \
    Raspberry Pi, enable it in Raspberry Pi Imager or put an empty file named ssh on the boot partition";
const IS_IT_ON: &str = "is it switched on, and is this its address? a firewall may also be dropping packets";
const NO_ROUTE: &str = "check the cable or Wi-Fi, and that this machine has an address in the same network";
const PENALTY: &str = "the host may be blocking this address for a moment after failed logins (PerSourcePenalties), or \
                       have too many logins under way (MaxStartups): wait a minute";
const BEHIND: &str = "check from the jump host: is forwarding allowed, is this host switched on, is this its address in \
                      that network, and does SSH run there?";
const JUMP_HOST_LOST: &str = "check the jump host first";
const ONLY_ECDSA: &str = "it has only ECDSA host keys, which pictl accepts only where they are recorded already; run \
                          ssh-keygen -A there to create the others";
const BUSY: &str = "the host is very busy or low on memory, or its SSH server hangs: check it, or restart it";

/// The TCP connection failed.
pub(super) fn no_connection(address: SocketAddr, error: &io::Error) -> ConnectError {
    let (kind, hint) = match error.kind() {
        ErrorKind::ConnectionRefused => (LinkFailure::Refused, ENABLE_SSH),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => (LinkFailure::HungUp, PENALTY),
        ErrorKind::TimedOut => (LinkFailure::NoAnswer, IS_IT_ON),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            (LinkFailure::NoRoute, NO_ROUTE)
        }
        _ => (LinkFailure::Other, "check the address and the port"),
    };
    unreachable(kind, address, error, hint)
}

/// The TCP connection was not answered.
pub(super) fn no_answer(address: SocketAddr, limit: Duration) -> ConnectError {
    unreachable(LinkFailure::NoAnswer, address, format_args!("no answer within {limit:?}"), IS_IT_ON)
}

/// The key exchange failed; `offered`: the host had shown its key before.
pub(super) fn no_handshake(address: SocketAddr, error: &russh::Error, offered: bool) -> ConnectError {
    use russh::Error;
    match error {
        Error::Disconnect | Error::HUP if !offered => {
            unreachable(LinkFailure::HungUp, address, "the host closed the connection at once", PENALTY)
        }
        Error::IO(error) if !offered => unreachable(LinkFailure::HungUp, address, error, PENALTY),
        Error::Version => protocol(address, "what answers there is not an SSH server"),
        Error::UnknownKey => protocol(address, "it offers a host certificate, which pictl does not accept"),
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
    let why = format_args!("it took the connection but made no key exchange within {limit:?}");
    unreachable(LinkFailure::KeyExchangeTimedOut, address, why, BUSY)
}

/// The login took too long.
pub(super) fn no_login(address: SocketAddr, limit: Duration) -> ConnectError {
    let why = format_args!("the login was not answered within {limit:?}");
    unreachable(LinkFailure::LoginTimedOut, address, why, BUSY)
}

/// The route through a jump host broke.
pub(super) fn route_lost(address: SocketAddr, why: impl Display) -> ConnectError {
    unreachable(LinkFailure::JumpHostLost, address, why, JUMP_HOST_LOST)
}

/// The jump host makes no connection.
pub(super) fn no_route(kind: LinkFailure, address: SocketAddr, why: impl Display) -> ConnectError {
    unreachable(kind, address, why, BEHIND)
}

/// No answer through the jump host.
pub(super) fn no_answer_behind(address: SocketAddr, limit: Duration) -> ConnectError {
    let why = format_args!("the jump host got no answer from it within {limit:?}");
    no_route(LinkFailure::NoAnswer, address, why)
}

/// `host` made no connection to `address`; `said` is its own reason.
pub(super) fn not_forwarded(
    host: SocketAddr,
    address: SocketAddr,
    reason: &ChannelOpenFailure,
    said: Option<String>,
) -> ExecError {
    let kind = match (reason, &said) {
        (ChannelOpenFailure::ConnectFailed, Some(said)) => failure_of(said),
        _ => LinkFailure::NotForwarded,
    };
    let why = match reason {
        ChannelOpenFailure::AdministrativelyProhibited => format!(
            "{host} forwards no connection to {address} (administratively prohibited): AllowTcpForwarding or PermitOpen in its \
             sshd_config, or options of the key in authorized_keys, forbid it"
        ),
        ChannelOpenFailure::ConnectFailed => {
            let said = said.unwrap_or_else(|| "it does not say why".into());
            format!("{host} could not connect to {address}: {said}")
        }
        other => format!("{host} made no connection to {address}: {other:?}"),
    };
    ExecError::NotForwarded { kind, why }
}

/// The meaning of the text in which OpenSSH's server reports an error of the system (`strerror`).
fn failure_of(said: &str) -> LinkFailure {
    match said {
        "Connection refused" => LinkFailure::Refused,
        "Connection timed out" => LinkFailure::NoAnswer,
        "No route to host" | "Network is unreachable" => LinkFailure::NoRoute,
        _ => LinkFailure::NotForwarded,
    }
}

/// The connection broke, and nothing says why.
pub(super) fn broke() -> Loss {
    Loss::new(LinkFailure::Other, "the connection broke")
}

/// Why a standing connection ended.
pub(super) fn ending(reason: &DisconnectReason<russh::Error>) -> Loss {
    let hung_up = || Loss::new(LinkFailure::HungUp, "the host closed the connection");
    let silent = || Loss::new(LinkFailure::NoAnswer, "the host no longer answers");
    match reason {
        DisconnectReason::ReceivedDisconnect(info) => {
            Loss::new(LinkFailure::HungUp, format!("the host hung up: {}", clean(info.message.trim(), 200)))
        }
        DisconnectReason::Error(russh::Error::KeepaliveTimeout) => silent(),
        DisconnectReason::Error(russh::Error::Disconnect | russh::Error::HUP) => hung_up(),
        DisconnectReason::Error(russh::Error::IO(error))
            if matches!(
                error.kind(),
                ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
            ) =>
        {
            hung_up()
        }
        DisconnectReason::Error(russh::Error::IO(error)) if error.kind() == ErrorKind::TimedOut => silent(),
        DisconnectReason::Error(error) => Loss::new(LinkFailure::Other, clean(&error.to_string(), 200)),
    }
}

fn unreachable(kind: LinkFailure, address: SocketAddr, why: impl Display, hint: &str) -> ConnectError {
    ConnectError::Unreachable { kind, address, why: clean(&why.to_string(), 300), hint: hint.to_owned() }
}

fn protocol(address: SocketAddr, why: impl Display) -> ConnectError {
    ConnectError::Protocol { address, why: clean(&why.to_string(), 300) }
}

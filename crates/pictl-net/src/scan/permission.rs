//! Whether this user may send ARP.

use std::io::{self, ErrorKind};

use pictl_engine::ports::ScanError;
use pictl_model::request::{ScanMethod, ScanRequest};

use super::interfaces::Interface;
#[cfg(target_os = "linux")]
pub(super) use super::packet::RawSocket;

/// Other systems have no packet sockets.
#[cfg(not(target_os = "linux"))]
pub(super) enum RawSocket {}

#[cfg(not(target_os = "linux"))]
impl RawSocket {
    fn open() -> io::Result<Self> {
        Err(ErrorKind::PermissionDenied.into())
    }
}

/// The error of an operation of a scan.
pub(super) fn failed(operation: &str, source: io::Error) -> ScanError {
    ScanError::Io { operation: operation.to_owned(), source }
}

/// Whether this machine can ask by ARP.
pub(super) enum Arp {
    /// By this socket.
    Open(RawSocket),
    /// This user may not, or other methods were asked for.
    Closed,
    /// This user may, but the system refused for this reason.
    Failed(io::Error),
}

/// Whether this user may open a socket for ARP; an error if ARP was requested and is not possible.
pub(super) fn may_arp(request: &ScanRequest, all: &[Interface]) -> Result<Arp, ScanError> {
    let attempt = match request.method {
        ScanMethod::Connect => return Ok(Arp::Closed),
        _ if all.is_empty() => Err(ErrorKind::PermissionDenied.into()),
        _ => RawSocket::open(),
    };
    match (attempt, request.method) {
        (Ok(socket), _) => Ok(Arp::Open(socket)),
        (Err(error), ScanMethod::Arp) if error.kind() != ErrorKind::PermissionDenied => {
            Err(failed("opening a packet socket", error))
        }
        (Err(_), ScanMethod::Arp) => Err(ScanError::NotAllowed {
            method: "ARP".into(),
            hint:
                "run it as root on Linux, or once: sudo setcap cap_net_raw+ep PATH-TO-PICTL; or leave out --method arp"
                    .into(),
        }),
        (Err(error), _) if error.kind() == ErrorKind::PermissionDenied => Ok(Arp::Closed),
        (Err(error), _) => Ok(Arp::Failed(error)),
    }
}

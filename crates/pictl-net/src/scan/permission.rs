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

/// A socket for ARP if this user may open one; an error if ARP was requested and is not allowed.
pub(super) fn may_arp(request: &ScanRequest, all: &[Interface]) -> Result<Option<RawSocket>, ScanError> {
    let attempt = match request.method {
        ScanMethod::Connect => return Ok(None),
        _ if all.is_empty() => Err(ErrorKind::PermissionDenied.into()),
        _ => RawSocket::open(),
    };
    match (attempt, request.method) {
        (Ok(socket), _) => Ok(Some(socket)),
        (Err(error), ScanMethod::Arp) if error.kind() != ErrorKind::PermissionDenied => {
            Err(failed("opening a packet socket", error))
        }
        (Err(_), ScanMethod::Arp) => Err(ScanError::NotAllowed {
            method: "ARP".into(),
            hint:
                "run it as root on Linux, or once: sudo setcap cap_net_raw+ep PATH-TO-PICTL; or leave out --method arp"
                    .into(),
        }),
        (Err(_), _) => Ok(None),
    }
}

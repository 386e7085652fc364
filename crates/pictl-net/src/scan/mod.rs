//! Finding hosts: on local networks by ARP where this user may, and else by what the kernel asks and learns for whoever
//! sends its neighbours something; TCP connections everywhere else; multicast DNS for names.
//!
//! One scan makes at most one TCP connection to a host: OpenSSH counts a connection that ends without a login against
//! its address (PerSourcePenalties, 9.8 and later).

#[cfg(target_os = "linux")]
mod arp;
mod connect;
mod hub;
mod mdns;
#[cfg(target_os = "linux")]
mod netlink;
mod outlook;
mod own;
#[cfg(target_os = "linux")]
mod packet;
mod plan;
#[cfg(target_os = "linux")]
mod poke;
mod run;
mod signs;

use std::io::{self, ErrorKind};
use std::net::IpAddr;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};
use pictl_engine::ports::{Discover, ScanEnd, ScanError, ScanNews};
use pictl_model::MacAddr;
use pictl_model::request::{ScanMethod, ScanRequest};
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::kept::Kept;
use own::Interface;
#[cfg(target_os = "linux")]
use packet::RawSocket;
use plan::Plan;
use run::Scan;

pub use outlook::{Outlook, outlook};
pub use own::{Subnet, own_address_towards, own_subnets};

/// Other systems have none.
#[cfg(not(target_os = "linux"))]
enum RawSocket {}

#[cfg(not(target_os = "linux"))]
impl RawSocket {
    fn open() -> io::Result<Self> {
        Err(ErrorKind::PermissionDenied.into())
    }
}

/// Time to look up a host name.
const LOOK_UP: Duration = Duration::from_secs(5);

/// Finds hosts on the network.
#[derive(Clone, Debug, Default)]
pub struct Scanner {
    kept: Kept,
}

impl Scanner {
    /// Keeps its connections to SSH servers in `kept`, for the logins that follow.
    pub fn new(kept: Kept) -> Self {
        Self { kept }
    }
}

impl Discover for Scanner {
    fn scan(
        &self,
        request: ScanRequest,
        news: UnboundedSender<ScanNews>,
        cancel: CancellationToken,
    ) -> BoxFuture<'static, Result<ScanEnd, ScanError>> {
        scan(request, self.kept.clone(), news, cancel).boxed()
    }
}

async fn scan(
    request: ScanRequest,
    kept: Kept,
    news: UnboundedSender<ScanNews>,
    cancel: CancellationToken,
) -> Result<ScanEnd, ScanError> {
    let all = match own::interfaces() {
        Ok(all) => all,
        // Targets that are named can be asked without knowing the own networks.
        Err(_) if !request.targets.is_empty() => Vec::new(),
        Err(error) => return Err(failed("asking the kernel for its interfaces", error)),
    };
    let socket = may_arp(&request, &all)?;
    let may_arp = socket.is_some();
    let mut plan = Plan::new(&request, &all, may_arp)?;
    let begun = ScanNews::Started {
        targets: plan.targets.clone(),
        method: plan.method(&request, may_arp),
        addresses: plan.addresses() + plan.names.len() as u64,
    };
    let _ = news.send(begun);

    let interfaces = plan::chosen(&request, &all)?;
    let left_out = plan.exclude_names.len();
    let look_ups = join_all(plan.exclude_names.iter().chain(&plan.names).map(|name| look_up(name, request.port)));
    // Cancelled: nothing is known yet, and nothing more will be.
    let Some(mut found) = cancel.run_until_cancelled(look_ups).await else { return Ok(ScanEnd::default()) };
    let targets = found.split_off(left_out);
    for result in found {
        match result {
            Ok(addresses) => plan.leave_out(&addresses)?,
            // Who cannot be left out for sure must not be asked by mistake.
            Err(why) => {
                return Err(ScanError::Target { target: "--exclude".into(), why, hint: "give its address".into() });
            }
        }
    }
    plan.names.clear();
    for result in targets {
        match result {
            // One address a host, for the others would be the same host again.
            Ok(addresses) => plan.split(request.method, addresses[..1].to_vec(), &interfaces, may_arp)?,
            Err(problem) => plan.problems.push(problem),
        }
    }
    Scan::new(&request, &interfaces, kept, news, &mut plan).run(plan, socket, cancel).await
}

fn failed(operation: &str, source: io::Error) -> ScanError {
    ScanError::Io { operation: operation.to_owned(), source }
}

/// A socket for ARP when this user may have one; an error when ARP was asked for and is not allowed.
fn may_arp(request: &ScanRequest, all: &[Interface]) -> Result<Option<RawSocket>, ScanError> {
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

/// The addresses of a host name, at least one, as the system's resolver gives them.
async fn look_up(name: &str, port: u16) -> Result<Vec<IpAddr>, String> {
    let found = timeout(LOOK_UP, tokio::net::lookup_host((name, port))).await;
    match found {
        Ok(Ok(addresses)) => {
            let mut addresses: Vec<_> = addresses.map(|address| address.ip()).collect();
            // IPv4 first: a link-local IPv6 address is of no use without its interface.
            addresses.sort_by_key(IpAddr::is_ipv6);
            if addresses.is_empty() { Err(format!("{name} has no address")) } else { Ok(addresses) }
        }
        Ok(Err(_)) => Err(format!("no address is known for {name}")),
        Err(_) => Err(format!("nobody told the address of {name} within {LOOK_UP:?}")),
    }
}

/// The network card behind `address` as the kernel knows it of a connection just made there; a neighbour of this machine only.
#[cfg(target_os = "linux")]
pub(crate) fn mac_of(address: IpAddr) -> Option<MacAddr> {
    netlink::neighbours().ok()?.into_iter().find(|entry| entry.address == address)?.mac()
}

/// Elsewhere that is not looked up.
#[cfg(not(target_os = "linux"))]
pub(crate) fn mac_of(_: IpAddr) -> Option<MacAddr> {
    None
}

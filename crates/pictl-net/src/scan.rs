//! Finds hosts: on local networks by ARP where this user may send it, and else through the neighbour table of the
//! kernel; everywhere else by TCP connections. Names come from multicast DNS.
//!
//! One scan makes at most one TCP connection to a host: OpenSSH counts a connection that ends without a login against
//! its address (PerSourcePenalties, 9.8 and later).

#[cfg(target_os = "linux")]
mod arp;
mod connect;
mod estimate;
mod hub;
mod interfaces;
mod mdns;
#[cfg(target_os = "linux")]
mod neighbour_probe;
#[cfg(target_os = "linux")]
mod packet;
mod permission;
mod plan;
mod quality;
mod run;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};
use pictl_engine::ports::{Discover, ResolveError, ScanEnd, ScanError, ScanNews};
use pictl_model::request::{ScanMethod, ScanRequest};
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use crate::parked::Parked;
use crate::resolve::resolve;
use permission::{Arp, failed, may_arp};
use plan::Plan;
use run::Scan;

pub use estimate::{Estimate, estimate};
pub use interfaces::{Subnet, own_address_towards, own_subnets};

/// Finds hosts on the network.
#[derive(Clone, Debug, Default)]
pub struct Scanner {
    parked: Parked,
}

impl Scanner {
    /// Parks its connections to SSH servers in `parked`, for the logins that follow.
    pub fn new(parked: Parked) -> Self {
        Self { parked }
    }
}

impl Discover for Scanner {
    fn scan(
        &self,
        request: ScanRequest,
        news: UnboundedSender<ScanNews>,
        cancel: CancellationToken,
    ) -> BoxFuture<'static, Result<ScanEnd, ScanError>> {
        scan(request, self.parked.clone(), news, cancel).boxed()
    }
}

async fn scan(
    request: ScanRequest,
    parked: Parked,
    news: UnboundedSender<ScanNews>,
    cancel: CancellationToken,
) -> Result<ScanEnd, ScanError> {
    let (all, unread) = match interfaces::interfaces() {
        Ok(all) => (all, None),
        // Named targets can be asked without knowing the own networks, but not by ARP.
        Err(error) if !request.targets.is_empty() && request.method != ScanMethod::Arp => (Vec::new(), Some(error)),
        Err(error) => return Err(failed("reading the interfaces", error)),
    };
    let (socket, refused) = match may_arp(&request, &all)? {
        Arp::Open(socket) => (Some(socket), None),
        Arp::Closed => (None, None),
        Arp::Failed(error) => (None, Some(error)),
    };
    let may_arp = socket.is_some();
    let mut plan = Plan::new(&request, &all, may_arp)?;
    if let Some(error) = &unread {
        plan.problems.push(format!(
            "this computer does not show its network interfaces ({error}): every address is asked by a TCP connection"
        ));
    }
    if let Some(error) = &refused {
        plan.problems.push(format!("ARP is not possible, because this computer refused: {error}"));
    }
    let begun = ScanNews::Started {
        targets: plan.targets.clone(),
        method: plan.method(&request, may_arp || refused.is_some()),
        addresses: plan.addresses() + plan.names.len() as u64,
    };
    let _ = news.send(begun);

    let interfaces = plan::chosen(&request, &all)?;
    let left_out = plan.exclude_names.len();
    let look_ups = join_all(plan.exclude_names.iter().chain(&plan.names).map(|name| async move {
        resolve(name).await.map_err(|error| match error {
            ResolveError::Failed(_) => format!("no address is known for {name}"),
            other => format!("no address for {name}: {other}"),
        })
    }));
    // Cancelled: nothing was found.
    let Some(mut found) = cancel.run_until_cancelled(look_ups).await else { return Ok(ScanEnd::default()) };
    let targets = found.split_off(left_out);
    for result in found {
        match result {
            Ok(addresses) => plan.leave_out(&addresses)?,
            // A host that cannot be excluded for certain must not be asked by mistake.
            Err(why) => {
                return Err(ScanError::Target { target: "--exclude".into(), why, hint: "give its address".into() });
            }
        }
    }
    plan.names.clear();
    for result in targets {
        match result {
            // One address for each host: the others would be the same host again.
            Ok(addresses) => plan.split(request.method, addresses[..1].to_vec(), &interfaces, may_arp)?,
            Err(problem) => plan.problems.push(problem),
        }
    }
    Scan::new(&request, &interfaces, parked, news, &mut plan).run(plan, socket, cancel).await
}

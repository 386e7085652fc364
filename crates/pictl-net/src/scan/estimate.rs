//! How much a scan would have to do, before anything is sent.

use std::time::Duration;

use pictl_engine::ports::ScanError;
use pictl_model::request::ScanRequest;

use super::interfaces;
use super::permission::{Arp, may_arp};
use super::plan::Plan;

/// Addresses that the kernel asks for at once, and how long it takes to give one up.
const PROBED: (u64, Duration) = (512, Duration::from_millis(3300));
/// Connections that are tried at once, and how long each may take.
const CONNECTED: (u64, Duration) = (96, Duration::from_millis(400));

#[cfg(target_os = "linux")]
use super::arp::about as by_arp;

/// Other systems do not ask by ARP.
#[cfg(not(target_os = "linux"))]
fn by_arp(_: usize) -> Duration {
    Duration::ZERO
}

/// What a scan would have to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// Addresses to ask.
    pub addresses: u64,
    /// About how long it takes where hardly any host is there and nothing is lost.
    pub about: Duration,
}

/// How much `request` would have to do on this machine and for this user.
pub fn estimate(request: &ScanRequest) -> Result<Estimate, ScanError> {
    let all = interfaces::interfaces().unwrap_or_default();
    let may_arp = matches!(may_arp(request, &all)?, Arp::Open(_));
    let plan = Plan::new(request, &all, may_arp)?;
    let turns = |count: usize, (at_once, each): (u64, Duration)| each * (count as u64).div_ceil(at_once) as u32;
    let arp = plan.arp.iter().map(|(_, targets)| by_arp(targets.len()));
    let probed = plan.udp.iter().map(|(_, targets)| turns(targets.len(), PROBED));
    // Networks are asked in parallel.
    let about = arp.chain(probed).chain([turns(plan.connect.len(), CONNECTED)]).max().unwrap_or_default();
    Ok(Estimate { addresses: plan.addresses() + plan.names.len() as u64, about })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_elsewhere_are_connected_to_in_turns() {
        let request = ScanRequest { targets: vec!["127.0.0.0/22".into()], port: 22, ..ScanRequest::default() };
        let estimate = estimate(&request).unwrap();
        assert_eq!((estimate.addresses, estimate.about), (1022, Duration::from_millis(11 * 400)));
        assert!(super::estimate(&ScanRequest { targets: vec!["10.0.0.9-1".into()], ..request }).is_err());
    }
}

//! Names, addresses and boards of the nodes, computed from the specification alone: nothing has to be remembered.

use std::net::Ipv4Addr;

use pictl_model::MacAddr;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::spec::{bad, first_host, names, operator_host};
use super::{LabError, LabSpec, Os};

/// A release of Debian.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Release {
    /// Debian 12.
    Bookworm,
    /// Debian 13.
    Trixie,
}
names!(Release, "release", Bookworm = "bookworm", Trixie = "trixie");

/// Boards that a lab has, in this order, with a MAC prefix that such boards were sold with (IEEE registry:
/// b8:27:eb Raspberry Pi Foundation; dc:a6:32, e4:5f:01, d8:3a:dd, 2c:cf:67 Raspberry Pi Trading).
const BOARDS: [(&str, [u8; 3]); 5] = [
    ("Raspberry Pi 4 Model B Rev 1.5", [0xdc, 0xa6, 0x32]),
    ("Raspberry Pi 5 Model B Rev 1.0", [0x2c, 0xcf, 0x67]),
    ("Raspberry Pi 3 Model B Plus Rev 1.3", [0xb8, 0x27, 0xeb]),
    ("Raspberry Pi 4 Model B Rev 1.4", [0xe4, 0x5f, 0x01]),
    ("Raspberry Pi 5 Model B Rev 1.0", [0xd8, 0x3a, 0xdd]),
];

/// What one node is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodePlan {
    /// `n1`, `n2`, …
    pub name: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// Its hardware address.
    pub mac: MacAddr,
    /// Its board, as `/sys/firmware/devicetree/base/model` says.
    pub model: &'static str,
    /// Its serial number: 16 hex digits.
    pub serial: String,
    /// Its Debian.
    pub release: Release,
}

impl LabSpec {
    /// All nodes in order.
    pub fn plan(&self) -> Vec<NodePlan> {
        (1..=self.nodes).map(|number| self.plan_node(number)).collect()
    }

    fn plan_node(&self, number: u16) -> NodePlan {
        let (model, prefix) = BOARDS[usize::from(number - 1) % BOARDS.len()];
        // Stable for a lab's name, different between labs; the last byte keeps the nodes of one lab apart.
        let hash = Sha256::digest(format!("{}/{number}", self.name));
        let last = number.to_le_bytes()[0];
        NodePlan {
            name: format!("n{number}"),
            address: Ipv4Addr::from_bits(first_host(self.subnet) + u32::from(number) - 1),
            mac: MacAddr([prefix[0], prefix[1], prefix[2], hash[0], hash[1], last]),
            model,
            serial: format!("10000000{:02x}{:02x}{:02x}{last:02x}", hash[2], hash[0], hash[1]),
            release: match self.os {
                Os::Bookworm => Release::Bookworm,
                Os::Mixed if number % 2 == 1 => Release::Bookworm,
                Os::Trixie | Os::Mixed => Release::Trixie,
            },
        }
    }

    /// The address of the operator namespace: the last of the subnet.
    pub fn operator_address(&self) -> Ipv4Addr {
        Ipv4Addr::from_bits(operator_host(self.subnet))
    }

    /// The number of a node by its name (`n2`) or address.
    pub fn find(&self, node: &str) -> Result<NodePlan, LabError> {
        self.plan()
            .into_iter()
            .find(|plan| plan.name == node || plan.address.to_string() == node)
            .ok_or_else(|| LabError::NoNode { lab: self.name.clone(), node: node.to_owned(), nodes: self.nodes })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn addresses_start_at_31_and_the_operator_is_last() {
        let spec = LabSpec::default();
        let addresses: Vec<_> = spec.plan().iter().map(|node| node.address.to_string()).collect();
        assert_eq!(addresses, ["10.77.0.31", "10.77.0.32", "10.77.0.33", "10.77.0.34"]);
        assert_eq!(spec.operator_address().to_string(), "10.77.0.254");
    }

    #[test]
    fn a_small_subnet_starts_at_its_first_address() {
        let spec = LabSpec { subnet: "192.168.9.16/29".parse().unwrap(), nodes: 5, ..LabSpec::default() };
        spec.check().unwrap();
        assert_eq!(spec.plan()[0].address.to_string(), "192.168.9.17");
        assert_eq!(spec.operator_address().to_string(), "192.168.9.22");
        assert!(LabSpec { nodes: 6, ..spec }.check().is_err());
    }

    #[test]
    fn macs_are_of_raspberry_pis_and_differ_within_and_between_labs() {
        let here = LabSpec { nodes: 64, ..LabSpec::default() };
        let there = LabSpec { name: "other".into(), ..here.clone() };
        let macs: BTreeSet<_> = here.plan().iter().chain(&there.plan()).map(|node| node.mac.to_string()).collect();
        assert_eq!(macs.len(), 128);
        assert!(macs.iter().all(|mac| {
            BOARDS
                .iter()
                .any(|(_, p)| mac.to_lowercase().starts_with(&format!("{:02x}:{:02x}:{:02x}", p[0], p[1], p[2])))
        }));
        assert_eq!(here.plan(), here.plan());
    }

    #[test]
    fn mixed_labs_alternate() {
        let spec = LabSpec { os: Os::Mixed, ..LabSpec::default() };
        let releases: Vec<_> = spec.plan().iter().map(|node| node.release).collect();
        assert_eq!(releases, [Release::Bookworm, Release::Trixie, Release::Bookworm, Release::Trixie]);
    }

    #[test]
    fn nodes_are_found_by_name_and_address() {
        let spec = LabSpec::default();
        assert_eq!(spec.find("n2").unwrap(), spec.find("10.77.0.32").unwrap());
        assert!(spec.find("n5").unwrap_err().to_string().contains("n1 to n4"));
    }
}

//! Names of network interfaces: which are hardware, and which are made by programs.

/// Beginnings of the names of interfaces that container engines, hypervisors and VPNs create, for any kind of device.
const INTERNAL: [&str; 15] = [
    "docker", "br-", "virbr", "vmnet", "vboxnet", "cni", "flannel", "cali", "lxc", "lxdbr", "podman", "tun", "tap",
    "wg", "zt",
];

/// A program made the interface of this name: a network inside the machine, or a tunnel. Its addresses and MAC can be the same
/// on many machines.
pub fn is_internal(name: &str) -> bool {
    INTERNAL.iter().any(|prefix| name.starts_with(prefix))
}

/// The interface of this name is one end of a virtual cable, as container engines make them.
pub fn is_veth(name: &str) -> bool {
    name.starts_with("veth")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_of_programs_are_known_by_their_names() {
        for name in ["docker0", "br-4711", "virbr0", "wg0", "tun1"] {
            assert!(is_internal(name) && !is_veth(name), "{name}");
        }
        for name in ["eth0", "wlan0", "enx00e04c680001", "end0", "br0"] {
            assert!(!is_internal(name) && !is_veth(name), "{name}");
        }
        assert!(is_veth("veth12ab"));
    }
}

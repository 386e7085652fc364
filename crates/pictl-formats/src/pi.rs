//! What a host's MAC, SSH banner and name say before anybody logs in.

use pictl_model::ids::MacAddr;
use pictl_model::node::PiHint;

/// The prefixes that the IEEE assigned to the Raspberry Pi companies, left-aligned in 48 bits, with their length in
/// bits (IEEE registries MA-L, MA-M, MA-S and CID as of 30 July 2026).
const PREFIXES: [(u64, u32); 11] = [
    (0xb827_eb00_0000, 24),
    (0xdca6_3200_0000, 24),
    (0xe45f_0100_0000, 24),
    (0x28cd_c100_0000, 24),
    (0xd83a_dd00_0000, 24),
    (0x2ccf_6700_0000, 24),
    (0x88a2_9e00_0000, 24),
    (0x98fe_5400_0000, 24),
    (0x3a35_4100_0000, 24),
    (0xf040_af90_0000, 28),
    (0x8c1f_6434_a000, 36),
];

/// The maker of a network card, where it is Raspberry Pi. Other boards of theirs (Pico W) share the prefixes.
pub fn vendor(mac: MacAddr) -> Option<&'static str> {
    let mac = mac.0.iter().fold(0, |mac, &byte| mac << 8 | u64::from(byte));
    PREFIXES.iter().any(|&(prefix, bits)| (mac ^ prefix) >> (48 - bits) == 0).then_some("Raspberry Pi")
}

/// The operating system that an SSH identification string (`SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3`) tells of.
pub fn os_of_banner(banner: &str) -> Option<String> {
    let (software, comment) = banner.strip_prefix("SSH-2.0-")?.split_once(' ')?;
    let system = ["Debian", "Raspbian", "Ubuntu"].into_iter().find(|s| comment.starts_with(s))?;
    if system == "Ubuntu" {
        return Some(system.to_owned());
    }
    // Security updates carry the release in their number; before the first one only the version of OpenSSH tells.
    let release = comment.split_once("+deb").map_or("", |(_, rest)| rest.split('u').next().unwrap_or(rest));
    let openssh = software.strip_prefix("OpenSSH_").map_or("", |v| v.split('p').next().unwrap_or(v));
    Some(match (release, openssh) {
        ("10", _) | ("", "7.9") => format!("{system} 10 (buster)"),
        ("11", _) | ("", "8.4") => format!("{system} 11 (bullseye)"),
        ("12", _) | ("", "9.2") => format!("{system} 12 (bookworm)"),
        ("13", _) | ("", "10.0") => format!("{system} 13 (trixie)"),
        _ => system.to_owned(),
    })
}

/// Why a host may be a Raspberry Pi; empty when nothing says so.
pub fn hints(mac: Option<MacAddr>, banner: Option<&str>, hostname: Option<&str>) -> Vec<PiHint> {
    let mut hints = Vec::new();
    if mac.is_some_and(|mac| vendor(mac).is_some()) {
        hints.push(PiHint::Prefix);
    }
    if banner.and_then(os_of_banner).is_some_and(|os| os.starts_with("Raspbian")) {
        hints.push(PiHint::Banner);
    }
    if hostname.is_some_and(is_first_name) {
        hints.push(PiHint::Name);
    }
    hints
}

/// `raspberrypi`, also with a domain, and with the number that mDNS adds when several are called so.
fn is_first_name(hostname: &str) -> bool {
    let label = hostname.split('.').next().unwrap_or(hostname).to_ascii_lowercase();
    label.strip_prefix("raspberrypi").is_some_and(|rest| {
        rest.is_empty()
            || rest.strip_prefix('-').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_pi(mac: &str) -> bool {
        vendor(mac.parse().expect("a MAC")).is_some()
    }

    #[test]
    fn prefixes_count_to_their_last_bit() {
        for mac in [
            "b8:27:eb:00:00:00",
            "dc:a6:32:ff:ff:ff",
            "e4:5f:01:12:34:56",
            "28:cd:c1:00:00:01",
            "d8:3a:dd:00:00:01",
            "2c:cf:67:00:00:01",
            "88:a2:9e:00:00:01",
            "98:fe:54:00:00:01",
            "3a:35:41:00:00:01",
            "f0:40:af:90:00:00",
            "f0:40:af:9f:ff:ff",
            "8c:1f:64:34:a0:00",
            "8c:1f:64:34:af:ff",
        ] {
            assert!(is_pi(mac), "{mac}");
        }
        for mac in [
            "b8:27:ea:ff:ff:ff",
            "b8:27:ec:00:00:00",
            "f0:40:af:8f:ff:ff",
            "f0:40:af:a0:00:00",
            "8c:1f:64:34:9f:ff",
            "8c:1f:64:34:b0:00",
            "00:00:00:00:00:00",
        ] {
            assert!(!is_pi(mac), "{mac}");
        }
    }

    #[test]
    fn banners_tell_the_release() {
        for (banner, os) in [
            ("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10", Some("Debian 12 (bookworm)")),
            ("SSH-2.0-OpenSSH_9.2p1 Raspbian-2+deb12u3", Some("Raspbian 12 (bookworm)")),
            ("SSH-2.0-OpenSSH_10.0p2 Debian-7", Some("Debian 13 (trixie)")),
            ("SSH-2.0-OpenSSH_8.4p1 Debian-5+deb11u1", Some("Debian 11 (bullseye)")),
            ("SSH-2.0-OpenSSH_9.9p1 Debian-3", Some("Debian")),
            ("SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13.5", Some("Ubuntu")),
            ("SSH-2.0-OpenSSH_9.8", None),
            ("SSH-2.0-dropbear_2022.83", None),
            ("", None),
        ] {
            assert_eq!(os_of_banner(banner).as_deref(), os, "{banner}");
        }
    }

    #[test]
    fn each_hint_is_found_by_itself() {
        assert_eq!(hints(None, None, None), []);
        assert_eq!(hints("dc:a6:32:01:02:03".parse().ok(), None, Some("pi01")), [PiHint::Prefix]);
        assert_eq!(hints(None, Some("SSH-2.0-OpenSSH_9.2p1 Raspbian-2"), None), [PiHint::Banner]);
        for name in ["raspberrypi", "RaspberryPi.local", "raspberrypi-2.local"] {
            assert_eq!(hints(None, None, Some(name)), [PiHint::Name], "{name}");
        }
        assert_eq!(hints(None, None, Some("raspberrypis")), []);
        assert_eq!(hints(None, None, Some("raspberrypi-x")), []);
    }
}

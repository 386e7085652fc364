//! What the MAC address, SSH banner and name of a host show before a login.

use pictl_model::ids::{MacAddr, MacPrefix};
use pictl_model::node::PiHint;

use crate::makers::maker;

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

/// The prefix is one of the Raspberry Pi companies'. Other boards of theirs (Pico W) share them.
fn is_raspberry(mac: MacAddr) -> bool {
    PREFIXES.iter().any(|&(prefix, bits)| (mac.bits() ^ prefix) >> (48 - bits) == 0)
}

/// The maker of a network interface, clean and short. `None` for unassigned prefixes, and for addresses that software
/// made up (locally administered ones).
pub fn vendor(mac: MacAddr) -> Option<String> {
    if is_raspberry(mac) { Some("Raspberry Pi".to_owned()) } else { maker(mac) }
}

/// Raspbian only runs on Raspberry Pis, and packages with `+rpt` in their version were built by the company itself.
fn is_pi_banner(banner: &str) -> bool {
    banner.split_once(' ').is_some_and(|(_, comment)| comment.starts_with("Raspbian") || comment.contains("+rpt"))
}

/// Why a host may be a Raspberry Pi; empty when there is no reason. `own` are MAC prefixes that count besides the
/// known ones.
pub fn hints(mac: Option<MacAddr>, banner: Option<&str>, hostname: Option<&str>, own: &[MacPrefix]) -> Vec<PiHint> {
    let mut hints = Vec::new();
    if mac.is_some_and(|mac| is_raspberry(mac) || own.iter().any(|prefix| prefix.covers(mac))) {
        hints.push(PiHint::Prefix);
    }
    if banner.is_some_and(is_pi_banner) {
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
    use pictl_model::banner::os_of_banner;
    use proptest::prelude::*;

    use super::*;
    use crate::makers::{LONGEST, all};

    fn is_pi(mac: &str) -> bool {
        vendor(mac.parse().expect("a MAC")).as_deref() == Some("Raspberry Pi")
    }

    #[test]
    fn all_raspberry_pi_prefixes_of_the_registries_are_known() {
        let theirs: Vec<_> = all().filter(|(_, name)| name.starts_with("Raspberry Pi")).collect();
        assert_eq!(theirs.len(), PREFIXES.len() - 1, "all but the CID: {theirs:?}");
        for (mac, name) in theirs {
            assert!(is_raspberry(mac), "{mac} {name}");
        }
    }

    #[test]
    fn other_makers_are_named_and_made_up_addresses_are_not() {
        assert_eq!(vendor(MacAddr([0x50, 0xa6, 0xd8, 1, 2, 3])).as_deref(), Some("Apple, Inc."));
        assert_eq!(vendor(MacAddr([0x52, 0x54, 0, 1, 2, 3])), None);
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
    fn each_hint_is_found_by_itself() {
        assert_eq!(hints(None, None, None, &[]), []);
        assert_eq!(hints("dc:a6:32:01:02:03".parse().ok(), None, Some("pi01"), &[]), [PiHint::Prefix]);
        for banner in ["SSH-2.0-OpenSSH_9.2p1 Raspbian-2", "SSH-2.0-OpenSSH_8.4p1 Debian-5+deb11u1+rpt2"] {
            assert_eq!(hints(None, Some(banner), None, &[]), [PiHint::Banner], "{banner}");
        }
        for name in ["raspberrypi", "RaspberryPi.local", "raspberrypi-2.local"] {
            assert_eq!(hints(None, None, Some(name), &[]), [PiHint::Name], "{name}");
        }
        assert_eq!(hints(None, None, Some("raspberrypis"), &[]), []);
        assert_eq!(hints(None, None, Some("raspberrypi-x"), &[]), []);
    }

    #[test]
    fn prefixes_of_the_users_count_too() {
        let mac = "02:00:17:01:02:03".parse().ok();
        let own: [MacPrefix; 2] = ["aa:bb".parse().expect("a prefix"), "02:00:17".parse().expect("a prefix")];
        assert_eq!(hints(mac, None, None, &own[..1]), []);
        assert_eq!(hints(mac, None, None, &own), [PiHint::Prefix]);
    }

    /// What servers send, and what resembles it.
    fn banner() -> impl Strategy<Value = String> {
        let part = prop::sample::select(vec![
            "SSH-2.0-",
            "SSH-1.99-",
            "OpenSSH_",
            "for_Windows",
            "9.2",
            "p1",
            " ",
            "Debian",
            "Raspbian",
            "-2",
            "+deb",
            "12",
            "u",
            "+rpt",
            "Ubuntu",
            "FreeBSD",
            "dropbear",
            "é",
            "\u{1b}[31m",
        ]);
        prop_oneof![
            prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat()),
            any::<String>(),
            any::<String>().prop_map(|rest| format!("SSH-2.0-{rest}")),
        ]
    }

    proptest! {
        #[test]
        fn no_text_of_a_banner_is_shown_as_it_is(banner in banner(), name in any::<String>()) {
            if let Some(os) = os_of_banner(&banner) {
                let known = ["Debian", "Raspbian", "Ubuntu", "FreeBSD", "NetBSD", "Windows", "small Linux", "RouterOS", "Cisco"];
                prop_assert!(known.iter().any(|known| os.starts_with(known)), "{os}");
                prop_assert!(os.len() < 25 && os.is_ascii() && !os.contains('\u{1b}'), "{os}");
            }
            prop_assert!(hints(None, Some(&banner), Some(&name), &[]).len() <= 2);
        }

        #[test]
        fn a_vendor_is_short_and_made_up_addresses_have_none(mac in any::<[u8; 6]>()) {
            let vendor = vendor(MacAddr(mac));
            prop_assert!(vendor.as_ref().is_none_or(|vendor| (1..=LONGEST).contains(&vendor.chars().count())));
            prop_assert!(vendor.is_none() || mac[0] & 2 == 0 || mac[..3] == [0x3a, 0x35, 0x41]);
        }
    }
}

//! Makers of network interfaces by the first bits of their MAC addresses: the IEEE registries MA-L, MA-M, MA-S and
//! IAB, packed by `build.rs` into two pieces of constant data, so that nothing is read or built before the first
//! lookup.

use pictl_model::ids::MacAddr;
use pictl_model::text::clean;

/// Big-endian numbers of eight bytes in ascending order: 36 bits of prefix, 4 bits with the number of its hexadecimal digits,
/// 24 bits with the place of the name.
const TABLE: &[[u8; 8]] = include_bytes!(concat!(env!("OUT_DIR"), "/makers.table")).as_chunks().0;

/// The names, each with a line end behind it.
const NAMES: &str = include_str!(concat!(env!("OUT_DIR"), "/makers.names"));

/// Makers' names are cut to this many characters.
pub(crate) const LONGEST: usize = 60;

/// The maker of the interface `mac`: the owner of the longest prefix that covers it.
pub(crate) fn maker(mac: MacAddr) -> Option<String> {
    let mac = mac.bits() >> 12;
    [9, 7, 6].into_iter().find_map(|digits| {
        let key = mac >> (36 - 4 * digits) << (36 - 4 * digits) << 4 | digits;
        let at = TABLE.binary_search_by_key(&key, |entry| u64::from_be_bytes(*entry) >> 24).ok()?;
        let place = u64::from_be_bytes(TABLE[at]) & 0xff_ffff;
        NAMES.get(place as usize..)?.lines().next().map(|name| clean(name, LONGEST))
    })
}

/// Every prefix, filled up with zeros, and its owner.
#[cfg(test)]
pub(crate) fn all() -> impl Iterator<Item = (MacAddr, String)> {
    TABLE.iter().filter_map(|entry| {
        let [.., b2, b3, b4, b5, b6, b7] = (u64::from_be_bytes(*entry) >> 28 << 12).to_be_bytes();
        let mac = MacAddr([b2, b3, b4, b5, b6, b7]);
        Some((mac, maker(mac)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(mac: &str) -> String {
        maker(mac.parse().expect("a MAC")).unwrap_or_default()
    }

    #[test]
    fn the_longest_prefix_counts() {
        assert_eq!(of("00:00:00:12:34:56"), "XEROX CORPORATION");
        assert_eq!(of("50:a6:d8:00:00:00"), "Apple, Inc.");
        // A block of 28 bits, and one of 36 in a block that the IEEE splits.
        assert_eq!(of("c8:5c:e2:70:00:01"), "SYNERGY SYSTEMS AND SOLUTIONS");
        assert_eq!(of("8c:1f:64:af:a0:01"), "DATA ELECTRONIC DEVICES, INC");
        assert_eq!(of("40:d8:55:0d:70:01"), "Avant Technologies");
    }

    #[test]
    fn made_up_private_and_unassigned_addresses_have_no_maker() {
        for mac in
            ["02:07:01:00:00:01", "aa:00:04:00:00:01", "52:54:00:12:34:56", "74:1a:e0:90:00:01", "ff:ff:ff:ff:ff:ff"]
        {
            assert_eq!(of(mac), "", "{mac}");
        }
    }

    #[test]
    fn the_table_is_in_order_and_every_name_is_one() {
        assert!(TABLE.len() > 50_000 && TABLE.is_sorted());
        for entry in TABLE {
            let place = (u64::from_be_bytes(*entry) & 0xff_ffff) as usize;
            assert!(place == 0 || NAMES.as_bytes()[place - 1] == b'\n', "{entry:?}");
        }
        for name in NAMES.lines() {
            assert!(!clean(name, LONGEST).is_empty(), "{name:?}");
        }
    }
}

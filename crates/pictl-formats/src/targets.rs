//! Which addresses a scan asks.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};
use pictl_model::text::clean;
use thiserror::Error;

/// From this many addresses on a scan asks for confirmation.
pub const WIDE: u64 = 1024;

/// No scan asks more addresses than a /12 has.
const WIDEST: u64 = 1 << 20;

/// Targets that do not name addresses to scan.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TargetError {
    /// Nothing to scan.
    #[error("no targets given (hint: try an address range such as 192.168.1.0/24)")]
    Empty,
    /// A target that is neither an address, nor a range, nor a name.
    #[error("{text:?} is not a target: {why} (hint: 192.168.1.0/24, 10.0.0.1-50, 10.0.0.* and host names work)")]
    Malformed {
        /// The target.
        text: String,
        /// Which rule it breaks.
        why: &'static str,
    },
    /// A range whose end comes before its beginning.
    #[error("the range {text:?} is reversed (hint: the lower end comes first)")]
    Reversed {
        /// The target.
        text: String,
    },
    /// More addresses than any cluster's network has.
    #[error(
        "{text:?} is too wide: more than {WIDEST} addresses (hint: a /12 is the widest; most home networks are a /24)"
    )]
    TooWide {
        /// The target, or all of them together.
        text: String,
    },
    /// Addresses that belong to no single host.
    #[error("{text:?} includes addresses that no host has (hint: hosts are between 1.0.0.0 and 223.255.255.255)")]
    NoHosts {
        /// The target.
        text: String,
    },
    /// An IPv6 network.
    #[error("the IPv6 network {text:?} has too many addresses to ask (hint: give single IPv6 addresses)")]
    V6Network {
        /// The target.
        text: String,
    },
    /// All named targets are excluded.
    #[error("nothing is left of {texts:?}: all of it is excluded")]
    NothingLeft {
        /// What was named.
        texts: String,
    },
}

/// What addresses are named for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// To ask them. The first and last address of a network are not hosts.
    Ask,
    /// To exclude them. In a part of a network every address is a host, and there may be many.
    LeaveOut,
}

/// A set of addresses and names to ask, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// As the user wrote them; [`Targets::without`] writes them again.
    texts: Vec<String>,
    /// First and last address of each run of IPv4 addresses, in order, without overlap or touching.
    ranges: Vec<(u32, u32)>,
    v6: Vec<Ipv6Addr>,
    names: Vec<String>,
    /// IPv4 addresses that were named more than once, counted each further time.
    repeated: u64,
}

impl Targets {
    /// Reads targets, each possibly a list with commas:
    ///
    /// * `192.168.1.0/24`: a network; below /31 without its network and broadcast address,
    /// * `10.0.0.1-50`, `10.0.1-2.1-20`: ranges in any of the four places,
    /// * `10.0.0.1-10.0.1.9`: from one address to another,
    /// * `192.168.1.*`: 0 to 255, in the last place 1 to 254,
    /// * `10.0.0.7`, `fe80::1`, `pi01`, `raspberrypi.local`: one host.
    pub fn parse(texts: &[String]) -> Result<Self, TargetError> {
        let targets = Self::read(texts, Use::Ask)?;
        if targets.texts.is_empty() {
            return Err(TargetError::Empty);
        }
        if targets.len() > WIDEST {
            return Err(TargetError::TooWide { text: shown(&targets.texts.join(",")) });
        }
        Ok(targets)
    }

    /// Reads what to exclude ([`Self::without`]), written like targets. Networks include their first and last address
    /// and may be of any width; an empty list excludes nothing.
    pub fn parse_excluded(texts: &[String]) -> Result<Self, TargetError> {
        Self::read(texts, Use::LeaveOut)
    }

    fn read(texts: &[String], purpose: Use) -> Result<Self, TargetError> {
        let mut targets = Self::default();
        for text in texts.iter().flat_map(|w| w.split(',')).map(str::trim).filter(|w| !w.is_empty()) {
            targets.add(text, purpose)?;
        }
        let named = targets.len();
        targets.ranges = merged(targets.ranges);
        targets.repeated = named - targets.len();
        Ok(targets)
    }

    fn add(&mut self, text: &str, purpose: Use) -> Result<(), TargetError> {
        if let Ok(address) = text.parse::<Ipv6Addr>() {
            if !self.v6.contains(&address) {
                self.v6.push(address);
            }
        } else if text.parse::<Ipv6Net>().is_ok() {
            return Err(TargetError::V6Network { text: shown(text) });
        } else if text.bytes().all(|b| b.is_ascii_digit() || b".-*/".contains(&b)) {
            let ranges = ranges_of(text, purpose)?;
            let odd = |&(first, last): &(u32, u32)| first < 1 << 24 || last >= 224 << 24;
            if purpose == Use::Ask && ranges.iter().any(odd) {
                return Err(TargetError::NoHosts { text: shown(text) });
            }
            self.ranges.extend(ranges);
        } else {
            check_name(text)?;
            if !self.names.iter().any(|n| n == text) {
                self.names.push(text.to_owned());
            }
        }
        self.texts.push(text.to_owned());
        Ok(())
    }

    /// These without `excluded`. An excluded name removes the same name; only a resolver knows whose address it is.
    pub fn without(&self, excluded: &Self) -> Result<Self, TargetError> {
        let names = |name: &String| !excluded.names.iter().any(|n| n.eq_ignore_ascii_case(name));
        let mut left = Self {
            texts: Vec::new(),
            ranges: difference(&self.ranges, &excluded.ranges),
            v6: self.v6.iter().copied().filter(|address| !excluded.v6.contains(address)).collect(),
            names: self.names.iter().filter(|name| names(name)).cloned().collect(),
            repeated: 0,
        };
        if (&left.ranges, &left.v6, &left.names) == (&self.ranges, &self.v6, &self.names) {
            return Ok(self.clone());
        }
        left.texts.extend(left.ranges.iter().map(|&range| range_text(range)));
        left.texts.extend(left.v6.iter().map(ToString::to_string));
        left.texts.extend(left.names.iter().cloned());
        if left.texts.is_empty() {
            return Err(TargetError::NothingLeft { texts: shown(&self.texts.join(",")) });
        }
        Ok(left)
    }

    /// How many of the IPv4 addresses were named again later; each is asked once.
    pub fn repeated(&self) -> u64 {
        self.repeated
    }

    /// How many IPv4 addresses there are, without single IPv6 addresses and names.
    pub fn len(&self) -> u64 {
        self.ranges.iter().map(|&(first, last)| u64::from(last - first) + 1).sum()
    }

    /// There are no IPv4 addresses; there may be names and IPv6 addresses.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The IPv4 addresses in ascending order, each once.
    pub fn iter(&self) -> impl Iterator<Item = Ipv4Addr> + '_ {
        self.ranges.iter().flat_map(|&(first, last)| first..=last).map(Ipv4Addr::from_bits)
    }

    /// `address` is among the IPv4 addresses.
    pub fn contains(&self, address: Ipv4Addr) -> bool {
        let address = address.to_bits();
        let at = self.ranges.partition_point(|&(_, last)| last < address);
        self.ranges.get(at).is_some_and(|&(first, _)| first <= address)
    }

    /// Host names, to be resolved.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Single IPv6 addresses.
    pub fn v6(&self) -> &[Ipv6Addr] {
        &self.v6
    }
}

/// The targets with commas between them; [`Targets::parse`] reads that.
impl fmt::Display for Targets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.texts.join(","))
    }
}

/// Input of the user in an error.
fn shown(text: &str) -> String {
    clean(text, 60)
}

fn malformed(text: &str, why: &'static str) -> TargetError {
    TargetError::Malformed { text: shown(text), why }
}

/// The address runs of a target of digits, `.`, `-`, `*` and `/`.
fn ranges_of(text: &str, purpose: Use) -> Result<Vec<(u32, u32)>, TargetError> {
    let ask = purpose == Use::Ask;
    if text.contains('/') {
        let net: Ipv4Net = text.parse().map_err(|_| malformed(text, "a network is an address and /0 to /32"))?;
        if ask && net.prefix_len() < 12 {
            return Err(TargetError::TooWide { text: shown(text) });
        }
        let (first, last) = (net.network().to_bits(), net.broadcast().to_bits());
        return Ok(vec![if ask && net.prefix_len() < 31 { (first + 1, last - 1) } else { (first, last) }]);
    }
    if let Some((Ok(first), Ok(last))) =
        text.split_once('-').map(|(a, b)| (a.parse::<Ipv4Addr>(), b.parse::<Ipv4Addr>()))
    {
        return match last.to_bits().checked_sub(first.to_bits()) {
            None => Err(TargetError::Reversed { text: shown(text) }),
            Some(span) if ask && u64::from(span) >= WIDEST => Err(TargetError::TooWide { text: shown(text) }),
            Some(_) => Ok(vec![(first.to_bits(), last.to_bits())]),
        };
    }
    let mut places = Vec::with_capacity(4);
    for (at, place) in text.split('.').enumerate() {
        places.push(place_of(place, ask && at == 3).map_err(|why| match why {
            Some(why) => malformed(text, why),
            None => TargetError::Reversed { text: shown(text) },
        })?);
    }
    let Ok([a, b, c, d]) = <[(u8, u8); 4]>::try_from(places) else {
        return Err(malformed(text, "an IPv4 address has four numbers"));
    };
    let count: u64 = [a, b, c, d].iter().map(|&(low, high)| u64::from(high - low) + 1).product();
    if count > WIDEST {
        return Err(TargetError::TooWide { text: shown(text) });
    }
    let mut ranges = Vec::new();
    for a in a.0..=a.1 {
        for b in b.0..=b.1 {
            for c in c.0..=c.1 {
                let of = |d| u32::from_be_bytes([a, b, c, d]);
                ranges.push((of(d.0), of(d.1)));
            }
        }
    }
    Ok(ranges)
}

/// Lowest and highest number of one of the four places, `hosts` without the numbers that mean a network; `Err(None)` when
/// reversed.
fn place_of(place: &str, hosts: bool) -> Result<(u8, u8), Option<&'static str>> {
    let number = |text: &str| {
        if text.len() > 1 && text.starts_with('0') {
            return Err(Some("a number with a leading zero is octal for some programs"));
        }
        text.parse::<u8>().map_err(|_| Some("each of the four numbers is 0 to 255"))
    };
    match (place, place.split_once('-')) {
        ("*", _) => Ok(if hosts { (1, 254) } else { (0, 255) }),
        (_, None) => number(place).map(|n| (n, n)),
        (_, Some((low, high))) => {
            let (low, high) = (number(low)?, number(high)?);
            if low <= high { Ok((low, high)) } else { Err(None) }
        }
    }
}

/// A name that a resolver can be asked for.
fn check_name(text: &str) -> Result<(), TargetError> {
    let good_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if text.len() > 253 || !text.strip_suffix('.').unwrap_or(text).split('.').all(good_label) {
        return Err(malformed(text, "it is neither an address nor a host name"));
    }
    Ok(())
}

/// The same addresses in order, without overlaps and touching runs.
fn merged(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.sort_unstable();
    let mut merged: Vec<(u32, u32)> = Vec::new();
    for (first, last) in ranges {
        match merged.last_mut() {
            Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(last),
            _ => merged.push((first, last)),
        }
    }
    merged
}

/// What is in the runs of `ranges` and in none of `holes`; both are in order and without overlaps.
fn difference(ranges: &[(u32, u32)], holes: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let mut left = Vec::new();
    for &(first, last) in ranges {
        let mut next = Some(first);
        let behind = holes.partition_point(|hole| hole.1 < first);
        for &(from, to) in holes[behind..].iter().take_while(|hole| hole.0 <= last) {
            left.extend(next.filter(|&next| next < from).map(|next| (next, from - 1)));
            next = to.checked_add(1);
        }
        left.extend(next.filter(|&next| next <= last).map(|next| (next, last)));
    }
    left
}

/// A run of addresses, written as a target.
fn range_text((first, last): (u32, u32)) -> String {
    let (from, to) = (Ipv4Addr::from_bits(first), Ipv4Addr::from_bits(last));
    if first == last {
        from.to_string()
    } else if first >> 8 == last >> 8 {
        format!("{from}-{}", to.octets()[3])
    } else {
        format!("{from}-{to}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn parse(texts: &str) -> Result<Targets, TargetError> {
        Targets::parse(&texts.split(' ').map(String::from).collect::<Vec<_>>())
    }

    fn ends(texts: &str) -> (u64, String, String) {
        let targets = parse(texts).expect(texts);
        let at = |a: Option<Ipv4Addr>| a.map(|a| a.to_string()).unwrap_or_default();
        (targets.len(), at(targets.iter().next()), at(targets.iter().last()))
    }

    #[test]
    fn every_form_names_its_addresses() {
        for (texts, count, first, last) in [
            ("192.168.1.0/24", 254, "192.168.1.1", "192.168.1.254"),
            ("192.168.1.77/24", 254, "192.168.1.1", "192.168.1.254"),
            ("10.0.0.4/31", 2, "10.0.0.4", "10.0.0.5"),
            ("10.0.0.4/32", 1, "10.0.0.4", "10.0.0.4"),
            ("10.0.0.4/30", 2, "10.0.0.5", "10.0.0.6"),
            ("10.0.0.1-50", 50, "10.0.0.1", "10.0.0.50"),
            ("10.0.0.250-10.0.1.9", 16, "10.0.0.250", "10.0.1.9"),
            ("192.168.1.*", 254, "192.168.1.1", "192.168.1.254"),
            ("10.0.1-2.1-20", 40, "10.0.1.1", "10.0.2.20"),
            ("10.0.0.7", 1, "10.0.0.7", "10.0.0.7"),
            ("10.0.0.1-50,10.0.0.40-60 10.0.0.61", 61, "10.0.0.1", "10.0.0.61"),
            ("10.0.0.0/12", (1 << 20) - 2, "10.0.0.1", "10.15.255.254"),
            ("127.0.0.1 pi01", 1, "127.0.0.1", "127.0.0.1"),
            ("pi01", 0, "", ""),
        ] {
            assert_eq!(ends(texts), (count, first.into(), last.into()), "{texts}");
        }
    }

    #[test]
    fn names_and_ipv6_are_kept_apart() {
        let targets = parse("pi01 raspberrypi.local. fe80::1 pi01 fe80::1").expect("targets");
        assert_eq!(targets.names(), ["pi01", "raspberrypi.local."]);
        assert_eq!(targets.v6().len(), 1);
        assert!(targets.is_empty());
    }

    #[test]
    fn refusals_say_which_rule_was_broken() {
        use TargetError::{Empty, Malformed, NoHosts, Reversed, TooWide, V6Network};
        let refused = |texts: &str| parse(texts).expect_err(texts);
        assert_eq!(refused(""), Empty);
        assert_eq!(refused(","), Empty);
        assert!(matches!(refused("0.0.0.0/0"), TooWide { .. }));
        assert!(matches!(refused("10.0.0.0/8"), TooWide { .. }));
        assert!(matches!(refused("10.*.*.*"), TooWide { .. }));
        assert!(matches!(refused("1.0.0.0-223.0.0.0"), TooWide { .. }));
        assert!(matches!(refused("10.0.0.0/12 10.64.0.0/12"), TooWide { .. }));
        assert!(matches!(refused("10.0.0.50-1"), Reversed { .. }));
        assert!(matches!(refused("10.0.1.1-10.0.0.1"), Reversed { .. }));
        assert!(matches!(refused("fe80::/64"), V6Network { .. }));
        assert!(matches!(refused("224.0.0.1"), NoHosts { .. }));
        assert!(matches!(refused("0.0.0.0"), NoHosts { .. }));
        for bad in [
            "10.0.0",
            "10.0.0.256",
            "10.0.0.010",
            "10.0.0.1-",
            "10.0.0.0/33",
            "1.2.3.4.5",
            "-",
            "*",
            "a b!",
            "-pi",
            "pi..x",
            "pi[1-2]",
        ] {
            let texts = [bad.to_owned()];
            assert!(matches!(Targets::parse(&texts), Err(Malformed { .. })), "{bad}");
        }
    }

    fn excluded(targets: &str, excluded: &str) -> Result<Targets, TargetError> {
        let texts: Vec<_> = excluded.split(' ').map(String::from).collect();
        parse(targets)?.without(&Targets::parse_excluded(&texts)?)
    }

    #[test]
    fn excluded_addresses_networks_and_names_are_left_out() {
        for (targets, out, left, count) in [
            ("10.0.0.0/24", "10.0.0.5", "10.0.0.1-4,10.0.0.6-254", 253),
            // In a part of a network the first and the last address are hosts like others.
            ("10.0.0.0/24", "10.0.0.240/28", "10.0.0.1-239", 239),
            ("10.0.0.1-10.0.2.9", "10.0.1.*", "10.0.0.1-255,10.0.2.0-9", 265),
            ("10.0.0.1-10.0.2.9", "10.0.0.200 10.0.0.0-127", "10.0.0.128-199,10.0.0.201-10.0.2.9", 393),
            ("10.0.0.1-50", "172.16.0.0/12 0.0.0.0-9.255.255.255", "10.0.0.1-50", 50),
            ("10.0.0.1 fe80::1 fe80::2 pi01", "fe80::1 PI01", "10.0.0.1,fe80::2", 1),
            ("10.0.0.1 pi01", "10.0.0.0/8", "pi01", 0),
            ("10.0.0.7", "", "10.0.0.7", 1),
        ] {
            let targets = excluded(targets, out).expect(targets);
            assert_eq!((targets.to_string().as_str(), targets.len()), (left, count), "{out}");
        }
        for (targets, out) in [("10.0.0.0/24", "0.0.0.0/0"), ("10.0.0.1-9", "10.0.0.1-200"), ("pi01", "pi01")] {
            assert!(matches!(excluded(targets, out), Err(TargetError::NothingLeft { .. })), "{targets} {out}");
        }
        assert!(matches!(excluded("10.0.0.1", "10.0.0.9-1"), Err(TargetError::Reversed { .. })));
        assert!(matches!(excluded("10.0.0.1", "fe80::/64"), Err(TargetError::V6Network { .. })));
    }

    #[test]
    fn addresses_named_again_are_counted() {
        assert_eq!(parse("10.0.0.1-50 10.0.0.40-60").expect("targets").repeated(), 11);
        assert_eq!(parse("10.0.0.1-50 10.0.0.51-60").expect("targets").repeated(), 0);
    }

    /// A target, and the first and last address of each run that it means.
    fn text() -> impl Strategy<Value = (String, Vec<(Ipv4Addr, Ipv4Addr)>)> {
        let ip = |b, c, d| Ipv4Addr::new(10, b, c, d);
        let octets = || (0u8..4, 0u8..4, any::<u8>());
        prop_oneof![
            (octets(), 20u8..=30).prop_map(move |((b, c, d), p)| {
                let first = ip(b, c, d).to_bits() & (u32::MAX << (32 - p));
                let hosts = (Ipv4Addr::from_bits(first + 1), Ipv4Addr::from_bits((first | u32::MAX >> p) - 1));
                (format!("10.{b}.{c}.{d}/{p}"), vec![hosts])
            }),
            (octets(), any::<u8>()).prop_map(move |((b, c, d), e)| {
                let (low, high) = (d.min(e), d.max(e));
                (format!("10.{b}.{c}.{low}-{high}"), vec![(ip(b, c, low), ip(b, c, high))])
            }),
            (octets(), 0u8..4).prop_map(move |((b, c, d), more)| {
                let runs = (c..=c + more).map(|c| (ip(b, c, d), ip(b, c, d))).collect();
                (format!("10.{b}.{c}-{}.{d}", c + more), runs)
            }),
            octets().prop_map(move |(b, c, _)| (format!("10.{b}.{c}.*"), vec![(ip(b, c, 1), ip(b, c, 254))])),
            (octets(), 0u32..2000).prop_map(move |((b, c, d), more)| {
                let last = Ipv4Addr::from_bits(ip(b, c, d).to_bits() + more);
                (format!("10.{b}.{c}.{d}-{last}"), vec![(ip(b, c, d), last)])
            }),
        ]
    }

    fn texts() -> impl Strategy<Value = (Vec<String>, BTreeSet<Ipv4Addr>)> {
        prop::collection::vec(text(), 1..4).prop_map(|texts| {
            let (texts, runs): (Vec<_>, Vec<_>) = texts.into_iter().unzip();
            let all = runs.concat().into_iter().flat_map(|(a, b)| a.to_bits()..=b.to_bits()).map(Ipv4Addr::from_bits);
            (texts, all.collect())
        })
    }

    proptest! {
        #[test]
        fn words_mean_these_addresses_and_no_others((texts, meant) in texts()) {
            let targets = Targets::parse(&texts).expect("good texts");
            prop_assert_eq!(targets.len(), meant.len() as u64);
            prop_assert!(targets.iter().eq(meant.iter().copied()), "{} in order", targets);
            prop_assert_eq!(Targets::parse(&[targets.to_string()]), Ok(targets));
        }

        #[test]
        fn what_is_left_was_meant_and_not_excluded((texts, meant) in texts(), (out, _) in texts()) {
            let targets = Targets::parse(&texts).expect("good texts");
            let out = Targets::parse_excluded(&out).expect("good texts");
            let left: Vec<_> = meant.iter().copied().filter(|&a| !out.contains(a)).collect();
            match targets.without(&out) {
                Err(e) => prop_assert!(left.is_empty(), "{} although {:?} are left", e, left),
                Ok(targets) => {
                    prop_assert!(meant.iter().all(|&a| targets.contains(a) != out.contains(a)));
                    prop_assert!(targets.iter().eq(left), "{} in order", targets);
                    prop_assert_eq!(Targets::parse(&[targets.to_string()]), Ok(targets));
                }
            }
        }

        #[test]
        fn garbage_never_panics(text in "[0-9a-z./*:, -]{0,24}") {
            let texts = [text];
            let _ = Targets::parse_excluded(&texts);
            let _ = Targets::parse(&texts);
        }
    }
}

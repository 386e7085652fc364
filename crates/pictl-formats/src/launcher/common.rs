//! Small helpers of the launchers' files.

/// What helps with a node that is known by an IPv6 address.
pub(super) const IPV4: &str =
    "give the node an IPv4 address in the network of the others, and scan, so that pictl uses it";

/// The number at the beginning of a version; 0 when there is none.
pub(super) fn major(version: &str) -> u32 {
    version.split('.').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// The arguments as owned strings.
pub(super) fn strings(arguments: &[&str]) -> impl Iterator<Item = String> {
    arguments.iter().map(|&argument| argument.to_owned())
}

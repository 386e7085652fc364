//! Small helpers of the launchers' files.

use super::launch::Launch;

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

/// The folders of the libraries of an MPI in a folder of its own, as the loader takes them.
pub(super) fn libraries(prefix: &str) -> String {
    format!("{prefix}/lib:{prefix}/lib64")
}

/// What starts a rank of an MPI in a folder of its own, `$0`: its programs and libraries come first, and behind them what each
/// node has by itself.
const IN_PREFIX: &str = "PATH=$0/bin:$PATH LD_LIBRARY_PATH=$0/lib:$0/lib64${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}; \
                         export PATH LD_LIBRARY_PATH; exec \"$@\"";

/// The command of each rank.
pub(super) fn rank(launch: &Launch) -> Vec<String> {
    let first = launch.install.prefix().map(|prefix| ["sh", "-c", IN_PREFIX, prefix]);
    first.iter().flat_map(|words| strings(words)).chain(launch.program.iter().cloned()).collect()
}

//! The limit of open files: each connection needs two.

/// The most that macOS allows; enough for thousands of nodes.
#[cfg(unix)]
const MANY: u64 = 10_240;

/// Raises the limit. The usual 1,024 files are enough for some 250 nodes only, each with a second connection while a
/// login by key is checked.
pub(crate) fn allow_many() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        let most = limit.maximum.map_or(MANY, |most| most.min(MANY));
        if limit.current.is_some_and(|now| now < most) {
            // Where it is refused, connections beyond the limit fail with the system's own message.
            let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(most), ..limit });
        }
    }
}

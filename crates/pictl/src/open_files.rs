//! How many files this process may have open: each connection is two.

/// What macOS gives at most; enough for thousands of nodes.
#[cfg(unix)]
const MANY: u64 = 10_240;

/// Asks for as many as are needed. The 1,024 that a process usually may have would end at some 250 nodes, each with a
/// second connection while a login by key is proved.
pub(crate) fn allow_many() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        let most = limit.maximum.map_or(MANY, |most| most.min(MANY));
        if limit.current.is_some_and(|now| now < most) {
            // A system that refuses leaves it as it is, and connections beyond it fail with its words.
            let _ = setrlimit(Resource::Nofile, Rlimit { current: Some(most), ..limit });
        }
    }
}

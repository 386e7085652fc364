//! What keeps the memory of this process, and the passwords in it, from other processes and from the disk.

/// From now on no other process of this user can read this one's memory (`ptrace`, `/proc/PID/mem`), and a crash leaves no
/// core file. Programs that this one starts are not affected by the first, for it ends when another program is executed.
pub(crate) fn keep_memory_private() {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        if let Err(e) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
            tracing::warn!(%e, "the memory of this process cannot be made private");
        }
    }
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        // Only what is in force: a program that this one starts can raise it again.
        let none = Rlimit { current: Some(0), ..getrlimit(Resource::Core) };
        if let Err(e) = setrlimit(Resource::Core, none) {
            tracing::warn!(%e, "core files cannot be switched off");
        }
    }
}

//! Exit codes, as `docs/exit-codes.md` lists them, and the error that carries one.

use std::fmt;

use pictl_engine::store::StoreErrorKind;

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Success.
    Ok = 0,
    /// Something failed on some node; the rest is done and listed.
    Failed = 1,
    /// Bad usage or bad input.
    Usage = 2,
    /// Cannot reach or not allowed.
    Access = 3,
    /// A check of the result failed.
    Check = 4,
    /// Cancelled.
    Cancelled = 130,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// An error with its exit code; the message says what to do.
#[derive(Debug)]
pub(crate) struct Trouble {
    /// The code to end with.
    pub exit: Exit,
    /// What went wrong.
    pub error: anyhow::Error,
}

impl Trouble {
    /// Bad usage or bad input.
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::Usage, error: error.into() }
    }

    /// Something cannot be reached or is not allowed.
    pub(crate) fn access(error: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::Access, error: error.into() }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.error)
    }
}

impl From<pictl_engine::store::StoreError> for Trouble {
    fn from(e: pictl_engine::store::StoreError) -> Self {
        // What stands in a file is bad input; that it cannot be read or written is a matter of rights or space.
        let exit = match e.kind {
            StoreErrorKind::Damaged | StoreErrorKind::Newer => Exit::Usage,
            StoreErrorKind::Full
            | StoreErrorKind::NotAllowed
            | StoreErrorKind::Io
            | StoreErrorKind::Busy
            | StoreErrorKind::Internal => Exit::Access,
        };
        Self { exit, error: e.into() }
    }
}

impl From<pictl_engine::record::RecordError> for Trouble {
    fn from(e: pictl_engine::record::RecordError) -> Self {
        match e {
            pictl_engine::record::RecordError::Store(e) => e.into(),
            other => Self::usage(other),
        }
    }
}

//! Signals that ask the program to stop.

/// The signals that ask for it. While this lives, none of it ends the program by itself.
pub(crate) struct Signals {
    #[cfg(unix)]
    all: [tokio::signal::unix::Signal; 3],
}

/// Which one was caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caught {
    /// It came from the terminal (Ctrl-C): all programs in its foreground got it.
    ByAll,
    /// The terminal was closed: all programs on it got it.
    HangUp,
    /// It was sent to this program.
    ByUs,
}

impl Signals {
    #[cfg(unix)]
    pub(crate) fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            all: [signal(SignalKind::interrupt())?, signal(SignalKind::hangup())?, signal(SignalKind::terminate())?],
        })
    }

    #[cfg(unix)]
    pub(crate) async fn next(&mut self) -> Caught {
        let [interrupt, hangup, terminate] = &mut self.all;
        tokio::select! {
            _ = interrupt.recv() => Caught::ByAll,
            _ = hangup.recv() => Caught::HangUp,
            _ = terminate.recv() => Caught::ByUs,
        }
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "the same signature as where it can fail")]
    pub(crate) fn listen() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) -> Caught {
        let _ = tokio::signal::ctrl_c().await;
        Caught::ByAll
    }
}

//! What goes into the dashboard and what comes out of it.

use std::path::PathBuf;
use std::sync::Arc;

use pictl_model::request::{Request, SecretAnswer};
use pictl_model::{RunId, Stamped};
use zeroize::Zeroizing;

use crate::archive::{Answer, Ask};
use crate::clock::Scrub;
use crate::key::Key;

/// Something that reaches the dashboard. It has no `Debug`: keys and pasted text may be a password.
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(Zeroizing<String>),
    /// The terminal's size is now this many columns and rows.
    Resize(u16, u16),
    /// Something happened in the engine.
    Event(Arc<Stamped>),
    /// The file of a public key was read, or could not be.
    KeyRead(Result<String, String>),
    /// What became of something with records.
    Archive(Answer),
    /// Time passed.
    Tick,
    /// The process was asked to end by the signal of this number; `SIGINT` comes as Ctrl-C instead.
    Signal(i32),
    /// The process goes on after having been stopped from outside; others may have used the terminal meanwhile.
    Continued,
    /// The engine is gone, or the terminal is.
    Gone(Leaving),
}

/// Something to be done outside.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there are hardly ever two of them at a time")]
pub enum Effect {
    /// Ask the engine.
    Send(Request),
    /// Answer the engine's question for a password.
    Secret(SecretAnswer),
    /// Read this file of a public key and report its content by [`Msg::KeyRead`].
    ReadKey(PathBuf),
    /// Do this with records and report it by [`Msg::Archive`].
    Archive(Ask),
    /// Give the terminal back and stop until the shell lets us go on.
    Suspend,
    /// Set the terminal's modes again and redraw everything.
    Retake,
    /// Redraw everything.
    Redraw,
    /// Show the record otherwise.
    Scrub(Scrub),
    /// End the dashboard.
    Leave(Leaving),
}

/// Why the dashboard ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// The user left; nothing was running.
    Quit,
    /// The user left and this run goes on without pictl.
    LeftRunning(RunId),
    /// The user stopped what ran and left after it had stopped.
    Stopped,
    /// The user left without waiting for what ran to stop (Ctrl-C three times).
    Abandoned,
    /// A signal of this number.
    Signal(i32),
    /// The engine ended.
    EngineEnded,
    /// The terminal is gone.
    TerminalGone,
}

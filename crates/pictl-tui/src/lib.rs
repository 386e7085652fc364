//! The dashboard: the only room of pictl that touches the terminal.
//!
//! [`app::App`] holds what the events add up to and where the user is; [`app::App::update`] takes one message and
//! says what has to be done, without I/O and without a clock of its own; [`view::view`] draws it and changes nothing.
//! [`run`] is the loop around them.

pub mod app;
mod archive;
mod blocks;
mod clock;
mod context;
mod field;
mod file;
#[cfg(any(test, feature = "fixtures"))]
pub mod fixtures;
mod form;
mod grammar;
mod jobs;
mod key;
mod keymap;
mod layout;
mod messages;
mod options;
mod paint;
#[cfg(any(test, feature = "fixtures"))]
mod pictures;
mod run;
mod screens;
#[cfg(any(test, feature = "fixtures"))]
mod svg;
mod term;
mod theme;
pub mod view;
mod windows;
mod words;

#[cfg(test)]
mod tests;

pub use app::App;
pub use archive::{Answer, Archive, Ask, NoArchive, Record, RecordState};
pub use clock::{Clock, Play, Player, Scrub};
pub use context::Context;
pub use grammar::{KeysHow, LineCommand, LineContext, LineGrammar};
pub use key::{Key, NoKey};
pub use keymap::{Command, Keymap, KeymapError, KeymapFault, Mode, keymap_markdown, keymap_toml};
pub use messages::{Effect, Leaving, Msg};
pub use options::{Benchmark, Options, Outlook};
#[cfg(any(test, feature = "fixtures"))]
pub use pictures::pictures;
pub use run::{Doors, TuiError, run};
#[cfg(any(test, feature = "fixtures"))]
pub use svg::svg;

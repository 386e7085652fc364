//! Keys as they stand in a reading and in lines.

use pictl_formats::authorized_keys;
use pictl_formats::facts::{FileKind, FileState, NodeReading};

/// The node's key that will take the place of its own, where one was made.
pub(super) fn next_key(reading: &NodeReading) -> Option<&FileState> {
    reading.files.get(&FileKind::NextKey).filter(|state| matches!(state, FileState::There { .. }))
}

/// The line that is all of this file.
pub(super) fn line_of(state: &FileState) -> String {
    String::from_utf8_lossy(state.content()).trim().to_owned()
}

/// The key itself, of a line that has one.
pub(super) fn blob(line: &str) -> Option<String> {
    authorized_keys::parse_public(line).ok().map(|key| key.base64)
}

/// The keys that a node has now, or is about to have.
pub(super) fn present_keys(reading: &NodeReading) -> Vec<String> {
    [FileKind::PublicKey, FileKind::NextKey].iter().filter_map(|kind| reading.files.get(kind)).map(line_of).collect()
}

/// The keys that a node had before.
pub(super) fn old_keys(reading: &NodeReading) -> Vec<String> {
    let old = reading.files.get(&FileKind::OldKeys).map(line_of).unwrap_or_default();
    old.lines().map(str::to_owned).collect()
}

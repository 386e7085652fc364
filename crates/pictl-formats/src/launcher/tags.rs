//! Tags: what launchers write before the output of a rank.

use std::fmt::Debug;

use pictl_model::run::Stream;
use pictl_model::units::Rank;

/// Whose output it is, and of which stream.
pub type Owner = (Option<Rank>, Stream);

/// How a launcher's tags look.
pub trait Tags: Debug + Send + Sync {
    /// The byte that every tag begins with.
    fn first_byte(&self) -> u8;

    /// What `text`, which begins with that byte, begins with. `end`: nothing follows it.
    fn tag(&self, text: &[u8], end: bool) -> Tag;
}

/// What stands at a place where a tag may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// A tag of so many bytes.
    Of(Owner, usize),
    /// Not a tag yet: it may become one when more of it comes.
    Begun,
    /// Not a tag.
    No,
}

/// Digits at the beginning of a text, and what follows them.
pub(super) enum Number<'a> {
    /// The value, the rest, and how many digits there were.
    Of(u32, &'a [u8], usize),
    /// No digit, or too many for a `u32`; the rest.
    None(&'a [u8]),
}

/// Reads a number at the beginning of a text.
pub(super) fn number(text: &[u8]) -> Number<'_> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let value = std::str::from_utf8(&text[..digits]).ok().and_then(|digits| digits.parse().ok());
    match value {
        Some(value) if digits <= 10 => Number::Of(value, &text[digits..], digits),
        // Too many digits are not a tag, even if nothing follows them yet.
        _ if digits > 0 => Number::None(&text[..1]),
        _ => Number::None(text),
    }
}

//! Files of text in which single bytes are not UTF-8: other programs wrote them, and they are given back as they were.

use std::borrow::Cow;

/// Stands for byte 0; the others follow. The last characters of Unicode's private use: no text has them.
const FIRST: u32 = 0x10_FE00;

fn stand_in(byte: u8) -> char {
    char::from_u32(FIRST + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn is_stand_in(c: char) -> bool {
    (FIRST..FIRST + 256).contains(&u32::from(c))
}

/// `bytes` as text: each byte that is not UTF-8 becomes a character that [`of_text`] makes that byte of again.
pub fn to_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            // Where a file really has such a character, its bytes stand in for it.
            if is_stand_in(c) {
                text.extend(c.encode_utf8(&mut [0; 4]).bytes().map(stand_in));
            } else {
                text.push(c);
            }
        }
        text.extend(chunk.invalid().iter().copied().map(stand_in));
    }
    text
}

/// The bytes that [`to_text`] has made `text` of.
pub fn of_text(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        if is_stand_in(c) {
            bytes.extend((u32::from(c) - FIRST).to_le_bytes().first());
        } else {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    bytes
}

/// `text` as people see it: a sign for each byte that is no text.
pub fn shown(text: &str) -> Cow<'_, str> {
    if text.contains(is_stand_in) {
        Cow::Owned(text.chars().map(|c| if is_stand_in(c) { char::REPLACEMENT_CHARACTER } else { c }).collect())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_file_comes_back_as_it_was(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(of_text(&to_text(&bytes)), bytes);
        }

        #[test]
        fn text_is_itself(text in "[ -~äß€😀\n]{0,80}") {
            prop_assert_eq!(to_text(text.as_bytes()), text);
        }
    }

    #[test]
    fn people_see_a_sign_for_what_is_no_text() {
        assert_eq!(shown(&to_text(b"caf\xe9 au lait")), "caf\u{fffd} au lait");
        assert!(matches!(shown("café"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_stand_in_of_the_file_itself_comes_back_too() {
        let odd = format!("a{}b\u{ff}", stand_in(0xff)).into_bytes();
        assert_eq!(of_text(&to_text(&odd)), odd);
    }
}

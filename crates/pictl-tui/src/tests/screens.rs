//! What every scene looks like.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

use crate::fixtures::SCENES;

/// The picture as text.
pub(super) fn text(buffer: &Buffer) -> String {
    let area = buffer.area;
    let rows = (0..area.height).map(|y| {
        let mut skip = 0;
        let row: String = (0..area.width)
            .filter_map(|x| {
                if skip > 0 {
                    skip -= 1;
                    return None;
                }
                let symbol = buffer[(x, y)].symbol();
                skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
                Some(symbol)
            })
            .collect();
        row.trim_end().to_owned()
    });
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn dump() {
    for (name, make) in SCENES {
        for (w, h) in [(40, 12), (80, 24), (120, 40)] {
            println!(
                "==== {name} {w}x{h}\n{}",
                text(&make().picture(w, h)).lines().map(|l| format!("|{l}\n")).collect::<String>()
            );
        }
    }
    let _ = (Color::Red, Modifier::BOLD);
}

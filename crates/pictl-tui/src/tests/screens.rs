//! What every scene looks like: text with colours at three sizes, and that nothing depends on colours or Unicode.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use crate::fixtures::{SCENES, Session, scene};
use crate::pictures;

/// The sizes that have to work.
const SIZES: [(u16, u16); 3] = [(40, 12), (80, 24), (120, 40)];

/// The picture as text.
pub(super) fn text(buffer: &Buffer) -> String {
    let rows = (0..buffer.area.height).map(|y| {
        let mut covered = 0;
        let mut row = String::new();
        for x in 0..buffer.area.width {
            if covered == 0 {
                let symbol = buffer[(x, y)].symbol();
                row.push_str(symbol);
                covered = symbol.width().max(1);
            }
            covered -= 1;
        }
        row.trim_end().to_owned()
    });
    rows.collect::<Vec<_>>().join("\n")
}

/// A letter for a cell's look: a dot for plain text.
fn look(cell: &Cell) -> char {
    let bold = cell.modifier.contains(Modifier::BOLD);
    let letter = match (cell.bg, cell.fg) {
        (Color::Yellow, _) => 'Y',
        (Color::Cyan, _) => 'T',
        (_, Color::Red) => 'r',
        (_, Color::Green) => 'g',
        (_, Color::Yellow) => 'y',
        (_, Color::Cyan) => 'c',
        (_, Color::DarkGray) => 'd',
        (_, Color::Magenta) => 'm',
        (_, Color::Blue) => 'b',
        _ if bold => 'B',
        _ => '.',
    };
    if cell.modifier.contains(Modifier::REVERSED) { 'R' } else { letter }
}

/// The looks of each row as runs: `3. 5g 72.`; rows of plain text alone are left out.
fn looks(buffer: &Buffer) -> String {
    let mut out = String::new();
    for y in 0..buffer.area.height {
        let row: Vec<char> = (0..buffer.area.width).map(|x| look(&buffer[(x, y)])).collect();
        if row.iter().all(|c| *c == '.') {
            continue;
        }
        let runs: Vec<String> = row.chunk_by(|a, b| a == b).map(|run| format!("{}{}", run.len(), run[0])).collect();
        let _ = writeln!(out, "{y:>3}: {}", runs.join(" "));
    }
    out
}

#[test]
fn scenes_look_as_approved() {
    for (name, make) in SCENES {
        let mut session = make();
        for (width, height) in SIZES {
            let picture = session.picture(width, height);
            let mut shown = text(&picture);
            // Colours once: they are the same at every size.
            if (width, height) == (80, 24) {
                let _ = write!(shown, "\n\n{}", looks(&picture));
            }
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), shown);
        }
    }
}

fn with_options(make: impl Fn() -> Session, change: impl Fn(&mut crate::Options)) -> Session {
    let mut session = make();
    change(&mut session.app.cx.options);
    session
}

#[test]
fn without_colours_every_word_is_the_same_and_no_cell_has_a_colour() {
    for (name, make) in SCENES {
        let coloured = make().picture(100, 30);
        let plain = with_options(*make, |o| o.no_color = true).picture(100, 30);
        assert_eq!(text(&coloured), text(&plain), "{name}");
        let colours = plain.content.iter().filter(|c| c.fg != Color::Reset || c.bg != Color::Reset).count();
        assert_eq!(colours, 0, "{name}");
    }
}

#[test]
fn in_ascii_every_symbol_is_ascii_and_known() {
    for (name, make) in SCENES {
        let (mut session, mut in_ascii) = (make(), with_options(*make, |o| o.ascii = true));
        for (width, height) in SIZES {
            let unicode = session.picture(width, height);
            let ascii = in_ascii.picture(width, height);
            assert!(text(&ascii).is_ascii(), "{name}");
            // A question mark that is not one in Unicode stands for a symbol that nobody thought of.
            for (before, after) in unicode.content.iter().zip(&ascii.content) {
                let braille = before.symbol().chars().all(|c| ('\u{2800}'..='\u{28ff}').contains(&c));
                assert!(after.symbol() != "?" || before.symbol() == "?" || braille, "{name}: {:?}", before.symbol());
            }
        }
    }
    let ascii = with_options(|| scene("run-running").expect("a scene"), |o| o.ascii = true).picture(120, 40);
    insta::assert_snapshot!("run-running_ascii", text(&ascii));
}

#[test]
fn every_symbol_is_one_column_wide() {
    for (name, make) in SCENES {
        for cell in &make().picture(120, 40).content {
            assert_eq!(cell.symbol().width(), 1, "{name}: {:?}", cell.symbol());
        }
    }
}

#[test]
fn the_banner_is_seen_in_every_scene() {
    for (name, make) in SCENES {
        let mut session = with_options(*make, |o| o.banner = Some("SIMULATED Pis".to_owned()));
        for (width, height) in [(40, 12), (80, 24)] {
            assert!(text(&session.picture(width, height)).contains("SIMULATED Pis"), "{name} at {width}x{height}");
        }
    }
}

#[test]
fn a_failed_run_names_the_node_on_the_smallest_screen() {
    let shown = text(&scene("run-failed").expect("a scene").picture(40, 12));
    assert!(shown.contains("✗ failed: pi03 (10.0.0.33)"), "{shown}");
}

#[test]
fn pictures_are_the_same_every_time_and_whole() {
    let first = pictures();
    assert_eq!(first, pictures());
    let names: Vec<&str> = first.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["nodes", "setup", "keys", "run", "timeline"]);
    for (name, svg) in first {
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"), "{name}");
        assert!(svg.contains("pi01") || svg.contains("raspberrypi"), "{name}");
    }
}

#[test]
fn on_an_ordinary_terminal_every_step_is_seen_also_under_a_banner() {
    for name in ["setup-running", "setup-done", "setup-failed"] {
        let mut session =
            with_options(|| scene(name).expect("a scene"), |o| o.banner = Some("SIMULATED Pis".to_owned()));
        let shown = text(&session.picture(80, 24));
        for step in crate::fixtures::steps() {
            assert!(shown.contains(step.title()), "{step:?} of {name}\n{shown}");
        }
        let small = text(&session.picture(40, 12));
        assert!(small.contains(" more "), "what is not seen is announced\n{small}");
    }
}

#[test]
fn sixteen_ranks_are_shown_in_words_on_an_ordinary_terminal() {
    let mut session =
        with_options(|| scene("run-16").expect("a scene"), |o| o.banner = Some("SIMULATED Pis".to_owned()));
    let shown = text(&session.picture(80, 24));
    assert_eq!(shown.matches("✓ done").count(), 16, "{shown}");
    assert!(shown.contains("nothing was printed"), "{shown}");
}
